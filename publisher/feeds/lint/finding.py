"""What the lint has to say, and how it names the place."""

from dataclasses import dataclass
from enum import StrEnum

from publisher.errors import Problem

_TITLE = 40
_QUOTE = 60


class Level(StrEnum):
    ERROR = "error"
    """Readers lose a story, show it wrongly, or show it twice."""
    WARNING = "warning"
    """Some readers do worse than they could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a feed."""

    rule: str
    """A name that stays, such as `id-missing`."""
    level: Level
    place: str
    """`entry 3 "Title…"` or `line 12`; empty when it is the feed as a whole."""
    cause: str
    hint: str

    def at(self, where: object) -> Problem:
        """The same, of the feed that lies there."""
        cause = f"{self.place}: {self.cause}" if self.place else self.cause
        return Problem(where=str(where), cause=cause, hint=self.hint)


def entry_place(number: int, title: str) -> str:
    """Name an entry: `number` counts from 1 as it stands in the feed, `title` may be empty."""
    return f'entry {number} "{one_line(title, _TITLE)}"' if title else f"entry {number}"


def line_place(number: int) -> str:
    return f"line {number}" if number else ""


def quote(text: str) -> str:
    """A part of the feed, as a quotation."""
    return f"«{one_line(text, _QUOTE)}»"


def one_line(text: str, length: int) -> str:
    """A stranger's text, cut, so that it can break neither the line nor the terminal."""
    text = " ".join(text[: 4 * length].split())
    text = text if len(text) <= length else text[: length - 1].rstrip() + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)
