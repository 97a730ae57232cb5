"""`publisher subscribers erase`."""

import sys
from typing import Annotated

import typer

from publisher.cli.context import config_of, console, now, store_of
from publisher.errors import ExitCode, UsageError
from publisher.text.mailboxes import address_key


def erase(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget people: all that is known of them. A keyed hash stays, so that no import brings them back.

    Example: publisher subscribers erase aigul@example.kz --yes
    """
    from publisher.store.engine import scrub, writing
    from publisher.store.persons import Erased
    from publisher.store.persons import erase as erase_person
    from publisher.text.mailboxes import find_address

    config = config_of(context)
    if not yes and not _confirms(f"Erase all that is known of {', '.join(addresses)}, for ever?"):
        raise typer.Exit(ExitCode.NOTHING_DONE)
    engine = store_of(context, config)
    outcomes: dict[str, Erased] = {}
    with writing(engine) as connection:
        for text in addresses:
            address = find_address(text)
            outcomes.setdefault(address, erase_person(connection, address, now=now()))
    for address, outcome in outcomes.items():
        console().print(f"{address}: {outcome}", soft_wrap=True)
    missed = sum(outcome is Erased.UNKNOWN for outcome in outcomes.values())
    if missed < len(outcomes):
        scrub(engine, [form.encode() for address in outcomes for form in {address, address_key(address)}])
        spool = f"{config.delivery.outbox}, " if config.delivery.outbox.exists() else ""
        console().print(
            f"Not reached from here: letters in {spool}logs of mail servers, backups, lists kept elsewhere.",
            soft_wrap=True,
        )
    if missed:
        raise typer.Exit(ExitCode.NOTHING_DONE if missed == len(outcomes) else ExitCode.SOME_REFUSED)


def _confirms(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError.of("erase", "cannot be undone", "say --yes")
    return typer.confirm(question, err=True)
