"""The formats by name, and what was read of a row that is none."""

from dataclasses import dataclass
from enum import StrEnum


class ListFormat(StrEnum):
    CSV = "csv"
    """Our own."""
    LISTMONK = "listmonk"
    MAILCHIMP = "mailchimp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Somebody whom the list names, and does not count among its readers."""

    line: int
    address: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A row that cannot be read."""

    line: int
    address: str
    """As it stands there."""
    cause: str
    hint: str
