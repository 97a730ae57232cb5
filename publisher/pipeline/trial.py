"""A digest's letter to one address, to look at it in a mail client. It is in no book and counts nowhere."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from time import sleep

from sqlalchemy import Engine

from publisher.config import Config, Digest
from publisher.delivery import Pace, deliver
from publisher.errors import Problem
from publisher.model import Claim, DeliveryState, EditionState, EditionText, Settlement
from publisher.pipeline.mailing import proof_digest
from publisher.pipeline.sending import (
    EXAMPLE_READER,
    build_mailing,
    message_builder,
    open_transport,
    signing_key,
)
from publisher.store import editions
from publisher.store.engine import reading, writing
from publisher.templating import translations


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What became of a test letter."""

    subject: str
    state: DeliveryState
    reply: str
    """What the server said."""
    problems: tuple[Problem, ...]
    """What would keep the edition from being sent."""


def send_trial(
    config: Config,
    engine: Engine,
    digest: Digest,
    *,
    address: str,
    local_date: date | None,
    language: str | None,
    clock: Callable[[], datetime],
) -> Trial:
    """Send what would be sent now; with the date of an edition that is frozen, that edition's letter.

    Raises:
        DeliveryError: the transport cannot be used.
    """
    now = clock()
    with writing(engine) as connection:
        key = signing_key(config, connection)
    letter, problems = _letter(config, engine, digest, local_date=local_date, language=language, now=now)
    letter = replace(letter, subject=f"{translations(letter.language).gettext('[test]')} {letter.subject}")
    # The moment is in the name: a mail client shows a letter that it has seen before only once.
    name = f"test/{digest.slug}/{now.isoformat()}"
    mailing = build_mailing(
        config, letter, digest=digest.slug, name=name, frozen_at=now, key=key, label="test."
    )
    books = _Slip(replace(EXAMPLE_READER, address=address, language=letter.language))
    build = message_builder(config, {letter.language: mailing})
    pace = Pace(config.delivery.limits, now=now)
    transport = open_transport(config)
    try:
        deliver(books, transport, build, pace, frozen_at=now, clock=clock, sleep=sleep)
    finally:
        transport.close()
    return Trial(subject=letter.subject, state=books.state, reply=books.reply, problems=problems)


def _letter(
    config: Config,
    engine: Engine,
    digest: Digest,
    *,
    local_date: date | None,
    language: str | None,
    now: datetime,
) -> tuple[EditionText, tuple[Problem, ...]]:
    today = now.astimezone(digest.timezone).date()
    with reading(engine) as connection:
        edition = editions.find_edition(connection, digest.slug, local_date) if local_date else None
        if edition and edition.state is not EditionState.EMPTY:
            texts = editions.load_texts(connection, edition.id)
            return texts.get(language or "", texts[edition.language]), ()
        proof = proof_digest(
            config, connection, digest, local_date=local_date or today, language=language, now=now
        )
    return proof.letter, proof.problems


class _Slip:
    """The books of one delivery, which nobody keeps: what `publisher.delivery.Ledger` asks for."""

    def __init__(self, claim: Claim) -> None:
        self.state = DeliveryState.PENDING
        self.reply = ""
        self._claim = claim

    def claim(self, limit: int, *, lease_until: datetime, now: datetime) -> list[Claim]:
        del lease_until, now  # nobody else could take it
        if not limit or self.state is not DeliveryState.PENDING:
            return []
        self.state = DeliveryState.CLAIMED
        return [self._claim]

    def settle(
        self, settled: Sequence[Settlement], ready: Sequence[Claim], *, lease_until: datetime, now: datetime
    ) -> set[int]:
        del lease_until, now
        for item in settled:
            self.state, self.reply = item.state, item.reply
        if ready:
            self.state = DeliveryState.SENDING
        return {claim.subscriber_id for claim in ready}

    def release(self, claims: Sequence[Claim], *, now: datetime) -> None:
        del now
        if claims and self.state is DeliveryState.CLAIMED:
            self.state = DeliveryState.PENDING

    def next_due(self, *, now: datetime) -> datetime | None:
        return now if self.state is DeliveryState.PENDING else None

    def close(self) -> None:
        """There is nothing to close."""

    def counts(self) -> dict[DeliveryState, int]:
        return {self.state: 1}
