"""Open the store: pragmas, transactions, migrations."""

import mmap
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from publisher.errors import StoreError
from publisher.files import make_folder
from publisher.store.glance import BUSY_SECONDS
from publisher.store.schema import HEAD

_CONNECTIONS_KEPT = 5
_CONNECTIONS = 15
"""SQLAlchemy's own numbers."""
_READ_ONLY = "publisher_read_only"
_PRAGMAS = (
    "page_size = 16384",  # of a new database only: a story of 8 KB fits on one page
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    # What is deleted is written over, always: a row that moves to another page leaves a copy behind, which
    # no later deletion finds. It is the default of Debian's SQLite, not of every other.
    "secure_delete = ON",
)


@contextmanager
def open_store(
    url: str, *, patience: float | None = None, connections: int = _CONNECTIONS
) -> Iterator[Engine]:
    """Open the database, make it when it is missing, and bring its tables up to date. Closed at the end.

    `patience` is in seconds: for the lock of another writer, or for one of the `connections` to be free.

    Raises:
        StoreError: it cannot be opened, or a newer publisher wrote it.
    """
    path = Path(str(make_url(url).database))
    patience = BUSY_SECONDS if patience is None else patience
    engine = create_engine(
        url,
        connect_args={"timeout": patience},
        pool_timeout=patience,
        max_overflow=connections - _CONNECTIONS_KEPT,
    )
    _listen(engine)
    try:
        try:
            make_folder(path.parent)
            _migrate(engine)
        except (DatabaseError, OSError) as error:
            raise _cannot_open(path, error) from error
        yield engine
    finally:
        engine.dispose()


@contextmanager
def open_scratch(url: str) -> Iterator[Engine]:
    """A copy of the store in memory, for a dry run: whatever happens there, the store stays as it is.

    Raises:
        StoreError: the database cannot be read.
    """
    path = Path(str(make_url(url).database))
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _listen(engine)
    try:
        try:
            if path.exists():
                _copy(path, engine)
            _migrate(engine)
        except (DatabaseError, sqlite3.Error, OSError) as error:
            raise _cannot_open(path, error) from error
        yield engine
    finally:
        engine.dispose()


def _copy(path: Path, engine: Engine) -> None:
    # Not mode=ro: a reader that may not write leaves its WAL index file behind.
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as source:
        source.execute("PRAGMA query_only = ON")
        with closing(engine.raw_connection()) as copy:
            source.backup(copy.driver_connection)  # type: ignore[arg-type]  # it is sqlite3's own


def scrub(engine: Engine, traces: Sequence[bytes]) -> None:
    """Leave no trace of what was deleted in the files of the database.

    The log of earlier commits is emptied. A database that was written without `secure_delete` once may hold
    copies in its unused space: if one of the `traces` is found, it is written anew, which takes a while.

    Raises:
        StoreError: somebody reads or writes the database all the time; what was deleted is deleted, but its
            bytes may still be on the disk.
    """
    database = str(engine.url.database)
    with _store_errors(engine), closing(engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        try:
            _empty_log(driver, database)
            if _holds_any(Path(database), traces):
                driver.execute("VACUUM")
                _empty_log(driver, database)
        except sqlite3.OperationalError as error:
            raise _still_there(database, error) from error


def _empty_log(driver: sqlite3.Connection, database: str) -> None:
    busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise _still_there(database, "it is in use")


def _still_there(database: str, reason: object) -> StoreError:
    cause = f"still holds bytes of what was erased ({reason})"
    return StoreError.of(database, cause, "stop what uses it, and give the command again")


def _holds_any(path: Path, traces: Sequence[bytes]) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return any(data.find(trace) >= 0 for trace in traces)


def _cannot_open(path: Path, error: Exception) -> StoreError:
    reason = getattr(error, "orig", None) or error
    return StoreError.of(path, f"cannot be opened ({reason})", "check store.url and the folder's rights")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction, committed at the end. Writers queue at its start, not in its middle.

    Raises:
        StoreError: the database is locked for too long, full, or read-only.
    """
    with _store_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent snapshot.

    Raises:
        StoreError: the database cannot be read.
    """
    with _store_errors(engine), engine.connect() as connection:
        connection.execution_options(**{_READ_ONLY: True})
        yield connection


@contextmanager
def _store_errors(engine: Engine) -> Iterator[None]:
    """What the machine did is the operator's to mend; what our SQL did wrong stays a bug."""
    try:
        yield
    except OperationalError as error:
        raise StoreError.of(
            engine.url.database, f"cannot be used now ({error.orig})", "check the disk and who else uses it"
        ) from error
    except PoolTimeoutError as error:
        raise StoreError.of(
            engine.url.database, "is asked by too many at once", "wait until others are done"
        ) from error


def _listen(engine: Engine) -> None:
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def _prepare(connection: Any, _record: Any) -> None:
    # sqlite3 opens transactions by its own rules; ours begin where _begin says.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another writer came between;
    # one that announces itself as a writer waits its turn.
    read_only = connection.get_execution_options().get(_READ_ONLY)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _version(connection: Connection) -> str | None:
    tables = "SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'"
    if not connection.exec_driver_sql(tables).scalar():
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _migrate(engine: Engine) -> None:
    with reading(engine) as connection:
        if _version(connection) == HEAD:
            return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with _without_foreign_keys(engine) as connection:
        if _version(connection) == HEAD:  # another process was first
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError.of(
                str(engine.url.database),
                f"was written by a newer publisher ({error})",
                "install that version",
            ) from error
        if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StoreError.of(
                str(engine.url.database), f"has a row that refers to nothing ({broken})", "restore a backup"
            )


@contextmanager
def _without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """A write transaction in which a table may be made anew (https://sqlite.org/lang_altertable.html, 7).

    The pragma is heard between two transactions only.
    """
    with _store_errors(engine), engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            driver.execute("PRAGMA foreign_keys = ON")
