"""Subscribers and their subscriptions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from publisher.model import Subscriber, SubscriptionState
from publisher.store.schema import subscribers, subscriptions
from publisher.store.suppressions import is_erased, suppressed_since, welcome_back
from publisher.text.mailboxes import address_key


class Added(StrEnum):
    """What came of adding a subscription."""

    ADDED = "added"
    ALREADY = "already subscribed"
    LEFT = "unsubscribed earlier"
    """The reader said no; only the reader can say yes again."""
    SUPPRESSED = "suppressed"
    """Subscribed, but nothing is sent to the address; see `suppressions`."""
    ERASED = "erased at their wish"
    """Nothing is kept of the person; only they can come back."""


def add_subscription(
    connection: Connection,
    address: str,
    digest: str,
    *,
    name: str | None,
    origin: str,
    now: datetime,
    language: str | None = None,
    consented_at: datetime | None = None,
    again: bool = False,
) -> Added:
    """Subscribe an address to a digest, confirmed. `again` overrides an earlier unsubscription, or erasure.

    `address` is normalised already; addresses that differ in case only are one. `name` and `language` of
    someone who is known stay if none is given. `consented_at` is when the reader said yes; None: now.
    """
    if again:
        welcome_back(connection, address)
    found = _find_or_add(connection, address, name, language, now)
    if found is None:
        return Added.ERASED
    subscriber_id, suppressed = found
    here = (subscriptions.c.subscriber_id == subscriber_id) & (subscriptions.c.digest == digest)
    before = connection.execute(select(subscriptions.c.state, subscriptions.c.left_at).where(here)).first()
    state = before.state if before else None
    if before and (state == SubscriptionState.UNSUBSCRIBED or before.left_at) and not again:
        return Added.LEFT
    values = {
        "state": SubscriptionState.CONFIRMED,
        "origin": origin,
        "consented_at": consented_at or now,
        "asked_in": None,
        "left_at": None,
        "changed_at": now,
    }
    if state is None:
        connection.execute(insert(subscriptions).values(subscriber_id=subscriber_id, digest=digest, **values))
    elif state != SubscriptionState.CONFIRMED:
        connection.execute(update(subscriptions).where(here).values(values))
    if suppressed:
        return Added.SUPPRESSED
    return Added.ALREADY if state == SubscriptionState.CONFIRMED else Added.ADDED


def _find_or_add(
    connection: Connection, address: str, name: str | None, language: str | None, now: datetime
) -> tuple[int, bool] | None:
    """The subscriber's number, and whether nothing may be sent to the address; None when they were erased."""
    if is_erased(connection, address):  # also when a stranger has typed the address into our form since
        return None
    key = address_key(address)
    told = {what: value for what, value in (("name", name), ("language", language)) if value}
    query = select(subscribers.c.id, subscribers.c.suppressed_at).where(subscribers.c.address_key == key)
    found = connection.execute(query).first()
    if found is not None:
        if told:
            connection.execute(update(subscribers).where(subscribers.c.id == found.id).values(told))
        return found.id, found.suppressed_at is not None
    since = suppressed_since(connection, address)
    values = {"address": address, "address_key": key, "created_at": now, "suppressed_at": since} | told
    (added,) = connection.execute(insert(subscribers).values(values)).inserted_primary_key or (0,)
    return int(added), since is not None


def unsubscribe(connection: Connection, address: str, digest: str | None, *, now: datetime) -> int:
    """End the subscriptions of an address, to one digest or to all; returns how many ended."""
    who = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address)).scalar_subquery()
    theirs = subscriptions.c.subscriber_id == who
    if digest is not None:
        theirs &= subscriptions.c.digest == digest
    return end_subscriptions(connection, theirs, now=now)


def end_subscriptions(connection: Connection, which: ColumnElement[bool], *, now: datetime) -> int:
    """End those that have not ended; returns how many did."""
    statement = update(subscriptions).where(which, subscriptions.c.state != SubscriptionState.UNSUBSCRIBED)
    values = {"state": SubscriptionState.UNSUBSCRIBED, "changed_at": now}
    return connection.execute(statement.values(values)).rowcount


_PERSON = ("id", "address", "name", "language", "paused_until", "suppressed_at")


def list_subscribers(connection: Connection, *, digest: str | None = None) -> list[Subscriber]:
    """Every subscriber, or those with a subscription to `digest`; by address."""
    query = (
        select(*(subscribers.c[name] for name in _PERSON))
        .add_columns(subscriptions.c.digest, subscriptions.c.state, subscriptions.c.consented_at)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .order_by(subscribers.c.address_key, subscriptions.c.digest)
    )
    if digest is not None:
        query = query.where(subscriptions.c.digest == digest)
    found: dict[int, Subscriber] = {}
    for row in connection.execute(query):
        person = Subscriber(**{name: getattr(row, name) for name in _PERSON})
        subscriber = found.setdefault(row.id, person)
        subscriber.subscriptions[row.digest] = SubscriptionState(row.state)
        if row.consented_at:
            subscriber.consents[row.digest] = row.consented_at
    return list(found.values())


def count_confirmed(connection: Connection) -> dict[str, int]:
    """Confirmed subscriptions by digest."""
    query = (
        select(subscriptions.c.digest, func.count())
        .where(subscriptions.c.state == SubscriptionState.CONFIRMED)
        .group_by(subscriptions.c.digest)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
