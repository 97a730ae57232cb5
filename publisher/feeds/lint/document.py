"""What all feed formats have in common; the readers of each make it, and the checks of all look at it."""

from dataclasses import dataclass, field
from enum import Enum

from publisher.feeds.lint.dates import Stamp
from publisher.feeds.lint.finding import Finding


class Kind(Enum):
    """A format, told by the bytes."""

    RSS = "RSS"
    RDF = "RSS 1.0"
    ATOM = "Atom"
    JSON = "JSON Feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    name: str
    """What the feed calls it."""
    href: str
    based: bool = False
    """Whether the feed names an absolute base for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    name: str
    html: str
    based: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    place: str
    id: str
    """Without it, empty."""
    title: str
    """As plain text, where the format asks for that; else empty."""
    links: tuple[Link, ...]
    published: Stamp | None
    updated: Stamp | None
    language: str
    contents: tuple[Content, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    kind: Kind
    title: str
    links: tuple[Link, ...]
    self_urls: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    """Of the feed itself."""
    language: str | None
    """Empty without it; None where the format has no place for it."""
    entries: tuple[Entry, ...]
    findings: list[Finding] = field(default_factory=list)
    """What the format's own reader found: the rules that no other format has."""
