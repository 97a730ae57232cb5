"""The output's files: what each was made from, and how it looked when it was written."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.schema import outputs


class Output(NamedTuple):
    """One file under the output folder."""

    path: str
    inputs: str
    """Digest of all that it is made from."""
    signature: str
    """Size and times of the file as it was written."""


def load_outputs(connection: Connection) -> dict[str, Output]:
    """Every file ever written, by path."""
    rows = connection.execute(select(outputs.c.path, outputs.c.inputs, outputs.c.signature))
    return {path: Output(path, inputs, signature) for path, inputs, signature in rows}


def known_paths(connection: Connection, wanted: Collection[str]) -> set[str]:
    """Those of the wanted paths where a file of ours lies."""
    return set(connection.scalars(select(outputs.c.path).where(outputs.c.path.in_(wanted))))


def save_outputs(connection: Connection, written: Iterable[Output]) -> None:
    values = [output._asdict() for output in written]
    if not values:
        return
    statement = upsert(outputs)
    replaced = {name: statement.excluded[name] for name in ("inputs", "signature")}
    connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=replaced), values)


def forget_outputs(connection: Connection, paths: Iterable[str]) -> None:
    """Files that are no part of the output any more."""
    gone = [{"gone": path} for path in paths]
    if gone:
        connection.execute(delete(outputs).where(outputs.c.path == bindparam("gone")), gone)
