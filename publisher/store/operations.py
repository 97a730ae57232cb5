"""What an operator does with editions. Every change asks for the state it starts from, in its own WHERE."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, delete, exists, insert, literal, select, update

from publisher.model import (
    DeliveryState,
    Edition,
    EditionKind,
    EditionState,
    EditionText,
    SubscriptionState,
)
from publisher.store.deliveries import end_canceled
from publisher.store.editions import add_texts, close_if_done, record_empty_slot
from publisher.store.marks import note_change
from publisher.store.schema import (
    IS_CURRENT,
    articles,
    deliveries,
    edition_articles,
    editions,
    revisions,
    subscribers,
    subscriptions,
)
from publisher.text.mailboxes import address_key

_GOT_IT = (DeliveryState.SENT, DeliveryState.UNKNOWN)
"""Readers who have the letter, or may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A story of an edition, under the title it has now."""

    public_id: str
    slug: str
    title: str
    position: int | None
    """None: it is one of those counted in "and N more"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one subscriber, as the books have it."""

    address: str
    language: str
    state: DeliveryState
    attempts: int
    due_at: datetime
    """Of one that is pending or deferred: its next try."""
    changed_at: datetime
    reply: str | None
    """What the server said last."""


def hold(connection: Connection, edition_id: int, *, reason: str) -> bool:
    """Senders stop at their next message. False when the edition is not frozen."""
    return _change(connection, edition_id, {EditionState.FROZEN}, EditionState.HELD, reason)


def resume(connection: Connection, edition_id: int) -> bool:
    """Let a held edition go on. False when it is not held."""
    changed = _change(connection, edition_id, {EditionState.HELD}, EditionState.FROZEN, None)
    if changed:
        close_if_done(connection, edition_id)  # its last delivery may have ended meanwhile
    return changed


def cancel(connection: Connection, edition_id: int, *, reason: str | None, now: datetime) -> bool:
    """Whoever has not got it will not get it. False when the edition is neither frozen nor held.

    What a live sender has claimed ends when it lets go; what it is sending, as it ends.
    """
    open_ = {EditionState.FROZEN, EditionState.HELD}
    changed = _change(connection, edition_id, open_, EditionState.CANCELED, reason)
    if changed:
        end_canceled(connection, deliveries.c.edition_id == edition_id, now=now)
    return changed


def _change(
    connection: Connection,
    edition_id: int,
    old: Collection[EditionState],
    new: EditionState,
    reason: str | None,
) -> bool:
    statement = update(editions).where(editions.c.id == edition_id, editions.c.state.in_(list(old)))
    return connection.execute(statement.values(state=new, reason=reason)).rowcount == 1


def make_way(connection: Connection, edition: Edition, *, now: datetime) -> bool:
    """Let the stories of a canceled edition wait again. False when somebody has it, or may have it.

    The edition stays in the books beside one that may be made anew: a sender may still hold claims of it.
    """
    may_have = (*_GOT_IT, DeliveryState.SENDING)
    if connection.scalar(
        select(exists().where(deliveries.c.edition_id == edition.id, deliveries.c.state.in_(may_have)))
    ):
        return False
    aside = f"canceled:{edition.id}"
    connection.execute(update(editions).where(editions.c.id == edition.id).values(occasion=aside))
    connection.execute(delete(edition_articles).where(edition_articles.c.edition_id == edition.id))
    if edition.kind is EditionKind.REGULAR:
        # The slot is over: only an operator may fill it again.
        record_empty_slot(connection, edition.digest, edition.local_date, language=edition.language, now=now)
    note_change(connection)  # of what waits for the next edition
    return True


def told_stories(connection: Connection, edition_id: int) -> list[ToldStory]:
    """The stories of an edition as the letter has them, then those it only counts."""
    query = (
        select(articles.c.public_id, articles.c.slug, revisions.c.title, edition_articles.c.position)
        .join_from(edition_articles, articles, articles.c.id == edition_articles.c.article_id)
        .join(revisions, IS_CURRENT)
        .where(edition_articles.c.edition_id == edition_id)
        .order_by(edition_articles.c.position.is_(None), edition_articles.c.position, articles.c.id)
    )
    return [ToldStory(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 — its public name


def list_deliveries(
    connection: Connection, edition_id: int, *, states: Collection[DeliveryState], limit: int | None = None
) -> list[Delivery]:
    """Deliveries in these states: state by state, then by address."""
    names = ("language", "state", "attempts", "due_at", "changed_at", "reply")
    order = case({str(state): number for number, state in enumerate(states)}, value=deliveries.c.state)
    query = (
        select(subscribers.c.address, *(deliveries.c[name] for name in names))
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state.in_(list(states)))
        .order_by(order, subscribers.c.address_key)
        .limit(limit)
    )
    found = (dict(row._mapping) for row in connection.execute(query))  # noqa: SLF001 — its public name
    return [Delivery(**row | {"state": DeliveryState(row["state"])}) for row in found]


def retry_unknown(
    connection: Connection, edition_id: int, *, addresses: Collection[str] | None, now: datetime
) -> list[str]:
    """Send again what may have arrived, to these addresses or (None) to all; returns to whom.

    An edition that was done is open again for it.
    """
    here = (deliveries.c.edition_id == edition_id) & (deliveries.c.state == DeliveryState.UNKNOWN)
    if addresses is not None:
        keys = [address_key(address) for address in addresses]
        here &= deliveries.c.subscriber_id.in_(
            select(subscribers.c.id).where(subscribers.c.address_key.in_(keys))
        )
    who = (
        select(subscribers.c.address)
        .join(deliveries, deliveries.c.subscriber_id == subscribers.c.id)
        .where(here)
        .order_by(subscribers.c.address_key)
    )
    found = list(connection.scalars(who))
    connection.execute(
        update(deliveries).where(here).values(state=DeliveryState.PENDING, due_at=now, changed_at=now)
    )
    if found:
        _change(connection, edition_id, {EditionState.DONE}, EditionState.FROZEN, None)
    return found


def find_telling(connection: Connection, digest: str, article_id: int) -> tuple[int, bool] | None:
    """The edition that has a story, and whether it tells it, or only counts it; None when none has it."""
    row = connection.execute(
        select(edition_articles.c.edition_id, edition_articles.c.position).where(
            edition_articles.c.digest == digest, edition_articles.c.article_id == article_id
        )
    ).first()
    return row and (row.edition_id, row.position is not None)


def freeze_correction(
    connection: Connection,
    *,
    told: Edition,
    local_date: date,
    occasion: str,
    texts: Collection[EditionText],
    now: datetime,
) -> int:
    """Fix a correction of an edition's story. It has no recipients yet. Returns the edition's id."""
    values = {
        "digest": told.digest,
        "local_date": local_date,
        "kind": EditionKind.CORRECTION,
        "occasion": occasion,
        "state": EditionState.FROZEN,
        "frozen_at": now,
        "language": told.language,
    }
    (edition_id,) = connection.execute(insert(editions).values(values)).inserted_primary_key or (0,)
    add_texts(connection, edition_id, texts)
    return int(edition_id)


def add_correction_recipients(
    connection: Connection, edition_id: int, *, told: Edition, now: datetime
) -> int:
    """Everybody who got the edition, or may have, and does not stand in the correction's books yet.

    They get it in the language they were told the story in. Those who left since, or may not be written to,
    stand in the books as suppressed. Returns how many were added.
    """
    columns = ["edition_id", "subscriber_id", "language", "state", "attempts", "due_at", "changed_at"]
    at: ColumnElement[Any] = literal(now, deliveries.c.due_at.type)
    known = deliveries.alias()
    subscribed = exists().where(
        subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
        subscriptions.c.digest == told.digest,
        subscriptions.c.state == SubscriptionState.CONFIRMED,
    )
    may = subscribed & subscribers.c.suppressed_at.is_(None)
    readers = (
        select(
            literal(edition_id),
            deliveries.c.subscriber_id,
            deliveries.c.language,
            case((may, str(DeliveryState.PENDING)), else_=str(DeliveryState.SUPPRESSED)),
            literal(0),
            at,
            at,
        )
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.edition_id == told.id, deliveries.c.state.in_(_GOT_IT))
        .where(
            ~exists().where(
                known.c.edition_id == edition_id, known.c.subscriber_id == deliveries.c.subscriber_id
            )
        )
    )
    added = connection.execute(insert(deliveries).from_select(columns, readers)).rowcount
    if added:
        _change(connection, edition_id, {EditionState.DONE}, EditionState.FROZEN, None)
    close_if_done(connection, edition_id)
    return added


def with_unknown(connection: Connection, *, since: datetime) -> set[int]:
    """Editions frozen since then of whose letters some may have arrived or not; none that was canceled."""
    query = (
        select(editions.c.id)
        .where(editions.c.frozen_at >= since, editions.c.state != EditionState.CANCELED)
        .where(
            exists().where(
                deliveries.c.edition_id == editions.c.id, deliveries.c.state == DeliveryState.UNKNOWN
            )
        )
    )
    return set(connection.scalars(query))
