"""Rows → text of a file."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from publisher.lists import listmonk, mailchimp, own
from publisher.lists.formats import ListFormat
from publisher.lists.table import guard
from publisher.model import ListRow, SubscriptionState
from publisher.text.mailboxes import address_key

_BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for the country's old encoding."""


def write_rows(rows: Sequence[ListRow], form: ListFormat) -> str:
    """The rows as a CSV file. Whoever is in a list of listmonk or Mailchimp gets letters from there.

    So those hold only who gets them here, each once; see `gets_letters`.
    """
    match form:
        case ListFormat.CSV:
            return _BOM + _table(own.COLUMNS, ([*as_cells(row).values()] for row in rows))
        case ListFormat.LISTMONK:
            return _table(listmonk.COLUMNS, map(_listmonk, _once(rows)))
        case ListFormat.MAILCHIMP:
            return _table(mailchimp.COLUMNS, map(_mailchimp, _once(rows)))


def gets_letters(row: ListRow) -> bool:
    return row.state is SubscriptionState.CONFIRMED and row.suppressed is None


def as_cells(row: ListRow) -> dict[str, str]:
    """A row by our own columns."""
    values = (
        row.address,
        row.name,
        row.language,
        row.digest,
        row.state,
        _iso(row.consented_at),
        _iso(row.left_at),
        row.source,
        row.suppressed,
    )
    return dict(zip(own.COLUMNS, (value or "" for value in values), strict=True))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)  # RFC 4180: a comma, and lines that end in CR LF
    writer.writerow(columns)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return text.getvalue()


def _once(rows: Iterable[ListRow]) -> Iterator[ListRow]:
    """Each address; the rows stand in their order."""
    last = None
    for row in filter(gets_letters, rows):
        if row.address != last:
            yield row
        last = row.address


def _listmonk(row: ListRow) -> Sequence[str]:
    attributes: dict[str, Any] = {
        "language": row.language,
        "consented_at": _iso(row.consented_at),
        "source": row.source,
    }
    told = json.dumps({name: value for name, value in attributes.items() if value}, ensure_ascii=False)
    at = f"{row.consented_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000 UTC" if row.consented_at else ""
    uuid = str(uuid5(NAMESPACE_URL, f"mailto:{address_key(row.address)}"))
    return uuid, row.address, row.name or "", told, "enabled", at, at


def _mailchimp(row: ListRow) -> Sequence[str]:
    at = f"{row.consented_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if row.consented_at else ""
    return row.address, row.name or "", "", row.language or "", at, at


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
