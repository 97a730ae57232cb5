"""Which encoding a file is in. What its bytes prove is believed; what cannot be known is refused.

    byte-order mark → UTF-16 and UTF-32 without one → UTF-8 → damaged UTF-8 (refused) → a legacy encoding

Only the last step guesses. It reads the bytes in every encoding of the region, and measures in bits how far
each reading is from Russian and Kazakh spelling; the best one must be good, and far ahead of every other.
"""

import codecs
import math
import re
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from publisher.errors import RefusedError

_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = {
    b"%PDF-": "a PDF",
    b"{\\rtf": "an RTF document",
    b"PK\x03\x04": "a ZIP archive or a Word document",
    b"\xd0\xcf\x11\xe0": "an old Word document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"\x1f\x8b": "a compressed file",
}
_WIDE = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
_AT_HOME = re.compile("[\t\n\r -~\u00a0-\u024f\u0300-\u036f\u0400-\u052f\u0600-\u06ff\u2000-\u206f\u20ac№]")
_CONTROLS = re.compile("[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_NO_CONTROL = b"\t\n\v\f\r" + bytes(range(0x20, 0x100))
_HINT = "export it as UTF-8 and save it again"
_NOT_TEXT = "export the story as plain text in UTF-8"

# The first that gives a text gives its name: many a Russian text is the same in three of these.
LEGACY = {
    "cp1252": "Windows-1252",
    "cp1251": "Windows-1251",
    "kz1048": "KZ-1048",
    "ptcp154": "PT154",
    "koi8-r": "KOI8-R",
    "cp866": "CP866",
    "iso8859-5": "ISO 8859-5",
    "mac-cyrillic": "Mac Cyrillic",
    "gb18030": "GB 18030",
}
_ALPHABET = " абвгдежзийклмнопрстуфхцчшщъыьэюяёәғқңөұүһі"
"""The rows and columns of the table below; the space is the edge of a word."""
# How many bits of surprise (0–9, -log2 of its share) each letter is after each other one, Russian and Kazakh
# together. Counted over 459,000 words: Debian 12's dictionaries hunspell-ru 7.5 and hunspell-kk 1.1, and the
# Russian and Kazakh messages in its /usr/share/locale. Measured with it: real text takes 4.1–4.7 bits a
# letter, the same in a wrong encoding 5 (when most bytes mean the same) to 13.
_SURPRISE = """
9445756555947544453466887599897999894978698
3965767759463539634358877799999769965699999
7299983995954963947949879966499999799965694
3298993984955753866669899499399989999999997
5497872994995753939849999999999999999999793
5297972794975964767859999999399998799999894
3976658768544437634369887789999999999799999
7279953893979844999969999999499998699975596
3255535995977444978959999899599969979999995
3664664856345446654496766799899749999999998
1989846999963659874499999799599999976999995
3398993994985973955459969799999999899959594
4379643694977674897659998799449658967999995
3276952994957664696869999799499969699987595
3388743993979944996558989799389979989999996
4943546657553447544498886699999989986799999
4399993994986982726549979899599989997999996
3377663684965553885549799799499979977999995
4487994995945774486259899899469949697988894
3396993994969964845559999899449999897976694
2557645679854569544598896569599699978999997
6199994992995893949646999999999999999999999
2376995993995752947679999999998999999999999
4396992991969995899969999999599999999999999
5399992992958937999469999999979995999999999
4399993992967976899569999999379998897977893
8499992991999989999969999999769995999999999
9999990999999999999999999999999634999999999
2975986859383539534599699699999999953599999
1999956949959839993699989699999678999999999
7996789989822559655295999499999999999999999
2969969789977779967399883829999899999999999
1995865869984759976489878979999689995999999
5975679669965429635299599599999999999999999
7969959559443539634349999699999999999699999
9199959997999999999959999999199999999997999
2299999996999994695369999699399999997994999
2459526999959979996699999899499999944999994
6969689839643449435499999499999999999499999
9969969359493359624599799589999979954699999
8969669859344349633599999399999999999699999
9299999992994499999499999999499999399999499
2979689949933539634699999599999999999599999
""".split()
_BITS = {
    a + b: int(bits)
    for a, row in zip(_ALPHABET, _SURPRISE, strict=True)
    for b, bits in zip(_ALPHABET, row, strict=True)
} | {"  ": 0}
_STRANGE = 16
"""The cost of what a newspaper's text does not hold: a symbol, a foreign letter, a capital inside a word."""
_CONVINCING = 6.0  # bits a character, at most
_AHEAD, _FAR_AHEAD = 15, 30
"""Bits by which UTF-8 must beat another reading of a few bytes, and by which a guess must: 2**30 to one."""
_SHORT = 64
"""Bytes in which a word of another encoding can look like UTF-8: «ток» in CP866 is one arrow."""
_HEAD = 256
"""Bytes at the beginning that show a binary file by its controls."""
_TYPOGRAPHY = frozenset("«»„“”‘’‚‹›–—…№•·§©®°±€™×\u00a0\u00ad\u200b\u2060\ufeff")
_WESTERN = frozenset("àâäáæçèéêëíîïñóôöœùúûüÿßÀÂÄÁÆÇÈÉÊËÍÎÏÑÓÔÖŒÙÚÛÜŸ¿¡")
_ARABIC = frozenset(map(chr, (*range(0x60C, 0x64B), *range(0x66A, 0x6D4))))
_UNKNOWN_LETTER = re.compile(f"[\u0400-\u052f](?<![{_ALPHABET}{_ALPHABET.upper()}])")
_CAPITAL_INSIDE = re.compile("[a-zа-яёәғқңөұүһі][A-ZА-ЯЁӘҒҚҢӨҰҮҺІ]")
# Two alphabets in one word, two accents side by side, a sign glued to a letter.
_SEAM = re.compile(
    "[A-Za-zÀ-ɏ][\u0400-\u052f]|[\u0400-\u052f][A-Za-zÀ-ɏ]|[À-ÿ]{2}"
    "|[\u0400-\u052f][€§©®±×•№]|[–—†€±][а-яёәғқңөұүһі]"
)


class Decoded(NamedTuple):
    """A file's text; `guessed` names the encoding if nothing in the bytes proved it."""

    text: str
    guessed: str | None = None


def decode(data: bytes) -> Decoded:
    """Decode a file; its text still holds what no feed may carry.

    Raises:
        RefusedError: the file is empty, binary, damaged, or in an encoding that cannot be known.
    """
    if not data.strip():
        raise RefusedError("the file is empty", "write the story and save it again")
    if data.startswith(tuple(_MAGIC)):
        kind = next(kind for magic, kind in _MAGIC.items() if data.startswith(magic))
        raise RefusedError(f"the file is binary: {kind}, not text", _NOT_TEXT)
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Decoded(_decode_proved(data, encoding))
    # The high bytes of ASCII, Cyrillic and Arabic letters in UTF-16; UTF-8 text never holds one.
    if (b"\0" in data or b"\4" in data or b"\6" in data) and (wide := _decode_wide(data)) is not None:
        return Decoded(wide)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        _refuse_damaged(data, error)
    else:
        _refuse_chance(data, text)
        return Decoded(text)
    if (reading := decode_legacy(data)) is None:
        place = _place(data, "utf-8")
        raise RefusedError(f"the encoding cannot be known: {place} is not UTF-8", _HINT)
    return reading


def decode_legacy(data: bytes) -> Decoded | None:
    """The only convincing reading in an encoding from before Unicode, or None."""
    (bits, text, name), *rivals = _readings(data)
    foreign = sum(not char.isascii() for char in text)
    if bits > _CONVINCING * foreign or any(rival < bits + _FAR_AHEAD for rival, _, _ in rivals):
        return None
    if _UNKNOWN_LETTER.search(text):  # it may be a letter of ours under a byte of theirs
        return None
    if name == "Windows-1252" and not _is_western(data, text):
        return None
    return Decoded(text, name)


def _readings(data: bytes) -> list[tuple[float, str, str]]:
    """Surprise, text and name of every different reading, the likeliest first; an impossible one last."""
    names: dict[str, str] = {}
    for codec, name in LEGACY.items():
        with suppress(UnicodeDecodeError):
            text = data.decode(codec).rstrip("\x1a")  # DOS ends a text with ^Z
            if not _CONTROLS.search(text):
                names.setdefault(text, name)
    return [*sorted((_surprise(text), text, name) for text, name in names.items()), (math.inf, "", "")]


def _is_western(data: bytes, text: str) -> bool:
    """Whether a second witness agrees: the letters of Prague or Warsaw pass for those of Paris."""
    if not any(char in _WESTERN for char in text):
        return True
    import chardet

    encoding = chardet.detect(data)["encoding"]
    try:
        return encoding is not None and data.decode(encoding) == text
    except (LookupError, UnicodeDecodeError):
        return False


def _surprise(text: str) -> int:
    """How many bits the text is away from what a newspaper prints; ASCII costs nothing."""
    letters = "".join(char if char in _ALPHABET else " " for char in text.lower())
    bits = sum(_BITS[pair] * count for pair, count in Counter(map("".join, _pairs(letters))).items())
    bits += _STRANGE * (len(_CAPITAL_INSIDE.findall(text)) + len(_SEAM.findall(text)))
    return bits + sum(_cost(char) * count for char, count in Counter(text).items() if not char.isascii())


def _pairs(text: str) -> Iterable[tuple[str, str]]:
    return zip(" " + text, text + " ", strict=True)


def _cost(char: str) -> int:
    """What a character costs by itself; a Cyrillic letter is paid by its pairs."""
    if char.lower() in _ALPHABET:
        return 0
    if char in _TYPOGRAPHY:
        return 4
    if char in _WESTERN or char in _ARABIC:
        return 5
    return _STRANGE if ord(char) < 0x2E80 else 2 * _STRANGE  # a Chinese sign is two bytes


def _decode_proved(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if error.reason in {"unexpected end of data", "truncated data"}:
            raise _broken_off() from error
        place = _place(data, encoding)
        name = encoding.removesuffix("-sig").upper()
        raise RefusedError(f"{place} is not valid {name}: damaged or another encoding", _HINT) from error


def _decode_wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: in one byte order it is text, in the other it is not."""
    found = {text for encoding in _WIDE if (text := _plausible(data, encoding)) is not None}
    if len(found) == 1:
        return found.pop()
    if not found and any(_plausible(data[: len(data) & ~1], encoding) for encoding in _WIDE[2:]):
        raise _broken_off()
    if b"\0" in data:
        raise RefusedError("the file is binary, not text", _NOT_TEXT)
    return None


def _plausible(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return text if is_at_home(text) and not _CONTROLS.search(text) else None


def is_at_home(text: str) -> bool:
    """Whether nearly all of it is in the alphabets and signs of the region's newspapers."""
    return len(_AT_HOME.findall(text)) >= 0.9 * len(text)


def _refuse_chance(data: bytes, text: str) -> None:
    """Refuse a file that is UTF-8 by chance only: binary, or so short that another reading is more likely."""
    head = data[:_HEAD]
    if len(head.translate(None, _NO_CONTROL)) > 0.1 * len(head):
        raise RefusedError("the file is binary, not text", _NOT_TEXT)
    seen = len(data) < _SHORT and any(char.isprintable() for char in text if not char.isascii())
    if seen and _readings(data)[0][0] < _surprise(text) + _AHEAD:
        raise RefusedError("the file is too short to know its encoding", _HINT)


def _refuse_damaged(data: bytes, error: UnicodeDecodeError) -> None:
    """Refuse a file that is UTF-8 but for a few bytes; in a legacy text, its sequences are rare accidents."""
    text = data.decode("utf-8", "surrogateescape")
    bad = sum("\udc80" <= char <= "\udcff" for char in text)
    good = sum(not char.isascii() for char in text) - bad
    if good <= bad:
        return
    if error.reason == "unexpected end of data":
        raise _broken_off() from error
    raise RefusedError(f"{_place(data, 'utf-8')} is not valid UTF-8: the file is damaged", _HINT) from error


def _broken_off() -> RefusedError:
    return RefusedError("the file breaks off inside a character", _HINT)


def _place(data: bytes, encoding: str) -> str:
    """Where the bytes stop being valid: «byte 17 (line 2)», counted from 0 and from 1."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        start = error.start + len(data) - len(error.object)  # the mark is not counted
        before = error.object[: error.start].decode(encoding, "ignore")
        line = 1 + len(re.findall("\r\n?|\n", before))
        return f"byte {start} (line {line})"
    return ""
