"""`publisher subscribers import | export`."""

import sys
from collections import Counter
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.context import (
    DigestOption,
    JsonOption,
    LanguageOption,
    config_of,
    console,
    now,
    print_json,
    print_problem,
    print_warning,
    read_language,
    stop_on_signals,
    store_of,
    to_json,
)
from publisher.errors import ExitCode, PublisherError, StoppedError, UsageError
from publisher.lists.formats import ListFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine

    from publisher.config import Config
    from publisher.pipeline.importing import ImportedLine

_INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended."""
_LONG = 1000
"""So many lines take long enough to show how far we are."""
_PRIVATE = 0o600


class ImportFormat(StrEnum):
    AUTO = "auto"
    CSV = "csv"
    LISTMONK = "listmonk"
    MAILCHIMP = "mailchimp"


class ExportFormat(StrEnum):
    CSV = "csv"
    LISTMONK = "listmonk"
    MAILCHIMP = "mailchimp"
    JSON = "json"


def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV with the column address and, if you like, name, language, digest, state, consented_at, "
            "source; one address a line; or what listmonk or Mailchimp export, as it was downloaded."
        ),
    ],
    *,
    digest: DigestOption = None,
    form: Annotated[
        ImportFormat, typer.Option("--format", help="The file's format; auto: its columns tell it.")
    ] = ImportFormat.AUTO,
    language: LanguageOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say of each line what came of it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Subscribe everyone in a file. Who unsubscribed earlier, is suppressed, or was erased, stays so.

    Example: publisher subscribers import readers.csv --digest senat-daily
    """
    config = config_of(context)
    language = read_language(language)
    asked = None if form is ImportFormat.AUTO else ListFormat(form)
    report = _ImportReport(verbose=verbose, as_json=as_json, dry_run=dry_run)
    try:
        _import(context, config, file, report, form=asked, digest=digest, language=language)
    except StoppedError:
        sys.stderr.write(
            "publisher: stopped; what was taken in stays, and the next import goes on from there\n"
        )
        report.end()
        raise typer.Exit(_INTERRUPTED) from None
    except PublisherError:
        if report.total:
            report.end()
        raise
    report.end()
    if failed := report.counts["refused"]:
        raise typer.Exit(ExitCode.NOTHING_DONE if failed == report.total else ExitCode.SOME_REFUSED)


def _import(
    context: typer.Context,
    config: "Config",
    file: Path,
    report: "_ImportReport",
    *,
    form: ListFormat | None,
    digest: str | None,
    language: str | None,
) -> None:
    from publisher.pipeline import importing

    stop = stop_on_signals()
    engine: Engine | None = None
    for readers in importing.open_lists(config, file, form=form):
        if engine is None:  # not before there is something to take in
            engine = _open(context, config, dry_run=report.dry_run)
        for remark in readers.remarks:
            print_warning(f"{readers.name}: {remark}")
        with _progress(readers.lines) as advance:
            for some in importing.import_list(
                config, engine, readers, digest=digest, language=language, clock=now, stop=stop.is_set
            ):
                report.add(some)
                advance(len(some))


def _open(context: typer.Context, config: "Config", *, dry_run: bool) -> "Engine":
    from publisher.store.engine import open_scratch

    if not dry_run:
        return store_of(context, config)
    engine: Engine = context.with_resource(open_scratch(config.store_url))
    return engine


class _ImportReport:
    """What is said of an import, while it runs and at its end."""

    def __init__(self, *, verbose: bool, as_json: bool, dry_run: bool) -> None:
        from publisher.store.lists import Imported

        self.counts = Counter({str(outcome): 0 for outcome in Imported})
        self._verbose = verbose
        self._as_json = as_json
        self.dry_run = dry_run
        self._lines: list[ImportedLine] = []

    @property
    def total(self) -> int:
        return self.counts.total()

    def add(self, lines: "list[ImportedLine]") -> None:
        for line in lines:
            self.counts[line.outcome] += 1
            if line.problem:
                print_problem(line.problem)
            if self._verbose and not self._as_json:
                reason = f" ({line.reason})" if line.reason else ""
                sys.stdout.write(f"{line.file}:{line.line}: {line.address}: {line.outcome}{reason}\n")
        if self._as_json:
            self._lines += lines

    def end(self) -> None:
        if self._as_json:
            names = ("file", "line", "address", "outcome", "reason")
            lines = [{name: getattr(line, name) for name in names} for line in self._lines]
            print_json({**self.counts, "lines": lines})
            return
        said = ", ".join(f"{count} {what}" for what, count in self.counts.items() if count) or "no readers"
        console().print(f"Dry run, nothing was changed: {said}" if self.dry_run else said, soft_wrap=True)


@contextmanager
def _progress(lines: int) -> "Iterator[Callable[[int], None]]":
    """A bar, at a terminal and for long lists only."""
    if lines < _LONG or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Importing", total=lines)
        yield lambda count: bar.advance(task, count)


def export(
    context: typer.Context,
    address: Annotated[
        str | None, typer.Argument(metavar="[ADDRESS]", help="All that is known of one person, as JSON.")
    ] = None,
    *,
    digest: DigestOption = None,
    form: Annotated[
        ExportFormat | None,
        typer.Option("--format", help="csv, which import reads back, if left out."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; nobody else may read it.")
    ] = None,
) -> None:
    """Write every subscription as a file, or give one person all that is known of them.

    In the formats of listmonk and Mailchimp only those who get letters: both send to whoever is in the file.

    Example: publisher subscribers export --output readers.csv
    """
    if address is not None:
        if digest or form not in {None, ExportFormat.JSON}:
            raise UsageError.of(
                "export", "gives all that is known of a person, as JSON", "leave the options out"
            )
        text = _person(context, address)
    else:
        text = _list(context, digest, form or ExportFormat.CSV)
    if output is None:
        sys.stdout.write(text)
        return
    from publisher.files import output_error, write_atomically

    try:
        write_atomically(output, text.encode(), mode=_PRIVATE)
    except OSError as error:
        raise output_error(error, output, "name another file", cause="cannot be written") from error


def _list(context: typer.Context, digest: str | None, form: ExportFormat) -> str:
    from publisher.lists.writing import as_cells, gets_letters, write_rows
    from publisher.pipeline.waiting import find_digest
    from publisher.store import lists
    from publisher.store.engine import reading

    config = config_of(context)
    slug = find_digest(config, digest).slug if digest else None
    with reading(store_of(context, config)) as connection:
        rows = list(lists.list_rows(connection, digest=slug))
    if form is ExportFormat.JSON:
        return to_json([as_cells(row) for row in rows])
    if form is not ExportFormat.CSV and (left := sum(not gets_letters(row) for row in rows)):
        print_warning(f"{left} subscriptions are left out: nothing may be sent to them now")
    return write_rows(rows, ListFormat(form))


def _person(context: typer.Context, address: str) -> str:
    from publisher.store.engine import reading
    from publisher.store.persons import find_person
    from publisher.text.mailboxes import find_address

    config = config_of(context)
    with reading(store_of(context, config)) as connection:
        person = find_person(connection, find_address(address))
    if person is None:
        raise PublisherError.of(address, "nothing is known of this address", "see publisher subscribers list")
    return to_json(person)
