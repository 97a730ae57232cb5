"""The delivery loop. Every step is on the books before the next one begins.

claim ─▶ build ─▶ transport ─(fence)─▶ the wire ─▶ record
  lease            `sending` committed just before the message is
                   committed to, only if the lease is still ours
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from publisher.model import OPEN_DELIVERY_STATES, Claim, DeliveryState

LEASE = timedelta(minutes=15)
"""Longer than a transport may take over one message (600 s for the reply to the final dot)."""
_BATCH = 50
_RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message: sent, deferred, bounced or unknown; claimed if the fence said no."""

    state: DeliveryState
    reply: str


class Transport(Protocol):
    """Takes messages to where they are delivered."""

    def send(self, message: bytes, *, message_id: str, recipient: str, fence: Callable[[], bool]) -> Outcome:
        """Send one message.

        `fence` is called once, as late as can be, before the message is committed to; when it says False, the
        message must not arrive.

        Raises:
            DeliveryError: the transport as a whole cannot be used; this message was not sent.
        """

    def close(self) -> None: ...


class Ledger(Protocol):
    """The books the engine keeps, see `publisher.store.deliveries`."""

    def claim(self, limit: int, *, lease: timedelta, now: datetime) -> list[Claim]: ...
    def fence(self, claim: Claim, *, lease: timedelta, now: datetime) -> bool: ...
    def record(
        self, claim: Claim, state: DeliveryState, *, reply: str, due_at: datetime | None, now: datetime
    ) -> None: ...
    def release(self, claim: Claim, *, now: datetime) -> None: ...
    def reclaim(self, *, now: datetime) -> None: ...
    def close(self) -> None: ...
    def counts(self) -> dict[DeliveryState, int]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How an edition stands after a delivery run."""

    handled: int
    """Deliveries this run took on."""
    counts: dict[DeliveryState, int]
    done: bool


def deliver(
    ledger: Ledger,
    transport: Transport,
    build: Callable[[Claim], tuple[str, bytes]],
    *,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Send everything that is due. `build` gives a claim's Message-ID and bytes.

    Any number of processes may deliver one edition together. `stop` is asked between messages.

    Raises:
        DeliveryError: the transport cannot be used; what was claimed is free again.
    """
    handled = 0
    ledger.reclaim(now=clock())
    while not stop() and (claims := ledger.claim(_BATCH, lease=LEASE, now=clock())):
        left = list(claims)
        try:
            while left and not stop():
                _deliver_one(ledger, transport, build, left[0], clock)
                left.pop(0)
                handled += 1
                progress(1)
        finally:
            for claim in left:
                ledger.release(claim, now=clock())
    ledger.close()
    counts = ledger.counts()
    return Report(handled=handled, done=not OPEN_DELIVERY_STATES & counts.keys(), counts=counts)


def _deliver_one(
    ledger: Ledger,
    transport: Transport,
    build: Callable[[Claim], tuple[str, bytes]],
    claim: Claim,
    clock: Callable[[], datetime],
) -> None:
    try:
        message_id, message = build(claim)
    except ValueError as error:
        reply = f"no message can be made for this address: {error}"
        ledger.record(claim, DeliveryState.BOUNCED, reply=reply, due_at=None, now=clock())
        return
    outcome = transport.send(
        message,
        message_id=message_id,
        recipient=claim.address,
        fence=lambda: ledger.fence(claim, lease=LEASE, now=clock()),
    )
    if outcome.state is DeliveryState.CLAIMED:
        return  # the fence has settled it already
    state: DeliveryState = outcome.state
    due_at: datetime | None = None
    if state is DeliveryState.DEFERRED:
        state, due_at = _next_try(claim.attempts, now=clock())
    ledger.record(claim, state, reply=outcome.reply, due_at=due_at, now=clock())


def _next_try(attempts: int, *, now: datetime) -> tuple[DeliveryState, datetime | None]:
    if attempts >= len(_RETRIES):
        return DeliveryState.EXPIRED, None
    return DeliveryState.DEFERRED, now + _RETRIES[attempts]
