"""Lines made of dates, sections and counters, in any order."""

import re

from publisher.readers.newspaper import words
from publisher.readers.newspaper.counters import SEPARATOR, count, keep_counts
from publisher.readers.newspaper.datelines import is_published, read_dated
from publisher.readers.newspaper.lines import Candidate, Form, Line, Page
from publisher.text.dates import find_datelines, seems_date
from publisher.text.months import AGO_WORDS, DAY_WORDS

HEADER_LINES = 12
"""How far down a page its date line may stand,"""
HEADER_STORY = 3
"""and below how many lines of the story: a title, a lead, one more."""
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_LIMIT = 60
_YEAR = re.compile(r"\d{4}")
_RELATIVE = frozenset({word.replace("і", i) for word in (*DAY_WORDS, *AGO_WORDS) for i in "іi"})
"""With the Latin i that a page may have kept."""
_TITLE_OF_MINUTES = re.compile(r"\d+ (?:минут[ыа]?|рет|просмотров|комментариев|views|comments)")
CRUMBS = "the way through the site"
_NO_CRUMBS = re.compile(r"[\d«:!?]")
_CRUMBS = re.compile(r"[>›»→|•·]| / ")


def in_header(line: Line, page: Page) -> bool:
    return line.number < HEADER_LINES and len(page.story) <= HEADER_STORY


def read_lone_words(line: Line, page: Page) -> bool:
    """The label of a number that stands above; a date in words: «Бүгін»."""
    if len(line.text) > _WORDS_LIMIT:
        return False
    if line.folded.strip(":. ") in words.LONE_LABELS:
        return not page.inside
    if not in_header(line, page):
        return False
    return (_is_relative(line) and read_dated(line, page)) or _is_half_date(line, page)


def read_counts(line: Line, page: Page) -> bool:
    """A line of dates, counters and what stands beside them."""
    header = in_header(line, page)
    last = not page.dates and page.prose > 0 and line.number > page.last and is_published(line)
    if (header or last) and _YEAR.search(line.text) and read_dated(line, page):
        return True
    counts = count(line.folded) if _DIGIT.search(line.text) else None
    if counts is None:
        if header and _is_relative(line) and read_dated(line, page):
            return True
        return read_lone_words(line, page)
    if page.inside or (page.prose and line.number < page.last):  # «40 минут» of a recipe
        return False
    if list(counts) == ["bare"]:  # a number alone; the text may have such a line, a header must not
        if header and not page.prose:
            page.warn(f"left out the number «{line.text}»: nothing says what it counts")
        return header and not page.prose
    if header and page.dates and not page.story and _TITLE_OF_MINUTES.fullmatch(line.folded):
        page.warn(f"«{line.text}» was taken for a counter")
    keep_counts(counts, page)
    return True


def _is_relative(line: Line) -> bool:
    return len(line.text) <= 100 and not _RELATIVE.isdisjoint(_WORD.findall(line.folded))


def _is_half_date(line: Line, page: Page) -> bool:
    if page.prose or line.text.count(" ") > 4:
        return False
    *_, last = SEPARATOR.split(line.text)
    if not seems_date(last) or find_datelines(line.text):
        return False
    page.half_dates.append(Candidate(last, line, len(page.story), below_prose=False, form=Form.PURE))
    return True


def read_crumbs(line: Line, page: Page) -> bool:
    """«Басты бет / Сенат»: the way to the story through the site."""
    if not _CRUMBS.search(line.text):
        return False
    crumbs = [crumb.strip() for crumb in _CRUMBS.split(line.text) if crumb.strip()]
    if not crumbs or crumbs[0].casefold() not in words.HOME:
        if len(crumbs) > 1 and _may_be_crumbs(crumbs, line, page):
            page.doubt(line, CRUMBS)
        return False
    if not page.prose:
        page.crumbs += [crumb for crumb in crumbs if crumb.casefold() not in words.HOME]
    return True


def _may_be_crumbs(crumbs: list[str], line: Line, page: Page) -> bool:
    """Without the home page at their head they must stand above everything, and be short."""
    above = not page.story and not page.dates
    short = all(len(crumb.split()) <= 3 for crumb in crumbs)
    return above and short and not (line.is_prose or _NO_CRUMBS.search(line.text))
