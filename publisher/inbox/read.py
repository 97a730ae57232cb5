"""One file of the drop folder as an article, with what tells it from others."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from publisher.errors import RefusedError
from publisher.identity import content_hash, declared_key, revision_hash
from publisher.inbox.scan import InboxFile
from publisher.model import Article, Origin
from publisher.readers import reader_for

_MAX_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Read:
    file: InboxFile
    article: Article
    key: str | None
    content_hash: str
    revision_hash: str


def read_file(file: InboxFile, language: str, zone: ZoneInfo) -> Read | None:
    """Read one file; None when it has gone since the folder was looked at.

    Raises:
        RefusedError: it cannot be published as it stands.
    """
    path = file.location
    if os.fsencode(path.name).decode(errors="ignore") != path.name:
        raise RefusedError("its name is not valid UTF-8", "rename the file")
    if not os.path.lexists(path):
        return None
    if path.is_symlink() or not path.is_file():
        raise RefusedError("it is a link or a device, not a file", "put the story's own file there")
    reader = reader_for(PurePosixPath(file.path).suffix)
    if file.size > _MAX_BYTES:
        raise RefusedError(f"it is larger than {_MAX_BYTES >> 20} MiB", "is it a story? split it")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusedError(f"it cannot be read ({error.strerror})", "check the file's rights") from error
    written_at = datetime.fromtimestamp(file.mtime_ns // 1_000_000_000, zone)
    article = reader(data, Origin(language=language, written_at=written_at))
    return Read(file, article, declared_key(article), content_hash(article), revision_hash(article))
