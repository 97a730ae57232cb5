"""What readers say by themselves: yes to a digest, no, how they want their letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import EditionKind, SubscriptionState
from publisher.store.nobody import is_nobody
from publisher.store.schema import deliveries, editions, subscribers, subscriptions
from publisher.store.subscribers import end_subscriptions
from publisher.store.suppressions import welcome_back
from publisher.text.mailboxes import address_key

CONFIRM_WITHIN = timedelta(hours=48)
_LETTERS = 5
"""More are not looked at: their time is long over."""


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
    changed: dict[str, datetime]
    """Since when it is so, by slug."""

    @property
    def confirmed(self) -> list[str]:
        return [slug for slug, state in self.digests.items() if state is SubscriptionState.CONFIRMED]

    @property
    def left(self) -> list[str]:
        return [slug for slug, state in self.digests.items() if state is SubscriptionState.UNSUBSCRIBED]


def find(connection: Connection, address: str) -> Settings | None:
    """The subscriber with an address."""
    here = subscribers.c.address_key == address_key(address)
    subscriber_id = connection.scalar(select(subscribers.c.id).where(here))
    return with_id(connection, subscriber_id) if subscriber_id is not None else None


def with_id(connection: Connection, subscriber_id: int) -> Settings | None:
    """The subscriber with a number; None of somebody whose data were erased."""
    row = connection.execute(select(subscribers).where(subscribers.c.id == subscriber_id)).first()
    states = connection.execute(
        select(subscriptions.c.digest, subscriptions.c.state, subscriptions.c.changed_at)
        .where(subscriptions.c.subscriber_id == subscriber_id)
        .order_by(subscriptions.c.digest)
    ).all()
    if row is None or is_nobody(row.address):
        return None
    return Settings(
        id=row.id,
        address=row.address,
        language=row.language,
        paused_until=row.paused_until,
        is_suppressed=row.suppressed_at is not None,
        digests={slug: SubscriptionState(state) for slug, state, _ in states},
        changed={slug: changed_at for slug, _, changed_at in states},
    )


def add(connection: Connection, address: str, *, language: str, now: datetime) -> Settings:
    """A subscriber whom nobody knew and who may be written to, with the language they asked in."""
    values = {
        "address": address,
        "address_key": address_key(address),
        "language": language,
        "created_at": now,
    }
    (subscriber_id,) = connection.execute(insert(subscribers).values(values)).inserted_primary_key or (0,)
    return Settings(
        id=int(subscriber_id),
        address=address,
        language=language,
        paused_until=None,
        is_suppressed=False,
        digests={},
        changed={},
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


def confirmation_letters(connection: Connection, subscriber_id: int) -> list[int]:
    """The editions whose letters asked a reader to confirm something, the newest first."""
    query = (
        select(editions.c.id)
        .join(deliveries, deliveries.c.edition_id == editions.c.id)
        .where(deliveries.c.subscriber_id == subscriber_id, editions.c.kind == EditionKind.CONFIRMATION)
        .order_by(editions.c.id.desc())
        .limit(_LETTERS)
    )
    return list(connection.scalars(query))


def to_confirm(connection: Connection, subscriber_id: int, *, edition_id: int, now: datetime) -> list[str]:
    """The digests that a letter asked about, for as long as the reader may say yes; then none."""
    query = select(subscriptions.c.digest).where(_is_open(subscriber_id, edition_id, now))
    return list(connection.scalars(query.order_by(subscriptions.c.digest)))


def _is_open(subscriber_id: int, edition_id: int, now: datetime) -> ColumnElement[bool]:
    return and_(
        subscriptions.c.subscriber_id == subscriber_id,
        subscriptions.c.asked_in == edition_id,
        subscriptions.c.state == SubscriptionState.PENDING,
        subscriptions.c.changed_at >= now - CONFIRM_WITHIN,
    )


def confirm(connection: Connection, subscriber_id: int, *, edition_id: int, now: datetime) -> list[str]:
    """The reader says yes to what the letter asked; returns the digests. Empty: too late, or said before.

    Who was erased and comes back is written to again.
    """
    confirmed = list(
        connection.scalars(
            update(subscriptions)
            .where(_is_open(subscriber_id, edition_id, now))
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
    return end_subscriptions(connection, here, now=now) == 1


def leave_all(connection: Connection, subscriber_id: int, *, now: datetime) -> list[str]:
    """End every subscription, also those that wait for a yes; returns the digests that were real."""
    theirs = subscriptions.c.subscriber_id == subscriber_id
    real = theirs & (subscriptions.c.state == SubscriptionState.CONFIRMED)
    confirmed = list(connection.scalars(select(subscriptions.c.digest).where(real)))
    end_subscriptions(connection, theirs, now=now)
    return sorted(confirmed)


def set_manner(
    connection: Connection, subscriber_id: int, *, language: str | None, paused_until: datetime | None
) -> None:
    """How a reader wants their letters. A language of None is that of each digest."""
    here = subscribers.c.id == subscriber_id
    connection.execute(update(subscribers).where(here).values(language=language, paused_until=paused_until))


def join(connection: Connection, subscriber_id: int, digest: str, *, now: datetime) -> None:
    """Subscribe somebody who gets letters of ours, and so holds the mailbox: nothing is left to confirm."""
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
