"""store → edition → delivery."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine

from publisher.config import Config, Digest, TransportKind
from publisher.delivery import (
    Mailing,
    Report,
    SmtpTransport,
    SpoolTransport,
    Transport,
    build_message,
    deliver,
    mint_message_id,
)
from publisher.digest import UNSUBSCRIBE_TOKEN, Rendered, compose, latest_slot, render, slot_at
from publisher.errors import DeliveryError, PublisherError
from publisher.model import Claim, Edition, EditionState, StoredArticle
from publisher.pipeline.waiting import count_waiting, find_digest
from publisher.store import editions, secrets, stories, subscribers
from publisher.store.deliveries import Ledger
from publisher.store.engine import reading, writing
from publisher.templating import build_environment

CATCH_UP = timedelta(hours=12)
"""How late a slot may still be sent, after the machine was off; later, its stories join the next edition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """An edition as it would be sent now. Nothing is frozen by looking at it."""

    rendered: Rendered
    message: bytes
    stories: int


def preview_digest(
    config: Config, engine: Engine, digest: Digest, *, local_date: date, now: datetime
) -> Preview:
    """Render the waiting stories; when none waits, the newest stand in, so that there is something to see."""
    with writing(engine) as connection:
        key = _signing_key(config, connection)
    with reading(engine) as connection:
        waiting = count_waiting(config, connection, now=now)[digest.slug]
        shown = editions.waiting(connection, digest.slug, digest.sections, now=now, limit=digest.max_stories)
        more = max(0, waiting - len(shown))
        for section in () if shown else digest.sections:
            shown += stories.newest(connection, section=section, limit=digest.max_stories, now=now)
    rendered = _render(config, digest, shown[: digest.max_stories], local_date=local_date, more=more)
    mailing = _mailing(config, digest, rendered, local_date=local_date, frozen_at=now, key=key)
    visible = Rendered(
        subject=rendered.subject,
        html=rendered.html.replace(UNSUBSCRIBE_TOKEN, "preview"),
        text=rendered.text.replace(UNSUBSCRIBE_TOKEN, "preview"),
    )
    return Preview(rendered=visible, message=_try_out(mailing), stories=waiting)


def _render(
    config: Config,
    digest: Digest,
    shown: Sequence[StoredArticle],
    *,
    local_date: date,
    more: int,
) -> Rendered:
    composition = compose(
        config.site,
        digest,
        shown,
        more=more,
        local_date=local_date,
        titles={section.slug: section.title for section in config.sections},
    )
    return render(config.site, composition, build_environment(config.templates, config.site.language))


def _signing_key(config: Config, connection: Connection) -> bytes:
    return config.secret.encode() if config.secret else secrets.signing_key(connection)


def _mailing(
    config: Config,
    digest: Digest,
    rendered: Rendered | Edition,
    *,
    local_date: date,
    frozen_at: datetime,
    key: bytes,
) -> Mailing:
    return Mailing(
        name=f"{digest.slug}/{local_date}",
        digest=digest.slug,
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
        language=rendered.language if isinstance(rendered, Edition) else config.site.language,
        frozen_at=frozen_at,
        sender=config.delivery.sender,
        reply_to=config.delivery.reply_to,
        site_url=config.site.url,
        token_placeholder=UNSUBSCRIBE_TOKEN,
        key=key,
    )


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
                editions.record_empty_slot(connection, digest.slug, local_date, now=now)
            return None
        shown = editions.waiting(connection, digest.slug, digest.sections, now=now, limit=digest.max_stories)
        rendered = _render(config, digest, shown, local_date=local_date, more=max(0, stories - len(shown)))
        editions.freeze(
            connection,
            digest=digest.slug,
            local_date=local_date,
            sections=digest.sections,
            shown=shown,
            language=config.site.language,
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            now=now,
        )
        return editions.find_edition(connection, digest.slug, local_date)


def deliver_edition(
    config: Config,
    engine: Engine,
    edition: Edition,
    *,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Send what is due of a frozen edition; resumes where an earlier run stopped.

    Raises:
        DeliveryError: the transport cannot be used.
    """
    digest = find_digest(config, edition.digest)
    with writing(engine) as connection:
        key = _signing_key(config, connection)
    mailing = _mailing(
        config, digest, edition, local_date=edition.local_date, frozen_at=edition.frozen_at, key=key
    )
    _try_out(mailing)
    transport = open_transport(config)
    try:
        return deliver(
            Ledger(engine, edition.id),
            transport,
            lambda claim: (mint_message_id(mailing, claim.subscriber_id), build_message(mailing, claim)),
            clock=clock,
            stop=stop,
            progress=progress,
        )
    finally:
        transport.close()


def _try_out(mailing: Mailing) -> bytes:
    """The message to an example reader. What is wrong with it is wrong with every message: nobody's bounce.

    Raises:
        DeliveryError: no message can be made.
    """
    reader = Claim(
        edition_id=0, subscriber_id=0, address="reader@example.com", name=None, lease="", attempts=0
    )
    try:
        return build_message(mailing, reader)
    except ValueError as error:
        raise DeliveryError.of(
            mailing.name, f"no message can be made ({error})", "check the config"
        ) from error


def open_transport(config: Config) -> Transport:
    """The configured way out.

    Raises:
        DeliveryError: the outbox cannot be written.
    """
    delivery = config.delivery
    if delivery.transport is TransportKind.SPOOL:
        return SpoolTransport(delivery.outbox)
    return SmtpTransport(delivery.smtp, delivery.sender.addr_spec)


def due_slots(config: Config, engine: Engine, *, now: datetime) -> list[tuple[Digest, date]]:
    """Every digest whose slot has come and has no edition yet, with the slot's local date.

    This is read from the store, not from a timer: asking twice, late, or from two processes leads to one
    edition a date.
    """
    due = []
    with reading(engine) as connection:
        for digest in config.digests:
            slot = latest_slot(digest, config.site.timezone, now=now)
            if slot is None or now - slot_at(digest, slot, config.site.timezone) > CATCH_UP:
                continue
            if editions.find_edition(connection, digest.slug, slot) is None:
                due.append((digest, slot))
    return due


def deliver_open(
    config: Config, engine: Engine, *, clock: Callable[[], datetime], stop: Callable[[], bool]
) -> list[tuple[Edition, Report | PublisherError]]:
    """Go on with every edition that is frozen and not done, of the digests that are configured."""
    with reading(engine) as connection:
        frozen = editions.list_editions(connection, state=EditionState.FROZEN)
    configured = {digest.slug for digest in config.digests}
    results: list[tuple[Edition, Report | PublisherError]] = []
    for edition in frozen:
        if edition.digest not in configured:  # nobody can say how; it waits until its digest is back
            continue
        try:
            results.append((edition, deliver_edition(config, engine, edition, clock=clock, stop=stop)))
        except PublisherError as error:
            results.append((edition, error))
    return results
