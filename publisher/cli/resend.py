"""`publisher digest resend-unknown | correct`: letters to readers who have one already, or may have."""

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
from publisher.cli.digest import NOT_WELL, read_date, sending_progress
from publisher.cli.edition_view import as_data, counts_in_words
from publisher.cli.editions import CorrectionOption, DateOption, find_edition
from publisher.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from publisher.config import Config
    from publisher.delivery import Report
    from publisher.model import Edition

LaterOption = Annotated[bool, typer.Option("--later", help="Leave the sending to `publisher run`.")]


def resend_unknown(
    context: typer.Context,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="The digest's slug.")],
    addresses: Annotated[list[str] | None, typer.Argument(metavar="[ADDRESS]...")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="All of the edition that are unknown.")] = False,
    later: LaterOption = False,
    day: DateOption = None,
    correction: CorrectionOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send letters again that may have arrived, with the same Message-ID, so that many programs show one.

    Example: publisher digest resend-unknown senat-daily aigul@example.kz
    """
    from publisher.pipeline import operating

    if bool(addresses) == everybody:
        raise UsageError.of("resend-unknown", "to whom?", "name addresses, or say --all")
    config, engine, edition = find_edition(context, digest, day, correction)
    found, missing = operating.retry_unknown(config, engine, edition, addresses=addresses or None, now=now())
    name = operating.name_of(edition)
    for address in [] if as_json else found:
        console().print(f"{address}: {'waits' if later else 'tried again'}", soft_wrap=True)
    report = _deliver(config, engine, edition) if found and not later else None
    if as_json:
        print_json({"again": found, "missing": missing, "deliveries": report and report.counts})
    elif found:
        _print_report(name, report)
    for address in missing or ([] if found else [name]):
        print_problem(f"{address}: nothing is unknown; publisher digest show lists what is")
    _exit(report, some=bool(found), all_=not missing)


def correct(
    context: typer.Context,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="The digest's slug.")],
    story: Annotated[
        str,
        typer.Argument(metavar="STORY", help="As `articles show` takes it: an id, a slug, a file's path."),
    ],
    *,
    note: Annotated[
        str | None, typer.Option("--note", help="What was wrong, instead of the note in the story's file.")
    ] = None,
    later: LaterOption = False,
    day: Annotated[
        str | None, typer.Option("--date", metavar="YYYY-MM-DD", help="Only if that edition told it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Mail a correction of a story to exactly those who got it: its letter is sent, or nobody knows.

    A revision of a story is corrected once: the command may be repeated, or interrupted. It goes on, and adds
    those who have got the story since.

    Example: publisher digest correct senat-daily 5c9351a6
    """
    from publisher.pipeline import correcting, operating

    config = config_of(context)
    engine = store_of(context, config)
    chosen = read_date(day) if day else None
    corrected = correcting.correct_story(config, engine, digest, story, day=chosen, note=note, now=now())
    if not corrected.says_note:
        print_warning("this revision is being corrected already, in other words: --note changes nothing")
    edition = corrected.edition
    report = _deliver(config, engine, edition) if not later else None
    if as_json:
        more = {"told": corrected.told.local_date, "added": corrected.added, "coming": corrected.coming}
        print_json(as_data(edition, report and report.counts) | more)
    else:
        console().print(
            f"{edition.subject}: to {corrected.added} who got it on {corrected.told.local_date}.",
            soft_wrap=True,
        )
        _print_report(operating.name_of(edition), report)
    if corrected.coming:
        print_warning(f"{corrected.coming} may still get the story as it was: correct again when they have")
    _exit(report, some=True, all_=not corrected.coming)


def _deliver(config: "Config", engine: "Engine", edition: "Edition") -> "Report":
    from publisher.pipeline import sending

    stop = stop_on_signals()
    with sending_progress() as progress:
        return sending.deliver_edition(
            config, engine, edition, clock=now, stop=stop.is_set, progress=progress
        )


def _print_report(name: str, report: "Report | None") -> None:
    if report is None:
        console().print(f"{name}: publisher run sends it.")
    else:
        console().print(f"{name}: {report.handled} handled now. In all: {counts_in_words(report.counts)}.")


def _exit(report: "Report | None", *, some: bool, all_: bool) -> None:
    """End with 3 when nothing was done, with 1 when something is left to look at."""
    if not some:
        raise typer.Exit(ExitCode.NOTHING_DONE)
    if not all_ or (report and (not report.done or report.counts.keys() & set(NOT_WELL))):
        raise typer.Exit(ExitCode.SOME_REFUSED)
