"""Who is sending: each process holds a lock under a name of its own, and the lock dies with the process.

So what a killed sender left behind is settled at once by the next one on the same machine; what one on
another machine left behind, when its lease ends.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from publisher.errors import DeliveryError


@contextmanager
def sender_lock(folder: Path) -> Iterator[str]:
    """A name that no other sender has or had, held for as long as this process lives.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    name = uuid4().hex
    path, unlocked = folder / name, folder / f".{name}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(unlocked, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        unlocked.rename(path)  # only now: a name without a lock is a dead sender's
    except OSError as error:
        raise DeliveryError.of(
            folder, f"cannot be written ({error.strerror})", "check the folder's rights"
        ) from error
    try:
        yield name
        path.unlink(missing_ok=True)  # after a failure it stays: there may be claims left in this name
    finally:
        os.close(descriptor)


def find_dead(folder: Path) -> set[str]:
    """The senders that ran on this machine and do not run any more."""
    return {path.name for path in folder.glob("[!.]*") if _is_dead(path)}


def forget(folder: Path, names: Iterable[str]) -> None:
    """Nothing in the books names these senders any more."""
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _is_dead(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return False  # it has ended well in between
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
