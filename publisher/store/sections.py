"""Sections: the configured ones and those that stories have made."""

from collections.abc import Iterable

from sqlalchemy import Connection, case, exists, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.model import Hold, PubStatus, Section
from publisher.store.schema import IS_CURRENT, articles, revisions, sections, sources


def save_sections(connection: Connection, named: Iterable[Section]) -> None:
    """Store the configured sections; a title that changed is replaced."""
    for section in named:
        statement = upsert(sections).values(slug=section.slug, title=section.title)
        connection.execute(
            statement.on_conflict_do_update(index_elements=["slug"], set_={"title": section.title})
        )


def add_section(connection: Connection, section: Section) -> None:
    """Make a section that a story names; if it is there, its first title stays."""
    statement = upsert(sections).values(slug=section.slug, title=section.title)
    connection.execute(statement.on_conflict_do_nothing())


def list_sections(connection: Connection) -> list[Section]:
    """The sections that a reader may know of: one whose stories nobody has seen yet would tell too much."""
    seen = exists().where(articles.c.section == sections.c.slug, articles.c.public_since.is_not(None))
    rows = connection.execute(select(sections).where(seen).order_by(sections.c.slug))
    return [Section(slug=row.slug, title=row.title) for row in rows]


def section_titles(connection: Connection) -> dict[str, str]:
    """Every section's title, by slug."""
    return {row.slug: row.title for row in connection.execute(select(sections.c.slug, sections.c.title))}


def printed_sections(connection: Connection) -> list[tuple[str, str | None]]:
    """Each section name as printed, with the slug its stories are filed under; None for held ones."""
    query = (
        select(revisions.c.printed_section, articles.c.section)
        .join(articles, IS_CURRENT)
        .where(revisions.c.printed_section.is_not(None))
        .distinct()
    )
    return [(printed, slug) for printed, slug in connection.execute(query)]


def move_section(connection: Connection, printed: str, slug: str | None, new_slug: str | None) -> None:
    """File the stories printed under `printed` under another slug. Their ids and addresses stay.

    Without a new slug they wait for their section to be configured.
    """
    here = select(revisions.c.article_id).where(
        revisions.c.printed_section == printed, revisions.c.number == articles.c.revision
    )
    moved = articles.c.section.is_not_distinct_from(slug) & articles.c.id.in_(here)
    connection.execute(update(articles).where(moved).values(section=new_slug))
    if new_slug is None:
        connection.execute(update(articles).where(articles.c.id.in_(here)).values(held=Hold.SECTION))
    elif slug is None:
        withheld = exists().where(
            sources.c.article_id == articles.c.id, sources.c.status == PubStatus.WITHHELD
        )
        free = case((withheld, Hold.WITHHELD), else_=None)
        held = articles.c.held == Hold.SECTION
        connection.execute(update(articles).where(held, articles.c.id.in_(here)).values(held=free))
