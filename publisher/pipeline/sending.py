"""edition → delivery → transport."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

from sqlalchemy import Connection, Engine

from publisher.config import Config, TransportKind
from publisher.delivery import (
    PATIENCE,
    Assembly,
    Envelope,
    Mailing,
    Pace,
    Report,
    Signer,
    SmtpTransport,
    SpoolTransport,
    Transport,
    deliver,
    load_signers,
    mint_message_id,
)
from publisher.delivery.senders import find_dead, forget, sender_lock
from publisher.delivery.verp import mint_return_path
from publisher.digest import UNSUBSCRIBE_TOKEN
from publisher.errors import DeliveryError, PublisherError
from publisher.model import EDITORIAL, Claim, Edition, EditionKind, EditionState, EditionText
from publisher.pipeline.waiting import find_digest
from publisher.store import editions, secrets
from publisher.store.deliveries import Ledger, reclaim
from publisher.store.engine import reading, writing
from publisher.text.mailboxes import wire_address

EXAMPLE_READER = Claim(
    edition_id=0,
    subscriber_id=0,
    address="reader@example.com",
    name=None,
    language="",
    lease="",
    attempts=0,
)
"""No subscriber has the number 0: the letter's link to unsubscribe takes nobody off."""
Sent = tuple[Edition, Report | PublisherError]
"""An edition, and what came of sending it."""
SENDERS = "state/senders"
"""Beside config.toml: which processes are sending."""


def signing_key(config: Config, connection: Connection) -> bytes:
    return config.secret.encode() if config.secret else secrets.signing_key(connection)


def build_mailing(
    config: Config,
    letter: EditionText,
    *,
    digest: str,
    name: str,
    frozen_at: datetime,
    key: bytes,
    label: str = "",
    kind: EditionKind = EditionKind.REGULAR,
    edition_id: int = 0,
) -> Mailing:
    return Mailing(
        name=name,
        digest=digest,
        letter=letter,
        frozen_at=frozen_at,
        sender=config.delivery.sender,
        reply_to=config.delivery.reply_to,
        site_url=config.site.url,
        token_placeholder=UNSUBSCRIBE_TOKEN,
        key=key,
        label=label,
        kind=kind,
        edition_id=edition_id,
    )


def assemble(mailing: Mailing, signers: Sequence[Signer]) -> Assembly:
    """What is wrong with the letter is wrong with every message: nobody's bounce.

    Raises:
        DeliveryError: no message can be made.
    """
    try:
        assembly = Assembly(mailing, signers)
        assembly.build(EXAMPLE_READER)
    except ValueError as error:
        raise DeliveryError.of(
            mailing.name, f"no message can be made ({error})", "check the config"
        ) from error
    return assembly


def deliver_edition(
    config: Config,
    engine: Engine,
    edition: Edition,
    *,
    clock: Callable[[], datetime],
    pace: Pace | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
    patience: timedelta = PATIENCE,
) -> Report:
    """Send what is due of a frozen edition; resumes where an earlier run stopped.

    `pace` is that of a process which sends more than once: what it has learned of domains stays.

    Raises:
        DeliveryError: the transport cannot be used.
    """
    build = _messages(config, engine, edition, now=clock())
    folder = config.root / SENDERS
    settle_dead_senders(engine, folder, now=clock())
    with sender_lock(folder) as lease:
        transport = open_transport(config)
        try:
            return deliver(
                Ledger(engine, edition.id, lease=lease),
                transport,
                build,
                pace or Pace(config.delivery.limits, now=clock()),
                frozen_at=edition.frozen_at,
                clock=clock,
                sleep=sleep,
                stop=stop,
                progress=progress,
                patience=patience,
            )
        finally:
            transport.close()


def settle_dead_senders(engine: Engine, folder: Path, *, now: datetime) -> None:
    """Free what senders had claimed that were killed, and list what may have been sent as unknown."""
    dead = find_dead(folder)
    reclaim(engine, dead=dead, now=now)
    forget(folder, dead)


def _messages(
    config: Config, engine: Engine, edition: Edition, *, now: datetime
) -> Callable[[Claim], Envelope]:
    """Makes a claim's message, in the language it is to have.

    An edition has the date on which it was frozen, whenever it is sent; an answer that of now.
    """
    find_digest(config, edition.digest)
    with writing(engine) as connection:
        key = signing_key(config, connection)
        texts = editions.load_texts(connection, edition.id)
    mailings = {
        language: build_mailing(
            config,
            letter,
            digest=edition.digest,
            name=f"{edition.digest}/{edition.local_date}{edition.occasion and f'/{edition.occasion}'}",
            frozen_at=edition.frozen_at if edition.kind in EDITORIAL else now,
            key=key,
            kind=edition.kind,
            edition_id=edition.id,
        )
        for language, letter in texts.items()
    }
    return message_builder(config, mailings)


def message_builder(config: Config, mailings: Mapping[str, Mailing]) -> Callable[[Claim], Envelope]:
    """Makes a claim's message from the mailing in its language.

    Raises:
        DeliveryError: no message can be made.
    """
    signers = load_signers(config.delivery.dkim)
    assemblies = {language: assemble(mailing, signers) for language, mailing in mailings.items()}

    def build(claim: Claim) -> Envelope:
        mailing = mailings[claim.language]
        return Envelope(
            claim=claim,
            sender=_return_path(config, mailing, claim),
            recipient=wire_address(claim.address),
            message_id=mint_message_id(mailing, claim.subscriber_id),
            message=assemblies[claim.language].build(claim),
        )

    return build


def _return_path(config: Config, mailing: Mailing, claim: Claim) -> str:
    """Where a claim's bounces come back to."""
    mailbox = config.delivery.bounces
    if mailbox is None:
        return wire_address(config.delivery.sender.addr_spec)
    return mint_return_path(mailbox, mailing.key, claim.edition_id, claim.subscriber_id)


def open_transport(config: Config) -> Transport:
    """The configured way out.

    Raises:
        DeliveryError: the outbox cannot be written.
    """
    delivery = config.delivery
    if delivery.transport is TransportKind.SPOOL:
        return SpoolTransport(delivery.outbox)
    lmtp = delivery.transport is TransportKind.LMTP
    return SmtpTransport(delivery.smtp, lmtp=lmtp, clock=monotonic)


def deliver_open(
    config: Config,
    engine: Engine,
    pace: Pace,
    *,
    clock: Callable[[], datetime],
    stop: Callable[[], bool],
    kinds: Collection[EditionKind] = EDITORIAL,
    patience: timedelta = PATIENCE,
) -> list[Sent]:
    """Go on with every edition that is frozen and not done, of the digests that are configured."""
    with reading(engine) as connection:
        frozen = editions.list_editions(connection, state=EditionState.FROZEN, kinds=kinds)
    configured = {digest.slug for digest in config.digests}
    results: list[Sent] = []
    for edition in frozen:
        if edition.digest not in configured:  # nobody can say how; it waits until its digest is back
            continue
        try:
            results.append(
                (
                    edition,
                    deliver_edition(
                        config, engine, edition, clock=clock, pace=pace, stop=stop, patience=patience
                    ),
                )
            )
        except PublisherError as error:
            results.append((edition, error))
    return results
