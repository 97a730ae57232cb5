"""One run over the inbox, from the look at the folder to the files that have gone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Engine

from publisher.config import Config, Deletions
from publisher.errors import OutputError, Problem, RefusedError, Stop, StoppedError, never
from publisher.inbox.desk import Desk, Ingested, Outcome
from publisher.inbox.filing import refile
from publisher.inbox.image import keep_image
from publisher.inbox.quarantine import quarantine, release
from publisher.inbox.read import GoneError, Read, SameBytesError, UnreadableError, UnsettledError, read_file
from publisher.inbox.scan import MAX_DEPTH, InboxFile, Scan, Track
from publisher.inbox.standing import refused_signature, withdraw
from publisher.model import Withdrawal
from publisher.staging import Staging, open_staging
from publisher.store import articles as article_store
from publisher.store.engine import writing
from publisher.store.sources import Source, forget_sources, load_sources

_BATCH = 1000
_FEW = 10
"""So many stories may lose their files at once without a question."""


@dataclass(slots=True)
class IngestReport:
    """What a run found in the inbox."""

    read: list[Ingested] = field(default_factory=list)
    """The files that are new, changed, or still refused, in path order."""
    unchanged: int = 0
    """Files that were not even opened: nothing about them has changed."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the inbox as a whole."""

    def count(self, outcome: Outcome) -> int:
        return sum(item.outcome is outcome for item in self.read)


def ingest(
    config: Config,
    engine: Engine,
    found: Scan,
    *,
    now: datetime,
    dry_run: bool = False,
    backfill: bool = False,
    track: Track = iter,
    stop: Stop = never,
) -> IngestReport:
    """Bring the store up to date with what was found in the inbox.

    With `backfill`, no digest will tell the stories that come in now.

    Raises:
        OutputError: the pictures' folder cannot be written.
        StoppedError: `stop` said so; what was read before is stored.
    """
    with writing(engine) as connection:
        known = load_sources(connection)
        refile(config, connection)
    inbox = config.inbox
    with (
        open_staging(inbox.quarantine, "inbox.quarantine", dry_run=dry_run) as quarantined,
        open_staging(inbox.images, "inbox.images", dry_run=dry_run) as images,
    ):
        intake = _Intake(config, engine, known, quarantined, images, now=now, backfill=backfill, stop=stop)
        intake.report.problems += map(_too_deep, found.too_deep)
        changed = intake.sort_out(found.files)
        if changed or len(known) > intake.present:
            intake.take_in(found.files, changed, track)
    intake.report.read.sort(key=lambda item: item.path)
    return intake.report


def _too_deep(folder: str) -> Problem:
    return Problem(
        where=folder,
        cause=f"lies deeper than {MAX_DEPTH} folders and is not read",
        hint="move its stories up",
    )


class _Intake:
    """The state of one run."""

    def __init__(
        self,
        config: Config,
        engine: Engine,
        known: dict[str, Source],
        quarantined: Staging | None,
        images: Staging | None,
        *,
        now: datetime,
        backfill: bool,
        stop: Stop,
    ) -> None:
        self.report = IngestReport()
        self.present = 0
        """How many of the files known before are still there."""
        self._config = config
        self._engine = engine
        self._known = known
        self._now = now
        self._backfill = backfill
        self._stop = stop
        self._settled_before = now - timedelta(seconds=config.inbox.settle)
        self._quarantined = quarantined
        self._images = images

    def sort_out(self, files: Iterable[InboxFile]) -> list[InboxFile]:
        """The files that must be read; the others are counted, and those still refused are named again."""
        changed = []
        for file in files:
            source = self._known.get(file.path)
            self.present += source is not None
            if source and source.cause and source.signature == refused_signature(file):
                item = Ingested(path=file.path, outcome=Outcome.REFUSED, problem=source.problem)
                self.report.read.append(item)
            elif source is None or source.cause or source.signature != file.signature:
                changed.append(file)
            else:
                self.report.unchanged += 1
        return changed

    def take_in(self, files: Iterable[InboxFile], changed: list[InboxFile], track: Track) -> None:
        """Read and store the changed files; then forget the known ones that are no more."""
        before = frozenset(self._known)
        present = {file.path for file in files}
        gone = {path: source for path, source in self._known.items() if path not in present}
        holders: defaultdict[int, set[str]] = defaultdict(set)
        for source in self._known.values():
            if source.article_id is not None and source.path in present:
                holders[source.article_id].add(source.path)
        if self._quarantined:
            for path in gone:  # at once: a folder may have taken the name of a file that was refused
                release(self._quarantined.top, path)
        held = set(holders)
        # New names first: a file that was renamed must be known before its old name is taken for an edit.
        changed.sort(key=lambda file: file.path in before)
        desk = Desk(
            self._config,
            known=self._known,
            before=before,
            holders=holders,
            now=self._now,
            backfill=self._backfill,
        )
        files_to_read = iter(track(changed))
        while batch := list(islice(files_to_read, _BATCH)):
            reads = list(self._read(batch))  # before the transaction: others may write meanwhile
            self._commit_copies()
            with writing(self._engine) as connection:
                self.report.read += desk.take(connection, reads)
        self._forget(gone, {source.article_id for source in gone.values()} | held, holders)

    def _read(
        self, batch: Iterable[InboxFile]
    ) -> Iterator[tuple[InboxFile, Read | RefusedError | SameBytesError]]:
        has_quarantine = self._quarantined is not None and self._quarantined.top.is_dir()
        for file in self._until_stopped(batch):
            try:
                read = read_file(
                    file,
                    self._config.site,
                    settled_before=self._settled_before,
                    read_before=self._digest_of(file.path),
                    images=self._config.inbox.images,
                )
            except UnreadableError as error:
                self.report.problems.append(error.at(file.path))
            except RefusedError as error:
                self._keep_copy(file, error)
                yield file, error
            except SameBytesError as same:
                yield file, same
            except UnsettledError:
                self.report.read.append(Ingested(path=file.path, outcome=Outcome.UNFINISHED))
            except GoneError:
                continue
            else:
                if self._quarantined and has_quarantine:
                    release(self._quarantined.top, file.path)
                if self._images and read.article.image and read.image_data:
                    keep_image(self._images, read.article.image, read.image_data)
                yield file, read

    def _until_stopped(self, batch: Iterable[InboxFile]) -> Iterator[InboxFile]:
        for file in batch:
            if self._stop():
                raise StoppedError
            yield file

    def _digest_of(self, path: str) -> str | None:
        """What the file held when it last became a story."""
        source = self._known.get(path)
        return source.digest if source and not source.cause else None

    def _keep_copy(self, file: InboxFile, error: RefusedError) -> None:
        """A copy that cannot be made is no reason to stop: the file is refused all the same."""
        if self._quarantined:
            try:
                quarantine(self._quarantined, error.at(file.path), file.location)
            except OutputError as trouble:
                self.report.problems += trouble.problems

    def _commit_copies(self) -> None:
        """What must lie on the disk before the store knows of it."""
        if self._images:
            self._images.commit_all()
        if self._quarantined:
            try:
                self._quarantined.commit_all()
            except OutputError as trouble:
                self.report.problems += trouble.problems

    def _forget(self, gone: dict[str, Source], before: set[int | None], holders: dict[int, set[str]]) -> None:
        """Stories that have no file any more stay, or are withdrawn, as the newsroom has chosen."""
        orphans = {article_id for article_id in before if article_id and not holders.get(article_id)}
        withdraws = orphans and self._config.inbox.deletions is Deletions.WITHDRAW
        if withdraws and self.report.count(Outcome.UNFINISHED):
            return  # one of them may be on its way in under another name
        remaining = sum(map(bool, holders.values()))
        if withdraws and len(orphans) > (max(_FEW, remaining) if remaining else 1):
            self.report.problems.append(_mass_removal(self._config, len(orphans)))
            return
        if not gone and not withdraws:
            return
        with writing(self._engine) as connection:
            if withdraws:
                rows = article_store.find_known(connection, ids=orphans)
                withdraw(connection, rows, Withdrawal.FILE, now=self._now)
            forget_sources(connection, sorted(gone))


def _mass_removal(config: Config, stories: int) -> Problem:
    """An inbox that was not mounted looks just like one whose stories were all taken back."""
    return Problem(
        where=str(config.inbox.path),
        cause=f"the files of {stories} stories have gone at once; none was withdrawn",
        hint='bring the folder back, or set inbox.deletions = "keep" for one run to let them go',
    )
