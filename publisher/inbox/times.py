"""The times a story is given once, with the times that are taken kept at hand."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from publisher.config import Site
from publisher.identity import TakenTimes, embargo_ends_at, mint_published_at
from publisher.model import Article
from publisher.store import articles as article_store

_DAY = timedelta(days=1)


class Minter:
    """Mints `published_at` and `updated_at`, so that no two stories share one by chance."""

    def __init__(self, site: Site, now: datetime) -> None:
        self._zone = site.timezone
        self._now = now
        self._taken: dict[tuple[str, date], TakenTimes] = {}

    def published_at(self, connection: Connection, article: Article) -> datetime:
        """When the story counts as published; a story under embargo, not before its end."""
        start = datetime.combine(article.dateline.day, time(), self._zone)
        # A story with a clock time needs no look at the others.
        taken = TakenTimes() if article.dateline.clock else self._times(connection, "published_at", start)
        at = mint_published_at(article.dateline, self._zone, first_seen_at=self._now, taken=taken)
        return max(at, embargo_ends_at(article.embargo, self._zone)) if article.embargo else at

    def updated_at(self, connection: Connection, before: datetime) -> datetime:
        """Now, or the free second before it; never earlier than `before`."""
        taken = self._times(connection, "updated_at", self._now)
        return max(taken.take_last_until(self._now), before)

    def _times(self, connection: Connection, column: str, day: datetime) -> TakenTimes:
        key = (column, day.date())
        if key not in self._taken:
            times = article_store.times_taken(connection, column, day - _DAY, day + 2 * _DAY)
            self._taken[key] = TakenTimes(times)
        return self._taken[key]
