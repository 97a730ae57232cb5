"""What Mailchimp's «Export Audience» writes: a ZIP archive, with a CSV for each kind of member.

Their names begin with subscribed_, unsubscribed_, cleaned_ and nonsubscribed_. Times are in UTC.
"""

import re
from enum import StrEnum
from zoneinfo import ZoneInfo

from publisher.errors import RefusedError
from publisher.lists.cells import first, read_language, read_moment, read_name
from publisher.lists.formats import Skipped
from publisher.lists.table import Record
from publisher.model import ListRow, SubscriptionState, SuppressionReason
from publisher.text.mailboxes import clean_name, parse_address

MARKS = frozenset({"leid", "euid", "optin_time", "confirm_time", "member_rating"})
"""Any of these columns, beside the address, tells that it comes from there."""
ADDRESS = ("email address", "email", "e-mail")
COLUMNS = ("Email Address", "First Name", "Last Name", "LANGUAGE", "OPTIN_TIME", "CONFIRM_TIME")
_UTC = ZoneInfo("UTC")


class Members(StrEnum):
    """How those in a file stand with the audience. What forbids comes first."""

    CLEANED = "cleaned"
    UNSUBSCRIBED = "unsubscribed"
    NONSUBSCRIBED = "nonsubscribed"
    SUBSCRIBED = "subscribed"


_BEGINS = re.compile(f"({'|'.join(Members)})(?![a-z])")


def members_of(name: str, columns: frozenset[str]) -> Members | None:
    """Who is in the file, by its name, or by columns that only some have; None when neither says so."""
    last = name.rpartition("/")[2].casefold()
    if found := _BEGINS.match(last.replace("-", "")):
        return Members(found[1])
    if "unsub_time" in columns:
        return Members.UNSUBSCRIBED
    return Members.CLEANED if "clean_time" in columns else None


def read_mailchimp(record: Record, members: Members, *, source: str) -> ListRow | Skipped:
    """A row of it. They gave consent when they confirmed it or, without double opt-in, when they signed up.

    Raises:
        RefusedError: a cell does not say what its column asks for.
    """
    cells = record.cells
    address = parse_address(first(cells, *ADDRESS))
    match members:
        case Members.NONSUBSCRIBED:
            return Skipped(line=record.line, address=address, reason="never subscribed in Mailchimp")
        case Members.CLEANED:
            reason = SuppressionReason.HARD
            return ListRow(line=record.line, address=address, suppressed=reason, source=clean_name(source))
        case Members.UNSUBSCRIBED:
            state = SubscriptionState.UNSUBSCRIBED
        case Members.SUBSCRIBED:
            state = SubscriptionState.CONFIRMED
    return ListRow(
        line=record.line,
        address=address,
        name=read_name(first(cells, "first name"), first(cells, "last name")),
        language=read_language(first(cells, "language")),
        state=state,
        consented_at=read_moment(first(cells, "confirm_time", "optin_time"), _UTC),
        left_at=read_moment(first(cells, "unsub_time"), _UTC),
        source=clean_name(source),
    )


def unknown_members() -> RefusedError:
    """Whoever cannot be told from those who left must not be written to."""
    names = ", ".join(f"{each}_" for each in Members)
    hint = f"give it the name it was downloaded under, which begins with one of {names}"
    return RefusedError("does not say who is in it", hint)
