"""The command line: help, exit codes, subscribers, and output for programs."""

from collections.abc import Iterator
from dataclasses import dataclass
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


Listed = dict[str, tuple[str | None, str]]


def subscribers(newsroom: Newsroom) -> Listed:
    """Address to name and state."""
    listed = newsroom.run("subscribers", "list", "--json").data
    found = {item["address"]: (item["name"], item["subscriptions"]["senat-daily"]) for item in listed}
    assert len(found) == len(listed)
    return found


def test_an_address_is_normalised_and_stands_once_in_any_case(newsroom: Newsroom) -> None:
    ran = newsroom.run("subscribers", "add", " Aigul@EXAMPLE.kz ", "aigul@example.KZ", "AIGUL@example.kz")
    assert ran.exit_code == 0
    assert [line.partition(": ")[2] for line in ran.out.splitlines()] == [
        "added",
        "already subscribed",
        "already subscribed",
    ]
    assert subscribers(newsroom) == {"Aigul@example.kz": (None, "confirmed")}


def test_addresses_that_are_none_are_refused_alone(newsroom: Newsroom) -> None:
    none = newsroom.run("subscribers", "add", "nonsense", "a@b@c")
    assert none.exit_code == 3
    assert len(none.err.splitlines()) == 2
    some = newsroom.run("subscribers", "add", "nonsense", "dana@example.kz")
    assert some.exit_code == 1
    (line,) = some.err.splitlines()
    assert line.startswith("publisher: error: «nonsense» is not an address")
    assert subscribers(newsroom).keys() == {"dana@example.kz"}


def test_who_unsubscribed_is_not_added_again_unawares(newsroom: Newsroom) -> None:
    # The second one's domain is written as mail servers write қазақстан.қаз.
    addresses = ["aigul@example.kz", "dana@xn--80aaa0a6awh12ed.xn--80ao21a"]
    shouted = [address.upper() for address in addresses]
    (newsroom.root / "readers.csv").write_text("\n".join(("address", *shouted)))
    assert newsroom.run("subscribers", "add", *addresses).exit_code == 0
    removed = newsroom.run("subscribers", "remove", *shouted)
    imported = newsroom.run("subscribers", "import", "readers.csv", "--json")
    added = newsroom.run("subscribers", "add", *addresses)
    listed = subscribers(newsroom)
    again = newsroom.run("subscribers", "add", *addresses, "--again")
    assert removed.exit_code == 0, removed.out
    assert imported.data == {
        "added": 0,
        "already subscribed": 0,
        "unsubscribed earlier": 2,
        "suppressed": 0,
        "refused": 0,
    }
    assert added.out.count("unsubscribed earlier") == added.out.count("--again") == 2
    assert {state for _, state in listed.values()} == {"unsubscribed"}
    assert [line.partition(": ")[2] for line in again.out.splitlines()] == ["added", "added"]


def test_removing_somebody_unknown_says_so(published: Newsroom) -> None:
    ran = published.run("subscribers", "remove", "nobody@example.kz")
    assert ran.exit_code == 3
    assert "was not subscribed" in ran.out


@dataclass(frozen=True)
class Import:
    """A file of readers, and the names it gives to Aigul and Dana."""

    data: str
    names: tuple[str | None, str | None]


IMPORTS = {
    "email and name": Import(
        'email,name\naigul@1.kz,Айгүл\ndana@1.kz,"Дана, редактор"\n', ("Айгүл", "Дана, редактор")
    ),
    "name before address": Import(
        'Name,Address,City\nАйгүл,aigul@2.kz,Алматы\n"Дана, редактор",dana@2.kz,\n',
        ("Айгүл", "Дана, редактор"),
    ),
    "byte-order mark": Import("\ufeffaddress,name\r\naigul@3.kz,Айгүл\r\ndana@3.kz,\r\n", ("Айгүл", None)),
    "one address a line": Import("\ufeffaigul@4.kz\n\ndana@4.kz", (None, None)),
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Ran], Listed]:
    """What every import said, and who is subscribed after them all."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("imports") / "newsroom")
    said = {}
    for name, case in IMPORTS.items():
        (newsroom.root / "readers.csv").write_bytes(case.data.encode())
        said[name] = newsroom.run("subscribers", "import", "readers.csv", "--json")
    return said, subscribers(newsroom)


@pytest.mark.parametrize("name", IMPORTS)
def test_readers_are_imported(imported: tuple[dict[str, Ran], Listed], name: str) -> None:
    said, listed = imported
    assert (said[name].exit_code, said[name].err) == (0, "")
    assert said[name].data == {
        "added": 2,
        "already subscribed": 0,
        "unsubscribed earlier": 0,
        "suppressed": 0,
        "refused": 0,
    }
    domain = f"{list(IMPORTS).index(name) + 1}.kz"
    aigul, dana = IMPORTS[name].names
    assert listed[f"aigul@{domain}"] == (aigul, "confirmed")
    assert listed[f"dana@{domain}"] == (dana, "confirmed")


def test_an_import_names_the_lines_it_refuses(newsroom: Newsroom) -> None:
    (newsroom.root / "readers.csv").write_text(
        "address,name\naigul@example.kz,\nnonsense,\nAigul@example.kz,\n"
    )
    ran = newsroom.run("subscribers", "import", "readers.csv", "--json")
    assert ran.exit_code == 1
    assert ran.data == {
        "added": 1,
        "already subscribed": 1,
        "unsubscribed earlier": 0,
        "suppressed": 0,
        "refused": 1,
    }
    (line,) = ran.err.splitlines()
    assert line.startswith("publisher: error: readers.csv:3: «nonsense» is not an address")


def test_an_import_without_a_column_of_addresses_is_one_error(published: Newsroom) -> None:
    (published.root / "readers.csv").write_text("phone,name\n+77010000000,Айгүл\n")
    ran = published.run("subscribers", "import", "readers.csv")
    assert ran.exit_code == 3
    (line,) = ran.err.splitlines()
    assert line.startswith("publisher: error: readers.csv: ")
    assert "address" in line


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


def test_an_import_reads_what_excel_writes(newsroom: Newsroom) -> None:
    path = newsroom.root / "readers.csv"
    path.write_bytes("address;name\raigul@example.kz;Айгүл\r".encode())
    assert newsroom.run("subscribers", "import", "readers.csv", "--json").data["added"] == 1
    path.write_text("address\n" + "a" * 200_000)
    ran = newsroom.run("subscribers", "import", "readers.csv")
    assert ran.exit_code == 3
    assert "Traceback" not in ran.err
