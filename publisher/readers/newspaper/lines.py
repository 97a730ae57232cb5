"""The lines of a page, and what has been recognised in them so far."""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.model import Dateline, PubStatus

FURNITURE_LIMIT = 200
"""A longer line is the story's own: furniture is short."""
TITLE_LIMIT = 250
_WARNINGS = 40
"""Nobody reads more of them."""
_EDGES = " \u200e\u200f\u061c"
_SHORTENED = re.compile(r"(?:\b[ap]\.m|\d{4} ?(?:г|ж|j|ج|года|жыл))\.$")
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

    @property
    def is_sentence(self) -> bool:
        """Whether it ends as sentences end. «26 марта 2024 г.» does not."""
        end = self.text.rstrip('»”")]')
        if not end.endswith((".", "!", "?", "…")) or " " not in self.text:
            return False
        return end[-1] != "." or not _SHORTENED.search(end[-12:])


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


class Form(IntEnum):
    """How a date stands in its line, the surest first."""

    PURE = 0
    """Alone, or among the story's counters."""
    SECTION = 1
    """«Сенат • 26 Наурыз, 2024»"""
    LABEL = 2
    """«Күні: 26.03.2024»: an event has such a line too."""
    TOWN = 3
    """«Астана, 26 марта 2024 года»"""
    LOOSE = 4
    """«Сенат 26 Наурыз, 2024», «Сенат – 26 Наурыз, 2024»"""
    CAPTION = 5
    """Inside a photo's caption."""


class Candidate(NamedTuple):
    """A line that has a date, and the signs of whether it is the story's."""

    words: str
    line: Line
    above: int
    """How many lines of the story stand above it."""
    below_prose: bool
    form: Form
    section: str | None = None
    rich: bool = False
    """The story's own furniture stands beside it: a section, a counter."""
    published: bool = False
    """It is labelled as the date of publication."""


@dataclass(slots=True)
class Page:
    """What has been recognised so far."""

    section: str | None = None
    crumbs: list[str] = field(default_factory=list)
    dates: list[Candidate] = field(default_factory=list)
    half_dates: list[Candidate] = field(default_factory=list)
    """Lines of the header that would be dates if they were whole."""
    first_line: str = ""
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
    first: int = 0
    """The numbers of the first and the last line that is a sentence of the text for certain:"""
    last: int = -1
    """between them a line is furniture only where nothing else is possible."""
    inside: bool = False
    """The line that is being looked at stands between those two."""
    tagging: int = -1
    """The block of lines that are a tag each."""
    doubts: dict[int, str] = field(default_factory=dict)
    """Lines of the header that were kept, by number, and what else they may be."""
    taken: list[str] = field(default_factory=list)
    """Lines that were taken for furniture where a title might have stood."""
    prose: int = 0
    """How many sentences and long lines of the story there have been."""
    last_prose: int = -1
    """The number of the last of them."""
    promoting: bool = False
    """The lines below lead to other stories, until a sentence comes."""
    promoted: int = -1
    """The block of the first of them."""
    notes: dict[int, str] = field(default_factory=dict)
    """Lines that begin as a correction note does, by number, with their words."""
    last_notes: list[Line] = field(default_factory=list)
    """Those that stood below the text."""
    ended_at: int = -1
    """The number of the last line that stands below a story only: a byline, a row of buttons."""

    def keep(self, line: Line) -> None:
        self.story.append(line)
        if line.is_prose:
            self.prose += 1
            self.last_prose = line.number

    @property
    def has_text_above(self) -> bool:
        """Whether a line that may be the title has gone by."""
        return bool(self.story)

    def doubt(self, line: Line, kind: str) -> bool:
        """Keep a line that may be the title, or `kind`."""
        self.doubts[line.number] = kind
        return False

    def warn(self, words: str) -> None:
        if len(self.warnings) < _WARNINGS and words not in self.warnings:
            self.warnings.append(words)


def no_title(why: str) -> RefusedError:
    return RefusedError(
        f"there is no title: {why}" if why else "there is no title",
        "put the title on a line of its own above the text, below «Section • 26 Наурыз, 2024»",
    )
