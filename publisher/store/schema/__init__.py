"""The tables. Migrations build them; a test proves that both say the same."""

from publisher.store.schema.base import HEAD, Instant, metadata
from publisher.store.schema.mail import (
    allowances,
    bounces,
    deliveries,
    edition_articles,
    edition_texts,
    editions,
    requests,
    secrets,
    subscribers,
    subscriptions,
    suppressions,
)
from publisher.store.schema.stories import (
    IS_CURRENT,
    archive_entries,
    articles,
    marks,
    outputs,
    revisions,
    sections,
    sketches,
    sources,
)

__all__ = [
    "HEAD",
    "IS_CURRENT",
    "Instant",
    "allowances",
    "archive_entries",
    "articles",
    "bounces",
    "deliveries",
    "edition_articles",
    "edition_texts",
    "editions",
    "marks",
    "metadata",
    "outputs",
    "requests",
    "revisions",
    "secrets",
    "sections",
    "sketches",
    "sources",
    "subscribers",
    "subscriptions",
    "suppressions",
]
