"""Which language a text is in, by the letters only that language has.

Counted on the UTF-8 bytes of a sample, where the first byte of a letter names its block: D0 to D3 begin
Cyrillic (D2 and D3 the letters of Kazakh), D8 to DB Arabic.
"""

import re
from string import ascii_letters

_ENOUGH = 800
"""So many letters tell a language; more of them tell it no better."""
_CYRILLIC = b"\xd0\xd1\xd2\xd3"
_KAZAKH_CYRILLIC = (b"\xd2", b"\xd3", "і".encode(), "І".encode())
_ARABIC = b"\xd8\xd9\xda\xdb"
_LATIN = ascii_letters.encode()
_KAZAKH_LATIN = "áǵıńóúýñğäöüşūÁǴŃÓÚÝÑĞÄÖÜŞŪ"
_FEW = 300
_KAZAKH_VERB = re.compile(r"\w(?:[лрнйз]ды|ады|[пст]ты)\b", re.IGNORECASE)
_RUSSIAN_WORD = re.compile(
    r"\b(?:в|и|о|об|на|с|по|что|из|от|для|к|за|при|его|их|до|как|это|\w+(?:ние|ого|ый|ая|ться|тся|ость))\b",
    re.IGNORECASE,
)
_WORD = re.compile("[\u0400-\u04ff]+|[a-z\u00c0-\u024f]+", re.IGNORECASE)
_KAZAKH_WORD = re.compile(f"[^\\W\\d_]*[әғқңөұүһіӘҒҚҢӨҰҮҺІ{_KAZAKH_LATIN}]")


def detect_language(text: str, default: str) -> str:
    """BCP 47 tag of a story: kk, kk-Arab, kk-Latn, ru or en; `default` for a text without letters."""
    if len(text) > _ENOUGH:
        middle = len(text) // 2
        text = text[: _ENOUGH // 2] + text[middle : middle + _ENOUGH // 2]
    data = text.encode(errors="ignore")
    cyrillic = _count(data, _CYRILLIC)
    if cyrillic * 2 <= len(text):
        arabic, latin = _count(data, _ARABIC), _count(data, _LATIN)
        if not cyrillic and not arabic and not latin:
            return default
        if arabic >= max(cyrillic, latin):
            return "kk-Arab"
        if latin > cyrillic:
            return "kk-Latn" if _is_kazakh(text, sum(map(text.count, _KAZAKH_LATIN)), latin) else "en"
    if _is_kazakh(text, sum(map(data.count, _KAZAKH_CYRILLIC)), cyrillic):
        return "kk"
    # A few Kazakh sentences may do almost without letters of their own; Russian ones not without small words.
    is_short = cyrillic < _FEW and not _RUSSIAN_WORD.search(text)
    return "kk" if is_short and _KAZAKH_VERB.search(text) else "ru"


def _is_kazakh(text: str, own: int, letters: int) -> bool:
    """A Kazakh text has one of its own letters in every few words; another has them in names only.

    Words are counted only where the letters leave a doubt.
    """
    if own * 50 <= letters or own * 12 > letters:
        return own * 50 > letters
    cyrillic = text.count("а") + text.count("е") > text.count("a") + text.count("e")
    words = sum((word[0] > "\u03ff") == cyrillic for word in _WORD.findall(text))
    kazakh = sum(1 for _ in _KAZAKH_WORD.finditer(text))
    return bool(kazakh * 4 > words)


def _count(data: bytes, some: bytes) -> int:
    return len(data) - len(data.translate(None, some))


def direction(language: str) -> str:
    """`rtl` for Arabic script, else `ltr`."""
    return "rtl" if language.endswith("-Arab") else "ltr"
