"""What may stand before a colon, and the lines that an embargo is made of."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.model import Dateline, PubStatus
from publisher.readers.newspaper import words
from publisher.readers.newspaper.lines import Line, Page
from publisher.text.dates import parse_dateline, seems_date


class Label(NamedTuple):
    """What may stand before a colon."""

    heads: frozenset[str]
    pattern: re.Pattern[str]


def label(names: Sequence[str]) -> Label:
    heads = frozenset(match[1] for name in names if (match := re.match(r"\W*(\w+)", name)))
    colon = r"(?P<colon> ?[:：]| [-–—] )?"
    return Label(
        heads, re.compile(rf"\W*(?:{words.any_of(names)})(?!\w){colon} ?(?P<value>.*)", re.IGNORECASE)
    )


def has_colon(match: re.Match[str]) -> bool:
    """Whether the label ends in a colon; a dash may be a sentence's own."""
    return (match["colon"] or "").strip() in {":", "："}


EMBARGO = label(words.EMBARGO)
_UNTIL = rf"(?:\W|(?:{words.any_of(words.UNTIL)})\b)+"
_UNTIL_BEFORE, _UNTIL_AFTER = (
    re.compile(form, re.IGNORECASE)
    for form in (rf"^{_UNTIL}", rf"(?:\W|\b(?:{words.any_of(words.UNTIL)}))+$")
)
_HELD = re.compile(
    r"(?:until|till|up to|not (?:for|before)|before|до|действует до|снимается|ертең|завтра|tomorrow)\b.*"
    r"|.*\b(?:дейін|دەيىن|de[ıi]in|deyin)\W*",
    re.IGNORECASE,
)
_LIMIT = 80
"""A longer line without a colon is a sentence about an embargo."""
_SHORT = 30


def read_embargo(line: Line, page: Page) -> bool:
    """Fails closed: a time that cannot be read holds the story back for good."""
    match = EMBARGO.pattern.match(line.text)
    if not match:
        return False
    until = _embargo_time(match["value"])
    if until is None:
        if not has_colon(match) and not _is_held(line, match["value"].strip(" *!.")):
            return False
        if page.status is PubStatus.USABLE:  # whatever else there is to say, this comes first
            page.warnings.insert(0, f"held back: the time of the embargo «{line.text}» cannot be read")
        page.status = PubStatus.WITHHELD
    elif page.embargo is None or page.embargo.isoformat() < until.isoformat():
        page.embargo = until
    return True


def _is_held(line: Line, value: str) -> bool:
    """Whether a line without a colon still says how long; «Эмбарго на мазут» is a title."""
    if not value:
        return True
    if len(line.text) > _LIMIT or (line.is_sentence and len(value.split()) > 4):
        return False
    number = len(value) <= _SHORT and any(map(str.isdecimal, value)) and not line.is_sentence
    return bool(_HELD.fullmatch(value)) or seems_date(value) or number


def _embargo_time(value: str) -> Dateline | None:
    try:
        return parse_dateline(_UNTIL_AFTER.sub("", _UNTIL_BEFORE.sub("", value)))
    except RefusedError:
        return None
