"""`publisher subscribers …`."""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.context import (
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
from publisher.errors import ExitCode, PublisherError, RefusedError, UsageError

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Iterator

app = typer.Typer(
    help="Add, list, remove and import subscribers.\n\nExample: publisher subscribers list",
    no_args_is_help=True,
)

DigestOption = Annotated[
    str | None, typer.Option("--digest", "-d", help="The digest's slug; may be left out if there is one.")
]


@app.command()
def add(
    context: typer.Context,
    addresses: Annotated[list[str], typer.Argument(metavar="ADDRESS...")],
    *,
    digest: DigestOption = None,
    name: Annotated[str | None, typer.Option("--name", help="The reader's name.")] = None,
    language: LanguageOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also someone who unsubscribed and has asked you to come back.")
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
            hint = {
                subscribers.Added.LEFT: "; --again if the reader asked for it",
                subscribers.Added.SUPPRESSED: ": nothing is sent there; see publisher suppressions list",
            }.get(outcome, "")
            refused += bool(hint)
            console().print(f"{address}: {outcome}{hint}", soft_wrap=True)
    _exit(refused, len(addresses))


@app.command("list")
def list_(context: typer.Context, *, digest: DigestOption = None, as_json: JsonOption = False) -> None:
    """List subscribers and the state of their subscriptions.

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
    table = Table("Address", "Name", "Subscriptions")
    for subscriber in found:
        states = ", ".join(f"{name} {state}" for name, state in subscriber.subscriptions.items())
        if subscriber.suppressed_at:
            states += " (suppressed: nothing is sent)"
        table.add_row(subscriber.address, subscriber.name or "", states)
    console().print(table)


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


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns address (or email) and name, or one address a line.")
    ],
    *,
    digest: DigestOption = None,
    as_json: JsonOption = False,
) -> None:
    """Subscribe everyone in a file. Who unsubscribed earlier, or is suppressed, stays so.

    Example: publisher subscribers import readers.csv --digest senat-daily
    """
    from publisher.pipeline.waiting import find_digest
    from publisher.store import subscribers
    from publisher.store.engine import writing
    from publisher.text.mailboxes import clean_name, parse_address

    config = config_of(context)
    slug = find_digest(config, digest).slug
    counts = dict.fromkeys((*subscribers.Added, "refused"), 0)
    rows = list(_rows(file))
    with writing(store_of(context, config)) as connection:
        for line, text, name in rows:
            try:
                address = parse_address(text)
            except RefusedError as error:
                print_problem(error.at(f"{file}:{line}"))
                counts["refused"] += 1
                continue
            origin = f"import of {file.name}"
            outcome = subscribers.add_subscription(
                connection, address, slug, name=clean_name(name), origin=origin, now=now()
            )
            counts[outcome] += 1
    if as_json:
        print_json(counts)
    else:
        console().print(", ".join(f"{count} {what}" for what, count in counts.items()))
    _exit(counts["refused"], len(rows))


def _rows(file: Path) -> "Iterator[tuple[int, str, str]]":
    """Line number, address and name of each row.

    Raises:
        PublisherError: the file cannot be read, or has columns but none for the address.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError.of(file, f"cannot be read ({error.strerror})", "check the path") from error
    except UnicodeDecodeError as error:
        raise PublisherError.of(file, "is not UTF-8", "save it as CSV UTF-8") from error
    try:
        yield from _cells(file, csv.reader(io.StringIO(text, newline=None), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise PublisherError.of(file, f"is not CSV ({error})", "save it as CSV UTF-8") from error


def _delimiter(text: str) -> str:
    """Excel writes what the country uses: a semicolon in Kazakhstan and Russia."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _cells(file: Path, reader: "Reader") -> "Iterator[tuple[int, str, str]]":
    address, name = 0, None
    for number, row in enumerate(reader):
        columns = [cell.strip().casefold() for cell in row]
        if number == 0 and not any("@" in cell for cell in row):
            known = [column for column in columns if column in {"address", "email", "e-mail"}]
            if not known:
                raise PublisherError.of(file, "the first line names no column «address» or «email»", "add it")
            address = columns.index(known[0])
            name = columns.index("name") if "name" in columns else None
        elif any(columns):
            cells = dict(enumerate(row))
            yield reader.line_num, cells.get(address, ""), cells.get(name, "") if name is not None else ""


def _exit(failed: int, total: int) -> None:
    sys.stdout.flush()
    if failed:
        raise typer.Exit(ExitCode.NOTHING_DONE if failed == total else ExitCode.SOME_REFUSED)
