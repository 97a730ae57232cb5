"""stories → edition: what a digest would tell, and fixing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from publisher.config import Config, Digest
from publisher.delivery.dkim import load_signer
from publisher.digest import UNSUBSCRIBE_TOKEN, compose, latest_slot, render, slot_at
from publisher.model import Edition, EditionState, EditionText, StoredArticle
from publisher.pipeline.sending import EXAMPLE_READER, assemble, build_mailing, signing_key
from publisher.pipeline.waiting import count_waiting
from publisher.store import editions, stories, subscribers
from publisher.store.engine import reading, writing
from publisher.templating import build_environment

CATCH_UP = timedelta(hours=12)
"""How late a slot may still be sent, after the machine was off; later, its stories join the next edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An edition as it would be sent now. Nothing is frozen by looking at it."""

    letter: EditionText
    message: bytes
    stories: int


def preview_digest(
    config: Config, engine: Engine, digest: Digest, *, local_date: date, now: datetime
) -> Preview:
    """Render the waiting stories; when none waits, the newest stand in, so that there is something to see."""
    with writing(engine) as connection:
        key = signing_key(config, connection)
    with reading(engine) as connection:
        waiting = count_waiting(config, connection, now=now)[digest.slug]
        shown = editions.waiting(connection, digest.slug, digest.sections, now=now, limit=digest.max_stories)
        more = max(0, waiting - len(shown))
        for section in () if shown else digest.sections:
            shown += stories.newest(connection, section=section, limit=digest.max_stories, now=now)
    letter = _render(
        config,
        digest,
        shown[: digest.max_stories],
        local_date=local_date,
        more=more,
        language=digest.language,
    )
    mailing = build_mailing(
        config, letter, digest=digest.slug, name=f"{digest.slug}/{local_date}", frozen_at=now, key=key
    )
    signers = [load_signer(key) for key in config.delivery.dkim]
    visible = EditionText(
        language=letter.language,
        subject=letter.subject,
        html=letter.html.replace(UNSUBSCRIBE_TOKEN, "preview"),
        text=letter.text.replace(UNSUBSCRIBE_TOKEN, "preview"),
    )
    return Preview(letter=visible, message=assemble(mailing, signers).build(EXAMPLE_READER), stories=waiting)


def _render(
    config: Config,
    digest: Digest,
    shown: Sequence[StoredArticle],
    *,
    local_date: date,
    more: int,
    language: str,
) -> EditionText:
    composition = compose(
        config.site,
        digest,
        shown,
        more=more,
        local_date=local_date,
        titles={section.slug: section.title for section in config.sections},
    )
    environment = build_environment(config.templates, language)
    return render(config.site, composition, environment, language=language)


def freeze_edition(
    config: Config, engine: Engine, digest: Digest, *, local_date: date, now: datetime, scheduled: bool
) -> Edition | None:
    """The edition of that date: the frozen one if there is one, else one made of what waits now.

    None when there is nothing new, or nobody to send it to. A `scheduled` slot that passes like that is over.
    """
    # One transaction: choosing, rendering and freezing see the same store.
    with writing(engine) as connection:
        edition = editions.find_edition(connection, digest.slug, local_date)
        if edition and (edition.state is not EditionState.EMPTY or scheduled):
            return None if edition.state is EditionState.EMPTY else edition
        stories = editions.count_waiting(connection, digest.slug, digest.sections, now=now)
        if not stories or not subscribers.count_confirmed(connection).get(digest.slug):
            if scheduled:
                editions.record_empty_slot(
                    connection, digest.slug, local_date, language=digest.language, now=now
                )
            return None
        shown = editions.waiting(connection, digest.slug, digest.sections, now=now, limit=digest.max_stories)
        more = max(0, stories - len(shown))
        texts = [
            _render(config, digest, shown, local_date=local_date, more=more, language=language)
            for language in (digest.language,)
        ]
        editions.freeze(
            connection,
            digest=digest.slug,
            local_date=local_date,
            sections=digest.sections,
            shown=shown,
            language=digest.language,
            texts=texts,
            now=now,
        )
        return editions.find_edition(connection, digest.slug, local_date)


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
