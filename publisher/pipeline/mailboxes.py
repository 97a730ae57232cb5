"""Where reports lie: a Maildir, a file with one message, an mbox, or a stream."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from publisher.delivery.reports import MAX_BYTES
from publisher.errors import UsageError
from publisher.files import sync

_SEEN = "S"
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One message."""

    name: str
    data: bytes
    """No more than one byte over the limit: then it is too long anyway."""
    path: Path | None = None
    """Of its file in a Maildir."""


def find_reports(path: Path) -> Iterator[Report]:
    """The messages of a Maildir (https://cr.yp.to/proto/maildir.html), new ones first, or of a file.

    Raises:
        UsageError: it is neither.
    """
    folders = [path / name for name in ("new", "cur")]
    if path.is_dir() and not all(folder.is_dir() for folder in folders):
        raise UsageError.of(path, "is no Maildir", "name a folder that holds new/ and cur/, or a file")
    try:
        if path.is_dir():
            # All names at once: files move from one folder to the other while we go.
            yield from _in_maildir([each for folder in folders for each in sorted(folder.iterdir())])
            return
        with path.open("rb") as file:
            yield from split_reports(file, str(path))
    except OSError as error:
        raise UsageError.of(
            error.filename or path, f"cannot be read ({error.strerror})", "check the path"
        ) from error


def _in_maildir(paths: Iterable[Path]) -> Iterator[Report]:
    for path in paths:
        if path.name.startswith(".") or path.is_dir():
            continue
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:  # another reader has moved it
            continue
        yield Report(name=str(path), data=data, path=path)


def split_reports(file: BinaryIO, name: str) -> Iterator[Report]:
    """The messages of an mbox (RFC 4155), or the single message that is none."""
    message: list[bytes] = []
    number = size = 0
    blank = True
    while line := file.readline(_LONGEST_LINE):
        if blank and line.startswith(b"From ") and (number or not message):
            if number:
                yield Report(name=f"{name}:{number}", data=b"".join(message))
            message, size, blank = [], 0, False
            number += 1
            continue
        blank = not line.strip(b"\r\n")
        room = MAX_BYTES + 1 - size
        if room > 0:
            quoted = number and line.startswith(b">") and line.lstrip(b">").startswith(b"From ")
            message.append(line[bool(quoted) :][:room])
            size += len(message[-1])
    if number or message:
        yield Report(name=f"{name}:{number}" if number else name, data=b"".join(message))


def mark_seen(path: Path) -> None:
    """Move a message of a Maildir to cur/, with the flag of one that was seen."""
    base, _, flags = path.name.partition(":2,")
    flags = "".join(sorted({*flags, _SEEN}))  # the flags stand in the order of ASCII
    target = path.parent.parent / "cur" / f"{base}:2,{flags}"
    if target != path:
        with suppress(FileNotFoundError):  # somebody else has moved it
            path.rename(target)
            sync(target.parent)
