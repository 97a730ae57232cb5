"""One story in all its revisions, and the stories that nobody may see."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from publisher.model import Article, Hold, Withdrawal
from publisher.store.articles import KnownArticle, find_known
from publisher.store.schema import IS_CURRENT, articles, revisions, sources
from publisher.store.stories import to_article, visible

_DIGITS = re.compile("[0-9a-f-]{4,36}")
"""Fewer digits would be a guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRevision:
    """A story's text as it stood from `seen_at` on."""

    number: int
    seen_at: datetime
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenStory:
    """A story that is in the store and may not be seen now."""

    public_id: str
    title: str
    path: str | None
    """The first of its files, if it has any."""
    held: Hold | None
    withdrawal: Withdrawal | None
    due_at: datetime | None
    """When its time comes; None when it waits for somebody, not for a time."""


def find_articles(connection: Connection, names: Collection[str]) -> list[KnownArticle]:
    """The stories these names may mean: a public id or its beginning, a slug, an address, a file's path."""
    slugs = [name.rstrip("/").rpartition("/")[2].removesuffix(".html") for name in names]
    digits = (name.removeprefix("urn:uuid:").lower() for name in names)
    wanted = [
        articles.c.slug.in_(slugs),
        articles.c.id.in_(select(sources.c.article_id).where(sources.c.path.in_(names))),
        articles.c.id.in_(select(revisions.c.article_id).where(revisions.c.url.in_(names))),
        *(articles.c.public_id.startswith(f"urn:uuid:{part}") for part in digits if _DIGITS.fullmatch(part)),
    ]
    ids = connection.scalars(select(articles.c.id).where(or_(*wanted))).all()
    return find_known(connection, ids=ids)


def load_revisions(connection: Connection, article_id: int) -> Iterator[PastRevision]:
    """Every revision of a story, oldest first."""
    query = select(revisions).where(revisions.c.article_id == article_id).order_by(revisions.c.number)
    for row in connection.execute(query):
        yield PastRevision(number=row.number, seen_at=row.seen_at, article=to_article(row))


def source_paths(connection: Connection, article_id: int) -> list[str]:
    """The files of a story."""
    query = select(sources.c.path).where(sources.c.article_id == article_id).order_by(sources.c.path)
    return list(connection.scalars(query))


def hidden_stories(connection: Connection, *, now: datetime) -> list[HiddenStory]:
    """Every story that is held, waits for its time, or was withdrawn; by ingest sequence."""
    path = select(func.min(sources.c.path)).where(sources.c.article_id == articles.c.id).scalar_subquery()
    query = (
        select(articles, revisions.c.title, path.label("path"))
        .join(
            revisions,
            IS_CURRENT,
        )
        .where(~visible(now))
        .order_by(articles.c.id)
    )
    return [
        HiddenStory(
            public_id=row.public_id,
            title=row.title,
            path=row.path,
            held=Hold(row.held) if row.held else None,
            withdrawal=Withdrawal(row.withdrawal) if row.withdrawal else None,
            due_at=None
            if row.held or row.withdrawal
            else max(row.published_at, row.embargo_at or row.published_at),
        )
        for row in connection.execute(query)
    ]
