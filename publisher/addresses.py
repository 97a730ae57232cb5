"""Where everything stands on the site. Permanent: a reader's link from years ago must lead somewhere."""

import re
from datetime import date
from enum import Enum

from publisher.config import Site
from publisher.model import Image, Section, StoredArticle, Topic, TopicKind
from publisher.text.slugs import slugify

ALL = "all"
"""The feed of every section."""
IMAGES = "images"
"""The folder of the stories' pictures."""
FEED_STYLESHEET = "feed.css"
"""Makes a feed readable that is opened in a browser."""
TAGS = "tags"
AUTHORS = "authors"
"""Folders of the tags and authors that have feeds."""
OPML = "feeds.opml"
NEWS_SITEMAP = "news-sitemap.xml"
ROBOTS = "robots.txt"
SUBSCRIBE = "subscribe"
CONFIRM = "confirm"
PREFERENCES = "preferences"
UNSUBSCRIBE = "unsubscribe"
"""Addresses of the readers' own; nothing lies there."""
EDITIONS = "editions"
"""The folder of what digests have sent; nothing lies in it either."""
IMAGE_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


class FeedFormat(Enum):
    """A feed's file name and media type."""

    RSS = ("rss.xml", "application/rss+xml", "RSS")
    ATOM = ("atom.xml", "application/atom+xml", "Atom")
    JSON = ("feed.json", "application/feed+json", "JSON Feed")

    def __init__(self, filename: str, media_type: str, label: str) -> None:
        self.filename = filename
        self.media_type = media_type
        self.label = label


def story_path(slug: str) -> str:
    """The story's page under the output folder."""
    return f"stories/{slug}.html"


def story_url(site: Site, story: StoredArticle) -> str:
    """The story's own address where it has one, else our page."""
    return story.article.url or site.url + story_path(story.slug)


def image_path(image: Image) -> str:
    """A picture's place; it is named by its content, so a corrected picture has another address."""
    return f"{IMAGES}/{image.digest[:20]}.{IMAGE_EXTENSIONS[image.media_type]}"


ALL_STORIES = Topic(kind=TopicKind.ALL, folder=ALL, title=None, name="")


def section_topic(section: Section) -> Topic:
    return Topic(kind=TopicKind.SECTION, folder=section.slug, title=section.title, name=section.slug)


def tag_topic(tag: str) -> Topic:
    return Topic(kind=TopicKind.TAG, folder=f"{TAGS}/{slugify(tag)}", title=tag, name=tag)


def author_topic(name: str) -> Topic:
    return Topic(kind=TopicKind.AUTHOR, folder=f"{AUTHORS}/{slugify(name)}", title=name, name=name)


def section_path(slug: str) -> str:
    return f"{slug}/"


def topic_path(topic: Topic) -> str:
    """The folder address of the topic's page; the site itself is the page of all."""
    return "" if topic.kind is TopicKind.ALL else f"{topic.folder}/"


def canonical_path(topic: Topic) -> str:
    """As `topic_path`; of a section's former address, where the section is now."""
    return section_path(topic.name) if topic.kind is TopicKind.SECTION else topic_path(topic)


def subscribe_path(topic: Topic) -> str:
    """The page that explains how to subscribe."""
    return f"{topic.folder}/subscribe.html"


def archive_folder(folder: str, page: int) -> str:
    """Where one page of a feed's archive stands, in all formats; the first page holds the oldest stories."""
    return f"{folder}/archive/{page}"


def feed_path(folder: str, format_: FeedFormat) -> str:
    return f"{folder}/{format_.filename}"


def is_live_feed(path: str) -> bool:
    """Whether a feed stands there that people subscribe to: no page of an archive, and none but a feed."""
    folder, _, name = path.rpartition("/")
    in_archive = re.search(r"/archive/\d+$", folder) is not None
    return not in_archive and name in {format_.filename for format_ in FeedFormat}


def confirm_url(site_url: str, token: str) -> str:
    return f"{site_url}{CONFIRM}/{token}"


def preferences_url(site_url: str, digest: str, token: str) -> str:
    return f"{site_url}{PREFERENCES}/{digest}/{token}"


def editions_path(digest: str) -> str:
    """The folder address of a digest's editions."""
    return f"{EDITIONS}/{digest}/"


def edition_path(digest: str, local_date: date) -> str:
    """The folder address of one edition: its letter, as it was sent."""
    return f"{EDITIONS}/{digest}/{local_date}/"


ANSWERED = frozenset({SUBSCRIBE, CONFIRM, PREFERENCES, UNSUBSCRIBE, EDITIONS})
"""First parts of paths under which the site answers without a file."""


def is_answered(path: str) -> bool:
    return path.partition("/")[0] in ANSWERED


def unsubscribe_url(site_url: str, digest: str, token: str) -> str:
    return f"{site_url}{UNSUBSCRIBE}/{digest}/{token}"
