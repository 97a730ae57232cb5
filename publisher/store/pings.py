"""The feeds that the WebSub hub has to be told of: one mark, which is gone when it knows them all."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from publisher.store.marks import forget_mark, read_mark, write_mark

_MARK = "pings"


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """One feed that changed since the hub was told of it last."""

    topic: str
    """The feed's own address, as its rel=self has it."""
    attempts: int = 0
    failing_since: datetime | None = None
    due: datetime | None = None
    """When it is tried next; None: as soon as can be."""


def note_topics(connection: Connection, urls: Iterable[str]) -> None:
    """Note feeds that are about to change. One that waits already keeps its turn."""
    waiting = {ping.topic: ping for ping in load_pings(connection)}
    for url in urls:
        waiting.setdefault(url, Ping(topic=url))
    save_pings(connection, [*waiting.values()])


def load_pings(connection: Connection) -> list[Ping]:
    """Those that wait, in the order in which their feeds changed."""
    value = read_mark(connection, _MARK)
    return msgspec.json.decode(value, type=list[Ping]) if value else []


def save_pings(connection: Connection, waiting: Collection[Ping]) -> None:
    if waiting:
        write_mark(connection, _MARK, msgspec.json.encode(waiting).decode())
    else:
        forget_mark(connection, _MARK)
