"""RSS 2.0 and Atom (RFC 4287) through feedgen.

feedgen writes the skeleton; what it loses or gets wrong is written by an extension, through its own hooks:
link attributes, the self link's media type, authors without an address, languages, and dates (its own
formatting switches the locale of the whole process each time).
"""

from datetime import datetime
from email.utils import format_datetime

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.addresses import FeedFormat
from publisher.feeds.build import Feed, Item

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HTML = "text/html"


class _FeedExtension(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    feed: Feed

    def extend_ns(self) -> dict[str, str]:
        return {"dc": DC}

    def extend_rss(self, rss: etree._Element) -> etree._Element:
        channel = rss[0]
        self_link = etree.SubElement(channel, f"{{{ATOM}}}link", rel="self")
        self_link.set("href", self.feed.urls[FeedFormat.RSS])
        self_link.set("type", FeedFormat.RSS.media_type)
        return rss

    def extend_atom(self, atom: etree._Element) -> etree._Element:
        _add_link(atom, "self", self.feed.urls[FeedFormat.ATOM], FeedFormat.ATOM.media_type)
        _add_link(atom, "alternate", self.feed.page_url, _HTML)
        return atom


class _EntryExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    item: Item

    def extend_rss(self, item: etree._Element) -> etree._Element:
        etree.SubElement(item, "pubDate").text = format_rfc822(self.item.published_at)
        etree.SubElement(item, f"{{{DC}}}creator").text = self.item.author
        etree.SubElement(item, f"{{{DC}}}language").text = self.item.language
        if image := self.item.image:
            etree.SubElement(item, "enclosure", url=image.url, length=str(image.size), type=image.media_type)
        return item

    def extend_atom(self, entry: etree._Element) -> etree._Element:
        entry.set(_XML_LANG, self.item.language)
        _add_link(entry, "alternate", self.item.url, _HTML)
        if image := self.item.image:
            _add_link(entry, "enclosure", image.url, image.media_type).set("length", str(image.size))
        return entry


def _add_link(parent: etree._Element, rel: str, href: str, media_type: str) -> etree._Element:
    """In no namespace, as feedgen's own elements are: it writes xmlns as an attribute of the root."""
    return etree.SubElement(parent, "link", rel=rel, href=href, type=media_type)


def format_rfc822(at: datetime) -> str:
    """RFC 822 with a four-digit year, in English whatever the locale."""
    return format_datetime(at)


def render_rss(feed: Feed) -> bytes:
    """The bytes of rss.xml. The same feed gives the same bytes."""
    generator = _generator(feed)
    generator.link(href=feed.page_url, rel="alternate")  # becomes the channel's <link>
    for item in feed.items:
        entry = _add_item(generator, item)
        entry.link(href=item.url)
        entry.guid(item.id, permalink=False)
        entry.description(item.summary)
        entry.content(item.content_html)
    return bytes(generator.rss_str(pretty=True))


def render_atom(feed: Feed) -> bytes:
    """The bytes of atom.xml. The same feed gives the same bytes."""
    generator = _generator(feed)
    for item in feed.items:
        entry = _add_item(generator, item)
        entry.id(item.id)
        entry.author(name=item.author)
        entry.summary(item.summary)
        entry.content(item.content_html, type="html")
        entry.published(item.published_at)
        entry.updated(item.updated_at)
    return bytes(generator.atom_str(pretty=True))


def _generator(feed: Feed) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("publisher", _FeedExtension, _EntryExtension)
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


def _add_item(generator: FeedGenerator, item: Item) -> FeedGenerator:
    entry = generator.add_entry(order="append")  # its default turns the feed upside down
    entry.publisher.item = item
    entry.title(item.title)
    for category in item.categories:
        entry.category(term=category)
    return entry
