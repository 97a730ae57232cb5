"""What the whole output depends on beside the stories."""

import hashlib

from publisher import __version__
from publisher.config import Config
from publisher.errors import ConfigError
from publisher.resources import packaged_templates

_SUFFIXES = frozenset({".j2", ".css", ".html", ".txt"})
"""Of templates; an editor's swap file is none."""


def site_fingerprint(config: Config) -> str:
    """Digest of all that the output is made from beside stories: settings, templates, this program."""
    digest = hashlib.sha256(repr((__version__, config.site, config.sections, config.feeds.limit)).encode())
    for folder in (packaged_templates(), config.templates):
        try:
            for path in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES):
                digest.update(bytes(path.relative_to(folder)) + b"\0" + path.read_bytes())
        except OSError as error:
            raise ConfigError.of(
                error.filename, f"cannot be read ({error.strerror})", "check the rights of templates/"
            ) from error
    return digest.hexdigest()
