"""Which stories wait for a digest's next edition, and in what order it tells them."""

import json
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, cast, exists, func, literal, or_, select

from publisher.addresses import story_path
from publisher.config import Digest, Order
from publisher.store.schema import IS_CURRENT, articles, edition_articles, outputs, revisions
from publisher.store.stories import NEWEST_FIRST, visible
from publisher.text.keywords import has_keyword

_ORDERS: dict[Order, tuple[ColumnElement[Any], ...]] = {
    Order.NEWEST: NEWEST_FIRST,
    Order.MOST_READ: (func.coalesce(articles.c.views, 0).desc(), *NEWEST_FIRST),
}
_PAGE_HEAD, _PAGE_TAIL = story_path("*").split("*")


def waiting_ids(connection: Connection, digest: Digest, *, now: datetime) -> list[int]:
    """The stories for the next edition, the one to tell first coming first."""
    query = _waiting(digest, now).order_by(*_ORDERS[digest.order])
    return [row.id for row in connection.execute(query) if _is_about(digest, row)]


def count_waiting(connection: Connection, digest: Digest, *, now: datetime) -> int:
    """How many they are."""
    if digest.keywords:
        return len(waiting_ids(connection, digest, now=now))
    query = select(func.count()).select_from(_waiting(digest, now).subquery())
    return connection.scalar(query) or 0


def _waiting(digest: Digest, now: datetime) -> Select[Any]:
    """All of them; if there are keywords, also others, which `_is_about` tells apart."""
    query = select(articles.c.id).where(_is_new(digest, now))
    if digest.keywords:
        # No database folds the case of Cyrillic as Python does.
        query = query.add_columns(revisions.c.title, revisions.c.lead).join(revisions, IS_CURRENT)
        return query.add_columns(revisions.c.tags) if digest.tags else query
    if digest.tags:
        tags = cast(revisions.c.tags, Text)  # as they stand in the list's JSON
        named = [tags.contains(json.dumps(tag), autoescape=True) for tag in digest.tags]
        return query.join(revisions, IS_CURRENT).where(or_(*named))
    return query


def _is_new(digest: Digest, now: datetime) -> ColumnElement[bool]:
    """New goes by what no edition has had, never by the date: a story that comes late is still new."""
    told = exists().where(
        edition_articles.c.digest == digest.slug, edition_articles.c.article_id == articles.c.id
    )
    path = literal(_PAGE_HEAD) + articles.c.slug + _PAGE_TAIL
    has_address = or_(~articles.c.has_page, exists().where(outputs.c.path == path))
    public = visible(now) & articles.c.public_since.is_not(None) & has_address
    condition = articles.c.section.in_(digest.sections) & public & ~told & ~articles.c.backfill
    if digest.since:
        midnight = datetime.combine(digest.since, time(), digest.timezone)
        condition &= articles.c.public_since >= midnight.astimezone(UTC)
    return condition


def _is_about(digest: Digest, row: Row[Any]) -> bool:
    """Whether the story has one of the tags, or one of the keywords. Without keywords, SQL has said so."""
    if not digest.keywords:
        return True
    has_tag = bool(digest.tags) and not set(digest.tags).isdisjoint(row.tags)
    return has_tag or has_keyword(digest.keywords, f"{row.title}\n{row.lead}")
