"""The inbox's files: size and time as last read, and what came of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.schema import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file as last read: an article, or the reason why not; both if a story's file is damaged now."""

    path: str
    size: int
    mtime_ns: int
    article_id: int | None = None
    cause: str | None = None
    hint: str | None = None


def load_sources(connection: Connection) -> dict[str, Source]:
    """Every file known, by path."""
    rows = connection.execute(select(sources))
    return {row.path: Source(**row._mapping) for row in rows}  # noqa: SLF001 — its public name


def save_source(connection: Connection, source: Source) -> None:
    values = {name: getattr(source, name) for name in Source.__dataclass_fields__}
    statement = upsert(sources).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=values))


def forget_sources(connection: Connection, paths: Iterable[str]) -> None:
    """The files are gone from the inbox; their articles stay."""
    for path in paths:
        connection.execute(delete(sources).where(sources.c.path == path))
