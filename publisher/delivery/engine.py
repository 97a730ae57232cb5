"""The delivery loop. Every step is on the books before the next one begins.

claim ─▶ build ─▶ begin ─▶ ready ─(fence)─▶ commit ─▶ settled ─▶ record
  lease                      `sending` committed just before the message is
                             committed to, only if the lease is still ours

One turn of the loop is one transaction: what has ended since the last turn is recorded in it, and all that is
ready goes through the fence in it, however many connections there are.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from publisher.delivery.pacing import Pace
from publisher.delivery.replies import classify
from publisher.delivery.transport import Envelope, Outcome, Transport
from publisher.model import OPEN_DELIVERY_STATES, Claim, DeliveryState, Settlement

LEASE = timedelta(minutes=15)
"""Longer than a transport may take over one message (600 s for the reply to the final dot)."""
_BATCH = 100
PATIENCE = timedelta(minutes=10)
"""A delivery that was put off is waited for this long; later, the next run takes it."""
_LOOK = 0.5
"""Seconds after which `stop` is asked again, whatever happens on the wire."""
_RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
"""After the last, every so often, until the next edition or for `_GIVE_UP`."""
_GIVE_UP = timedelta(days=5)
"""RFC 5321, 4.5.4.1: four to five days."""


class Ledger(Protocol):
    """The books the engine keeps, see `publisher.store.deliveries`."""

    def claim(self, limit: int, *, lease_until: datetime, now: datetime) -> list[Claim]: ...
    def settle(
        self, settled: Sequence[Settlement], ready: Sequence[Claim], *, lease_until: datetime, now: datetime
    ) -> set[int]: ...
    def release(self, claims: Sequence[Claim], *, now: datetime) -> None: ...
    def next_due(self, *, now: datetime) -> datetime | None: ...
    def close(self) -> None: ...
    def counts(self) -> dict[DeliveryState, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an edition stands after a delivery run."""

    handled: int
    """Deliveries this run took to an end, or to their next try."""
    counts: dict[DeliveryState, int]
    done: bool


def deliver(
    ledger: Ledger,
    transport: Transport,
    build: Callable[[Claim], Envelope],
    pace: Pace,
    *,
    frozen_at: datetime,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
    patience: timedelta = PATIENCE,
) -> Report:
    """Send everything that is due. Any number of processes may deliver one edition together.

    What may go a little later is waited for, for as long as `patience`. `build` makes a claim's message; a
    ValueError says that none can be made. When `stop` says so, nothing more is begun, and what is under way
    is brought to its end.

    Raises:
        DeliveryError: the transport cannot be used; what was not committed to is free again.
    """
    run = _Run(
        ledger,
        transport,
        build,
        pace,
        frozen_at=frozen_at,
        clock=clock,
        sleep=sleep,
        progress=progress,
        patience=patience,
    )
    try:
        while run.turn(stopped=stop()):
            pass
    finally:
        run.let_go()
    ledger.close()
    counts = ledger.counts()
    return Report(handled=run.handled, done=not OPEN_DELIVERY_STATES & counts.keys(), counts=counts)


class _Run:
    """What one call of `deliver` has in hand."""

    def __init__(
        self,
        ledger: Ledger,
        transport: Transport,
        build: Callable[[Claim], Envelope],
        pace: Pace,
        *,
        frozen_at: datetime,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        progress: Callable[[int], None],
        patience: timedelta,
    ) -> None:
        self.handled = 0
        self._ledger = ledger
        self._transport = transport
        self._build = build
        self._pace = pace
        self._give_up_at = frozen_at + _GIVE_UP
        self._clock = clock
        self._sleep = sleep
        self._patience = patience
        self._progress = progress
        self._queue: deque[Claim] = deque()
        self._under_way: set[Envelope] = set()
        self._committed: set[Envelope] = set()
        self._settled: list[Settlement] = []
        """Not on the books yet; the next transaction takes them along."""

    def turn(self, *, stopped: bool) -> bool:
        """One turn of the loop; False when there is nothing left to do now."""
        now = self._clock()
        if stopped:
            self._give_back(now)
        else:
            self._fill(now)
        if not self._under_way:
            self._write_down([])
            return not stopped and self._wait(now)
        step = self._transport.step(_LOOK)
        for envelope, outcome in step.settled:
            self._under_way.discard(envelope)
            self._committed.discard(envelope)
            self._settled.append(self._settle(envelope.claim, outcome))
        self._write_down(step.ready)
        return True

    def let_go(self) -> None:
        """Bring to the books what is over, and give back what was not committed to."""
        self._write_down([])
        self._give_back(self._clock())

    def _give_back(self, now: datetime) -> None:
        """All that is not committed to."""
        uncommitted = [envelope for envelope in self._under_way if envelope not in self._committed]
        self._transport.abandon(uncommitted)
        self._under_way.difference_update(uncommitted)
        claims = [*self._queue, *(envelope.claim for envelope in uncommitted)]
        self._queue.clear()
        self._ledger.release(claims, now=now)

    def _fill(self, now: datetime) -> None:
        """Begin as many messages as there is room for, and the pace allows."""
        room = min(self._transport.room, self._pace.allowance(now))
        if room and not self._queue:
            self._queue.extend(self._ledger.claim(_BATCH, lease_until=now + LEASE, now=now))
        while room and self._queue:
            claim = self._queue.popleft()
            later = self._pace.admit(_domain(claim), now)
            if later is not None:
                put_off = Settlement(claim=claim, state=DeliveryState.PENDING, reply="", due_at=later)
                self._settled.append(put_off)
                continue
            try:
                envelope = self._build(claim)
            except ValueError as error:
                reply = f"no message can be made for this address: {error}"
                self._settled.append(self._settle(claim, Outcome(state=DeliveryState.BOUNCED, reply=reply)))
                continue
            self._under_way.add(envelope)
            self._transport.begin(envelope)
            room -= 1

    def _write_down(self, ready: Sequence[Envelope]) -> None:
        """One transaction; then the transport is told who may go."""
        now = self._clock()
        settled, self._settled = self._settled, []
        claims = [envelope.claim for envelope in ready]
        go = self._ledger.settle(settled, claims, lease_until=now + LEASE, now=now)
        ended = sum(item.state is not DeliveryState.PENDING for item in settled)
        stays = [envelope for envelope in ready if envelope.claim.subscriber_id not in go]
        self._under_way.difference_update(stays)
        self._transport.abandon(stays)
        goes = [envelope for envelope in ready if envelope.claim.subscriber_id in go]
        self._committed.update(goes)
        self._transport.commit(goes)
        self.handled += ended
        if ended:
            self._progress(ended)

    def _settle(self, claim: Claim, outcome: Outcome) -> Settlement:
        now = self._clock()
        state, due_at, bounce = outcome.state, None, None
        if state is DeliveryState.BOUNCED:
            bounce = classify(outcome.reply)
        elif state is DeliveryState.SENT:
            self._pace.welcome(_domain(claim))
        elif state is DeliveryState.DEFERRED:
            self._pace.heed(_domain(claim), outcome.reply, now)
            due_at = now + _RETRIES[min(claim.attempts, len(_RETRIES) - 1)]
            if due_at > self._give_up_at:
                state, due_at = DeliveryState.EXPIRED, None
        return Settlement(claim=claim, state=state, reply=outcome.reply, due_at=due_at, bounce=bounce)

    def _wait(self, now: datetime) -> bool:
        """Whether there is more to do soon: what was put off, or what the pace does not allow yet."""
        due = now if self._queue else self._ledger.next_due(now=now)
        if due is None:
            return False
        moment = max(due, self._pace.next_at(now))
        if moment - now > self._patience:
            return False
        if moment > now:
            self._sleep(min(_LOOK, (moment - now).total_seconds()))
        return True


def _domain(claim: Claim) -> str:
    return claim.address.rpartition("@")[2].lower()
