"""What cells say: addresses, moments, languages."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from publisher.config import LANGUAGES
from publisher.errors import RefusedError
from publisher.text.dates import parse_dateline, parse_iso
from publisher.text.mailboxes import clean_name

_LONGEST = 1000
_QUOTE = 'look for a quote (") that is not closed'


def first(cells: dict[str, str], *columns: str) -> str:
    """The cell of the first of these columns that is filled.

    Raises:
        RefusedError: it runs on over lines, or for ever, as it does when a quote is missing.
    """
    for column in columns:
        if cell := cells.get(column):
            if len(cell) > _LONGEST:
                raise RefusedError(f"the cell «{column}» has more than {_LONGEST} characters", _QUOTE)
            if "\n" in cell or "\r" in cell:
                raise RefusedError(f"the cell «{column}» goes on over several lines", _QUOTE)
            return cell
    return ""


def read_name(*cells: str) -> str | None:
    return clean_name(" ".join(cells))


def read_moment(cell: str, zone: ZoneInfo) -> datetime | None:
    """ISO 8601, or a date as newspapers print it: 26.03.2024; without an offset it is of that zone.

    Raises:
        RefusedError: it is no date.
    """
    if not cell:
        return None
    found = parse_iso(cell) or parse_dateline(cell)
    if found is None:
        raise RefusedError(f"«{cell}» is no date", "write it as 2024-03-26 or 2024-03-26T10:00+05:00")
    moment = datetime.combine(found.day, found.clock or time())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_language(cell: str) -> str | None:
    """One of the languages that letters are written in, also as `ru_RU`; None for any other."""
    language = cell.casefold().replace("_", "-").partition("-")[0]
    return language if language in LANGUAGES else None
