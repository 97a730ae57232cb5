"""Marks and outputs at a glance. Python's own sqlite3: loading SQLAlchemy takes longer than all the rest."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from publisher.files import signature_of

STORIES = "stories"
"""The mark that counts changes to the stories and to what waits: while it stands, there is nothing to do."""
_SQLITE = "sqlite:///"
BUSY_SECONDS = 30
"""How long a reader or writer of the store waits for another."""


@dataclass(frozen=True, slots=True)
class Glance:
    marks: dict[str, str]
    outputs: list[tuple[str, str]]
    """Path and signature of every file of the output."""


def glance(url: str, names: Collection[str]) -> Glance | None:
    """The marks of these names and the outputs; None when there is no store that could be read in passing."""
    path = Path(url.removeprefix(_SQLITE))
    if not url.startswith(_SQLITE) or not path.is_file():
        return None
    slots = ", ".join("?" * len(names))
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")  # one snapshot
            marks = connection.execute(f"SELECT name, value FROM marks WHERE name IN ({slots})", [*names])  # noqa: S608 — only question marks
            outputs = connection.execute("SELECT path, signature FROM outputs")
            return Glance(dict(marks), list(outputs))
    except sqlite3.Error:
        return None  # an older store, or a broken one: whoever opens it properly says so


def store_signature(url: str) -> tuple[str | None, ...]:
    """Changes with every commit of anybody: the size and time of the database and of its journal."""
    path = url.removeprefix(_SQLITE)
    return tuple(signature_of(f"{path}{suffix}") for suffix in ("", "-wal"))
