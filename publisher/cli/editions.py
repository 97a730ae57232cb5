"""`publisher digest show | hold | resume | cancel`: what an operator does with an edition."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.context import (
    DigestArgument,
    JsonOption,
    config_of,
    console,
    now,
    print_json,
    store_of,
)
from publisher.cli.digest import read_date
from publisher.cli.edition_view import as_data, counts_in_words, edition_as_data, print_edition
from publisher.errors import ExitCode, UsageError
from publisher.model import DeliveryState, EditionKind, EditionState

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from publisher.config import Config
    from publisher.model import Edition
    from publisher.pipeline.operating import Canceled

_SHOWN = 20

DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="YYYY-MM-DD", help="The edition's date; the newest if left out."),
]
CorrectionOption = Annotated[
    str | None,
    typer.Option("--correction", metavar="STORY", help="Instead, the newest correction of this story."),
]
ReasonOption = Annotated[str | None, typer.Option("--reason", help="Why, for whoever asks later.")]


def show(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    day: DateOption = None,
    correction: CorrectionOption = None,
    state: Annotated[
        DeliveryState | None, typer.Option("--state", help="List every letter in this state.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show one edition: what it told, what became of its letters, whether the books close.

    Exits with 1 when there is something to look at.

    Example: publisher digest show senat-daily --state unknown
    """
    from publisher.pipeline import operating
    from publisher.store.engine import reading

    config = config_of(context)
    chosen = read_date(day) if day else None
    with reading(store_of(context, config)) as connection:
        edition = operating.find_edition(config, connection, digest, day=chosen, corrects=correction)
        states = operating.NEEDS_A_LOOK if state is None else (state,)
        limit = _SHOWN if state is None and not as_json else None
        found = operating.inspect_edition(connection, edition, states, limit=limit)
    if as_json:
        print_json(edition_as_data(found))
    else:
        print_edition(found, config.site.timezone)
    if edition.state is EditionState.HELD or found.counts.keys() & set(operating.NEEDS_A_LOOK):
        raise typer.Exit(ExitCode.SOME_REFUSED)


def hold(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    reason: ReasonOption = None,
    day: DateOption = None,
    correction: CorrectionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Stop an edition: nobody gets it before `resume`. What is being sent at this moment still arrives.

    Example: publisher digest hold senat-daily --reason "wrong headline"
    """
    from publisher.pipeline import operating

    _, engine, edition = find_edition(context, digest, day, correction)
    held = operating.hold_edition(engine, edition, reason=reason or "by hand")
    if as_json:
        print_json(as_data(held.edition, held.counts))
        return
    out = console()
    out.print(f"{operating.name_of(edition)}: held, {counts_in_words(held.counts)}.")
    if held.counts.get(DeliveryState.SENDING):
        out.print(f"{held.counts[DeliveryState.SENDING]} under way could not be stopped.")


def resume(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    day: DateOption = None,
    correction: CorrectionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a held edition go on, whoever held it. `run` sends the rest of it, or `digest send`.

    Example: publisher digest resume senat-daily
    """
    from publisher.pipeline import operating

    _, engine, edition = find_edition(context, digest, day, correction)
    resumed = operating.resume_edition(engine, edition)
    if as_json:
        print_json(as_data(resumed.edition, resumed.counts) | {"reason": edition.reason})
        return
    out = console()
    out.print(f"{operating.name_of(edition)}: goes on, {counts_in_words(resumed.counts)}.")
    out.print(f"It was held: {edition.reason}", soft_wrap=True)


def cancel(
    context: typer.Context,
    digest: DigestArgument = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    reason: ReasonOption = None,
    day: DateOption = None,
    correction: CorrectionOption = None,
    as_json: JsonOption = False,
) -> None:
    """End an edition: whoever has not got it will not get it.

    If nobody has it, its stories wait for the next edition, and `digest send` may make another one for the
    same date; else they count as told.

    Example: publisher digest cancel senat-daily --yes
    """
    from publisher.pipeline import operating

    config, engine, edition = find_edition(context, digest, day, correction)
    name = operating.name_of(edition)
    if not yes and not _confirms(f"Cancel {name} ({edition.state})?"):
        raise typer.Exit(ExitCode.NOTHING_DONE)
    canceled = operating.cancel_edition(config, engine, edition, reason=reason, now=now())
    left = canceled.left
    if as_json:
        print_json(as_data(left.edition, left.counts) | {"nobody_has_it": canceled.nobody_has_it})
    else:
        out = console()
        out.print(f"{name}: canceled, {counts_in_words(left.counts)}.")
        out.print(_consequence(canceled))
        if left.open:
            out.print(f"{left.open} are another sender's; what it has not begun to send ends there.")
    if left.open or left.counts.get(DeliveryState.UNKNOWN):
        raise typer.Exit(ExitCode.SOME_REFUSED)


def _consequence(canceled: "Canceled") -> str:
    if not canceled.nobody_has_it:
        return "Somebody has it, or may have it: what it told counts as told."
    if canceled.left.edition.kind is EditionKind.CORRECTION:
        return "Nobody has it: the story may be corrected anew."
    return "Nobody has it: its stories wait for the next edition."


def _confirms(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError.of("cancel", "cannot be undone", "say --yes")
    return typer.confirm(question, err=True)


def find_edition(
    context: typer.Context, digest: str | None, day: str | None, correction: str | None
) -> "tuple[Config, Engine, Edition]":
    from publisher.pipeline import operating
    from publisher.store.engine import reading

    config = config_of(context)
    engine = store_of(context, config)
    chosen = read_date(day) if day else None
    with reading(engine) as connection:
        return (
            config,
            engine,
            operating.find_edition(config, connection, digest, day=chosen, corrects=correction),
        )
