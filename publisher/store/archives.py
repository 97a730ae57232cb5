"""Which stories stand on which page of a feed's archive. A story keeps its page: pages stay as they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from publisher.model import Tombstone, Topic
from publisher.store.schema import archive_entries, articles
from publisher.store.stories import NEWEST_FIRST, Brief, about, briefs, newest_briefs, to_brief, visible


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """Stories that were filed together, newest first."""

    briefs: tuple[Brief, ...]
    tombstones: tuple[Tombstone, ...]


def file_overflow(connection: Connection, topics: Collection[Topic], *, limit: int, now: datetime) -> None:
    """Put the stories on pages that their topic's feed has no room for any more, the oldest first.

    A page is filled from those that the feed still tells, so that it need never be opened again.
    """
    for topic in topics:
        _file_overflow(connection, topic, limit=limit, now=now)


def _file_overflow(connection: Connection, topic: Topic, *, limit: int, now: datetime) -> None:
    filed = select(archive_entries.c.article_id).where(archive_entries.c.feed == topic.folder)
    query = about(topic, select(articles.c.id)).where(visible(now), articles.c.id.not_in(filed))
    unfiled = list(connection.scalars(query.order_by(articles.c.published_at, articles.c.id)))
    told = {brief.id for brief in newest_briefs(connection, topic, limit=limit, now=now)}
    overflow = sum(article_id not in told for article_id in unfiled)
    last = connection.scalar(
        select(func.max(archive_entries.c.page)).where(archive_entries.c.feed == topic.folder)
    )
    pages = -(-overflow // limit)
    rows = [
        {"feed": topic.folder, "article_id": article_id, "page": (last or 0) + 1 + number // limit}
        for number, article_id in enumerate(unfiled[: pages * limit])
    ]
    if rows:
        connection.execute(insert(archive_entries), rows)


def load_pages(connection: Connection, folder: str, *, now: datetime) -> dict[int, ArchivePage]:
    """The pages of a feed's archive by number; the first holds the oldest stories."""
    query = (
        briefs(now)
        .add_columns(articles.c.public_id, articles.c.withdrawn_at, archive_entries.c.page)
        .join(archive_entries, archive_entries.c.article_id == articles.c.id)
        .where(archive_entries.c.feed == folder)
        .order_by(archive_entries.c.page, *NEWEST_FIRST)
    )
    shown: dict[int, list[Brief]] = {}
    gone: dict[int, list[Tombstone]] = {}
    for *brief, public_id, withdrawn_at, page in connection.execute(query):
        story = to_brief(brief)
        shown.setdefault(page, []).extend([story] if story.visible else [])
        buried = [Tombstone(public_id=public_id, withdrawn_at=withdrawn_at)] if withdrawn_at else []
        gone.setdefault(page, []).extend(buried)
    return {page: ArchivePage(tuple(shown[page]), tuple(gone[page])) for page in shown}
