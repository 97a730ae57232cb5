"""The output folder, as far as it is shown, and what of it is in memory."""

import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from publisher.web.media_types import TEXT_SUFFIXES, is_publishable
from publisher.web.negotiation import Coding
from publisher.web.representations import Content, Representation, Terms, represent, signature_of

INDEX = "index.html"
"""A folder's page."""
_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG})


class Shelf:
    """Finds published files by their path under the folder.

    One stat a request says whether what is in memory is still what is published. Files are replaced by
    rename, never written into: what is read through one open descriptor is one version.
    """

    def __init__(self, folder: Path, terms: Terms, *, memory: int, now: Callable[[], datetime]) -> None:
        """`memory`: bytes that the files may take there."""
        self._folder = f"{folder}{os.sep}"
        self._terms = terms
        self._memory = _Memory(memory)
        self._now = now

    def find(self, name: str, coding: Coding) -> Representation | None:
        """The file in that coding, or as it is if it is no text; None if there is none to show.

        Raises:
            OSError: it is there and cannot be read.
        """
        if not name.endswith(TEXT_SUFFIXES):
            coding = Coding.IDENTITY
        held = self._memory.find(name, coding)
        if held is None and not _is_shown(name):
            return None
        try:
            if held is not None and held.signature == signature_of(os.stat(self._folder + name)):  # noqa: PTH116 — quick
                return held
            content = self._read(name)
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise
        if content is None:
            return None
        found = represent(content, coding, self._terms)
        self._memory.keep(name, coding, found)
        return found

    def has(self, name: str) -> bool:
        """Whether there is a file to show at that path."""
        return _is_shown(name) and os.path.isfile(self._folder + name)  # noqa: PTH113 — quick

    def _read(self, name: str) -> Content | None:
        path = os.path.realpath(self._folder + name)
        if not path.startswith(os.path.realpath(self._folder) + os.sep):
            return None
        with open(path, "rb", opener=_open_here) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                return None
            return Content(
                name=name,
                path=path,
                data=file.read(),
                signature=signature_of(status),
                # RFC 9110, 8.8.2.1: never later than now, whatever the clock was when it was written.
                modified_at=int(min(status.st_mtime, self._now().timestamp())),
            )


def _open_here(path: str, flags: int) -> int:
    """Open what has that very path; do not wait for a writer if it is a FIFO."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _is_shown(name: str) -> bool:
    """Whether something may be published at that path: no way out of the folder, nothing hidden."""
    return (
        is_publishable(name)
        and name.isprintable()
        and "\\" not in name
        and all(part and not part.startswith(".") for part in name.split("/"))
    )


class _Memory:
    """Representations by file and coding, up to so many bytes: what was not asked for longest goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._held: OrderedDict[tuple[str, Coding], Representation] = OrderedDict()

    def find(self, name: str, coding: Coding) -> Representation | None:
        found = self._held.get((name, coding))
        if found is not None:
            self._held.move_to_end((name, coding))
        return found

    def keep(self, name: str, coding: Coding, representation: Representation) -> None:
        replaced = self._held.pop((name, coding), None)
        self._size += representation.size - (replaced.size if replaced else 0)
        self._held[name, coding] = representation
        while self._size > self._limit:
            _, dropped = self._held.popitem(last=False)
            self._size -= dropped.size
