"""Our own CSV: what `export` writes, and what a newsroom keeps in a spreadsheet."""

from collections.abc import Mapping
from typing import TypeVar
from zoneinfo import ZoneInfo

from publisher.config import LANGUAGES
from publisher.errors import RefusedError
from publisher.lists.cells import first, read_language, read_moment, read_name
from publisher.lists.table import Record
from publisher.model import ListRow, SubscriptionState, SuppressionReason
from publisher.text.mailboxes import clean_name, parse_address

T = TypeVar("T")
ADDRESS = ("address", "email", "e-mail", "email address")
_ALIASES = {"state": ("state", "status"), "consented_at": ("consented_at", "consent_date")}
COLUMNS = (
    "address",
    "name",
    "language",
    "digest",
    "state",
    "consented_at",
    "unsubscribed_at",
    "source",
    "suppressed",
)
KNOWN = frozenset({*ADDRESS, *COLUMNS, *(alias for aliases in _ALIASES.values() for alias in aliases)})
_STATES = {
    "": SubscriptionState.CONFIRMED,
    "subscribed": SubscriptionState.CONFIRMED,
    **{str(state): state for state in SubscriptionState},
}
_REASONS = {str(reason): reason for reason in SuppressionReason if reason is not SuppressionReason.ERASED}


def read_own(record: Record, *, zone: ZoneInfo, source: str) -> ListRow:
    """A row of it; an empty state means confirmed. `source` is that of rows which name none.

    Raises:
        RefusedError: a cell does not say what its column asks for.
    """
    cells = record.cells
    return ListRow(
        line=record.line,
        address=parse_address(first(cells, *ADDRESS)),
        name=read_name(first(cells, "name")),
        language=_language(first(cells, "language")),
        digest=first(cells, "digest") or None,
        state=_one_of("state", first(cells, *_ALIASES["state"]), _STATES),
        consented_at=read_moment(first(cells, *_ALIASES["consented_at"]), zone),
        left_at=read_moment(first(cells, "unsubscribed_at"), zone),
        source=clean_name(first(cells, "source") or source),
        suppressed=_suppressed(first(cells, "suppressed")),
    )


def _language(cell: str) -> str | None:
    language = read_language(cell)
    if cell and language is None:
        raise RefusedError(
            f"no letter is written in the language «{cell}»", f"write one of {', '.join(LANGUAGES)}"
        )
    return language


def _suppressed(cell: str) -> SuppressionReason | None:
    return _one_of("suppressed", cell, _REASONS) if cell else None


def _one_of(column: str, cell: str, values: Mapping[str, T]) -> T:
    value = values.get(cell.casefold())
    if value is None:
        known = ", ".join(name for name in values if name)
        raise RefusedError(f"«{cell}» in the column «{column}» is unknown", f"write one of {known}")
    return value
