"""The lines of a page, and what has been recognised in them so far."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.model import Dateline, PubStatus

FURNITURE_LIMIT = 200
"""A longer line is the story's own: furniture is short."""
TITLE_LIMIT = 250
_WARNINGS = 40
"""Nobody reads more of them."""
_EDGES = " \u200e\u200f\u061c"
_FIRST_WORD = re.compile(r"\W*(\w+)")


class Line(NamedTuple):
    text: str
    folded: str = ""
    """In one case; empty for a line that is too long to be furniture."""
    head: str = ""
    """Its first word, folded: recognisers ask for it before they look closer."""
    number: int = 0
    block: int = 0
    """Which of the page's groups between blank lines it is in."""

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence of the text, and so no title and no section."""
        return (
            len(self.text) > TITLE_LIMIT
            or self.text.endswith((".", ";", ",", ":", ".»", ".”", '."'))
            or self.text.startswith(("– ", "— ", "- "))
        )


def read_lines(text: str) -> list[Line]:
    """The lines that hold something, numbered."""
    lines: list[Line] = []
    block = 0
    for row in text.split("\n"):
        if row and (stripped := row.strip(_EDGES)):
            number = len(lines)
            if len(stripped) > FURNITURE_LIMIT:
                lines.append(Line(stripped, "", "", number, block))
            else:
                folded = stripped.casefold()
                lines.append(Line(stripped, folded, first_word(folded), number, block))
        else:
            block += 1
    return lines


def first_word(folded: str) -> str:
    word = folded.partition(" ")[0]
    if word.isalnum():
        return word
    match = _FIRST_WORD.match(folded)
    return match[1] if match else ""


class Candidate(NamedTuple):
    """A line that has a date, and the signs of whether it is the story's."""

    words: str
    line: Line
    above: int
    """How many lines of the story stand above it."""
    below_prose: bool
    section: str | None
    rich: bool
    """The story's own furniture stands beside it: a section, a counter."""
    weak: bool = False
    """It stands inside a caption, or behind the name of a town."""
    published: bool = False
    """It is labelled as the date of publication."""


@dataclass(slots=True)
class Page:
    """What has been recognised so far."""

    section: str | None = None
    crumbs: list[str] = field(default_factory=list)
    dates: list[Candidate] = field(default_factory=list)
    half_date: str | None = None
    """A line of the header that would be a date if it were whole."""
    views: int | None = None
    bare_numbers: list[int] = field(default_factory=list)
    reading_minutes: int | None = None
    credit: str | None = None
    caption: str | None = None
    byline: str | None = None
    tags: tuple[str, ...] = ()
    own_urls: list[str] = field(default_factory=list)
    bare_urls: list[tuple[int, Line]] = field(default_factory=list)
    """With the number of story lines above each."""
    embargo: Dateline | None = None
    status: PubStatus = PubStatus.USABLE
    warnings: list[str] = field(default_factory=list)
    story: list[Line] = field(default_factory=list)
    prose: int = 0
    """How many sentences and long lines of the story there have been."""
    last_prose: int = -1
    """The number of the last of them."""
    promoting: bool = False
    """The lines below lead to other stories, until a sentence comes."""
    ended_at: int = -1
    """The number of the last line that stands below a story only: a byline, a row of buttons."""

    def keep(self, line: Line) -> None:
        self.story.append(line)
        if line.is_prose:
            self.prose += 1
            self.last_prose = line.number

    def warn(self, words: str) -> None:
        if len(self.warnings) < _WARNINGS and words not in self.warnings:
            self.warnings.append(words)


def no_title(why: str) -> RefusedError:
    return RefusedError(
        f"there is no title: {why}" if why else "there is no title",
        "put the title on a line of its own above the text, below «Section • 26 Наурыз, 2024»",
    )
