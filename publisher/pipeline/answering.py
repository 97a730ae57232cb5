"""what readers asked for ─▶ letters of their own kinds ─▶ the delivery engine.

A request says what somebody wants who gave an address; only its owner reads the answer. So the web need not
know, nor show, what the store knows of the address.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection, Engine

from publisher.config import LANGUAGES, Config, Digest
from publisher.delivery import Pace
from publisher.digest import render_notice
from publisher.model import EDITORIAL, EditionKind, EditionText, SuppressionReason
from publisher.pipeline.sending import Sent, deliver_open
from publisher.store import consents, letters, persons, requests
from publisher.store.consents import Settings
from publisher.store.engine import reading, writing
from publisher.store.requests import Request
from publisher.store.suppressions import find_reason
from publisher.templating import build_environment

ANSWERS = frozenset(EditionKind) - EDITORIAL


def answer(
    config: Config, engine: Engine, pace: Pace, *, clock: Callable[[], datetime], stop: Callable[[], bool]
) -> list[Sent]:
    """Write the letters that readers asked for, and send those that are due."""
    with reading(engine) as connection:
        if not letters.is_something_due(connection, now=clock()):
            return []
    write_answers(config, engine, now=clock())
    # A domain that wants us to wait must not keep other readers waiting: it is looked after next time.
    at_once = timedelta()
    return deliver_open(config, engine, pace, clock=clock, stop=stop, kinds=ANSWERS, patience=at_once)


def write_answers(config: Config, engine: Engine, *, now: datetime) -> None:
    """Turn requests into deliveries. Two that do it at once answer each request once.

    Raises:
        ConfigError: a template is wrong; the requests wait.
    """
    more = True
    while more:
        with writing(engine) as connection:  # one at a time: a new letter takes a while to be rendered
            request = requests.next_waiting(connection)
            if request and _write(config, connection, request, now):
                requests.mark_answered(connection, request, now=now)
            elif request:
                requests.drop(connection, request)
        more = request is not None


def forget(engine: Engine, *, now: datetime) -> None:
    """What has served its purpose: requests that were answered, and who never confirmed theirs."""
    with writing(engine) as connection:
        requests.forget_old(connection, now=now)
        persons.forget_unconfirmed(connection, now=now)


def _write(config: Config, connection: Connection, request: Request, now: datetime) -> bool:
    """Whether there is a letter to write; then it is written."""
    person = consents.find(connection, request.address)
    asked = [digest for digest in config.digests if digest.slug in request.digests]
    if person is None and asked and _may_be_asked(connection, request):
        person = consents.add(connection, request.address, language=request.language, now=now)
    if person is None or person.is_suppressed:
        return False
    kind, told = _choose(config, request.kind, asked, person)
    if not told:
        return False
    edition_id = _find_or_freeze(config, connection, kind, told, now)
    if kind is EditionKind.CONFIRMATION:
        slugs = [digest.slug for digest in told]
        consents.ask_to_confirm(connection, person.id, slugs, edition_id=edition_id, now=now)
    letters.add_recipient(connection, edition_id, person.id, language=request.language, now=now)
    return True


def _may_be_asked(connection: Connection, request: Request) -> bool:
    """Whether somebody unknown is asked. Who is suppressed and was erased is not written down again."""
    reason = find_reason(connection, request.address)
    return request.kind is EditionKind.CONFIRMATION and reason in {None, SuppressionReason.ERASED}


def _choose(
    config: Config, kind: EditionKind, asked: list[Digest], person: Settings
) -> tuple[EditionKind, list[Digest]]:
    """What is said to a subscriber, and of which digests."""
    if kind is EditionKind.GOODBYE:
        return kind, [digest for digest in asked if digest.slug in person.left]
    if wanted := [digest for digest in asked if digest.slug not in person.confirmed]:
        return EditionKind.CONFIRMATION, wanted
    # They have what they asked for, or ask how to change it.
    return EditionKind.REMINDER, [digest for digest in config.digests if digest.slug in person.confirmed]


def _find_or_freeze(
    config: Config, connection: Connection, kind: EditionKind, digests: Sequence[Digest], now: datetime
) -> int:
    """Those who ask for the same on one day get the same letter, each in their language.

    The day is that of UTC, which has no clock changes: who may ask again has another day's letter.
    """
    slugs = "\n".join(digest.slug for digest in digests)
    return letters.find_or_freeze(
        connection,
        kind=kind,
        digest=digests[0].slug,
        occasion=f"{kind}:{sha256(slugs.encode()).hexdigest()[:20]}",
        local_date=now.astimezone(UTC).date(),
        language=config.site.language,
        render=partial(_render, config, kind, digests),
        now=now,
    )


def _render(config: Config, kind: EditionKind, digests: Sequence[Digest]) -> list[EditionText]:
    return [
        render_notice(
            config.site, kind, digests, build_environment(config.templates, language), language=language
        )
        for language in LANGUAGES
    ]
