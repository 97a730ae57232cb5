"""The tables. Migrations build them; a test proves that both say the same."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    text,
)
from sqlalchemy.types import BigInteger, TypeDecorator

from publisher.model import (
    BounceKind,
    DeliveryState,
    EditionKind,
    EditionState,
    SubscriptionState,
    SuppressionReason,
)

HEAD = "0004"
"""The newest migration. Known here so that opening a store that is up to date need not load Alembic."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. A naive one is a bug and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value}")
        value = value.astimezone(UTC)
        # SQLite has no zones: what is kept there is UTC without saying so.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _one_of(column: str, states: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({_quoted(states)})", name=column)


def _quoted(states: Iterable[Any]) -> str:
    return ", ".join(f"'{state}'" for state in states)


sections = Table(
    "sections",
    metadata,
    Column("slug", String(100), primary_key=True),
    Column("title", Text, nullable=False),
)

_UNSEEN = text("public_since IS NULL")
_WITHDRAWN = text("withdrawn_at IS NOT NULL")
articles = Table(
    "articles",
    metadata,
    Column("id", Integer, primary_key=True),  # the ingest sequence
    Column("key", Text, nullable=False, unique=True),
    Column("public_id", String(45), nullable=False, unique=True),
    Column("slug", String(100), nullable=False, unique=True),
    Column("section", ForeignKey("sections.slug")),
    Column("published_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False, index=True),
    Column("revision_hash", String(64), nullable=False),
    Column("views", Integer),
    Column(
        "has_page", Boolean, nullable=False, server_default=false()
    ),  # has, or once had, no URL of its own
    Column("embargo_at", Instant),
    Column("held", String(20)),  # why it is held back, whatever the time; see model.Hold
    Column("withdrawn_at", Instant),
    Column("withdrawal", String(20)),  # see model.Withdrawal
    Column("public_since", Instant),  # when the publisher first let it be seen; NULL: nobody has
    Column("indexed_revision", Integer, nullable=False, server_default="0"),  # what search knows of it
    Column("backfill", Boolean, nullable=False, server_default=false()),  # of the archive: no digest tells it
    Index("ix_articles_section_published_at", "section", "published_at", "id"),
    Index("ix_articles_published_at", "published_at", "id"),
    Index("ix_articles_unseen", "id", sqlite_where=_UNSEEN),
    Index("ix_articles_withdrawn", "published_at", sqlite_where=_WITHDRAWN),
    sqlite_autoincrement=True,  # a sequence number is never given twice
)

_WITH_IMAGE = text("image_digest IS NOT NULL")
revisions = Table(
    "revisions",
    metadata,
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("lead", Text, nullable=False),
    Column("body_html", Text, nullable=False),
    Column("language", String(35), nullable=False),
    Column("printed_section", Text),
    Column("byline", Text),
    Column("photo_caption", Text),
    Column("photo_credit", Text),
    Column("reading_minutes", Integer),
    Column("tags", JSON, nullable=False),
    Column("dateline", String(40), nullable=False),  # ISO 8601, as precise as the file was
    Column("dateline_printed", Text),  # the words of a relative date
    Column("embargo", String(40)),  # as dateline
    Column("status", String(20), nullable=False, server_default="usable"),
    Column("image_digest", String(64)),
    Column("image_type", String(50)),
    Column("image_size", BigInteger),
    Column("source_id", Text),
    Column("url", Text),
    Column("correction", Text),  # a note to readers
    Index(
        "ix_revisions_image",
        *("article_id", "number", "image_digest", "image_type", "image_size"),
        sqlite_where=_WITH_IMAGE,
    ),
)

IS_CURRENT = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
"""Joins an article with the revision that stands."""

sources = Table(
    "sources",
    metadata,
    Column("path", Text, primary_key=True),  # under the inbox, with forward slashes
    Column("signature", Text, nullable=False),  # its size and times, and those of the picture beside it
    Column("digest", String(64)),  # of its bytes, and the picture's, as last read
    Column("article_id", ForeignKey("articles.id"), index=True),  # stays when the file is damaged later
    Column(
        "status", String(20), nullable=False, server_default="usable"
    ),  # what this file says, whoever speaks
    Column("embargo", String(40)),  # ISO 8601
    Column("cause", Text),  # why it was refused; NULL when it was read
    Column("hint", Text),
    Column("warnings", JSON(none_as_null=True)),  # what was mended or left open when it was read
    CheckConstraint("article_id IS NOT NULL OR cause IS NOT NULL", name="outcome"),
)

outputs = Table(
    "outputs",
    metadata,
    Column("path", Text, primary_key=True),  # under the output folder
    Column("inputs", String(64), nullable=False),  # digest of all that the file is made from
    Column("signature", Text, nullable=False),  # size and times of the file as it was written
)

archive_entries = Table(
    "archive_entries",
    metadata,
    Column("feed", String(120), primary_key=True),  # its folder: senat, all, tags/…
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("page", Integer, nullable=False),
    Index("ix_archive_entries_feed_page", "feed", "page"),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)

sketches = Table(
    "sketches",
    metadata,
    Column("mark", BigInteger, primary_key=True),  # one of the smallest hashes of the story's word groups
    Column("article_id", ForeignKey("articles.id"), primary_key=True, index=True),
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, unique=True),
    Column("name", Text),
    Column("language", String(35)),  # of the letters they want; NULL: the digest's own
    Column("created_at", Instant, nullable=False),
    Column("suppressed_at", Instant),  # nothing is sent to the address; see suppressions
    sqlite_autoincrement=True,  # unsubscribe links name the number: it must not pass to someone else
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("digest", String(100), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("origin", Text, nullable=False),  # where the consent comes from
    Column("changed_at", Instant, nullable=False),
    _one_of("state", SubscriptionState),
    Index("ix_subscriptions_digest_state", "digest", "state"),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(100), nullable=False),
    Column("local_date", Date, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("occasion", String(100), nullable=False),  # of a correction: which story, which revision
    Column("state", String(20), nullable=False),
    Column("reason", Text),  # why it is held or canceled
    Column("frozen_at", Instant, nullable=False),
    Column("language", String(35), nullable=False),
    UniqueConstraint("digest", "local_date", "occasion"),
    _one_of("kind", EditionKind),
    _one_of("state", EditionState),
)

edition_texts = Table(
    "edition_texts",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
)

edition_articles = Table(
    "edition_articles",
    metadata,
    Column("digest", String(100), primary_key=True),
    Column("article_id", ForeignKey("articles.id"), primary_key=True),  # with digest: no story twice
    Column("edition_id", ForeignKey("editions.id"), nullable=False, index=True),
    Column("position", Integer),  # NULL: counted in "and N more"
)

_LEASED = text("lease IS NOT NULL")
deliveries = Table(
    "deliveries",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    Column("subscriber_id", ForeignKey("subscribers.id"), primary_key=True),
    Column("language", String(35), nullable=False),  # of the letter: one of the edition's texts
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", String(40)),
    Column("lease_until", Instant),
    Column("due_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("reply", Text),  # what the server said last
    _one_of("state", DeliveryState),
    Index("ix_deliveries_edition_id_state", "edition_id", "state", "due_at"),
    Index("ix_deliveries_lease", "lease", sqlite_where=_LEASED),
    Index("ix_deliveries_subscriber_id", "subscriber_id", "edition_id"),
)

bounces = Table(
    "bounces",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # of the report: one read twice counts once
    Column("kind", String(20), nullable=False),
    Column("subscriber_id", ForeignKey("subscribers.id"), index=True),
    Column("edition_id", ForeignKey("editions.id")),
    Column("received_at", Instant, nullable=False),
    Column("diagnosis", Text, nullable=False),
    Column("forgiven_at", Instant),  # the suppression it had led to was lifted: it counts no more
    _one_of("kind", BounceKind),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),  # keyed: it outlives the address
    Column("address", Text),  # NULL once the person's data were erased
    Column("reason", String(20), nullable=False),
    Column("suppressed_at", Instant, nullable=False),
    Column("detail", Text),  # what the server, or the operator, said
    _one_of("reason", SuppressionReason),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
