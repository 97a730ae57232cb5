"""Small facts the publisher keeps about its own work: a name and a text."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.glance import STORIES
from publisher.store.schema import marks


def read_mark(connection: Connection, name: str) -> str | None:
    return connection.scalar(select(marks.c.value).where(marks.c.name == name))


def write_mark(connection: Connection, name: str, value: str) -> None:
    statement = upsert(marks).values(name=name, value=value)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def forget_mark(connection: Connection, name: str) -> None:
    connection.execute(delete(marks).where(marks.c.name == name))


def note_change(connection: Connection) -> None:
    write_mark(connection, STORIES, str(int(read_mark(connection, STORIES) or 0) + 1))
