"""kill -9 at any moment: the run after it ends where a run that nobody disturbed ends.

One inbox of ten thousand files is published by one newsroom in peace and by five others with ten kills each.
All newsrooms read the same folder, so that even the files' own times are the same in their stores.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Newsroom, make_newsroom, story

pytestmark = pytest.mark.timeout(600)

FILES = 10_000
ROUNDS = 5
KILLS = 10
"""In each round."""
PAGES = 2_500
"""Two lots that go live together, and half a one."""
WRITTEN_AT = 1_711_450_000  # 2024-03-26: what «yesterday» counts from
WALL_CLOCK = {
    "articles.public_since": "when the run came by that first showed the story",
    "articles.withdrawn_at": "when the run came by that read the cancellation",
    "revisions.seen_at": "when the run came by that read the file",
    "outputs.signature": "the time of the file as it was written",
}
"""Columns in which two newsrooms may differ, and why. Whether they hold something must be the same."""
PNG = b"\x89PNG\r\n\x1a\n"
SECTIONS = ("Сенат", "Қоғам", "Экономика", "Спорт", "Мәдениет")
WORDS = (
    "Сенат Төрағасы екіжақты парламентаралық ынтымақтастықты одан әрі нығайту мәселелерін талқылады кездесу "
    "барысында қарым-қатынасын дамытуда жоғары деңгейдегі саяси диалогтың ықпалы зор екені айтылды"
).split()


def markdown(number: int, text: str, more: str = "", *, url: int | None = None) -> str:
    """A story of about 600 bytes; every other one without a time, fifty of those to a day, far apart."""
    day = f"{2020 + number // 2500}-03-{1 + number % 25:02}"
    clock = f"T{number % 24:02}:{number % 60:02}:00+05:00" if number % 2 else ""
    return (
        f"---\ntitle: Жаңалық {number}\ndate: {day}{clock}\nsection: {SECTIONS[number % len(SECTIONS)]}\n"
        f"url: https://old.example.kz/{number if url is None else url}\n{more}---\n\n{text}\n"
    )


def fill(folder: Path) -> None:
    """The inbox: stories, and among them whatever a newsroom's folder holds."""
    chooser = random.Random(FILES)  # noqa: S311 — no secret
    folder.mkdir()
    for number in range(FILES):
        text = " ".join(chooser.choices(WORDS, k=28)) + "."
        data = content(number, text)
        if number % 250 == 11:  # a copy
            data = (folder / f"{number - 10:05}.md").read_text()
        elif number % 250 == 93:
            (folder / f"{number:05}.png").write_bytes(PNG + chooser.randbytes(3000))
        (folder / f"{number:05}{'.md' if data.startswith('---') else '.txt'}").write_text(data)
    for path in folder.iterdir():
        os.utime(path, (WRITTEN_AT, WRITTEN_AT))


def content(number: int, text: str) -> str:
    """A few of each two hundred and fifty files are not like the others."""
    address = f"Дереккөз: https://old.example.kz/{number}"
    return {
        22: markdown(number, text, "tags: [екінші]\n", url=number - 2),  # an address that a story has already
        37: "",
        52: markdown(number, text).replace("date: ", "date: 31 ақпан "),
        77: f"Сенат • Кеше, 10:23\n\nКешегі жаңалық {number}\n\n{text}\n\n{address}\n",
        110: markdown(number, text, "draft: true\n"),
        124: markdown(number, text, "embargo: 2023-12-01\n"),
        136: markdown(number, text, "status: canceled\n"),
        151: story(f"Қағаз {number}", text, address),
        162: markdown(number, text).replace("\nsection", f"T00:00:{number // 250:02}+06:00\nsection"),
    }.get(number % 250, markdown(number, text))


def settle(root: Path, inbox: Path) -> Newsroom:
    """A newsroom that reads the common inbox."""
    newsroom = make_newsroom(root)
    newsroom.edit_config('path = "seeds"', f"path = {json.dumps(str(inbox))}")
    return newsroom


def rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a store, row by row; of a wall clock only whether it is there."""
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {table: sorted(_rows(connection, table), key=repr) for (table,) in names}


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[tuple[Any, ...]]:
    found = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 — a name of our own
    columns = [f"{table}.{column[0]}" for column in found.description]
    for row in found:
        values = ("idle", _without_own(row[1])) if table == "marks" and row[0] == "idle" else row
        yield tuple(
            value is not None if column in WALL_CLOCK else value
            for column, value in zip(columns, values, strict=True)
        )


def _without_own(idle: str) -> Any:
    """What an idle run repeats; without the clock, and what depends on the folder or was left to write."""
    memory = json.loads(idle)
    return {**memory, "state": None, "at": None, "report": {**memory["report"], "same": None}}


def assert_same(newsroom: Newsroom, peaceful: Newsroom) -> None:
    """Store, pictures, quarantine and output: all that a newsroom keeps."""
    ours, theirs = (rows(each.root / "state" / "publisher.db") for each in (newsroom, peaceful))
    assert ours.keys() == theirs.keys()
    for table, expected in theirs.items():
        different = [pair for pair in zip(ours[table], expected, strict=False) if pair[0] != pair[1]]
        assert (len(ours[table]), different[:3]) == (len(expected), []), table
    for folder in ("feeds", "state/images", "state/quarantine"):
        assert newsroom.snapshot(folder) == peaceful.snapshot(folder), folder
    state, expected_state = (
        {path.name for path in (each.root / "state").iterdir()} for each in (newsroom, peaceful)
    )
    assert state == expected_state


@dataclass(frozen=True)
class Peace:
    """A run that nobody disturbed."""

    newsroom: Newsroom
    inbox: Path
    seconds: float
    exit_code: int


@pytest.fixture(scope="module")
def peace(tmp_path_factory: pytest.TempPathFactory) -> Peace:
    root = tmp_path_factory.mktemp("peace")
    fill(root / "inbox")
    newsroom = settle(root / "newsroom", root / "inbox")
    start = time.perf_counter()
    ran = newsroom.run("publish")
    seconds = time.perf_counter() - start
    assert "Traceback" not in ran.err
    return Peace(newsroom, root / "inbox", seconds, ran.exit_code)


def is_killed_after(newsroom: Newsroom, seconds: float) -> bool:
    """Kill a run; False if it was done before. The system says which: a killed process has no exit code."""
    run = newsroom.start("publish")
    try:
        output, _ = run.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(run.pid, signal.SIGKILL)
        output, _ = run.communicate()
    if run.returncode != -signal.SIGKILL:
        assert run.returncode == 1, output
    return run.returncode == -signal.SIGKILL


def files_stored(newsroom: Newsroom, scratch: Path) -> int:
    """How far a killed run came. Of a copy: whoever opens a store mends it."""
    state = newsroom.root / "state"
    scratch.mkdir()
    for path in state.glob("publisher.db*"):
        shutil.copy(path, scratch)
    try:
        with closing(sqlite3.connect(scratch / "publisher.db")) as connection:
            return int(connection.execute("SELECT count(*) FROM sources").fetchone()[0])
    except sqlite3.OperationalError:
        return -1  # not even its tables
    finally:
        shutil.rmtree(scratch)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_ten_kills_during_an_ingest_leave_no_trace(peace: Peace, number: int, tmp_path: Path) -> None:
    chooser = random.Random(number)  # noqa: S311 — no secret
    longest = peace.seconds * (0.35 + 0.1 * number)
    newsroom = settle(tmp_path / "newsroom-0", peace.inbox)
    progress: list[int] = []
    fresh = 1
    while len(progress) < KILLS:
        if is_killed_after(newsroom, chooser.uniform(0, longest)):
            progress.append(files_stored(newsroom, tmp_path / "scratch"))
        else:  # it came to its end before: it must be right, and the kills go on in another newsroom
            assert_same(newsroom, peace.newsroom)
            newsroom = settle(tmp_path / f"newsroom-{fresh}", peace.inbox)
            fresh += 1
    assert len(progress) == KILLS
    assert len(set(progress)) >= 3, "the kills do not lie apart"
    ran = newsroom.run("publish")
    assert ran.exit_code == peace.exit_code == 1
    assert_same(newsroom, peace.newsroom)


def test_a_kill_while_pages_are_written_ends_in_the_same_pages(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    for number in range(PAGES):
        (inbox / f"{number:03}.txt").write_text(story(f"Жиын {number}", f"Мәтін {number}."))
    peaceful, newsroom = (settle(tmp_path / name, inbox) for name in ("peaceful", "newsroom"))
    assert peaceful.run("publish").exit_code == 0
    expected = peaceful.snapshot()
    assert sum(path.startswith("stories/") for path in expected) == PAGES
    left = [_kill_at_page(newsroom, number) for number in (1, 1_200, 2_100)]
    assert all(staged for staged, _ in left), "a kill landed behind the pages"
    live = [pages for _, pages in left]
    assert live == sorted(live)
    assert live[0] < live[-1] < PAGES
    assert newsroom.run("publish").exit_code == 0
    assert_same(newsroom, peaceful)


def _kill_at_page(newsroom: Newsroom, number: int) -> tuple[int, int]:
    """Kill a run once so many pages are staged or live; returns how many are, of each, then."""
    run = newsroom.start("publish")
    while sum(_pages(newsroom)) < number:
        assert run.poll() is None, "the run ended before it was killed"
        time.sleep(0.001)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert run.returncode == -signal.SIGKILL
    return _pages(newsroom)


def _pages(newsroom: Newsroom) -> tuple[int, int]:
    live = _count(newsroom.feeds / "stories")  # first: what is moved meanwhile must not count twice
    return _count(newsroom.feeds / ".staging"), live


def _count(folder: Path) -> int:
    try:
        return sum(1 for _ in folder.iterdir())
    except FileNotFoundError:  # not yet, or no longer
        return 0
