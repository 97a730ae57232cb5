"""The newsroom's settings, as the rest of the program sees them."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from email.headerregistry import Address
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.model import Section

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGES = ("kk", "ru", "en")


class TransportKind(StrEnum):
    SPOOL = "spool"
    SMTP = "smtp"
    LMTP = "lmtp"


class SmtpSecurity(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class Deletions(StrEnum):
    """What it means that a file was removed from the inbox."""

    KEEP = "keep"
    """Nothing: the inbox was tidied, the story stays."""
    WITHDRAW = "withdraw"
    """The story is taken back."""


class UnknownSections(StrEnum):
    """What becomes of a section that a story names and nobody configured."""

    MAKE = "make"
    HOLD = "hold"
    """Its stories wait until it is configured: a misspelt name must make no feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    id: str
    title: str
    url: str
    """Absolute, ends with a slash."""
    language: str
    timezone: ZoneInfo
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    path: Path
    quarantine: Path
    images: Path
    """Copies of the pictures beside stories, by digest."""
    interval: int
    """Seconds."""
    settle: int
    """Seconds without a change after which a file counts as finished, where the system cannot say."""
    deletions: Deletions
    unknown_sections: UnknownSections


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    output: Path
    cache: Path
    """Stories as feeds write them, kept between two runs; it may be deleted at any time."""
    limit: int
    archives: bool
    """Whether the full history is published too (RFC 5005)."""
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    """Tags and authors that have feeds of their own."""
    hub: str | None
    """The WebSub hub that is told when feeds change."""


class Order(StrEnum):
    """Which story an edition tells first, and which it leaves to "and N more"."""

    NEWEST = "newest"
    MOST_READ = "most_read"


class WhenEmpty(StrEnum):
    """What becomes of a slot with nothing new to tell."""

    SKIP = "skip"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A recurring newsletter."""

    slug: str
    title: str
    sections: tuple[str, ...]
    tags: tuple[str, ...]
    """A story has one of these, or one of the keywords; neither named: every story of the sections."""
    keywords: tuple[str, ...]
    """Whole words of the title or the lead, in any case."""
    since: date | None
    """Stories that the publisher knew before this local date are old news to it."""
    order: Order
    when_empty: WhenEmpty
    language: str
    """Of its letters, for readers who want none in particular."""
    timezone: ZoneInfo
    time: time
    """Local to `timezone`."""
    days: tuple[str, ...]
    template: str
    subject: str
    max_stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    host: str
    """A name, an address, or the path of a Unix socket."""
    port: int
    security: SmtpSecurity
    username: str
    password: str
    connections: int
    """How many messages are on their way at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast mail may leave; 0 is as fast as the server takes it."""

    per_second: int
    per_hour: int
    domains: Mapping[str, int]
    """Messages a second, by the recipient's domain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """Where a private key is, and where its public half stands in the DNS (RFC 6376, 3.6.2.1)."""

    domain: str
    """In ASCII."""
    selector: str
    path: Path
    """PEM: RSA or Ed25519."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    transport: TransportKind
    outbox: Path
    sender: Address
    reply_to: Address
    bounces: Address | None
    """Where mail that cannot be delivered comes back; None: to the sender, and nobody reads it."""
    smtp: Smtp
    limits: Limits
    dkim: tuple[DkimKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """`publisher serve`."""

    host: str
    """The address it listens on."""
    port: int
    hosts: frozenset[str]
    """Names of the site, in lower case, beside the one in `site.url`."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    """Whose X-Forwarded-For is believed."""
    metrics_from: tuple[IPv4Network | IPv6Network, ...]
    """Who may read /metrics and the reasons of /readyz."""
    max_age: int
    """Seconds for which readers and proxies may keep feeds and pages."""
    signups_per_hour: int
    """From one network: a /24 of IPv4, a /56 of IPv6."""
    signups_in_all: int
    """In an hour, from everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    root: Path
    """The folder config.toml stands in."""
    site: Site
    inbox: Inbox
    store_url: str
    """An SQLAlchemy URL; the path of an SQLite file is absolute."""
    feeds: Feeds
    sections: tuple[Section, ...]
    digests: tuple[Digest, ...]
    delivery: Delivery
    web: Web
    secret: str | None
    """PUBLISHER_SECRET; None lets the store keep one of its own."""

    @property
    def templates(self) -> Path:
        """The newsroom's own templates; each one found here replaces the packaged one."""
        return self.root / "templates"


def is_loopback(host: str) -> bool:
    """Whether mail to this host never leaves the machine."""
    if host == "localhost" or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
