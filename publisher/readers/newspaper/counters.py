"""Counters: views, minutes, comments, and numbers that nothing names."""

import re
from functools import lru_cache

from publisher.readers.newspaper import words
from publisher.readers.newspaper.lines import Page

Counts = dict[str, list[int | None]]
"""Numbers by kind; None for one that is rounded. Read, never changed."""
_NUMBER = r"(?:\d{1,3}(?:[ ,]\d{3}){1,4}(?!\d)|\d{1,15}(?!\d))"
_ROUNDED = r"\d+(?:[.,]\d+)?\ ?(?:k|к|m|м|тыс\.?|мың|млн)(?!\w)"
_IS_ROUNDED = re.compile(_ROUNDED)
_AMOUNT = rf"(?:{_ROUNDED}|{_NUMBER})"
_COUNTER = re.compile(
    rf"""
      (?P<minutes>~?\ ?\d{{1,3}}\ ?(?:{words.any_of(words.MINUTES_AFTER)})(?!\w)
        |(?:{words.any_of(words.MINUTES_BEFORE)})\ ?:?\ ?~?\ ?\d{{1,3}}(?:\ ?(?:мин|min)\w*)?)
    | (?P<comments>{_AMOUNT}\ ?(?:{words.any_of(words.COMMENTS)})(?!\w)
        |(?:{words.any_of(words.COMMENTS)})\ ?[:(]?\ ?{_AMOUNT}\)?)
    | (?P<views>(?:{words.any_of(words.VIEWS_BEFORE)})\ ?[:(–-]?\ ?{_AMOUNT}(?:\ рет)?\)?
        |{_AMOUNT}\ ?(?:{words.any_of(words.VIEWS_AFTER)})(?!\w))
    | (?P<bare>{_AMOUNT})(?![\w%])
    """,
    re.VERBOSE,
)
_BETWEEN = re.compile(r"(?:[\s•|·/;()]|[.,](?=\s|$))*")
SEPARATOR = re.compile(r" ?[•|·»›→>] ?|(?:^| )[—–/-](?: |$)|/$")


@lru_cache(maxsize=1024)  # «2 мин» comes again and again
def count(text: str) -> Counts | None:
    """The numbers of a folded text that has nothing but counters, by kind; None for any other text."""
    counts: Counts = {}
    for chunk in SEPARATOR.split(text):
        if chunk.strip(" :.") in words.LONE_LABELS:
            continue
        at = _end_of_gap(chunk, 0)
        while at < len(chunk):
            match = _COUNTER.match(chunk, at)
            if not match:
                return None
            amount = match.group()
            rounded = _IS_ROUNDED.search(amount)
            counts.setdefault(str(match.lastgroup), []).append(None if rounded else _whole(amount))
            at = _end_of_gap(chunk, match.end())
    return counts or None


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else int("".join(filter(str.isdecimal, text)))


def keep_counts(counts: Counts, page: Page) -> None:
    if page.views is None and "views" in counts:
        page.views = counts["views"][0]
        if page.views is None:
            page.warn("the view counter is rounded; it was left out")
    if "minutes" in counts:
        page.reading_minutes = page.reading_minutes or counts["minutes"][0]
    page.bare_numbers += [number for number in counts.get("bare", []) if number is not None]
