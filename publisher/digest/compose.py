"""What an edition holds. Pure: the same stories give the same edition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from publisher.addresses import section_path, story_path, story_url
from publisher.config import Digest, Site
from publisher.model import StoredArticle
from publisher.text.dates import local_time
from publisher.text.markup import summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story as the digest shows it."""

    title: str
    summary: str
    url: str
    language: str
    section: str
    published_at: datetime
    """Local to the newsroom."""
    reading_minutes: int | None
    page: str | None
    """Its file under the output; None: it stands at an address of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    digest: Digest
    local_date: date
    stories: tuple[Story, ...]
    more: int
    """Stories beyond the digest's maximum: one line says how many."""
    more_url: str


def compose(
    site: Site,
    digest: Digest,
    shown: Sequence[StoredArticle],
    *,
    more: int,
    local_date: date,
    titles: Mapping[str, str],
) -> Composition:
    """Lay out stories in the order in which they come."""
    return Composition(
        digest=digest,
        local_date=local_date,
        stories=tuple(_story(site, story, titles) for story in shown),
        more=more,
        more_url=site.url + (section_path(digest.sections[0]) if len(digest.sections) == 1 else ""),
    )


def _story(site: Site, story: StoredArticle, titles: Mapping[str, str]) -> Story:
    article = story.article
    return Story(
        title=article.title,
        summary=summarise(article),
        url=story_url(site, story),
        language=article.language,
        section=titles.get(story.section or "", ""),
        published_at=local_time(story.published_at, site.timezone),
        reading_minutes=article.reading_minutes,
        page=None if article.url else story_path(story.slug),
    )
