"""Where files become stories: each is recognised as a story known or new, and stored with its batch."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import count

from sqlalchemy import Connection

from publisher.config import Config
from publisher.errors import Problem, RefusedError
from publisher.identity import mint_public_id, mint_slug, path_key
from publisher.inbox.filing import Filing
from publisher.inbox.read import Read, SameBytesError
from publisher.inbox.scan import InboxFile
from publisher.inbox.shelf import Shelf
from publisher.inbox.standing import refused_signature, stand
from publisher.inbox.times import Minter
from publisher.model import Article, PubStatus
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
        backfill: bool = False,
    ) -> None:
        self._config = config
        self._backfill = backfill
        self._shelf = Shelf(known, before, holders, config.site.timezone)
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
        batch = sorted(batch, key=lambda one: self._shelf.rank(one[1]) if isinstance(one[1], Read) else 0)
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
        # What it said before it was damaged still stands: a cancellation must not end so.
        before = self._known.get(file.path) or Source(path=file.path, signature="")
        drafts.sources.append(
            replace(
                before,
                signature=refused_signature(file),
                digest=None,
                cause=error.cause,
                hint=error.hint,
                warnings=None,
            )
        )
        return Ingested(path=file.path, outcome=Outcome.REFUSED, problem=error.at(file.path))

    def _store(self, connection: Connection, read: Read, drafts: "_Drafts") -> Ingested:
        article, path = read.article, read.file.path
        known = self._shelf.identify(read)
        if known is None:
            row = self._new(connection, read, drafts.next_id)
        elif article.status is PubStatus.CANCELED or not self._shelf.speaks_for(known, read):
            row = known  # its last text stays: a cancellation often comes without one
        else:
            row = self._edit(connection, known, read)
        before = self._known.get(path)
        source = Source(
            path=path,
            signature=read.file.signature,
            digest=read.digest,
            article_id=row.id,
            status=article.status,
            embargo=article.embargo.isoformat() if article.embargo else None,
            warnings=article.warnings or None,
        )
        self._shelf.hold(source, row.id)
        lifts = before is not None and before.status == PubStatus.CANCELED
        row = stand(row, self._shelf.files_of(row.id), self._config.site.timezone, lifts=lifts, now=self._now)
        self._shelf.remember(row)
        drafts.sources.append(source)
        outcome = drafts.keep(known, row, article, self._now)
        return Ingested(
            path=path, outcome=outcome, section=row.section, article_id=row.id, warnings=article.warnings
        )

    def _new(self, connection: Connection, read: Read, article_id: int) -> KnownArticle:
        article = read.article
        key, public_id = self._free_key(connection, read)
        section, held = self._filing.file(article)
        published_at = self._times.published_at(connection, article)
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
            held=held,
            backfill=self._backfill,
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

    def _edit(self, connection: Connection, known: KnownArticle, read: Read) -> KnownArticle:
        """What the file says now of a story that is known."""
        if known.revision_hash != read.revision_hash:
            return self._revise(connection, known, read)
        views = read.article.views
        return known if views is None else replace(known, views=views)

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
            held=held,
        )


class _Drafts:
    """What one batch will write."""

    def __init__(self, next_id: int) -> None:
        self.next_id = next_id
        self.sources: list[Source] = []
        self._revisions: list[Revision] = []
        self._new: dict[int, KnownArticle] = {}
        self._changed: dict[int, KnownArticle] = {}
        self._moved: set[int] = set()
        self._visible = False

    def keep(self, known: KnownArticle | None, row: KnownArticle, article: Article, now: datetime) -> Outcome:
        """Note what became of a story, and name it."""
        if known is None or row.revision > known.revision:
            self._revisions.append(Revision(row, article, now))
        if row.id >= self.next_id:
            self.next_id += 1
            self._new[row.id] = row
        elif row.id in self._new:
            self._new[row.id] = row
        elif row != known:
            self._changed[row.id] = row
            if known and row.key != known.key:
                self._moved.add(row.id)
        if known and replace(row, views=known.views) == known:
            return Outcome.UNCHANGED  # a counter that moved is no update
        self._visible = True
        if row.withdrawn_at and not (known and known.withdrawn_at):
            return Outcome.WITHDRAWN
        return Outcome.UPDATED if known else Outcome.NEW

    def save(self, connection: Connection) -> None:
        """Write the batch. A key may pass from one story to another: it is given up before it is taken."""
        article_store.free_keys(connection, self._moved)
        article_store.add_articles(connection, list(self._new.values()))
        article_store.update_articles(connection, list(self._changed.values()))
        article_store.add_revisions(connection, self._revisions)
        save_sources(connection, self.sources)
        if self._visible:
            note_change(connection)


def _key(read: Read) -> str:
    return read.key or path_key(read.file.path)
