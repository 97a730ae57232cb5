"""One file of the drop folder as an article, with what tells it from others."""

import errno
import fcntl
import hashlib
import os
import signal
import stat
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from publisher.config import Site
from publisher.errors import RefusedError
from publisher.identity import content_hash, declared_key, revision_hash
from publisher.inbox.image import kept_image, parse_image
from publisher.inbox.scan import InboxFile, printable, stamp_of
from publisher.model import Article, Image, Origin
from publisher.readers import reader_for

_MAX_BYTES = 8 * 1024 * 1024
_MAX_IMAGE_BYTES = 20 * 1024 * 1024
_F_SETSIG = 10
"""Linux's fcntl.h; Python's module does not name it."""


@dataclass(frozen=True, slots=True)
class Read:
    file: InboxFile
    digest: str
    """SHA-256 of the bytes, with those of the picture."""
    article: Article
    key: str | None
    content_hash: str
    revision_hash: str
    image_data: bytes


class SameBytesError(Exception):
    """The file was touched, moved there again or restored; what it holds is what was read before."""


class UnreadableError(RefusedError):
    """The machine cannot read the file now; the file is not to blame, and the next run tries again."""


class GoneError(Exception):
    """The file has gone since the folder was looked at."""


class UnsettledError(Exception):
    """Somebody is still writing the file."""


def read_file(
    file: InboxFile, site: Site, *, settled_before: datetime, read_before: str | None = None, images: Path
) -> Read:
    """Read one file, and the picture beside it; `images` is where pictures are kept.

    `settled_before` judges a file where the system cannot say whether it is being written.

    Raises:
        SameBytesError: its digest is still `read_before`. It is not parsed again: «today» counts from the
            file's time, which a touch moves.
        RefusedError: it cannot be published as it stands.
        UnreadableError: the machine cannot read it now.
        GoneError: it is not there any more.
        UnsettledError: it is not finished.
    """
    name = os.path.basename(file.location)  # noqa: PTH119 — it may not be valid Unicode
    if printable(name) != name:
        raise RefusedError("its name is not valid UTF-8", "rename the file")
    reader = reader_for(os.path.splitext(name)[1])  # noqa: PTH122 — a third of Path's price
    data = _read(file, _MAX_BYTES, settled_before)
    picture = _read_image(file.image, settled_before) if file.image else _Picture()
    digest = hashlib.sha256(data)
    if file.image:
        digest.update(b"\0" + picture.data)
    kept = picture.image is None or kept_image(images, picture.image).exists()
    if kept and digest.hexdigest() == read_before:
        raise SameBytesError
    written_at = datetime.fromtimestamp(file.mtime_ns // 1_000_000_000, site.timezone)
    article = reader(data, Origin(language=site.language, written_at=written_at))
    if file.image:
        article = replace(article, image=picture.image, warnings=(*article.warnings, *picture.warnings))
    content = content_hash(article)
    return Read(
        file,
        digest.hexdigest(),
        article,
        declared_key(article),
        content,
        revision_hash(article, content),
        picture.data,
    )


@dataclass(frozen=True, slots=True)
class _Picture:
    data: bytes = b""
    image: Image | None = None
    warnings: tuple[str, ...] = ()


def _read_image(file: InboxFile, settled_before: datetime) -> _Picture:
    """A picture; without `image`, but with the reason, when it cannot be used: no story is lost for that."""
    data = b""
    try:
        data = _read(file, _MAX_IMAGE_BYTES, settled_before)
        return _Picture(data, parse_image(data))
    except UnreadableError:
        raise
    except RefusedError as error:
        return _Picture(data, warnings=(f"the picture {file.path} is left out: {error}",))
    except GoneError:
        return _Picture(warnings=(f"the picture {file.path} has gone",))


def _read(file: InboxFile, limit: int, settled_before: datetime) -> bytes:
    """The file's bytes, as the scan saw it: never through a link, never a device, never half written."""
    try:
        descriptor = os.open(file.location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise GoneError from None
    except OSError as error:
        if error.errno in {errno.ELOOP, errno.ENXIO}:
            raise _no_file() from error
        if error.errno in {errno.EACCES, errno.EPERM}:
            hint = "check the file's rights"
            raise RefusedError(f"it cannot be read ({error.strerror})", hint) from error
        raise _unreadable(error) from error
    try:
        return _read_open(descriptor, file, limit, settled_before)
    except OSError as error:
        raise _unreadable(error) from error
    finally:
        os.close(descriptor)


def _read_open(descriptor: int, file: InboxFile, limit: int, settled_before: datetime) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise _no_file()
    if status.st_size > limit:
        raise RefusedError(f"it is larger than {limit >> 20} MiB", "make it smaller, or split it")
    if stamp_of(status) != file.stamp or not _is_settled(descriptor, status, settled_before):
        raise UnsettledError
    data = os.read(descriptor, status.st_size + 1)
    while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
        data += more
    if stamp_of(os.fstat(descriptor)) != file.stamp:
        raise UnsettledError
    return data


def _unreadable(error: OSError) -> UnreadableError:
    return UnreadableError(
        f"it cannot be read now ({error.strerror})", "check the machine; the next run tries"
    )


def _no_file() -> RefusedError:
    return RefusedError("it is a link or a device, not a file", "put the story's own file there")


def _is_settled(descriptor: int, status: os.stat_result, settled_before: datetime) -> bool:
    """Whether nobody has the file open for writing.

    Linux knows: it gives a read lease only then (fcntl(2), F_SETLEASE). Where it gives none to anybody (the
    file is another user's, or lies on a network), a file that is old enough counts as finished.
    """
    try:
        # Should a writer come while we hold the lease, it is told by a signal that kills, but for this.
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return False
    except (OSError, AttributeError):  # AttributeError: no Linux
        return status.st_ctime < settled_before.timestamp()  # no file can set it into the future
    return True
