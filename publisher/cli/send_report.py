"""What `publisher digest send` says when it is over."""

from datetime import date
from typing import TYPE_CHECKING

import typer

from publisher.cli.context import console, now, print_json, print_problem
from publisher.cli.edition_view import as_data
from publisher.errors import ExitCode
from publisher.model import DeliveryState

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from publisher.config import Config
    from publisher.delivery import Report
    from publisher.model import Edition
    from publisher.pipeline.trial import Trial

_HELD = (DeliveryState.CLAIMED, DeliveryState.SENDING)


def say_nothing_to_send(
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


def print_send(
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


def print_held(engine: "Engine", edition: "Edition", *, as_json: bool) -> None:
    """Something is wrong with the letter, and nobody gets it."""
    from publisher.store.deliveries import count_deliveries
    from publisher.store.engine import reading

    with reading(engine) as connection:
        counts = count_deliveries(connection, [edition.id]).get(edition.id, {})
    for line in (edition.reason or "").splitlines():
        print_problem(line)
    if as_json:
        print_json(as_data(edition, counts) | {"handled": 0, "done": False})
        return
    which = f"{edition.digest} --date {edition.local_date}"
    console().print(
        f"{edition.digest} {edition.local_date}: held; nobody gets it.",
        f"To mend it: publisher digest cancel {which}; then send again.",
        f"To send it as it is: publisher digest resume {which}.",
        sep="\n",
    )


def print_trial(trial: "Trial", address: str, *, as_json: bool) -> None:
    """What became of a test letter, and what is wrong with it."""
    if as_json:
        print_json({"to": address} | {name: getattr(trial, name) for name in trial.__slots__})
    else:
        console().print(f"{address}: {trial.state} ({trial.reply}): {trial.subject}", soft_wrap=True)
    for problem in trial.problems:
        print_problem(problem)
