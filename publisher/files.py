"""Files that appear whole or not at all, and last."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from publisher.errors import DiskError, OutputError

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> bool:
    """Put `data` at `path`, durably, or leave what was there. A file that holds it already is not touched.

    For a single file; many at once are a `Staging`'s. Returns whether the file was written.

    Raises:
        OSError: the disk said no; `path` is as it was.
    """
    if holds(path, data):
        return False
    make_folder(path.parent)
    temporary = path.with_name(f".{uuid4().hex}.tmp")  # short: the name itself may be as long as names get
    try:
        write_new(temporary, data, mode=mode)
        sync(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)
    return True


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that must not be there yet. It is not durable before it is synced.

    Raises:
        OSError: it is there, or the disk said no; part of the file may be left.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def write_once(path: Path, data: bytes, *, mode: int) -> None:
    """Put `data` at `path`, durably, where nothing is yet.

    Raises:
        FileExistsError: something is there; it stays as it is.
        OSError: the disk said no; nothing is at `path`.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        write_new(temporary, data, mode=mode)
        sync(temporary)
        path.hardlink_to(temporary)  # a rename would replace what is there
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def holds(path: Path, data: bytes) -> bool:
    """Whether the file can be read and has these bytes."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def signature_of(path: str) -> str | None:
    """Size and time of a file, by which a later look knows it again; None when it is not there."""
    try:
        status = os.stat(path)  # noqa: PTH116 — thousands of Paths are a third of the price
    except OSError:
        return None
    return f"{status.st_size}:{status.st_mtime_ns}"


def make_folder(folder: Path) -> None:
    """Make the folder, and those above it, durably: what lies in it is lost with its name.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, durable: without it, a rename can be lost with the power.

    Raises:
        OSError: what was written may be lost.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(descriptor: int) -> bool:
    """Make everything durable that was written to the file system of this open file: syncfs(2).

    Errors are told to a descriptor that was open before the writing, from Linux 5.8 on; `os.sync` tells none.
    Returns False where the system has no such call.

    Raises:
        OSError: what was written may be lost.
    """
    import ctypes

    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        return False
    if syncfs(descriptor) == 0:
        return True
    number = ctypes.get_errno()
    if number == errno.ENOSYS:
        return False
    raise OSError(number, os.strerror(number))


def output_error(
    error: OSError, where: object, hint: str, *, cause: str = "cannot be read or written"
) -> OutputError:
    """What to say of a file that cannot be written: a DiskError when no other can be written either."""
    kind = DiskError if error.errno in _OF_THE_DISK else OutputError
    return kind.of(where, f"{cause} ({error.strerror})", hint)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other publishers; wait for one that is at work. The lock dies with its process.

    Raises:
        OutputError: the folder cannot be made or written.
    """
    hint = "check feeds.output and the folder's rights"
    try:
        make_folder(folder)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise output_error(error, folder, hint, cause="cannot be used for output") from error
    try:
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError.of(folder, "cannot be written", hint)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
