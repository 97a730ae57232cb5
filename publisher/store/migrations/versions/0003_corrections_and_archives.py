"""Correction notes; which page of a feed's archive a story stands on; stories taken back, found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revisions", sa.Column("correction", sa.Text(), nullable=True))
    op.create_table(
        "archive_entries",
        sa.Column("feed", sa.String(length=120), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_archive_entries_article_id")),
        sa.PrimaryKeyConstraint("feed", "article_id", name=op.f("pk_archive_entries")),
    )
    op.create_index("ix_archive_entries_feed_page", "archive_entries", ["feed", "page"])
    withdrawn = sa.text("withdrawn_at IS NOT NULL")
    op.create_index("ix_articles_withdrawn", "articles", ["published_at"], sqlite_where=withdrawn)
