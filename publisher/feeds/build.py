"""One model of a feed, from which all three formats are written, so that they cannot disagree."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.addresses import (
    FEED_STYLESHEET,
    FeedFormat,
    archive_folder,
    canonical_path,
    feed_path,
    image_path,
    story_url,
)
from publisher.config import Site
from publisher.model import Article, StoredArticle, Tombstone, Topic
from publisher.text.dates import local_time
from publisher.text.languages import direction
from publisher.text.markup import correction_html, figure, paragraph, right_to_left, summarise

_FEEDS = uuid.UUID("0f5f3c1e-5d0a-5c9b-8f5e-2f1d1b7c9e44")
"""Namespace of feed ids; a change would re-mint them all."""
_MOST_CATEGORIES = 100
"""More than any editor means; some readers keep a list of all they have ever seen."""
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""Atom wants an `updated` of a feed without entries too, and no clock may reach the output."""


Fragment = bytes | memoryview
"""A story as every feed of one format writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """The story's picture."""

    url: str
    media_type: str
    size: int
    """Bytes."""
    alt: str
    credit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One story as a feed shows it. Times are local to the newsroom, with their offset."""

    id: str
    url: str
    title: str
    summary: str
    content_html: str
    author: str
    language: str
    categories: tuple[str, ...]
    published_at: datetime
    updated_at: datetime
    image: Enclosure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """All of a feed but its items."""

    id: str
    title: str
    description: str
    author: str
    language: str
    page_url: str
    urls: Mapping[FeedFormat, str]
    updated_at: datetime
    stylesheet: str
    """Relative, for a feed that is opened in a browser."""
    hub: str | None = None
    """The WebSub hub that is told of changes."""
    tombstones: tuple[Tombstone, ...] = ()
    older: Mapping[FeedFormat, str] | None = None
    """The archive with the stories before these (RFC 5005, 4)."""
    current: Mapping[FeedFormat, str] | None = None
    """Of an archive: the feed that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archives:
    """Where a feed, or a page of its archive, stands among the archive's pages; the first is the oldest."""

    older: int
    """How many pages hold older stories."""
    page: int | None = None
    """The number of this page; None: it is the feed itself."""


NO_ARCHIVES = Archives(older=0)


def build_feed(
    site: Site,
    topic: Topic,
    *,
    updated_at: datetime | None,
    tombstones: tuple[Tombstone, ...] = (),
    hub: str | None = None,
    archives: Archives = NO_ARCHIVES,
) -> Feed:
    """The feed of a topic; `updated_at` is that of the story, or withdrawal, that changed last."""
    folder = archive_folder(topic.folder, archives.page) if archives.page else topic.folder
    return Feed(
        id=feed_id(site, topic.folder),
        title=f"{topic.title} — {site.title}" if topic.title else site.title,
        description=topic.title or site.title,
        author=site.author,
        language=site.language,
        page_url=site.url + canonical_path(topic),
        urls=_urls(site, folder),
        updated_at=local_time(updated_at or BEFORE_ALL, site.timezone),
        stylesheet="../" * (folder.count("/") + 1) + FEED_STYLESHEET,
        hub=hub,
        tombstones=tombstones,
        older=_urls(site, archive_folder(topic.folder, archives.older)) if archives.older else None,
        current=_urls(site, topic.folder) if archives.page else None,
    )


def feed_id(site: Site, folder: str) -> str:
    """A permanent IRI (RFC 4287, 4.2.6): it does not move with the site's address."""
    return uuid.uuid5(_FEEDS, f"{site.id}\n{folder}").urn


def _urls(site: Site, folder: str) -> dict[FeedFormat, str]:
    return {format_: site.url + feed_path(folder, format_) for format_ in FeedFormat}


def build_item(site: Site, story: StoredArticle, titles: Mapping[str, str]) -> Item:
    """A story as every feed shows it. `titles` maps section slugs."""
    article = story.article
    section = (titles.get(story.section, story.section),) if story.section else ()
    image = _build_enclosure(site, article)
    return Item(
        id=story.public_id,
        url=story_url(site, story),
        title=article.title,
        summary=summarise(article),
        content_html=_content(article, image),
        author=article.byline or site.author,
        language=article.language,
        categories=tuple(dict.fromkeys((*section, *article.tags)))[:_MOST_CATEGORIES],
        published_at=local_time(story.published_at, site.timezone),
        updated_at=local_time(story.updated_at, site.timezone),
        image=image,
    )


def _build_enclosure(site: Site, article: Article) -> Enclosure | None:
    image, photo = article.image, article.photo
    if image is None:
        return None
    return Enclosure(
        url=site.url + image_path(image),
        media_type=image.media_type,
        size=image.size,
        alt=(photo and photo.caption) or "",
        credit=(photo and photo.credit) or "",
    )


def _content(article: Article, image: Enclosure | None) -> str:
    """The story whole: a reader that shows no enclosures shall not lose its picture."""
    picture = figure(image.url, alt=image.alt, credit=image.credit) if image else None
    lead = article.lead and paragraph(article.lead)
    content = "\n".join(part for part in (correction_html(article), lead, picture, article.body_html) if part)
    # No feed format says of an item in which direction it is read.
    return right_to_left(content, article.language) if direction(article.language) == "rtl" else content
