"""What readers ask for on the web, until a letter answers it; and how often they may ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import EditionKind
from publisher.store.schema import allowances, requests
from publisher.text.mailboxes import address_key

SILENCE = timedelta(hours=24)
"""No address is written to twice in it for the same reason, whoever asks."""
WINDOW = timedelta(hours=1)
"""In which allowances are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something to be answered by letter, if at all."""

    kind: EditionKind
    """CONFIRMATION: somebody wants the digests, or, without any, the way to their settings; or GOODBYE."""
    address: str
    digests: tuple[str, ...]
    language: str
    """In which it was asked."""


def take_allowance(connection: Connection, limits: Sequence[tuple[str, int]], *, now: datetime) -> bool:
    """Count one more for each bucket; False, and nothing counted, when one of them is full.

    Each bucket comes with how often an hour it may be used.
    """
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

    It takes the same time whatever is known of the address. What is asked before the first letter is written
    adds up: who leaves two digests, one after the other, hears one goodbye from both.
    """
    told = {
        "address": request.address,
        "digests": " ".join(request.digests),
        "language": request.language,
        "asked_at": now,
    }
    statement = upsert(requests).values(
        address_key=address_key(request.address), kind=request.kind, answered_at=None, **told
    )
    is_fresh = requests.c.answered_at > now - SILENCE
    kept = {name: case((is_fresh, requests.c[name]), else_=statement.excluded[name]) for name in told}
    kept["answered_at"] = case((is_fresh, requests.c.answered_at), else_=None)
    both = requests.c.digests + " " + statement.excluded.digests
    kept["digests"] = case((requests.c.answered_at.is_(None), both), else_=kept["digests"])
    connection.execute(statement.on_conflict_do_update(index_elements=["address_key", "kind"], set_=kept))


def next_waiting(connection: Connection) -> Request | None:
    """The oldest request without an answer."""
    query = select(requests).where(requests.c.answered_at.is_(None)).order_by(requests.c.asked_at).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Request(
        kind=EditionKind(row.kind),
        address=row.address,
        digests=tuple(row.digests.split()),
        language=row.language,
    )


def mark_answered(connection: Connection, request: Request, *, now: datetime) -> None:
    """A letter is written. The row stays for a day: for so long the next request is not heard."""
    connection.execute(update(requests).where(_is(request)).values(answered_at=now))


def drop(connection: Connection, request: Request) -> None:
    """There is nothing to write: whoever asks next is heard."""
    connection.execute(delete(requests).where(_is(request)))


def _is(request: Request) -> ColumnElement[bool]:
    return (requests.c.address_key == address_key(request.address)) & (requests.c.kind == request.kind)


def forget_old(connection: Connection, *, now: datetime) -> None:
    """Who asked for what is kept no longer than it takes to be silent."""
    connection.execute(delete(requests).where(requests.c.answered_at <= now - SILENCE))
    connection.execute(delete(allowances).where(allowances.c.window <= now - 2 * WINDOW))
