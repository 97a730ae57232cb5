"""inbox → store → feeds and pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from publisher import inbox
from publisher.config import Config
from publisher.errors import Problem
from publisher.files import locked
from publisher.inbox import Ingested, Outcome, Track
from publisher.pipeline.output import update_output
from publisher.pipeline.site import all_sections
from publisher.pipeline.waiting import count_waiting
from publisher.store import open_scratch, open_store, reading, search, stories, writing
from publisher.store.search import NearDuplicate


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReport:
    """A row of the table that `publish` prints."""

    slug: str | None
    title: str
    stories: int
    new: int
    updated: int
    held: int
    withdrawn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    sections: tuple[SectionReport, ...]
    unchanged: int
    """Files of the inbox that hold nothing new."""
    unfinished: tuple[str, ...]
    """Files that somebody was still writing; the next run takes them."""
    refused: tuple[Problem, ...]
    blocked: tuple[Problem, ...]
    """Feeds whose last good version stayed, and why; and what is wrong with the inbox as a whole."""
    warnings: tuple[Problem, ...]
    """What was mended or left open in the stories that were read."""
    near_duplicates: tuple[NearDuplicate, ...]
    """Stories that came in now and are nearly the same as another."""
    written: tuple[str, ...]
    """Paths under the output folder."""
    same: int
    """Files that hold these bytes already and were not touched."""
    waiting: dict[str, int]
    """Stories that wait for the next edition, by digest."""
    dry_run: bool


def publish(
    config: Config, *, now: datetime, dry_run: bool = False, rebuild: bool = False, track: Track = iter
) -> PublishReport:
    """Take in what the inbox holds and bring feeds and pages up to date. A dry run changes nothing on disk.

    Raises:
        ConfigError: the inbox is not there; nothing was changed.
        OutputError: the output folder cannot be written.
        StoreError: the store cannot be opened.
    """
    inbox.require_inbox(config.inbox.path)  # before anything is made: a wrong inbox must change nothing
    if dry_run:
        with open_scratch(config.store_url) as engine:
            return _publish(config, engine, now=now, dry_run=True, rebuild=rebuild, track=track)
    with locked(config.feeds.output), open_store(config.store_url) as engine:
        return _publish(config, engine, now=now, dry_run=False, rebuild=rebuild, track=track)


def _publish(
    config: Config, engine: Engine, *, now: datetime, dry_run: bool, rebuild: bool, track: Track
) -> PublishReport:
    ingested = inbox.ingest(config, engine, now=now, dry_run=dry_run, track=track)
    output = update_output(config, engine, now=now, dry_run=dry_run, rebuild=rebuild)
    new = [item.article_id for item in ingested.read if item.article_id and item.outcome in _WITH_NEW_TEXT]
    near = _find_near_duplicates(engine, new)
    with reading(engine) as connection:
        return PublishReport(
            sections=tuple(_section_reports(config, connection, ingested.read, now=now)),
            unchanged=ingested.unchanged + ingested.count(Outcome.UNCHANGED),
            unfinished=tuple(item.path for item in ingested.read if item.outcome is Outcome.UNFINISHED),
            refused=tuple(item.problem for item in ingested.read if item.problem),
            blocked=(*ingested.problems, *output.blocked),
            warnings=tuple(_warnings(ingested.read)),
            near_duplicates=near,
            written=tuple(output.written),
            same=output.same,
            waiting=count_waiting(config, connection, now=now),
            dry_run=dry_run,
        )


_WITH_NEW_TEXT = frozenset({Outcome.NEW, Outcome.UPDATED})
_INDEX_AT_ONCE = 200
"""More new stories than this are indexed when somebody first searches: a bulk import must not wait for it."""


def _find_near_duplicates(engine: Engine, new: list[int]) -> tuple[NearDuplicate, ...]:
    if not 0 < len(new) <= _INDEX_AT_ONCE:
        return ()
    with writing(engine) as connection:
        return tuple(search.index_articles(connection, new))


def _warnings(read: Iterable[Ingested]) -> Iterator[Problem]:
    for item in read:
        for warning in item.warnings:
            yield Problem(where=item.path, cause=warning, hint="look at the story")


def _section_reports(
    config: Config, connection: Connection, ingested: Iterable[Ingested], *, now: datetime
) -> Iterator[SectionReport]:
    counts = {count.section: count for count in stories.count_by_section(connection, now=now)}
    outcomes: dict[tuple[str | None, Outcome], int] = {}
    for item in ingested:
        outcomes[item.section, item.outcome] = outcomes.get((item.section, item.outcome), 0) + 1
    for section in (*all_sections(config, connection), None):
        slug = section.slug if section else None
        count = counts.get(slug)
        if count is None and section is None:
            continue
        yield SectionReport(
            slug=slug,
            title=section.title if section else "—",
            stories=count.stories if count else 0,
            new=outcomes.get((slug, Outcome.NEW), 0),
            updated=outcomes.get((slug, Outcome.UPDATED), 0),
            held=count.held if count else 0,
            withdrawn=count.withdrawn if count else 0,
        )
