"""The sections of the site, and all that feeds and pages are about."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from sqlalchemy import Connection

from publisher.addresses import ALL_STORIES, FeedFormat, author_topic, feed_path, section_topic, tag_topic
from publisher.config import RESERVED_SLUGS, Config
from publisher.config.names import SLUG
from publisher.model import Section, Topic
from publisher.store import sections as section_store
from publisher.text.slugs import slugify


def all_sections(config: Config, connection: Connection) -> list[Section]:
    """The configured sections in their order, then those that stories have made."""
    configured = {section.slug for section in config.sections}
    made = section_store.list_sections(connection)
    return [*config.sections, *(section for section in made if section.slug not in configured)]


def list_topics(
    config: Config, connection: Connection, sections: Collection[Section], former: Collection[str]
) -> list[Topic]:
    """Every topic, each in a folder of its own. `former` are the paths of the last run's output.

    A feed that somebody may have subscribed to stays: under a section's former address stands what stands
    under its new one, and a section that has lost its stories keeps its feeds, empty.
    """
    topics = [
        *map(section_topic, sections),
        *map(tag_topic, config.feeds.tags),
        *map(author_topic, config.feeds.authors),
        ALL_STORIES,
    ]
    by_folder = {topic.folder: topic for topic in topics}
    for section in sections:
        for folder in _former_folders(section, former):
            by_folder.setdefault(folder, replace(section_topic(section), folder=folder))
    for slug, title in section_store.section_titles(connection).items():
        if _had_feeds(slug, former):
            by_folder.setdefault(slug, section_topic(Section(slug=slug, title=title)))
    return list(by_folder.values())


def _former_folders(section: Section, former: Collection[str]) -> Iterator[str]:
    """Where a section's feeds may have been: an alias written as an address, or one that had feeds."""
    for alias in section.aliases:
        slug = slugify(alias)
        if slug and slug not in RESERVED_SLUGS and (SLUG.fullmatch(alias) or _had_feeds(slug, former)):
            yield slug


def _had_feeds(folder: str, former: Collection[str]) -> bool:
    return feed_path(folder, FeedFormat.RSS) in former
