"""Editions as anybody may read them."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A story of an edition, under the title it has now."""

    title: str
    language: str
    slug: str
    url: str | None
    """Its own address; None: our page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicEdition:
    """A digest's edition that went out, or is going out."""

    id: int
    digest: str
    local_date: date
    frozen_at: datetime
    changed_at: datetime
    """When it was frozen, or a story that it tells was withdrawn."""
    whole: bool
    """Whether every story that it tells may still be seen: if not, its letter may not."""
    stories: int
    subject: str
    language: str
    """Of the subject."""
