"""How fast messages may leave. Pure but for its own counters: the clock is a parameter.

The limits are those of one sending process.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.config import Limits

_SLOW_DOWN = re.compile(r"\b4\.7\.\d{1,3}\b")
"""RFC 3463: refused for now, for reasons of security or policy. Large providers say «too fast» with it."""
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
_UNLIMITED = 1_000_000


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back with time: so many a second, and no more than fit in."""

    rate: float
    capacity: float
    filled_at: datetime
    tokens: float

    def fill(self, now: datetime) -> None:
        passed = max(0.0, (now - self.filled_at).total_seconds())
        self.tokens = min(self.capacity, self.tokens + passed * self.rate)
        self.filled_at = now

    def ready_at(self, now: datetime) -> datetime:
        self.fill(now)
        return now + timedelta(seconds=max(0.0, 1 - self.tokens) / self.rate)


class Pace:
    """Says whether a message may leave now, and if not, when.

    Threads may share one: if they count at the same moment, one message too many may leave.
    """

    def __init__(self, limits: Limits, *, now: datetime) -> None:
        self._all = [
            _Bucket(rate, max(1.0, rate), now, 1.0)
            for rate in (limits.per_second, limits.per_hour / 3600)
            if rate
        ]
        self._domains = {
            domain: _Bucket(rate, float(rate), now, float(rate)) for domain, rate in limits.domains.items()
        }
        self._tails: dict[str, datetime] = {}
        """When the last of those that were put off may try again, by domain."""
        self._pauses: dict[str, tuple[timedelta, datetime]] = {}
        """How long a domain was left in peace last, and until when."""

    def allowance(self, now: datetime) -> int:
        """How many messages may leave now, to whomever."""
        for bucket in self._all:
            bucket.fill(now)
        return int(min((bucket.tokens for bucket in self._all), default=_UNLIMITED))

    def next_at(self, now: datetime) -> datetime:
        """When the next message may leave."""
        return max((bucket.ready_at(now) for bucket in self._all), default=now)

    def admit(self, domain: str, now: datetime) -> datetime | None:
        """Let a message to this domain leave, and count it (None); or say when it may try again."""
        bucket = self._domains.get(domain)
        pause = self._pauses.get(domain)
        free_at = max(bucket.ready_at(now) if bucket else now, pause[1] if pause else now)
        if free_at > now:
            # One behind the other: they must not all come back at once.
            gap = timedelta(seconds=1 / bucket.rate) if bucket else timedelta()
            self._tails[domain] = max(free_at, self._tails.get(domain, now) + gap)
            return self._tails[domain]
        for each in (*self._all, *([bucket] if bucket else [])):
            each.tokens -= 1
        return None

    def heed(self, domain: str, reply: str, now: datetime) -> None:
        """Leave a domain in peace that says we are too fast; longer each time."""
        if _SLOW_DOWN.search(reply):
            last, until = self._pauses.get(domain, (timedelta(), now))
            if until <= now:
                pause = min(_LONGEST_PAUSE, last * 2 or _FIRST_PAUSE)
                self._pauses[domain] = (pause, now + pause)

    def welcome(self, domain: str) -> None:
        """The domain takes messages again."""
        self._pauses.pop(domain, None)
