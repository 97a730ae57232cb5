"""What a list of stories needs of each of them."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from publisher.addresses import image_path, story_path
from publisher.config import Site
from publisher.model import StoredArticle
from publisher.text.dates import local_time
from publisher.text.markup import summarise


class Teaser(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A story in a list. It is kept as MessagePack between runs, so a list needs no story's text."""

    title: str
    language: str
    summary: str
    section: str
    """The section's title; empty when the story has none."""
    section_slug: str | None
    published_at: datetime
    """Aware. MessagePack keeps the instant, not the zone."""
    href: str
    """The story's own address, or the path of our page under the output folder."""
    own_address: bool
    image_path: str | None
    """Under the output folder."""


def build_teaser(site: Site, story: StoredArticle, titles: Mapping[str, str]) -> Teaser:
    """`titles` maps the slugs of the sections that have a page."""
    article = story.article
    return Teaser(
        title=article.title,
        language=article.language,
        summary=summarise(article),
        section=titles.get(story.section or "", ""),
        section_slug=story.section if story.section in titles else None,
        published_at=local_time(story.published_at, site.timezone),
        href=article.url or story_path(story.slug),
        own_address=article.url is not None,
        image_path=image_path(article.image) if article.image else None,
    )
