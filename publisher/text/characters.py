"""Bytes to clean text: line ends, letters that were decoded or typed wrongly, characters no feed may hold."""

import codecs
import re
import unicodedata
from functools import cache
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.text.encodings import decode, decode_legacy, is_at_home
from publisher.text.homoglyphs import mend_homoglyphs

# U+000B, U+000C, U+0085, U+2028 and U+2029 end a line somewhere; a newspaper's line ends at LF only.
_LINE_ENDS = re.compile("\r\n?")
_RARE_SPACES = "\t\u000b\u000c\u0085\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_SPACES = re.compile(f"[{_RARE_SPACES}\u00a0]")
# Soft hyphen, zero-width space, word joiner, BOM inside a text; and what turns the writing direction, for it
# can make a word read as another. The joiners U+200C and U+200D stay: Arabic script needs them.
_UNSEEN = "\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
# What XML 1.0 cannot carry (section 2.2), even as a numeric reference, the C1 controls and noncharacters.
_NO_TEXT = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_PLANE_ENDS = "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
_ILLEGAL = re.compile(f"[{_NO_TEXT}{_PLANE_ENDS}]")
_RUNS = re.compile(" {2,}")

# Letters and symbols that a Russian or Kazakh text seldom holds, and one decoded wrongly does. The kelvin and
# ångström signs are letters after NFC.
_ODD = "\u00a1-\u00aa\u00ac-\u00ba\u00bc-\u024f\u0259\u2202-\u2265\u2500-\u25a0\u212a\u212b"
_ODD += "\u0402-\u0405\u0407-\u040f\u0452-\u0455\u0457-\u045f\U0001fffe-\U0010ffff"
_ODD += _NO_TEXT + _UNSEEN + _RARE_SPACES
_CYRILLIC_OR_MARK = "\u0300-\u036f\u0400-\u052f"
_SUSPECT = re.compile(
    f"[A-Za-z{_ODD}](?:(?<=[{_ODD}])|(?=[{_CYRILLIC_OR_MARK}])|(?<=[{_CYRILLIC_OR_MARK}].))"
)
"""One search that finds nothing in most texts: nothing to drop, no odd letter, no two alphabets joined."""
_MISREAD = {
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "kz1048": "KZ-1048",
    "ptcp154": "PT154",
    "koi8-r": "KOI8-R",
    "cp866": "CP866",
    "mac-cyrillic": "Mac Cyrillic",
}
_FOREIGN_RUN = re.compile("[^\\x00-\\x7f]+")
_MIXED_WORD = re.compile("[A-Za-zÀ-ɏ][\u0400-\u052f]|[\u0400-\u052f][A-Za-zÀ-ɏ]")
_WESTERN_RUN = re.compile("[À-ÖØ-öø-ÿ]{4,}")
# What no language writes: the bytes of UTF-8 letters, one by one, as Windows-1252, -1251, KOI8-R and CP866.
_MOJIBAKE = re.compile(
    "(?:[ÐÑÒÓØÙ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]){2}|Ã[¡-ª¬-º¼-¿€]|â€|вЂ"
    "|(?:[РСТУ][\x98\xa0°±µ¶§©¬®¤¦†‡€‰™•ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐґЄЇїјЅѕ]){2}"
    "|(?:[пяр][\u2500-\u25a0]){2}|(?:[–—“”][Р°±≤≥µ∂∞√∆љњ≈≠Є][–—“”])|(?:[╨╤╥╙][^\\s\x00-\x7f]){2}"
)
_LOST = re.compile(r"(?<!\S)[«“\"(]*\?{2,}[^\s\w]*(?!\S)")
# A mark where a letter was: «М?жіліс», «?тті». A question may stick to the next sentence («ма?Жоқ»), so a
# capital counts only after another one; an address has marks of its own.
_CAPITALS = "A-ZА-ЯЁӘҒҚҢӨҰҮҺІ"
_LOST_LETTER = re.compile(
    rf"(?:(?<=[^\W\d_])(?:\?(?![{_CAPITALS}])|(?<=[{_CAPITALS}])\?)|(?<![^\s<>«“„\"'(\[])\?)(?=[^\W\d_])"
)
_WORD_END = re.compile(r"[\s<>]")
_LONGEST_ADDRESS = 200
_ADDRESS = re.compile(r"[/=&@]|[A-Za-z0-9]\.[A-Za-z]{2,}\?")
_DECODED_WRONGLY = "export the story again from where it was written, as UTF-8"


class Text(NamedTuple):
    """Text that may be used, and what had to be mended in it, in plain words."""

    text: str
    warnings: tuple[str, ...]


def read_text(data: bytes, *, layout: bool = False) -> Text:
    """Decode a file and make its text clean; with `layout`, white space stays as it is.

    Raises:
        RefusedError: the file is empty, binary, damaged, or in an encoding that cannot be known; or its text
            lost letters before it came here.
    """
    decoded = decode(data)
    text, warnings = read_string(decoded.text, layout=layout)
    return Text(text, (f"read as {decoded.guessed}", *warnings) if decoded.guessed else warnings)


def read_string(text: str, *, layout: bool = False) -> Text:
    """The same for text that a format has decoded already.

    Raises:
        RefusedError: letters were lost, or decoded wrongly beyond mending.
    """
    _refuse_lost(text)
    text = _LINE_ENDS.sub("\n", text) if "\r" in text else text
    if _is_plain(text) if text.isascii() else not _SUSPECT.search(text):
        return Text(unicodedata.normalize("NFC", text) if layout else _arrange(text), ())
    mended, said = _mend_letters(text)
    mended = normalise(mended) if layout else clean(mended)
    if mended == text:
        return Text(text, ())
    # What one step uncovers may be another's to mend; each leaves less to do.
    text, later = read_string(mended, layout=layout)
    return Text(text, tuple(dict.fromkeys((*said, *later))))


def _mend_letters(text: str) -> tuple[str, list[str]]:
    said = []
    if _SUSPECT.search(text):
        text, misread = mend_mojibake(text)
        if misread:
            return text, [f"letters that had been decoded wrongly were mended ({misread})"]
        text, swaps = mend_homoglyphs(text)
        if swaps:
            shown = ", ".join(f"«{before}» → «{after}»" for before, after in swaps[:3])
            said.append(f"letters of another alphabet that look alike were mended: {shown}")
    if not _is_plain(text) and (number := len(_ILLEGAL.findall(text))):
        said.append(f"characters that no feed may hold were removed: {number}")
    return text, said


def mend_mojibake(text: str) -> tuple[str, str]:
    """Undo one wrong decoding if the way back is exact, and say which; else the text as it is, and nothing.

    Raises:
        RefusedError: the text was decoded wrongly, and there is no way back.
    """
    undone = {_undo(text, codec): name for codec, name in _MISREAD.items()}
    undone.pop(None, None)
    if len(undone) == 1:
        mended, name = undone.popitem()
        return mended or "", f"UTF-8 read as {name}"
    run = next((run for run in _WESTERN_RUN.finditer(text) if len(set(run[0].lower())) > 2), None)
    data = _encode(text, "cp1252") if run else None
    if data and (reading := decode_legacy(data)) and _is_right(reading.text):
        return reading.text, f"{reading.guessed} read as Windows-1252"
    if match := _MOJIBAKE.search(text) or run:
        place = f"line {_line(text, match.start())}"
        raise RefusedError(f"{place} was decoded wrongly: «{match[0]}»", _DECODED_WRONGLY)
    return text, ""


def _undo(text: str, codec: str) -> str | None:
    """The text if its UTF-8 was read in that encoding: every byte must fit."""
    first = _FOREIGN_RUN.search(text)
    if first is None or _back(first[0], codec) is None:  # the same verdict as the whole text's, at once
        return None
    mended = _back(text, codec)
    return mended if mended is not None and _is_right(mended) else None


def _back(text: str, codec: str) -> str | None:
    try:
        return (_encode(text, codec) or b"\xff").decode()
    except UnicodeDecodeError:
        return None


def _encode(text: str, codec: str) -> bytes | None:
    try:
        return codecs.charmap_encode(text, "strict", _bytes_of(codec))[0]
    except UnicodeEncodeError:
        return None


@cache
def _bytes_of(codec: str) -> dict[int, int]:
    """Each letter's byte. Browsers keep a byte without a letter as a C1 control."""
    upper = {bytes([byte]).decode(codec, "ignore"): byte for byte in range(128, 256)}
    return {code: code for code in range(160)} | {
        ord(letter): byte for letter, byte in upper.items() if letter
    }


def _is_right(text: str) -> bool:
    return is_at_home(text) and not _MIXED_WORD.search(text) and not _ILLEGAL.search(text)


def _refuse_lost(text: str) -> None:
    """Refuse a text in which an earlier program has put a mark in the place of letters it could not write."""
    if (place := text.find("\ufffd")) >= 0:
        raise RefusedError(f"line {_line(text, place)} has lost a letter («\ufffd»)", _DECODED_WRONGLY)
    if "?" in text and "??" in text:
        lost = len(_LOST.findall(text))
        if lost > 1 and lost * 2 > len(text.split()):
            raise RefusedError("most letters are lost: the words are question marks", _DECODED_WRONGLY)
    if "?" in text:
        _refuse_lost_letters(text)


def _refuse_lost_letters(text: str) -> None:
    """Refuse words that hold question marks, as when Kazakh was saved as Windows-1251; one may be a slip."""
    words: list[str] = []
    for match in _LOST_LETTER.finditer(text):
        at = match.start()
        before = _WORD_END.split(text[max(0, at - _LONGEST_ADDRESS) : at])[-1]
        word = before + _WORD_END.split(text[at : at + _LONGEST_ADDRESS], maxsplit=1)[0]
        if not _ADDRESS.search(word):
            words.append(word)
        if len(words) > 3:
            break
    if len(words) > 1:
        shown = ", ".join(dict.fromkeys(word.strip(".,:;!«»“”\"'()[]")[:30] for word in words))
        raise RefusedError(f"letters were lost ({shown})", _DECODED_WRONGLY)


def _line(text: str, place: int) -> int:
    return 1 + _LINE_ENDS.sub("\n", text[:place]).count("\n")


def _is_plain(text: str) -> bool:
    """Whether the text holds no control, no invisible character and no rare space."""
    return text.replace("\n", " ").replace("\xa0", " ").isprintable()


def drop_illegal(text: str) -> str:
    """Drop what no XML document can carry, in any form."""
    return _ILLEGAL.sub("", text).translate({0x0B: " ", 0x0C: " "})  # these two stand between words


def normalise(text: str) -> str:
    """As `clean`, but white space stays: some formats mean something by it."""
    if not _is_plain(text):
        text = drop_illegal(_INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    r"""Normalise to NFC (never NFKC: it turns № into No) and drop what nobody can see or XML cannot carry.

    Lines end in `\n`, every other white space is a single U+0020, and no line begins or ends with one.
    """
    if not _is_plain(text):
        text = _SPACES.sub(" ", _ILLEGAL.sub("", _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))))
    return _arrange(text)


def _arrange(text: str) -> str:
    text = text.replace("\xa0", " ")
    if "  " in text:
        text = _RUNS.sub(" ", text)
    text = unicodedata.normalize("NFC", text)
    return "\n".join([line.strip(" ") for line in text.split("\n")]).strip("\n")
