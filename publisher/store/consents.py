"""What readers say by themselves: yes to a digest, no, how they want their letters."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import SubscriptionState, SuppressionReason
from publisher.store.schema import subscribers, subscriptions
from publisher.store.suppressions import find_reason, welcome_back

CONFIRM_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A subscriber, as they see themselves."""

    id: int
    address: str
    language: str | None
    paused_until: datetime | None
    is_suppressed: bool
    digests: dict[str, SubscriptionState]
    """By slug; those they have, had, or asked for."""

    @property
    def confirmed(self) -> list[str]:
        return [slug for slug, state in self.digests.items() if state is SubscriptionState.CONFIRMED]

    @property
    def left(self) -> list[str]:
        return [slug for slug, state in self.digests.items() if state is SubscriptionState.UNSUBSCRIBED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A subscription that waits for its reader's word."""

    digest: str
    asked_in: int
    """The edition whose letter asked."""
    is_open: bool
    """Whether the word may still be given."""


def find(connection: Connection, address: str) -> Settings | None:
    """The subscriber with an address."""
    here = subscribers.c.address_key == address.casefold()
    subscriber_id = connection.scalar(select(subscribers.c.id).where(here))
    return with_id(connection, subscriber_id) if subscriber_id is not None else None


def with_id(connection: Connection, subscriber_id: int) -> Settings | None:
    row = connection.execute(select(subscribers).where(subscribers.c.id == subscriber_id)).first()
    states = connection.execute(
        select(subscriptions.c.digest, subscriptions.c.state)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(subscriptions.c.digest)
    ).all()
    if row is None:
        return None
    return Settings(
        id=row.id,
        address=row.address,
        language=row.language,
        paused_until=row.paused_until,
        is_suppressed=row.suppressed_at is not None,
        digests={slug: SubscriptionState(state) for slug, state in states},
    )


def add(connection: Connection, address: str, *, language: str, now: datetime) -> Settings:
    """A subscriber whom nobody knew, with the language they asked in.

    Nothing is sent to who is suppressed; but who was erased may come back.
    """
    reason = find_reason(connection, address)
    is_suppressed = reason is not None and reason is not SuppressionReason.ERASED
    values = {
        "address": address,
        "address_key": address.casefold(),
        "language": language,
        "created_at": now,
        "suppressed_at": now if is_suppressed else None,
    }
    (subscriber_id,) = connection.execute(insert(subscribers).values(values)).inserted_primary_key or (0,)
    return Settings(
        id=int(subscriber_id),
        address=address,
        language=language,
        paused_until=None,
        is_suppressed=is_suppressed,
        digests={},
    )


def ask_to_confirm(
    connection: Connection, subscriber_id: int, digests: Sequence[str], *, edition_id: int, now: datetime
) -> None:
    """Subscriptions that become real when the reader confirms them; the edition's letter asks."""
    for digest in digests:
        values = {
            "state": SubscriptionState.PENDING,
            "origin": "web",
            "asked_in": edition_id,
            "changed_at": now,
        }
        statement = upsert(subscriptions).values(subscriber_id=subscriber_id, digest=digest, **values)
        had_left = subscriptions.c.state == SubscriptionState.UNSUBSCRIBED
        left_at = case((had_left, subscriptions.c.changed_at), else_=subscriptions.c.left_at)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["subscriber_id", "digest"], set_=values | {"left_at": left_at}
            )
        )


def asked_of(connection: Connection, subscriber_id: int, *, now: datetime) -> list[Asked]:
    """What a reader was asked to confirm, answered already or not."""
    query = select(subscriptions).where(
        subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.asked_in.is_not(None)
    )
    return [
        Asked(
            digest=row.digest,
            asked_in=row.asked_in,
            is_open=row.state == SubscriptionState.PENDING and now - row.changed_at <= CONFIRM_WITHIN,
        )
        for row in connection.execute(query.order_by(subscriptions.c.digest))
    ]


def confirm(connection: Connection, subscriber_id: int, *, edition_id: int, now: datetime) -> list[str]:
    """The reader says yes to what the letter asked; returns the digests. Empty: too late, or said before.

    Who was erased and comes back is written to again.
    """
    confirmed = list(
        connection.scalars(
            update(subscriptions)
            .where(
                subscriptions.c.subscriber_id == subscriber_id,
                subscriptions.c.asked_in == edition_id,
                subscriptions.c.state == SubscriptionState.PENDING,
                subscriptions.c.changed_at >= now - CONFIRM_WITHIN,
            )
            .values(state=SubscriptionState.CONFIRMED, consented_at=now, left_at=None, changed_at=now)
            .returning(subscriptions.c.digest)
        )
    )
    if confirmed:
        who = select(subscribers.c.address).where(subscribers.c.id == subscriber_id)
        address = connection.scalar(who) or ""
        welcome_back(connection, address)
    return sorted(confirmed)


def leave(connection: Connection, subscriber_id: int, digest: str, *, now: datetime) -> bool:
    """End one subscription. False when there was none to end."""
    here = (subscriptions.c.subscriber_id == subscriber_id) & (subscriptions.c.digest == digest)
    statement = update(subscriptions).where(here, subscriptions.c.state != SubscriptionState.UNSUBSCRIBED)
    values = {"state": SubscriptionState.UNSUBSCRIBED, "changed_at": now}
    return connection.execute(statement.values(values)).rowcount == 1


def change_settings(
    connection: Connection,
    before: Settings,
    *,
    digests: Collection[str],
    offered: Collection[str],
    language: str | None,
    paused_until: datetime | None,
    now: datetime,
) -> list[str]:
    """Make the settings what the reader chose among the digests offered; returns those that they left."""
    here = subscribers.c.id == before.id
    values = {"language": language, "paused_until": paused_until}
    connection.execute(update(subscribers).where(here).values(values))
    for digest in offered:
        if digest in digests and digest not in before.confirmed:
            _join(connection, before.id, digest, now=now)
    gone = [slug for slug in before.confirmed if slug in offered and slug not in digests]
    return [slug for slug in gone if leave(connection, before.id, slug, now=now)]


def _join(connection: Connection, subscriber_id: int, digest: str, *, now: datetime) -> None:
    """Who holds a letter's token has its mailbox: nothing is left to confirm."""
    values = {
        "state": SubscriptionState.CONFIRMED,
        "origin": "web",
        "consented_at": now,
        "left_at": None,
        "changed_at": now,
    }
    statement = upsert(subscriptions).values(subscriber_id=subscriber_id, digest=digest, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["subscriber_id", "digest"], set_=values)
    )
