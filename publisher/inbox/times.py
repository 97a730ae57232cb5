"""The times a story is given once, with the times that are taken kept at hand."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from publisher.config import Site
from publisher.identity import TakenTimes, embargo_ends_at, mint_published_at
from publisher.model import Article
from publisher.store import articles as article_store

_DAY = timedelta(days=1)


class Minter:
    """Mints `published_at` and `updated_at`, so that no two stories share one by chance.

    What is taken must not depend on where one run ends and the next begins: it is what the store holds, with
    what this run has minted since it looked.
    """

    def __init__(self, site: Site, now: datetime) -> None:
        self._zone = site.timezone
        self._now = now
        self._taken = {"published_at": TakenTimes(), "updated_at": TakenTimes()}
        self._loaded: set[tuple[str, date]] = set()

    def published_at(
        self, connection: Connection, article: Article, *, instead_of: datetime | None = None
    ) -> datetime:
        """When the story counts as published; a story under embargo, not before its end."""
        taken = self._taken["published_at"]
        if article.dateline.clock is None:  # a story with a clock time needs no look at the others
            self._load(connection, "published_at", article.dateline.day)
        if instead_of is not None:
            self._load(connection, "published_at", instead_of.astimezone(self._zone).date())
            taken.release(instead_of)
        at = mint_published_at(article.dateline, self._zone, first_seen_at=self._now, taken=taken)
        if article.embargo and (end := embargo_ends_at(article.embargo, self._zone)) > at:
            taken.release(at)
            taken.take(end)  # as it stands, like a clock time: nobody waits longer than he was told
            return end
        return at

    def updated_at(self, connection: Connection, before: datetime) -> datetime:
        """Now, or the free second before it; never earlier than `before`."""
        self._load(connection, "updated_at", self._now.astimezone(self._zone).date())
        return max(self._taken["updated_at"].take_last_until(self._now, not_before=before), before)

    def _load(self, connection: Connection, column: str, day: date) -> None:
        """Learn which times of a day are taken in the store."""
        if (column, day) in self._loaded:
            return
        start = datetime.combine(day, time(), self._zone)
        self._taken[column].learn(article_store.times_taken(connection, column, start, start + _DAY))
        self._loaded.add((column, day))
