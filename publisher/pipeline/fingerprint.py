"""What the whole output depends on beside the stories."""

import hashlib
import os

from publisher import __version__
from publisher.config import Config
from publisher.errors import ConfigError
from publisher.files import signature_of
from publisher.resources import PACKAGE, packaged_templates


def digest_of(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def program_signature() -> str:
    """Changes when the program does: a version number stands still between two releases."""
    signatures = [__version__]
    for folder, _, names in sorted(os.walk(PACKAGE)):
        paths = (f"{folder}/{name}" for name in sorted(names) if name.endswith((".py", ".po")))
        signatures += (f"{path}:{signature_of(path)}" for path in paths)
    return digest_of(*signatures)


_SUFFIXES = frozenset({".j2", ".css", ".js", ".html", ".txt"})
"""Of templates; an editor's swap file is none."""


def site_fingerprint(config: Config) -> str:
    """Digest of all that the output is made from beside stories: settings, templates, this program."""
    feeds = config.feeds
    shown = (feeds.limit, feeds.archives, feeds.tags, feeds.authors, feeds.hub, bool(config.digests))
    digest = hashlib.sha256(repr((program_signature(), config.site, config.sections, shown)).encode())
    for folder in (packaged_templates(), config.templates):
        try:
            for path in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES):
                digest.update(bytes(path.relative_to(folder)) + b"\0" + path.read_bytes())
        except OSError as error:
            raise ConfigError.of(
                error.filename, f"cannot be read ({error.strerror})", "check the rights of templates/"
            ) from error
    return digest.hexdigest()
