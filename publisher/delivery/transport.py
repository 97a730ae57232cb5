"""What a way out for mail is: the same for a mail server and for a folder.

begin ─▶ (the message is on its way, not committed to) ─▶ ready ─▶ commit ─▶ settled
                                                            └────▶ abandon
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from publisher.model import Claim, DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Envelope:
    """One message with where it goes. It is equal to itself only."""

    claim: Claim
    sender: str
    """The return path: where a bounce of this very message comes back to. Its domain is ASCII."""
    recipient: str
    """Its domain is ASCII; its local part may be UTF-8 (RFC 6531)."""
    message_id: str
    message: bytes = field(repr=False)
    """In wire form, without dot-stuffing: CRLF, and one at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message."""

    state: DeliveryState
    """sent, deferred, bounced or unknown."""
    reply: str
    """What the server said, on one line: code, enhanced code, text."""


@dataclass(slots=True, kw_only=True)
class Step:
    """What happened since the last look."""

    ready: list[Envelope] = field(default_factory=list)
    """Their last byte but one is on its way: `commit` or `abandon` each of them."""
    settled: list[tuple[Envelope, Outcome]] = field(default_factory=list)
    """These are over, one outcome each; a message may settle without ever having been ready."""


class Transport(Protocol):
    """Takes messages to where they are delivered, many at a time, without waiting for any one of them."""

    @property
    def room(self) -> int:
        """How many more messages can begin now."""

    def begin(self, envelope: Envelope) -> None:
        """Take a message on. There must be room."""

    def step(self, seconds: float) -> Step:
        """Go on with what can go on; wait for something to happen, `seconds` at the most.

        Raises:
            DeliveryError: the transport as a whole cannot be used. It is raised only when no message is
                committed to; those that had begun are over, and nothing of them arrives.
        """

    def commit(self, envelopes: Sequence[Envelope]) -> None:
        """The books say that these are being sent: let them arrive."""

    def abandon(self, envelopes: Sequence[Envelope]) -> None:
        """These must not arrive. They are over; they do not settle."""

    def close(self) -> None:
        """Say goodbye. A message that is not committed to must not arrive."""
