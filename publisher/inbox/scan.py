"""What lies in the drop folder. Looked at, never touched."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import ConfigError


@dataclass(frozen=True, slots=True)
class InboxFile:
    path: str
    """Under the inbox, with forward slashes: the same on every machine."""
    location: Path
    size: int
    mtime_ns: int


def require_inbox(inbox: Path) -> None:
    """Make sure that there is an inbox.

    Raises:
        ConfigError: there is no such folder.
    """
    if not inbox.is_dir():
        raise ConfigError.of(inbox, "the inbox is not a folder", "make it, or correct inbox.path")


def scan(inbox: Path) -> list[InboxFile]:
    """Every file below the inbox, by path. Names that begin with a dot or end in ~ are nobody's stories.

    Raises:
        ConfigError: there is no such folder, or one that cannot be read.
    """
    require_inbox(inbox)
    return sorted(_walk(inbox, ""), key=lambda file: file.path)


def _walk(folder: Path, prefix: str) -> Iterator[InboxFile]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        # Going on without it would look like a folder whose stories were all taken away.
        raise ConfigError.of(
            folder, f"cannot be read ({error.strerror})", "check the folder's rights"
        ) from error
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), f"{prefix}{_printable(entry.name)}/")
        else:
            # Of a symlink or a pipe too: it is refused by name, never followed.
            try:
                status = Path(entry.path).lstat()
            except FileNotFoundError:  # an editor's own passing file
                continue
            path = prefix + _printable(entry.name)
            yield InboxFile(path, Path(entry.path), status.st_size, status.st_mtime_ns)


def _printable(name: str) -> str:
    """A name that is no valid UTF-8 still needs one that can be stored and shown."""
    return os.fsencode(name).decode(errors="backslashreplace")
