"""What every command starts from."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.errors import UsageError

if TYPE_CHECKING:
    import threading

    from rich.console import Console
    from sqlalchemy import Engine

    from publisher.config import Config

PIPE_WIDTH = 120

JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DigestArgument = Annotated[
    str | None, typer.Argument(metavar="[DIGEST]", help="The digest's slug; may be left out if there is one.")
]
DigestOption = Annotated[
    str | None, typer.Option("--digest", "-d", help="The digest's slug; may be left out if there is one.")
]
LanguageOption = Annotated[
    str | None,
    typer.Option("--language", metavar="kk|ru|en", help="Of the letter; the digest's if left out."),
]


@dataclass(frozen=True, slots=True)
class Setup:
    """Where the config file is; commands load it when they run."""

    config_path: Path

    def config(self) -> "Config":
        from publisher.config import load_config

        return load_config(self.config_path, os.environ)


def now() -> datetime:
    """The only clock the commands read."""
    return datetime.now(UTC)


def config_of(context: typer.Context) -> "Config":
    setup: Setup = context.obj
    return setup.config()


def store_of(context: typer.Context, config: "Config") -> "Engine":
    """The store, open until the command ends."""
    from publisher.store.engine import open_store

    engine: Engine = context.with_resource(open_store(config.store_url))
    return engine


def read_language(language: str | None) -> str | None:
    """What was given as --language.

    Raises:
        UsageError: letters are not written in it.
    """
    from publisher.config import LANGUAGES

    if language is not None and language not in LANGUAGES:
        raise UsageError.of("--language", f"is {language!r}", f"write one of {', '.join(LANGUAGES)}")
    return language


def console() -> "Console":
    """Standard output: as wide as the terminal; in a pipe wide enough not to break a table."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False, markup=False)


def stop_on_signals() -> "threading.Event":
    """An event that SIGINT and SIGTERM set: what is under way is finished, then the command ends."""
    import atexit
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
        # Python takes its handlers away before it ends: a second signal must not turn success into a kill.
        atexit.register(signal.signal, number, signal.SIG_IGN)
    return stop


def to_json(value: Any) -> str:
    """One JSON document. Dataclasses become objects, dates ISO 8601."""
    import msgspec

    document = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2)
    return document.decode() + "\n"


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(to_json(value))


def print_warning(text: str) -> None:
    """One line on standard error, about something that was done all the same."""
    sys.stderr.write(f"publisher: warning: {text}\n")


def print_problem(problem: object) -> None:
    """One line on standard error."""
    sys.stderr.write(f"publisher: error: {problem}\n")
