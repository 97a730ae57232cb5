"""One model of a feed, from which all three formats are written, so that they cannot disagree."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.addresses import ALL, FeedFormat, feed_path, image_path, section_path, story_url
from publisher.config import Site
from publisher.model import Image, Section, StoredArticle
from publisher.text.dates import local_time
from publisher.text.markup import correction_html, paragraph, summarise

_FEEDS = uuid.UUID("0f5f3c1e-5d0a-5c9b-8f5e-2f1d1b7c9e44")
"""Namespace of feed ids; a change would re-mint them all."""
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
"""Atom wants an `updated` of a feed without entries too, and no clock may reach the output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """The story's picture."""

    url: str
    media_type: str
    size: int
    """Bytes."""


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
    id: str
    title: str
    description: str
    author: str
    language: str
    page_url: str
    urls: Mapping[FeedFormat, str]
    updated_at: datetime
    items: tuple[Item, ...]
    """Newest first."""


def build_feed(
    site: Site, section: Section | None, stories: Iterable[StoredArticle], titles: Mapping[str, str]
) -> Feed:
    """The feed of a section, or of all (None). `stories` come newest first; `titles` maps section slugs."""
    slug = section.slug if section else ALL
    items = tuple(_build_item(site, story, titles) for story in stories)
    return Feed(
        id=uuid.uuid5(_FEEDS, f"{site.id}\n{slug}").urn,
        title=f"{section.title} — {site.title}" if section else site.title,
        description=section.title if section else site.title,
        author=site.author,
        language=site.language,
        page_url=site.url + (section_path(slug) if section else ""),
        urls={format_: site.url + feed_path(slug, format_) for format_ in FeedFormat},
        updated_at=max((item.updated_at for item in items), default=_BEFORE_ALL),
        items=items,
    )


def _build_item(site: Site, story: StoredArticle, titles: Mapping[str, str]) -> Item:
    article = story.article
    section = (titles.get(story.section, story.section),) if story.section else ()
    return Item(
        id=story.public_id,
        url=story_url(site, story),
        title=article.title,
        summary=summarise(article),
        content_html="\n".join(
            filter(
                None,
                (correction_html(article), article.lead and paragraph(article.lead), article.body_html),
            )
        ),
        author=article.byline or site.author,
        language=article.language,
        categories=tuple(dict.fromkeys((*section, *article.tags))),
        published_at=local_time(story.published_at, site.timezone),
        updated_at=local_time(story.updated_at, site.timezone),
        image=_build_enclosure(site, article.image) if article.image else None,
    )


def _build_enclosure(site: Site, image: Image) -> Enclosure:
    return Enclosure(url=site.url + image_path(image), media_type=image.media_type, size=image.size)
