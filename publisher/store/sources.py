"""The inbox's files: their signature as last read, and what came of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.errors import Problem
from publisher.model import PubStatus
from publisher.store.schema import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file as last read: an article, or the reason why not; both if a story's file is damaged now."""

    path: str
    signature: str
    digest: str | None = None
    """Of the bytes that became the article."""
    article_id: int | None = None
    status: str = PubStatus.USABLE
    """What this file says of its story, whichever of the story's files speaks for its text."""
    embargo: str | None = None
    """ISO 8601."""
    cause: str | None = None
    hint: str | None = None
    warnings: Sequence[str] | None = None

    @property
    def problem(self) -> Problem | None:
        """Why the file was refused; None when it was read."""
        return Problem(where=self.path, cause=self.cause, hint=self.hint or "") if self.cause else None


_COLUMNS = tuple(Source.__dataclass_fields__)


def load_sources(connection: Connection) -> dict[str, Source]:
    """Every file known, by path."""
    rows = connection.execute(select(*(sources.c[name] for name in _COLUMNS)))
    return {row[0]: Source(**dict(zip(_COLUMNS, row, strict=True))) for row in rows}


def save_sources(connection: Connection, read: Iterable[Source]) -> None:
    """Keep what came of these files, in place of what was known of them."""
    values = [{name: getattr(source, name) for name in _COLUMNS} for source in read]
    if not values:
        return
    statement = upsert(sources)
    replaced: Mapping[str, object] = {name: statement.excluded[name] for name in _COLUMNS if name != "path"}
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=replaced), values)


def forget_sources(connection: Connection, paths: Iterable[str]) -> None:
    """The files are gone from the inbox."""
    gone = [{"gone": path} for path in paths]
    if gone:
        connection.execute(delete(sources).where(sources.c.path == bindparam("gone")), gone)


def is_canceled(connection: Connection, article_id: int) -> bool:
    """Whether one of the story's files cancels it."""
    query = select(sources.c.path).where(
        sources.c.article_id == article_id, sources.c.status == PubStatus.CANCELED
    )
    return connection.scalar(query.limit(1)) is not None
