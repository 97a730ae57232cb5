"""`publisher suppressions …`."""

from typing import Annotated

import typer

from publisher.cli.context import (
    JsonOption,
    config_of,
    console,
    now,
    print_json,
    print_problem,
    store_of,
)
from publisher.errors import ExitCode, RefusedError

app = typer.Typer(
    help="Addresses to which nothing is sent: bounced, complained, or by hand.\n\n"
    "Example: publisher suppressions list",
    no_args_is_help=True,
)


@app.command("list")
def list_(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """List suppressed addresses, with the reason; newest first.

    Example: publisher suppressions list --json
    """
    from rich.table import Table

    from publisher.store import suppressions
    from publisher.store.engine import reading

    config = config_of(context)
    with reading(store_of(context, config)) as connection:
        found = suppressions.list_suppressions(connection)
    if as_json:
        print_json(found)
        return
    table = Table("Address", "Reason", "Since", "Detail")
    for each in found:
        since = f"{each.suppressed_at.astimezone(config.site.timezone):%Y-%m-%d %H:%M}"
        table.add_row(each.address or "(erased)", each.reason, since, each.detail or "")
    console().print(table)


@app.command()
def add(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...")],
    *,
    reason: Annotated[str | None, typer.Option("--reason", help="Why, in your words.")] = None,
) -> None:
    """Send nothing to addresses any more, subscribers or not, whatever is imported later.

    Example: publisher suppressions add aigul@example.kz --reason "asked by telephone"
    """
    from publisher.model import SuppressionReason
    from publisher.store import suppressions
    from publisher.store.engine import writing
    from publisher.text.mailboxes import clean_name, parse_address

    failed = 0
    with writing(store_of(context, config_of(context))) as connection:
        for text in addresses:
            try:
                address = parse_address(text)
            except RefusedError as error:
                print_problem(error)
                failed += 1
                continue
            new = suppressions.suppress(
                connection,
                address,
                reason=SuppressionReason.OPERATOR,
                detail=clean_name(reason),
                now=now(),
            )
            console().print(f"{address}: {'suppressed' if new else 'was suppressed already'}")
    _exit(failed, len(addresses))


@app.command()
def remove(
    context: typer.Context, addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...")]
) -> None:
    """Let letters go to addresses again. Only bounces that come after this count.

    Subscriptions that a complaint has ended stay ended.

    Example: publisher suppressions remove aigul@example.kz
    """
    from publisher.store import suppressions
    from publisher.store.engine import writing
    from publisher.text.mailboxes import find_address

    missed = 0
    with writing(store_of(context, config_of(context))) as connection:
        for text in addresses:
            lifted = suppressions.lift(connection, find_address(text), now=now())
            missed += not lifted
            console().print(f"{text}: {'letters go there again' if lifted else 'was not suppressed'}")
    _exit(missed, len(addresses))


def _exit(failed: int, total: int) -> None:
    if failed:
        raise typer.Exit(ExitCode.NOTHING_DONE if failed == total else ExitCode.SOME_REFUSED)
