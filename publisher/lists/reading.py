"""A file with lists → rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from publisher.errors import RefusedError
from publisher.lists import listmonk, mailchimp, own
from publisher.lists.formats import ListFormat, Skipped, Unread
from publisher.lists.mailchimp import Members
from publisher.lists.sheets import Sheet, open_sheets
from publisher.lists.table import Record, Table, read_table
from publisher.model import ListRow
from publisher.text.mailboxes import clean_name

_SHOWN = 100
_UNCLOSED = RefusedError("a quote is not closed: it may have swallowed other rows", "close it")
Reading = ListRow | Skipped | Unread


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderList:
    """One list. Its rows can be read once."""

    name: str
    """Of the file; of one in an archive, with the archive's name before it."""
    form: ListFormat
    lines: int
    """About how many there are."""
    remarks: tuple[str, ...]
    """What was assumed, or is not read."""
    rows: Iterator[Reading]


def read_lists(
    name: str, data: bytes, zone: ZoneInfo, *, form: ListFormat | None = None
) -> Iterator[ReaderList]:
    """The lists in a file of that name, those that forbid first. Without `form`, the columns tell it.

    Dates without an offset are of the `zone`, but where the format says otherwise.

    Raises:
        RefusedError: it is no list; also later, while rows are read.
    """
    sheets = sorted(open_sheets(name, data), key=lambda sheet: _rank(sheet.name))
    for sheet in sheets:
        yield _read(sheet, zone, form)


def _rank(name: str) -> int:
    members = mailchimp.members_of(name, frozenset())
    return list(Members).index(members) if members else 0


def _read(sheet: Sheet, zone: ZoneInfo, form: ListFormat | None) -> ReaderList:
    table = read_table(sheet.text())
    columns = frozenset(column.casefold() for column in table.columns)
    form = form or _recognise(columns)
    read = _reader(form, sheet.name, columns, zone)
    return ReaderList(
        name=sheet.name,
        form=form,
        lines=sheet.lines,
        remarks=tuple(_remarks(sheet, table, form)),
        rows=(_row(record, read) for record in table.records),
    )


def _recognise(columns: frozenset[str]) -> ListFormat:
    if columns >= listmonk.MARKS:
        return ListFormat.LISTMONK
    if columns & mailchimp.MARKS and columns & set(mailchimp.ADDRESS):
        return ListFormat.MAILCHIMP
    return ListFormat.CSV


def _reader(
    form: ListFormat, name: str, columns: frozenset[str], zone: ZoneInfo
) -> Callable[[Record], ListRow | Skipped]:
    source = f"import of {name.rpartition('/')[2]}"
    match form:
        case ListFormat.CSV:
            if columns:  # else each line begins with an address
                _require(columns, own.ADDRESS)
            return partial(own.read_own, zone=zone, source=source)
        case ListFormat.LISTMONK:
            _require(columns, ("email",))
            return partial(listmonk.read_listmonk, zone=zone, source=source)
        case ListFormat.MAILCHIMP:
            _require(columns, mailchimp.ADDRESS)
            members = mailchimp.members_of(name, columns)
            if members is None:
                raise mailchimp.unknown_members()
            return partial(mailchimp.read_mailchimp, members=members, source=source)


def _require(columns: frozenset[str], one_of: tuple[str, ...]) -> None:
    if columns.isdisjoint(one_of):
        names = " or ".join(f"«{name}»" for name in one_of[:2])
        raise RefusedError(f"the first line names no column {names}", "add it")


def _row(record: Record, read: Callable[[Record], ListRow | Skipped]) -> Reading:
    if record.unclosed:
        return _unread(record, _UNCLOSED)
    try:
        return read(record)
    except RefusedError as error:
        return _unread(record, error)


def _unread(record: Record, error: RefusedError) -> Unread:
    cells = [cell for name in own.ADDRESS if (cell := record.cells.get(name))]
    cells.sort(key=lambda cell: "@" not in cell)  # where a «mail address» stands, a postal one may stand too
    shown = (clean_name(next(iter(cells), "")) or "")[:_SHOWN]
    return Unread(line=record.line, address=shown, cause=error.cause, hint=error.hint)


def _remarks(sheet: Sheet, table: Table, form: ListFormat) -> Iterator[str]:
    if sheet.assumed:
        yield f"its encoding is taken to be {sheet.assumed}"
    if form is ListFormat.CSV:
        unknown = [name for name in table.columns if name and name.casefold() not in own.KNOWN]
        if unknown:
            yield clean_name(f"not read: {', '.join(f'«{name}»' for name in unknown)}") or ""
