"""Embargo, withdrawal, pictures, search; one signature a file; what the output was made from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _articles()
    _revisions()
    _sources()
    op.create_table(
        "outputs",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("inputs", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_outputs")),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "sketches",
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_sketches_article_id")),
        sa.PrimaryKeyConstraint("mark", "article_id", name=op.f("pk_sketches")),
    )
    op.create_index(op.f("ix_sketches_article_id"), "sketches", ["article_id"])
    # Contentless: the text is in the revisions already. Diacritics stay, for й is no и.
    op.execute(
        "CREATE VIRTUAL TABLE search USING fts5(title, lead, body, byline, content='', detail='column', "
        'tokenize="unicode61 remove_diacritics 0")'
    )


def _articles() -> None:
    op.add_column("articles", sa.Column("has_page", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, kind in (
        ("embargo_at", INSTANT),
        ("held", sa.String(length=20)),
        ("withdrawn_at", INSTANT),
        ("withdrawal", sa.String(length=20)),
        ("public_since", INSTANT),
    ):
        op.add_column("articles", sa.Column(name, kind, nullable=True))
    op.add_column("articles", sa.Column("indexed_revision", sa.Integer(), nullable=False, server_default="0"))
    unseen = sa.text("public_since IS NULL")
    op.create_index("ix_articles_unseen", "articles", ["id"], sqlite_where=unseen)
    op.execute("UPDATE articles SET public_since = published_at WHERE published_at <= CURRENT_TIMESTAMP")
    op.execute(
        "UPDATE articles SET has_page = true WHERE EXISTS "
        "(SELECT 1 FROM revisions WHERE revisions.article_id = articles.id AND revisions.url IS NULL)"
    )


def _revisions() -> None:
    for name, kind in (
        ("dateline_printed", sa.Text()),
        ("embargo", sa.String(length=40)),
        ("image_digest", sa.String(length=64)),
        ("image_type", sa.String(length=50)),
        ("image_size", sa.BigInteger()),
    ):
        op.add_column("revisions", sa.Column(name, kind, nullable=True))
    op.add_column(
        "revisions", sa.Column("status", sa.String(length=20), nullable=False, server_default="usable")
    )
    op.create_index(
        "ix_revisions_image",
        "revisions",
        ["article_id", "number", "image_digest", "image_type", "image_size"],
        sqlite_where=sa.text("image_digest IS NOT NULL"),
    )


def _sources() -> None:
    """The signature is empty at first, so every file is read once more; which story it is stays known."""
    op.rename_table("sources", "sources_before")
    op.drop_index("ix_sources_article_id")
    op.create_table(
        "sources",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False, server_default="usable"),
        sa.Column("embargo", sa.String(length=40), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=True),
        sa.CheckConstraint("article_id IS NOT NULL OR cause IS NOT NULL", name=op.f("ck_sources_outcome")),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_sources_article_id")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_article_id"), "sources", ["article_id"])
    op.execute(
        "INSERT INTO sources (path, signature, article_id, cause, hint) "
        "SELECT path, '', article_id, cause, hint FROM sources_before"
    )
    op.drop_table("sources_before")
