"""Which section a story is filed under, and whether it must wait."""

from collections.abc import Sequence

from sqlalchemy import Connection

from publisher.config import RESERVED_SLUGS, Config, UnknownSections
from publisher.model import Article, Hold, Section
from publisher.store.marks import note_change, read_mark, write_mark
from publisher.store.sections import add_section, move_section, printed_sections, save_sections
from publisher.text.slugs import slugify

_MARK = "sections"


class Filing:
    """The sections of one run."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._sections: dict[str, Section | None] = {}

    def prepare(self, connection: Connection, articles: Sequence[Article]) -> None:
        """Make sure that every section of these stories is in the store."""
        for printed in dict.fromkeys(article.section for article in articles if article.section):
            if printed not in self._sections:
                section = find_section(printed, self._config)
                if section:
                    add_section(connection, section)
                self._sections[printed] = section

    def file(self, article: Article) -> tuple[str | None, Hold | None]:
        """The slug of the story's section; without one that it names, the story waits."""
        if article.section is None:
            return None, None
        section = self._sections[article.section]
        return (section.slug, None) if section else (None, Hold.SECTION)


def find_section(printed: str, config: Config) -> Section | None:
    """The configured section a printed name means; else, by policy, one made of the name, or none."""
    wanted = printed.casefold()
    for section in config.sections:
        if wanted in {name.casefold() for name in (section.slug, section.title, *section.aliases)}:
            return section
    if config.inbox.unknown_sections is UnknownSections.HOLD:
        return None
    slug = slugify(printed) or "section"
    taken = {*RESERVED_SLUGS, *(section.slug for section in config.sections)}
    return Section(slug=f"{slug}-section" if slug in taken else slug, title=printed)


def refile(config: Config, connection: Connection) -> None:
    """Sections and aliases may have changed in the config; the files have not, so nobody would look again."""
    fingerprint = repr((config.sections, config.inbox.unknown_sections))
    if read_mark(connection, _MARK) == fingerprint:
        return
    save_sections(connection, config.sections)
    for printed, slug in printed_sections(connection):
        section = find_section(printed, config)
        new_slug = section.slug if section else None
        if slug != new_slug:
            if section:
                add_section(connection, section)
            move_section(connection, printed, slug, new_slug)
    write_mark(connection, _MARK, fingerprint)
    note_change(connection)
