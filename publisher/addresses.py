"""Where everything stands on the site. Permanent: a reader's link from years ago must lead somewhere."""

from enum import Enum

from publisher.config import Site
from publisher.model import Image, StoredArticle

ALL = "all"
"""The feed of every section."""
IMAGES = "images"
"""The folder of the stories' pictures."""
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


def section_path(slug: str) -> str:
    return f"{slug}/"


def feed_path(slug: str, format_: FeedFormat) -> str:
    return f"{slug}/{format_.filename}"


def unsubscribe_url(site_url: str, digest: str, token: str) -> str:
    return f"{site_url}unsubscribe/{digest}/{token}"
