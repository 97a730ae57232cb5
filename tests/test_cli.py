"""The command line: help, exit codes, and output for programs."""

from collections.abc import Iterator
from typing import Any

import pytest
import typer.main
from conftest import Newsroom, Ran, make_newsroom, story
from typer.core import TyperGroup
from typer.testing import CliRunner

from publisher import __version__
from publisher.cli.app import app

HEAVY = {"sqlalchemy", "feedgen", "lxml", "jinja2", "premailer", "apscheduler", "alembic", "babel"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """The seed, a held story and a refused file, published once for the tests that only look."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("cli") / "newsroom")
    newsroom.drop("later.txt", story("Болашақтағы жиын", date="26 Наурыз, 2100"))
    newsroom.drop("empty.txt", "")
    assert newsroom.run("publish").exit_code == 1
    return newsroom


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, TyperGroup):
        for name, child in command.commands.items():
            yield from _commands(child, (*path, name))


COMMANDS = list(_commands(typer.main.get_command(app)))


def test_the_walk_finds_the_commands() -> None:
    assert len(COMMANDS) > 10
    assert {("publish",), ("digest", "send"), ("subscribers", "import"), ("config", "check")} <= set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(("publisher", *path)))
def test_every_help_has_an_example(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*path, "--help"])
    assert result.exit_code == 0
    assert "Example: publisher " in result.output


def test_the_version_is_shown() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"publisher {__version__}\n")


def test_help_answers_without_loading_the_heavy_libraries(newsroom: Newsroom) -> None:
    ran = newsroom.run("--help", PYTHONPROFILEIMPORTTIME="1")
    assert ran.exit_code == 0
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in ran.err.splitlines()}
    assert {"publisher", "typer"} <= loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch"], "nosuch"),
        (["digest", "preview", "nosuch"], "senat-daily"),
        (["digest", "send", "--date", "nonsense"], "nonsense"),
        (["subscribers", "add", "aigul@example.kz", "--digest", "nosuch"], "senat-daily"),
        (["subscribers", "import", "nosuch.csv"], "nosuch.csv"),
        (["--config", "nosuch.toml", "status"], "nosuch.toml"),
    ],
    ids=" ".join,
)
def test_a_command_that_cannot_be_meant_exits_with_2(
    published: Newsroom, arguments: list[str], said: str
) -> None:
    ran = published.run(*arguments)
    assert ran.exit_code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_what_programs_read_is_json(published: Newsroom) -> None:
    def data(*arguments: str) -> Any:
        ran: Ran = published.run(*arguments, "--json")
        assert (ran.exit_code, ran.err) == (0, "")
        return ran.data

    assert data("digest", "list") == []
    assert data("config", "check") == {"file": "config.toml", "problems": []}
    status = data("status")
    assert (status["stories"], status["held"]) == (1, 1)
    assert [problem["where"] for problem in status["refused"]] == ["empty.txt"]
    (digest,) = status["digests"]
    assert (digest["slug"], digest["subscribers"], digest["waiting"]) == ("senat-daily", 0, 1)


def test_a_digest_without_subscribers_is_not_sent_and_says_so(published: Newsroom) -> None:
    ran = published.run("digest", "send")
    assert ran.exit_code == 3
    (line,) = ran.err.splitlines()
    assert "nobody has subscribed" in line
    assert "publisher subscribers add" in line
    assert not (published.root / "outbox").exists()


def test_a_digest_without_stories_is_no_failure(newsroom: Newsroom) -> None:
    ran = newsroom.run("digest", "send")
    assert (ran.exit_code, ran.err) == (0, "")
    assert "nothing is sent" in ran.out
    assert not (newsroom.root / "outbox").exists()
