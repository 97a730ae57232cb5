"""Readers, editions, and what becomes of each letter."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from publisher.model import (
    BounceKind,
    DeliveryState,
    EditionKind,
    EditionState,
    SubscriptionState,
    SuppressionReason,
)
from publisher.store.schema.base import Instant, metadata, one_of

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("address", String(320), nullable=False),
    Column("address_key", String(320), nullable=False, unique=True),
    Column("name", Text),
    Column("language", String(35)),  # of the letters they want; NULL: the digest's own
    Column("created_at", Instant, nullable=False),
    Column("paused_until", Instant),  # they want no editions before
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
    Column("consented_at", Instant),  # when the reader said yes, as far as that is known
    Column("asked_in", ForeignKey("editions.id")),  # pending: the letter that asks to confirm it
    Column("left_at", Instant),  # pending: they had left before; only their own yes brings them back
    Column("changed_at", Instant, nullable=False),
    one_of("state", SubscriptionState),
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
    one_of("kind", EditionKind),
    one_of("state", EditionState),
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
    one_of("state", DeliveryState),
    Index("ix_deliveries_edition_id_state", "edition_id", "state", "due_at"),
    Index("ix_deliveries_lease", "lease", sqlite_where=_LEASED),
    Index("ix_deliveries_subscriber_id", "subscriber_id", "edition_id"),
)

requests = Table(
    "requests",  # what somebody asked for on the web, and is answered by letter
    metadata,
    Column("address_key", String(320), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("address", String(320), nullable=False),
    Column("digests", Text, nullable=False),  # slugs, a space between them
    Column("language", String(35), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answered_at", Instant),  # kept for a day: nobody is written to twice in it
    one_of("kind", EditionKind),
    Index("ix_requests_answered_at", "answered_at"),
)

allowances = Table(
    "allowances",  # how often somebody, or everybody, did something in a window of time
    metadata,
    Column("bucket", String(64), primary_key=True),
    Column("window", Instant, primary_key=True),
    Column("used", Integer, nullable=False),
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
    one_of("kind", BounceKind),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),  # keyed: it outlives the address
    Column("address", Text),  # NULL once the person's data were erased
    Column("reason", String(20), nullable=False),
    Column("suppressed_at", Instant, nullable=False),
    Column("detail", Text),  # what the server, or the operator, said
    one_of("reason", SuppressionReason),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
