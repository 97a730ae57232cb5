"""`publisher digest …`."""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from publisher.cli.context import (
    DigestArgument,
    JsonOption,
    config_of,
    console,
    now,
    print_json,
    print_problem,
    stop_on_signals,
    store_of,
)
from publisher.errors import ExitCode, UsageError
from publisher.model import DeliveryState, EditionKind

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from publisher.config import Config
    from publisher.delivery import Report
    from publisher.model import Edition

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
    as_json: JsonOption = False,
) -> None:
    """Write the next edition as HTML, text and .eml, without freezing or sending it.

    Example: publisher digest preview senat-daily
    """
    from publisher.files import write_atomically
    from publisher.pipeline import mailing
    from publisher.pipeline.waiting import find_digest

    config = config_of(context)
    chosen = find_digest(config, digest)
    at = now()
    result = mailing.preview_digest(
        config, store_of(context, config), chosen, local_date=_local_date(config, day, at), now=at
    )
    files = {
        "html": result.letter.html.encode(),
        "txt": result.letter.text.encode(),
        "eml": result.message,
    }
    paths = {suffix: output / f"{chosen.slug}.{suffix}" for suffix in files}
    try:
        for suffix, data in files.items():
            write_atomically(paths[suffix], data)
    except OSError as error:
        raise UsageError.of(
            output, f"cannot be written ({error.strerror})", "name another folder with --output"
        ) from error
    if as_json:
        print_json({"digest": chosen.slug, "stories": result.stories, "files": paths})
        return
    stories = f"{result.stories} waiting" if result.stories else "none waiting; showing the newest instead"
    console().print(f"{chosen.slug}: {stories}.", *map(str, paths.values()), sep="\n")


@app.command()
def send(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    day: DateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Freeze the day's edition and deliver it to every confirmed subscriber.

    A date has one edition: sending again goes on where it stopped and mails nobody twice.

    Example: publisher digest send senat-daily
    """
    from publisher.pipeline import mailing, operating, sending
    from publisher.pipeline.waiting import find_digest

    config = config_of(context)
    chosen = find_digest(config, digest)
    engine = store_of(context, config)
    at = now()
    local_date = _local_date(config, day, at)
    _check_send_date(config, engine, chosen.slug, local_date, at)
    edition = mailing.freeze_edition(config, engine, chosen, local_date=local_date, now=at, scheduled=False)
    if edition is None:
        _say_nothing_to_send(config, engine, chosen.slug, local_date, as_json=as_json)
        return
    operating.check_goes_out(edition)
    stop = stop_on_signals()
    with sending_progress() as progress:
        report = sending.deliver_edition(
            config, engine, edition, clock=now, stop=stop.is_set, progress=progress
        )
    _print_send(config, engine, edition, report, as_json=as_json)
    if not report.done or any(report.counts.get(state) for state in NOT_WELL):
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


_HELD = (DeliveryState.CLAIMED, DeliveryState.SENDING)


def _local_date(config: "Config", day: str | None, at: datetime) -> date:
    if day is None:
        return at.astimezone(config.site.timezone).date()
    return read_date(day)


def read_date(day: str) -> date:
    """What an operator gave as --date.

    Raises:
        UsageError: it is none.
    """
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise UsageError.of("--date", f"{day!r} is not a date", "write it as 2024-03-26") from error


def _check_send_date(config: "Config", engine: "Engine", slug: str, local_date: date, at: datetime) -> None:
    """A mistyped year would freeze an edition that nobody can take back.

    Raises:
        UsageError: the date is neither of this week to come nor that of an edition already frozen.
    """
    from publisher.store import editions
    from publisher.store.engine import reading

    today = _local_date(config, None, at)
    if today <= local_date <= today + timedelta(days=7):
        return
    with reading(engine) as connection:
        if editions.find_edition(connection, slug, local_date) is None:
            raise UsageError.of("--date", f"{local_date} is no day of the week to come", f"today is {today}")


def as_data(edition: "Edition", counts: object) -> dict[str, object]:
    """An edition for programs."""
    return {
        "digest": edition.digest,
        "date": edition.local_date,
        "kind": edition.kind,
        "state": edition.state,
        "reason": edition.reason,
        "stories": edition.stories,
        "subject": edition.subject,
        "deliveries": counts,
    }


def _say_nothing_to_send(
    config: "Config", engine: "Engine", slug: str, local_date: date, *, as_json: bool
) -> None:
    from publisher.pipeline.waiting import count_waiting
    from publisher.store import subscribers
    from publisher.store.engine import reading

    with reading(engine) as connection:
        waiting = count_waiting(config, connection, now=now())[slug]
        readers = subscribers.count_confirmed(connection).get(slug, 0)
    if as_json:
        print_json(
            {"digest": slug, "date": local_date, "waiting": waiting, "subscribers": readers, "sent": 0}
        )
    elif waiting:
        print_problem(
            f"{slug}: {waiting} waiting, but nobody has subscribed; publisher subscribers add ADDRESS"
        )
    else:
        console().print(f"{slug}: no new story; nothing is sent.")
    if waiting:
        raise typer.Exit(ExitCode.NOTHING_DONE)


def _print_send(
    config: "Config", engine: "Engine", edition: "Edition", report: "Report", *, as_json: bool
) -> None:
    from publisher.config import TransportKind
    from publisher.pipeline.waiting import count_waiting
    from publisher.store.engine import reading

    with reading(engine) as connection:
        waiting = count_waiting(config, connection, now=now())[edition.digest]
    if as_json:
        handled = {"handled": report.handled, "done": report.done, "waiting": waiting}
        print_json(as_data(edition, report.counts) | handled)
        return
    out = console()
    counts = ", ".join(f"{count} {state}" for state, count in sorted(report.counts.items()))
    spooled = config.delivery.transport is TransportKind.SPOOL
    where = f", written to {config.delivery.outbox}" if spooled else ""
    if report.handled:
        out.print(
            f"{edition.digest} {edition.local_date}: {report.handled} handled now{where}. In all: {counts}."
        )
    else:
        out.print(
            f"{edition.digest} {edition.local_date}: already sent; nobody gets it twice. In all: {counts}."
        )
    if any(report.counts.get(state) for state in _HELD):
        out.print(
            "What is claimed or sending is another sender's; if that one died, it is free in 15 minutes."
        )
    if report.counts.get(DeliveryState.PENDING):
        out.print("Stopped before the end: send again to go on.")
    if waiting:
        out.print(
            f"{waiting} new {'story waits' if waiting == 1 else 'stories wait'} for the next edition; "
            "to send it before its day, name that day with --date."
        )


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
