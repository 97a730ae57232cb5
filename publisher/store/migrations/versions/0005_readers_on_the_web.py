"""Readers on the web: what they ask for, when they consented, pauses; letters that answer them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KINDS = "kind IN ('regular', 'correction', 'confirmation', 'reminder', 'goodbye')"
REASONS = "reason IN ('hard', 'soft', 'complaint', 'operator', 'erased')"


def upgrade() -> None:
    with op.batch_alter_table("editions") as batch:
        batch.drop_constraint(op.f("ck_editions_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_editions_kind"), KINDS)
    with op.batch_alter_table("suppressions") as batch:
        batch.drop_constraint(op.f("ck_suppressions_reason"), type_="check")
        batch.create_check_constraint(op.f("ck_suppressions_reason"), REASONS)
    op.add_column("subscribers", sa.Column("paused_until", INSTANT, nullable=True))
    with op.batch_alter_table("subscriptions") as batch:
        batch.add_column(sa.Column("consented_at", INSTANT, nullable=True))
        batch.add_column(sa.Column("asked_in", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("left_at", INSTANT, nullable=True))
        batch.create_foreign_key(op.f("fk_subscriptions_asked_in"), "editions", ["asked_in"], ["id"])
    # Until now every subscription began confirmed, and changed when its reader left.
    op.execute("UPDATE subscriptions SET consented_at = changed_at WHERE state = 'confirmed'")
    op.create_table(
        "requests",
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("digests", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_requests_kind")),
        sa.PrimaryKeyConstraint("address_key", "kind", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_answered_at", "requests", ["answered_at"])
    op.create_table(
        "allowances",
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("window", INSTANT, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "window", name=op.f("pk_allowances")),
    )
