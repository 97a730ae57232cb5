"""Articles, their revisions, and the sections they stand in."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, exists, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import Article, Dateline, Photo, Section, StoredArticle
from publisher.store.schema import articles, revisions, sections


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownArticle:
    """What deciding about a file needs to know of an article already stored."""

    id: int
    key: str
    content_hash: str
    revision_hash: str
    revision: int
    section: str | None
    published_at: datetime
    updated_at: datetime
    views: int | None


_KNOWN = select(
    articles.c.id,
    articles.c.key,
    articles.c.content_hash,
    articles.c.revision_hash,
    articles.c.revision,
    articles.c.section,
    articles.c.published_at,
    articles.c.updated_at,
    articles.c.views,
)
_STORED = select(articles, *(column for column in revisions.c if column.name != "article_id")).join(
    revisions, and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
)
NEWEST_FIRST = (articles.c.published_at.desc(), articles.c.id.desc())


def find_known(
    connection: Connection, *, ids: Collection[int], keys: Collection[str], content_hashes: Collection[str]
) -> list[KnownArticle]:
    """Every article with one of these ids, keys or contents."""
    query = _KNOWN.where(
        or_(articles.c.id.in_(ids), articles.c.key.in_(keys), articles.c.content_hash.in_(content_hashes))
    ).order_by(articles.c.id)
    return [KnownArticle(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 — its public name


def is_taken(connection: Connection, *, key: str, public_id: str) -> bool:
    """Whether a story has this key, or the public id that it would give."""
    query = select(exists().where(or_(articles.c.key == key, articles.c.public_id == public_id)))
    return bool(connection.scalar(query))


def times_taken(connection: Connection, column: str, start: datetime, end: datetime) -> set[datetime]:
    """The values of `published_at` or `updated_at` within [start, end)."""
    at = articles.c[column]
    return set(connection.scalars(select(at).where(at >= start, at < end)))


def add_article(
    connection: Connection,
    article: Article,
    row: KnownArticle,
    *,
    public_id: str,
    slug: str,
    seen_at: datetime,
) -> KnownArticle:
    """Store a new article with its first revision; returns `row` with the id it was given."""
    result = connection.execute(insert(articles).values(**_values(row), public_id=public_id, slug=slug))
    (article_id,) = result.inserted_primary_key or (0,)
    row = replace(row, id=article_id)
    connection.execute(insert(revisions).values(_revision(article, row, seen_at)))
    return row


def revise_article(connection: Connection, article: Article, row: KnownArticle, *, seen_at: datetime) -> None:
    """Add a revision and make it the current one. The public id and the slug stay."""
    connection.execute(insert(revisions).values(_revision(article, row, seen_at)))
    connection.execute(update(articles).where(articles.c.id == row.id).values(_values(row)))


def _values(row: KnownArticle) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row) if field.name != "id"}


def record_views(connection: Connection, article_id: int, views: int) -> None:
    """A counter that moved is no update."""
    connection.execute(update(articles).where(articles.c.id == article_id).values(views=views))


def _revision(article: Article, row: KnownArticle, seen_at: datetime) -> dict[str, Any]:
    photo = article.photo or Photo()
    return {
        "article_id": row.id,
        "number": row.revision,
        "seen_at": seen_at,
        "title": article.title,
        "lead": article.lead,
        "body_html": article.body_html,
        "language": article.language,
        "printed_section": article.section,
        "byline": article.byline,
        "photo_caption": photo.caption,
        "photo_credit": photo.credit,
        "reading_minutes": article.reading_minutes,
        "tags": list(article.tags),
        "dateline": article.dateline.isoformat(),
        "source_id": article.source_id,
        "url": article.url,
    }


def to_stored(row: Row[Any]) -> StoredArticle:
    """One row of `stored_articles` as a value."""
    photo = None
    if row.photo_caption or row.photo_credit:
        photo = Photo(caption=row.photo_caption, credit=row.photo_credit)
    return StoredArticle(
        id=row.id,
        public_id=row.public_id,
        slug=row.slug,
        section=row.section,
        published_at=row.published_at,
        updated_at=row.updated_at,
        revision=row.revision,
        article=Article(
            title=row.title,
            dateline=Dateline.fromisoformat(row.dateline),
            language=row.language,
            body_html=row.body_html,
            lead=row.lead,
            section=row.printed_section,
            byline=row.byline,
            photo=photo,
            tags=tuple(row.tags),
            views=row.views,
            reading_minutes=row.reading_minutes,
            source_id=row.source_id,
            url=row.url,
        ),
    )


def stored_articles() -> Select[Any]:
    """Articles joined with their current revision: what `to_stored` reads."""
    return _STORED


def newest(connection: Connection, *, section: str | None, limit: int, now: datetime) -> list[StoredArticle]:
    """The newest published stories of a section, or of all sections; newest first."""
    query = _STORED.where(articles.c.published_at <= now).order_by(*NEWEST_FIRST).limit(limit)
    if section is not None:
        query = query.where(articles.c.section == section)
    return [to_stored(row) for row in connection.execute(query)]


def with_page(connection: Connection, *, now: datetime) -> Iterator[StoredArticle]:
    """Every published story that has, or once had, no URL of its own: links to its page must live on."""
    earlier = revisions.alias()
    had_none = exists().where(earlier.c.article_id == articles.c.id, earlier.c.url.is_(None))
    query = _STORED.where(articles.c.published_at <= now, had_none).order_by(articles.c.id)
    for row in connection.execution_options(yield_per=500).execute(query):
        yield to_stored(row)


def public_ids(connection: Connection) -> set[str]:
    return set(connection.scalars(select(articles.c.public_id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCount:
    """Stories of one section (None: stories without one)."""

    section: str | None
    stories: int
    held: int


def count_by_section(connection: Connection, *, now: datetime) -> list[SectionCount]:
    """Published stories and those whose time has not come, by section."""
    held = func.sum(case((articles.c.published_at > now, 1), else_=0))
    query = (
        select(articles.c.section, func.count().label("all"), held.label("held"))
        .group_by(articles.c.section)
        .order_by(articles.c.section)
    )
    return [
        SectionCount(section=row.section, stories=row.all - row.held, held=row.held)
        for row in connection.execute(query)
    ]


def save_sections(connection: Connection, named: Iterable[Section]) -> None:
    """Store the sections' slugs and titles; a title that changed is replaced."""
    for section in named:
        statement = upsert(sections).values(slug=section.slug, title=section.title)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["slug"],
                set_={"title": section.title},
                where=sections.c.title != section.title,
            )
        )


def list_sections(connection: Connection) -> list[Section]:
    rows = connection.execute(select(sections).order_by(sections.c.slug))
    return [Section(slug=row.slug, title=row.title) for row in rows]


def printed_sections(connection: Connection) -> list[tuple[str, str]]:
    """Each section name as printed, with the slug its stories are filed under."""
    query = (
        select(revisions.c.printed_section, articles.c.section)
        .join(
            articles, and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
        )
        .where(revisions.c.printed_section.is_not(None), articles.c.section.is_not(None))
        .distinct()
    )
    return [(printed, slug) for printed, slug in connection.execute(query)]


def move_section(connection: Connection, printed: str, slug: str, new_slug: str) -> None:
    """File the stories printed under `printed` under another slug. Their ids and addresses stay."""
    here = select(revisions.c.article_id).where(
        revisions.c.printed_section == printed, revisions.c.number == articles.c.revision
    )
    connection.execute(
        update(articles).where(articles.c.section == slug, articles.c.id.in_(here)).values(section=new_slug)
    )
