"""`publisher feeds check`, on our feeds and on those of others, from disk and from the web."""

import gzip
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import Newsroom, make_newsroom
from feeds_of_others import ATOM, GOOD, JSON, RSS
from web_server import Answer, Asked, web_server

from publisher import __version__, fetch
from publisher.errors import NetworkError

BROKEN = RSS.replace("25 Mar 2024", "25 марта").replace("<language>en</language>", "")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    newsroom = make_newsroom(tmp_path_factory.mktemp("check") / "newsroom")
    assert newsroom.run("publish").exit_code == 0
    return newsroom


def test_our_own_feeds_are_all_looked_at_and_good(published: Newsroom) -> None:
    ran = published.run("feeds", "check", "--strict")
    assert (ran.exit_code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        f"feeds/{section}/{name}: good"
        for section in ("all", "senat")
        for name in ("atom.xml", "feed.json", "rss.xml")
    ]


def test_before_anything_is_published_there_is_nothing_to_check(newsroom: Newsroom) -> None:
    ran = newsroom.run("feeds", "check")
    assert (ran.exit_code, ran.out) == (3, "")
    assert "holds no feed; publish first" in ran.err


def test_a_file_needs_no_config(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(BROKEN)
    (tmp_path / "two.json").write_text(JSON)
    ran = Newsroom(tmp_path).run("feeds", "check", "one.xml", "two.json")
    assert (ran.exit_code, ran.err) == (1, "")
    one, language, date, two = ran.out.splitlines()
    assert (one, two) == ("one.xml: 1 error, 1 warning", "two.json: good")
    assert language.startswith("  warning: language-missing: does not say which language it is in; name ")
    wrong = "has «25 марта 09:00 EST» as pubDate, which is no date of RFC 822; write Tue, 26 Mar 2024 "
    assert date.startswith(f'  error: date-form: entry 2 "A bear was seen": {wrong}')
    assert Newsroom(tmp_path).run("feeds", "check").exit_code == 2


def test_for_programs_it_prints_json(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(BROKEN)
    ran = Newsroom(tmp_path).run("feeds", "check", "one.xml", "nosuch.xml", "--json")
    assert ran.exit_code == 1
    one, nosuch = ran.data
    assert (one["feed"], one["problem"]) == ("one.xml", None)
    assert [finding["rule"] for finding in one["findings"]] == ["language-missing", "date-form"]
    assert one["findings"][1].keys() == {"rule", "level", "place", "cause", "hint"}
    assert (nosuch["feed"], nosuch["findings"]) == ("nosuch.xml", [])
    assert nosuch["problem"]["cause"] == "cannot be read (No such file or directory)"


def test_warnings_count_only_when_they_are_asked_to(tmp_path: Path) -> None:
    (tmp_path / "one.xml").write_text(RSS.replace("<language>en</language>", ""))
    assert Newsroom(tmp_path).run("feeds", "check", "one.xml").exit_code == 0
    assert Newsroom(tmp_path).run("feeds", "check", "one.xml", "--strict").exit_code == 1


def test_a_fault_of_the_template_is_not_printed_for_every_entry(tmp_path: Path) -> None:
    entry = ATOM[ATOM.index("<entry xml") : ATOM.index("</feed>")]
    (tmp_path / "one.xml").write_text(ATOM.replace("</feed>", f"{entry * 20}</feed>"))
    ran = Newsroom(tmp_path).run("feeds", "check", "one.xml")
    twice = [line for line in ran.out.splitlines() if "id-twice" in line]
    assert len(twice) == 4
    assert twice[-1] == "  error: id-twice: 17 more; --json names all"
    data = Newsroom(tmp_path).run("feeds", "check", "one.xml", "--json").data
    assert sum(finding["rule"] == "id-twice" for finding in data[0]["findings"]) == 20


def test_standard_input_is_a_feed_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "publisher", "feeds", "check", "-"]
    done = subprocess.run(
        command, input=GOOD["RSS 2.0 in UTF-16"], capture_output=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"-: good\n")


@pytest.mark.parametrize(
    "name", ["nosuch.xml", ".", "ftp://127.0.0.1/rss.xml", "file:///etc/passwd", "http://"]
)
def test_what_cannot_be_read_at_all_exits_with_3(tmp_path: Path, name: str) -> None:
    ran = Newsroom(tmp_path).run("feeds", "check", name)
    assert (ran.exit_code, ran.out) == (3, "")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"publisher: error: {name}: ")


def serve(asked: Asked) -> Answer:
    own = f"http://{asked.headers['host']}{asked.path}"
    feed = RSS.replace("https://post.example.com/rss.xml", own).encode()
    return {
        "/rss.xml": Answer(body=feed),
        "/packed": Answer(body=gzip.compress(feed), headers={"Content-Encoding": "gzip"}),
        "/elsewhere": Answer(body=RSS.encode()),
        "/moved": Answer(301, headers={"Location": "/rss.xml"}),
        "/to-a-file": Answer(302, headers={"Location": "file:///etc/passwd"}),
        "/to-ftp": Answer(302, headers={"Location": "ftp://127.0.0.1/rss.xml"}),
        "/round": Answer(302, headers={"Location": "/round"}),
        "/page": Answer(body=b"<!DOCTYPE html><title>x</title>"),
        "/cut": Answer(body=feed, headers={"Content-Length": str(len(feed) + 10)}),
        "/packed-cut": Answer(body=gzip.compress(feed)[:-20], headers={"Content-Encoding": "gzip"}),
        "/packed-not": Answer(body=feed, headers={"Content-Encoding": "gzip"}),
        "/packed-how": Answer(body=feed, headers={"Content-Encoding": "zstd"}),
        "/large": Answer(body=bytes(1001)),
        "/packed-large": Answer(body=gzip.compress(bytes(1 << 24)), headers={"Content-Encoding": "gzip"}),
    }.get(asked.path, Answer(404))


@pytest.fixture(scope="module")
def web() -> Iterator[tuple[str, list[Asked]]]:
    with web_server(serve) as served:
        yield served


def test_an_address_is_fetched(web: tuple[str, list[Asked]], tmp_path: Path) -> None:
    url, asked = web
    names = [f"{url}/{path}" for path in ("rss.xml", "moved", "packed", "elsewhere", "page", "nosuch")]
    ran = Newsroom(tmp_path).run("feeds", "check", *names)
    assert ran.exit_code == 1
    shown = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert shown == [
        *(f"{name}: good" for name in names[:3]),
        f"{names[3]}: 1 warning",
        f"{names[4]}: 1 error",
    ]
    assert "self-elsewhere" in ran.out
    assert "html-page" in ran.out
    assert ran.err == f"publisher: error: {names[5]}: the server answers 404 Not Found; check the address\n"
    assert asked[0].headers["user-agent"] == f"publisher/{__version__}"


@pytest.mark.parametrize(
    ("path", "cause"),
    [
        ("to-a-file", "is not allowed"),
        ("to-ftp", "is no web address"),
        ("round", "the server answers 302"),
        ("cut", "breaks off"),
        ("packed-cut", "breaks off"),
        ("packed-not", "is not the gzip"),
        ("packed-how", "comes as zstd"),
        ("large", "has more than 1,000 bytes"),
        ("packed-large", "has more than 1,000 bytes"),
    ],
)
def test_what_a_server_may_not_do(web: tuple[str, list[Asked]], path: str, cause: str) -> None:
    with pytest.raises(NetworkError) as error:
        fetch.fetch(f"{web[0]}/{path}", limit=1000 if "large" in path else fetch.MAX_BYTES)
    (problem,) = error.value.problems
    assert cause in problem.cause
    assert len(str(error.value).splitlines()) == 1


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends a byte now and then, and never an end."""
    end = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not end.wait(0.02):
                connection.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=[server])
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        end.set()
        thread.join()


@pytest.mark.timeout(20)
def test_a_server_that_never_ends_does_not_hold_us() -> None:
    with dripping() as url, pytest.raises(NetworkError, match=r"no answer within 0\.3 seconds"):
        fetch.fetch(url, timeout=0.3)
    with dripping() as url, pytest.raises(NetworkError, match=r"no answer within 0\.3 seconds"):
        fetch.post_form(url, {"a": "b"}, timeout=0.3)
