"""The output folder, brought up to date: only what is made from something else now is made anew."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine

from publisher.addresses import IMAGES
from publisher.config import Config
from publisher.errors import DiskError, OutputError, Problem, Stop, StoppedError, never
from publisher.files import holds, output_error, signature_of, sync
from publisher.pipeline.group import BlockedError, Files, Group, Stage
from publisher.pipeline.pinging import note_changed_feeds
from publisher.pipeline.plan import file_archives, plan_output
from publisher.staging import Staging, open_staging
from publisher.store import stories
from publisher.store.engine import reading, writing
from publisher.store.fragments import FragmentCache
from publisher.store.outputs import Output, forget_outputs, load_outputs, save_outputs
from publisher.templating import template_errors

_HINT = "check feeds.output, its rights and the disk"


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
    warnings: list[Problem] = field(default_factory=list)
    """What went wrong behind the files: a hub that was not told of them."""


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
        DiskError: the disk is full, failing or read-only; every file is as it was, or as it should be.
        ConfigError: a template fails.
        StoppedError: `stop` said so; the files made before stay, and are not made again.
    """
    with writing(engine) as connection:
        stories.mark_public(connection, now=now)
        before = load_outputs(connection)
        file_archives(config, connection, now=now, former=before.keys())
    cache = FragmentCache(None if dry_run else config.feeds.cache)
    folder = config.feeds.output
    with (
        closing(cache),
        open_staging(folder, "feeds.output", dry_run=dry_run) as staging,
        reading(engine) as connection,
        template_errors(),
    ):
        former = before.keys()
        plan = plan_output(
            config, connection, cache, site, now=now, dry_run=dry_run, rebuild=rebuild, former=former
        )
        note = partial(note_changed_feeds, config, engine)
        writer = _Writer(folder, before, staging, note, rebuild=rebuild)
        with _journal(engine, writer.made):
            for group in plan:
                if stop():
                    raise StoppedError
                writer.bring_up_to_date(group)
            writer.commit()
        writer.report.due = stories.next_due(connection, now=now)
    outdated = before.keys() - writer.planned
    if not dry_run:
        outdated -= _remove_images(folder, outdated, writer.report)
    with writing(engine) as connection:
        forget_outputs(connection, outdated)
        _foretell(connection, writer.planned if dry_run else ())
    return writer.report


def _foretell(connection: Connection, planned: Iterable[str]) -> None:
    """Into a store that is thrown away: which stories wait for a digest goes by the pages that are there."""
    save_outputs(connection, (Output(path, "", "") for path in planned))


@contextmanager
def _journal(engine: Engine, made: list[Output]) -> Iterator[None]:
    """What is done need not be done again, whatever stopped the rest."""
    try:
        yield
    finally:
        if made:
            with writing(engine) as connection:
                save_outputs(connection, made)


def _remove_images(folder: Path, paths: Iterable[str], report: OutputReport) -> set[str]:
    """A picture whose story was taken back must be gone too. Feeds and pages stay: links lead to them.

    Returns those that may still be there; the next run tries again.
    """
    images = {path for path in paths if path.startswith(f"{IMAGES}/")}
    try:
        for path in images:
            with suppress(IsADirectoryError, NotADirectoryError):  # then the picture is gone all the same
                (folder / path).unlink(missing_ok=True)
        if images and (folder / IMAGES).is_dir():
            sync(folder / IMAGES)
    except OSError as error:
        report.blocked += output_error(error, folder / IMAGES, _HINT).problems
        return images
    return set()


class _Writer:
    """Brings one group after the other up to date; without staging, only says what would change."""

    def __init__(
        self,
        folder: Path,
        before: Mapping[str, Output],
        staging: Staging | None,
        note: Callable[[Iterable[str]], None],
        *,
        rebuild: bool,
    ) -> None:
        self.report = OutputReport()
        self.made: list[Output] = []
        self.planned: set[str] = set()
        self._folder = folder
        self._before = before
        self._staging = staging
        self._note = note
        self._rebuild = rebuild
        self._staged: list[tuple[Group, list[str]]] = []
        """With the paths whose bytes change."""
        self._stage = Stage.STORIES

    def bring_up_to_date(self, group: Group) -> None:
        """Make the group anew if it must be; its files go live with the next commit.

        Raises:
            DiskError: the disk is full, failing or read-only.
        """
        self.planned.update(group.paths)
        if not self._rebuild and all(self._is_there(path, group.inputs) for path in group.paths):
            self.report.same += len(group.paths)
            return
        try:
            self._add(group, self._build(group))
        except BlockedError as error:
            self.report.blocked += error.problems
        except DiskError:
            raise
        except OutputError as error:
            self.report.blocked += error.problems

    def commit(self) -> None:
        """Let go live what was made.

        Raises:
            DiskError: as above.
        """
        if self._staging is None:
            return
        staged, self._staged = self._staged, []
        self._note(path for _, changed in staged for path in changed)
        refused = self._staging.commit()
        for group, changed in staged:
            if problems := [refused[path] for path in changed if path in refused]:
                self.report.blocked += problems
                continue
            self._count(group, changed)
            for path in group.paths:
                self.made.append(Output(path, group.inputs, signature_of(f"{self._folder}/{path}") or ""))

    def _is_there(self, path: str, inputs: str) -> bool:
        output = self._before.get(path)
        return (
            output is not None
            and output.inputs == inputs
            and signature_of(f"{self._folder}/{path}") == output.signature
        )

    def _build(self, group: Group) -> Files:
        try:
            return group.build()
        except OSError as error:
            raise output_error(error, self._folder / group.paths[0], _HINT) from error

    def _add(self, group: Group, files: Files) -> None:
        if self._staging is None:
            self._count(group, [path for path, data in files.items() if not holds(self._folder / path, data)])
            return
        if group.stage > self._stage or self._staging.is_full:
            self.commit()
        self._stage = group.stage
        self._staged.append((group, self._staging.add(files)))

    def _count(self, group: Group, changed: list[str]) -> None:
        self.report.written += changed
        self.report.same += len(group.paths) - len(changed)
