"""A page whose lines ran together when it was exported. It is parted only where nothing is guessed."""

import re
from collections.abc import Sequence

from publisher.errors import RefusedError
from publisher.readers.newspaper import words
from publisher.text.dates import find_datelines

_HEAD = 160
"""In so many characters the section and the date must have been."""
_TITLE_ROOM = 420
_COUNTERS = re.compile(
    r" (?P<views>\d[\d ]{0,10} (?:рет|رەت|ret) (?:көрсетілді|كورسەتىلدى|kórsetildi|körsetildi))"
    r"(?: (?P<minutes>\d{1,3} (?:мин|مين|min) (?:оқу үшін|وقۋ ءۇشىن|oqý úshin|oqu üşin)))? "
)
_CREDIT = re.compile(rf"\b(?:{words.any_of(words.CREDIT)}) ?: ?", re.IGNORECASE)
_SEPARATOR = re.compile(r"[^•|·]{1,80}?[•|·] ?")


def split_one_line(text: str) -> Sequence[str]:
    """Section and date, title, counters, lead, the title again, text; each on its own line.

    Raises:
        RefusedError: a border between two of them cannot be known.
    """
    if len(text) <= _HEAD:
        return [text]
    head = text[:_HEAD]
    section = _SEPARATOR.match(head)
    spans = find_datelines(head)
    start = section.end() if section else 0
    if not spans or spans[0][0] != start:
        return [text]  # no header, no story: it is refused for that
    end = spans[0][1]
    counters = _COUNTERS.search(text, end, end + _TITLE_ROOM)
    if not counters:
        raise _unknown("the title ends")
    title = text[end : counters.start()].strip()
    rest = text[counters.end() :]
    lead, again, below = rest.partition(title) if title else (rest, "", "")
    if _CREDIT.search(rest[:2000]):
        raise _unknown("the photo's credit ends")
    return [line for line in (text[:end], title, *counters.groups(""), lead, again, below) if line]


def _unknown(what: str) -> RefusedError:
    return RefusedError(
        f"the whole page is one line, and nothing tells where {what}",
        "put the section with the date, the title and each paragraph on lines of their own",
    )
