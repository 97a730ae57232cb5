"""How much there is of what: numbers for whoever watches the publisher, each from one small query."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from publisher.model import OPEN_DELIVERY_STATES, DeliveryState, EditionKind, EditionState
from publisher.store.schema import (
    Instant,
    articles,
    deliveries,
    editions,
    requests,
    sources,
    subscriptions,
    suppressions,
)

_WATCHED = [DeliveryState.UNKNOWN, *OPEN_DELIVERY_STATES]
"""Deliveries that somebody may have to do something about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Something that is counted, or the time of the last one in seconds since 1970."""

    name: str
    about: str
    labels: tuple[str, ...] = ()
    values: tuple[tuple[tuple[str, ...], float], ...]
    """For each value, the values of the labels."""


def read_gauges(connection: Connection) -> Iterator[Gauge]:
    for name, about, labels, query in _QUERIES:
        rows = connection.execute(query).all()
        values = tuple((tuple(map(str, row[:-1])), _number(row[-1])) for row in rows if row[-1] is not None)
        yield Gauge(name=name, about=about, labels=labels, values=values)


def touch(connection: Connection) -> None:
    """Read a row, if there is one: a store that cannot be read raises here."""
    connection.execute(select(editions.c.id).limit(1)).first()


def _number(value: Any) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)


_COUNT = func.count()
_SENT_OUT = editions.c.state.in_([EditionState.FROZEN, EditionState.DONE])
_UNFINISHED = select(editions.c.id).where(editions.c.state.in_([EditionState.FROZEN, EditionState.HELD]))
_IS_UNKNOWN = deliveries.c.state == DeliveryState.UNKNOWN
_IS_WATCHED = deliveries.c.state.in_(_WATCHED) & (deliveries.c.edition_id.in_(_UNFINISHED) | _IS_UNKNOWN)
_IS_SEEN = articles.c.public_since.is_not(None) & articles.c.withdrawn_at.is_(None)
_QUERIES: tuple[tuple[str, str, tuple[str, ...], Select[Any]], ...] = (
    (
        "subscriptions",
        "By digest and state.",
        ("digest", "state"),
        select(subscriptions.c.digest, subscriptions.c.state, _COUNT).group_by(
            subscriptions.c.digest, subscriptions.c.state
        ),
    ),
    (
        "deliveries",
        "Not ended, or unknown.",
        ("state",),
        select(deliveries.c.state, _COUNT).where(_IS_WATCHED).group_by(deliveries.c.state),
    ),
    (
        "editions_held",
        "They wait for the operator.",
        ("digest",),
        select(editions.c.digest, _COUNT).where(editions.c.state == EditionState.HELD).group_by("digest"),
    ),
    (
        "edition_frozen_seconds",
        "When each digest's newest edition was frozen.",
        ("digest",),
        select(editions.c.digest, func.max(editions.c.frozen_at, type_=Instant))
        .where(editions.c.kind == EditionKind.REGULAR, _SENT_OUT)
        .group_by("digest"),
    ),
    ("suppressions", "Addresses to which nothing is sent.", (), select(_COUNT).select_from(suppressions)),
    (
        "requests_waiting",
        "Readers who asked on the web, and have no answer yet.",
        (),
        select(_COUNT).select_from(requests).where(requests.c.answered_at.is_(None)),
    ),
    (
        "files_refused",
        "Article files that cannot be read.",
        (),
        select(_COUNT).select_from(sources).where(sources.c.cause.is_not(None)),
    ),
    ("stories", "Published.", (), select(_COUNT).select_from(articles).where(_IS_SEEN)),
    (
        "story_published_seconds",
        "When the newest story was published.",
        (),
        select(func.max(articles.c.public_since, type_=Instant)),
    ),
)
"""The last column is the value."""
