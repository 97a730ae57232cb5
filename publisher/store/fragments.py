"""Stories as feeds and list pages write them, kept between two runs. A cache: losing it costs time only.

A database of its own, so that nobody backs it up, on Python's own sqlite3: it is no part of the schema.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

from publisher.errors import OutputError

_TABLE = (
    "CREATE TABLE IF NOT EXISTS fragments "
    "(article_id INTEGER PRIMARY KEY, inputs BLOB NOT NULL, data BLOB NOT NULL)"
)
_AT_ONCE = 500
"""Ids in a question: databases bound the number."""


class FragmentCache:
    """One blob a story, found by its ingest sequence and a digest of all that it was made from.

    One that is found broken is begun anew.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection = _open(path)

    def load(self, wanted: Mapping[int, bytes]) -> dict[int, bytes]:
        """The blobs of these stories, as far as they were made from these inputs."""
        try:
            return dict(self._load(wanted))
        except sqlite3.DatabaseError:
            self._begin_anew()
            return {}

    def save(self, made: Iterable[tuple[int, bytes, bytes]]) -> None:
        """Keep blobs: ingest sequence, inputs, data."""
        try:
            self._connection.executemany("INSERT OR REPLACE INTO fragments VALUES (?, ?, ?)", made)
        except sqlite3.DatabaseError:
            self._begin_anew()

    def forget_all_but(self, kept: AbstractSet[int]) -> None:
        """Other stories stand in no feed any more."""
        try:
            known = {row[0] for row in self._connection.execute("SELECT article_id FROM fragments")}
            gone = [(article_id,) for article_id in known - kept]
            self._connection.executemany("DELETE FROM fragments WHERE article_id = ?", gone)
        except sqlite3.DatabaseError:
            self._begin_anew()

    def close(self) -> None:
        try:
            self._connection.commit()
        except sqlite3.DatabaseError:
            self._begin_anew()
        finally:
            self._connection.close()

    def _load(self, wanted: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
        ids = list(wanted)
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            slots = ", ".join("?" * len(some))
            rows = self._connection.execute(
                f"SELECT article_id, inputs, data FROM fragments WHERE article_id IN ({slots})",  # noqa: S608 — only question marks
                some,
            )
            yield from (
                (article_id, data) for article_id, inputs, data in rows if wanted[article_id] == inputs
            )

    def _begin_anew(self) -> None:
        self._connection.close()
        if self._path:
            self._path.unlink(missing_ok=True)
        self._connection = _open(self._path)


def _open(path: Path | None) -> sqlite3.Connection:
    """The database; None: one in memory."""
    try:
        if path is None:
            return _prepare(":memory:")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _prepare(str(path))
        except sqlite3.DatabaseError:
            path.unlink()
            return _prepare(str(path))
    except (sqlite3.Error, OSError) as error:
        raise OutputError.of(
            path or "feeds.cache", f"cannot be used ({error})", "check feeds.cache and its rights"
        ) from error


def _prepare(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(name)
    try:
        connection.execute("PRAGMA page_size = 16384")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_TABLE)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
