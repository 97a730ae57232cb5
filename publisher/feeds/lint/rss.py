"""RSS: 2.0 and its forerunners 0.9x, and RSS 1.0, which is RDF."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from publisher.feeds.lint.content import scheme_of
from publisher.feeds.lint.dates import Grammar
from publisher.feeds.lint.document import Content, Document, Entry, Kind, Link
from publisher.feeds.lint.elements import (
    ATOM,
    CONTENT,
    DC,
    XML,
    Children,
    atom_links,
    check_history,
    children,
    first_stamp,
    first_text,
    hrefs,
    is_based,
    namespace_of,
    text_of,
)
from publisher.feeds.lint.finding import Finding, entry_place, quote
from publisher.feeds.lint.rules import Rule

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ABOUT = f"{{{RDF}}}about"
_ATOM_LINK = f"{{{ATOM}}}link"
_PUBLISHED = (
    ("pubDate", "pubDate", Grammar.RFC822),
    (f"{DC}date", "dc:date", Grammar.W3CDTF),
    (f"{{{ATOM}}}published", "atom:published", Grammar.RFC3339),
)
_UPDATED = (
    (f"{{{ATOM}}}updated", "atom:updated", Grammar.RFC3339),
    ("{http://purl.org/dc/terms/}modified", "dcterms:modified", Grammar.W3CDTF),
)
_CHANNEL_DATES = (
    ("pubDate", "pubDate", Grammar.RFC822),
    ("lastBuildDate", "lastBuildDate", Grammar.RFC822),
    (f"{DC}date", "dc:date", Grammar.W3CDTF),
)
_VERSIONS = ("0.9", "2.0")


@dataclass(frozen=True, slots=True)
class _Dialect:
    kind: Kind
    namespace: str
    modern: bool
    """Whether items have guids and dates: RSS 2.0."""


def read_rss(root: etree._Element) -> Document | None:
    """The document of an `rss` or `rdf:RDF` element; None when it holds no channel."""
    channel = next((child for child in root if etree.QName(child).localname == "channel"), None)
    if channel is None:
        return None
    version = root.get("version", "")
    kind = Kind.RDF if root.tag == f"{{{RDF}}}RDF" else Kind.RSS
    modern = kind is Kind.RSS and not version.startswith("0.9")
    dialect = _Dialect(kind, namespace_of(channel), modern)
    parts = children(channel, dialect.namespace)
    based = is_based(root) or is_based(channel)
    links = atom_links(parts, _ATOM_LINK, based=based)
    findings = [*_check_channel(dialect, version, parts), *check_history(parts, links)]
    # RSS 1.0 has its items beside the channel.
    items = (*parts.get("item", ()), *children(root, dialect.namespace).get("item", ()))
    entries = tuple(
        _read_item(number, item, dialect, based=based, findings=findings)
        for number, item in enumerate(items, 1)
    )
    return Document(
        kind=kind,
        title=first_text(parts, "title"),
        links=(*_links(parts, based=based), *(link for group in links.values() for link in group)),
        self_urls=hrefs(links, "self"),
        stamps=tuple(stamp for name in _CHANNEL_DATES if (stamp := first_stamp(parts, [name])) is not None),
        language=first_text(parts, "language", f"{DC}language") or root.get(f"{XML}lang", ""),
        entries=entries,
        findings=findings,
    )


def _check_channel(dialect: _Dialect, version: str, parts: Children) -> Iterator[Finding]:
    if dialect.kind is Kind.RSS:
        if not version.startswith(_VERSIONS):
            yield Rule.VERSION_ODD.found("", f"is RSS of the version {quote(version)}")
        if dialect.namespace:
            yield Rule.NAMESPACE.found("", f"has its elements in the namespace {quote(dialect.namespace)}")
    if not first_text(parts, "link"):
        yield Rule.FEED_LINK_MISSING.found("", "has no <link>")
    if "description" not in parts:
        yield Rule.FEED_DESCRIPTION_MISSING.found("", "has no <description>")


def _links(parts: Children, *, based: bool) -> tuple[Link, ...]:
    link = first_text(parts, "link")
    return (Link(name="link", href=link, based=based),) if link else ()


def _read_item(
    number: int, item: etree._Element, dialect: _Dialect, *, based: bool, findings: list[Finding]
) -> Entry:
    parts = children(item, dialect.namespace)
    title = first_text(parts, "title")
    place = entry_place(number, title)
    based = based or is_based(item)
    links = (*_links(parts, based=based), *_guid_links(parts), *_enclosure_links(parts, based=based))
    findings += _check_identity(item, parts, links, dialect, place)
    findings += _check_dates(parts, dialect, place)
    findings += _check_enclosures(parts, place)
    findings += _check_texts(parts, title, dialect, place)
    return Entry(
        place=place,
        id=item.get(_ABOUT, "").strip() if dialect.kind is Kind.RDF else first_text(parts, "guid"),
        title=title,
        links=links,
        published=first_stamp(parts, _PUBLISHED),
        updated=first_stamp(parts, _UPDATED),
        language=first_text(parts, f"{DC}language") or item.get(f"{XML}lang", ""),
        contents=tuple(
            Content(name=name, html=text_of(element), based=based or is_based(element))
            for tag, name in (("description", "description"), (CONTENT, "content:encoded"))
            for element in parts.get(tag, ())
        ),
    )


def _guid_links(parts: Children) -> tuple[Link, ...]:
    """A guid is the item's address too, unless it says otherwise."""
    return tuple(
        Link(name="guid", href=text)
        for guid in parts.get("guid", ())
        if _is_permalink(guid) and scheme_of(text := text_of(guid)) in {"http:", "https:"}
    )


def _is_permalink(guid: etree._Element) -> bool:
    return guid.get("isPermaLink", "true").strip().lower() != "false"


def _enclosure_links(parts: Children, *, based: bool) -> tuple[Link, ...]:
    urls = (element.get("url", "").strip() for element in parts.get("enclosure", ()))
    return tuple(Link(name="enclosure", href=url, based=based) for url in urls if url)


def _check_identity(
    item: etree._Element, parts: Children, links: tuple[Link, ...], dialect: _Dialect, place: str
) -> Iterator[Finding]:
    if dialect.kind is Kind.RDF:
        if not item.get(_ABOUT, "").strip():
            yield Rule.ID_MISSING.found(place, "has no rdf:about")
    elif dialect.modern and not first_text(parts, "guid"):
        rule = Rule.GUID_MISSING if links else Rule.ID_MISSING
        yield rule.found(place, "has no guid" if links else "has neither a guid nor a link")
    if not links:
        yield (Rule.LINK_MISSING if dialect.kind is Kind.RDF else Rule.UNLINKED).found(place, "has no link")
    for guid in parts.get("guid", ()):
        text = text_of(guid)
        if text and _is_permalink(guid) and scheme_of(text) not in {"http:", "https:"}:
            said = "says" if guid.get("isPermaLink") else "by saying nothing means"
            yield Rule.GUID_NO_URL.found(place, f"{said} that the guid {quote(text)} is an address")


def _check_dates(parts: Children, dialect: _Dialect, place: str) -> Iterator[Finding]:
    if "pubDate" in parts and f"{DC}date" in parts:
        yield Rule.DATE_TWICE.found(place, "has a pubDate and a dc:date")
    dated = any(first_text(parts, name) for name, _, _ in _PUBLISHED)
    if not dated and (dialect.modern or dialect.kind is Kind.RDF):
        yield Rule.UNDATED.found(place, "has no date")


def _check_enclosures(parts: Children, place: str) -> Iterator[Finding]:
    enclosures = parts.get("enclosure", ())
    if len(enclosures) > 1:
        yield Rule.ENCLOSURES.found(place, f"has {len(enclosures)} enclosures")
    for enclosure in enclosures:
        if not enclosure.get("url", "").strip():
            yield Rule.ENCLOSURE_URL.found(place, "has an enclosure without a url")
        length = enclosure.get("length", "")
        if not (length.isascii() and length.isdigit()):
            cause = (
                f"has an enclosure of the length {quote(length)}" if length else "has an enclosure without"
            )
            yield Rule.ENCLOSURE_LENGTH.found(place, cause if length else f"{cause} a length")
        if "/" not in enclosure.get("type", ""):
            yield Rule.ENCLOSURE_TYPE.found(place, "has an enclosure without a media type")


def _check_texts(parts: Children, title: str, dialect: _Dialect, place: str) -> Iterator[Finding]:
    told = first_text(parts, "description", CONTENT)
    if not title:
        rule = Rule.UNTITLED if told and dialect.kind is Kind.RSS else Rule.TITLE_MISSING
        yield rule.found(place, "has no title")
    names = list(parts)
    if {"description", CONTENT} <= parts.keys() and names.index(CONTENT) < names.index("description"):
        yield Rule.CONTENT_ORDER.found(place, "has its description after content:encoded")
    author = first_text(parts, "author")
    if author and "@" not in author and dialect.kind is Kind.RSS:
        yield Rule.AUTHOR_FORM.found(place, f"has the <author> {quote(author)}, which is no mail address")
