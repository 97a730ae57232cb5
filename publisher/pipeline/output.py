"""The output folder, brought up to date: only what is made from something else now is made anew."""

import errno
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from publisher.addresses import IMAGES
from publisher.config import Config
from publisher.errors import OutputError, Problem, Stop, StoppedError, never
from publisher.files import signature_of, write_atomically
from publisher.pipeline.group import BlockedError, Group
from publisher.pipeline.plan import file_archives, plan_output
from publisher.store import stories
from publisher.store.engine import reading, writing
from publisher.store.fragments import FragmentCache
from publisher.store.outputs import Output, forget_outputs, load_outputs, save_outputs
from publisher.templating import template_errors


@dataclass(slots=True)
class OutputReport:
    written: list[str] = field(default_factory=list)
    """Paths under the output folder."""
    same: int = 0
    """Files that hold what they should already and were not touched."""
    blocked: list[Problem] = field(default_factory=list)
    """Feeds whose last good version stayed, and why."""
    due: datetime | None = None
    """When the time of the next story comes."""


def update_output(
    config: Config,
    engine: Engine,
    site: str,
    *,
    now: datetime,
    dry_run: bool = False,
    rebuild: bool = False,
    stop: Stop = never,
) -> OutputReport:
    """Make the output folder show the store; `site` is the fingerprint of everything else.

    With `rebuild`, every file is made anew. What cannot be written is reported, and the rest goes on.

    Raises:
        OutputError: the disk is full or read-only.
        ConfigError: a template fails.
        StoppedError: `stop` said so; the files made before stay, and are not made again.
    """
    with writing(engine) as connection:
        stories.mark_public(connection, now=now)
        before = load_outputs(connection)
        file_archives(config, connection, now=now, former=before.keys())
    cache = FragmentCache(None if dry_run else config.feeds.cache)
    with closing(cache), reading(engine) as connection, template_errors():
        writer = _Writer(config.feeds.output, before, dry_run=dry_run, rebuild=rebuild)
        try:
            for group in plan_output(
                config,
                connection,
                cache,
                site,
                now=now,
                dry_run=dry_run,
                rebuild=rebuild,
                former=before.keys(),
            ):
                if stop():
                    raise StoppedError
                writer.bring_up_to_date(group)
            writer.report.due = stories.next_due(connection, now=now)
        finally:
            if writer.made:  # what is done need not be done again, whatever stopped the rest
                with writing(engine) as journal:
                    save_outputs(journal, writer.made)
    outdated = before.keys() - writer.planned
    if not dry_run:
        _remove_images(config.feeds.output, outdated)
    with writing(engine) as connection:
        forget_outputs(connection, outdated)
    return writer.report


def _remove_images(folder: Path, paths: Iterable[str]) -> None:
    """A picture whose story was taken back must be gone too. Feeds and pages stay: links lead to them."""
    for path in paths:
        if path.startswith(f"{IMAGES}/"):
            with suppress(OSError):  # a folder took its place: the picture is gone all the same
                (folder / path).unlink(missing_ok=True)


class _Writer:
    def __init__(self, folder: Path, before: Mapping[str, Output], *, dry_run: bool, rebuild: bool) -> None:
        self.report = OutputReport()
        self.made: list[Output] = []
        self.planned: set[str] = set()
        self._folder = folder
        self._before = before
        self._dry_run = dry_run
        self._rebuild = rebuild

    def bring_up_to_date(self, group: Group) -> None:
        self.planned.update(group.paths)
        if not self._rebuild and all(self._is_there(path, group.inputs) for path in group.paths):
            self.report.same += len(group.paths)
            return
        path = group.paths[0]
        try:
            for path, data in group.build().items():
                self._write(path, data, group.inputs)
        except BlockedError as error:
            self.report.blocked += error.problems
        except OSError as error:
            self.report.blocked.append(_problem(self._folder / path, error))

    def _is_there(self, path: str, inputs: str) -> bool:
        output = self._before.get(path)
        return (
            output is not None
            and output.inputs == inputs
            and signature_of(f"{self._folder}/{path}") == output.signature
        )

    def _write(self, path: str, data: bytes, inputs: str) -> None:
        place = self._folder / path
        if self._dry_run:
            changed = not place.is_file() or place.read_bytes() != data
        else:
            changed = write_atomically(place, data)
            self.made.append(Output(path, inputs, signature_of(str(place)) or ""))
        if changed:
            self.report.written.append(path)
        else:
            self.report.same += 1


def _problem(path: Path, error: OSError) -> Problem:
    """What is wrong with one file.

    Raises:
        OutputError: it is wrong with all of them.
    """
    cause = f"cannot be read or written ({error.strerror})"
    hint = "check feeds.output, its rights and the disk"
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
        raise OutputError.of(path, cause, hint) from error
    return Problem(where=str(path), cause=cause, hint=hint)
