"""Editions in several languages, held, canceled and corrected; bounces and suppressions."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("articles", sa.Column("backfill", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("subscribers", sa.Column("language", sa.String(length=35), nullable=True))
    op.add_column("subscribers", sa.Column("suppressed_at", INSTANT, nullable=True))
    _editions()
    _deliveries()
    _bounces()


def _editions() -> None:
    op.create_table(
        "edition_texts",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_edition_texts_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", "language", name=op.f("pk_edition_texts")),
    )
    op.execute(
        "INSERT INTO edition_texts (edition_id, language, subject, html, text)"
        " SELECT id, language, subject, html, text FROM editions WHERE state != 'empty'"
    )
    with op.batch_alter_table("editions") as batch:
        batch.add_column(sa.Column("kind", sa.String(length=20), nullable=False, server_default="regular"))
        batch.add_column(sa.Column("occasion", sa.String(length=100), nullable=False, server_default=""))
        batch.add_column(sa.Column("reason", sa.Text(), nullable=True))
        for column in ("subject", "html", "text"):
            batch.drop_column(column)
        batch.drop_constraint(op.f("uq_editions_digest_local_date"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_editions_digest_local_date_occasion"), ["digest", "local_date", "occasion"]
        )
        batch.drop_constraint(op.f("ck_editions_state"), type_="check")
        states = "state IN ('empty', 'frozen', 'held', 'done', 'canceled')"
        batch.create_check_constraint(op.f("ck_editions_state"), states)
        batch.create_check_constraint(op.f("ck_editions_kind"), "kind IN ('regular', 'correction')")
    with op.batch_alter_table("editions") as batch:
        batch.alter_column("kind", server_default=None)
        batch.alter_column("occasion", server_default=None)


def _deliveries() -> None:
    with op.batch_alter_table("deliveries") as batch:
        batch.add_column(sa.Column("language", sa.String(length=35), nullable=False, server_default="kk"))
    op.execute(
        "UPDATE deliveries SET language ="
        " (SELECT language FROM editions WHERE editions.id = deliveries.edition_id)"
    )
    with op.batch_alter_table("deliveries") as batch:
        batch.alter_column("language", server_default=None)
    leased = sa.text("lease IS NOT NULL")
    op.create_index("ix_deliveries_lease", "deliveries", ["lease"], sqlite_where=leased)
    op.create_index("ix_deliveries_subscriber_id", "deliveries", ["subscriber_id", "edition_id"])


def _bounces() -> None:
    op.create_table(
        "bounces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("diagnosis", sa.Text(), nullable=False),
        sa.Column("forgiven_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('hard', 'soft', 'complaint')", name=op.f("ck_bounces_kind")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscribers.id"], name=op.f("fk_bounces_subscriber_id")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_bounces_edition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounces")),
        sa.UniqueConstraint("digest", name=op.f("uq_bounces_digest")),
    )
    op.create_index(op.f("ix_bounces_subscriber_id"), "bounces", ["subscriber_id"])
    op.create_table(
        "suppressions",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("suppressed_at", INSTANT, nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('hard', 'soft', 'complaint', 'operator')", name=op.f("ck_suppressions_reason")
        ),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppressions")),
    )
