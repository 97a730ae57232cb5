"""The date line of a newspaper story, read with a small lexer. What cannot be known is not guessed.

python-dateutil reads 01.09.2022 as 9 January and knows no Kazakh, so it has no part in this.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dateutil.parser import isoparse

from publisher.errors import RefusedError
from publisher.model import Dateline
from publisher.text.months import KAZAKH_NUMBERS, OTHER_NUMBERS

_TOKEN = re.compile(
    r"""
      (?P<clock>(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d))
    | (?P<numeric>(?<!\d)\d{1,2}[./]\d{1,2}[./]\d{4}(?!\d))
    | (?P<iso>(?<!\d)\d{4}-\d{2}-\d{2}(?!\d))
    | (?P<number>\d+)
    | (?P<word>[^\W\d_]+)
    | (?P<mark>[^\w\s]|_)
    """,
    re.VERBOSE,
)
# After a number: ordinals («26-ншы», «26-сы»), the year's own word and its cases, «г.».
_GLUE = frozenset(
    "ші шы нші ншы інші ыншы сы сі ы і ж жыл жылы жылғы жылдың жылда "
    "jyl jyly jylǵy jylda jylğy جىل جىلى جىلعى جىلدا г год года th st nd rd".split()
)
_WEEKDAYS = frozenset(
    "дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі "
    "понедельник вторник среда четверг пятница суббота воскресенье "
    "monday tuesday wednesday thursday friday saturday sunday "
    "دۇيسەنبى سەيسەنبى سارسەنبى بەيسەنبى جۇما سەنبى جەكسەنبى".split()
)
# A case ending, in any of the three scripts; қыркүйек softens its last letter: «қыркүйегінде».
_ENDING = re.compile(r"[а-яәіңғүұқөһa-zıńǵúóáñğüöşäý]{1,5}|[\u0621-\u06ff]{1,5}")
_SOFT = {"к": "г", "қ": "ғ", "k": "g", "q": "ǵ"}
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


def month_number(word: str) -> int | None:
    """1 to 12 for a month's name in any case ending; None for any other word («Қазақстан» is no «қазан»)."""
    word = word.casefold()
    if number := KAZAKH_NUMBERS.get(word) or OTHER_NUMBERS.get(word):
        return number
    for name, number in KAZAKH_NUMBERS.items():
        stems = {name, name[:-1] + _SOFT.get(name[-1], name[-1])}
        for stem in stems:
            if word.startswith(stem) and _ENDING.fullmatch(word[len(stem) :]):
                return number
    return None


def parse_dateline(text: str) -> Dateline | None:
    """Read a text that is a date and nothing else, such as «26 Наурыз, 2024» or «05.09.2024, 9:40».

    Returns None when the text is not a date alone.

    Raises:
        RefusedError: it is a date that does not exist, such as «31 Ақпан, 2024».
    """
    parts: dict[str, list[str]] = {"day": [], "month": [], "year": [], "clock": []}
    for token in _tokens(text):
        if not _sort(token, parts):
            return None
    if not all(len(parts[name]) == 1 for name in ("day", "month", "year")) or len(parts["clock"]) > 1:
        return None
    day, month, year = (int(parts[name][0]) for name in ("day", "month", "year"))
    try:
        return Dateline(day=_day(year, month, day), clock=_clock(parts["clock"]))
    except ValueError as error:
        raise RefusedError(
            f"the date «{text.strip()}» does not exist", "correct the day, month or hour"
        ) from error


def _tokens(text: str) -> Iterator[_Token]:
    for match in _TOKEN.finditer(text):
        yield _Token(str(match.lastgroup), match.group())


def _sort(token: _Token, parts: dict[str, list[str]]) -> bool:
    """Put a token where it belongs; False when it has no place in a date."""
    text = token.text
    if token.kind == "numeric":
        _add_all(parts, re.split(r"[./]", text))
    elif token.kind == "iso":
        _add_all(parts, reversed(text.split("-")))
    elif token.kind == "clock":
        parts["clock"].append(text)
    elif token.kind == "number":
        parts["year" if len(text) == 4 and int(text) in _YEARS else "day"].append(text)
        return len(text) in {1, 2, 4}
    elif token.kind == "word":
        if number := month_number(text):
            parts["month"].append(str(number))
        else:
            return text.casefold() in _GLUE | _WEEKDAYS
    else:
        return text in ",،.-–—|•\u200e\u200f\u061c"
    return True


def _day(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise ValueError(f"no story is of the year {year}")
    return date(year, month, day)


def _add_all(parts: dict[str, list[str]], numbers: Iterable[str]) -> None:
    for name, number in zip(("day", "month", "year"), numbers, strict=True):
        parts[name].append(number)


def _clock(clocks: list[str]) -> time | None:
    if not clocks:
        return None
    hour, minute, second = (*map(int, clocks[0].split(":")), 0)[:3]
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
        moment: datetime = isoparse(text.replace(" ", "T", 1))
        day = _day(moment.year, moment.month, moment.day)
    except (ValueError, OverflowError) as error:
        raise RefusedError(
            f"the date «{text}» does not exist", "write it as 2024-03-26T10:00+05:00"
        ) from error
    return Dateline(day=day, clock=moment.timetz() if len(text) > len("2024-03-26") else None)
