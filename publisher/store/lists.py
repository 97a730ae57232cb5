"""Lists of readers: taken in, many rows in one transaction, and given out.

rows ─▶ who is known ─▶ each row against what is known (pure) ─▶ what is new, in a few statements

No list outweighs a reader: who left stays away, who is suppressed gets nothing, who was erased is not
recorded again, and what they chose stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, insert, select, update

from publisher.model import ListRow, SubscriptionState, SuppressionReason
from publisher.store.schema import subscribers, subscriptions
from publisher.store.suppressions import find_suppressions, suppress_many
from publisher.text.mailboxes import address_key

_MANY = 1000


class Imported(StrEnum):
    """What came of a row."""

    ADDED = "added"
    ALREADY = "already subscribed"
    PENDING = "pending"
    """They were asked whether they want it, and have not said so yet."""
    UNSUBSCRIBED = "unsubscribed"
    LEFT = "unsubscribed earlier"
    """The reader said no; only the reader can say yes again."""
    SUPPRESSED = "suppressed"
    ERASED = "erased at their wish"
    IGNORED = "ignored"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    what: Imported
    reason: str | None = None
    """Where the outcome alone does not say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How somebody stands with a digest."""

    state: SubscriptionState
    origin: str
    consented_at: datetime | None
    changed_at: datetime


@dataclass(slots=True, kw_only=True)
class _Person:
    """Somebody as the rows that were seen so far leave them."""

    address: str
    id: int | None = None
    name: str | None = None
    language: str | None = None
    suppressed_at: datetime | None = None
    erased: bool = False
    standings: dict[str, Standing] = field(default_factory=dict)
    known: dict[str, Standing] = field(default_factory=dict)
    """As the store has them."""
    filled: bool = False
    suppress: tuple[SuppressionReason, str | None] | None = None


def take_in(connection: Connection, rows: Sequence[ListRow], *, now: datetime) -> list[Outcome]:
    """Record the rows, and say what came of each.

    A row with a state names its digest and its source. Its name and language fill in what is not known. A
    reader who said yes after the day on which a row has them leave stays subscribed.
    """
    people = _load_people(connection, rows)
    outcomes = [_take(people[address_key(row.address)], row, now) for row in rows]
    _write(connection, people, now)
    return outcomes


def _take(person: _Person, row: ListRow, now: datetime) -> Outcome:
    if person.erased:  # also when a stranger has typed the address into our form since
        return Outcome(what=Imported.ERASED, reason="they come back only by themselves")
    reason = None
    if row.suppressed:
        if person.suppressed_at is None:
            person.suppressed_at, person.suppress = now, (row.suppressed, row.source)
        else:
            reason = "was so already"
    if row.state is None:
        return Outcome(what=Imported.SUPPRESSED, reason=reason)
    for what in ("name", "language"):
        if getattr(row, what) and getattr(person, what) is None:
            setattr(person, what, getattr(row, what))
            person.filled = True
    digest = row.digest or ""
    outcome, standing = _weigh(person.standings.get(digest), row, now)
    person.standings[digest] = standing
    if person.suppressed_at and outcome.what in {Imported.ADDED, Imported.ALREADY}:
        return Outcome(what=Imported.SUPPRESSED, reason=reason or "nothing is sent there")
    return outcome


def _weigh(known: Standing | None, row: ListRow, now: datetime) -> tuple[Outcome, Standing]:
    """What a row changes about a subscription."""
    state = row.state or SubscriptionState.CONFIRMED
    told = Standing(
        state=state,
        origin=row.source or "",
        consented_at=row.consented_at,
        changed_at=row.left_at or now if state is SubscriptionState.UNSUBSCRIBED else now,
    )
    if known is None:
        return Outcome(what=_NEW[state]), told
    if known.state is SubscriptionState.UNSUBSCRIBED:
        return Outcome(what=Imported.LEFT), known
    if known.state is SubscriptionState.PENDING:
        if state is SubscriptionState.CONFIRMED:
            return Outcome(what=Imported.ADDED), told
        return Outcome(what=Imported.PENDING, reason="was asked, and has not answered yet"), known
    if state is SubscriptionState.UNSUBSCRIBED:
        return _leave(known, told, row.left_at)
    if known.consented_at is None and row.consented_at:
        known = replace(known, consented_at=row.consented_at, origin=told.origin)
    return Outcome(what=Imported.ALREADY), known


def _leave(known: Standing, told: Standing, left_at: datetime | None) -> tuple[Outcome, Standing]:
    """A subscriber is told to have left."""
    yes = known.consented_at
    if left_at and yes and yes > left_at:
        return Outcome(what=Imported.ALREADY, reason=f"said yes again on {yes:%Y-%m-%d}"), known
    return Outcome(what=Imported.UNSUBSCRIBED), replace(known, state=told.state, changed_at=told.changed_at)


_NEW = {
    SubscriptionState.CONFIRMED: Imported.ADDED,
    SubscriptionState.PENDING: Imported.PENDING,
    SubscriptionState.UNSUBSCRIBED: Imported.UNSUBSCRIBED,
}


def _load_people(connection: Connection, rows: Sequence[ListRow]) -> dict[str, _Person]:
    people: dict[str, _Person] = {}
    for row in rows:
        people.setdefault(address_key(row.address), _Person(address=row.address))
    columns = ("id", "address", "address_key", "name", "language", "suppressed_at")
    query = select(*(subscribers.c[name] for name in columns)).where(subscribers.c.address_key.in_(people))
    by_id: dict[int, _Person] = {}
    for found in connection.execute(query).mappings():
        person = people[found["address_key"]]
        for name in columns:
            if name != "address_key":
                setattr(person, name, found[name])
        by_id[found["id"]] = person
    for standing in connection.execute(select(subscriptions).where(subscriptions.c.subscriber_id.in_(by_id))):
        person = by_id[standing.subscriber_id]
        # Who had left, and was asked since, has left until they answer.
        state = SubscriptionState.UNSUBSCRIBED if standing.left_at else SubscriptionState(standing.state)
        person.known[standing.digest] = person.standings[standing.digest] = Standing(
            state=state,
            origin=standing.origin,
            consented_at=standing.consented_at,
            changed_at=standing.changed_at,
        )
    for key, suppression in find_suppressions(connection, people).items():
        person = people[key]
        person.erased = suppression.address is None
        if person.id is None:
            person.suppressed_at = suppression.suppressed_at
    return people


def _write(connection: Connection, people: Mapping[str, _Person], now: datetime) -> None:
    _add_people(connection, people, now)
    filled = [
        {"who": person.id, "new_name": person.name, "new_language": person.language}
        for person in people.values()
        if person.filled and person.id is not None
    ]
    _run(connection, _FILL, filled)
    added, changed = [], []
    for person in people.values():
        for digest, standing in person.standings.items():
            if digest not in person.known:
                added.append({"subscriber_id": person.id, "digest": digest} | _values(standing))
            elif person.known[digest] != standing:
                changed.append({"who": person.id, "what": digest} | _values(standing, "new_"))
    _run(connection, insert(subscriptions), added)
    _run(connection, _CHANGE, changed)
    suppress_many(
        connection, {each.address: each.suppress for each in people.values() if each.suppress}, now=now
    )


def _values(standing: Standing, prefix: str = "") -> dict[str, Any]:
    """Its columns; `asdict` copies each value, which takes longer than all the rest."""
    names = ("state", "origin", "consented_at", "changed_at")
    return {prefix + name: getattr(standing, name) for name in names}


def _add_people(connection: Connection, people: Mapping[str, _Person], now: datetime) -> None:
    new = [
        {
            "address": person.address,
            "address_key": key,
            "name": person.name,
            "language": person.language,
            "created_at": now,
            "suppressed_at": person.suppressed_at,
        }
        for key, person in people.items()
        if person.id is None and person.standings
    ]
    if not new:
        return
    statement = insert(subscribers).returning(subscribers.c.id, subscribers.c.address_key)
    for row in connection.execute(statement, new):
        people[row.address_key].id = row.id
        people[row.address_key].filled = False


def _run(connection: Connection, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, rows)


_FILL = (
    update(subscribers)
    .where(subscribers.c.id == bindparam("who"))
    .values(name=bindparam("new_name"), language=bindparam("new_language"))
)
_INSTANT = subscriptions.c.changed_at.type
_CHANGE = (
    update(subscriptions)
    .where(subscriptions.c.subscriber_id == bindparam("who"), subscriptions.c.digest == bindparam("what"))
    .values(
        state=bindparam("new_state"),
        origin=bindparam("new_origin"),
        consented_at=bindparam("new_consented_at", type_=_INSTANT),
        changed_at=bindparam("new_changed_at", type_=_INSTANT),
        asked_in=None,
    )
)


def list_rows(connection: Connection, *, digest: str | None = None) -> Iterator[ListRow]:
    """Every subscription, or those to one digest; by address."""
    query = (
        select(subscriptions, *(subscribers.c[name] for name in ("address", "name", "language")))
        .add_columns(subscribers.c.suppressed_at)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .order_by(subscribers.c.address_key, subscriptions.c.digest)
    )
    if digest is not None:
        query = query.where(subscriptions.c.digest == digest)
    for some in connection.execute(query).partitions(_MANY):
        found = find_suppressions(connection, {row.address for row in some if row.suppressed_at})
        for row in some:
            left_at = row.left_at or (row.changed_at if row.state == SubscriptionState.UNSUBSCRIBED else None)
            state = SubscriptionState.UNSUBSCRIBED if left_at else SubscriptionState(row.state)
            yield ListRow(
                line=0,
                address=row.address,
                name=row.name,
                language=row.language,
                digest=row.digest,
                state=state,
                consented_at=row.consented_at,
                left_at=left_at,
                source=row.origin,
                suppressed=found[row.address].reason if row.address in found else None,
            )
