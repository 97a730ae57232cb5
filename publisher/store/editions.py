"""Editions: freezing one, listing them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    case,
    exists,
    false,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import (
    EDITORIAL,
    OPEN_DELIVERY_STATES,
    DeliveryState,
    Edition,
    EditionKind,
    EditionState,
    EditionText,
    SubscriptionState,
)
from publisher.store.marks import note_change
from publisher.store.schema import (
    deliveries,
    edition_articles,
    edition_texts,
    editions,
    subscribers,
    subscriptions,
)


def find_edition(
    connection: Connection, digest: str, local_date: date, *, occasion: str = ""
) -> Edition | None:
    """The edition of that date, or the one that was made for another occasion."""
    query = _editions().where(
        editions.c.digest == digest, editions.c.local_date == local_date, editions.c.occasion == occasion
    )
    row = connection.execute(query).first()
    return _to_edition(row) if row else None


def with_id(connection: Connection, edition_id: int) -> Edition:
    return _to_edition(connection.execute(_editions().where(editions.c.id == edition_id)).one())


def load_texts(connection: Connection, edition_id: int) -> dict[str, EditionText]:
    """The letters of an edition, by language."""
    columns = (edition_texts.c[name] for name in ("language", "subject", "html", "text"))
    rows = connection.execute(select(*columns).where(edition_texts.c.edition_id == edition_id))
    return {row.language: EditionText(**row._mapping) for row in rows}  # noqa: SLF001 — its public name


def list_editions(
    connection: Connection,
    *,
    digest: str | None = None,
    state: EditionState | None = None,
    kinds: Collection[EditionKind] = EDITORIAL,
) -> list[Edition]:
    """Newest first; those that tell stories, if no other `kinds` are asked for."""
    query = _editions().order_by(editions.c.local_date.desc(), editions.c.digest, editions.c.id.desc())
    if digest is not None:
        query = query.where(editions.c.digest == digest)
    if state is not None:
        query = query.where(editions.c.state == state)
    query = query.where(editions.c.kind.in_(list(kinds)))
    return [_to_edition(row) for row in connection.execute(query)]


def _editions() -> Any:
    stories = (
        select(func.count())
        .where(edition_articles.c.edition_id == editions.c.id)
        .scalar_subquery()
        .label("stories")
    )
    own_text = (edition_texts.c.edition_id == editions.c.id) & (
        edition_texts.c.language == editions.c.language
    )
    subject = func.coalesce(edition_texts.c.subject, "").label("subject")
    return select(editions, subject, stories).select_from(editions.outerjoin(edition_texts, own_text))


def _to_edition(row: Row[Any]) -> Edition:
    values = dict(row._mapping)  # noqa: SLF001 — its public name
    return Edition(**values | {"kind": EditionKind(row.kind), "state": EditionState(row.state)})


def record_empty_slot(
    connection: Connection, digest: str, local_date: date, *, language: str, now: datetime
) -> None:
    """The slot has passed with nothing to tell. Only an operator may still fill it."""
    values = {
        "digest": digest,
        "local_date": local_date,
        "kind": EditionKind.REGULAR,
        "occasion": "",
        "state": EditionState.EMPTY,
        "frozen_at": now,
        "language": language,
    }
    connection.execute(upsert(editions).values(values).on_conflict_do_nothing())


def freeze(
    connection: Connection,
    *,
    digest: str,
    local_date: date,
    told: Sequence[int],
    shown: int,
    language: str,
    texts: Collection[EditionText],
    now: datetime,
    held: str | None = None,
) -> int:
    """Fix an edition: its bytes, stories and recipients. Call it in the transaction that chose the stories.

    `told` are the ids of its stories in their order; the first of them are `shown`, the rest is "and N more".
    `texts` holds one in `language`, and one for each other language that readers want. With a reason why it
    is `held`, nobody gets it yet; else deliveries of the digest's earlier editions that still wait for a
    second try end here, unless they are held or corrections. Returns the edition's id.
    """
    state = EditionState.HELD if held else EditionState.FROZEN
    values = {"state": state, "reason": held, "frozen_at": now, "language": language}
    statement = upsert(editions).values(
        digest=digest, local_date=local_date, kind=EditionKind.REGULAR, occasion="", **values
    )
    edition_id = connection.scalar(
        statement.on_conflict_do_update(
            index_elements=["digest", "local_date", "occasion"],
            set_=values,
            where=editions.c.state == EditionState.EMPTY,
        ).returning(editions.c.id)
    )
    if edition_id is None:
        raise ValueError(f"the edition of {digest} for {local_date} is frozen already")
    add_texts(connection, edition_id, texts)
    _add_stories(connection, digest, edition_id, told, shown)
    note_change(connection)  # of what waits for the next edition
    if not held:
        _expire_earlier(connection, digest, edition_id, now)
    languages = [text.language for text in texts]
    _add_recipients(connection, digest, edition_id, language=language, languages=languages, now=now)
    return int(edition_id)


def add_texts(connection: Connection, edition_id: int, texts: Collection[EditionText]) -> None:
    """The letters of a new edition, one a language."""
    connection.execute(
        insert(edition_texts),
        [
            {
                "edition_id": edition_id,
                "language": text.language,
                "subject": text.subject,
                "html": text.html,
                "text": text.text,
            }
            for text in texts
        ],
    )


def _add_stories(
    connection: Connection, digest: str, edition_id: int, told: Sequence[int], shown: int
) -> None:
    rows = [
        {
            "digest": digest,
            "article_id": article_id,
            "edition_id": edition_id,
            "position": position if position <= shown else None,
        }
        for position, article_id in enumerate(told, start=1)
    ]
    if rows:
        connection.execute(insert(edition_articles), rows)


def is_paused(now: datetime) -> ColumnElement[bool]:
    """The subscriber wants no editions now."""
    until = subscribers.c.paused_until
    return func.coalesce(until > literal(now, until.type), false())


def has_readers(connection: Connection, digest: str, *, now: datetime) -> bool:
    """Whether an edition of now would have a recipient, be it one to whom nothing may be sent."""
    found = (
        select(subscribers.c.id)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(subscriptions.c.digest == digest, subscriptions.c.state == SubscriptionState.CONFIRMED)
        .where(~is_paused(now))
        .limit(1)
    )
    return connection.scalar(found) is not None


def wanted_languages(connection: Connection, digest: str, *, now: datetime) -> set[str]:
    """The languages that those who would get an edition now want in particular."""
    query = (
        select(subscribers.c.language)
        .join(subscriptions, subscriptions.c.subscriber_id == subscribers.c.id)
        .where(
            subscriptions.c.digest == digest,
            subscriptions.c.state == SubscriptionState.CONFIRMED,
            subscribers.c.suppressed_at.is_(None),
            subscribers.c.language.is_not(None),
            ~is_paused(now),
        )
        .distinct()
    )
    return set(connection.scalars(query))


def _expire_earlier(connection: Connection, digest: str, edition_id: int, now: datetime) -> None:
    earlier = select(editions.c.id).where(
        editions.c.digest == digest,
        editions.c.id != edition_id,
        editions.c.kind == EditionKind.REGULAR,  # a correction does not grow old overnight
        editions.c.state != EditionState.HELD,  # an operator decides what becomes of it
    )
    waits = deliveries.c.state.in_([DeliveryState.PENDING, DeliveryState.DEFERRED])
    connection.execute(
        update(deliveries)
        .where(deliveries.c.edition_id.in_(earlier), waits)
        .values(state=DeliveryState.EXPIRED, changed_at=now)
    )
    for other in connection.scalars(earlier.where(editions.c.state == EditionState.FROZEN)).all():
        close_if_done(connection, other)


def _add_recipients(
    connection: Connection,
    digest: str,
    edition_id: int,
    *,
    language: str,
    languages: Collection[str],
    now: datetime,
) -> None:
    """Everybody who is subscribed now. To whom nothing may be sent stands in the books all the same."""
    columns = ["edition_id", "subscriber_id", "language", "state", "attempts", "due_at", "changed_at"]
    at = literal(now, deliveries.c.due_at.type)
    recipients = (
        select(
            literal(edition_id),
            subscriptions.c.subscriber_id,
            case((subscribers.c.language.in_(languages), subscribers.c.language), else_=language),
            case(
                (subscribers.c.suppressed_at.is_(None), str(DeliveryState.PENDING)),
                else_=str(DeliveryState.SUPPRESSED),
            ),
            literal(0),
            at,
            at,
        )
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(subscriptions.c.digest == digest, subscriptions.c.state == SubscriptionState.CONFIRMED)
        .where(~is_paused(now))
    )
    connection.execute(insert(deliveries).from_select(columns, recipients))


def close_if_done(connection: Connection, edition_id: int) -> None:
    """An edition is done when no delivery of it is open: then its books close."""
    open_ = exists().where(
        deliveries.c.edition_id == edition_id, deliveries.c.state.in_(list(OPEN_DELIVERY_STATES))
    )
    connection.execute(
        update(editions)
        .where(editions.c.id == edition_id, editions.c.state == EditionState.FROZEN, ~open_)
        .values(state=EditionState.DONE)
    )
