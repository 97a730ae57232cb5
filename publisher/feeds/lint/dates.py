"""Dates as feeds write them: RFC 822 in RSS, RFC 3339 in Atom and JSON Feed, W3C-DTF in Dublin Core."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# RFC 822, 5.1, and UTC, which every reader knows. Its military letters mean nothing since RFC 1123.
_ZONES = {"ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5}
_ZONES |= {"mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_FLAGS = re.ASCII | re.IGNORECASE
_RFC822 = re.compile(
    rf"(?:({'|'.join(_DAYS)}),\s*)?(\d\d?)\s+({'|'.join(_MONTHS)})\s+(\d{{4}}|\d\d)"
    rf"\s+(\d\d):(\d\d)(?::(\d\d))?\s+([+-]\d{{4}}|{'|'.join(_ZONES)})",
    _FLAGS,
)
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)", _FLAGS)
_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?", re.ASCII)
_LEAP_SECOND = 60


class Grammar(Enum):
    """How a date is to be written."""

    RFC822 = "RFC 822"
    RFC3339 = "RFC 3339"
    W3CDTF = "the W3C"
    """As RFC 3339; also without seconds, and a day, a month or a year alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A date of a feed, as it is written and as it is meant."""

    name: str
    """The element's or key's."""
    text: str
    grammar: Grammar
    """The one that it should follow."""
    at: datetime | None = None
    """In UTC; None when the text names no instant."""
    fits: bool = False
    short_year: bool = False
    wrong_weekday: bool = False


def read_stamp(name: str, text: str, grammar: Grammar) -> Stamp:
    """Read a date. One that follows another grammar than it should has its instant all the same."""
    text = text.strip()
    try:
        if match := _RFC822.fullmatch(text):
            return _read_rfc822(name, match, grammar)
        if match := _RFC3339.fullmatch(text):
            return _read_rfc3339(name, match, grammar)
    except (ValueError, OverflowError):  # 31 February, or a zone that leads out of the calendar
        return Stamp(name=name, text=text, grammar=grammar)
    fits = grammar is Grammar.W3CDTF and _DAY.fullmatch(text) is not None
    return Stamp(name=name, text=text, grammar=grammar, fits=fits)


def _read_rfc822(name: str, match: re.Match[str], grammar: Grammar) -> Stamp:
    weekday, day, month, year, hour, minute, second, zone = match.groups()
    local = datetime(
        _year(year),
        _MONTHS.index(month.lower()) + 1,
        int(day),
        int(hour),
        int(minute),
        _second(second),
        tzinfo=_zone(zone),
    )
    return Stamp(
        name=name,
        text=match[0],
        grammar=grammar,
        at=local.astimezone(UTC),
        fits=grammar is Grammar.RFC822,
        short_year=len(year) == 2,
        wrong_weekday=weekday is not None and _DAYS.index(weekday.lower()) != local.weekday(),
    )


def _read_rfc3339(name: str, match: re.Match[str], grammar: Grammar) -> Stamp:
    minute, second, zone = match.groups()
    local = datetime.fromisoformat(f"{minute}:{_second(second):02}{zone}".upper())
    fits = grammar is Grammar.W3CDTF or (grammar is Grammar.RFC3339 and second is not None)
    return Stamp(name=name, text=match[0], grammar=grammar, at=local.astimezone(UTC), fits=fits)


def _second(text: str | None) -> int:
    """A leap second is no fault of the feed's, but Python has none."""
    second = int(text or 0)
    return second - 1 if second == _LEAP_SECOND else second


def _year(text: str) -> int:
    """RFC 2822, 4.3."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 50 else 1900)


def _zone(text: str) -> timezone:
    if text[0] not in "+-":
        return timezone(timedelta(hours=_ZONES[text.lower()]))
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return timezone(-offset if text[0] == "-" else offset)
