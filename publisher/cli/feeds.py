"""`publisher feeds …`."""

import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.context import JsonOption, config_of, console, now, print_json, print_problem
from publisher.errors import ExitCode, Problem, PublisherError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publisher.feeds.lint import Finding

app = typer.Typer(help="Look after feeds.\n\nExample: publisher feeds check", no_args_is_help=True)

_STDIN = "-"
_SHOWN = 3
"""Findings of one rule that are printed of a feed: a fault of its template is in every entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What --json prints of each feed."""

    feed: str
    """The file or address, as it was named."""
    problem: Problem | None = None
    """Why it could not be read at all."""
    findings: "tuple[Finding, ...]" = ()


@app.command()
def check(
    context: typer.Context,
    feeds: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE|URL]…", help="Any feed on earth; - is standard input. Else our own."),
    ] = None,
    *,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what readers would complain about: of the site's own feeds, or of any RSS, Atom or JSON Feed.

    Exit code 0: nothing worse than warnings; 1: errors; 3: nothing could be read.

    Example: publisher feeds check https://example.com/feed.xml
    """
    checked = [_check(feed) for feed in feeds or _own_feeds(context)]
    if as_json:
        print_json(checked)
    else:
        for one in checked:
            _print(one)
    problems = [one.problem for one in checked if one.problem]
    for problem in problems:
        print_problem(problem)
    if len(problems) == len(checked):
        raise typer.Exit(ExitCode.NOTHING_DONE)
    if problems or any(_is_bad(finding, strict=strict) for one in checked for finding in one.findings):
        raise typer.Exit(ExitCode.SOME_REFUSED)


def _own_feeds(context: typer.Context) -> list[str]:
    """Every feed of the output folder.

    Raises:
        PublisherError: there is none.
    """
    from publisher.addresses import FeedFormat

    output = config_of(context).feeds.output
    names = {format_.filename for format_ in FeedFormat}
    found = sorted(path for path in output.rglob("*") if path.name in names)
    if not found:
        raise PublisherError.of(output, "holds no feed", "publish first: publisher publish")
    return [os.path.relpath(path) for path in found]


def _check(feed: str) -> Checked:
    from publisher.feeds.lint import lint_feed

    shown = os.fsencode(feed).decode(errors="backslashreplace")
    try:
        data, urls = _read(feed)
    except PublisherError as error:
        return Checked(feed=shown, problem=error.problems[0])
    except OSError as error:
        hint = "name a file, an address with http:// or https://, or - for standard input"
        cause = f"cannot be read ({error.strerror})"
        return Checked(feed=shown, problem=Problem(where=shown, cause=cause, hint=hint))
    return Checked(feed=shown, findings=tuple(lint_feed(data, now=now(), urls=urls)))


def _read(feed: str) -> tuple[bytes, tuple[str, ...]]:
    """The bytes, and the addresses they came from; one byte more than a feed may have is enough.

    Raises:
        NetworkError: the address gives nothing.
        OSError: the file cannot be read.
    """
    from publisher.fetch import MAX_BYTES, fetch

    if "://" in feed:
        fetched = fetch(feed)
        return fetched.data, (feed, fetched.url)
    if feed == _STDIN:
        return sys.stdin.buffer.read(MAX_BYTES + 1), ()
    with Path(feed).open("rb") as file:
        return file.read(MAX_BYTES + 1), ()


def _is_bad(finding: "Finding", *, strict: bool) -> bool:
    from publisher.feeds.lint import Level

    return strict or finding.level is Level.ERROR


def _print(checked: Checked) -> None:
    if checked.problem:
        return
    out = console()
    counts = Counter(finding.level.value for finding in checked.findings)
    summary = ", ".join(f"{count} {level}{'s' * (count > 1)}" for level, count in sorted(counts.items()))
    out.print(f"{checked.feed}: {summary or 'good'}", soft_wrap=True)
    for line in _lines(checked.findings):
        out.print(f"  {line}", soft_wrap=True)


def _lines(findings: "tuple[Finding, ...]") -> "Iterator[str]":
    """Each rule's first findings, and how many more there are."""
    totals = Counter(finding.rule for finding in findings)
    printed: Counter[str] = Counter()
    for finding in findings:
        printed[finding.rule] += 1
        if printed[finding.rule] <= _SHOWN:
            yield str(finding.at(f"{finding.level}: {finding.rule}"))
        elif printed[finding.rule] == totals[finding.rule]:
            yield f"{finding.level}: {finding.rule}: {totals[finding.rule] - _SHOWN} more; --json names all"
