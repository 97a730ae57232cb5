"""The sections of the site."""

from sqlalchemy import Connection

from publisher.config import Config
from publisher.model import Section
from publisher.store import sections as section_store


def all_sections(config: Config, connection: Connection) -> list[Section]:
    """The configured sections in their order, then those that stories have made."""
    configured = {section.slug for section in config.sections}
    made = section_store.list_sections(connection)
    return [*config.sections, *(section for section in made if section.slug not in configured)]
