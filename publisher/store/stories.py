"""Stories as readers see them: what is public, what comes first, how many there are."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    update,
)

from publisher.model import (
    Article,
    Dateline,
    Image,
    Photo,
    PubStatus,
    StoredArticle,
    Tombstone,
    Topic,
    TopicKind,
)
from publisher.store.schema import IS_CURRENT, articles, revisions

_STORED = select(articles, *(column for column in revisions.c if column.name != "article_id")).join(
    revisions, IS_CURRENT
)
NEWEST_FIRST = (articles.c.published_at.desc(), articles.c.id.desc())


def visible(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The stories anybody may see: their time has come, and nobody holds or has withdrawn them."""
    return and_(
        articles.c.published_at <= now,
        articles.c.held.is_(None),
        articles.c.withdrawn_at.is_(None),
        or_(articles.c.embargo_at.is_(None), articles.c.embargo_at <= now),
    )


def to_stored(row: Row[Any]) -> StoredArticle:
    """One row of `stored_articles` as a value."""
    return StoredArticle(
        id=row.id,
        public_id=row.public_id,
        slug=row.slug,
        section=row.section,
        published_at=row.published_at,
        updated_at=row.updated_at,
        revision=row.revision,
        article=to_article(row),
    )


def to_article(row: Row[Any]) -> Article:
    """The text of a revision's row."""
    photo = image = None
    if row.photo_caption or row.photo_credit:
        photo = Photo(caption=row.photo_caption, credit=row.photo_credit)
    if row.image_digest:
        image = Image(digest=row.image_digest, media_type=row.image_type, size=row.image_size)
    return Article(
        title=row.title,
        dateline=Dateline.fromisoformat(row.dateline, printed=row.dateline_printed),
        language=row.language,
        body_html=row.body_html,
        lead=row.lead,
        section=row.printed_section,
        byline=row.byline,
        photo=photo,
        tags=tuple(row.tags),
        views=row._mapping.get("views"),  # noqa: SLF001 — its public name; a counter belongs to no revision
        reading_minutes=row.reading_minutes,
        source_id=row.source_id,
        url=row.url,
        correction=row.correction,
        image=image,
        status=PubStatus(row.status),
        embargo=Dateline.fromisoformat(row.embargo) if row.embargo else None,
    )


def stored_articles() -> Select[Any]:
    """Articles joined with their current revision: what `to_stored` reads."""
    return _STORED


def newest(connection: Connection, *, section: str, limit: int, now: datetime) -> list[StoredArticle]:
    """The newest published stories of a section; newest first."""
    query = _STORED.where(visible(now), articles.c.section == section).order_by(*NEWEST_FIRST).limit(limit)
    return [to_stored(row) for row in connection.execute(query)]


def with_id(connection: Connection, article_id: int) -> StoredArticle:
    return to_stored(connection.execute(_STORED.where(articles.c.id == article_id)).one())


def with_ids(connection: Connection, ids: Collection[int]) -> list[StoredArticle]:
    """These stories, in any order."""
    return [to_stored(row) for row in connection.execute(_STORED.where(articles.c.id.in_(ids)))]


def in_order(connection: Connection, ids: Sequence[int]) -> list[StoredArticle]:
    """These stories, in this order."""
    found = {story.id: story for story in with_ids(connection, ids)}
    return [found[article_id] for article_id in ids]


@dataclass(frozen=True, slots=True)
class Brief:
    """What decides whether a file that shows the story must be made anew."""

    id: int
    slug: str
    section: str | None
    published_at: datetime
    updated_at: datetime
    fingerprint: str
    visible: bool


def briefs_with_page(connection: Connection, *, now: datetime) -> Iterator[Brief]:
    """Every story that anybody may have seen on a page of ours, by ingest sequence."""
    query = briefs(now).where(articles.c.has_page, articles.c.public_since.is_not(None))
    return map(to_brief, connection.execute(query.order_by(articles.c.id)))


def newest_briefs(connection: Connection, topic: Topic, *, limit: int, now: datetime) -> list[Brief]:
    """The newest stories that may be seen, without their texts; newest first."""
    query = about(topic, briefs(now)).where(visible(now)).order_by(*NEWEST_FIRST).limit(limit)
    return [to_brief(row) for row in connection.execute(query)]


def tombstones(
    connection: Connection, topic: Topic, *, since: datetime | None, limit: int, now: datetime
) -> tuple[Tombstone, ...]:
    """The newest stories of a topic that were taken back after somebody may have seen them; newest first.

    `since` is the date of the oldest story that the topic's feed still tells.
    """
    gone = and_(articles.c.withdrawn_at.is_not(None), articles.c.public_since.is_not(None), ~visible(now))
    if since is not None:
        gone = and_(gone, articles.c.published_at >= since)
    query = select(articles.c.public_id, articles.c.withdrawn_at).where(gone)
    rows = connection.execute(about(topic, query).order_by(*NEWEST_FIRST).limit(limit))
    return tuple(Tombstone(public_id=public_id, withdrawn_at=at) for public_id, at in rows)


def about(topic: Topic, query: Select[Any]) -> Select[Any]:
    """Of a query on articles, the rows that belong to a topic."""
    match topic.kind:
        case TopicKind.ALL:
            return query
        case TopicKind.SECTION:
            return query.where(articles.c.section == topic.name)
        case TopicKind.AUTHOR:
            return query.join(revisions, IS_CURRENT).where(revisions.c.byline == topic.name)
        case TopicKind.TAG:
            # As it stands in the list's JSON: no database needs to parse it.
            quoted = json.dumps(topic.name)
            tags = cast(revisions.c.tags, Text)
            return query.join(revisions, IS_CURRENT).where(tags.contains(quoted, autoescape=True))


def briefs(now: datetime) -> Select[Any]:
    """What `to_brief` reads."""
    return select(
        articles.c.id,
        articles.c.slug,
        articles.c.section,
        articles.c.revision_hash,
        articles.c.published_at,
        articles.c.updated_at,
        visible(now).label("visible"),
    )


def to_brief(row: Iterable[Any]) -> Brief:
    article_id, slug, section, revision, published_at, updated_at, seen = row
    fingerprint = f"{section} {revision} {published_at} {updated_at} {seen}"
    return Brief(article_id, slug, section, published_at, updated_at, fingerprint, bool(seen))


def visible_images(connection: Connection, *, now: datetime) -> list[Image]:
    """The pictures of all stories that may be seen, each once."""
    columns = (revisions.c.image_digest, revisions.c.image_type, revisions.c.image_size)
    query = (
        select(*columns)
        .join(articles, IS_CURRENT)
        .where(revisions.c.image_digest.is_not(None), visible(now))
        .distinct()
        .order_by(revisions.c.image_digest)
    )
    return [
        Image(digest=digest, media_type=media_type, size=size)
        for digest, media_type, size in connection.execute(query)
    ]


def known_public_ids(connection: Connection, wanted: Collection[str]) -> set[str]:
    """Those of the wanted ids that belong to a story."""
    if not wanted:
        return set()
    return set(connection.scalars(select(articles.c.public_id).where(articles.c.public_id.in_(wanted))))


def next_due(connection: Connection, *, now: datetime) -> datetime | None:
    """When the next story may be seen whose time has not come; None if none waits for a time."""
    embargo_at = articles.c.embargo_at
    free = and_(articles.c.held.is_(None), articles.c.withdrawn_at.is_(None))
    dues = (
        connection.scalar(select(func.min(at)).where(free, at > now))
        for at in (articles.c.published_at, embargo_at)
    )
    return min((due for due in dues if due), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCount:
    """Stories of one section (None: stories without one)."""

    section: str | None
    stories: int
    held: int
    withdrawn: int


def count_by_section(connection: Connection, *, now: datetime) -> list[SectionCount]:
    """Published stories, those held until their time or until somebody decides, and the withdrawn."""
    withdrawn = func.count(articles.c.withdrawn_at)
    seen = func.sum(case((visible(now), 1), else_=0))
    query = (
        select(articles.c.section, func.count().label("all"), seen.label("seen"), withdrawn.label("gone"))
        .group_by(articles.c.section)
        .order_by(articles.c.section)
    )
    return [
        SectionCount(
            section=row.section, stories=row.seen, held=row.all - row.seen - row.gone, withdrawn=row.gone
        )
        for row in connection.execute(query)
    ]


def mark_public(connection: Connection, *, now: datetime) -> None:
    """Note which stories may be seen from now on."""
    unseen = and_(articles.c.public_since.is_(None), visible(now))
    connection.execute(update(articles).where(unseen).values(public_since=now))
