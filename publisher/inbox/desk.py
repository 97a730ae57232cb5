"""Where files become articles: each is read, recognised as a story known or new, and stored."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import chain, count

from sqlalchemy import Connection

from publisher.config import RESERVED_SLUGS, Config
from publisher.errors import Problem, RefusedError
from publisher.identity import (
    latest_free_second,
    mint_public_id,
    mint_published_at,
    mint_slug,
    path_key,
)
from publisher.inbox.read import Read
from publisher.inbox.scan import InboxFile
from publisher.model import Article, Section
from publisher.store import articles as article_store
from publisher.store.articles import KnownArticle
from publisher.store.sources import Source, save_source
from publisher.text.slugs import slugify

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
        self._sections: dict[str, str] = {}

    def take(self, batch: Iterable[tuple[InboxFile, Read | RefusedError]]) -> list[Ingested]:
        """Store what was read; every file gets an outcome."""
        batch = list(batch)
        self._load([read for _, read in batch if isinstance(read, Read)])
        return [
            self._store(read) if isinstance(read, Read) else self._refuse(file, read) for file, read in batch
        ]

    def _load(self, reads: Sequence[Read]) -> None:
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
            self._by_key.pop(before.key, None)
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

    def _store(self, read: Read) -> Ingested:
        known = self._identify(read)
        section = self._section(read.article.section)
        if known is None:
            known, outcome = self._add(read, section), Outcome.NEW
        elif not self._speaks_for(known, read):
            outcome = Outcome.UNCHANGED
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

    def _identify(self, read: Read) -> KnownArticle | None:
        """The article this file is, if there is one: by its own key, by its path, or by its content."""
        if read.key and (known := self._by_key.get(read.key)):
            return known
        before = self._known.get(read.file.path)
        known = self._by_id.get(before.article_id) if before and before.article_id else None
        if known and self._may_change(known, read):
            return known
        # The same words under another name: the file was renamed, or copied. Either way it is one story,
        # unless two files that are both here name different ones.
        same = self._by_content.get(read.content_hash)
        if same and read.key and not same.key.startswith("path:") and self._holders.get(same.id):
            return None
        return same

    def _may_change(self, known: KnownArticle, read: Read) -> bool:
        """Whether this file is still the article that its path led to."""
        if known.content_hash == read.content_hash:
            return True
        if read.key and not known.key.startswith("path:"):
            return False  # it names another story now
        others = self._holders[known.id] - {read.file.path}
        if any(path not in self._before for path in others):
            return False  # the story came in under a new name in this very run: this is another one
        return self._speaks_for(known, read)  # a copy that was edited is a story of its own

    def _speaks_for(self, known: KnownArticle, read: Read) -> bool:
        """Of several copies the first one speaks: the one the key was made from, else the first by name."""
        if read.key == known.key:
            return True
        holders = self._holders[known.id] | {read.file.path}
        return read.file.path == min(holders, key=lambda path: (path_key(path) != known.key, path))

    def _free_key(self, read: Read) -> str:
        """The story's key; with a mark when another story had it, whose file goes by another name now."""
        key = read.key or path_key(read.file.path)
        marked = (f"{key}#{read.content_hash[:16]}-{number}" for number in count(1))
        return next(key for key in chain((key,), marked) if not self._is_taken(key))

    def _is_taken(self, key: str) -> bool:
        # A story whose key was replaced by its own address still has the id that the old key gave it.
        public_id = mint_public_id(self._config.site.id, key)
        return article_store.is_taken(self._connection, key=key, public_id=public_id)

    def _add(self, read: Read, section: str | None) -> KnownArticle:
        article, site = read.article, self._config.site
        key = self._free_key(read)
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

    def _revise(self, known: KnownArticle, read: Read, section: str | None) -> KnownArticle:
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
            key=read.key or known.key,  # an address that was added or corrected makes no other story
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
        if printed not in self._sections:
            section = find_section(printed, self._config.sections)
            article_store.save_sections(self._connection, [section])
            self._sections[printed] = section.slug
        return self._sections[printed]


def find_section(printed: str, sections: Iterable[Section]) -> Section:
    """The configured section a printed name means; a name nobody configured becomes a section of its own."""
    wanted = printed.casefold()
    for section in sections:
        if wanted in {name.casefold() for name in (section.slug, section.title, *section.aliases)}:
            return section
    slug = slugify(printed) or "section"
    taken = {*RESERVED_SLUGS, *(section.slug for section in sections)}
    return Section(slug=f"{slug}-section" if slug in taken else slug, title=printed)
