"""The output folder, brought up to date: only what is made from something else now is made anew."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from publisher.config import Config
from publisher.errors import OutputError, Problem
from publisher.files import write_atomically
from publisher.pipeline.group import BlockedError, Group
from publisher.pipeline.site import site_fingerprint
from publisher.store import reading, stories, writing
from publisher.store.marks import STORIES, read_mark, write_mark
from publisher.store.outputs import Output, forget_outputs, load_outputs, save_outputs

_MARK = "published"


@dataclass(slots=True)
class OutputReport:
    written: list[str] = field(default_factory=list)
    """Paths under the output folder."""
    same: int = 0
    """Files that hold what they should already and were not touched."""
    blocked: list[Problem] = field(default_factory=list)
    """Feeds whose last good version stayed, and why."""


def update_output(
    config: Config, engine: Engine, *, now: datetime, dry_run: bool = False, rebuild: bool = False
) -> OutputReport:
    """Make the output folder show the store. With `rebuild`, every file is made anew.

    Raises:
        OutputError: the folder cannot be read or written.
        ConfigError: a template fails.
    """
    site = site_fingerprint(config)
    with reading(engine) as connection:
        before = load_outputs(connection)
        mark, version = read_mark(connection, _MARK), read_mark(connection, STORIES) or "0"
    if rebuild:
        before = {}
    elif _is_current(mark, f"{version} {site}", now) and _are_there(config.feeds.output, before.values()):
        return OutputReport(same=len(before))
    from publisher.pipeline.plan import plan_output  # most runs find nothing changed: this costs 0.1 s
    from publisher.templating import template_errors

    with writing(engine) as connection:
        stories.mark_public(connection, now=now)
    writer = _Writer(config.feeds.output, before, dry_run=dry_run)
    with reading(engine) as connection, template_errors():
        for group in plan_output(config, connection, now=now):
            writer.bring_up_to_date(group)
        due = stories.next_due(connection, now=now)
    with writing(engine) as connection:
        save_outputs(connection, writer.made)
        forget_outputs(connection, before.keys() - writer.planned)
        if not writer.report.blocked:
            write_mark(connection, _MARK, f"{version} {site} {due.isoformat() if due else ''}")
    return writer.report


def _is_current(mark: str | None, state: str, now: datetime) -> bool:
    """Whether nothing has happened since the last run: no change, and no story's time has come."""
    before, _, due = (mark or "").rpartition(" ")
    return before == state and not (due and datetime.fromisoformat(due) <= now)


def _are_there(folder: Path, outputs: Iterable[Output]) -> bool:
    """Whether the files still look as they did when they were written; somebody may have tidied up."""
    prefix = f"{folder}{os.sep}"
    return all(_signature(prefix + output.path) == output.signature for output in outputs)


def _signature(path: str) -> str | None:
    try:
        status = os.stat(path)  # noqa: PTH116 — thousands of Paths are a third of the price
    except OSError:
        return None
    return f"{status.st_size}:{status.st_mtime_ns}"


class _Writer:
    def __init__(self, folder: Path, before: Mapping[str, Output], *, dry_run: bool) -> None:
        self.report = OutputReport()
        self.made: list[Output] = []
        self.planned: set[str] = set()
        self._folder = folder
        self._before = before
        self._dry_run = dry_run

    def bring_up_to_date(self, group: Group) -> None:
        self.planned.update(group.paths)
        if all(self._is_there(path, group.inputs) for path in group.paths):
            self.report.same += len(group.paths)
            return
        try:
            with _output_errors(self._folder / group.paths[0]):
                files = group.build()
        except BlockedError as error:
            self.report.blocked += error.problems
            return
        for path, data in files.items():
            self._write(path, data, group.inputs)

    def _is_there(self, path: str, inputs: str) -> bool:
        output = self._before.get(path)
        return (
            output is not None
            and output.inputs == inputs
            and _signature(f"{self._folder}{os.sep}{path}") == output.signature
        )

    def _write(self, path: str, data: bytes, inputs: str) -> None:
        place = self._folder / path
        with _output_errors(place):
            if self._dry_run:
                changed = not place.is_file() or place.read_bytes() != data
            else:
                changed = write_atomically(place, data)
                self.made.append(Output(path, inputs, _signature(str(place)) or ""))
        if changed:
            self.report.written.append(path)
        else:
            self.report.same += 1


@contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError.of(
            error.filename or path,
            f"cannot be read or written ({error.strerror})",
            "check feeds.output, its rights and the disk",
        ) from error
