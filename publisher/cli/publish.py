"""`publisher publish`."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from publisher.cli.context import JsonOption, config_of, console, now, print_json, print_problem
from publisher.errors import ExitCode

if TYPE_CHECKING:
    from publisher.pipeline import PublishReport

T = TypeVar("T")


def publish(
    context: typer.Context,
    *,
    as_json: JsonOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
) -> None:
    """Take in the inbox and bring feeds and pages up to date.

    Example: publisher publish --json
    """
    from publisher import pipeline

    config = config_of(context)
    report = pipeline.publish(config, now=now(), dry_run=dry_run, track=_track)
    if as_json:
        print_json(report)
    else:
        _print_report(report)
    for problem in (*report.refused, *report.blocked):
        print_problem(problem)
    if report.refused or report.blocked:
        raise typer.Exit(ExitCode.SOME_REFUSED)


def _track(files: Sequence[T]) -> Iterable[T]:
    """A progress bar, at a terminal and for long work only."""
    if len(files) < 200 or not sys.stderr.isatty():
        return files
    from rich.console import Console
    from rich.progress import track

    return track(files, "Reading", console=Console(stderr=True), transient=True)


def _print_report(report: "PublishReport") -> None:
    from rich.table import Table

    table = Table(title="Dry run: nothing was changed" if report.dry_run else None, title_justify="left")
    table.add_column("Section", overflow="fold")
    for heading in ("Stories", "New", "Updated", "Held", "Refused"):
        table.add_column(heading, justify="right")
    for row in report.sections:
        table.add_row(row.title, *map(str, (row.stories, row.new, row.updated, row.held, "")))
    rows = report.sections
    totals = (
        sum(row.stories for row in rows),
        sum(row.new for row in rows),
        sum(row.updated for row in rows),
    )
    table.add_section()
    table.add_row("All", *map(str, (*totals, sum(row.held for row in rows), len(report.refused))))
    out = console()
    out.print(table)
    would_be = "would be " if report.dry_run else ""
    out.print(f"Files: {len(report.written)} {would_be}written, {report.same} unchanged.")
    for digest, waiting in report.waiting.items():
        out.print(
            f"{digest}: {waiting} {'story waits' if waiting == 1 else 'stories wait'} for the next edition."
        )
