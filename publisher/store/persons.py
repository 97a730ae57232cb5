"""What the books know of one person: to give it to them, and to erase it (GDPR, articles 15, 17 and 20)."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, delete, exists, select, update

from publisher.model import DeliveryState, SubscriptionState
from publisher.store.editions import close_if_done
from publisher.store.nobody import nobody
from publisher.store.schema import bounces, deliveries, editions, requests, subscribers, subscriptions
from publisher.store.suppressions import Suppression, find_suppressions, forget_address
from publisher.text.mailboxes import address_key

T = TypeVar("T")
UNCONFIRMED = timedelta(days=7)
"""So long is kept who was asked to confirm, and did not answer."""
_UNCLAIMED = (DeliveryState.PENDING, DeliveryState.DEFERRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A subscription, and how it came about."""

    digest: str
    state: str
    consented_at: datetime | None
    source: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked for on the web."""

    kind: str
    digests: str
    language: str
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A delivery, and the edition it is of."""

    digest: str
    local_date: date
    kind: str
    language: str
    state: str
    attempts: int
    due_at: datetime
    changed_at: datetime
    reply: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """A bounce, and the edition that came back."""

    kind: str
    digest: str | None
    local_date: date | None
    received_at: datetime
    diagnosis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """All that is known of somebody, and nothing of anybody else."""

    address: str
    name: str | None
    language: str | None
    known_since: datetime | None
    """None: they are no subscriber, and never were."""
    paused_until: datetime | None
    suppression: Suppression | None
    subscriptions: tuple[Consent, ...]
    requests: tuple[Request, ...]
    letters: tuple[Letter, ...]
    bounces: tuple[Return, ...]


class Erased(StrEnum):
    """What came of erasing a person's data."""

    ERASED = "erased"
    BEFORE = "was erased before"
    UNKNOWN = "nothing is known of it"


def find_person(connection: Connection, address: str) -> Person | None:
    """All that is known of the person with this address; None when nothing is."""
    key = address_key(address)
    columns = ("id", "address", "name", "language", "created_at", "paused_until")
    query = select(*(subscribers.c[name] for name in columns)).where(subscribers.c.address_key == key)
    row = connection.execute(query).first()
    asked = _load(connection, Request, select(requests).where(requests.c.address_key == key))
    suppression = find_suppressions(connection, [address]).get(address)
    if row is None and not asked and suppression is None:
        return None
    who = row.id if row else None
    return Person(
        address=row.address if row else address,
        name=row.name if row else None,
        language=row.language if row else None,
        known_since=row.created_at if row else None,
        paused_until=row.paused_until if row else None,
        suppression=suppression,
        subscriptions=_load(connection, Consent, _consents(who)),
        requests=asked,
        letters=_load(connection, Letter, _letters(who)),
        bounces=_load(connection, Return, _returns(who)),
    )


def _load(connection: Connection, kind: Callable[..., T], query: Select[Any]) -> tuple[T, ...]:
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # it is a dataclass
    return tuple(kind(**{name: row[name] for name in names}) for row in connection.execute(query).mappings())


def _consents(who: int | None) -> Select[Any]:
    query = select(subscriptions, subscriptions.c.origin.label("source"))
    return query.where(subscriptions.c.subscriber_id == who).order_by(subscriptions.c.digest)


def _letters(who: int | None) -> Select[Any]:
    names = ("language", "state", "attempts", "due_at", "changed_at", "reply")
    return (
        select(editions.c.digest, editions.c.local_date, editions.c.kind, *(deliveries.c[n] for n in names))
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .where(deliveries.c.subscriber_id == who)
        .order_by(deliveries.c.edition_id)
    )


def _returns(who: int | None) -> Select[Any]:
    return (
        select(bounces.c.kind, bounces.c.received_at, bounces.c.diagnosis)
        .add_columns(editions.c.digest, editions.c.local_date)
        .outerjoin(editions, editions.c.id == bounces.c.edition_id)
        .where(bounces.c.subscriber_id == who)
        .order_by(bounces.c.id)
    )


def erase(connection: Connection, address: str, *, now: datetime) -> Erased:
    """Forget a person.

    The books keep that letters were sent, but not to whom; and a keyed hash of the address, so that no import
    brings the person back. What waits to be sent ends as suppressed. A letter that a sender holds at this
    moment is stopped, if it is not being sent yet; how it ends is recorded, but not what the server says.
    """
    known = find_person(connection, address)
    if known is None:
        return Erased.UNKNOWN
    key = address_key(address)
    fresh = forget_address(connection, address, now=now)
    connection.execute(delete(requests).where(requests.c.address_key == key))
    who = connection.scalar(select(subscribers.c.id).where(subscribers.c.address_key == key))
    if who is not None:
        anonymise(connection, who, now)
    return Erased.ERASED if fresh or who is not None or known.requests else Erased.BEFORE


def forget_unconfirmed(connection: Connection, *, now: datetime) -> None:
    """Nothing of who never said yes is kept for long. Who had left before, and asked anew, has left."""
    never = subscriptions.c.state == SubscriptionState.PENDING
    waited = subscriptions.c.changed_at <= now - UNCONFIRMED
    left = {"state": SubscriptionState.UNSUBSCRIBED, "changed_at": subscriptions.c.left_at, "left_at": None}
    connection.execute(
        update(subscriptions).where(never, waited, subscriptions.c.left_at.is_not(None)).values(left)
    )
    gone = delete(subscriptions).where(never, waited).returning(subscriptions.c.subscriber_id)
    for who in set(connection.scalars(gone).all()):
        if not connection.scalar(select(exists().where(subscriptions.c.subscriber_id == who))):
            anonymise(connection, who, now)


def anonymise(connection: Connection, who: int, now: datetime) -> None:
    """Let the books forget whose number that is."""
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == who)
        .values(
            address=nobody(who),
            address_key=nobody(who),
            name=None,
            language=None,
            paused_until=None,
            suppressed_at=now,
        )
    )
    connection.execute(delete(subscriptions).where(subscriptions.c.subscriber_id == who))
    theirs = deliveries.c.subscriber_id == who
    connection.execute(update(deliveries).where(theirs).values(reply=None))
    stopped = connection.scalars(
        update(deliveries)
        .where(theirs, deliveries.c.state.in_(_UNCLAIMED))
        .values(state=DeliveryState.SUPPRESSED, changed_at=now)
        .returning(deliveries.c.edition_id)
    ).all()
    for edition_id in stopped:
        close_if_done(connection, edition_id)
    connection.execute(update(bounces).where(bounces.c.subscriber_id == who).values(diagnosis=""))
