"""The values that travel down the line. All frozen; times end in `_at` and are aware."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """A story's date as printed. `clock` is None when the file gives a day only.

    A `clock` without tzinfo is local to the newsroom.
    """

    day: date
    clock: time | None = None
    printed: str | None = None
    """The words, when they name no day («Кеше, 10:23»): it was counted from the file's own time."""

    def isoformat(self) -> str:
        """ISO 8601, as precise as the file was."""
        return self.day.isoformat() + (f"T{self.clock.isoformat()}" if self.clock else "")

    @classmethod
    def fromisoformat(cls, text: str, *, printed: str | None = None) -> "Dateline":
        day, _, clock = text.partition("T")
        return cls(
            day=date.fromisoformat(day), clock=time.fromisoformat(clock) if clock else None, printed=printed
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """What the file says of its picture."""

    caption: str | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture that lies beside the story's file."""

    digest: str
    """SHA-256 of its bytes, in hexadecimal."""
    media_type: str
    size: int
    """Bytes."""


class PubStatus(StrEnum):
    """Whether a story may be seen, in the words of the IPTC."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a reader may know of a file beside its bytes."""

    language: str
    """Of the site: for a story whose language cannot be told."""
    written_at: datetime
    """The file's own time, in the newsroom's zone: «today» and «yesterday» count from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story, as a reader found it in a file. Plain text is NFC without markup.

    `body_html` is sanitised, block-level HTML and does not repeat the title, the lead or the photo's lines.
    """

    title: str
    dateline: Dateline
    language: str
    """BCP 47: kk, kk-Latn, kk-Arab, ru, en."""
    body_html: str
    lead: str = ""
    section: str | None = None
    """The section as printed, not yet a slug."""
    byline: str | None = None
    photo: Photo | None = None
    tags: tuple[str, ...] = ()
    views: int | None = None
    reading_minutes: int | None = None
    source_id: str | None = None
    """The newsroom's own id for the story."""
    url: str | None = None
    """The story's own address, where it is already on the web."""
    correction: str | None = None
    """What was wrong in it before, told to readers. Plain text, without a label."""
    image: Image | None = None
    status: PubStatus = PubStatus.USABLE
    embargo: Dateline | None = None
    """Nobody sees the story before this; a day without a clock must be over."""
    warnings: tuple[str, ...] = ()
    """What was mended, left out or left open, in plain words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with what was minted for it once: identity, address, times."""

    id: int
    """The ingest sequence: larger means later."""
    public_id: str
    """urn:uuid, permanent."""
    slug: str
    section: str | None
    """A section's slug; None when the file names no section."""
    published_at: datetime
    updated_at: datetime
    revision: int
    article: Article


class Hold(StrEnum):
    """Why a story is held back for as long as its file stays as it is."""

    WITHHELD = "withheld"
    """Its file says so, or gives an embargo that cannot be read."""
    SECTION = "section"
    """Nobody configured its section, and the policy is to hold such stories."""


class Withdrawal(StrEnum):
    """Who took a story back."""

    FILE = "file"
    """Its file was removed from the inbox. It returns with the file."""
    CANCELED = "canceled"
    """Its file says so. It returns when the file says otherwise."""
    OPERATOR = "operator"
    """`publisher articles withdraw`. Only `publisher articles restore` undoes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    slug: str
    title: str
    aliases: tuple[str, ...] = ()


class TopicKind(StrEnum):
    ALL = "all"
    SECTION = "section"
    TAG = "tag"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What feeds and a page are about: every story, or those of a section, with a tag, by an author."""

    kind: TopicKind
    folder: str
    """Of its feeds, under the output: `all`, `senat`, `tags/byudzhet`, `authors/aigul`."""
    title: str | None
    """None: the site's own."""
    name: str
    """The section's slug, the tag, or the author as stories name them; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A story that was taken back after readers may have seen it (RFC 6721)."""

    public_id: str
    withdrawn_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate:
    """Two stories that are nearly the same; the later one first."""

    public_id: str
    title: str
    other_public_id: str
    other_title: str
    similarity: float
    """Share of common word groups, 0 to 1."""


class SubscriptionState(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class EditionKind(StrEnum):
    REGULAR = "regular"
    """A digest's edition of the day."""
    CORRECTION = "correction"
    """Tells those who got a story what was wrong in it."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    id: int
    address: str
    name: str | None = None
    language: str | None = None
    """Of the letters they want; None: the digest's own."""
    subscriptions: dict[str, SubscriptionState] = field(default_factory=dict)
    """Digest slug to state."""
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
