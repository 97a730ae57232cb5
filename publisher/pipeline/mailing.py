"""stories → edition: what a digest would tell, and fixing it.

waiting ─▶ draft (rendered, made to fit, looked through) ─▶ frozen, or held if something is wrong with it
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine

from publisher.config import LANGUAGES, Config, Digest, WhenEmpty
from publisher.delivery import load_signers
from publisher.digest import UNSUBSCRIBE_TOKEN, latest_slot, slot_at
from publisher.errors import Problem
from publisher.model import Edition, EditionState, EditionText, StoredArticle
from publisher.pipeline.drafting import Draft, draft
from publisher.pipeline.sending import EXAMPLE_READER, assemble, build_mailing, signing_key
from publisher.store import editions, stories
from publisher.store.engine import reading, writing
from publisher.store.waiting import waiting_ids

CATCH_UP = timedelta(hours=12)
"""How late a slot may still be sent, after the machine was off; later, its stories join the next edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """An edition as it would be sent now. Nothing is frozen by looking at it."""

    letter: EditionText
    waiting: int
    """Stories it would tell; when there is none, the newest stand in, so that there is something to see."""
    problems: tuple[Problem, ...]
    """What would keep it from being sent."""


def proof_digest(
    config: Config,
    connection: Connection,
    digest: Digest,
    *,
    local_date: date,
    language: str | None,
    now: datetime,
) -> Proof:
    """What the digest's next edition would be, in its own language or another."""
    told = waiting_ids(connection, digest, now=now)
    shown = stories.in_order(connection, told[: digest.max_stories])
    if not told and digest.when_empty is WhenEmpty.SKIP:
        shown = _newest(connection, digest, now=now)
    made = draft(
        config,
        connection,
        digest,
        shown,
        more=max(0, len(told) - len(shown)),
        local_date=local_date,
        languages=(language or digest.language,),
    )
    return Proof(letter=made.letters[0], waiting=len(told), problems=made.problems)


def _newest(connection: Connection, digest: Digest, *, now: datetime) -> list[StoredArticle]:
    found = [
        story
        for section in digest.sections
        for story in stories.newest(connection, section=section, limit=digest.max_stories, now=now)
    ]
    found.sort(key=lambda story: (story.published_at, story.id), reverse=True)
    return found[: digest.max_stories]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A proof to look at, and the message to an example reader."""

    proof: Proof
    message: bytes


def preview_digest(
    config: Config, engine: Engine, digest: Digest, *, local_date: date, language: str | None, now: datetime
) -> Preview:
    """The next edition, with a link to unsubscribe that leads nowhere."""
    with writing(engine) as connection:
        key = signing_key(config, connection)
    with reading(engine) as connection:
        proof = proof_digest(config, connection, digest, local_date=local_date, language=language, now=now)
    mailing = build_mailing(
        config, proof.letter, digest=digest.slug, name=f"{digest.slug}/{local_date}", frozen_at=now, key=key
    )
    signers = load_signers(config.delivery.dkim)
    visible = replace(
        proof.letter,
        html=proof.letter.html.replace(UNSUBSCRIBE_TOKEN, "preview"),
        text=proof.letter.text.replace(UNSUBSCRIBE_TOKEN, "preview"),
    )
    return Preview(
        proof=replace(proof, letter=visible), message=assemble(mailing, signers).build(EXAMPLE_READER)
    )


def freeze_edition(
    config: Config, engine: Engine, digest: Digest, *, local_date: date, now: datetime, scheduled: bool
) -> Edition | None:
    """The edition of that date: the frozen one if there is one, else one made of what waits now.

    It is held, with the reason, when something is wrong with its letters. None when there is nothing new, or
    nobody to send it to. A `scheduled` slot that passes like that is over.
    """
    # One transaction: choosing, rendering and freezing see the same store.
    with writing(engine) as connection:
        edition = editions.find_edition(connection, digest.slug, local_date)
        if edition and (edition.state is not EditionState.EMPTY or scheduled):
            return None if edition.state is EditionState.EMPTY else edition
        told = waiting_ids(connection, digest, now=now)
        has_readers = editions.has_readers(connection, digest.slug, now=now)
        if not has_readers or (not told and digest.when_empty is WhenEmpty.SKIP):
            if scheduled:
                editions.record_empty_slot(
                    connection, digest.slug, local_date, language=digest.language, now=now
                )
            return None
        wanted = editions.wanted_languages(connection, digest.slug, now=now)
        made = _draft_in(wanted, config, connection, digest, told, local_date=local_date)
        editions.freeze(
            connection,
            digest=digest.slug,
            local_date=local_date,
            told=told,
            shown=made.shown,
            language=digest.language,
            texts=made.letters,
            now=now,
            held="\n".join(map(str, made.problems)) or None,
        )
        return editions.find_edition(connection, digest.slug, local_date)


def _draft_in(
    wanted: Collection[str],
    config: Config,
    connection: Connection,
    digest: Digest,
    told: list[int],
    *,
    local_date: date,
) -> Draft:
    """In the digest's language, and in each other one that is wanted."""
    others = (language for language in LANGUAGES if language in wanted and language != digest.language)
    shown = stories.in_order(connection, told[: digest.max_stories])
    return draft(
        config,
        connection,
        digest,
        shown,
        more=len(told) - len(shown),
        local_date=local_date,
        languages=(digest.language, *others),
    )


def due_slots(config: Config, engine: Engine, *, now: datetime) -> list[tuple[Digest, date]]:
    """Every digest whose slot has come and has no edition yet, with the slot's local date.

    This is read from the store, not from a timer: asking twice, late, or from two processes leads to one
    edition a date.
    """
    due = []
    with reading(engine) as connection:
        for digest in config.digests:
            slot = latest_slot(digest, now=now)
            if slot is None or now - slot_at(digest, slot) > CATCH_UP:
                continue
            if editions.find_edition(connection, digest.slug, slot) is None:
                due.append((digest, slot))
    return due
