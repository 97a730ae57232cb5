"""A run that finds nothing to do: recognised by a few digests, and told from memory.

The run before left a mark in the store: what the inbox, the stories, the settings and the templates were, and
what it reported. While they are the same, no story's time has come, and the output lies there as it was
written, a full run would do nothing, and report as much.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from publisher import __version__
from publisher.config import Config
from publisher.files import signature_of
from publisher.inbox.scan import Scan
from publisher.pipeline.fingerprint import site_fingerprint
from publisher.pipeline.report import PublishReport
from publisher.store.glance import STORIES, glance

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_MARK = "idle"


class _Memory(msgspec.Struct, frozen=True):
    state: str
    at: datetime
    """When that run took place: a clock that was set back knows less."""
    due: datetime | None
    """When the next story's time comes, or the hub is to be tried again."""
    report: PublishReport


def recall(config: Config, found: Scan, *, now: datetime, dry_run: bool) -> PublishReport | None:
    """What a run would report that has nothing to do; None when there is, or may be, something to do."""
    seen = glance(config.store_url, [_MARK, STORIES])
    if seen is None or _MARK not in seen.marks:
        return None
    try:
        memory = msgspec.json.decode(seen.marks[_MARK], type=_Memory)
    except msgspec.DecodeError:
        return None  # another version of the publisher wrote it
    if now < memory.at or (memory.due and memory.due <= now):
        return None
    if memory.state != _state(config, found, seen.marks.get(STORIES), site_fingerprint(config)):
        return None
    if not _are_there(config.feeds.output, seen.outputs):
        return None
    return replace(memory.report, same=len(seen.outputs), dry_run=dry_run)


def remember(
    config: Config,
    engine: "Engine",
    found: Scan,
    report: PublishReport,
    *,
    site: str,
    due: datetime | None,
    now: datetime,
) -> None:
    """Note what the next run may find unchanged; nothing, when this one left something open.

    `site` is the fingerprint that the output was made from: a template may have been saved meanwhile.
    """
    from publisher.store.engine import writing
    from publisher.store.marks import read_mark, write_mark

    with writing(engine) as connection:
        if report.blocked or report.unfinished:
            forget(connection)
            return
        state = _state(config, found, read_mark(connection, STORIES), site)
        memory = _Memory(state=state, at=now, due=due, report=_as_idle(report, files=len(found.files)))
        write_mark(connection, _MARK, msgspec.json.encode(memory).decode())


def forget(connection: "Connection") -> None:
    """Make the next run a full one, whatever it finds."""
    from publisher.store.marks import forget_mark

    forget_mark(connection, _MARK)


def _as_idle(report: PublishReport, *, files: int) -> PublishReport:
    """The report of the same state, when nothing happens."""
    return replace(
        report,
        sections=tuple(replace(section, new=0, updated=0) for section in report.sections),
        unchanged=files - len(report.refused),
        warnings=(),
        near_duplicates=(),
        written=(),
    )


def _state(config: Config, found: Scan, stories: str | None, site: str) -> str:
    settings = (config.inbox, config.feeds, config.sections, config.digests)
    digest = hashlib.sha256(repr((__version__, settings, stories, found.too_deep)).encode())
    digest.update(site.encode())
    for file in found.files:
        digest.update(f"{file.path}\0{file.signature}\n".encode())
    return digest.hexdigest()


def _are_there(folder: Path, outputs: Iterable[tuple[str, str]]) -> bool:
    """Whether files look as they did when they were written; somebody may have tidied up."""
    return all(signature_of(f"{folder}/{path}") == signature for path, signature in outputs)
