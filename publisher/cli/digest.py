"""`publisher digest …`."""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from publisher.cli.context import (
    DigestArgument,
    JsonOption,
    LanguageOption,
    config_of,
    console,
    now,
    print_json,
    print_problem,
    read_language,
    stop_on_signals,
    store_of,
)
from publisher.cli.edition_view import as_data
from publisher.errors import ExitCode, RefusedError, UsageError
from publisher.model import DeliveryState, EditionKind, EditionState

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from publisher.config import Config, Digest

app = typer.Typer(
    help="Preview and send editions, and look after them.\n\nExample: publisher digest preview senat-daily",
    no_args_is_help=True,
)

DateOption = Annotated[
    str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="The edition's date; today if left out.")
]


@app.command()
def preview(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to.")] = Path("preview"),
    day: DateOption = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the next edition as HTML, text and .eml, without freezing or sending it; say what is wrong.

    Example: publisher digest preview senat-daily --language ru
    """
    from publisher.files import write_atomically
    from publisher.pipeline import mailing
    from publisher.pipeline.waiting import find_digest

    config = config_of(context)
    chosen = find_digest(config, digest)
    at = now()
    result = mailing.preview_digest(
        config,
        store_of(context, config),
        chosen,
        local_date=_local_date(chosen, day, at),
        language=read_language(language),
        now=at,
    )
    letter, waiting, problems = result.proof.letter, result.proof.waiting, result.proof.problems
    files = {"html": letter.html.encode(), "txt": letter.text.encode(), "eml": result.message}
    paths = {suffix: output / f"{chosen.slug}.{suffix}" for suffix in files}
    try:
        for suffix, data in files.items():
            write_atomically(paths[suffix], data)
    except OSError as error:
        raise UsageError.of(
            output, f"cannot be written ({error.strerror})", "name another folder with --output"
        ) from error
    if as_json:
        print_json({"digest": chosen.slug, "stories": waiting, "files": paths, "problems": problems})
    else:
        console().print(f"{chosen.slug}: {_in_words(chosen, waiting)}.", *map(str, paths.values()), sep="\n")
    for problem in problems:
        print_problem(problem)
    if problems:
        raise typer.Exit(ExitCode.SOME_REFUSED)


def _in_words(digest: "Digest", waiting: int) -> str:
    from publisher.config import WhenEmpty

    if waiting:
        return f"{waiting} waiting"
    says_so = digest.when_empty is WhenEmpty.SEND
    return "none waiting; the letter says so" if says_so else "none waiting; showing the newest instead"


@app.command()
def send(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    day: DateOption = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="ADDRESS", help="Only a test letter, to this address; it counts nowhere."
        ),
    ] = None,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze the day's edition and deliver it to every confirmed subscriber.

    A date has one edition: sending again goes on where it stopped and mails nobody twice.

    Example: publisher digest send senat-daily
    """
    from publisher.cli import send_report
    from publisher.pipeline import mailing, operating, sending
    from publisher.pipeline.waiting import find_digest

    if language and not to:
        raise typer.BadParameter("--language goes with --to: readers have their own")
    config = config_of(context)
    chosen = find_digest(config, digest)
    engine = store_of(context, config)
    at = now()
    local_date = _local_date(chosen, day, at)
    _check_send_date(engine, chosen, local_date, at)
    if to:
        _send_trial(config, engine, chosen, to, day=day, language=read_language(language), as_json=as_json)
        return
    edition = mailing.freeze_edition(config, engine, chosen, local_date=local_date, now=at, scheduled=False)
    if edition is None:
        send_report.say_nothing_to_send(config, engine, chosen.slug, local_date, as_json=as_json)
        return
    if edition.state is EditionState.HELD and edition.frozen_at == at:
        send_report.print_held(engine, edition, as_json=as_json)
        raise typer.Exit(ExitCode.SOME_REFUSED)
    operating.check_goes_out(edition)
    stop = stop_on_signals()
    with sending_progress() as progress:
        report = sending.deliver_edition(
            config, engine, edition, clock=now, stop=stop.is_set, progress=progress
        )
    send_report.print_send(config, engine, edition, report, as_json=as_json)
    if not report.done or any(report.counts.get(state) for state in NOT_WELL):
        raise typer.Exit(ExitCode.SOME_REFUSED)


def _send_trial(
    config: "Config",
    engine: "Engine",
    digest: "Digest",
    to: str,
    *,
    day: str | None,
    language: str | None,
    as_json: bool,
) -> None:
    from publisher.cli.send_report import print_trial
    from publisher.pipeline.trial import send_trial
    from publisher.text.mailboxes import parse_address

    try:
        address = parse_address(to)
    except RefusedError as error:
        raise UsageError.of("--to", error.cause, error.hint) from error
    trial = send_trial(
        config,
        engine,
        digest,
        address=address,
        local_date=read_date(day) if day else None,
        language=language,
        clock=now,
    )
    print_trial(trial, address, as_json=as_json)
    if trial.problems or trial.state is not DeliveryState.SENT:
        raise typer.Exit(ExitCode.SOME_REFUSED)


@app.command("list")
def list_(context: typer.Context, digest: DigestArgument = None, *, as_json: JsonOption = False) -> None:
    """List the editions, newest first, with what became of their messages.

    Example: publisher digest list senat-daily
    """
    from rich.table import Table

    from publisher.pipeline.waiting import find_digest
    from publisher.store import editions
    from publisher.store.deliveries import count_deliveries
    from publisher.store.engine import reading

    config = config_of(context)
    slug = find_digest(config, digest).slug if digest else None
    with reading(store_of(context, config)) as connection:
        found = editions.list_editions(connection, digest=slug)
        counts = count_deliveries(connection, [edition.id for edition in found])
    if as_json:
        print_json([as_data(edition, counts.get(edition.id, {})) for edition in found])
        return
    kinds = any(edition.kind is not EditionKind.REGULAR for edition in found)
    table = Table("Date", "Digest", *(["Kind"] if kinds else []), "State", "Stories", "Messages", "Subject")
    for edition in found:
        messages = ", ".join(f"{count} {state}" for state, count in counts.get(edition.id, {}).items())
        row = [str(edition.local_date), edition.digest, *([edition.kind] if kinds else [])]
        table.add_row(*row, edition.state, str(edition.stories), messages, edition.subject)
    console().print(table)


NOT_WELL = (DeliveryState.DEFERRED, DeliveryState.BOUNCED, DeliveryState.UNKNOWN, DeliveryState.EXPIRED)
"""States of a delivery that an operator should hear of."""


def _local_date(digest: "Digest", day: str | None, at: datetime) -> date:
    return read_date(day) if day else at.astimezone(digest.timezone).date()


def read_date(day: str) -> date:
    """What an operator gave as --date.

    Raises:
        UsageError: it is none.
    """
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise UsageError.of("--date", f"{day!r} is not a date", "write it as 2024-03-26") from error


def _check_send_date(engine: "Engine", digest: "Digest", local_date: date, at: datetime) -> None:
    """A mistyped year would freeze an edition that nobody can take back.

    Raises:
        UsageError: the date is neither of this week to come nor that of an edition already frozen.
    """
    from publisher.store import editions
    from publisher.store.engine import reading

    today = _local_date(digest, None, at)
    if today <= local_date <= today + timedelta(days=7):
        return
    with reading(engine) as connection:
        if editions.find_edition(connection, digest.slug, local_date) is None:
            raise UsageError.of("--date", f"{local_date} is no day of the week to come", f"today is {today}")


class sending_progress:  # noqa: N801 — reads as the function it stands for
    """A counter at a terminal, nothing in a pipe."""

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import Progress, TextColumn

        self._bar = Progress(
            TextColumn("Sending {task.completed}"),
            console=Console(stderr=True),
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._bar.start()
        self._task = self._bar.add_task("send", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, count: int) -> None:
        self._bar.advance(self._task, count)
