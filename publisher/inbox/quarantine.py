"""Copies of refused files, each with its reason beside it. The file in the inbox stays where it is."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from publisher.errors import Problem
from publisher.files import output_error
from publisher.staging import Staging

_REASON = ".reason.txt"
_NAME_BYTES = 200
"""Leaves room for `.reason.txt` within the 255 bytes of a file name."""


def quarantine(folder: Staging, problem: Problem, location: str) -> None:
    """Keep a copy of the file that `problem` is about, and the reason in plain words, with the next commit.

    Raises:
        OutputError: the quarantine cannot be written.
    """
    copy, source = _copy_path(Path(), problem.where), Path(location)
    files = {str(_reason_path(copy)): f"{problem}\n".encode()}  # first: `release` goes by it
    try:
        if source.is_file() and not source.is_symlink() and os.access(source, os.R_OK):
            files[str(copy)] = source.read_bytes()
    except OSError as error:
        raise output_error(error, source, "check the inbox and its rights") from error
    folder.add(files)


def release(folder: Path, path: str) -> None:
    """The file was mended or taken away: nothing is left to explain."""
    copy = _copy_path(folder, path)
    if not _reason_path(copy).exists():
        return
    copy.unlink(missing_ok=True)
    _reason_path(copy).unlink()
    for parent in copy.relative_to(folder).parents:
        with suppress(OSError):  # it holds other copies
            if parent.name:
                (folder / parent).rmdir()


def _copy_path(folder: Path, path: str) -> Path:
    copy = folder / path
    if copy.name.endswith(_REASON):  # of a file that is named as our own reasons are
        copy = copy.with_name(f"{copy.name}.copy")
    if len(os.fsencode(copy.name)) > _NAME_BYTES:
        mark = hashlib.sha256(copy.name.encode()).hexdigest()[:8]
        return copy.with_name(f"{copy.name[:40]}-{mark}{copy.suffix[:10]}")
    return copy


def _reason_path(copy: Path) -> Path:
    return copy.with_name(f"{copy.name}{_REASON}")
