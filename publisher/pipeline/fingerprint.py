"""What the whole output depends on beside the stories."""

import hashlib

from publisher import __version__
from publisher.config import Config
from publisher.resources import packaged_templates


def site_fingerprint(config: Config) -> str:
    """Digest of all that the output is made from beside stories: settings, templates, this program."""
    digest = hashlib.sha256(repr((__version__, config.site, config.sections, config.feeds.limit)).encode())
    for folder in (packaged_templates(), config.templates):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            digest.update(bytes(path.relative_to(folder)) + b"\0" + path.read_bytes())
    return digest.hexdigest()
