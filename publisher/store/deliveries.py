"""The ledger: one row for every message to every subscriber, and what became of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Update,
    bindparam,
    case,
    exists,
    func,
    select,
    true,
    update,
)

from publisher.model import (
    Claim,
    DeliveryState,
    EditionKind,
    EditionState,
    Settlement,
    SubscriptionState,
)
from publisher.store.bounces import record_refusal, settle_early_reports
from publisher.store.editions import close_if_done
from publisher.store.engine import reading, writing
from publisher.store.nobody import names_nobody
from publisher.store.schema import deliveries, editions, subscribers, subscriptions

_WAITS = (DeliveryState.PENDING, DeliveryState.DEFERRED)
_FREE: dict[str, Any] = {"lease": None, "lease_until": None}
_INSTANT = deliveries.c.changed_at.type
_NOW = bindparam("now", type_=_INSTANT)
_UNTIL = bindparam("until", type_=_INSTANT)
_ASKED = deliveries.c.subscriber_id.in_(bindparam("asked", expanding=True))


class Ledger:
    """The deliveries of one edition, as one sender sees them.

    Every change is committed before the method returns, and each method is one transaction: a sender that has
    many connections pays for one commit, not for one a message. Its statements are built once: to build them
    takes longer than to run them.
    """

    def __init__(self, engine: Engine, edition_id: int, *, lease: str) -> None:
        """`lease` is the sender's own name: no other has it, nor had it before."""
        self._engine = engine
        self._ours = deliveries.c.edition_id == edition_id
        self._edition_id = edition_id
        self._lease = lease
        self._leased = deliveries.c.lease == lease
        here = self._ours & self._leased & (deliveries.c.state == DeliveryState.CLAIMED) & _ASKED
        self._record_statement = _record_statement(self._ours & self._leased)
        self._go_statement = (
            update(deliveries)
            .where(here, _is_sent_out(), _wants_it())
            .values(state=DeliveryState.SENDING, lease_until=_UNTIL, changed_at=_NOW)
            .returning(deliveries.c.subscriber_id)
        )
        stopped = update(deliveries).where(here).values(changed_at=_NOW, **_FREE)
        self._suppress_statement = stopped.where(_is_sent_out()).values(state=DeliveryState.SUPPRESSED)
        self._put_back_statement = stopped.values(state=DeliveryState.PENDING)

    def claim(self, limit: int, *, lease_until: datetime, now: datetime) -> list[Claim]:
        """Take up to `limit` deliveries that are due. No other sender can take them while the lease lasts."""
        taken: list[int] = []
        with writing(self._engine) as connection:
            for state in _WAITS:
                taken += connection.scalars(
                    self._take(state, limit - len(taken), lease_until=lease_until, now=now)
                )
            return self._load(connection, taken)

    def _take(self, state: DeliveryState, limit: int, *, lease_until: datetime, now: datetime) -> Any:
        """One state at a time: then the index gives them in order, and no claim sorts all that wait."""
        due = (
            select(deliveries.c.subscriber_id)
            .where(self._ours, deliveries.c.state == state, deliveries.c.due_at <= now)
            .order_by(deliveries.c.due_at)
            .limit(limit)
        )
        return (
            update(deliveries)
            .where(self._ours, deliveries.c.subscriber_id.in_(due), _is_sent_out())
            .values(state=DeliveryState.CLAIMED, lease=self._lease, lease_until=lease_until, changed_at=now)
            .returning(deliveries.c.subscriber_id)
        )

    def _load(self, connection: Connection, subscriber_ids: Collection[int]) -> list[Claim]:
        query = (
            select(
                deliveries.c.edition_id,
                deliveries.c.subscriber_id,
                subscribers.c.address,
                subscribers.c.name,
                deliveries.c.language,
                deliveries.c.lease,
                deliveries.c.attempts,
            )
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(self._ours, deliveries.c.subscriber_id.in_(subscriber_ids))
            .order_by(deliveries.c.subscriber_id)
        )
        return [Claim(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 — its public name

    def settle(
        self, settled: Sequence[Settlement], ready: Sequence[Claim], *, lease_until: datetime, now: datetime
    ) -> set[int]:
        """Write down what became of some messages, and ask whether others may be committed to.

        Returns the subscribers whose message may go: theirs is `sending` from here on. The others' must not
        arrive. Theirs is `suppressed` when the reader has left or may not be written to, waits again when the
        edition was held, and has ended when it was canceled; when the lease is lost, it is somebody else's.
        """
        if not settled and not ready:
            return set()
        with writing(self._engine) as connection:
            if settled:
                connection.execute(self._record_statement, [_record(item, now) for item in settled])
            if waits := [item.claim.subscriber_id for item in settled if item.state in _WAITS]:
                end_canceled(connection, self._ours & deliveries.c.subscriber_id.in_(waits), now=now)
            for item in settled:
                if item.bounce:
                    record_refusal(connection, item, now=now)
            return self._fence(connection, ready, lease_until, now) if ready else set()

    def _fence(
        self, connection: Connection, ready: Sequence[Claim], lease_until: datetime, now: datetime
    ) -> set[int]:
        asked = {claim.subscriber_id for claim in ready}
        values = {"asked": sorted(asked), "until": lease_until, "now": now}
        go = set(connection.scalars(self._go_statement, values))
        if stopped := asked - go:
            values["asked"] = sorted(stopped)
            connection.execute(self._suppress_statement, values)
            connection.execute(self._put_back_statement, values)
            end_canceled(connection, self._ours & deliveries.c.subscriber_id.in_(stopped), now=now)
        return go

    def release(self, claims: Iterable[Claim], *, now: datetime) -> None:
        """Give back deliveries that were claimed and not committed to. One that is `sending` stays so."""
        ids = [claim.subscriber_id for claim in claims]
        if not ids:
            return
        with writing(self._engine) as connection:
            connection.execute(
                update(deliveries)
                .where(self._ours, self._leased, deliveries.c.state == DeliveryState.CLAIMED)
                .where(deliveries.c.subscriber_id.in_(ids))
                .values(state=DeliveryState.PENDING, changed_at=now, **_FREE)
            )
            end_canceled(connection, self._ours & deliveries.c.subscriber_id.in_(ids), now=now)

    def next_due(self, *, now: datetime) -> datetime | None:
        """When the next delivery that nobody has tried yet may be claimed; None when there is none."""
        query = select(func.min(deliveries.c.due_at)).where(
            self._ours, deliveries.c.state == DeliveryState.PENDING, _is_sent_out()
        )
        with reading(self._engine) as connection:
            due: datetime | None = connection.scalar(query)
        return due and max(due, now)

    def close(self) -> None:
        """Mark the edition done if nothing of it is open."""
        with writing(self._engine) as connection:
            settle_early_reports(connection, self._edition_id)
            close_if_done(connection, self._edition_id)

    def counts(self) -> dict[DeliveryState, int]:
        with reading(self._engine) as connection:
            return count_deliveries(connection, [self._edition_id]).get(self._edition_id, {})


def _record_statement(ours: ColumnElement[bool]) -> Update:
    return (
        update(deliveries)
        .where(ours, deliveries.c.subscriber_id == bindparam("who"))
        .values(
            state=bindparam("new_state"),
            reply=case((_is_erased(), None), else_=bindparam("new_reply")),
            attempts=bindparam("new_attempts"),
            due_at=func.coalesce(bindparam("new_due_at", type_=_INSTANT), deliveries.c.due_at),
            changed_at=_NOW,
            **_FREE,
        )
    )


def _is_erased() -> ColumnElement[bool]:
    """The reader's data were erased while the letter was on its way: what the server says names them."""
    return exists().where(subscribers.c.id == deliveries.c.subscriber_id, names_nobody())


def _record(item: Settlement, now: datetime) -> dict[str, Any]:
    return {
        "who": item.claim.subscriber_id,
        "new_state": item.state,
        "new_reply": item.reply,
        "new_attempts": item.claim.attempts + (item.state is not DeliveryState.PENDING),
        "new_due_at": item.due_at,
        "now": now,
    }


def _is_sent_out() -> ColumnElement[bool]:
    """Nobody has held or canceled the edition."""
    return exists().where(editions.c.id == deliveries.c.edition_id, editions.c.state == EditionState.FROZEN)


def _wants_it() -> ColumnElement[bool]:
    """The reader may be written to, and still wants it: is subscribed to the digest.

    A letter that asks for a confirmation goes to who has not given it, a goodbye to who has not come back,
    and the way to the settings to whoever has any.
    """
    here = subscriptions.c.digest == editions.c.digest
    state, kind = subscriptions.c.state, editions.c.kind
    subscribed = exists().where(
        subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
        editions.c.id == deliveries.c.edition_id,
        case(
            (
                kind == EditionKind.CONFIRMATION,
                (state == SubscriptionState.PENDING) & (subscriptions.c.asked_in == editions.c.id),
            ),
            (kind == EditionKind.REMINDER, state == SubscriptionState.CONFIRMED),
            (kind == EditionKind.GOODBYE, here & (state == SubscriptionState.UNSUBSCRIBED)),
            else_=here & (state == SubscriptionState.CONFIRMED),
        ),
    )
    may = exists().where(
        subscribers.c.id == deliveries.c.subscriber_id, subscribers.c.suppressed_at.is_(None)
    )
    return subscribed & may


def reclaim(engine: Engine, *, dead: Collection[str], now: datetime) -> None:
    """Settle what senders that died left behind: those named, and those whose lease has ended.

    What was only claimed is free again. What was being sent may have arrived: it is `unknown`.
    """
    left = deliveries.c.lease.in_(dead) | (deliveries.c.lease_until < now)
    with writing(engine) as connection:
        for state, becomes in (
            (DeliveryState.CLAIMED, DeliveryState.PENDING),
            (DeliveryState.SENDING, DeliveryState.UNKNOWN),
        ):
            connection.execute(
                update(deliveries)
                .where(deliveries.c.lease.is_not(None), left, deliveries.c.state == state)
                .values(state=becomes, changed_at=now, **_FREE)
            )
        end_canceled(connection, true(), now=now)


def end_canceled(connection: Connection, which: ColumnElement[bool], *, now: datetime) -> None:
    """What waits in a canceled edition waits for nothing. A claim comes here when its sender lets go."""
    canceled = select(editions.c.id).where(editions.c.state == EditionState.CANCELED)
    connection.execute(
        update(deliveries)
        .where(which, deliveries.c.edition_id.in_(canceled), deliveries.c.state.in_(_WAITS))
        .values(state=DeliveryState.EXPIRED, reply="canceled", changed_at=now)
    )


def count_deliveries(
    connection: Connection, edition_ids: Collection[int]
) -> dict[int, dict[DeliveryState, int]]:
    """Deliveries by edition and state."""
    query = (
        select(deliveries.c.edition_id, deliveries.c.state, func.count())
        .where(deliveries.c.edition_id.in_(edition_ids))
        .group_by(deliveries.c.edition_id, deliveries.c.state)
    )
    counts: dict[int, dict[DeliveryState, int]] = {}
    for edition_id, state, count in connection.execute(query):
        counts.setdefault(edition_id, {})[DeliveryState(state)] = count
    return counts
