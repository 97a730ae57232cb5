"""The ledger: one row for every message to every subscriber, and what became of it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, exists, func, select, update

from publisher.model import Claim, DeliveryState, SubscriptionState
from publisher.store.editions import close_if_done
from publisher.store.engine import reading, writing
from publisher.store.schema import deliveries, editions, subscribers, subscriptions


class Ledger:
    """The deliveries of one edition. Every change is committed before the method returns."""

    def __init__(self, engine: Engine, edition_id: int) -> None:
        self._engine = engine
        self._edition_id = edition_id

    def claim(self, limit: int, *, lease: timedelta, now: datetime) -> list[Claim]:
        """Take up to `limit` deliveries that are due. No other sender can take them while the lease lasts."""
        token = uuid4().hex
        due = (
            select(deliveries.c.subscriber_id)
            .where(
                deliveries.c.edition_id == self._edition_id,
                deliveries.c.state.in_([DeliveryState.PENDING, DeliveryState.DEFERRED]),
                deliveries.c.due_at <= now,
            )
            .order_by(deliveries.c.subscriber_id)
            .limit(limit)
        )
        mine = (deliveries.c.edition_id == self._edition_id) & (deliveries.c.lease == token)
        with writing(self._engine) as connection:
            connection.execute(
                update(deliveries)
                .where(deliveries.c.edition_id == self._edition_id, deliveries.c.subscriber_id.in_(due))
                .values(state=DeliveryState.CLAIMED, lease=token, lease_until=now + lease, changed_at=now)
            )
            rows = connection.execute(
                select(
                    deliveries.c.edition_id,
                    deliveries.c.subscriber_id,
                    subscribers.c.address,
                    subscribers.c.name,
                    deliveries.c.lease,
                    deliveries.c.attempts,
                )
                .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
                .where(mine)
                .order_by(deliveries.c.subscriber_id)
            )
            return [Claim(**row._mapping) for row in rows]  # noqa: SLF001 — its public name

    def fence(self, claim: Claim, *, lease: timedelta, now: datetime) -> bool:
        """The last check before a message is committed to: True moves it to `sending`, on a fresh lease.

        False means hands off: the lease is lost, or the subscriber has left since the edition was frozen.
        """
        subscribed = exists().where(
            subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
            subscriptions.c.digest == editions.c.digest,
            editions.c.id == deliveries.c.edition_id,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
        )
        with writing(self._engine) as connection:
            moved = connection.execute(
                update(deliveries)
                .where(_held_by(claim), deliveries.c.state == DeliveryState.CLAIMED, subscribed)
                .values(state=DeliveryState.SENDING, lease_until=now + lease, changed_at=now)
            ).rowcount
            if not moved:
                connection.execute(
                    update(deliveries)
                    .where(_held_by(claim), deliveries.c.state == DeliveryState.CLAIMED)
                    .values(state=DeliveryState.SUPPRESSED, lease=None, lease_until=None, changed_at=now)
                )
        return bool(moved)

    def record(
        self, claim: Claim, state: DeliveryState, *, reply: str, due_at: datetime | None, now: datetime
    ) -> None:
        """Write down how a claimed delivery ended. `due_at` is the next try of one that was deferred."""
        values: dict[str, object] = {"state": state, "reply": reply, "attempts": claim.attempts + 1}
        values |= {"lease": None, "lease_until": None, "changed_at": now}
        if due_at is not None:
            values["due_at"] = due_at
        with writing(self._engine) as connection:
            connection.execute(update(deliveries).where(_held_by(claim)).values(values))

    def release(self, claim: Claim, *, now: datetime) -> None:
        """Give back a delivery that was claimed and not begun."""
        with writing(self._engine) as connection:
            connection.execute(
                update(deliveries)
                .where(_held_by(claim), deliveries.c.state == DeliveryState.CLAIMED)
                .values(state=DeliveryState.PENDING, lease=None, lease_until=None, changed_at=now)
            )

    def reclaim(self, *, now: datetime) -> None:
        """Settle what a sender that died left behind, once its lease has ended.

        What was only claimed is free again. What was being sent may have arrived: it is `unknown`.
        """
        ended = (deliveries.c.edition_id == self._edition_id) & (deliveries.c.lease_until < now)
        with writing(self._engine) as connection:
            for state, becomes in (
                (DeliveryState.CLAIMED, DeliveryState.PENDING),
                (DeliveryState.SENDING, DeliveryState.UNKNOWN),
            ):
                connection.execute(
                    update(deliveries)
                    .where(ended, deliveries.c.state == state)
                    .values(state=becomes, lease=None, lease_until=None, changed_at=now)
                )

    def close(self) -> None:
        """Mark the edition done if nothing of it is open."""
        with writing(self._engine) as connection:
            close_if_done(connection, self._edition_id)

    def counts(self) -> dict[DeliveryState, int]:
        with reading(self._engine) as connection:
            return count_deliveries(connection, [self._edition_id]).get(self._edition_id, {})


def _held_by(claim: Claim) -> ColumnElement[bool]:
    return (
        (deliveries.c.edition_id == claim.edition_id)
        & (deliveries.c.subscriber_id == claim.subscriber_id)
        & (deliveries.c.lease == claim.lease)
    )


def count_deliveries(
    connection: Connection, edition_ids: Collection[int]
) -> dict[int, dict[DeliveryState, int]]:
    """Deliveries by edition and state."""
    query = (
        select(deliveries.c.edition_id, deliveries.c.state, func.count())
        .where(deliveries.c.edition_id.in_(edition_ids))
        .group_by(deliveries.c.edition_id, deliveries.c.state)
    )
    counts: dict[int, dict[DeliveryState, int]] = {}
    for edition_id, state, count in connection.execute(query):
        counts.setdefault(edition_id, {})[DeliveryState(state)] = count
    return counts
