"""What programs look for beside feeds: the list of all feeds, the newest stories, what to leave alone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from publisher.addresses import (
    CONFIRM,
    NEWS_SITEMAP,
    PREFERENCES,
    UNSUBSCRIBE,
    FeedFormat,
    feed_path,
    topic_path,
)
from publisher.config import Site
from publisher.model import Topic, TopicKind
from publisher.templating import translations
from publisher.text.dates import local_time

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
NEWS_WINDOW = timedelta(hours=48)
NEWS_LIMIT = 1000
"""Both are the protocol's."""
_FOLDERS = {TopicKind.SECTION: "Sections", TopicKind.TAG: "Tags", TopicKind.AUTHOR: "Authors"}


class NewsStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story as the news sitemap names it."""

    url: str
    title: str
    language: str
    """BCP 47."""
    published_at: datetime


def build_opml(site: Site, topics: Sequence[Topic]) -> bytes:
    """All feeds in one file, OPML 2.0. Topics keep their order; tags and authors get a folder each."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site.title
    etree.SubElement(head, "ownerName").text = site.author
    body = etree.SubElement(root, "body")
    folders = _Folders(site, body, topics)
    for topic in topics:
        _add_feed(folders.of(topic), site, topic)
    return _to_bytes(root)


class _Folders:
    """A folder for each kind of topic, made when the first comes; none where there are only sections."""

    def __init__(self, site: Site, body: etree._Element, topics: Iterable[Topic]) -> None:
        self._body = body
        self._made: dict[TopicKind, etree._Element] = {}
        self._gettext = translations(site.language).gettext
        self._names = _FOLDERS if {topic.kind for topic in topics} & {TopicKind.TAG, TopicKind.AUTHOR} else {}

    def of(self, topic: Topic) -> etree._Element:
        if topic.kind not in self._names:
            return self._body
        if topic.kind not in self._made:
            name = self._gettext(self._names[topic.kind])
            self._made[topic.kind] = etree.SubElement(self._body, "outline", text=name)
        return self._made[topic.kind]


def _add_feed(parent: etree._Element, site: Site, topic: Topic) -> None:
    title = topic.title or site.title
    attributes = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": site.url + feed_path(topic.folder, FeedFormat.RSS),
        "htmlUrl": site.url + topic_path(topic),
        "language": site.language,
    }
    etree.SubElement(parent, "outline", attributes)


def build_news_sitemap(site: Site, stories: Iterable[NewsStory]) -> bytes:
    """The newest of the stories that stand on the site itself, by the protocol of Google News; newest first.

    The 48 hours count back from the newest story of all, not from the clock: the same stories give the same
    bytes.
    """
    root = etree.Element(f"{{{_SITEMAP}}}urlset", nsmap={None: _SITEMAP, "news": _NEWS})
    for story in islice(_recent(site, stories), NEWS_LIMIT):
        url = etree.SubElement(root, f"{{{_SITEMAP}}}url")
        etree.SubElement(url, f"{{{_SITEMAP}}}loc").text = story.url
        news = etree.SubElement(url, f"{{{_NEWS}}}news")
        publication = etree.SubElement(news, f"{{{_NEWS}}}publication")
        etree.SubElement(publication, f"{{{_NEWS}}}name").text = site.title
        # ISO 639 names the language; the script that BCP 47 adds is not asked for.
        etree.SubElement(publication, f"{{{_NEWS}}}language").text = story.language.partition("-")[0]
        published_at = local_time(story.published_at, site.timezone)
        etree.SubElement(news, f"{{{_NEWS}}}publication_date").text = published_at.isoformat()
        etree.SubElement(news, f"{{{_NEWS}}}title").text = story.title
    return _to_bytes(root)


def _recent(site: Site, stories: Iterable[NewsStory]) -> Iterator[NewsStory]:
    newest_first = sorted(stories, key=lambda story: (story.published_at, story.url), reverse=True)
    for story in newest_first:
        if newest_first[0].published_at - story.published_at > NEWS_WINDOW:
            return
        if story.url.startswith(site.url):
            yield story


def build_robots(site: Site) -> bytes:
    """robots.txt (RFC 9309): everything but the addresses that belong to one reader."""
    folder = urlsplit(site.url).path
    lines = (
        "User-agent: *",
        *(f"Disallow: {folder}{own}/" for own in (CONFIRM, PREFERENCES, UNSUBSCRIBE)),
        "",
        f"Sitemap: {site.url}{NEWS_SITEMAP}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _to_bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
