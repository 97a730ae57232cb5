"""A run of the publisher that has something to do."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine

from publisher.config import Config
from publisher.errors import Problem, Stop
from publisher.inbox.desk import Ingested, Outcome
from publisher.inbox.intake import ingest
from publisher.inbox.scan import Scan, Track
from publisher.model import NearDuplicate
from publisher.pipeline.fingerprint import site_fingerprint
from publisher.pipeline.idle import remember
from publisher.pipeline.output import update_output
from publisher.pipeline.pinging import Pinged, ping_hub
from publisher.pipeline.report import PublishReport, SectionReport
from publisher.pipeline.waiting import count_waiting
from publisher.store import search, stories
from publisher.store.engine import reading, writing
from publisher.store.sections import section_titles


def run(
    config: Config,
    engine: Engine,
    found: Scan,
    *,
    now: datetime,
    dry_run: bool,
    rebuild: bool,
    backfill: bool,
    track: Track,
    stop: Stop,
) -> PublishReport:
    """Take in what was found, bring the output up to date, and say what happened."""
    site = site_fingerprint(config)
    ingested = ingest(
        config, engine, found, now=now, dry_run=dry_run, backfill=backfill, track=track, stop=stop
    )
    output = update_output(config, engine, site, now=now, dry_run=dry_run, rebuild=rebuild, stop=stop)
    pinged = Pinged() if dry_run else ping_hub(config, engine, now=now)
    new = [item.article_id for item in ingested.read if item.article_id and item.outcome in _WITH_NEW_TEXT]
    near = _index_new(engine, new)
    with reading(engine) as connection:
        report = PublishReport(
            sections=tuple(_section_reports(config, connection, ingested.read, now=now)),
            unchanged=ingested.unchanged + ingested.count(Outcome.UNCHANGED),
            unfinished=tuple(item.path for item in ingested.read if item.outcome is Outcome.UNFINISHED),
            refused=tuple(item.problem for item in ingested.read if item.problem),
            blocked=(*ingested.problems, *output.blocked),
            warnings=(*_warnings(ingested.read), *pinged.warnings),
            near_duplicates=near,
            written=tuple(output.written),
            same=output.same,
            waiting=count_waiting(config, connection, now=now),
            dry_run=dry_run,
        )
    if not dry_run:
        due = min(filter(None, (output.due, pinged.due)), default=None)
        remember(config, engine, found, report, site=site, due=due, now=now)
    return report


_WITH_NEW_TEXT = frozenset({Outcome.NEW, Outcome.UPDATED})
_INDEX_AT_ONCE = 200
"""More new stories than this are indexed when somebody first searches: a bulk import must not wait for it."""


def _index_new(engine: Engine, new: list[int]) -> tuple[NearDuplicate, ...]:
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
    titles = section_titles(connection) | {section.slug: section.title for section in config.sections}
    made = sorted(
        slug for slug in counts if slug not in {section.slug for section in config.sections} and slug
    )
    for slug in (*(section.slug for section in config.sections), *made, None):
        count = counts.get(slug)
        if count is None and slug is None:
            continue
        yield SectionReport(
            slug=slug,
            title=titles[slug] if slug else "—",
            stories=count.stories if count else 0,
            new=outcomes.get((slug, Outcome.NEW), 0),
            updated=outcomes.get((slug, Outcome.UPDATED), 0),
            held=count.held if count else 0,
            withdrawn=count.withdrawn if count else 0,
        )
