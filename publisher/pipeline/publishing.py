"""inbox → store → feeds and pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from publisher import inbox
from publisher.addresses import ALL, FeedFormat, feed_path, section_path, story_path
from publisher.config import Config
from publisher.errors import OutputError, Problem
from publisher.feeds import RENDERERS, build_feed, check_feed
from publisher.files import locked, write_atomically
from publisher.inbox import Ingested, Outcome, Track
from publisher.model import Section
from publisher.pages import STYLESHEET, Pages
from publisher.pipeline.mailing import count_waiting
from publisher.store import articles, open_scratch, open_store, reading
from publisher.templating import build_environment, template_errors

_BLOCKED_HINT = "the last good version stays; restore the store, or delete the file to accept the new one"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReport:
    """A row of the table that `publish` prints."""

    slug: str | None
    title: str
    stories: int
    new: int
    updated: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    sections: tuple[SectionReport, ...]
    unchanged: int
    """Files of the inbox that hold nothing new."""
    refused: tuple[Problem, ...]
    blocked: tuple[Problem, ...]
    """Feeds whose last good version stayed, and why."""
    written: tuple[str, ...]
    """Paths under the output folder."""
    same: int
    """Files that hold these bytes already and were not touched."""
    waiting: dict[str, int]
    """Stories that wait for the next edition, by digest."""
    dry_run: bool


def publish(config: Config, *, now: datetime, dry_run: bool = False, track: Track = iter) -> PublishReport:
    """Take in what the inbox holds and bring feeds and pages up to date. A dry run changes nothing on disk.

    Raises:
        ConfigError: the inbox is not there; nothing was changed.
        OutputError: the output folder cannot be written.
        StoreError: the store cannot be opened.
    """
    inbox.require_inbox(config.inbox.path)  # before anything is made: a wrong inbox must change nothing
    if dry_run:
        with open_scratch(config.store_url) as engine:
            return _publish(config, engine, now=now, dry_run=True, track=track)
    with locked(config.feeds.output), open_store(config.store_url) as engine:
        return _publish(config, engine, now=now, dry_run=False, track=track)


def _publish(config: Config, engine: Engine, *, now: datetime, dry_run: bool, track: Track) -> PublishReport:
    ingested = inbox.ingest(config, engine, now=now, dry_run=dry_run, track=track)
    written: list[str] = []
    blocked: list[Problem] = []
    same = 0
    output = config.feeds.output
    with reading(engine) as connection:
        with template_errors():
            for path, data in _build_files(config, connection, now=now, blocked=blocked):
                if _write(output / path, data, dry_run=dry_run):
                    written.append(path)
                else:
                    same += 1
        return PublishReport(
            sections=tuple(_section_reports(config, connection, ingested, now=now)),
            unchanged=sum(item.outcome is Outcome.UNCHANGED for item in ingested),
            refused=tuple(item.problem for item in ingested if item.problem),
            blocked=tuple(blocked),
            written=tuple(written),
            same=same,
            waiting=count_waiting(config, connection, now=now),
            dry_run=dry_run,
        )


def _write(path: Path, data: bytes, *, dry_run: bool) -> bool:
    try:
        if dry_run:
            return not path.is_file() or path.read_bytes() != data
        return write_atomically(path, data)
    except OSError as error:
        raise _output_error(path, error) from error


def _output_error(path: Path, error: OSError) -> OutputError:
    return OutputError.of(
        path, f"cannot be read or written ({error.strerror})", "check feeds.output, its rights and the disk"
    )


def _build_files(
    config: Config, connection: Connection, *, now: datetime, blocked: list[Problem]
) -> Iterator[tuple[str, bytes]]:
    """Every file of the output: stories first, so that no feed links to a page that is not there yet."""
    sections = all_sections(config, connection)
    titles = {section.slug: section.title for section in sections}
    pages = Pages(build_environment(config.templates, config.site.language), config.site, sections)
    yield STYLESHEET, pages.stylesheet()
    for story in articles.with_page(connection, now=now):
        yield story_path(story), pages.story(story)
    known_ids = articles.public_ids(connection)
    for section in (*sections, None):
        slug = section.slug if section else None
        stories = articles.newest(connection, section=slug, limit=config.feeds.limit, now=now)
        feed = build_feed(config.site, section, stories, titles)
        files = {feed_path(slug or ALL, format_): RENDERERS[format_](feed) for format_ in FeedFormat}
        findings = [
            Problem(where=path, cause=finding, hint=_BLOCKED_HINT)
            for (path, data), format_ in zip(files.items(), FeedFormat, strict=True)
            for finding in _check(config.feeds.output / path, data, format_, known_ids=known_ids, now=now)
        ]
        blocked.extend(findings)
        if not findings:  # a page must not say what its feed may not
            yield (section_path(slug) if slug else "") + "index.html", pages.section(section, stories)
            yield from files.items()


def _check(path: Path, data: bytes, format_: FeedFormat, *, known_ids: set[str], now: datetime) -> list[str]:
    try:
        previous = path.read_bytes() if path.is_file() else None
    except OSError as error:
        raise _output_error(path, error) from error
    return [] if previous == data else check_feed(data, previous, format_, known_ids=known_ids, now=now)


def all_sections(config: Config, connection: Connection) -> list[Section]:
    """The configured sections in their order, then those that stories have made."""
    configured = {section.slug for section in config.sections}
    made = (section for section in articles.list_sections(connection) if section.slug not in configured)
    return [*config.sections, *made]


def _section_reports(
    config: Config, connection: Connection, ingested: Iterable[Ingested], *, now: datetime
) -> Iterator[SectionReport]:
    counts = {count.section: count for count in articles.count_by_section(connection, now=now)}
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
        )
