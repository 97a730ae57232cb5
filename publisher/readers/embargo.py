"""An embargo written where people write it: in the text, in a mail's subject, in an editor's note.

Fails closed: what may be an embargo and cannot be read holds the story back.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from publisher.model import Origin
from publisher.readers.body import Block
from publisher.readers.fields import Standing, read_standing

_LABEL = (
    r"(?:под |under |strictly )?(?:эмбарго|ембарго|embargo(?:ed)?|embargoda|ەمبارگو)"
    r"|не публиковать|не для публикации|жариялауға болмайды|do not publish|not for publication"
)
_UNTIL = (
    r"до|until|till|to|on|for|release|lifts|ends|date|действует|снимается|уақыты|мерзімі|дейін"
    r"|жарияланбасын|жариялауға болмайды|не публиковать|deıin|deiin|deyin|دەيىن"
)
_LINE = re.compile(
    rf"[\W_]*(?:{_LABEL})(?!\w)(?P<colon>[\s*_]*[:：–—-])?(?P<value>.*)", re.IGNORECASE | re.DOTALL
)
_BEFORE = re.compile(rf"(?:[\W_]+|(?:{_UNTIL})\b)+", re.IGNORECASE)
_AFTER = re.compile(rf"(?:[\W_]|\b(?:{_UNTIL}))+\Z", re.IGNORECASE)
_LINE_END = re.compile(rf"[\W_]*(?P<value>\d.{{0,60}})\s(?P<colon>)(?:{_LABEL})[\W_]*", re.IGNORECASE)
_UNTIL_WORD = re.compile(rf"[\W_]*(?:{_UNTIL})\b", re.IGNORECASE)
_DATE_ALONE = re.compile(r"\d{1,4}[\s./-]+\w+[\s./-]+\d{2,4}\b.{0,24}")
_SUBJECT = re.compile(
    rf"[\W_]*(?P<said>(?:{_LABEL})(?!\w)[^\]]{{0,80}}?)(?:\s*[:|\]]\s+|\s+[–—-]\s+|\]\s*)(?P<title>\S.*)",
    re.IGNORECASE,
)
_SUBJECT_END = re.compile(
    rf"(?P<title>.*\S)\s*[(\[]\s*(?P<said>(?:{_LABEL})(?!\w)[^()\[\]]{{0,80}})[)\]]\W*", re.IGNORECASE
)
_INSIDE = re.compile(rf"(?<!\w)(?:{_LABEL})(?!\w)", re.IGNORECASE)
_SIGNS = ("мбарго", "mbargo", "ەمبارگو", "публик", "болмайды", "publi")
_SHORT = 120
"""A longer line is the story's, unless a time follows the word."""
_EDGE = 2
"""How many lines, at either end of a text, are believed to say «embargo» of the story itself."""


class Found(NamedTuple):
    """The places of the lines that are an embargo and nothing else, and what all embargoes say."""

    lines: frozenset[int]
    values: tuple[str, ...]


def may_hold(text: str) -> bool:
    """Whether it is worth a closer look; cheap."""
    folded = text.casefold()
    return any(sign in folded for sign in _SIGNS)


def find_embargo(lines: Sequence[str]) -> Found:
    """Look for «Эмбарго: 27.03.2024 10:00» among the lines of a text.

    In the first and the last lines the word and a colon are enough; between them a time must follow, for a
    story may speak of an embargo on grain.
    """
    places: set[int] = set()
    values: list[str] = []
    for number, line in enumerate(lines):
        match = may_hold(line[:_SHORT]) and (_LINE.match(line) or _LINE_END.fullmatch(line))
        if not match:
            continue
        at_edge = number < _EDGE or number >= len(lines) - _EDGE
        if _is_meant(match, at_edge=at_edge, short=len(line) <= _SHORT):
            values.append(match["value"])
            if len(line) <= _SHORT:
                places.add(number)
    return Found(frozenset(places), tuple(values))


def _is_meant(match: re.Match[str], *, at_edge: bool, short: bool) -> bool:
    value, said = match["value"], _words(match["value"])
    timed = said[:1].isdecimal()
    if match["colon"]:
        return timed or (short and (at_edge or not said))
    # «Эмбарго 2014 года снято» is a sentence; «эмбарго до 10 утра» is not.
    until = timed and at_edge and bool(_UNTIL_WORD.match(value))
    return short and (not said or until or _DATE_ALONE.fullmatch(said) is not None)


def take_embargo(found: Sequence[Block]) -> tuple[list[Block], tuple[str, ...]]:
    """The blocks of a body without its embargoes, and what these say."""
    embargo = find_embargo([block.text for block in found])
    return [block for at, block in enumerate(found) if at not in embargo.lines], embargo.values


def split_subject(subject: str) -> tuple[str, tuple[str, ...]]:
    """The title and what the subject says of an embargo: «ЭМБАРГО до 27.03.2024: Сенат отырысы»."""
    if not may_hold(subject):
        return subject, ()
    for form in (_SUBJECT, _SUBJECT_END):
        match = form.fullmatch(subject)
        if match and (not (said := _words(_said(match["said"]))) or said[0].isdecimal()):
            return match["title"], (_said(match["said"]),)
    found = find_embargo([subject])
    return subject, found.values


def find_in_note(note: str) -> tuple[str, ...]:
    """What an editor's note says of an embargo, wherever in it."""
    match = _INSIDE.search(note) if may_hold(note) else None
    return (_said(note[match.start() :]),) if match else ()


def _said(text: str) -> str:
    match = _LINE.match(text)
    return match["value"] if match else text


def hold(standing: Standing, values: Iterable[str], origin: Origin) -> Standing:
    """The standing with these embargoes: the latest counts, and one that cannot be read holds for good."""
    for value in values:
        said = _words(value)[:_SHORT]
        until = read_standing(standing.status, said or "without a time", origin)
        later = max(
            (one for one in (standing.embargo, until.embargo) if one),
            key=lambda one: one.isoformat(),
            default=None,
        )
        standing = Standing(until.status, later, (*standing.warnings, *until.warnings))
    return standing


def _words(value: str) -> str:
    """A time without the «until» around it; it may be written in Markdown's bold."""
    match = _BEFORE.match(value)
    return _AFTER.sub("", value[match.end() :] if match else value)
