"""The site's keys. Each is made once and kept, so that a link mailed years ago still works."""

from secrets import token_bytes

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.schema import secrets


def signing_key(connection: Connection) -> bytes:
    """32 random bytes; the same for as long as the store lives."""
    return _key(connection, "signing")


def suppression_key(connection: Connection) -> bytes:
    """As `signing_key`. Suppressed addresses are known again by it: no setting replaces it."""
    return _key(connection, "suppression")


def _key(connection: Connection, name: str) -> bytes:
    fresh = upsert(secrets).values(name=name, value=token_bytes(32)).on_conflict_do_nothing()
    query = select(secrets.c.value).where(secrets.c.name == name)
    key = connection.scalar(query)
    if key is None:
        connection.execute(fresh)
        key = connection.scalar(query)
    return bytes(key or b"")
