"""Many files for one folder: each is whole and durable before it gets its name; a few syncs do for all."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from errno import EACCES, EISDIR, EXDEV
from pathlib import Path

from publisher.errors import DiskError, OutputError, Problem
from publisher.files import holds, output_error, sync, sync_file_system, write_atomically, write_new

_FOLDER = ".staging"
_FEW = 16
"""So many files or folders are made durable one by one; for more, the whole file system is, at once."""
_MAX_FILES = 1_000
_MAX_BYTES = 32 * 2**20

_Group = dict[str, Path]
"""Path under the top folder to temporary file."""


@dataclass(slots=True)
class _Lot:
    groups: list[_Group] = field(default_factory=list)
    files: int = 0
    size: int = 0
    usable: set[Path] = field(default_factory=set)
    """Folders that are there and may be written."""
    made: list[Path] = field(default_factory=list)
    """Folders that were not there."""
    changed: set[Path] = field(default_factory=set)
    """Folders that have entries which may be lost with the power."""


class Staging:
    """Files on their way into the folder `top`, in lots. The caller keeps other publishers out of it.

    What is added lies in `top/.staging`. A run that finds that folder follows one that was killed: what is in
    it goes, and what that one had put in place already is made durable.
    """

    def __init__(self, top: Path, setting: str) -> None:
        """Begin. `setting` is the dotted name of the folder in config.toml.

        Raises:
            OutputError: what a killed run left cannot be removed.
        """
        self.top = top
        self._folder = top / _FOLDER
        self._hint = f"check {setting}, its rights and the disk"
        self._descriptor: int | None = None
        self._number = 0
        self._lot = _Lot()
        self._is_durable = True
        try:
            _sweep(self._folder)
        except OSError as error:
            raise output_error(error, self._folder, self._hint) from error

    @property
    def is_full(self) -> bool:
        """Whether the lot is to be committed before more is added."""
        return self._lot.files >= _MAX_FILES or self._lot.size >= _MAX_BYTES

    def add(self, files: Mapping[str, bytes]) -> list[str]:
        """Stage files that belong together: paths under the folder, to be put in place in this order.

        Returns those whose bytes change. The others are there already and are not touched.

        Raises:
            OutputError: one of them cannot be put in its place; none is staged.
        """
        group: _Group = {}
        path = ""
        try:
            for path, data in files.items():
                self._stage(path, data, group)
        except OSError as error:
            _remove(group)
            raise output_error(error, self.top / path, self._hint) from error
        self._lot.groups.append(group)
        self._lot.files += len(group)
        return list(group)

    def commit(self) -> dict[str, Problem]:
        """Put in place what was added, in that order, durably.

        Returns what is wrong with the places that could not be taken; the rest of such a group is left out.

        Raises:
            DiskError: as a rule before anything was put in place.
        """
        refused: dict[str, Problem] = {}
        try:
            self._sync([temporary for group in self._lot.groups for temporary in group.values()])
            self._is_durable = False
            try:
                for group in self._lot.groups:
                    refused |= self._put_in_place(group)
            finally:
                self._sync(sorted(self._lot.changed))
        except OSError as error:
            raise DiskError.of(self.top, f"cannot be written ({error.strerror})", self._hint) from error
        self._is_durable = True
        self._lot = _Lot()
        return refused

    def commit_all(self) -> None:
        """Commit, where it is all or nothing that counts.

        Raises:
            OutputError: something could not be put in place.
        """
        if refused := self.commit():
            raise OutputError(refused.values())

    def close(self) -> None:
        """Remove what was added since the last commit."""
        for group in self._lot.groups:
            _remove(group)
        if self._descriptor is not None:
            os.close(self._descriptor)
            if self._is_durable:  # else the next run shall see that it has something to make durable
                _remove_empty(self._folder)
        for folder in reversed(self._lot.made):
            _remove_empty(folder)

    def _stage(self, path: str, data: bytes, group: _Group) -> None:
        place = self.top / path
        self._prepare(place.parent)
        if holds(place, data):
            return
        if place.is_dir():  # said now: later, its group could not be left out as a whole
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
        group[path] = temporary = self._next_temporary()
        write_new(temporary, data)
        self._lot.size += len(data)

    def _prepare(self, folder: Path) -> None:
        """Make the folder when it is missing, and say now what renaming into it would say later."""
        if folder in self._lot.usable:
            return
        if not folder.is_dir():
            self._prepare(folder.parent)
            folder.mkdir()
            self._lot.made.append(folder)
            self._lot.changed.add(folder.parent)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        self._lot.usable.add(folder)

    def _next_temporary(self) -> Path:
        if self._descriptor is None:
            self._prepare(self.top)
            self._folder.mkdir(mode=0o700, exist_ok=True)  # nobody is to read half a file
            self._descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        self._number += 1
        return self._folder / str(self._number)

    def _put_in_place(self, group: _Group) -> dict[str, Problem]:
        for path, temporary in group.items():
            place = self.top / path
            try:
                _move(temporary, place)
            except OSError as error:
                trouble = output_error(error, place, self._hint)
                if isinstance(trouble, DiskError):
                    raise trouble from error
                _remove(group)
                return {path: trouble.problems[0]}
            self._lot.changed.add(place.parent)
        return {}

    def _sync(self, paths: Collection[Path]) -> None:
        if len(paths) > _FEW and self._descriptor is not None and sync_file_system(self._descriptor):
            return
        for path in paths:
            sync(path)


@contextmanager
def open_staging(top: Path, setting: str, *, dry_run: bool) -> Iterator[Staging | None]:
    """A staging for one run, closed at its end. A dry run has none: it keeps its hands off the folder."""
    if dry_run:
        yield None
        return
    with closing(Staging(top, setting)) as staging:
        yield staging


def _sweep(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return
    try:
        if not sync_file_system(descriptor):
            os.sync()
    finally:
        os.close(descriptor)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()


def _move(temporary: Path, place: Path) -> None:
    try:
        temporary.replace(place)
    except OSError as error:
        if error.errno != EXDEV:
            raise
        write_atomically(place, temporary.read_bytes())  # another disk is mounted there
        temporary.unlink()


def _remove(group: _Group) -> None:
    for temporary in group.values():
        with suppress(OSError):  # the run has a reason to fail already; the next one sweeps
            temporary.unlink(missing_ok=True)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty
        folder.rmdir()
