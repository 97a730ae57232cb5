"""Stores as a publisher of before left them."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from conftest import ROOT
from sqlalchemy import create_engine


def make_store(path: Path, revision: str) -> None:
    """An empty store with the tables of a revision."""
    path.parent.mkdir(exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "publisher/store/migrations"))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def take_back(path: Path, revision: str) -> None:
    """Make a store one of an earlier revision: its rows, as far as that revision knew them."""
    newer = path.with_name("newer.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.rename(newer)
    make_store(path, revision)
    with closing(sqlite3.connect(path)) as database:
        database.execute("ATTACH ? AS newer", [str(newer)])
        query = "SELECT name FROM main.sqlite_master JOIN newer.sqlite_master AS other USING (type, name)"
        both = [name for (name,) in database.execute(f"{query} WHERE type = 'table'")]
        for table in both:
            if table.startswith(("search", "sqlite_", "alembic_")):
                continue
            columns = [_columns(database, schema, table) for schema in ("main", "newer")]
            names = ", ".join(name for name in columns[0] if name in columns[1])
            database.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM newer.{table}")  # noqa: S608
        database.commit()
    newer.unlink()


def _columns(database: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in database.execute(f"PRAGMA {schema}.table_info({table})")]
