"""What readers ask for on the web, until a letter answers it; and how often they may ask."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import EditionKind
from publisher.store.schema import allowances, requests

SILENCE = timedelta(hours=24)
"""No address is written to twice in it for the same reason, whoever asks."""
WINDOW = timedelta(hours=1)
"""In which allowances are counted."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something to be answered by letter, if at all."""

    kind: EditionKind
    """Of the letter that is asked for."""
    address: str
    digests: tuple[str, ...]
    language: str
    """In which it was asked."""


def take_allowance(connection: Connection, limits: Sequence[tuple[str, int]], *, now: datetime) -> bool:
    """Count one more for each bucket; False, and nothing counted, when one of them is full."""
    window = now.replace(minute=0, second=0, microsecond=0)
    names = [bucket for bucket, _ in limits]
    here = (allowances.c.window == window) & allowances.c.bucket.in_(names)
    used = dict(connection.execute(select(allowances.c.bucket, allowances.c.used).where(here)).tuples().all())
    if any(used.get(bucket, 0) >= limit for bucket, limit in limits):
        return False
    for bucket in names:
        statement = upsert(allowances).values(bucket=bucket, window=window, used=1)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["bucket", "window"], set_={"used": allowances.c.used + 1}
            )
        )
    return True


def ask(connection: Connection, request: Request, *, now: datetime) -> None:
    """Ask for a letter. One that was answered in the last day is not answered again.

    It takes the same time whatever is known of the address.
    """
    told = {
        "address": request.address,
        "digests": " ".join(request.digests),
        "language": request.language,
        "asked_at": now,
    }
    statement = upsert(requests).values(
        address_key=request.address.casefold(), kind=request.kind, answered_at=None, **told
    )
    is_fresh = requests.c.answered_at > now - SILENCE
    kept = {name: case((is_fresh, requests.c[name]), else_=statement.excluded[name]) for name in told}
    kept["answered_at"] = case((is_fresh, requests.c.answered_at), else_=None)
    connection.execute(statement.on_conflict_do_update(index_elements=["address_key", "kind"], set_=kept))


def waiting(connection: Connection) -> list[Request]:
    """Requests without an answer, the oldest first; not more than one transaction should answer."""
    query = (
        select(requests).where(requests.c.answered_at.is_(None)).order_by(requests.c.asked_at).limit(_AT_ONCE)
    )
    return [
        Request(
            kind=EditionKind(row.kind),
            address=row.address,
            digests=tuple(row.digests.split()),
            language=row.language,
        )
        for row in connection.execute(query)
    ]


def mark_answered(connection: Connection, answered: Collection[Request], *, now: datetime) -> None:
    for request in answered:
        here = (requests.c.address_key == request.address.casefold()) & (requests.c.kind == request.kind)
        connection.execute(update(requests).where(here).values(answered_at=now))


def forget_old(connection: Connection, *, now: datetime) -> None:
    """What has served its purpose: who asked for what is kept no longer than it takes to be silent."""
    connection.execute(delete(requests).where(requests.c.answered_at <= now - SILENCE))
    connection.execute(delete(allowances).where(allowances.c.window <= now - 2 * WINDOW))
