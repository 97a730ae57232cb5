"""Bytes to clean text: encodings, line ends, and the characters no feed may hold."""

import codecs
import re
import unicodedata
from typing import NamedTuple

from publisher.errors import RefusedError

_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# U+000B, U+000C, U+0085, U+2028 and U+2029 end a line somewhere; a newspaper's line ends at LF only.
_LINE_ENDS = re.compile("\r\n?")
_SPACES = re.compile("[\t\u000b\u000c\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
# Soft hyphen, zero-width space, word joiner, BOM inside a text. The joiners U+200C and U+200D stay:
# Arabic script needs them.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
# What XML 1.0 cannot carry (section 2.2), even as a numeric reference, and the C1 controls.
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_RUNS = re.compile(" {2,}")


class Text(NamedTuple):
    """Text that may be used, and what had to be mended in it, in plain words."""

    text: str
    warnings: tuple[str, ...]


def read_text(data: bytes, *, layout: bool = False) -> Text:
    """Decode a file and make its text clean; with `layout`, white space stays as it is.

    Raises:
        RefusedError: the file is empty, binary, damaged, or in an encoding that cannot be known.
    """
    return read_string(decode(data), layout=layout)


def read_string(text: str, *, layout: bool = False) -> Text:
    """The same for text that a format has decoded already."""
    return Text(normalise(text) if layout else clean(text), ())


def decode(data: bytes) -> str:
    """Decode a file: byte-order mark, else strict UTF-8.

    Raises:
        RefusedError: the file is empty, binary, damaged, or in an encoding that cannot be known.
    """
    if not data.strip():
        raise RefusedError("the file is empty", "write the story and save it again")
    encoding = next((encoding for bom, encoding in _BOMS if data.startswith(bom)), None)
    if encoding is None:
        encoding = "utf-8"
        if b"\0" in data:
            raise RefusedError("the file is binary, not text", "export the story as plain text in UTF-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        place = error.start + len(data) - len(error.object)  # the mark is not counted
        name = encoding.removesuffix("-sig").upper()
        cause = f"byte {place} is not valid {name}: damaged or another encoding"
        if error.reason in {"unexpected end of data", "truncated data"}:
            cause = "the file breaks off inside a character"
        raise RefusedError(cause, "export it as UTF-8 and save it again") from error


def drop_illegal(text: str) -> str:
    """Drop what no XML document can carry, in any form."""
    return _ILLEGAL.sub("", text).translate({0x0B: " ", 0x0C: " "})  # these two stand between words


def normalise(text: str) -> str:
    """As `clean`, but white space stays: some formats mean something by it."""
    text = drop_illegal(_INVISIBLE.sub("", _LINE_ENDS.sub("\n", text)))
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    r"""Normalise to NFC (never NFKC: it turns № into No) and drop what nobody can see or XML cannot carry.

    Lines end in `\n`, every other white space is a single U+0020, and no line begins or ends with one.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _ILLEGAL.sub("", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", _RUNS.sub(" ", _SPACES.sub(" ", text)))
    return "\n".join(line.strip(" ") for line in text.split("\n")).strip("\n")
