"""RSS 2.0 and Atom (RFC 4287) through feedgen.

A feed is written in two parts, which need not be made at the same time: its head, and one fragment for each
of its stories. feedgen writes both; what it loses or gets wrong is written by an extension, through its own
hooks: link attributes, links beside `self`, authors without an address, languages, and dates (its own
formatting switches the locale of the whole process each time).
"""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.addresses import FeedFormat
from publisher.feeds.build import Enclosure, Feed, Fragment, Item

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"
HISTORY = "http://purl.org/syndication/history/1.0"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_NAMESPACES = {"dc": DC, "media": MEDIA, "fh": HISTORY, "at": TOMBSTONES}
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HTML = "text/html"
_EXTENSION = "publisher"


class _FeedExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        return _NAMESPACES

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        self._extend(rss[0], f"{{{ATOM}}}link", FeedFormat.RSS)
        return rss

    def extend_atom(self, atom: etree._Element) -> etree._Element:
        # In no namespace, as feedgen's own elements are: it writes xmlns as an attribute of the root.
        self._extend(atom, "link", FeedFormat.ATOM)
        _add_link(atom, "link", "alternate", self.feed.page_url, _HTML)
        for tombstone in self.feed.tombstones:
            at = {"ref": tombstone.public_id, "when": tombstone.withdrawn_at.isoformat()}
            etree.SubElement(atom, f"{{{TOMBSTONES}}}deleted-entry", at)
        return atom

    def _extend(self, parent: etree._Element, link: str, format_: FeedFormat) -> None:
        """What both formats say in the same elements."""
        feed = self.feed
        _add_link(parent, link, "self", feed.urls[format_], format_.media_type)
        if feed.hub:
            _add_link(parent, link, "hub", feed.hub)
        if feed.older:
            _add_link(parent, link, "prev-archive", feed.older[format_], format_.media_type)
        if feed.current:
            _add_link(parent, link, "current", feed.current[format_], format_.media_type)
            etree.SubElement(parent, f"{{{HISTORY}}}archive")


class _EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    item: Item

    def extend_rss(self, item: etree._Element) -> etree._Element:
        etree.SubElement(item, "pubDate").text = format_rfc822(self.item.published_at)
        etree.SubElement(item, f"{{{ATOM}}}updated").text = self.item.updated_at.isoformat()
        etree.SubElement(item, f"{{{DC}}}creator").text = self.item.author
        etree.SubElement(item, f"{{{DC}}}language").text = self.item.language
        if image := self.item.image:
            etree.SubElement(item, "enclosure", url=image.url, length=str(image.size), type=image.media_type)
            _add_media(item, image)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        entry.set(_XML_LANG, self.item.language)
        _add_link(entry, "link", "alternate", self.item.url, _HTML)
        if image := self.item.image:
            link = _add_link(entry, "link", "enclosure", image.url, image.media_type)
            link.set("length", str(image.size))
            _add_media(entry, image)
        return entry


def _add_link(
    parent: etree._Element, tag: str, rel: str, href: str, media_type: str | None = None
) -> etree._Element:
    link = etree.SubElement(parent, tag, rel=rel, href=href)
    if media_type:
        link.set("type", media_type)
    return link


def _add_media(parent: etree._Element, image: Enclosure) -> None:
    """Media RSS 1.5: what an enclosure cannot say."""
    at = {"url": image.url, "fileSize": str(image.size), "type": image.media_type, "medium": "image"}
    content = etree.SubElement(parent, f"{{{MEDIA}}}content", at)
    if image.credit:
        etree.SubElement(content, f"{{{MEDIA}}}credit").text = image.credit
    if image.alt:
        etree.SubElement(content, f"{{{MEDIA}}}description", type="plain").text = image.alt


def format_rfc822(at: datetime) -> str:
    """RFC 822 with a four-digit year, in English whatever the locale."""
    return format_datetime(at)


def render_rss_item(item: Item) -> bytes:
    """The item, indented for its place in the channel."""
    entry = _entry(item)
    entry.link(href=item.url)
    entry.guid(item.id, permalink=False)
    entry.description(escape(item.summary, quote=False))  # to RSS it is HTML
    entry.content(item.content_html)
    root = etree.Element("rss", nsmap=_NAMESPACES | {"atom": ATOM, "content": CONTENT})
    etree.SubElement(root, "channel").append(entry.rss_entry())
    return _between(_to_bytes(root), b"<channel>\n", b"  </channel>")


def render_atom_entry(item: Item) -> bytes:
    """The entry, indented for its place in the feed."""
    entry = _entry(item)
    entry.id(item.id)
    entry.author(name=item.author)
    entry.summary(item.summary)
    entry.content(item.content_html, type="html")
    entry.published(item.published_at)
    entry.updated(item.updated_at)
    root = etree.Element("feed", nsmap=_NAMESPACES)
    root.append(entry.atom_entry())
    return _between(_to_bytes(root), b">\n", b"</feed>")


def render_rss(feed: Feed, items: Iterable[Fragment]) -> bytes:
    """The bytes of rss.xml; `items` are `render_rss_item`'s. The same feed gives the same bytes."""
    generator = _generator(feed)
    generator.link(href=feed.page_url, rel="alternate")  # becomes the channel's <link>
    return _join(generator.rss_str(pretty=True), feed, items, b"  </channel>")


def render_atom(feed: Feed, entries: Iterable[Fragment]) -> bytes:
    """The bytes of atom.xml; `entries` are `render_atom_entry`'s. The same feed gives the same bytes."""
    return _join(_generator(feed).atom_str(pretty=True), feed, entries, b"</feed>")


def _generator(feed: Feed) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension(_EXTENSION, _FeedExtension)
    generator.publisher.feed = feed
    generator.id(feed.id)
    generator.title(feed.title)
    generator.description(feed.description)
    generator.subtitle(feed.description)
    generator.author(name=feed.author)
    generator.language(feed.language)
    generator.generator("publisher")
    generator.updated(feed.updated_at)  # its default is now, and bytes must repeat
    generator.lastBuildDate(feed.updated_at)
    return generator


def _entry(item: Item) -> FeedEntry:
    entry = FeedEntry()
    entry.register_extension(_EXTENSION, _EntryExtension)
    entry.publisher.item = item
    entry.title(item.title)
    for category in item.categories:
        entry.category(term=category)
    return entry


def _to_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", pretty_print=True, xml_declaration=False)


def _between(document: bytes, before: bytes, after: bytes) -> bytes:
    return document[document.index(before) + len(before) : document.rindex(after)]


def _join(head: bytes, feed: Feed, fragments: Iterable[Fragment], end: bytes) -> bytes:
    """Put the fragments before the last end tag, and the stylesheet before the first tag."""
    declaration, _, root = head.partition(b"\n")
    stylesheet = f'<?xml-stylesheet type="text/css" href="{feed.stylesheet}"?>'.encode()
    at = root.rindex(end)
    return b"".join((declaration, b"\n", stylesheet, b"\n", root[:at], *fragments, root[at:]))
