"""report → facts → books: what came back, whose it is, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine

from publisher.config import Config
from publisher.delivery.reports import Fact, read_report
from publisher.pipeline.sending import signing_key
from publisher.store import bounces
from publisher.store.bounces import Recorded
from publisher.store.engine import writing


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of one report."""

    recorded: tuple[Recorded, ...] = ()
    strangers: tuple[str, ...] = ()
    """Addresses, or letters, that it names and nobody here has."""
    ignored: str | None = None
    """Why it needs no look, though it says nothing."""
    forged: str | None = None
    unread: str | None = None
    """Why nothing could be made of it: somebody should look at it."""


class Reports:
    """Takes reports to the books of one newsroom."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self._engine = engine
        self._mailbox = config.delivery.bounces
        with writing(engine) as connection:
            self._key = signing_key(config, connection)

    def take(self, data: bytes, *, recipients: Sequence[str] = (), now: datetime) -> Taken:
        """Put what a report says on the books, durably. To do it twice changes nothing.

        Raises:
            StoreError: the store cannot be used now.
        """
        reading = read_report(data, mailbox=self._mailbox, key=self._key, recipients=recipients)
        if not reading.facts:
            return Taken(ignored=reading.ignored, forged=reading.forged, unread=reading.unread)
        report = sha256(data).hexdigest()
        recorded, strangers = [], []
        with writing(self._engine) as connection:
            for fact in reading.facts:
                done = _record(connection, fact, report, now)
                if done:
                    recorded.append(done)
                else:
                    strangers.append(
                        fact.addresses[0] if fact.addresses else "a letter that is not in the books"
                    )
        return Taken(recorded=tuple(recorded), strangers=tuple(strangers))


def _record(connection: Connection, fact: Fact, report: str, now: datetime) -> Recorded | None:
    """None when it is about nobody we know."""
    who: tuple[int, int | None] | None
    if fact.letter is None:
        who = bounces.find_by_address(connection, fact.addresses)
    else:
        known = bounces.find_recipient(connection, fact.letter.edition_id, fact.letter.subscriber_id)
        who = (fact.letter.subscriber_id, fact.letter.edition_id) if known else None
    if who is None:
        return None
    subscriber_id, edition_id = who
    return bounces.record_bounce(
        connection,
        report=report,
        kind=fact.kind,
        subscriber_id=subscriber_id,
        edition_id=edition_id,
        diagnosis=fact.diagnosis,
        now=now,
    )
