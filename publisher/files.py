"""Files that appear whole or not at all."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from publisher.errors import OutputError


def write_atomically(path: Path, data: bytes) -> bool:
    """Put `data` at `path`, durably, or leave what was there. A file that holds it already is not touched.

    Returns whether the file was written.

    Raises:
        OSError: the disk said no; `path` is as it was.
    """
    if _holds(path, data):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid4().hex}.tmp")  # short: the name itself may be as long as names get
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return True


def signature_of(path: str) -> str | None:
    """Size and time of a file, by which a later look knows it again; None when it is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116 — thousands of Paths are a third of the price
    except OSError:
        return None
    return f"{status.st_size}:{status.st_mtime_ns}"


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def sync_folder(folder: Path) -> None:
    """Make the folder's entries durable: without it, a rename can be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other publishers; wait for one that is at work. The lock dies with its process.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise OutputError.of(
            folder,
            f"cannot be used for output ({error.strerror})",
            "check feeds.output and the folder's rights",
        ) from error
    try:
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError.of(folder, "cannot be written", "check feeds.output and the folder's rights")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
