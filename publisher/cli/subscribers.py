"""`publisher subscribers …`."""

import sys
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
    read_language,
    store_of,
)
from publisher.errors import ExitCode, RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from publisher.config import Config
    from publisher.model import Subscriber
    from publisher.store.subscribers import Added

app = typer.Typer(
    help="Add, list and remove subscribers; import, export, erase.\n\nExample: publisher subscribers list",
    no_args_is_help=True,
)


@app.command()
def add(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...")],
    *,
    digest: DigestOption = None,
    name: Annotated[str | None, typer.Option("--name", help="The reader's name.")] = None,
    language: LanguageOption = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Also someone who unsubscribed, or was erased, and has asked to come back."
        ),
    ] = False,
) -> None:
    """Subscribe addresses, confirmed: you vouch that their owners asked for it.

    Example: publisher subscribers add aigul@example.kz --digest senat-daily
    """
    from publisher.pipeline.waiting import find_digest
    from publisher.store import subscribers
    from publisher.store.engine import writing
    from publisher.text.mailboxes import clean_name, parse_address

    config = config_of(context)
    slug = find_digest(config, digest).slug
    name, language = clean_name(name), read_language(language)
    refused = 0
    with writing(store_of(context, config)) as connection:
        for text in addresses:
            try:
                address = parse_address(text)
            except RefusedError as error:
                print_problem(error)
                refused += 1
                continue
            outcome = subscribers.add_subscription(
                connection,
                address,
                slug,
                name=name,
                language=language,
                origin="operator",
                now=now(),
                again=again,
            )
            hint = _hint(outcome)
            refused += bool(hint)
            console().print(f"{address}: {outcome}{hint}", soft_wrap=True)
    _exit(refused, len(addresses))


def _hint(outcome: "Added") -> str:
    """What follows from an outcome that is no success."""
    from publisher.store.subscribers import Added

    match outcome:
        case Added.LEFT | Added.ERASED:
            return "; --again if the reader asked for it"
        case Added.SUPPRESSED:
            return ": nothing is sent there; see publisher suppressions list"
        case _:
            return ""


@app.command("list")
def list_(context: typer.Context, *, digest: DigestOption = None, as_json: JsonOption = False) -> None:
    """List subscribers, the state of their subscriptions and when they consented, and pauses.

    Example: publisher subscribers list --json
    """
    from rich.table import Table

    from publisher.pipeline.waiting import find_digest
    from publisher.store import subscribers
    from publisher.store.engine import reading

    config = config_of(context)
    slug = find_digest(config, digest).slug if digest else None
    with reading(store_of(context, config)) as connection:
        found = subscribers.list_subscribers(connection, digest=slug)
    if as_json:
        print_json(found)
        return
    table = Table("Address", "Name", "Subscriptions", "Consent", "Letters")
    for subscriber in found:
        states = "\n".join(f"{name} {state}" for name, state in subscriber.subscriptions.items())
        consents = "\n".join(_day(config, subscriber.consents.get(name)) for name in subscriber.subscriptions)
        table.add_row(
            subscriber.address, subscriber.name or "", states, consents, _letters(config, subscriber)
        )
    console().print(table)


def _day(config: "Config", moment: "datetime | None") -> str:
    return f"{moment.astimezone(config.site.timezone):%Y-%m-%d}" if moment else ""


def _letters(config: "Config", subscriber: "Subscriber") -> str:
    if subscriber.suppressed_at:
        return "suppressed: nothing is sent"
    until = subscriber.paused_until
    if until and until > now():
        return f"paused until {_day(config, until)}"
    return subscriber.language or ""


@app.command()
def remove(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...")],
    *,
    digest: DigestOption = None,
) -> None:
    """Unsubscribe addresses, from one digest or from all. The refusal is remembered.

    Example: publisher subscribers remove aigul@example.kz
    """
    from publisher.pipeline.waiting import find_digest
    from publisher.store import subscribers
    from publisher.store.engine import writing
    from publisher.text.mailboxes import find_address

    config = config_of(context)
    slug = find_digest(config, digest).slug if digest else None
    missed = 0
    with writing(store_of(context, config)) as connection:
        for address in addresses:
            ended = subscribers.unsubscribe(connection, find_address(address), slug, now=now())
            missed += not ended
            console().print(f"{address}: {'unsubscribed' if ended else 'was not subscribed'}")
    _exit(missed, len(addresses))


def _exit(failed: int, total: int) -> None:
    sys.stdout.flush()
    if failed:
        raise typer.Exit(ExitCode.NOTHING_DONE if failed == total else ExitCode.SOME_REFUSED)
