"""Suppressions: addresses to which we send nothing any more. They outlive the subscriber and every import."""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import SuppressionReason
from publisher.store.schema import bounces, subscribers, suppressions
from publisher.store.secrets import suppression_key
from publisher.text.mailboxes import address_key

_COLUMNS = tuple(suppressions.c[name] for name in ("address", "reason", "suppressed_at", "detail"))


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
    """Send nothing to the address from now on. False when that is so already: its first reason stays.

    That somebody's data were erased is no such reason: they may have come back since.
    """
    row = {
        "address_hash": _hash(connection, address),
        "address": address,
        "reason": reason,
        "suppressed_at": now,
        "detail": detail,
    }
    if not connection.execute(_upsert(), row).rowcount:
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
    who = select(subscribers.c.id).where(subscribers.c.address_key == address_key(address))
    connection.execute(
        update(bounces)
        .where(bounces.c.subscriber_id.in_(who), bounces.c.forgiven_at.is_(None))
        .values(forgiven_at=now)
    )
    return True


def suppressed_since(connection: Connection, address: str) -> datetime | None:
    """Since when nothing is sent to the address; None: letters are."""
    here = suppressions.c.address_hash == _hash(connection, address)
    banned = suppressions.c.reason != SuppressionReason.ERASED  # who comes back by themselves gets letters
    since: datetime | None = connection.scalar(select(suppressions.c.suppressed_at).where(here, banned))
    return since


def find_reason(connection: Connection, address: str) -> SuppressionReason | None:
    """Why nothing is sent to the address; None: letters are."""
    here = suppressions.c.address_hash == _hash(connection, address)
    reason = connection.scalar(select(suppressions.c.reason).where(here))
    return SuppressionReason(reason) if reason else None


def suppress_many(
    connection: Connection, added: Mapping[str, tuple[SuppressionReason, str | None]], *, now: datetime
) -> None:
    """As `suppress`, for many addresses that are not suppressed yet: each with its reason and detail."""
    hashes = hash_addresses(connection, added)
    columns = ("address_hash", "address", "reason", "suppressed_at", "detail")
    rows = [
        dict(zip(columns, (hashes[address], address, reason, now, detail), strict=True))
        for address, (reason, detail) in added.items()
    ]
    if not rows:
        return
    connection.execute(_upsert(), rows)
    keys = [address_key(address) for address in added]
    here = subscribers.c.address_key.in_(keys)
    connection.execute(update(subscribers).where(here).values(suppressed_at=now))


def find_suppressions(connection: Connection, addresses: Collection[str]) -> dict[str, Suppression]:
    """The suppressions there are of these addresses; also of those whose data were erased."""
    hashes = hash_addresses(connection, addresses)
    query = select(*_COLUMNS, suppressions.c.address_hash).where(
        suppressions.c.address_hash.in_(hashes.values())
    )
    found = {row.address_hash: _to_suppression(row) for row in connection.execute(query)}
    return {address: found[value] for address, value in hashes.items() if value in found}


def is_erased(connection: Connection, address: str) -> bool:
    """Whether the data of the person with this address were erased, and they have not come back since."""
    found = find_suppressions(connection, [address]).get(address)
    return found is not None and found.address is None


def welcome_back(connection: Connection, address: str) -> None:
    """Somebody whose data were erased subscribes again, by themselves: they are known again.

    A suppression for another reason stays, and has its address again.
    """
    here = suppressions.c.address_hash == _hash(connection, address)
    connection.execute(delete(suppressions).where(here, suppressions.c.reason == SuppressionReason.ERASED))
    connection.execute(
        update(suppressions).where(here, suppressions.c.address.is_(None)).values(address=address)
    )


def forget_address(connection: Connection, address: str, *, now: datetime) -> bool:
    """Keep no more of the address than its keyed hash, so that no import brings the person back.

    False when no more was kept of it already.
    """
    row = {
        "address_hash": _hash(connection, address),
        "address": None,
        "reason": SuppressionReason.ERASED,
        "suppressed_at": now,
        "detail": None,
    }
    statement = upsert(suppressions).values(row)
    less = {"address": None, "detail": None}  # of one there was, the reason stays
    more = suppressions.c.address.is_not(None)
    statement = statement.on_conflict_do_update(index_elements=["address_hash"], set_=less, where=more)
    return connection.execute(statement).rowcount == 1


def list_suppressions(connection: Connection) -> list[Suppression]:
    """Newest first."""
    query = select(*_COLUMNS).order_by(suppressions.c.suppressed_at.desc(), suppressions.c.address)
    return [_to_suppression(row) for row in connection.execute(query)]


def _to_suppression(row: Any) -> Suppression:
    return Suppression(
        address=row.address,
        reason=SuppressionReason(row.reason),
        suppressed_at=row.suppressed_at,
        detail=row.detail,
    )


def _upsert() -> Any:
    """Put it in, or in the place of the mark that a person's data were erased."""
    statement = upsert(suppressions)
    return statement.on_conflict_do_update(
        index_elements=["address_hash"],
        set_={column.name: statement.excluded[column.name] for column in _COLUMNS},
        where=suppressions.c.reason == SuppressionReason.ERASED,
    )


def _mark(connection: Connection, address: str, since: datetime | None) -> None:
    here = subscribers.c.address_key == address_key(address)
    connection.execute(update(subscribers).where(here).values(suppressed_at=since))


def hash_addresses(connection: Connection, addresses: Iterable[str]) -> dict[str, str]:
    """By what suppressed addresses are known again."""
    key = suppression_key(connection)
    return {
        address: hmac.new(key, address_key(address).encode(), hashlib.sha256).hexdigest()
        for address in addresses
    }


def _hash(connection: Connection, address: str) -> str:
    return hash_addresses(connection, [address])[address]
