"""The store: migrations, durability, and what two processes do to it at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import ROOT, Newsroom
from old_stores import make_store
from sqlalchemy import Engine, insert

from publisher.errors import StoreError
from publisher.model import EditionState, EditionText
from publisher.store import editions
from publisher.store.engine import open_store, reading, writing
from publisher.store.schema import HEAD, metadata, sections, subscribers
from publisher.store.secrets import signing_key


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_store(url(tmp_path)) as opened:
        yield opened


def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


def not_of_search(name: str | None, kind: str, _parents: object) -> bool:
    """FTS5 makes tables of its own beside its virtual one; SQLAlchemy knows neither."""
    return kind != "table" or not (name or "").startswith("search")


def test_the_migrations_together_make_the_schema(engine: Engine) -> None:
    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": not_of_search}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_head_known_to_the_code_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "publisher/store/migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_store_is_durable(engine: Engine) -> None:
    with reading(engine) as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with suppress(ZeroDivisionError), writing(engine) as connection:
        connection.execute(insert(sections).values(slug="a", title="A"))
        raise ZeroDivisionError
    with reading(engine) as connection:
        assert connection.execute(sections.select()).all() == []


def test_a_naive_time_is_refused(engine: Engine) -> None:
    values = {"address": "a@b.kz", "address_key": "a@b.kz", "created_at": datetime(2024, 1, 1)}  # noqa: DTZ001
    with pytest.raises(Exception, match="naive datetime"), writing(engine) as connection:
        connection.execute(insert(subscribers).values(values))


def test_a_time_comes_back_as_the_same_instant(engine: Engine) -> None:
    at = datetime(2024, 2, 29, 18, 30, 15, tzinfo=UTC)
    with writing(engine) as connection:
        connection.execute(insert(subscribers).values(address="a", address_key="a", created_at=at))
    with reading(engine) as connection:
        assert connection.scalar(subscribers.select().with_only_columns(subscribers.c.created_at)) == at


def test_the_signing_key_is_made_once(engine: Engine) -> None:
    with writing(engine) as connection:
        first = signing_key(connection)
    with writing(engine) as connection:
        assert signing_key(connection) == first
    assert len(first) == 32


def test_a_store_of_a_newer_publisher_is_left_alone(tmp_path: Path) -> None:
    with open_store(url(tmp_path)):
        pass
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    with pytest.raises(StoreError, match="newer publisher"), open_store(url(tmp_path)):
        pass


def test_a_file_that_is_no_database_is_one_line_on_stderr(newsroom: Newsroom) -> None:
    (newsroom.root / "state").mkdir()
    (newsroom.root / "state" / "publisher.db").write_text(
        "this is no database, but long enough to be read" * 50
    )
    ran = newsroom.run("publish")
    assert ran.exit_code == 3
    assert "cannot be opened" in ran.err
    assert ran.err.count("\n") == 1


OLD_MAIL = """
INSERT INTO subscribers (id, address, address_key, created_at) VALUES (7, 'a@b.kz', 'a@b.kz', '2024-03-01');
INSERT INTO editions (id, digest, local_date, state, frozen_at, language, subject, html, text) VALUES
  (1, 'd', '2024-03-25', 'empty', '2024-03-25', 'ru', '', '', ''),
  (2, 'd', '2024-03-26', 'done', '2024-03-26', 'ru', 'Тема', '<p>Письмо</p>', 'Письмо');
INSERT INTO deliveries (edition_id, subscriber_id, state, attempts, due_at, changed_at) VALUES
  (2, 7, 'sent', 1, '2024-03-26', '2024-03-26');
"""
"""As the publisher of revision 0003 wrote them."""


def test_editions_of_the_revision_before_keep_their_letters_and_books(tmp_path: Path) -> None:
    make_store(tmp_path / "store.db", "0003")
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.executescript(OLD_MAIL)
    with open_store(url(tmp_path)) as opened, reading(opened) as connection:
        newest, oldest = editions.list_editions(connection, digest="d")
        assert (newest.state, newest.subject, newest.occasion) == (EditionState.DONE, "Тема", "")
        assert (oldest.state, oldest.subject) == (EditionState.EMPTY, "")
        letter = EditionText(language="ru", subject="Тема", html="<p>Письмо</p>", text="Письмо")
        assert editions.load_texts(connection, newest.id) == {"ru": letter}
        assert editions.load_texts(connection, oldest.id) == {}
        assert connection.exec_driver_sql("SELECT language, state FROM deliveries").all() == [("ru", "sent")]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


OLD_READERS = """
INSERT INTO subscribers (id, address, address_key, created_at) VALUES
  (7, 'a@b.kz', 'a@b.kz', '2024-03-01 00:00:00'), (8, 'c@d.kz', 'c@d.kz', '2024-03-01 00:00:00');
INSERT INTO subscriptions (subscriber_id, digest, state, origin, changed_at) VALUES
  (7, 'd', 'confirmed', 'operator', '2024-03-02 00:00:00'),
  (8, 'd', 'unsubscribed', 'web', '2024-03-03 00:00:00');
INSERT INTO editions (id, digest, local_date, kind, occasion, state, frozen_at, language) VALUES
  (1, 'd', '2024-03-25', 'correction', 'correction:1:2', 'done', '2024-03-25 00:00:00', 'ru');
INSERT INTO deliveries (edition_id, subscriber_id, language, state, attempts, due_at, changed_at) VALUES
  (1, 7, 'ru', 'sent', 1, '2024-03-26 00:00:00', '2024-03-26 00:00:00');
INSERT INTO suppressions (address_hash, address, reason, suppressed_at) VALUES
  ('x', 'e@f.kz', 'complaint', '2024-03-04 00:00:00');
"""
"""As the publisher of revision 0004 wrote them."""


def test_readers_of_the_revision_before_stay_what_they_are(tmp_path: Path) -> None:
    make_store(tmp_path / "store.db", "0004")
    with closing(sqlite3.connect(tmp_path / "store.db")) as database:
        database.executescript(OLD_READERS)
    with open_store(url(tmp_path)) as opened, reading(opened) as connection:
        query = "SELECT subscriber_id, state, origin, consented_at, asked_in, left_at FROM subscriptions"
        assert connection.exec_driver_sql(query).all() == [
            (7, "confirmed", "operator", "2024-03-02 00:00:00", None, None),
            (8, "unsubscribed", "web", None, None, None),
        ]
        assert connection.exec_driver_sql("SELECT kind, state FROM editions").all() == [
            ("correction", "done")
        ]
        assert connection.exec_driver_sql("SELECT state FROM deliveries").all() == [("sent",)]
        assert connection.exec_driver_sql("SELECT reason FROM suppressions").all() == [("complaint",)]
        assert connection.exec_driver_sql("SELECT paused_until FROM subscribers").all() == [(None,), (None,)]
