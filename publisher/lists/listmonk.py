"""What listmonk's «Export» writes: uuid, email, name, attributes, status, created_at, updated_at.

The status is that of the person; to which lists they are subscribed is not in the file.
"""

import json
from typing import Any
from zoneinfo import ZoneInfo

from publisher.errors import RefusedError
from publisher.lists.cells import first, read_language, read_moment, read_name
from publisher.lists.formats import Skipped
from publisher.lists.table import Record
from publisher.model import ListRow, SubscriptionState, SuppressionReason
from publisher.text.mailboxes import clean_name, parse_address

MARKS = frozenset({"uuid", "email", "status"})
"""Columns by which it is known."""
COLUMNS = ("uuid", "email", "name", "attributes", "status", "created_at", "updated_at")
_LANGUAGE = ("language", "lang", "locale")


def read_listmonk(record: Record, *, zone: ZoneInfo, source: str) -> ListRow | Skipped:
    """A row of it. When somebody was added is no consent, so it stands in the source only.

    Raises:
        RefusedError: a cell does not say what its column asks for.
    """
    cells = record.cells
    address = parse_address(first(cells, "email"))
    status = first(cells, "status").casefold()
    since = first(cells, "created_at")[:10]
    source = f"{source}, in listmonk since {since}" if since else source
    if status == "disabled":
        return Skipped(line=record.line, address=address, reason="disabled in listmonk")
    if status == "blocklisted":
        reason = SuppressionReason.OPERATOR
        return ListRow(line=record.line, address=address, suppressed=reason, source=clean_name(source))
    if status != "enabled":
        raise RefusedError(
            f"the status «{status}» is unknown", "listmonk writes enabled, disabled, blocklisted"
        )
    attributes = _attributes(cells.get("attributes", ""))
    return ListRow(
        line=record.line,
        address=address,
        name=read_name(first(cells, "name")),
        language=read_language(next((attributes[name] for name in _LANGUAGE if name in attributes), "")),
        state=SubscriptionState.CONFIRMED,
        consented_at=read_moment(attributes.get("consented_at", ""), zone),
        source=clean_name(attributes.get("source") or source),
    )


def _attributes(cell: str) -> dict[str, str]:
    """Those that are texts."""
    try:
        values: Any = json.loads(cell or "{}")
    except (ValueError, RecursionError) as error:
        raise RefusedError("the attributes are no JSON", "export it again") from error
    if not isinstance(values, dict):
        raise RefusedError("the attributes are no JSON object", "export it again")
    return {name: value for name, value in values.items() if isinstance(value, str)}
