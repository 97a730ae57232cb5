"""Where files become articles: each is read, recognised as a story known or new, and stored."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import PurePosixPath

from sqlalchemy import Connection

from publisher.config import RESERVED_SLUGS, Config
from publisher.errors import Problem, RefusedError
from publisher.identity import (
    content_hash,
    declared_key,
    latest_free_second,
    mint_public_id,
    mint_published_at,
    mint_slug,
    path_key,
    revision_hash,
)
from publisher.inbox.scan import InboxFile
from publisher.model import Article, Section
from publisher.readers import reader_for
from publisher.store import articles as article_store
from publisher.store.articles import KnownArticle
from publisher.store.sources import Source, save_source
from publisher.text.slugs import slugify

_MAX_BYTES = 8 * 1024 * 1024
_DAY = timedelta(days=1)


class Outcome(StrEnum):
    """What came of a file in this run."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """One file of the inbox after a run."""

    path: str
    outcome: Outcome
    section: str | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Read:
    file: InboxFile
    article: Article
    key: str | None
    content_hash: str
    revision_hash: str


def _read(file: InboxFile, language: str) -> _Read:
    path = file.location
    if os.fsencode(path.name).decode(errors="ignore") != path.name:
        raise RefusedError("its name is not valid UTF-8", "rename the file")
    if path.is_symlink() or not path.is_file():
        raise RefusedError("it is a link or a device, not a file", "put the story's own file there")
    reader = reader_for(PurePosixPath(file.path).suffix)
    if file.size > _MAX_BYTES:
        raise RefusedError(f"it is larger than {_MAX_BYTES >> 20} MiB", "is it a story? split it")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RefusedError(f"it cannot be read ({error.strerror})", "check the file's rights") from error
    article = reader(data, language)
    return _Read(file, article, declared_key(article), content_hash(article), revision_hash(article))


class Desk:
    """Decides about one batch of files, inside one transaction."""

    def __init__(
        self,
        config: Config,
        connection: Connection,
        *,
        known: dict[str, Source],
        before: frozenset[str],
        holders: defaultdict[int, set[str]],
        now: datetime,
    ) -> None:
        self._config = config
        self._connection = connection
        self._known = known
        self._before = before
        self._holders = holders
        self._now = now
        self._by_id: dict[int, KnownArticle] = {}
        self._by_key: dict[str, KnownArticle] = {}
        self._by_content: dict[str, KnownArticle] = {}

    def take(self, files: Iterable[InboxFile]) -> list[Ingested]:
        """Read and store the files; every one of them gets an outcome."""
        refused: dict[str, RefusedError] = {}
        reads: list[_Read] = []
        files = list(files)
        for file in files:
            try:
                reads.append(_read(file, self._config.site.language))
            except RefusedError as error:
                refused[file.path] = error
        self._load(reads)
        done = {read.file.path: self._store(read) for read in reads}
        return [
            self._refuse(file, refused[file.path]) if file.path in refused else done[file.path]
            for file in files
        ]

    def _load(self, reads: Sequence[_Read]) -> None:
        """Everything in the store that any of these files could be."""
        sources = (self._known.get(read.file.path) for read in reads)
        for article in article_store.find_known(
            self._connection,
            ids={source.article_id for source in sources if source and source.article_id},
            keys={read.key or path_key(read.file.path) for read in reads},
            content_hashes={read.content_hash for read in reads},
        ):
            self._remember(article)

    def _remember(self, article: KnownArticle) -> None:
        if before := self._by_id.get(article.id):
            self._by_content.pop(before.content_hash, None)
        self._by_id[article.id] = article
        self._by_key[article.key] = article
        self._by_content.setdefault(article.content_hash, article)

    def _refuse(self, file: InboxFile, error: RefusedError) -> Ingested:
        before = self._known.get(file.path)
        source = Source(
            path=file.path,
            size=file.size,
            mtime_ns=file.mtime_ns,
            article_id=before.article_id if before else None,
            cause=error.cause,
            hint=error.hint,
        )
        save_source(self._connection, source)
        return Ingested(path=file.path, outcome=Outcome.REFUSED, problem=error.at(file.path))

    def _store(self, read: _Read) -> Ingested:
        known = self._identify(read)
        section = self._section(read.article.section)
        if known is None:
            known, outcome = self._add(read, section), Outcome.NEW
        elif known.revision_hash != read.revision_hash:
            known, outcome = self._revise(known, read, section), Outcome.UPDATED
        else:
            outcome = Outcome.UNCHANGED
            if read.article.views not in {None, known.views}:
                article_store.record_views(self._connection, known.id, read.article.views or 0)
        self._remember(known)
        file = read.file
        source = Source(path=file.path, size=file.size, mtime_ns=file.mtime_ns, article_id=known.id)
        save_source(self._connection, source)
        self._known[file.path] = source
        self._holders[known.id].add(file.path)
        return Ingested(path=file.path, outcome=outcome, section=known.section)

    def _identify(self, read: _Read) -> KnownArticle | None:
        """The article this file is, if there is one: by its own key, by its path, or by its content."""
        if read.key and (known := self._by_key.get(read.key)):
            return known
        path = read.file.path
        before = self._known.get(path)
        known = self._by_id.get(before.article_id) if before and before.article_id else None
        known = known or self._by_key.get(path_key(path))
        if known and self._may_change(known, read):
            return known
        # The same words under another name: the file was renamed, or copied. Either way it is one story.
        return None if read.key else self._by_content.get(read.content_hash)

    def _may_change(self, known: KnownArticle, read: _Read) -> bool:
        """Whether this file still speaks for the article that its path led to."""
        if read.key and not known.key.startswith("path:"):
            return False  # it names another story now
        if known.content_hash == read.content_hash:
            return True
        holders = self._holders.get(known.id, set())
        if any(path not in self._before for path in holders - {read.file.path}):
            return False  # the story came in under a new name in this very run: this is another one
        # Of several copies the first one speaks: the one the key was made from, else the first by name.
        # A copy that was edited is a story of its own.
        speaker = min(holders, key=lambda path: (path_key(path) != known.key, path), default=read.file.path)
        return speaker == read.file.path

    def _add(self, read: _Read, section: str | None) -> KnownArticle:
        article, site = read.article, self._config.site
        key = read.key or path_key(read.file.path)
        if key in self._by_key:  # by a file that was here before and goes by another name now
            key = f"{key}#{read.content_hash[:16]}"
        published_at = self._mint_published_at(article)
        public_id = mint_public_id(site.id, key)
        row = KnownArticle(
            id=0,
            key=key,
            content_hash=read.content_hash,
            revision_hash=read.revision_hash,
            revision=1,
            section=section,
            published_at=published_at,
            updated_at=published_at,
            views=article.views,
        )
        slug = mint_slug(article.title, public_id)
        return article_store.add_article(
            self._connection, article, row, public_id=public_id, slug=slug, seen_at=self._now
        )

    def _mint_published_at(self, article: Article) -> datetime:
        zone = self._config.site.timezone
        start = datetime.combine(article.dateline.day, time(), zone)
        taken = article_store.times_taken(self._connection, "published_at", start - _DAY, start + 2 * _DAY)
        return mint_published_at(article.dateline, zone, first_seen_at=self._now, taken=taken)

    def _revise(self, known: KnownArticle, read: _Read, section: str | None) -> KnownArticle:
        published_at, updated_at = known.published_at, known.updated_at
        if published_at > self._now:  # held, so nobody has seen it: its date may still be mended
            published_at = updated_at = self._mint_published_at(read.article)
        elif known.content_hash != read.content_hash:
            taken = article_store.times_taken(
                self._connection, "updated_at", self._now - _DAY, self._now + _DAY
            )
            updated_at = max(latest_free_second(self._now, taken), known.updated_at)
        views = read.article.views
        row = replace(
            known,
            content_hash=read.content_hash,
            revision_hash=read.revision_hash,
            revision=known.revision + 1,
            section=section,
            published_at=published_at,
            updated_at=updated_at,
            views=known.views if views is None else views,
        )
        article_store.revise_article(self._connection, read.article, row, seen_at=self._now)
        return row

    def _section(self, printed: str | None) -> str | None:
        if printed is None:
            return None
        section = find_section(printed, self._config.sections)
        article_store.save_sections(self._connection, [section])
        return section.slug


def find_section(printed: str, sections: Iterable[Section]) -> Section:
    """The configured section a printed name means; a name nobody configured becomes a section of its own."""
    wanted = printed.casefold()
    for section in sections:
        if wanted in {name.casefold() for name in (section.slug, section.title, *section.aliases)}:
            return section
    slug = slugify(printed) or "section"
    taken = {*RESERVED_SLUGS, *(section.slug for section in sections)}
    return Section(slug=f"{slug}-section" if slug in taken else slug, title=printed)
