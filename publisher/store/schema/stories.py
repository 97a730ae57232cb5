"""Stories, their files, and the output made of them."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    false,
    text,
)
from sqlalchemy.types import BigInteger

from publisher.store.schema.base import Instant, metadata

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
