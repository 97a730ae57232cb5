"""file ─ lists ─▶ rows ─▶ store: a thousand rows a transaction, and what came of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine

from publisher.config import Config
from publisher.errors import Problem, PublisherError, RefusedError, Stop, StoppedError, UsageError
from publisher.lists.formats import ListFormat, Skipped, Unread
from publisher.lists.reading import ReaderList, Reading, read_lists
from publisher.lists.sheets import MAX_BYTES
from publisher.model import ListRow
from publisher.pipeline.waiting import find_digest
from publisher.store import lists
from publisher.store.engine import writing
from publisher.store.lists import Imported

_MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedLine:
    """What came of a row."""

    file: str
    line: int
    address: str
    """As it stands there, if it is none."""
    outcome: Imported
    reason: str | None = None
    problem: Problem | None = None
    """Why it was refused."""


def open_lists(config: Config, path: Path, *, form: ListFormat | None) -> Iterator[ReaderList]:
    """The lists in a file. Without `form`, each list's columns tell its format.

    Raises:
        PublisherError: it cannot be read, or is no list.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError.of(path, f"cannot be read ({error.strerror})", "check the path") from error
    try:
        if len(data) > MAX_BYTES:
            raise RefusedError(f"holds more than {MAX_BYTES >> 20} MiB", "split it")  # noqa: TRY301
        yield from read_lists(str(path), data, config.site.timezone, form=form)
    except RefusedError as error:
        raise PublisherError.of(path, error.cause, error.hint) from error


def import_list(
    config: Config,
    engine: Engine,
    readers: ReaderList,
    *,
    digest: str | None,
    language: str | None,
    clock: Callable[[], datetime],
    stop: Stop,
) -> Iterator[list[ImportedLine]]:
    """Take a list in; yields what came of some rows when it is durable. To do it again changes nothing.

    `digest` and `language` are those of rows that name none.

    Raises:
        UsageError: there is no such digest, or rows name none and there are several.
        PublisherError: the file is damaged; what stands before that place was taken in.
        StoppedError: as asked by `stop`; what was yielded stays.
    """
    if digest is not None or len(config.digests) == 1:
        digest = find_digest(config, digest).slug
    rows = iter(readers.rows)
    while True:
        if stop():
            raise StoppedError
        some, error = _next_rows(rows)
        yield _take(config, engine, readers.name, some, digest=digest, language=language, now=clock())
        if error:
            raise PublisherError.of(readers.name, error.cause, error.hint) from error
        if len(some) < _MANY:
            return


def _next_rows(rows: Iterator[Reading]) -> tuple[list[Reading], RefusedError | None]:
    """Some rows, and why there are no more, if the file is damaged there."""
    some: list[Reading] = []
    try:
        some.extend(islice(rows, _MANY))
    except RefusedError as error:
        return some, error
    return some, None


def _take(
    config: Config,
    engine: Engine,
    file: str,
    some: list[Reading],
    *,
    digest: str | None,
    language: str | None,
    now: datetime,
) -> list[ImportedLine]:
    lines: dict[int, ImportedLine] = {}
    rows: dict[int, ListRow] = {}
    for number, reading in enumerate(some):
        if isinstance(reading, Skipped):
            lines[number] = ImportedLine(
                file=file,
                line=reading.line,
                address=reading.address,
                outcome=Imported.IGNORED,
                reason=reading.reason,
            )
            continue
        if isinstance(reading, ListRow):
            row = replace(reading, digest=reading.digest or digest, language=reading.language or language)
            refused = _check(config, row, now)
            if refused is None:
                rows[number] = row
                continue
        else:
            refused = RefusedError(reading.cause, reading.hint)
        lines[number] = _refused(file, reading, refused)
    with writing(engine) as connection:
        outcomes = lists.take_in(connection, list(rows.values()), now=now)
    for (number, row), outcome in zip(rows.items(), outcomes, strict=True):
        lines[number] = ImportedLine(
            file=file, line=row.line, address=row.address, outcome=outcome.what, reason=outcome.reason
        )
    return [lines[number] for number in range(len(some))]


def _check(config: Config, row: ListRow, now: datetime) -> RefusedError | None:
    """What only the newsroom knows of a row."""
    for column, moment in (("consented_at", row.consented_at), ("unsubscribed_at", row.left_at)):
        if moment and moment > now:
            return RefusedError(f"{column} {moment:%Y-%m-%d %H:%M} lies in the future", "mend the date")
    if row.state is None:
        return None
    if row.digest is None:
        find_digest(config, None)  # says which there are
    known = [digest.slug for digest in config.digests]
    if row.digest not in known:
        return RefusedError(f"«{row.digest}» is no digest", f"digests here: {', '.join(known)}")
    return None


def _refused(file: str, reading: ListRow | Unread, error: RefusedError) -> ImportedLine:
    return ImportedLine(
        file=file,
        line=reading.line,
        address=reading.address,
        outcome=Imported.REFUSED,
        reason=str(error),
        problem=error.at(f"{file}:{reading.line}"),
    )
