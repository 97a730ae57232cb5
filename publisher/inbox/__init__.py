"""The drop folder: article files → readers → store.

    scan ─ files that changed ─▶ read ─▶ decide ─▶ store, one transaction a batch
                                  └─ refused ─▶ quarantine: a copy and its reason

Sources are only ever read. One bad file stops nothing but itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from publisher.config import Config, Site
from publisher.errors import Problem, RefusedError
from publisher.inbox.desk import Desk, Ingested, Outcome, find_section
from publisher.inbox.quarantine import quarantine, release
from publisher.inbox.read import Read, read_file
from publisher.inbox.scan import InboxFile, require_inbox, scan
from publisher.store import articles as article_store
from publisher.store import writing
from publisher.store.sources import Source, forget_sources, load_sources

__all__ = ["Ingested", "Outcome", "Track", "ingest", "require_inbox"]

Track = Callable[[Sequence[InboxFile]], Iterable[InboxFile]]
"""Wraps the files while they are read, to show progress."""

_BATCH = 200


def ingest(
    config: Config, engine: Engine, *, now: datetime, dry_run: bool = False, track: Track = iter
) -> list[Ingested]:
    """Bring the store up to date with the inbox. Reports every file, in path order.

    Raises:
        ConfigError: the inbox is not there; nothing was changed.
    """
    files = scan(config.inbox.path)
    with writing(engine) as connection:
        known = load_sources(connection)
        _refile(config, connection)
    present = {file.path for file in files}
    holders: defaultdict[int, set[str]] = defaultdict(set)
    for source in known.values():
        if source.article_id is not None and source.path in present:
            holders[source.article_id].add(source.path)
    results = {file.path: _as_before(file, known) for file in files}
    # New names first: a file that was renamed must be known before its old name is taken for an edit.
    before = frozenset(known)
    locations = {file.path: file.location for file in files}
    _forget(config, engine, set(known) - present, dry_run=dry_run)
    changed = [file for file in files if results[file.path] is None]
    changed.sort(key=lambda file: file.path in before)
    for batch in _batches(track(changed)):
        reads = list(_read_batch(batch, config.site))  # before the transaction: others may write
        with writing(engine) as connection:
            desk = Desk(config, connection, known=known, before=before, holders=holders, now=now)
            ingested = desk.take(reads)
        if not dry_run:
            for item in ingested:
                if item.problem:
                    quarantine(config.inbox, item.problem, locations[item.path])
                else:
                    release(config.inbox, item.path)
        results |= {item.path: item for item in ingested}
    return [item for item in results.values() if item is not None]


def _read_batch(batch: Iterable[InboxFile], site: Site) -> Iterator[tuple[InboxFile, Read | RefusedError]]:
    for file in batch:
        try:
            read = read_file(file, site.language, site.timezone)
        except RefusedError as error:
            yield file, error
        else:
            if read is not None:
                yield file, read


def _as_before(file: InboxFile, known: dict[str, Source]) -> Ingested | None:
    """What is known of a file that did not change since; None when it must be read."""
    source = known.get(file.path)
    if source is None or (source.size, source.mtime_ns) != (file.size, file.mtime_ns):
        return None
    if source.cause is None:
        return Ingested(path=file.path, outcome=Outcome.UNCHANGED)
    problem = Problem(where=file.path, cause=source.cause, hint=source.hint or "")
    return Ingested(path=file.path, outcome=Outcome.REFUSED, problem=problem)


def _batches(files: Iterable[InboxFile]) -> Iterator[list[InboxFile]]:
    batch: list[InboxFile] = []
    for file in files:
        batch.append(file)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _refile(config: Config, connection: Connection) -> None:
    """Sections and aliases may have changed in the config; the files have not, so nobody would look again."""
    article_store.save_sections(connection, config.sections)
    for printed, slug in article_store.printed_sections(connection):
        section = find_section(printed, config.sections)
        if section.slug != slug:
            article_store.save_sections(connection, [section])
            article_store.move_section(connection, printed, slug, section.slug)


def _forget(config: Config, engine: Engine, gone: set[str], *, dry_run: bool) -> None:
    if not gone:
        return
    with writing(engine) as connection:
        forget_sources(connection, sorted(gone))
    if not dry_run:
        for path in sorted(gone):
            release(config.inbox, path)
