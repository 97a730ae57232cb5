"""What the whole output depends on beside the stories."""

import hashlib

from sqlalchemy import Connection

from publisher import __version__
from publisher.config import Config
from publisher.model import Section
from publisher.resources import packaged_templates
from publisher.store import sections as section_store


def site_fingerprint(config: Config) -> str:
    """Digest of all that the output is made from beside stories: settings, templates, this program."""
    digest = hashlib.sha256(repr((__version__, config.site, config.sections, config.feeds.limit)).encode())
    for folder in (packaged_templates(), config.templates):
        for path in sorted(folder.glob("*.*")) if folder.is_dir() else ():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def all_sections(config: Config, connection: Connection) -> list[Section]:
    """The configured sections in their order, then those that stories have made."""
    configured = {section.slug for section in config.sections}
    made = section_store.list_sections(connection)
    return [*config.sections, *(section for section in made if section.slug not in configured)]
