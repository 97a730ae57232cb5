"""Editions: which stories wait for one, freezing it, listing them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, exists, func, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import (
    OPEN_DELIVERY_STATES,
    DeliveryState,
    Edition,
    EditionKind,
    EditionState,
    EditionText,
    StoredArticle,
    SubscriptionState,
)
from publisher.store.marks import note_change
from publisher.store.schema import (
    articles,
    deliveries,
    edition_articles,
    edition_texts,
    editions,
    subscribers,
    subscriptions,
)
from publisher.store.stories import stored_articles, to_stored, visible


def _waits(digest: str, sections: Collection[str], now: datetime) -> Any:
    """New goes by what no edition has had, never by the date: a story that comes late is still new."""
    taken = exists().where(
        edition_articles.c.digest == digest, edition_articles.c.article_id == articles.c.id
    )
    published = visible(now) & articles.c.public_since.is_not(None)  # so its page is there
    return articles.c.section.in_(sections) & published & ~taken


def waiting(
    connection: Connection, digest: str, sections: Collection[str], *, now: datetime, limit: int | None = None
) -> list[StoredArticle]:
    """Stories for the next edition, latest first by ingest sequence."""
    query = stored_articles().where(_waits(digest, sections, now)).order_by(articles.c.id.desc())
    if limit is not None:
        query = query.limit(limit)
    return [to_stored(row) for row in connection.execute(query)]


def count_waiting(connection: Connection, digest: str, sections: Collection[str], *, now: datetime) -> int:
    query = select(func.count()).select_from(articles).where(_waits(digest, sections, now))
    return connection.scalar(query) or 0


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
    connection: Connection, *, digest: str | None = None, state: EditionState | None = None
) -> list[Edition]:
    """Newest first."""
    query = _editions().order_by(editions.c.local_date.desc(), editions.c.digest, editions.c.id.desc())
    if digest is not None:
        query = query.where(editions.c.digest == digest)
    if state is not None:
        query = query.where(editions.c.state == state)
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
    sections: Collection[str],
    shown: Sequence[StoredArticle],
    language: str,
    texts: Collection[EditionText],
    now: datetime,
) -> int:
    """Fix an edition: its bytes, stories and recipients. Call it in the transaction that chose the stories.

    `texts` holds one in `language`, and one for each other language that readers want. Deliveries of the
    digest's earlier editions that still wait for a second try end here, unless they are held or corrections.
    Returns the edition's id.
    """
    values = {"state": EditionState.FROZEN, "reason": None, "frozen_at": now, "language": language}
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
    positions = {story.id: position for position, story in enumerate(shown, start=1)}
    every = select(articles.c.id).where(_waits(digest, sections, now)).order_by(articles.c.id)
    told = [
        {"digest": digest, "article_id": id_, "edition_id": edition_id, "position": positions.get(id_)}
        for id_ in connection.scalars(every).all()
    ]
    if told:
        connection.execute(insert(edition_articles), told)
    note_change(connection)  # of what waits for the next edition
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
