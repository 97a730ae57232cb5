"""Letters that answer readers: editions of their own kinds, one a day for each thing there is to say."""

from collections.abc import Callable, Collection
from datetime import date, datetime

from sqlalchemy import Connection, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import (
    EDITORIAL,
    DeliveryState,
    EditionKind,
    EditionState,
    EditionText,
)
from publisher.store.editions import add_texts
from publisher.store.schema import deliveries, editions, requests

_EDITORIAL = list(EDITORIAL)
_WAITS = (DeliveryState.PENDING, DeliveryState.DEFERRED)


def find_or_freeze(
    connection: Connection,
    *,
    kind: EditionKind,
    digest: str,
    occasion: str,
    local_date: date,
    language: str,
    render: Callable[[], Collection[EditionText]],
    now: datetime,
) -> int:
    """The edition that says this today; its letters are rendered and frozen when it is the first one."""
    here = (
        (editions.c.digest == digest)
        & (editions.c.local_date == local_date)
        & (editions.c.occasion == occasion)
    )
    edition_id = connection.scalar(select(editions.c.id).where(here))
    if edition_id is None:
        values = {
            "digest": digest,
            "local_date": local_date,
            "kind": kind,
            "occasion": occasion,
            "state": EditionState.FROZEN,
            "frozen_at": now,
            "language": language,
        }
        (edition_id,) = connection.execute(insert(editions).values(values)).inserted_primary_key or (0,)
        add_texts(connection, int(edition_id), render())
    return int(edition_id)


def add_recipient(
    connection: Connection, edition_id: int, subscriber_id: int, *, language: str, now: datetime
) -> None:
    """One more reader gets the letter; nobody gets it twice. An edition that was done goes on."""
    statement = upsert(deliveries).values(
        edition_id=edition_id,
        subscriber_id=subscriber_id,
        language=language,
        state=DeliveryState.PENDING,
        attempts=0,
        due_at=now,
        changed_at=now,
    )
    if connection.execute(statement.on_conflict_do_nothing()).rowcount:
        done = (editions.c.id == edition_id) & (editions.c.state == EditionState.DONE)
        connection.execute(update(editions).where(done).values(state=EditionState.FROZEN))


def count_unknown(connection: Connection, *, since: datetime) -> int:
    """Answers of which nobody knows whether they arrived."""
    query = (
        select(func.count())
        .select_from(deliveries.join(editions, editions.c.id == deliveries.c.edition_id))
        .where(editions.c.kind.not_in(_EDITORIAL), editions.c.frozen_at >= since)
        .where(deliveries.c.state == DeliveryState.UNKNOWN)
    )
    return connection.scalar(query) or 0


def is_something_due(connection: Connection, *, now: datetime) -> bool:
    """Whether a request waits for its answer, or an answer waits to be sent."""
    asked = exists().where(requests.c.answered_at.is_(None))
    due = exists().where(
        editions.c.kind.not_in(_EDITORIAL),
        editions.c.state == EditionState.FROZEN,
        deliveries.c.edition_id == editions.c.id,
        deliveries.c.state.in_(_WAITS),
        deliveries.c.due_at <= now,
    )
    # A sender is at work, or was killed: whoever looks next settles what that one left.
    held = exists().where(
        deliveries.c.lease.is_not(None),
        editions.c.id == deliveries.c.edition_id,
        editions.c.kind.not_in(_EDITORIAL),
    )
    return bool(connection.scalar(select(asked | due | held)))
