"""Bounces: what mail servers and readers told us of letters, and what we decide on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, exists, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import BounceKind, DeliveryState, Settlement, SuppressionReason
from publisher.store.nobody import is_nobody
from publisher.store.schema import bounces, deliveries, editions, subscribers
from publisher.store.subscribers import unsubscribe
from publisher.store.suppressions import suppress
from publisher.text.mailboxes import address_key

_IN_A_ROW = 3
_MAY_RETURN = timedelta(days=5)
"""RFC 5321, 4.5.4.1: for so long a mail server may try before it says that it could not deliver."""
_ENDED = (DeliveryState.SENT, DeliveryState.BOUNCED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A bounce as the books have it."""

    address: str | None
    kind: BounceKind
    digest: str | None
    local_date: date | None
    """Of the edition; None: nobody knows which."""
    received_at: datetime
    diagnosis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of a report about one reader."""

    address: str
    kind: BounceKind
    diagnosis: str
    new: bool
    """False: the same report was read before."""
    suppressed: bool
    """The address is suppressed because of it."""


def find_recipient(connection: Connection, edition_id: int, subscriber_id: int) -> bool:
    """Whether a letter of that edition was meant for that subscriber."""
    here = (deliveries.c.edition_id == edition_id) & (deliveries.c.subscriber_id == subscriber_id)
    return connection.scalar(select(deliveries.c.state).where(here)) is not None


def find_by_address(connection: Connection, addresses: Sequence[str]) -> tuple[int, int | None] | None:
    """The subscriber with one of these addresses, and the newest edition they were sent."""
    for address in addresses:
        key = address_key(address)
        found = connection.scalar(select(subscribers.c.id).where(subscribers.c.address_key == key))
        if found is not None:
            newest = select(func.max(deliveries.c.edition_id)).where(
                deliveries.c.subscriber_id == found, deliveries.c.state.in_(_ENDED)
            )
            return found, connection.scalar(newest)
    return None


def settle_early_reports(connection: Connection, edition_id: int) -> None:
    """A report may be quicker than the books: what was recorded as sent after it came has bounced."""
    reported = exists().where(
        bounces.c.edition_id == deliveries.c.edition_id,
        bounces.c.subscriber_id == deliveries.c.subscriber_id,
        bounces.c.kind == BounceKind.HARD,
    )
    connection.execute(
        update(deliveries)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state == DeliveryState.SENT, reported)
        .values(state=DeliveryState.BOUNCED)
    )


def record_bounce(
    connection: Connection,
    *,
    report: str,
    kind: BounceKind,
    subscriber_id: int,
    edition_id: int | None,
    diagnosis: str,
    now: datetime,
) -> Recorded:
    """Put a bounce on the books, and suppress the address if the rules say so. One report counts once.

    `report` names the report: its digest, or the moment in an SMTP dialogue. Of somebody whose data were
    erased only the fact is kept: what the server said names them.
    """
    address = connection.scalars(select(subscribers.c.address).where(subscribers.c.id == subscriber_id)).one()
    erased = is_nobody(address)
    diagnosis = "" if erased else diagnosis
    row = {
        "digest": sha256(f"{report}\n{subscriber_id}".encode()).hexdigest(),
        "kind": kind,
        "subscriber_id": subscriber_id,
        "edition_id": edition_id,
        "received_at": now,
        "diagnosis": diagnosis,
    }
    new = connection.execute(upsert(bounces).values(row).on_conflict_do_nothing()).rowcount == 1
    suppressed = False
    if new:
        if kind is BounceKind.HARD and edition_id is not None:
            _mark_bounced(connection, edition_id, subscriber_id, diagnosis, now)
        if kind is BounceKind.COMPLAINT:
            unsubscribe(connection, address, None, now=now)
        reason = _reason(connection, kind, subscriber_id, now)
        if reason and not erased:
            suppressed = suppress(connection, address, reason=reason, detail=diagnosis, now=now)
    return Recorded(address=address, kind=kind, diagnosis=diagnosis, new=new, suppressed=suppressed)


def record_refusal(connection: Connection, refused: Settlement, *, now: datetime) -> None:
    """A refusal during the SMTP dialogue counts as a report does."""
    claim = refused.claim
    if refused.bounce is not None:
        record_bounce(
            connection,
            report=f"dialogue {claim.edition_id} {claim.attempts}",
            kind=refused.bounce,
            subscriber_id=claim.subscriber_id,
            edition_id=claim.edition_id,
            diagnosis=refused.reply,
            now=now,
        )


def list_bounces(connection: Connection, *, limit: int | None = None) -> list[Bounce]:
    """Newest first."""
    query = (
        select(subscribers.c.address, editions.c.digest, editions.c.local_date)
        .add_columns(bounces.c.kind, bounces.c.received_at, bounces.c.diagnosis)
        .select_from(bounces)
        .outerjoin(subscribers, subscribers.c.id == bounces.c.subscriber_id)
        .outerjoin(editions, editions.c.id == bounces.c.edition_id)
        .order_by(bounces.c.id.desc())
        .limit(limit)
    )
    found = (dict(row._mapping) for row in connection.execute(query))  # noqa: SLF001 — its public name
    return [Bounce(**row | {"kind": BounceKind(row["kind"])}) for row in found]


def _mark_bounced(
    connection: Connection, edition_id: int, subscriber_id: int, diagnosis: str, now: datetime
) -> None:
    """A mail server took the letter, whether we heard so or not, and could not bring it to the reader."""
    here = (deliveries.c.edition_id == edition_id) & (deliveries.c.subscriber_id == subscriber_id)
    connection.execute(
        update(deliveries)
        .where(here, deliveries.c.state.in_([DeliveryState.SENT, DeliveryState.UNKNOWN]))
        .values(state=DeliveryState.BOUNCED, reply=diagnosis or None, changed_at=now)
    )


def _reason(
    connection: Connection, kind: BounceKind, subscriber_id: int, now: datetime
) -> SuppressionReason | None:
    match kind:
        case BounceKind.HARD:
            return SuppressionReason.HARD
        case BounceKind.COMPLAINT:
            return SuppressionReason.COMPLAINT
        case BounceKind.SOFT:
            in_a_row = _soft_in_a_row(connection, subscriber_id, now)
            return SuppressionReason.SOFT if in_a_row >= _IN_A_ROW else None


def _soft_in_a_row(connection: Connection, subscriber_id: int, now: datetime) -> int:
    """How many of the newest letters that ended have bounced softly, with no success between.

    A report may be days late. Newer letters that have not bounced yet are no successes yet.
    """
    soft = select(bounces.c.edition_id).where(
        bounces.c.subscriber_id == subscriber_id,
        bounces.c.kind == BounceKind.SOFT,
        bounces.c.forgiven_at.is_(None),
    )
    letters = (
        select(deliveries.c.edition_id.in_(soft).label("soft"), deliveries.c.changed_at)
        .where(deliveries.c.subscriber_id == subscriber_id, deliveries.c.state.in_(_ENDED))
        .order_by(deliveries.c.edition_id.desc())
    )
    count = 0
    for letter in connection.execute(letters):
        if letter.soft:
            count += 1
        elif count or letter.changed_at < now - _MAY_RETURN:
            break
        if count == _IN_A_ROW:
            break
    return count
