"""How one edition looks at a terminal, and to programs."""

from typing import TYPE_CHECKING, Any

from publisher.cli.context import console
from publisher.model import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from publisher.model import Edition
    from publisher.pipeline.operating import Inspection
    from publisher.store.operations import Delivery


def as_data(edition: "Edition", counts: object) -> dict[str, object]:
    """An edition for programs."""
    return {
        "digest": edition.digest,
        "date": edition.local_date,
        "kind": edition.kind,
        "state": edition.state,
        "reason": edition.reason,
        "stories": edition.stories,
        "subject": edition.subject,
        "deliveries": counts,
    }


def counts_in_words(counts: "Mapping[DeliveryState, int]") -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "nobody"


def edition_as_data(found: "Inspection") -> dict[str, Any]:
    """All there is to say of an edition; all the letters that were asked for."""
    return as_data(found.edition, found.counts) | {
        "frozen_at": found.edition.frozen_at,
        "language": found.edition.language,
        "told": [story for story in found.stories if story.position is not None],
        "counted": [story for story in found.stories if story.position is None],
        "candidates": found.candidates,
        "open": found.open,
        "books_close": not found.open,
        "letters": found.letters,
    }


def print_edition(found: "Inspection", zone: "tzinfo") -> None:
    """The edition, and the letters that were asked for."""
    from publisher.pipeline.operating import name_of

    out, edition = console(), found.edition
    because = f" ({edition.reason})" if edition.reason else ""
    rows = {
        "Edition": name_of(edition),
        "State": f"{edition.state}{because}",
        "Subject": edition.subject,
        "Frozen": f"{edition.frozen_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "Letters": counts_in_words(found.counts),
        "Books": _books(found),
    }
    for heading, value in rows.items():
        if value:
            out.print(f"{heading + ':':9}{value}", soft_wrap=True)
    told = [story for story in found.stories if story.position is not None]
    for story in told:
        short = story.public_id.removeprefix("urn:uuid:")[:8]
        out.print(f"  {story.position}. {story.title} ({short})", soft_wrap=True)
    if more := len(found.stories) - len(told):
        out.print(f"  and {more} more, counted and not told")
    _print_letters(found.letters, zone)
    if found.beyond:
        out.print(f"and {found.beyond} more; --state unknown lists all in that state")


def _books(found: "Inspection") -> str:
    if found.open:
        return f"{found.candidates} letters, {found.open} not ended: they do not close yet"
    return f"{found.candidates} letters, all ended: they close"


def _print_letters(letters: "list[Delivery]", zone: "tzinfo") -> None:
    from rich.table import Table

    if not letters:
        return
    table = Table("Address", "State", "Tries", "Next try", "What the server said")
    for letter in letters:
        waits = letter.state in {DeliveryState.DEFERRED, DeliveryState.PENDING}
        due = f"{letter.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if waits else ""
        table.add_row(letter.address, letter.state, str(letter.attempts), due, letter.reply or "")
    console().print(table)
