"""Suppressions: addresses to which we send nothing any more. They outlive the subscriber and every import."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import SuppressionReason
from publisher.store.schema import bounces, subscribers, suppressions
from publisher.store.secrets import suppression_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    address: str | None
    """None once the person's data were erased: a keyed hash is kept."""
    reason: SuppressionReason
    suppressed_at: datetime
    detail: str | None
    """What the mail server, or the operator, said."""


def suppress(
    connection: Connection, address: str, *, reason: SuppressionReason, detail: str | None, now: datetime
) -> bool:
    """Send nothing to the address from now on. False when that is so already: its first reason stays."""
    row = {
        "address_hash": _hash(connection, address),
        "address": address,
        "reason": reason,
        "suppressed_at": now,
        "detail": detail,
    }
    if not connection.execute(upsert(suppressions).values(row).on_conflict_do_nothing()).rowcount:
        return False
    _mark(connection, address, now)
    return True


def lift(connection: Connection, address: str, *, now: datetime) -> bool:
    """Let letters go to the address again. False when it was not suppressed.

    What had led to it is forgiven: only bounces that come after this count.
    """
    here = suppressions.c.address_hash == _hash(connection, address)
    if not connection.execute(delete(suppressions).where(here)).rowcount:
        return False
    _mark(connection, address, None)
    who = select(subscribers.c.id).where(subscribers.c.address_key == address.casefold())
    connection.execute(
        update(bounces)
        .where(bounces.c.subscriber_id.in_(who), bounces.c.forgiven_at.is_(None))
        .values(forgiven_at=now)
    )
    return True


def suppressed_since(connection: Connection, address: str) -> datetime | None:
    """Since when nothing is sent to the address; None: letters are."""
    here = suppressions.c.address_hash == _hash(connection, address)
    since: datetime | None = connection.scalar(select(suppressions.c.suppressed_at).where(here))
    return since


def find_reason(connection: Connection, address: str) -> SuppressionReason | None:
    """Why nothing is sent to the address; None: letters are."""
    here = suppressions.c.address_hash == _hash(connection, address)
    reason = connection.scalar(select(suppressions.c.reason).where(here))
    return SuppressionReason(reason) if reason else None


def list_suppressions(connection: Connection) -> list[Suppression]:
    """Newest first."""
    columns = (suppressions.c[name] for name in ("address", "reason", "suppressed_at", "detail"))
    query = select(*columns).order_by(suppressions.c.suppressed_at.desc(), suppressions.c.address)
    return [
        Suppression(
            address=row.address,
            reason=SuppressionReason(row.reason),
            suppressed_at=row.suppressed_at,
            detail=row.detail,
        )
        for row in connection.execute(query)
    ]


def _mark(connection: Connection, address: str, since: datetime | None) -> None:
    here = subscribers.c.address_key == address.casefold()
    connection.execute(update(subscribers).where(here).values(suppressed_at=since))


def _hash(connection: Connection, address: str) -> str:
    key = suppression_key(connection)
    return hmac.new(key, address.casefold().encode(), hashlib.sha256).hexdigest()
