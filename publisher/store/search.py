"""Full-text search, and stories that are nearly the same.

Both are made from the revisions, and brought up to date by whoever needs them: a small run of the publisher
for its own stories, else the first search. On SQLite the index is FTS5; a document's number is that of its
revision, so an old revision needs no removal: the query passes over it.
"""

import re
import unicodedata
from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select, text, update

from publisher.model import NearDuplicate, StoredArticle
from publisher.store.schema import articles, sketches
from publisher.store.stories import stored_articles, to_stored, with_id
from publisher.text.markup import plain_paragraphs
from publisher.text.sketches import SIZE, similarity, sketch

SIMILAR = 0.6
"""From this similarity on, two stories are reported as nearly the same."""
_REVISION_BITS = 16
_BATCH = 500
_PHRASE = 100
_WORD = re.compile(r"[^\W_]+")


def index_articles(connection: Connection, ids: Collection[int]) -> list[NearDuplicate]:
    """Index these stories as they are now; returns the pairs that are nearly the same, each once."""
    _index(connection, ids)
    nearest = ((article_id, _nearest(connection, article_id)) for article_id in ids)
    pairs = {(max(one, other), min(one, other)) for one, other in nearest if other is not None}
    return list(filter(None, (_compare(connection, *pair) for pair in sorted(pairs))))


def index_pending(connection: Connection, *, limit: int = _BATCH) -> int:
    """Index up to `limit` stories whose newest text is not indexed yet; returns how many it were."""
    pending = select(articles.c.id).where(articles.c.indexed_revision < articles.c.revision).limit(limit)
    ids = connection.scalars(pending).all()
    _index(connection, ids)
    return len(ids)


def count_pending(connection: Connection) -> int:
    """How many stories wait to be indexed."""
    pending = articles.c.indexed_revision < articles.c.revision
    return connection.scalar(select(func.count()).select_from(articles).where(pending)) or 0


def _index(connection: Connection, ids: Collection[int]) -> None:
    rows = connection.execute(stored_articles().where(articles.c.id.in_(ids)).order_by(articles.c.id))
    for row in rows.all():
        _index_story(connection, to_stored(row))


def _index_story(connection: Connection, story: StoredArticle) -> None:
    article = story.article
    body = "\n".join(plain_paragraphs(article.body_html))
    connection.execute(
        text(
            "INSERT INTO search (rowid, title, lead, body, byline) "
            "VALUES (:number, :title, :lead, :body, :byline)"
        ),
        {
            "number": story.id << _REVISION_BITS | story.revision,
            "title": article.title,
            "lead": article.lead,
            "body": body,
            "byline": article.byline or "",
        },
    )
    connection.execute(
        update(articles).where(articles.c.id == story.id).values(indexed_revision=story.revision)
    )
    marks = sketch(f"{article.title} {article.lead} {body}")
    connection.execute(delete(sketches).where(sketches.c.article_id == story.id))
    if marks:
        connection.execute(insert(sketches), [{"mark": mark, "article_id": story.id} for mark in marks])


def _nearest(connection: Connection, article_id: int) -> int | None:
    """The other story that shares the most with this one, if it is any."""
    marks = select(sketches.c.mark).where(sketches.c.article_id == article_id)
    others = (
        select(sketches.c.article_id)
        .where(sketches.c.mark.in_(marks), sketches.c.article_id != article_id)
        .group_by(sketches.c.article_id)
        .order_by(func.count().desc(), sketches.c.article_id)
    )
    return connection.scalar(others.limit(1))


def find(connection: Connection, words: str, *, limit: int) -> list[StoredArticle]:
    """Stories that hold every word, or a longer word that begins with it: Kazakh grows at its words' ends.

    The best match comes first.
    """
    wanted = " ".join(f'"{word}"*' for word in _WORD.findall(unicodedata.normalize("NFC", words)))
    if not wanted:
        return []
    query = text(
        "SELECT articles.id FROM search JOIN articles ON articles.id = search.rowid >> :bits "
        "AND articles.revision = search.rowid & :mask WHERE search MATCH :wanted ORDER BY search.rank, "
        "articles.id DESC LIMIT :limit"
    )
    values = {"bits": _REVISION_BITS, "mask": 2**_REVISION_BITS - 1, "wanted": wanted, "limit": limit}
    ids = connection.scalars(query, values).all()
    rows = connection.execute(stored_articles().where(articles.c.id.in_(ids)))
    found = {row.id: to_stored(row) for row in rows}
    return [found[article_id] for article_id in ids]


def near_duplicates(connection: Connection, *, limit: int) -> list[NearDuplicate]:
    """Pairs of stories that are nearly the same, most alike first."""
    one, other = sketches.alias(), sketches.alias()
    # A group of words that a hundred stories share is the newspaper's own phrase, and would pair them all.
    telling = select(sketches.c.mark).group_by(sketches.c.mark).having(func.count().between(2, _PHRASE))
    pairs = (
        select(one.c.article_id, other.c.article_id)
        .join(other, (one.c.mark == other.c.mark) & (one.c.article_id > other.c.article_id))
        .where(one.c.mark.in_(telling))
        .group_by(one.c.article_id, other.c.article_id)
        .having(func.count() >= SIZE * SIMILAR / 2)
        .order_by(func.count().desc(), one.c.article_id)
        .limit(limit)
    )
    found = (_compare(connection, *pair) for pair in connection.execute(pairs).all())
    return sorted(filter(None, found), key=lambda near: -near.similarity)


def _compare(connection: Connection, article_id: int, other_id: int) -> NearDuplicate | None:
    alike = similarity(_marks(connection, article_id), _marks(connection, other_id))
    if alike < SIMILAR:
        return None
    story, other = with_id(connection, article_id), with_id(connection, other_id)
    return NearDuplicate(
        public_id=story.public_id,
        title=story.article.title,
        other_public_id=other.public_id,
        other_title=other.article.title,
        similarity=round(alike, 2),
    )


def _marks(connection: Connection, article_id: int) -> frozenset[int]:
    return frozenset(connection.scalars(select(sketches.c.mark).where(sketches.c.article_id == article_id)))
