"""Atom 1.0 (RFC 4287)."""

from collections.abc import Iterator

from lxml import etree

from publisher.feeds.lint.content import scheme_of
from publisher.feeds.lint.dates import Grammar, read_stamp
from publisher.feeds.lint.document import Content, Document, Entry, Kind, Link
from publisher.feeds.lint.elements import (
    ATOM,
    XHTML,
    XML,
    Children,
    atom_links,
    check_history,
    children,
    first_stamp,
    first_text,
    hrefs,
    is_based,
    text_of,
)
from publisher.feeds.lint.finding import Finding, entry_place, quote
from publisher.feeds.lint.rules import Rule

_PUBLISHED = ("published", "published", Grammar.RFC3339)
_UPDATED = ("updated", "updated", Grammar.RFC3339)
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_TEXT_TYPES = frozenset({"text", "html", "xhtml"})
_TEXTS = ("title", "subtitle", "summary", "rights")


def read_atom(root: etree._Element) -> Document:
    """The document of an Atom `feed` element."""
    parts = children(root, ATOM)
    based = is_based(root)
    links = atom_links(parts, "link", based=based)
    findings = [
        *_check_feed(parts, links),
        *check_history(parts, links),
        *_check_tombstones(parts),
        *_check_types(parts, ""),
    ]
    language = root.get(f"{XML}lang", "")
    entries = tuple(
        _read_entry(number, entry, based=based, language=language, findings=findings)
        for number, entry in enumerate(parts.get("entry", ()), 1)
    )
    findings += _check_author(parts)
    updated = first_stamp(parts, [_UPDATED])
    return Document(
        kind=Kind.ATOM,
        title=first_text(parts, "title"),
        links=tuple(link for group in links.values() for link in group),
        self_urls=hrefs(links, "self"),
        stamps=(updated,) if updated else (),
        language=language,
        entries=entries,
        findings=findings,
    )


def _check_feed(parts: Children, links: dict[str, list[Link]]) -> Iterator[Finding]:
    identity = first_text(parts, "id")
    if not identity:
        yield Rule.FEED_ID_MISSING.found("", "has no <id>")
    elif not scheme_of(identity):
        yield Rule.ID_FORM.found("", f"has the <id> {quote(identity)}")
    if not first_text(parts, "updated"):
        yield Rule.FEED_UPDATED_MISSING.found("", "has no <updated>")
    if "alternate" not in links:
        yield Rule.FEED_PAGE_MISSING.found("", "has no link to its web page (rel=alternate)")


def _check_author(parts: Children) -> Iterator[Finding]:
    if "author" in parts:
        return
    entries = [children(entry, ATOM) for entry in parts.get("entry", ())]
    without = [number for number, entry in enumerate(entries, 1) if not _names_author(entry)]
    if without or not entries:
        named = f"; entry {without[0]} names none either" if entries else ""
        yield Rule.AUTHOR_MISSING.found("", f"names no author{named}")


def _names_author(entry: Children) -> bool:
    return "author" in entry or any("author" in children(source, ATOM) for source in entry.get("source", ()))


def _check_tombstones(parts: Children) -> Iterator[Finding]:
    for number, deleted in enumerate(parts.get(_DELETED, ()), 1):
        when = read_stamp("when", deleted.get("when", ""), Grammar.RFC3339)
        if not deleted.get("ref") or not when.fits:
            yield Rule.TOMBSTONE.found(f"deleted-entry {number}", "does not say which entry went, and when")


def _read_entry(
    number: int, entry: etree._Element, *, based: bool, language: str, findings: list[Finding]
) -> Entry:
    parts = children(entry, ATOM)
    title = first_text(parts, "title")
    place = entry_place(number, title)
    based = based or is_based(entry)
    links = atom_links(parts, "link", based=based)
    findings += _check_entry(parts, links, place)
    findings += _check_types(parts, place)
    plain = all(element.get("type", "text") == "text" for element in parts.get("title", ()))
    return Entry(
        place=place,
        id=first_text(parts, "id"),
        title=title if plain else "",
        links=tuple(link for group in links.values() for link in group),
        published=first_stamp(parts, [_PUBLISHED]),
        updated=first_stamp(parts, [_UPDATED]),
        language=entry.get(f"{XML}lang", language),
        contents=tuple(
            Content(name=name, html=_html(element), based=based or is_based(element))
            for name in ("summary", "content")
            for element in parts.get(name, ())
            if element.get("type") in {"html", "xhtml"}
        ),
    )


def _html(element: etree._Element) -> str:
    if element.get("type") == "html":
        return text_of(element)
    return "".join(etree.tostring(child, encoding="unicode", with_tail=False) for child in element)


def _check_entry(parts: Children, links: dict[str, list[Link]], place: str) -> Iterator[Finding]:
    identity = first_text(parts, "id")
    if not identity:
        yield Rule.ID_MISSING.found(place, "has no <id>")
    elif not scheme_of(identity):
        yield Rule.ID_FORM.found(place, f"has the <id> {quote(identity)}")
    if "title" not in parts:
        yield Rule.TITLE_MISSING.found(place, "has no title")
    elif not first_text(parts, "title"):
        yield Rule.UNTITLED.found(place, "has an empty title")
    if not first_text(parts, "updated"):
        yield Rule.UPDATED_MISSING.found(place, "has no <updated>")
    if "alternate" not in links:
        rule = Rule.UNLINKED if "content" in parts else Rule.LINK_MISSING
        yield rule.found(place, "has no link to its page (rel=alternate)")
    for link in links.get("enclosure", ()):
        if not link.href:
            yield Rule.ENCLOSURE_URL.found(place, "has an enclosure without an address")


def _check_types(parts: Children, place: str) -> Iterator[Finding]:
    for name in (*_TEXTS, "content"):
        for element in parts.get(name, ()):
            written = element.get("type", "text")
            media_type = name == "content" and "/" in written
            if written not in _TEXT_TYPES and not media_type:
                yield Rule.TEXT_TYPE.found(place, f"has a <{name}> of the type {quote(written)}")
            if written == "xhtml" and [child.tag for child in element] != [f"{{{XHTML}}}div"]:
                yield Rule.XHTML_DIV.found(place, f"has a <{name}> of XHTML that is no single div")
