"""The stories that the files of a batch could be, and which of them each file is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from publisher.identity import path_key
from publisher.inbox.read import Read
from publisher.model import Withdrawal
from publisher.store import articles as article_store
from publisher.store.articles import KnownArticle
from publisher.store.sources import Source


class Shelf:
    """Looks stories up by key, by file and by content, as they stand in the middle of a run."""

    def __init__(
        self,
        known: dict[str, Source],
        before: frozenset[str],
        holders: defaultdict[int, set[str]],
        zone: ZoneInfo,
    ) -> None:
        self._zone = zone
        self._known = known
        self._before = before
        self._holders = holders
        self._by_id: dict[int, KnownArticle] = {}
        self._by_key: dict[str, KnownArticle] = {}
        self._by_content: defaultdict[str, dict[int, KnownArticle]] = defaultdict(dict)
        self._public_ids: set[str] = set()

    def load(
        self,
        connection: Connection,
        reads: Sequence[Read],
        keys: Iterable[str],
        public_ids: Iterable[str],
    ) -> None:
        """Everything in the store that any of these files could be, and nothing else."""
        self._by_id.clear()
        self._by_key.clear()
        self._by_content.clear()
        self._public_ids.clear()
        sources = (self._known.get(read.file.path) for read in reads)
        for article in article_store.find_known(
            connection,
            ids={source.article_id for source in sources if source and source.article_id},
            keys=set(keys),
            public_ids=set(public_ids),
            content_hashes={read.content_hash for read in reads},
        ):
            self.remember(article)

    def remember(self, article: KnownArticle) -> None:
        if before := self._by_id.get(article.id):
            self._by_content[before.content_hash].pop(before.id, None)
            self._by_key.pop(before.key, None)
        self._by_id[article.id] = article
        self._by_key[article.key] = article
        self._by_content[article.content_hash][article.id] = article
        # A story whose key was replaced by its own address still has the id that the old key gave it.
        self._public_ids.add(article.public_id)

    def hold(self, source: Source, article_id: int) -> None:
        """From now on, this file is that story's, and no other's."""
        before = self._known.get(source.path)
        if before and before.article_id is not None:
            self._holders[before.article_id].discard(source.path)
        self._known[source.path] = source
        self._holders[article_id].add(source.path)

    def files_of(self, article_id: int) -> list[Source]:
        """The files of a story that are in the inbox."""
        return [self._known[path] for path in self._holders[article_id]]

    def rank(self, read: Read) -> int:
        """In which order the files of a batch are decided.

        First those whose words are the same as before: an address that was corrected is free for others then.
        Next the new names of known words, for a file may have been renamed. Then the edits, which a copy made
        meanwhile may share; then what is new; the old copies come last.
        """
        before = self._known.get(read.file.path)
        known = self._by_id.get(before.article_id) if before and before.article_id else None
        if known is None:
            return 1 if self._by_content[read.content_hash] else 3
        if known.content_hash == read.content_hash:
            return 0
        return 2 if path_key(read.file.path) == known.key or _is_named(known, read) else 4

    def is_taken(self, key: str, public_id: str) -> bool:
        return key in self._by_key or public_id in self._public_ids

    def identify(self, read: Read) -> KnownArticle | None:
        """The story this file is, if there is one: by its own key, by its path, or by its content."""
        if read.key and (known := self._by_key.get(read.key)):
            return known
        before = self._known.get(read.file.path)
        known = self._by_id.get(before.article_id) if before and before.article_id else None
        if known and self._may_change(known, read):
            return known
        known = None if read.key else self._by_key.get(path_key(read.file.path))
        if known and known.withdrawal is Withdrawal.OPERATOR and not self._holders.get(known.id):
            return known  # what an editor took back does not return by being dropped again
        return self._by_words(read)

    def _by_words(self, read: Read) -> KnownArticle | None:
        """The same words under another name: the file was renamed, or copied, and is one story either way.

        Unless both files are here and name different stories, or days: «No change in the weather».
        """
        left = None
        for same in self._by_content[read.content_hash].values():
            day = same.published_at.astimezone(self._zone).date()
            here = bool(self._holders.get(same.id))
            if here and read.key and not same.key.startswith("path:"):
                continue
            if same.embargo_at or day == read.article.dateline.day:
                return same
            if not here:
                left = left or same
        return left

    def _may_change(self, known: KnownArticle, read: Read) -> bool:
        """Whether this file is still the article that its path led to."""
        if known.content_hash == read.content_hash:
            return True
        if read.key and not known.key.startswith("path:") and not _is_named(known, read):
            return False  # it names another story now
        others = self._holders[known.id] - {read.file.path}
        if any(path not in self._before for path in others):
            return False  # the story came in under a new name in this very run: this is another one
        return self.speaks_for(known, read)  # a copy that was edited is a story of its own

    def speaks_for(self, known: KnownArticle, read: Read) -> bool:
        """Of several copies the first one speaks: the one the key was made from, else the first by name."""
        if _is_named(known, read):
            return True
        holders = self._holders[known.id] | {read.file.path}
        return read.file.path == min(holders, key=lambda path: (path_key(path) != known.key, path))


def _is_named(known: KnownArticle, read: Read) -> bool:
    """Whether the file declares this story's key; one that another story had first bears a mark."""
    return read.key is not None and (known.key == read.key or known.key.startswith(f"{read.key}#"))
