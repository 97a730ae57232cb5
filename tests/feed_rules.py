"""What a feed file must be, whoever wrote it: schemas of Atom and JSON Feed, and what no schema can say."""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from lxml import etree

SCHEMAS = Path(__file__).parent / "schemas"
_ATOM = {"a": "http://www.w3.org/2005/Atom"}
_IS_BASE64 = (
    "contains(@type, '/') and not(starts-with(@type, 'text/') or contains(@type, '/xml')"
    " or contains(@type, '+xml'))"
)
_ATOM_RULES = (
    ("4.1.1: an empty feed has no author", "/a:feed[not(a:author | a:entry)]"),
    ("4.1.2: an entry has no author", "//a:entry[not(a:author | ../a:author | a:source/a:author)]"),
    (
        "4.1.2: an entry has neither content nor an alternate link",
        "//a:entry[not(a:content | a:link[not(@rel)] | a:link[@rel='alternate'])]",
    ),
    (
        "4.1.2: content that is elsewhere, or in Base64, has no summary",
        f"//a:entry[not(a:summary)]/a:content[@src or ({_IS_BASE64})]",
    ),
    (
        "4.1.3.1: content is of a composite type",
        "//a:content[starts-with(@type, 'multipart/') or starts-with(@type, 'message/')]",
    ),
)
"""Sections of RFC 4287, each with the elements that break it."""
_MOST = 5
"""Faults of one kind are told up to here."""


def check_feed_file(name: str, data: bytes) -> list[str]:
    """What is wrong with a file named rss.xml, atom.xml or feed.json; empty when nothing is."""
    try:
        return list(CHECKS[name](data))
    except (etree.XMLSyntaxError, ValueError) as error:
        return [f"it cannot be read: {error}"]


def _check_atom(data: bytes) -> Iterator[str]:
    """RFC 4287: its grammar, then the rules of its text."""
    root = _parse_xml(data)
    grammar = _atom_grammar()
    if not grammar.validate(root):
        yield from (f"line {error.line}: {error.message}" for error in list(grammar.error_log)[:_MOST])
    for rule, path in _ATOM_RULES:
        yield from (f"line {found.sourceline}: {rule}" for found in _select(root, path)[:_MOST])
    for parent in _select(root, "//a:feed | //a:entry"):
        links = _select(parent, "a:link[not(@rel) or @rel='alternate']")
        if _repeated((link.get("type"), link.get("hreflang")) for link in links):
            yield f"line {parent.sourceline}: 4.1.1: two alternate links of one type and language"
    yield from _same_ids(entry.findtext("a:id", "", _ATOM) for entry in _select(root, "a:entry"))


def _check_json_feed(data: bytes) -> Iterator[str]:
    """JSON Feed 1.1."""
    document = json.loads(data.decode(), object_pairs_hook=_object, parse_constant=_no_number)
    errors = list(_json_feed_schema().iter_errors(document))
    yield from (f"{error.json_path}: {error.message[:300]}" for error in errors[:_MOST])
    if not errors:
        yield from _same_ids(item["id"] for item in document["items"])
        if "next_url" in document and document["next_url"] == document.get("feed_url"):
            yield "next_url leads to the feed itself"


def _check_rss(data: bytes) -> Iterator[str]:
    """RSS 2.0, which has no schema: https://www.rssboard.org/rss-specification."""
    root = _parse_xml(data)
    channel = root.find("channel")
    if root.tag != "rss" or root.get("version") != "2.0" or channel is None:
        yield "it is no RSS 2.0"
        return
    missing = (name for name in ("title", "link", "description") if not _text(channel, name))
    yield from (f"the channel has no {name}" for name in missing)
    items = channel.findall("item")
    for item in items:
        yield from (f"line {item.sourceline}: {fault}" for fault in _item_faults(item))
    yield from _same_ids(_text(item, "guid") for item in items)


CHECKS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "rss.xml": _check_rss,
    "atom.xml": _check_atom,
    "feed.json": _check_json_feed,
}
"""By file name."""


def _item_faults(item: etree._Element) -> Iterator[str]:
    if not (_text(item, "title") or _text(item, "description")):
        yield "an item has neither title nor description"
    guid = item.find("guid")
    if guid is None or not guid.text:
        yield "an item has no guid"
    elif guid.get("isPermaLink") != "false" and not guid.text.startswith(("http://", "https://")):
        yield "a guid that is no address says it is one"
    if item.find("pubDate") is not None:
        parsedate_to_datetime(_text(item, "pubDate"))
    for enclosure in item.iterfind("enclosure"):
        if not {"url", "length", "type"} <= set(enclosure.attrib):
            yield "an enclosure lacks url, length or type"


def _text(parent: etree._Element, name: str) -> str:
    return (parent.findtext(name) or "").strip()


def _select(node: etree._Element, path: str) -> list[etree._Element]:
    found: list[etree._Element] = node.xpath(path, namespaces=_ATOM)
    return found


def _same_ids(ids: Iterable[str]) -> Iterator[str]:
    yield from (f"two stories have the id {one}" for one in _repeated(ids))


def _repeated(values: Iterable[Hashable]) -> list[Hashable]:
    return [value for value, times in Counter(values).items() if times > 1]


def _parse_xml(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if repeated := _repeated(key for key, _ in pairs):
        raise ValueError(f"the key {repeated[0]} stands twice in an object")
    return dict(pairs)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


@cache
def _atom_grammar() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng"))


@cache
def _json_feed_schema() -> Draft202012Validator:
    schema = json.loads((SCHEMAS / "jsonfeed.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
