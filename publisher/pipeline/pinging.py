"""WebSub (W3C Recommendation): the hub is told which feeds changed, after they are live.

feeds about to change ─ note_changed_feeds ─▶ store ─ (the feeds go live) ─ ping_hub ─▶ hub

What is noted outlives the process: whoever is killed in between, the next run tells the hub.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from msgspec.structs import replace
from sqlalchemy import Engine

from publisher.addresses import is_live_feed
from publisher.config import Config
from publisher.errors import NetworkError, Problem
from publisher.pipeline.idle import forget
from publisher.store.engine import reading, writing
from publisher.store.pings import Ping, load_pings, note_topics, save_pings

TIMEOUT = 10.0
"""Seconds that the hub has for one answer."""
_BUDGET = 30.0
"""Seconds after which the rest waits for the next run: readers wait for no hub."""
_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=1)
_GIVE_UP = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    warnings: tuple[Problem, ...] = ()
    due: datetime | None = None
    """When the next attempt is to be made; None: the hub knows all."""


def note_changed_feeds(config: Config, engine: Engine, paths: Iterable[str]) -> None:
    """Note of which feeds the hub must be told; durable when this returns, so call it before they go live.

    `paths` are the files under the output folder that are about to change, feeds or not.
    """
    topics = [config.site.url + path for path in paths if is_live_feed(path)]
    if topics and config.feeds.hub:
        with writing(engine) as connection:
            note_topics(connection, topics)
            forget(connection)  # a run that is killed now has left something to do


def ping_hub(config: Config, engine: Engine, *, now: datetime, timeout: float = TIMEOUT) -> Pinged:
    """Tell the hub of every feed that waits and whose turn has come. Trouble with it is only ever a warning.

    Raises:
        StoreError: the store cannot be used.
    """
    with reading(engine) as connection:
        waiting = load_pings(connection)
    if config.feeds.hub:
        answers = _tell(config.feeds.hub, [ping.topic for ping in waiting if _is_due(ping, now)], timeout)
    else:  # there is none any more: nobody is left to tell
        answers = {ping.topic: "" for ping in waiting}
    left = list(_left(waiting, answers, now))
    if answers:
        with writing(engine) as connection:
            save_pings(connection, left)
    due = min((ping.due or now for ping in left), default=None)
    return Pinged(warnings=tuple(_warn(config, answers, left)), due=due)


def _left(waiting: Iterable[Ping], answers: Mapping[str, str], now: datetime) -> Iterator[Ping]:
    """Those whose turn has not come, and those that failed and are tried again."""
    for ping in waiting:
        if ping.topic not in answers:
            yield ping
        elif answers[ping.topic]:
            later = _put_off(ping, now)
            if not _is_over(later, now):
                yield later


def _tell(hub: str, topics: Sequence[str], timeout: float) -> dict[str, str]:
    """What went wrong, by topic; empty where nothing did. A topic whose turn did not come is not there."""
    from publisher.fetch import post_form  # few runs have something to tell, and it loads Python's HTTP

    answers: dict[str, str] = {}
    start = monotonic()
    for topic in topics:
        if monotonic() - start > _BUDGET:
            break
        try:
            # Hubs that are older than the Recommendation know the first name, others the second.
            status = post_form(
                hub, {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}, timeout=timeout
            )
        except NetworkError as error:  # it will not be there for the others either
            trouble = error.problems[0].cause
            return dict.fromkeys(topics, trouble) | answers
        answers[topic] = "" if status // 100 == 2 else f"it answers {status}"
    return answers


def _is_due(ping: Ping, now: datetime) -> bool:
    """Its time has come, or lies further ahead than any was set: the clock was set back."""
    return ping.due is None or not now < ping.due <= now + _LONGEST_DELAY


def _put_off(ping: Ping, now: datetime) -> Ping:
    delay = min(_FIRST_DELAY * 2 ** min(ping.attempts, 10), _LONGEST_DELAY)
    return replace(ping, attempts=ping.attempts + 1, failing_since=ping.failing_since or now, due=now + delay)


def _is_over(ping: Ping, now: datetime) -> bool:
    return ping.failing_since is not None and now - ping.failing_since >= _GIVE_UP


def _warn(config: Config, answers: Mapping[str, str], left: Iterable[Ping]) -> Iterator[Problem]:
    """A line for each kind of trouble, however many feeds it met."""
    due = {ping.topic: ping.due for ping in left}
    for trouble in dict.fromkeys(filter(None, answers.values())):
        topics = [topic for topic, met in answers.items() if met == trouble]
        what = topics[0] if len(topics) == 1 else f"{topics[0]} and {len(topics) - 1} more"
        again = due.get(topics[0])
        then = f"again at {again.astimezone(config.site.timezone):%H:%M}" if again else "not tried any more"
        yield Problem(
            where=str(config.feeds.hub),
            cause=f"was not told that {what} changed ({trouble}); {then}",
            hint="check feeds.hub; the feeds themselves are live",
        )
