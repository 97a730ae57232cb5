"""Whether the bytes of a feed are in the encoding that they declare."""

import codecs
import re
from typing import NamedTuple

from publisher.feeds.lint.finding import Finding, line_place, quote
from publisher.feeds.lint.rules import Rule

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))
_WIDE = ("utf-16", "utf-32")
_DECLARATION = re.compile(r"""\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"']{0,40})["']""")
_HEAD = 1000
"""Bytes in which the declaration stands."""
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"})
"""Python knows them as encodings; no feed is in them."""
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_LOST = re.compile("\ufffd".encode())  # quicker than bytes.find where the text is Cyrillic


class Decoded(NamedTuple):
    """A feed in UTF-8 without a byte-order mark.

    Whether what came as UTF-8 is UTF-8 throughout, its parser sees as well: see `mend`.
    """

    data: bytes
    codec: str
    """What it was in."""
    findings: list[Finding]


def decode(data: bytes) -> Decoded:
    """Turn a feed into UTF-8, and say what is wrong with its encoding."""
    mark, seen = next(((mark, codec) for mark, codec in _MARKS if data.startswith(mark)), (b"", ""))
    data = data[len(mark) :]
    seen = seen or next((codec for start, codec in _UNMARKED if data.startswith(start)), "")
    declared, findings = _declared(data, seen)
    if declared and _contradicts(declared, seen):
        findings.append(_wrong(f"declares {declared} and is {seen or 'not'}"))
        declared = ""
    codec = seen or declared or "utf-8"
    if codec != "utf-8" and not codec.startswith(_WIDE) and not data.isascii() and _is_utf8(data):
        findings.append(_wrong(f"declares {codec} and is UTF-8"))
        codec = "utf-8"
    findings += _odd_characters(data) if codec == "utf-8" else ()
    if codec != "utf-8":
        data, broken = mend(data, codec)
        findings += broken or _odd_characters(data)
    return Decoded(data, codec, findings)


def mend(data: bytes, codec: str = "utf-8") -> tuple[bytes, list[Finding]]:
    """The bytes in UTF-8 whatever they hold, so that the rest of a damaged feed can be checked."""
    try:
        return data.decode(codec).encode(errors="replace"), []
    except UnicodeError as error:
        position = getattr(error, "start", 0)
    line = data[:position].decode(codec, errors="replace").count("\n") + 1
    broken = _wrong(f"is not the {codec} that it should be, from byte {position} on", line)
    return data.decode(codec, errors="replace").encode(errors="replace"), [broken]


def _declared(data: bytes, seen: str) -> tuple[str, list[Finding]]:
    """The encoding that the XML declaration names, as Python calls it."""
    match = _DECLARATION.match(data[:_HEAD].decode(seen or "latin-1", errors="replace"))
    if match is None:
        return "", []
    try:
        name = codecs.lookup(match[1]).name
        b"x".decode(name, errors="replace")  # base64 and its like decode no text
    except (LookupError, ValueError):
        name = ""
    if name and name not in _NO_CHARSETS:
        return name, []
    unknown = f"declares the encoding {quote(match[1])}, which does not exist"
    return "", [Rule.ENCODING_UNKNOWN.found(line_place(1), unknown)]


def _contradicts(declared: str, seen: str) -> bool:
    """Whether the declaration cannot be true of bytes that begin like this."""
    return not declared.startswith(seen[:6]) if seen else declared.startswith(_WIDE)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeError:
        return False
    return True


def _wrong(cause: str, line: int = 1) -> Finding:
    return Rule.ENCODING_WRONG.found(line_place(line), cause)


def _odd_characters(data: bytes) -> list[Finding]:
    """Characters by which one sees that a program decoded the text wrongly before."""
    findings = []
    if match := _C1.search(data):
        character = f"holds the control character U+{ord(match[0].decode()):04X}"
        findings.append(Rule.CHARACTER_CONTROL.found(line_of(data, match.start()), character))
    if match := _LOST.search(data):
        lost = "holds �, where a letter was lost"
        findings.append(Rule.CHARACTER_LOST.found(line_of(data, match.start()), lost))
    return findings


def line_of(data: bytes, position: int) -> str:
    return line_place(data.count(b"\n", 0, position) + 1)
