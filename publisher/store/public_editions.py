"""Editions as anybody may read them: the regular ones that went out, with the stories that may be seen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, String, and_, bindparam, exists, func, select

from publisher.model import EditionKind, EditionState, Headline, PublicEdition, StoredArticle, Tombstone
from publisher.store.schema import IS_CURRENT, articles, edition_articles, edition_texts, editions, revisions
from publisher.store.schema.base import Instant
from publisher.store.stories import in_order, visible

_IS_PUBLIC = and_(
    editions.c.kind == EditionKind.REGULAR,
    editions.c.state.in_([EditionState.FROZEN, EditionState.DONE]),
)
_TELLS = edition_articles.c.position.is_not(None)
"""Others are only counted in "and N more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestCount:
    """A digest that has editions to read."""

    slug: str
    editions: int
    latest: date


def list_digests(connection: Connection) -> list[DigestCount]:
    query = (
        select(editions.c.digest, func.count(), func.max(editions.c.local_date))
        .where(_IS_PUBLIC)
        .group_by(editions.c.digest)
        .order_by(editions.c.digest)
    )
    return [
        DigestCount(slug=slug, editions=count, latest=latest)
        for slug, count, latest in connection.execute(query)
    ]


_NOW = bindparam("now", type_=Instant)
_LANGUAGE = bindparam("language", type_=String)


def _public_editions() -> Select[Any]:
    """What `_to_edition` reads, of every edition; at the moment `now`, in the `language`."""
    stories = select(func.count()).where(edition_articles.c.edition_id == editions.c.id)
    told = (
        select(articles.c.id)
        .join(edition_articles, edition_articles.c.article_id == articles.c.id)
        .where(edition_articles.c.edition_id == editions.c.id, _TELLS)
    )
    own, wanted = edition_texts.alias(), edition_texts.alias()
    return (
        select(
            *(editions.c[name] for name in ("id", "digest", "local_date", "frozen_at")),
            stories.scalar_subquery().label("stories"),
            exists(told.where(~visible(_NOW))).label("lacks"),
            told.with_only_columns(func.max(articles.c.withdrawn_at)).scalar_subquery().label("withdrawn_at"),
            func.coalesce(wanted.c.subject, own.c.subject).label("subject"),
            func.coalesce(wanted.c.language, own.c.language).label("language"),
        )
        .select_from(editions)
        .join(own, and_(own.c.edition_id == editions.c.id, own.c.language == editions.c.language))
        .outerjoin(wanted, and_(wanted.c.edition_id == editions.c.id, wanted.c.language == _LANGUAGE))
        .where(_IS_PUBLIC, editions.c.digest == bindparam("digest"))
        .order_by(editions.c.local_date.desc(), editions.c.id.desc())
    )


_PUBLIC_EDITIONS = _public_editions()
_OF_A_DAY = _PUBLIC_EDITIONS.where(editions.c.local_date == bindparam("local_date"))
"""To put them together takes longer than to run them."""


def list_editions(
    connection: Connection, digest: str, *, language: str | None, limit: int, offset: int = 0, now: datetime
) -> list[PublicEdition]:
    """The editions of a digest, newest first, with their subjects in that language where they have it."""
    values = {"digest": digest, "language": language, "now": now}
    rows = connection.execute(_PUBLIC_EDITIONS.limit(limit).offset(offset), values)
    return [_to_edition(row) for row in rows]


def find_edition(
    connection: Connection, digest: str, local_date: date, *, now: datetime
) -> PublicEdition | None:
    """With its subject in its own language."""
    values = {"digest": digest, "local_date": local_date, "language": None, "now": now}
    row = connection.execute(_OF_A_DAY, values).first()
    return _to_edition(row) if row else None


def _to_edition(row: Row[Any]) -> PublicEdition:
    return PublicEdition(
        id=row.id,
        digest=row.digest,
        local_date=row.local_date,
        frozen_at=row.frozen_at,
        changed_at=max(row.frozen_at, row.withdrawn_at or row.frozen_at),
        whole=not row.lacks,
        stories=row.stories,
        subject=row.subject,
        language=row.language,
    )


def headlines(
    connection: Connection, edition_ids: Collection[int], *, now: datetime
) -> dict[int, list[Headline]]:
    """What the editions tell, in its order, as far as it may be seen."""
    columns = (revisions.c.title, revisions.c.language, articles.c.slug, revisions.c.url)
    query = (
        select(edition_articles.c.edition_id, *columns)
        .join_from(edition_articles, articles, articles.c.id == edition_articles.c.article_id)
        .join(revisions, IS_CURRENT)
        .where(edition_articles.c.edition_id.in_(edition_ids), _TELLS, visible(now))
        .order_by(edition_articles.c.position)
    )
    found: dict[int, list[Headline]] = {edition_id: [] for edition_id in edition_ids}
    for edition_id, title, language, slug, url in connection.execute(query):
        found[edition_id].append(Headline(title=title, language=language, slug=slug, url=url))
    return found


def told_stories(connection: Connection, edition_id: int, *, now: datetime) -> list[StoredArticle]:
    """The stories that the edition tells, in its order, as far as they may be seen."""
    query = (
        select(articles.c.id)
        .join(edition_articles, edition_articles.c.article_id == articles.c.id)
        .where(edition_articles.c.edition_id == edition_id, _TELLS, visible(now))
        .order_by(edition_articles.c.position)
    )
    return in_order(connection, list(connection.scalars(query)))


def tombstones(connection: Connection, edition_id: int) -> tuple[Tombstone, ...]:
    """The stories that the edition tells and that were taken back."""
    query = (
        select(articles.c.public_id, articles.c.withdrawn_at)
        .join(edition_articles, edition_articles.c.article_id == articles.c.id)
        .where(edition_articles.c.edition_id == edition_id, _TELLS, articles.c.withdrawn_at.is_not(None))
        .order_by(edition_articles.c.position)
    )
    return tuple(
        Tombstone(public_id=public_id, withdrawn_at=at) for public_id, at in connection.execute(query)
    )
