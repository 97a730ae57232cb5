"""When a digest is due. A slot is a local date; what is due is computed, never remembered by a timer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from dateutil.rrule import DAILY, rrule
from dateutil.tz import resolve_imaginary

from publisher.config import WEEKDAYS, Digest


def slot_at(digest: Digest, day: date) -> datetime:
    """The moment of a date's slot, in UTC.

    A time that the clocks skip that day comes as much later; one that they pass twice means the first pass.
    """
    local = datetime.combine(day, digest.time, digest.timezone)
    return resolve_imaginary(local).astimezone(UTC)


def latest_slot(digest: Digest, *, now: datetime) -> date | None:
    """The local date of the last slot that has come; None in the first week of all."""
    return max((day for day in _days_around(digest, now) if slot_at(digest, day) <= now), default=None)


def next_slot(digest: Digest, *, now: datetime) -> date:
    """The local date of the first slot still to come."""
    return min(day for day in _days_around(digest, now) if slot_at(digest, day) > now)


def _days_around(digest: Digest, now: datetime) -> Iterator[date]:
    """Every sending day from eight days ago to eight days ahead."""
    today = datetime.combine(now.astimezone(digest.timezone).date(), digest.time)
    week = timedelta(days=8)
    days = [WEEKDAYS.index(day) for day in digest.days]
    rule = rrule(DAILY, dtstart=today - week, until=today + week, byweekday=days)
    return (moment.date() for moment in rule)
