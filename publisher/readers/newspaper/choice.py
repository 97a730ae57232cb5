"""Which of a page's dates is the story's. A page may also print the day on which it was fetched.

A date that is not chosen goes back into the text, unless nothing but furniture stands in its line.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from publisher.errors import RefusedError
from publisher.model import Dateline
from publisher.readers.newspaper.datelines import is_counted
from publisher.readers.newspaper.lines import Candidate, Form, Line, Page
from publisher.text.dates import find_datelines, parse_dateline
from publisher.text.months import WEEKDAY_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

_HINT = "keep one of them, as «Section • 26 Наурыз, 2024» in the first line"


def choose_date(page: Page, likely: list[Candidate], written_at: datetime) -> Dateline:
    """The story's date.

    Raises:
        RefusedError: there is none, it does not exist, or nothing tells which of two it is.
    """
    if not likely:
        raise RefusedError(
            f"there is no date line{_nearly(page)}", "begin the file with «Section • 26 Наурыз, 2024»"
        )
    read = [(candidate, parse_dateline(candidate.words, written_at)) for candidate in likely]
    datelines = [dateline for _, dateline in read if dateline]
    days = {dateline.day for dateline in datelines}
    if len(days) != 1:
        raise _two_dates(likely[0].words, likely[-1].line.text[:80])
    clocks = {dateline.clock for dateline in datelines if dateline.clock}
    chosen = next((dateline for dateline in datelines if dateline.clock), datelines[0])
    if len(clocks) > 1:
        page.warn("the page has two times of the day; the time was left out")
        chosen = Dateline(day=chosen.day, printed=chosen.printed)
    if chosen.printed:
        page.warn(f"the date «{chosen.printed}» was counted from the file's own time")
    if not _is_first(likely[0]):
        _compare_half_dates(page, likely[0], chosen)
    page.section = next((candidate.section for candidate in likely if candidate.section), None)
    return chosen


def _nearly(page: Page) -> str:
    if page.half_dates:
        return f": «{page.half_dates[0].line.text}» is not a whole one"
    if find_datelines(page.first_line):
        return f": «{page.first_line[:80]}» has more in it than a section and a date"
    return ""


def _two_dates(one: str, other: str) -> RefusedError:
    return RefusedError(f"nothing tells which date is the story's, «{one}» or «{other}»", _HINT)


def _compare_half_dates(page: Page, likely: Candidate, chosen: Dateline) -> None:
    """«26 наурыз» beside another whole date: that one may be the day on which the page was fetched."""
    for half in page.half_dates:
        if _day_of(f"{half.words} {chosen.day.year}") == chosen.day:
            continue
        if any(map(str.isdecimal, half.words)):
            raise _two_dates(likely.words, half.line.text)
        page.warn(f"left out «{half.line.text}» in the header")
        page.taken.append(half.line.text)


def likely_dates(page: Page) -> list[Candidate]:
    """What is left after each sign that tells some of them from the others. Any one sign may say nothing."""
    dates = page.dates
    if len(dates) < 2:
        return dates
    if _is_first(dates[0]):
        return [dates[0]]
    signs: tuple[Callable[[Candidate], bool], ...] = (
        lambda day: day.form < Form.TOWN,
        lambda day: not is_counted(day.words),
        lambda day: day.published,
        lambda day: not _is_masthead(day),
        lambda day: day.form <= Form.SECTION,
        lambda day: day.form is Form.PURE or not _is_text(day, page),
        lambda day: not _is_of_a_chronology(day, page),
        lambda day: day.rich and day.form is Form.PURE,
        lambda day: not day.below_prose,
    )
    for sign in signs:
        dates = [date for date in dates if sign(date)] or dates
    return dates


def _is_first(date: Candidate) -> bool:
    """«Сенат • 26 Наурыз, 2024» in the first line is the newspaper's own header: no other date counts."""
    return date.line.number == 0 and date.form is Form.SECTION


def _is_masthead(date: Candidate) -> bool:
    """The day on which the page was fetched stands above everything, with its day of the week."""
    first_word = date.words.split(",")[0].split()[0].casefold()
    return date.line.number == 0 and first_word in WEEKDAY_WORDS


def _is_text(date: Candidate, page: Page) -> bool:
    """Whether «Кайрат | 30 марта 2024» belongs to the text: a date line stands right below the title.

    «Прогноз погоды | 27 марта 2024» between a date line and the text is the title.
    """
    lines = [
        other for other in page.dates if other.form is Form.PURE and other.line.number < date.line.number
    ]
    if any(other.above for other in lines):
        return True
    below = page.story[date.above] if date.above < len(page.story) else None
    return bool(lines) and date.above == 0 and (below is None or below.is_prose or below.is_sentence)


def _is_of_a_chronology(day: Candidate, page: Page) -> bool:
    """«22 маусым 1941 ⏎ Соғыс басталды. ⏎ 9 мамыр 1945»: bare days in order, none after the story's own."""
    first, *others = page.dates
    if day is first or len(others) < 2 or first.line.number == 0 or not others[-1].below_prose:
        return False
    days = [_day_of(date.words) for date in (*others, first)]
    known = [day for day in days if day is not None]
    bare = all(
        other.form is Form.PURE and other.above and not (other.rich or other.published) for other in others
    )
    return bare and len(known) == len(days) and known == sorted(set(known))


def dates_of_the_text(page: Page, likely: list[Candidate]) -> list[tuple[int, Line]]:
    """Lines that were taken for dates, and are the text's: with more in them, or below the title."""
    if len(page.dates) == len(likely):
        return []
    kept = {date.words for date in likely}
    for other in page.dates:
        if other not in likely and not other.above and is_counted(other.words):
            page.doubt(other.line, "the day of another date")
    numbers = {date.line.number for date in likely}
    return [
        (date.above, date.line)
        for date in page.dates
        if date.line.number not in numbers and date.form is not Form.CAPTION and _is_given_back(date, kept)
    ]


def _is_given_back(date: Candidate, kept: set[str]) -> bool:
    if date.form is Form.PURE:
        bare = not (date.rich or date.published) and date.words not in kept
        return bare and bool(date.above or (is_counted(date.words) and ":" not in date.words))
    return True


def half_dates_of_the_text(page: Page, likely: list[Candidate]) -> list[tuple[int, Line]]:
    """Below the newspaper's own header a half date is no date: it stands for the title, or below it."""
    if not page.half_dates or not likely or not _is_first(likely[0]):
        return []
    day = _day_of(likely[0].words)
    return [
        (half.above, half.line)
        for half in page.half_dates
        if day is None or _day_of(f"{half.words} {day.year}") != day
    ]


def _day_of(text: str) -> date | None:
    try:
        dateline = parse_dateline(text)
    except RefusedError:
        return None
    return dateline.day if dateline else None
