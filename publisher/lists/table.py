"""Text → cells by column. Excel writes what the country uses: a semicolon in Kazakhstan and Russia."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, Self, TextIO

from publisher.errors import RefusedError

_DELIMITERS = ",;\t"
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""How Excel is told the delimiter, in a line before the first."""
_HEAD = 1 << 14
_UNCLOSED = 'look for a quote (") that is not closed'
_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")
"""The full-width signs work in some countries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The cells of a row, by the name of their column in small letters."""

    line: int
    cells: dict[str, str]
    unclosed: bool
    """It runs on over lines since a quote is not closed: it may have swallowed other rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: tuple[str, ...]
    """As they stand in the first line; empty: it names none, and each line begins with an address."""
    records: Iterator[Record]


class _Row(NamedTuple):
    line: int
    cells: list[str]
    unclosed: bool


def read_table(text: TextIO) -> Table:
    """Rows as they come. The first line names the columns, unless it holds an address.

    Raises:
        RefusedError: it is no CSV; also later, while rows are read.
    """
    try:
        delimiter, skipped = _delimiter(text)
        rows = _rows(text, delimiter, skipped)
        first = next(rows, None)
    except UnicodeDecodeError as error:
        raise _damaged(error) from error
    if first is None:
        return Table(columns=(), records=iter(()))
    if any("@" in cell for cell in first.cells):
        return Table(columns=(), records=_records(["address"], chain([first], rows)))
    columns = tuple(" ".join(cell.split()) for cell in first.cells)
    return Table(columns=columns, records=_records([column.casefold() for column in columns], rows))


def _delimiter(text: TextIO) -> tuple[str, int]:
    """The delimiter, and how many lines come before the table."""
    head = text.readline(_HEAD)
    if told := _SEPARATOR.fullmatch(head.strip()):
        return told[1], 1
    text.seek(0)
    return max(_DELIMITERS, key=head.count), 0


class _Lines:
    """The lines of a text; knows how many quotes the lines had that were taken since it was asked."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._quotes = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self._quotes += line.count('"')
        return line

    def quotes(self) -> int:
        count, self._quotes = self._quotes, 0
        return count


def _rows(text: TextIO, delimiter: str, skipped: int) -> Iterator[_Row]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        before = reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cause = f"is not CSV from line {skipped + before + 1} on ({error})"
            raise RefusedError(cause, _UNCLOSED) from error
        except UnicodeDecodeError as error:
            raise _damaged(error) from error
        unclosed = lines.quotes() % 2 == 1 and reader.line_num > before + 1
        if any(cell.strip(" \t\x1a\ufeff") for cell in cells):  # DOS ends a text with ^Z
            yield _Row(skipped + before + 1, cells, unclosed)


def _records(names: Sequence[str], rows: Iterable[_Row]) -> Iterator[Record]:
    for row in rows:
        cells: dict[str, str] = {}
        # Rows are often cut short behind their last value.
        for name, cell in zip(names, row.cells, strict=False):
            cells.setdefault(name, unguard(cell.strip()))
        yield Record(line=row.line, cells=cells, unclosed=row.unclosed)


def _damaged(error: UnicodeDecodeError) -> RefusedError:
    cause = f"is damaged, or in another encoding than it seems ({error.reason})"
    return RefusedError(cause, "save it as «CSV UTF-8»")


def guard(cell: str) -> str:
    """What no spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """What was guarded."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
