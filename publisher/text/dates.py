"""The date line of a newspaper story, read with a small lexer. What cannot be known is not guessed.

python-dateutil reads 01.09.2022 as 9 January and knows no Kazakh, so it has no part in this.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse

from publisher.errors import RefusedError
from publisher.model import Dateline
from publisher.text.months import (
    AGO_WORDS,
    CLOCK_WORDS,
    DAY_WORDS,
    NUMBER_WORDS,
    UNITS,
    WEEKDAY_WORDS,
    fold,
    month_of,
    zone_of,
)

_TOKEN = re.compile(
    rf"""
      (?P<moment>(?<!\d)\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?\ ?(?:Z|[+-]\d\d:?\d\d)
        |T\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?)(?![\w:]))
    | (?P<zone>\(?\b(?:GMT|UTC)\ ?(?:[+−-]\ ?\d{{1,2}}(?::?\d\d)?)?(?![\w:])\)?
        |(?<=\d[.:]\d\d\ )BST\b|(?<=:\d\d)\ ?\+\d\d:?\d\d(?![\w:]))
    | (?P<clock>(?<![\d:])\d{{1,2}}:\d\d(?::\d\d)?(?![\d:])(?:\ ?[ap]\.?m\b\.?)?)
    | (?P<numeric>(?<![\d./-])\d{{1,2}}(?P<by>[./-])\d{{1,2}}(?P=by)\d{{4}}(?!\d))
    | (?P<iso>(?<!\d)\d{{4}}(?P<of>[./-])\d\d(?P=of)\d\d(?!\d))
    | (?P<ago>(?:(?<![\d.,])\d{{1,2}}\ |\ban?\ )?\b(?:{"|".join(sorted(UNITS, reverse=True))})
        \ (?:{"|".join(sorted(AGO_WORDS))})\b)
    | (?P<pair>(?<![\d.])\d\d\.\d\d(?![\d.]*\w))
    | (?P<number>\d+)
    | (?P<word>[^\W\d_]+)
    | (?P<mark>[^\w\s]|_)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ZONES = {"bst": "GMT+1"}
_MARKS = frozenset(",،.-–—|•·/\u200e\u200f\u061c")
_SHORT_YEAR = re.compile(r"\D{0,2}\d{1,2}([./-])\d{1,2}\1\d\d\D{0,3}")
_YEARS = range(1900, 2101)
_LONGEST_WORD = 20
_LONGEST_DATE = 100
# A page is exported some moments before its file is written, and clocks differ.
_CLOCKS_DIFFER = timedelta(minutes=5)


def parse_dateline(text: str, written_at: datetime | None = None) -> Dateline | None:
    """Read a text that is a date and nothing else, such as «26 Наурыз, 2024» or «05.09.2024, 9:40».

    «Бүгін, 10:23» or «2 hours ago» is counted from `written_at`, which is aware and in the newsroom's zone;
    without it such words are no date. Returns None when the text is not a date alone.

    Raises:
        RefusedError: it is a date that does not exist, such as «31 Ақпан, 2024», or a «today» that
            contradicts `written_at`.
    """
    parts = _parts(text) if len(text) <= _LONGEST_DATE else None
    if parts is None or not parts.complete(relative=written_at is not None):
        return None
    return parts.dateline(text.strip(), written_at)


@lru_cache(maxsize=1024)  # the stories of a day share their date line
def _parts(text: str) -> "_Parts | None":
    parts = _Parts()
    return parts if all(map(parts.take, _TOKEN.finditer(text))) else None


@lru_cache(maxsize=1024)
def find_datelines(text: str) -> tuple[tuple[int, int], ...]:
    """Where dates stand in a line, from left to right and each as long as it can be; nothing is checked yet.

    «05.09.2024, 9:40 218» holds one, and 218 is not in it. Where two readings are possible («2015 26 Наурыз
    2024») there is none.
    """
    tokens = list(_TOKEN.finditer(text))
    spans, at = [], 0
    while at < len(tokens):
        end, doubtful = _longest(tokens, at)
        if doubtful:
            return ()
        if end:
            spans.append((tokens[at].start(), tokens[end - 1].end()))
        at = end or at + 1
    return tuple(spans)


def seems_date(text: str) -> bool:
    """Whether a text has only the words and numbers of dates, complete or not: «26 Наурыз», «05.09.24»."""
    named = bool(_SHORT_YEAR.fullmatch(text))
    for match in _TOKEN.finditer(text):
        kind, word = match.lastgroup, match.group()
        if kind == "word":
            folded = fold(word) if len(word) <= _LONGEST_WORD else ""
            names = month_of(folded) or folded in DAY_WORDS or folded in WEEKDAY_WORDS
            if not names and folded not in NUMBER_WORDS and folded not in CLOCK_WORDS:
                return False
            named = named or bool(names)
        elif kind == "mark":
            if word not in _MARKS:
                return False
        else:
            named = named or kind != "number"
    return named


def _longest(tokens: list[re.Match[str]], start: int) -> tuple[int, bool]:
    """One past the last token of the date that begins at `start`, or 0; and whether it reads two ways."""
    parts, end = _Parts(), 0
    first = tokens[start]
    if first.lastgroup == "mark":
        return 0, False
    for at in range(start, len(tokens)):
        token = tokens[at]
        if not parts.take(token):
            rival = (
                0 < end == at
                and first.lastgroup == "number"
                and len(token.group()) == len(first.group()) == 4
            )
            return end, rival and _longest(tokens, start + 1)[0] == at + 1
        if token.lastgroup != "mark" and parts.complete(relative=True):
            end = at + 1
    return end, False


@dataclass(slots=True)
class _Parts:
    """What the tokens of one date have said so far."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    clock: str | None = None
    days_ago: int | None = None
    seconds_ago: int | None = None
    moment: str | None = None
    zone: str | None = None
    needs_clock: bool = False
    pairs: tuple[str, ...] = ()

    def take(self, token: re.Match[str]) -> bool:
        """Put a token where it belongs; False when it has no place, or its place is taken."""
        kind, text = str(token.lastgroup), token.group()
        if kind == "mark":
            return text in _MARKS
        if self.moment is not None:
            return False
        if kind == "zone":
            return bool(self.clock or self.pairs) and self._set("zone", _ZONES.get(text.casefold(), text))
        if kind == "word":
            return len(text) <= _LONGEST_WORD and self._take_word(fold(text))
        return self._take_number(text) if kind == "number" else self._take_form(kind, text)

    def _take_word(self, word: str) -> bool:
        if number := month_of(word):
            return self._set("month", number)
        if word in DAY_WORDS:
            return self._set("days_ago", DAY_WORDS[word])
        if word in CLOCK_WORDS:
            self.needs_clock = True
            return True
        return word in NUMBER_WORDS or word in WEEKDAY_WORDS

    def _take_number(self, text: str) -> bool:
        if len(text) == 4 and int(text) in _YEARS:
            return self._set("year", int(text))
        return len(text) <= 2 and self._set("day", int(text))

    def _take_form(self, kind: str, text: str) -> bool:
        if kind in {"numeric", "iso"}:
            first, month, last = map(int, re.split(r"[./-]", text))
            day, year = (first, last) if kind == "numeric" else (last, first)
            return self._set("day", day) and self._set("month", month) and self._set("year", year)
        if kind == "ago":
            *count, unit, _ = text.casefold().split()
            number = int(count[0]) if count and count[0].isdecimal() else 1
            return self.alone() and self._set("seconds_ago", number * UNITS[unit])
        if kind == "pair":
            self.pairs += (text,)
            return len(self.pairs) == 1
        return self._set("moment", text) if kind == "moment" and self.alone() else self._set("clock", text)

    def _set(self, name: str, value: int | str) -> bool:
        if getattr(self, name) is not None:
            return False
        setattr(self, name, value)
        return self.seconds_ago is None or name == "seconds_ago"

    def alone(self) -> bool:
        return all(part is None for part in (self.day, self.month, self.year, self.clock, self.days_ago))

    def complete(self, *, relative: bool) -> bool:
        """Whether the tokens name one day. «09.40» is a clock only beside a day that is whole without it."""
        if self.pairs and (self.clock or self.pairs[0] > "23.59" or self.pairs[0][3:] > "59"):
            return False
        if self.needs_clock and not (self.clock or self.pairs):
            return False
        if self.moment or (relative and self.seconds_ago is not None and not self.pairs):
            return True
        if self.day is not None and self.month is not None:
            return self.year is not None or (relative and self.days_ago is not None)
        return relative and self.days_ago is not None and self.day is None and self.month is None

    def dateline(self, printed: str, written_at: datetime | None) -> Dateline:
        if self.moment:
            return parse_iso(self.moment) or Dateline(day=date.min)  # the token has ISO's own shape
        try:
            clock = _clock(self.clock or (self.pairs[0].replace(".", ":") if self.pairs else None))
            if clock and self.zone:
                clock = clock.replace(tzinfo=zone_of(self.zone))
            if self.day is not None and self.month is not None and self.year is not None:
                return Dateline(day=_day(self.year, self.month, self.day), clock=clock)
        except ValueError as error:
            raise RefusedError(
                f"the date «{printed}» does not exist", "correct the day, month or hour"
            ) from error
        if written_at is None:  # `complete` has seen to it
            raise RefusedError(f"the date «{printed}» names no day", "write it in full: 26 Наурыз, 2024")
        return self._counted(printed, clock, written_at)

    def _counted(self, printed: str, clock: time | None, written_at: datetime) -> Dateline:
        """Count from the file's own time. The words must not contradict it: then nothing can be known."""
        if self.seconds_ago is not None:
            # In UTC: a clock that was turned in between still shows the hour that it was.
            then = (written_at.astimezone(UTC) - timedelta(seconds=self.seconds_ago)).astimezone(
                written_at.tzinfo
            )
            exact = self.seconds_ago % UNITS["day"] != 0
            clock = then.time().replace(second=0, microsecond=0) if exact else None
            return Dateline(day=then.date(), clock=clock, printed=printed)
        day = written_at.date() - timedelta(days=self.days_ago or 0)
        agrees = all(
            said is None or said == counted
            for said, counted in ((self.year, day.year), (self.month, day.month), (self.day, day.day))
        )
        if clock is not None and not self.days_ago:
            latest = written_at if clock.tzinfo else written_at.replace(tzinfo=None)
            agrees = agrees and datetime.combine(day, clock) <= latest + _CLOCKS_DIFFER
        if not agrees:
            raise RefusedError(
                f"the date «{printed}» contradicts the file's own time, {written_at:%Y-%m-%d %H:%M}",
                "write the date in full: 26 Наурыз, 2024",
            )
        return Dateline(day=day, clock=clock, printed=printed)


def _day(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise ValueError(f"no story is of the year {year}")
    return date(year, month, day)


def _clock(text: str | None) -> time | None:
    if not text:
        return None
    half = text.rstrip(". ").casefold().replace(".", "")
    hour, minute, second = (*map(int, half.rstrip("apm ").split(":")), 0)[:3]
    if half.endswith("m"):
        if hour not in range(1, 13):
            raise ValueError(f"no clock shows {text}")
        hour = hour % 12 + 12 * half.endswith("pm")
    return time(hour, minute, second)


def local_time(at: datetime, zone: ZoneInfo) -> datetime:
    """An instant as clocks showed it there.

    Before there were zones, offsets had seconds, which no feed can carry: such an instant stays in UTC.
    """
    local = at.astimezone(zone)
    offset = local.utcoffset()
    return local if offset is not None and offset.seconds % 60 == 0 else at.astimezone(UTC)


def parse_iso(text: str) -> Dateline | None:
    """Read an ISO 8601 date or date-time, as front matter and metadata carry it; None when it is not one."""
    text = text.strip()
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        moment: datetime = isoparse(text.replace(" ", "T", 1).replace(" ", ""))
        day = _day(moment.year, moment.month, moment.day)
    except (ValueError, OverflowError) as error:
        raise RefusedError(
            f"the date «{text}» does not exist", "write it as 2024-03-26T10:00+05:00"
        ) from error
    return Dateline(day=day, clock=moment.timetz() if len(text) > len("2024-03-26") else None)
