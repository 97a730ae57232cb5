"""Where files become stories: each is recognised as a story known or new, and stored with its batch."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import count

from sqlalchemy import Connection

from publisher.config import Config
from publisher.errors import Problem, RefusedError
from publisher.identity import embargo_ends_at, mint_public_id, mint_slug, path_key
from publisher.inbox.filing import Filing
from publisher.inbox.read import Read, SameBytesError
from publisher.inbox.scan import InboxFile
from publisher.inbox.shelf import Shelf
from publisher.inbox.times import Minter
from publisher.model import PubStatus, Withdrawal
from publisher.store import articles as article_store
from publisher.store.articles import KnownArticle, Revision
from publisher.store.marks import note_change
from publisher.store.sources import Source, save_sources


class Outcome(StrEnum):
    """What came of a file in this run."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    UNFINISHED = "unfinished"
    """Somebody is still writing it; the next run takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """One file of the inbox after a run."""

    path: str
    outcome: Outcome
    section: str | None = None
    article_id: int | None = None
    problem: Problem | None = None
    warnings: Sequence[str] = ()


class Desk:
    """Decides about the files of one run, batch by batch, each in a transaction of its own."""

    def __init__(
        self,
        config: Config,
        *,
        known: dict[str, Source],
        before: frozenset[str],
        holders: defaultdict[int, set[str]],
        now: datetime,
    ) -> None:
        self._config = config
        self._shelf = Shelf(known, before, holders)
        self._known = known
        self._now = now
        self._times = Minter(config.site, now)
        self._filing = Filing(config)
        self._public_ids: dict[str, str] = {}

    def take(
        self, connection: Connection, batch: Sequence[tuple[InboxFile, Read | RefusedError | SameBytesError]]
    ) -> list[Ingested]:
        """Store what was read; every file gets an outcome."""
        reads = [read for _, read in batch if isinstance(read, Read)]
        keys = [_key(read) for read in reads]
        self._public_ids = {key: mint_public_id(self._config.site.id, key) for key in keys}
        self._shelf.load(connection, reads, keys, self._public_ids.values())
        self._filing.prepare(connection, [read.article for read in reads])
        drafts = _Drafts(next_id=article_store.next_id(connection))
        ingested = [self._decide(connection, file, read, drafts) for file, read in batch]
        drafts.save(connection)
        return ingested

    def _decide(
        self,
        connection: Connection,
        file: InboxFile,
        read: Read | RefusedError | SameBytesError,
        drafts: "_Drafts",
    ) -> Ingested:
        if isinstance(read, Read):
            return self._store(connection, read, drafts)
        if isinstance(read, RefusedError):
            return self._refuse(file, read, drafts)
        drafts.sources.append(replace(self._known[file.path], signature=file.signature))
        return Ingested(path=file.path, outcome=Outcome.UNCHANGED)

    def _refuse(self, file: InboxFile, error: RefusedError, drafts: "_Drafts") -> Ingested:
        before = self._known.get(file.path)
        drafts.sources.append(
            Source(
                path=file.path,
                signature=file.signature,
                article_id=before.article_id if before else None,
                cause=error.cause,
                hint=error.hint,
            )
        )
        return Ingested(path=file.path, outcome=Outcome.REFUSED, problem=error.at(file.path))

    def _store(self, connection: Connection, read: Read, drafts: "_Drafts") -> Ingested:
        known = self._shelf.identify(read)
        if known is None:
            row = self._new(connection, read, drafts.next_id)
            outcome = Outcome.WITHDRAWN if row.withdrawn_at else Outcome.NEW
            drafts.add(Revision(row, read.article, self._now))
        elif not self._shelf.speaks_for(known, read):
            row, outcome = known, Outcome.UNCHANGED
        else:
            row, outcome = self._edit(connection, known, read, drafts)
        self._shelf.remember(row)
        warnings = read.article.warnings
        source = Source(
            path=read.file.path,
            signature=read.file.signature,
            digest=read.digest,
            article_id=row.id,
            warnings=warnings or None,
        )
        drafts.sources.append(source)
        self._shelf.hold(source, row.id)
        return Ingested(
            path=source.path, outcome=outcome, section=row.section, article_id=row.id, warnings=warnings
        )

    def _new(self, connection: Connection, read: Read, article_id: int) -> KnownArticle:
        article = read.article
        key, public_id = self._free_key(connection, read)
        section, held = self._filing.file(article)
        published_at = self._times.published_at(connection, article)
        canceled = article.status is PubStatus.CANCELED
        return KnownArticle(
            id=article_id,
            key=key,
            public_id=public_id,
            slug=mint_slug(article.title, public_id),
            section=section,
            published_at=published_at,
            updated_at=published_at,
            revision=1,
            content_hash=read.content_hash,
            revision_hash=read.revision_hash,
            views=article.views,
            has_page=article.url is None,
            embargo_at=self._embargo_at(read),
            held=held,
            withdrawn_at=self._now if canceled else None,
            withdrawal=Withdrawal.CANCELED if canceled else None,
        )

    def _free_key(self, connection: Connection, read: Read) -> tuple[str, str]:
        """The story's key and id; with a mark when a story had them whose file has another name now."""
        key = _key(read)
        public_id = self._public_ids[key]
        for number in count(1):
            if not self._shelf.is_taken(key, public_id):
                break
            key = f"{_key(read)}#{read.content_hash[:16]}-{number}"
            public_id = mint_public_id(self._config.site.id, key)
            for article in article_store.find_known(connection, keys=[key], public_ids=[public_id]):
                self._shelf.remember(article)
        return key, public_id

    def _edit(
        self, connection: Connection, known: KnownArticle, read: Read, drafts: "_Drafts"
    ) -> tuple[KnownArticle, Outcome]:
        """What the file says now of a story that is known."""
        article = read.article
        if article.status is PubStatus.CANCELED:
            if known.withdrawn_at is not None:
                return known, Outcome.UNCHANGED
            # Its last text stays: a cancellation often comes without one.
            row = replace(known, withdrawn_at=self._now, withdrawal=Withdrawal.CANCELED)
            drafts.change(row)
            return row, Outcome.WITHDRAWN
        row = known
        if known.withdrawal in {Withdrawal.FILE, Withdrawal.CANCELED}:
            row = replace(known, withdrawn_at=None, withdrawal=None)
        if known.revision_hash != read.revision_hash:
            row = self._revise(connection, row, read)
            drafts.revisions.append(Revision(row, article, self._now))
        elif article.views not in {None, known.views}:
            # A counter that moved is no update.
            drafts.count_views(replace(row, views=article.views))
        if replace(row, views=known.views) == known:
            return row, Outcome.UNCHANGED
        drafts.change(row)
        return row, Outcome.UPDATED

    def _revise(self, connection: Connection, known: KnownArticle, read: Read) -> KnownArticle:
        article = read.article
        published_at, updated_at = known.published_at, known.updated_at
        if known.public_since is None:  # nobody has seen it, so its date may still be mended
            published_at = updated_at = self._times.published_at(
                connection, article, instead_of=known.published_at
            )
        elif known.content_hash != read.content_hash:
            updated_at = self._times.updated_at(connection, known.updated_at)
        section, held = self._filing.file(article)
        return replace(
            known,
            key=read.key or known.key,  # an address that was added or corrected makes no other story
            content_hash=read.content_hash,
            revision_hash=read.revision_hash,
            revision=known.revision + 1,
            section=section,
            published_at=published_at,
            updated_at=updated_at,
            views=known.views if article.views is None else article.views,
            has_page=known.has_page or article.url is None,
            embargo_at=self._embargo_at(read),
            held=held,
        )

    def _embargo_at(self, read: Read) -> datetime | None:
        embargo = read.article.embargo
        return embargo_ends_at(embargo, self._config.site.timezone) if embargo else None


class _Drafts:
    """What one batch will write, in the order in which it must be written."""

    def __init__(self, next_id: int) -> None:
        self.next_id = next_id
        self.revisions: list[Revision] = []
        self.sources: list[Source] = []
        self._new: dict[int, KnownArticle] = {}
        self._changed: dict[int, KnownArticle] = {}
        self._visible = False

    def add(self, revision: Revision) -> None:
        self._new[revision.row.id] = revision.row
        self.revisions.append(revision)
        self.next_id += 1
        self._visible = True

    def change(self, row: KnownArticle) -> None:
        self._changed[row.id] = row
        self._visible = True

    def count_views(self, row: KnownArticle) -> None:
        """As `change`, but nothing that readers see."""
        self._changed[row.id] = row

    def save(self, connection: Connection) -> None:
        article_store.add_articles(connection, list(self._new.values()))
        article_store.add_revisions(connection, self.revisions)
        article_store.update_articles(connection, list(self._changed.values()))
        save_sources(connection, self.sources)
        if self._visible:
            note_change(connection)


def _key(read: Read) -> str:
    return read.key or path_key(read.file.path)


def withdraw(connection: Connection, rows: Iterable[KnownArticle], by: Withdrawal, *, now: datetime) -> int:
    """Take stories back; returns how many it changed. What an editor took back, no file brings back."""
    changed = [
        replace(row, withdrawn_at=row.withdrawn_at or now, withdrawal=by)
        for row in rows
        if row.withdrawal is None or (by is Withdrawal.OPERATOR and row.withdrawal is not by)
    ]
    article_store.update_articles(connection, changed)
    if changed:
        note_change(connection)
    return len(changed)
