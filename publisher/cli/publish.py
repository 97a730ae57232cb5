"""`publisher publish`."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from publisher.cli.context import (
    JsonOption,
    config_of,
    console,
    now,
    print_json,
    print_problem,
    print_warning,
    stop_on_signals,
)
from publisher.errors import ExitCode, PublisherError, StoppedError

if TYPE_CHECKING:
    from threading import Event

    from publisher.config import Config
    from publisher.pipeline.report import PublishReport

T = TypeVar("T")
_INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended."""


def publish(
    context: typer.Context,
    *,
    as_json: JsonOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make every feed and page anew, whether it changed or not.")
    ] = False,
    backfill: Annotated[
        bool, typer.Option("--backfill", help="No digest tells the stories that come in by this run.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and publish each file as soon as it is dropped.")
    ] = False,
) -> None:
    """Take in the inbox and bring feeds and pages up to date.

    Example: publisher publish --json
    """
    from publisher.pipeline import publishing

    config = config_of(context)
    if watch:
        if dry_run or rebuild or backfill:
            raise typer.BadParameter("--watch goes with neither --dry-run nor --rebuild nor --backfill")
        _watch(config, as_json=as_json)
        return
    stop = stop_on_signals()
    try:
        report = publishing.publish(
            config,
            clock=now,
            dry_run=dry_run,
            rebuild=rebuild,
            backfill=backfill,
            track=_track,
            stop=stop.is_set,
        )
    except StoppedError:
        sys.stderr.write("publisher: stopped; what was stored stays, and the next run goes on from there\n")
        raise typer.Exit(_INTERRUPTED) from None
    _print_result(report, as_json=as_json)
    for problem in (*report.refused, *report.blocked):
        print_problem(problem)
    if report.refused or report.blocked:
        raise typer.Exit(ExitCode.SOME_REFUSED)


def _watch(config: "Config", *, as_json: bool) -> None:
    """Publish now, whenever the inbox changes, and at each interval: an embargo ends without a change."""
    from publisher.inbox.scan import require_inbox
    from publisher.pipeline import publishing

    require_inbox(config.inbox.path)
    stop = stop_on_signals()
    sys.stderr.write(f"publisher: watching {config.inbox.path}; Ctrl-C stops\n")
    unfinished = False
    said: set[str] = set()
    for is_due in _beats(config, stop):
        if not is_due and not unfinished:
            continue
        try:
            report = publishing.publish(config, clock=now)
        except PublisherError as error:  # it may be mended while we watch
            unfinished, problems = False, error.problems
        else:
            unfinished, problems = bool(report.unfinished), (*report.refused, *report.blocked)
            if report.written or report.warnings:
                _print_result(report, as_json=as_json)
        complaints = {str(problem): None for problem in problems}
        for complaint in complaints:
            if complaint not in said:
                print_problem(complaint)
        said = set(complaints)
        sys.stdout.flush()


def _beats(config: "Config", stop: "Event") -> "Iterator[bool]":
    """Whether to publish: at once, after each change, and each interval. A tick without need is False."""
    from publisher.inbox.watch import TICK_SECONDS, watch_folder

    yield True
    quiet = config.inbox.interval / TICK_SECONDS  # what was dropped before the watch began is seen at once
    for changed in watch_folder(config.inbox.path, stop):
        quiet += 1
        is_due = changed or quiet >= config.inbox.interval / TICK_SECONDS
        if is_due:
            quiet = 0
        yield is_due


def _track(files: Sequence[T]) -> Iterable[T]:
    """A progress bar, at a terminal and for long work only."""
    if len(files) < 200 or not sys.stderr.isatty():
        return files
    from rich.console import Console
    from rich.progress import track

    return track(files, "Reading", console=Console(stderr=True), transient=True)


def _print_result(report: "PublishReport", *, as_json: bool) -> None:
    if as_json:
        print_json(report)
    else:
        _print_report(report)
    for warning in report.warnings:
        print_warning(f"{warning.where}: {warning.cause}")


def _print_report(report: "PublishReport") -> None:
    from rich.table import Table

    table = Table(title="Dry run: nothing was changed" if report.dry_run else None, title_justify="left")
    table.add_column("Section", overflow="fold")
    for heading in ("Stories", "New", "Updated", "Held", "Withdrawn", "Refused"):
        table.add_column(heading, justify="right")
    rows = [
        (row.title, row.stories, row.new, row.updated, row.held, row.withdrawn) for row in report.sections
    ]
    for title, *counts in rows:
        table.add_row(title, *map(str, counts), "")
    totals = [sum(column) for column in zip(*(counts for _, *counts in rows), strict=True)] or [0] * 5
    table.add_section()
    table.add_row("All", *map(str, totals), str(len(report.refused)))
    out = console()
    out.print(table)
    would_be = "would be " if report.dry_run else ""
    out.print(f"Files: {len(report.written)} {would_be}written, {report.same} unchanged.")
    if report.unfinished:
        out.print(f"Still being written, so left for the next run: {', '.join(report.unfinished)}.")
    for near in report.near_duplicates:
        out.print(f"Nearly the same ({near.similarity:.0%}): «{near.title}» and «{near.other_title}».")
    for digest, waiting in report.waiting.items():
        out.print(
            f"{digest}: {waiting} {'story waits' if waiting == 1 else 'stories wait'} for the next edition."
        )
