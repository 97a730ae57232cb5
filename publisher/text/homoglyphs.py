"""Letters that look alike in two alphabets: «Cенат» with a Latin C cannot be searched, sorted or spoken.

A word is mended only when it mixes the scripts and leaves no doubt which of them it is written in.
"""

import re
import unicodedata

# Latin Y is left out: it stands for Cyrillic У as often as for Ү.
_LATIN = "ABCEHIKMOPTXaceiopxyhëË"
_CYRILLIC = "АВСЕНІКМОРТХасеіорхуһёЁ"
_SCHWAS = {"ə": "ә", "Ə": "Ә", "ǝ": "ә", "Ǝ": "Ә"}
"""Latin letters that no language of the paper has: they say nothing about the script of a word."""
_TO_CYRILLIC = dict(zip(_LATIN, _CYRILLIC, strict=True)) | _SCHWAS
_TO_LATIN = dict(zip(_CYRILLIC, _LATIN, strict=True)) | {"ә": "ə", "Ә": "Ə", "ѕ": "s", "ј": "j", "Ү": "Y"}

_L, _C, _MARK = "A-Za-zÀ-ÖØ-öø-ɏəǝ", "\u0400-\u052f", "\u0300-\u036f"
_SEAM = re.compile(f"[{_L}](?:(?=[{_MARK}]*[{_C}])|(?<=[{_C}].)|(?<=[{_C}][{_MARK}].))")
"""A Latin letter beside a Cyrillic one. It begins with the rarer script, so the search is quick."""
_WORD = re.compile(f"(?:[{_L}{_C}][{_MARK}]*)+")
_LATIN_LETTER = re.compile(f"[{_L}]")
_CYRILLIC_LETTER = re.compile(f"[{_C}]")
# «ITшник», «XXIші», «Vші»: an abbreviation or a Roman numeral with an ending, and rightly so.
_WITH_ENDING = re.compile("[A-Z]{2,}[а-яёәғқңөұүһі]+|[IVXLCDM](?:[ыі]?н?ш[ыі]|й|я|е|го|му|м|х|ая|ой)")


def mend_homoglyphs(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text in NFC with its mixed words mended, and each of those words once, before and after."""
    if not _SEAM.search(text):
        return text, []
    swaps: dict[str, str] = {}

    def mend(match: re.Match[str]) -> str:
        word = match[0]
        mended = _mend_word(word)
        if mended != word:
            swaps[word] = mended
        return mended

    return _WORD.sub(mend, text), list(swaps.items())


def _mend_word(word: str) -> str:
    latin = [letter for letter in _LATIN_LETTER.findall(word) if letter not in _SCHWAS]
    cyrillic = _CYRILLIC_LETTER.findall(word)
    schwas = len(word) > 1 and any(letter in _SCHWAS for letter in word)
    if not cyrillic or not (latin or schwas) or len(latin) == len(cyrillic) or _WITH_ENDING.fullmatch(word):
        return word
    if len(cyrillic) > len(latin):
        foreign, table = latin, _TO_CYRILLIC
    else:
        foreign, table = cyrillic, _TO_LATIN
    if not all(letter in table for letter in foreign):
        return word
    return unicodedata.normalize("NFC", "".join(table.get(letter, letter) for letter in word))
