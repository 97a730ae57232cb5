"""The newsroom's settings, as the rest of the program sees them."""

import ipaddress
from dataclasses import dataclass
from datetime import time
from email.headerregistry import Address
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.model import Section

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LANGUAGES = ("kk", "ru", "en")


class TransportKind(StrEnum):
    SPOOL = "spool"
    SMTP = "smtp"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A recurring newsletter."""

    slug: str
    title: str
    sections: tuple[str, ...]
    time: time
    """Local to the site."""
    days: tuple[str, ...]
    template: str
    subject: str
    max_stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    host: str
    port: int
    security: SmtpSecurity
    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    transport: TransportKind
    outbox: Path
    sender: Address
    reply_to: Address
    smtp: Smtp


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
    secret: str | None
    """PUBLISHER_SECRET; None lets the store keep one of its own."""

    @property
    def templates(self) -> Path:
        """The newsroom's own templates; each one found here replaces the packaged one."""
        return self.root / "templates"


def is_loopback(host: str) -> bool:
    """Whether mail to this host never leaves the machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
