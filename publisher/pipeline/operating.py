"""edition ⇄ operator: look at one, hold it, let it go on, cancel it, send again."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine

from publisher.config import Config
from publisher.errors import EditionError
from publisher.model import (
    OPEN_DELIVERY_STATES,
    DeliveryState,
    Edition,
    EditionKind,
    EditionState,
)
from publisher.pipeline.editing import find_story
from publisher.pipeline.sending import SENDERS, settle_dead_senders
from publisher.pipeline.waiting import find_digest
from publisher.store import editions, operations, stories
from publisher.store.deliveries import count_deliveries
from publisher.store.engine import writing
from publisher.store.operations import Delivery, ToldStory
from publisher.text.mailboxes import address_key, find_address

NEEDS_A_LOOK = (DeliveryState.UNKNOWN, DeliveryState.DEFERRED, DeliveryState.BOUNCED)
"""What became of a letter that an operator may do something about."""
FRESH = timedelta(days=7)
"""For so long a letter that may not have arrived is worth asking about."""

_MEANS = {
    EditionState.EMPTY: "there was nothing to tell that day",
    EditionState.FROZEN: "it is being sent; publisher digest hold stops it",
    EditionState.HELD: "publisher digest resume lets it go on",
    EditionState.DONE: "every delivery of it has ended",
    EditionState.CANCELED: "nobody gets it any more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """An edition with all that became of it."""

    edition: Edition
    stories: list[ToldStory]
    counts: dict[DeliveryState, int]
    letters: list[Delivery]
    """Those that were asked for."""
    beyond: int
    """How many more of them there are."""

    @property
    def candidates(self) -> int:
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Deliveries that have not ended: while there are any, the books do not close."""
        return sum(self.counts.get(state, 0) for state in OPEN_DELIVERY_STATES)


def what_to_do(connection: Connection, edition: Edition, verb: str) -> str:
    """The command that goes on with an edition: to send it, resume it, or send again what is unknown."""
    if edition.kind is EditionKind.REGULAR:
        which = f"{verb} {edition.digest} --date {edition.local_date}"
    else:
        story = stories.with_id(connection, int(edition.occasion.split(":")[1])).slug
        which = (
            f"correct {edition.digest} {story}"
            if verb == "send"
            else f"{verb} {edition.digest} --correction {story} --date {edition.local_date}"
        )
    return f"publisher digest {which}{' --all' if verb == 'resend-unknown' else ''}"


def correction_of(article_id: int) -> str:
    """How the occasions of a story's corrections begin; the revision follows."""
    return f"correction:{article_id}:"


def name_of(edition: Edition) -> str:
    """An edition as people speak of it."""
    kind = "" if edition.kind is EditionKind.REGULAR else " (correction)"
    return f"{edition.digest} {edition.local_date}{kind}"


def find_edition(
    config: Config, connection: Connection, slug: str | None, *, day: date | None, corrects: str | None = None
) -> Edition:
    """The edition of that date, or the newest; with `corrects`, the newest correction of that story.

    Raises:
        UsageError: there is no such digest or story.
        EditionError: there is no such edition.
    """
    digest = find_digest(config, slug)
    occasion = correction_of(find_story(config, connection, corrects).id) if corrects else ""
    found = [
        edition
        for edition in editions.list_editions(connection, digest=digest.slug)
        if (edition.occasion.startswith(occasion) if occasion else edition.kind is EditionKind.REGULAR)
        and day in {None, edition.local_date}
    ]
    # An empty slot is an edition only where there is no other: one that was canceled may stand beside it.
    found.sort(key=lambda edition: edition.state is EditionState.EMPTY)
    if not found or (day is None and found[0].state is EditionState.EMPTY):
        what = f"correction of {corrects}" if corrects else "edition"
        raise EditionError.of(
            digest.slug, f"has no {what}{f' of {day}' if day else ''}", "publisher digest list shows them all"
        )
    return found[0]


def inspect_edition(
    connection: Connection,
    edition: Edition,
    states: Sequence[DeliveryState] = (),
    *,
    limit: int | None = None,
) -> Inspection:
    """How an edition stands, with the letters in these states, up to `limit` of them."""
    counts = count_deliveries(connection, [edition.id]).get(edition.id, {})
    letters = operations.list_deliveries(connection, edition.id, states=states, limit=limit) if states else []
    return Inspection(
        edition=edition,
        stories=operations.told_stories(connection, edition.id),
        counts=counts,
        letters=letters,
        beyond=sum(counts.get(state, 0) for state in states) - len(letters),
    )


def hold_edition(engine: Engine, edition: Edition, *, reason: str) -> Inspection:
    """Stop an edition where it is.

    Raises:
        EditionError: it is not being sent.
    """
    with writing(engine) as connection:
        if not operations.hold(connection, edition.id, reason=reason):
            raise refusal(editions.with_id(connection, edition.id))
        return inspect_edition(connection, editions.with_id(connection, edition.id))


def resume_edition(engine: Engine, edition: Edition) -> Inspection:
    """Let a held edition go on.

    Raises:
        EditionError: nobody holds it.
    """
    with writing(engine) as connection:
        if not operations.resume(connection, edition.id):
            raise refusal(editions.with_id(connection, edition.id))
        return inspect_edition(connection, editions.with_id(connection, edition.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Canceled:
    left: Inspection
    """How it stands now."""
    nobody_has_it: bool
    """Nor may anybody have it: its stories wait again, and there may be another for the same day or cause."""


def cancel_edition(
    config: Config, engine: Engine, edition: Edition, *, reason: str | None, now: datetime
) -> Canceled:
    """End an edition for everybody who has not got it.

    Raises:
        EditionError: it is neither being sent nor held.
    """
    settle_dead_senders(engine, config.root / SENDERS, now=now)
    with writing(engine) as connection:
        if not operations.cancel(connection, edition.id, reason=reason or edition.reason, now=now):
            raise refusal(editions.with_id(connection, edition.id))
        made_way = operations.make_way(connection, edition, now=now)
        left = inspect_edition(connection, editions.with_id(connection, edition.id))
        return Canceled(left=left, nobody_has_it=made_way)


def retry_unknown(
    config: Config, engine: Engine, edition: Edition, *, addresses: Collection[str] | None, now: datetime
) -> tuple[list[str], list[str]]:
    """Let letters that may have arrived be sent again, to these addresses or (None) to all.

    Returns to whom, and the addresses for which nothing is unknown.

    Raises:
        EditionError: the edition is held or canceled: nothing of it is sent.
    """
    settle_dead_senders(engine, config.root / SENDERS, now=now)
    wanted = addresses and [find_address(address) for address in addresses]
    with writing(engine) as connection:
        check_goes_out(editions.with_id(connection, edition.id))
        found = operations.retry_unknown(connection, edition.id, addresses=wanted, now=now)
    known = {address_key(address) for address in found}
    return found, [address for address in wanted or () if address_key(address) not in known]


def check_goes_out(edition: Edition) -> None:
    """Nothing of an edition is sent while somebody holds it, or after it was canceled.

    Raises:
        EditionError: that is so.
    """
    if edition.state in {EditionState.HELD, EditionState.CANCELED}:
        raise refusal(edition)


def refusal(edition: Edition) -> EditionError:
    """Says in which state the edition is instead."""
    because = f" ({'; '.join(edition.reason.splitlines())})" if edition.reason else ""
    return EditionError.of(name_of(edition), f"is {edition.state}{because}", _MEANS[edition.state])
