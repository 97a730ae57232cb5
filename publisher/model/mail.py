"""Readers, editions, and what becomes of each letter."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class SubscriptionState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class EditionKind(StrEnum):
    REGULAR = "regular"
    """A digest's edition of the day."""
    CORRECTION = "correction"
    """Tells those who got a story what was wrong in it."""
    CONFIRMATION = "confirmation"
    """Asks whether the owner of the address wants what was asked for; all who asked on one day."""
    REMINDER = "reminder"
    """The way to their settings, for subscribers who asked for it; or who asked for what they have."""
    GOODBYE = "goodbye"
    """Tells those who left that they did."""


EDITORIAL = frozenset({EditionKind.REGULAR, EditionKind.CORRECTION})
"""Editions that tell stories. The others answer what a reader asked for."""


class EditionState(StrEnum):
    EMPTY = "empty"
    """The slot passed and there was nothing new; nothing was mailed."""
    FROZEN = "frozen"
    """Its bytes, stories and recipients are fixed; it is being sent."""
    HELD = "held"
    """Frozen, and nobody gets it before the operator says so."""
    DONE = "done"
    CANCELED = "canceled"
    """Whoever has not got it will not get it."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"


OPEN_DELIVERY_STATES = frozenset(
    {DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.SENDING, DeliveryState.DEFERRED}
)
"""A delivery in one of these still needs work; an edition with none of them is done."""


class BounceKind(StrEnum):
    """What a mail server, or a reader, told us of a message."""

    HARD = "hard"
    """The address does not exist."""
    SOFT = "soft"
    """This message could not be delivered; another one may."""
    COMPLAINT = "complaint"
    """The reader called it spam."""


class SuppressionReason(StrEnum):
    """Why we send nothing to an address any more."""

    HARD = "hard"
    SOFT = "soft"
    """Three soft bounces in a row."""
    COMPLAINT = "complaint"
    OPERATOR = "operator"
    ERASED = "erased"
    """The person's data were erased: no import brings them back, only they themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    id: int
    address: str
    name: str | None = None
    language: str | None = None
    """Of the letters they want; None: the digest's own."""
    subscriptions: dict[str, SubscriptionState] = field(default_factory=dict)
    """Digest slug to state."""
    consents: dict[str, datetime] = field(default_factory=dict)
    """Digest slug to when they said yes, as far as that is known."""
    paused_until: datetime | None = None
    """Until when they want no editions."""
    suppressed_at: datetime | None = None
    """Since when nothing is sent to the address; None: letters are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionText:
    """An edition's letter in one language: the same bytes for every reader but for the token."""

    language: str
    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One frozen, dated instance of a digest. Its letters are in the store, see `editions.load_texts`."""

    id: int
    digest: str
    local_date: date
    kind: EditionKind
    occasion: str
    """Empty for the edition of the day; what a correction corrects. One that was canceled before anybody had
    it makes way for another, and has one of its own."""
    state: EditionState
    reason: str | None
    """Why it is held or canceled."""
    frozen_at: datetime
    language: str
    """The digest's own: of readers who want none in particular."""
    subject: str
    """In that language."""
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One delivery a sender holds until its lease ends."""

    edition_id: int
    subscriber_id: int
    address: str
    name: str | None
    language: str
    """Of the letter that this reader gets: one of the edition's."""
    lease: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How a claimed delivery ended, or how it goes on."""

    claim: Claim
    state: DeliveryState
    """PENDING: nothing was tried; it may be claimed again at `due_at`."""
    reply: str
    """What the server said."""
    due_at: datetime | None = None
    """The next try of one that was deferred or put off."""
    bounce: BounceKind | None = None
    """The server refused the address or the message for good, at once."""
