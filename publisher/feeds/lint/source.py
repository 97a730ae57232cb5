"""Bytes to the tree of an XML feed or the object of a JSON feed, or to the reason why there is none.

Nothing that a stranger's file declares is expanded or fetched: a DOCTYPE with declarations of its own is
refused before the parser sees it, and size and depth are bounded.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any

import msgspec
from lxml import etree

from publisher.feeds.lint.encoding import decode, line_of, mend
from publisher.feeds.lint.finding import Finding, line_place, one_line, quote
from publisher.feeds.lint.rules import Rule

MAX_BYTES = 20 << 20
_LARGE = 1_000_000
_MOST_ENTRIES = 20_000
_MOST_PARTS = 500_000
"""Tags, or objects of JSON."""
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s/>]")
_SPACE = re.compile(rb"\s*")
_NAME = re.compile(rb"<([^\s/>]+)")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!DOCTYPE\b")
_DECLARATIONS = re.compile(rb"""<!DOCTYPE[^\["'>]*(?:(?:"[^"]*"|'[^']*')[^\["'>]*)*\[""")
_ILLEGAL_ESCAPE = re.compile(rb"\\u(?:00(?:0[0-8bcefBCEF]|1[0-9a-fA-F])|[fF]{3}[eEfF])")
_RUN = 100
"""Backslashes in a row; nobody writes more."""
_MESSAGE = 200
"""Characters of what the parser says."""
_POSITION = re.compile(r", line \d+, column \d+.*", re.DOTALL)
_ILLEGAL = frozenset({etree.ErrorTypes.ERR_INVALID_CHAR, etree.ErrorTypes.ERR_INVALID_CHARREF})
_UNDECLARED = frozenset({etree.ErrorTypes.ERR_UNDECLARED_ENTITY, etree.ErrorTypes.WAR_UNDECLARED_ENTITY})


class UnreadableError(Exception):
    """There is no feed to check."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.cause)


def open_feed(data: bytes, findings: list[Finding]) -> "etree._Element | dict[str, Any]":
    """The root element, or the JSON object; what is wrong with the file itself goes to `findings`.

    Raises:
        UnreadableError: it is no feed, or none that can be parsed.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(Rule.TOO_LARGE.found("", f"has more than {MAX_BYTES >> 20} MiB"))
    if len(data) > _LARGE:
        findings.append(Rule.LARGE.found("", f"has {len(data):,} bytes"))
    decoded = decode(data)
    findings += decoded.findings
    _check_counts(decoded.data)
    start = _skip_space(decoded.data, 0)
    if decoded.data.startswith(b"{", start):
        if data.startswith(BOM_UTF8):
            findings.append(Rule.BYTE_ORDER_MARK.found("", "begins with a byte-order mark"))
        if decoded.codec != "utf-8":
            findings.append(Rule.ENCODING_WRONG.found("", f"is {decoded.codec}, and JSON is UTF-8"))
        findings += _check_escapes(decoded.data)
    try:
        return _parse(decoded.data, start)
    except UnreadableError:
        mended, broken = mend(decoded.data)
        if not broken:
            raise
    findings += broken
    return _parse(mended, start)


def _check_counts(data: bytes) -> None:
    """Twenty megabytes of «<item/>» would be two gigabytes of findings."""
    if len(_ENTRY.findall(data)) > _MOST_ENTRIES:
        raise UnreadableError(Rule.TOO_LARGE.found("", f"has more than {_MOST_ENTRIES:,} entries"))
    if max(data.count(b"<"), data.count(b"{")) > _MOST_PARTS:
        raise UnreadableError(Rule.TOO_LARGE.found("", f"has more than {_MOST_PARTS:,} elements"))


def _parse(data: bytes, start: int) -> "etree._Element | dict[str, Any]":
    """`data` is UTF-8; `start` is where something stands in it."""
    if start == len(data):
        raise UnreadableError(Rule.EMPTY.found("", "is empty"))
    if data.startswith(b"{", start):
        return _parse_json(data)
    if data.startswith(b"<", start):
        return _parse_xml(data, _skip_prolog(data, start))
    begins = quote(data[start : start + 100].decode(errors="ignore"))
    raise UnreadableError(Rule.NOT_A_FEED.found("", f"is neither XML nor JSON: it begins with {begins}"))


def _parse_json(data: bytes) -> dict[str, Any]:
    try:
        document: dict[str, Any] = msgspec.json.decode(data)
    except RecursionError:
        raise UnreadableError(Rule.NOT_WELL_FORMED.found("", "is nested too deep")) from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise UnreadableError(_json_fault(data, str(error))) from error
    items = document.get("items")
    if isinstance(items, list) and len(items) > _MOST_ENTRIES:
        raise UnreadableError(Rule.TOO_LARGE.found("", f"has more than {_MOST_ENTRIES:,} entries"))
    return document


def _check_escapes(data: bytes) -> Iterator[Finding]:
    """JSON can carry as escapes what XML cannot carry at all, and no reader shows."""
    for match in _ILLEGAL_ESCAPE.finditer(data):
        before = data[max(0, match.start() - _RUN) : match.start()]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:  # else the backslash is itself escaped
            cause = f"holds the character {match[0].decode()}"
            yield Rule.CHARACTER_ILLEGAL.found(line_of(data, match.start()), cause)
            return


def _json_fault(data: bytes, cause: str) -> Finding:
    """What is wrong, and in which line, which msgspec does not say."""
    text = data.decode(errors="replace")
    place = ""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        place, cause = line_place(error.lineno), f"{error.msg}, at character {error.colno}"
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            return Rule.TRUNCATED.found(place, "breaks off")
    except (ValueError, RecursionError):  # a number of thousands of digits; msgspec has said its own
        pass
    return Rule.NOT_WELL_FORMED.found(place, f"is no JSON: {one_line(cause, _MESSAGE)}")


def _parse_xml(data: bytes, start: int) -> etree._Element:
    """`start` is where the DOCTYPE or the root element begins."""
    if _HTML.match(data, start):
        raise UnreadableError(Rule.HTML_PAGE.found("", "is an HTML page, no feed"))
    if _DECLARATIONS.match(data, start):
        cause = "has a DOCTYPE with declarations, by which readers are attacked: they refuse it"
        raise UnreadableError(Rule.DOCTYPE.found("", cause))
    # Without a document type, comments and instructions, an element's children are elements.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(_xml_fault(error, data, start)) from error
    if _DOCTYPE.match(data, start):
        for entity in root.iter(etree.Entity):
            cause = f"uses {quote(str(entity.text))}, which readers do not know"
            raise UnreadableError(Rule.DOCTYPE.found(line_place(entity.sourceline or 0), cause))
    return root


def _skip_prolog(data: bytes, position: int) -> int:
    """Where the DOCTYPE or the root element begins: behind the declaration, comments and instructions."""
    while True:
        closing = {b"<?": b"?>", b"<!": b"-->"}.get(data[position : position + 2])
        if closing is None or (closing == b"-->" and not data.startswith(b"<!--", position)):
            return position
        end = data.find(closing, position + 2)
        if end < 0:
            return position
        position = _skip_space(data, end + len(closing))


def _skip_space(data: bytes, position: int) -> int:
    match = _SPACE.match(data, position)
    return match.end() if match else position


def _xml_fault(error: etree.XMLSyntaxError, data: bytes, start: int) -> Finding:
    place = line_place(error.lineno or 0)
    cause = one_line(_POSITION.sub("", error.msg or "the parser gives up"), _MESSAGE)
    if error.code in _ILLEGAL:
        return Rule.CHARACTER_ILLEGAL.found(place, f"holds a character that XML forbids ({cause})")
    if error.code in _UNDECLARED:
        return Rule.DOCTYPE.found(place, f"uses a name that readers do not know ({cause})")
    root = _NAME.match(data, start)
    if root and b"</" + root[1] not in data[start:]:
        end = f"</{root[1].decode(errors='replace')}>"
        return Rule.TRUNCATED.found(place, f"breaks off: {quote(end)} is missing")
    return Rule.NOT_WELL_FORMED.found(place, f"is not well-formed XML ({cause})")
