"""Every subscriber once, whatever dies on the way, and the books close."""

import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing

import pytest
from conftest import Newsroom
from mail_sink import mail_sink
from nursery import nursery

pytestmark = pytest.mark.timeout(300)

CHOICE = random.Random(26)  # noqa: S311 — no secret
KILLS = 200
CONNECTIONS = 4


def get_ready(newsroom: Newsroom, port: int, readers: int) -> list[str]:
    """The seed is published, and so many readers have subscribed; their addresses."""
    newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
    newsroom.edit_config("port = 587", f"port = {port}")
    newsroom.edit_config('security = "starttls"', 'security = "none"')
    newsroom.edit_config("connections = 4 ", f"connections = {CONNECTIONS} ")
    addresses = [f"r{number:05}@example.kz" for number in range(readers)]
    (newsroom.root / "readers.csv").write_text("\n".join(addresses))
    assert newsroom.run("publish").exit_code == 0
    assert newsroom.run("subscribers", "import", "readers.csv").exit_code == 0
    return addresses


def ask(newsroom: Newsroom, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(newsroom.root / "state" / "publisher.db", timeout=30)) as database:
        return database.execute(query).fetchall()


def states(newsroom: Newsroom) -> Counter[str]:
    rows = ask(newsroom, "SELECT state, count(*) FROM deliveries GROUP BY state")
    return Counter({str(state): int(str(count)) for state, count in rows})


def with_state(newsroom: Newsroom, state: str) -> set[str]:
    rows = ask(
        newsroom,
        f"SELECT address FROM deliveries JOIN subscribers ON id = subscriber_id WHERE state = '{state}'",  # noqa: S608
    )
    return {str(address) for (address,) in rows}


def test_two_hundred_kills_lose_nobody_and_mail_nobody_twice(newsroom: Newsroom) -> None:
    with mail_sink(lambda: CHOICE.uniform(0.0, 0.03)) as (sunk, port):
        readers = get_ready(newsroom, port, 2000)
        killed = 0
        with nursery(newsroom.root) as commands:
            while killed < KILLS:
                process = commands.start("digest", "send")
                before = len(sunk.taken)
                # Half of the kills come while it starts, half when it is certainly at work.
                if killed % 2:
                    wait_until(lambda before=before: len(sunk.taken) > before)  # type: ignore[misc]
                time.sleep(CHOICE.uniform(0.0, 0.12))
                os.kill(process, signal.SIGKILL)
                status = commands.wait()
                assert os.WIFSIGNALED(status), f"it ended by itself after {killed} kills: {status}"
                killed += 1
        ended = newsroom.run("digest", "send", "--json")
        counts = states(newsroom)
    got = Counter(sunk.recipients)
    unknown = with_state(newsroom, "unknown")
    assert max(got.values()) == 1
    assert set(got) | unknown == set(readers)
    assert with_state(newsroom, "sent") <= set(got)
    assert counts["sent"] + counts["unknown"] == len(readers)
    assert counts["unknown"] <= KILLS * CONNECTIONS
    assert ended.data["deliveries"] == dict(counts)
    assert ended.data["done"] is True
    assert ask(newsroom, "SELECT state FROM editions") == [("done",)]
    assert list((newsroom.root / "state" / "senders").iterdir()) == []


def test_a_signal_ends_it_with_nothing_under_way(newsroom: Newsroom) -> None:
    with mail_sink(lambda: 0.01) as (sunk, port):
        readers = get_ready(newsroom, port, 400)
        with nursery(newsroom.root) as commands:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
                before = len(sunk.taken)
                process = commands.start("digest", "send")
                wait_until(lambda before=before: len(sunk.taken) > before + 5)  # type: ignore[misc]
                os.kill(process, number)
                assert os.waitstatus_to_exitcode(commands.wait()) == 1
                counts = states(newsroom)
                assert set(counts) == {"sent", "pending"}
                assert counts["sent"] == len(sunk.taken)
        assert newsroom.run("digest", "send").exit_code == 0
    assert Counter(sunk.recipients) == dict.fromkeys(readers, 1)


def test_eight_processes_send_one_edition_together(newsroom: Newsroom) -> None:
    with mail_sink(lambda: 0.005) as (sunk, port):
        readers = get_ready(newsroom, port, 2000)
        processes = [newsroom.start("digest", "send", "--json") for _ in range(8)]
        said = [process.communicate(timeout=120)[0] for process in processes]
        # Whoever ends first sees what the others still have in hand, and says so.
        assert {process.returncode for process in processes} <= {0, 1}, said
        assert newsroom.run("digest", "send").exit_code == 0
    assert Counter(sunk.recipients) == dict.fromkeys(readers, 1)
    assert sunk.connections >= 2 * CONNECTIONS  # they did work beside each other
    assert states(newsroom) == {"sent": len(readers)}


def test_a_limit_holds_for_the_whole_run(newsroom: Newsroom) -> None:
    with mail_sink() as (sunk, port):
        readers = get_ready(newsroom, port, 30)
        newsroom.edit_config("per_second = 0", "per_second = 20")
        newsroom.edit_config("domains = {} ", 'domains = { "example.kz" = 10 } ')
        started = time.monotonic()
        assert newsroom.run("digest", "send").exit_code == 0
        assert time.monotonic() - started >= 2.0
    assert Counter(sunk.recipients) == dict.fromkeys(readers, 1)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)
