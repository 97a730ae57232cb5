"""Which of a page's dates is the story's. A page may also print the day on which it was fetched."""

from datetime import datetime

from publisher.errors import RefusedError
from publisher.model import Dateline
from publisher.readers.newspaper.lines import Candidate, Line, Page
from publisher.text.dates import parse_dateline
from publisher.text.months import WEEKDAY_WORDS


def choose_date(page: Page, written_at: datetime) -> Dateline:
    """The story's date.

    Raises:
        RefusedError: there is none, it does not exist, or nothing tells which of two it is.
    """
    found = _likely(page.dates) if len(page.dates) > 1 else page.dates
    if not found:
        half = f": «{page.half_date}» is not a whole one" if page.half_date else ""
        raise RefusedError(f"there is no date line{half}", "begin the file with «Section • 26 Наурыз, 2024»")
    read = [(candidate, parse_dateline(candidate.words, written_at)) for candidate in found]
    datelines = [dateline for _, dateline in read if dateline]
    days = {dateline.day for dateline in datelines}
    if len(days) != 1:
        raise RefusedError(
            f"nothing tells which date is the story's, «{found[0].words}» or «{found[-1].words}»",
            "keep one of them, as «Section • 26 Наурыз, 2024» in the first line",
        )
    clocks = {dateline.clock for dateline in datelines if dateline.clock}
    chosen = next((dateline for dateline in datelines if dateline.clock), datelines[0])
    if len(clocks) > 1:
        page.warn("the page has two times of the day; the time was left out")
        chosen = Dateline(day=chosen.day, printed=chosen.printed)
    if chosen.printed:
        page.warn(f"the date «{chosen.printed}» was counted from the file's own time")
    page.section = next((candidate.section for candidate in found if candidate.section), None)
    return chosen


def _likely(dates: list[Candidate]) -> list[Candidate]:
    """What is left after each sign that tells some of them from the others. Any one sign may say nothing."""
    signs = (
        lambda date: not date.weak,
        lambda date: date.published,
        lambda date: date.rich,
        lambda date: not date.below_prose,
        lambda date: not _is_masthead(date),
    )
    for sign in signs:
        dates = [date for date in dates if sign(date)] or dates
    return dates


def _is_masthead(date: Candidate) -> bool:
    """The day on which the page was fetched stands above everything, with its day of the week."""
    first_word = date.words.split(",")[0].split()[0].casefold()
    return date.line.number == 0 and first_word in WEEKDAY_WORDS


def dates_of_the_text(page: Page) -> list[tuple[int, Line]]:
    """Lines that were dates, but other ones than the story's and below its title: they are text."""
    chosen = _likely(page.dates)
    kept = {candidate.words for candidate in chosen}
    return [
        (date.above, date.line)
        for date in page.dates
        if date.above and not date.weak and not date.rich and date.words not in kept
    ]
