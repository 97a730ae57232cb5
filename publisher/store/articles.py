"""Articles and their revisions, as the inbox writes them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from publisher.model import Article, Hold, Withdrawal
from publisher.store.schema import articles, revisions


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """A row of the articles: what deciding about a file needs to know of a story already stored."""

    id: int
    key: str
    public_id: str
    slug: str
    section: str | None
    published_at: datetime
    updated_at: datetime
    revision: int
    content_hash: str
    revision_hash: str
    views: int | None = None
    has_page: bool = True
    """Whether it has, or once had, no address of its own: links to its page must live on."""
    embargo_at: datetime | None = None
    held: Hold | None = None
    withdrawn_at: datetime | None = None
    withdrawal: Withdrawal | None = None
    public_since: datetime | None = None
    """When it was first seen by anybody; until then its date may still be mended."""
    backfill: bool = False
    """Whether it came in from an archive: no digest tells it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """An article's text with the row that it gives, ready to be stored."""

    row: KnownArticle
    article: Article
    seen_at: datetime


_COLUMNS = tuple(field.name for field in fields(KnownArticle))
_KNOWN = select(*(articles.c[name] for name in _COLUMNS))


def find_known(
    connection: Connection,
    *,
    ids: Collection[int] = (),
    keys: Collection[str] = (),
    public_ids: Collection[str] = (),
    content_hashes: Collection[str] = (),
) -> list[KnownArticle]:
    """Every article with one of these ids, keys, public ids or contents."""
    query = _KNOWN.where(
        or_(
            articles.c.id.in_(ids),
            articles.c.key.in_(keys),
            articles.c.public_id.in_(public_ids),
            articles.c.content_hash.in_(content_hashes),
        )
    ).order_by(articles.c.id)
    return [_to_known(row) for row in connection.execute(query)]


def _to_known(row: Row[Any]) -> KnownArticle:
    values = dict(row._mapping)  # noqa: SLF001 — its public name
    values["held"] = Hold(row.held) if row.held else None
    values["withdrawal"] = Withdrawal(row.withdrawal) if row.withdrawal else None
    return KnownArticle(**values)


def next_id(connection: Connection) -> int:
    """The ingest sequence goes on here. Articles are never deleted, and there is one writer at a time."""
    return (connection.scalar(select(func.max(articles.c.id))) or 0) + 1


def times_taken(connection: Connection, column: str, start: datetime, end: datetime) -> set[datetime]:
    """The values of `published_at` or `updated_at` within [start, end)."""
    at = articles.c[column]
    return set(connection.scalars(select(at).where(at >= start, at < end)))


def add_articles(connection: Connection, new: Sequence[KnownArticle]) -> None:
    """Store new articles; their first revisions follow."""
    if new:
        connection.execute(insert(articles), [_values(row) for row in new])


def add_revisions(connection: Connection, written: Sequence[Revision]) -> None:
    if written:
        connection.execute(insert(revisions), [_revision(revision) for revision in written])


def free_keys(connection: Connection, ids: Collection[int]) -> None:
    """Give up the keys of these articles, which get others in the same transaction."""
    if ids:
        key = literal("moving:") + cast(articles.c.id, String)
        connection.execute(update(articles).where(articles.c.id.in_(ids)).values(key=key))


def update_articles(connection: Connection, changed: Sequence[KnownArticle]) -> None:
    """Bring rows up to date. The public id, the slug and the ingest sequence stay."""
    if not changed:
        return
    kept = {"id", "public_id", "slug"}
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _COLUMNS if name not in kept}
    statement = update(articles).where(articles.c.id == bindparam("row_id")).values(values)
    connection.execute(
        statement,
        [{"row_id": row.id} | {f"new_{name}": getattr(row, name) for name in values} for row in changed],
    )


def _values(row: KnownArticle) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _revision(revision: Revision) -> dict[str, Any]:
    article, row = revision.article, revision.row
    photo, image = article.photo, article.image
    return {
        "article_id": row.id,
        "number": row.revision,
        "seen_at": revision.seen_at,
        "title": article.title,
        "lead": article.lead,
        "body_html": article.body_html,
        "language": article.language,
        "printed_section": article.section,
        "byline": article.byline,
        "photo_caption": photo and photo.caption,
        "photo_credit": photo and photo.credit,
        "reading_minutes": article.reading_minutes,
        "tags": article.tags,
        "dateline": article.dateline.isoformat(),
        "dateline_printed": article.dateline.printed,
        "source_id": article.source_id,
        "url": article.url,
        "correction": article.correction,
        "embargo": article.embargo.isoformat() if article.embargo else None,
        "status": article.status,
        "image_digest": image and image.digest,
        "image_type": image and image.media_type,
        "image_size": image and image.size,
    }
