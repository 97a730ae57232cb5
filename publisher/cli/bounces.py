"""`publisher bounces …`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    store_of,
)
from publisher.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.headerregistry import Address

    from publisher.pipeline.bouncing import Reports, Taken
    from publisher.pipeline.mailboxes import Report

app = typer.Typer(
    help="What came back: reports of mail servers, complaints of readers.\n\nExample: publisher bounces list",
    no_args_is_help=True,
)


@app.command()
def read(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="MAILDIR|FILE|-", help="A Maildir, a message, an mbox, or standard input."),
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """Put the bounces and complaints in a mailbox on the books. What was read before counts once.

    In a Maildir, what is done moves from new/ to cur/ and is marked as seen; what cannot be read stays.
    Exit code 1: something could not be read, 3: nothing could.

    Example: publisher bounces read ~/Maildir
    """
    from publisher.pipeline.bouncing import Reports
    from publisher.pipeline.mailboxes import mark_seen

    config = config_of(context)
    reports = Reports(config, store_of(context, config))
    done: list[tuple[str, Taken]] = []
    for report in _find(source):
        taken = reports.take(report.data, now=now())
        done.append((report.name, taken))
        _warn(report.name, taken)
        if report.path and not taken.unread:
            mark_seen(report.path)
    counts = _count([taken for _, taken in done])
    if as_json:
        print_json({"counts": counts, "reports": [{"name": name, "taken": taken} for name, taken in done]})
    else:
        for _, taken in done:
            _print(taken)
        console().print(", ".join(f"{count} {what}" for what, count in counts.items()))
    if counts["unread"]:
        raise typer.Exit(ExitCode.NOTHING_DONE if counts["unread"] == len(done) else ExitCode.SOME_REFUSED)


def _find(source: str) -> "Iterator[Report]":
    from publisher.pipeline.mailboxes import find_reports, split_reports

    if source == "-":
        return split_reports(sys.stdin.buffer, "standard input")
    return find_reports(Path(source).expanduser())


@app.command()
def serve(
    context: typer.Context,
    *,
    host: Annotated[str, typer.Option("--host", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65_535)] = 8024,
) -> None:
    """Take reports from the mail server as they come (LMTP), until stopped (Ctrl-C or SIGTERM).

    A report is acknowledged when it is on the books. Needs `delivery.bounces` in config.toml.

    Example: publisher bounces serve --port 8024
    """
    from publisher.delivery.lmtp import serve_lmtp
    from publisher.delivery.reports import MAX_BYTES
    from publisher.pipeline.bouncing import Reports

    config = config_of(context)
    mailbox = config.delivery.bounces
    if mailbox is None:
        raise ConfigError.of("delivery.bounces", "is not set", 'write the mailbox: "bounces@example.kz"')
    desk = _Desk(Reports(config, store_of(context, config)), mailbox)
    stop = stop_on_signals()

    def started(port: int) -> None:
        sys.stdout.write(f"{host}:{port} takes mail to {mailbox}\n")
        sys.stdout.flush()

    serve_lmtp(desk, host=host, port=port, max_bytes=MAX_BYTES, stop=stop, started=started)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Takes what the mail server hands over, and says so."""

    reports: "Reports"
    mailbox: "Address"

    def accepts(self, recipient: str) -> bool:
        from publisher.delivery.verp import is_of_mailbox

        return is_of_mailbox(recipient, self.mailbox)

    def take(self, data: bytes, recipients: Sequence[str]) -> str | None:
        taken = self.reports.take(data, recipients=recipients, now=now())
        _warn(recipients[0], taken)
        _print(taken)
        sys.stdout.flush()
        return taken.unread


@app.command("list")
def list_(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """List what came back, newest first.

    Example: publisher bounces list --json
    """
    from rich.table import Table

    from publisher.store import bounces
    from publisher.store.engine import reading

    config = config_of(context)
    with reading(store_of(context, config)) as connection:
        found = bounces.list_bounces(connection, limit=limit)
    if as_json:
        print_json(found)
        return
    table = Table("Address", "Kind", "Edition", "Received", "Said")
    for each in found:
        edition = f"{each.digest}/{each.local_date}" if each.digest else ""
        received = f"{each.received_at.astimezone(config.site.timezone):%Y-%m-%d %H:%M}"
        table.add_row(each.address or "", each.kind, edition, received, each.diagnosis)
    console().print(table)


def _warn(name: str, taken: "Taken") -> None:
    """What somebody should know of a report, beside what it said."""
    if taken.unread:
        print_problem(f"{name}: {taken.unread}; look at it")
    if taken.forged:
        print_warning(f"{name}: ignored, {taken.forged}")
    for stranger in taken.strangers:
        print_warning(f"{name}: is about nobody here ({stranger})")


def _print(taken: "Taken") -> None:
    for each in taken.recorded:
        what = (
            f"{each.kind}{', suppressed' if each.suppressed else ''}{'' if each.new else ', known already'}"
        )
        console().print(f"{each.address}: {what}: {each.diagnosis}", soft_wrap=True)
    if taken.ignored:
        console().print(f"ignored: {taken.ignored}", soft_wrap=True)


def _count(taken: "Sequence[Taken]") -> dict[str, int]:
    recorded = [each for one in taken for each in one.recorded]
    new = [each for each in recorded if each.new]
    return {
        "reports": len(taken),
        "hard": sum(each.kind == "hard" for each in new),
        "soft": sum(each.kind == "soft" for each in new),
        "complaint": sum(each.kind == "complaint" for each in new),
        "suppressed": sum(each.suppressed for each in new),
        "known already": len(recorded) - len(new),
        "ignored": sum(one.ignored is not None for one in taken),
        "forged": sum(one.forged is not None for one in taken),
        "of nobody here": sum(len(one.strangers) for one in taken),
        "unread": sum(one.unread is not None for one in taken),
    }
