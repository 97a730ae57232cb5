"""`publisher run`: the real process, a real mail server, real signals."""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import Newsroom, story
from mail_server import mail_server, parse

ALMATY = ZoneInfo("Asia/Almaty")
READERS = tuple(f"reader{number}@example.kz" for number in range(5))


@contextmanager
def running(newsroom: Newsroom, count: int = 1) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes of `publisher run`, stopped as an operator stops them."""
    processes = [newsroom.start("run") for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        logs = [process.communicate(timeout=30)[0] for process in processes]
        for log in logs:
            print(log)  # noqa: T201 — pytest shows it when the test fails
            assert "Traceback" not in log
    assert [process.returncode for process in processes] == [0] * count


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def clock_time(at: datetime) -> str:
    return f"{at.astimezone(ALMATY):%H:%M:%S}"


def use_mail_server(newsroom: Newsroom, port: int) -> None:
    newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
    newsroom.edit_config('security = "starttls"', 'security = "none"')
    newsroom.edit_config("port = 587", f"port = {port}")


def add_digests(newsroom: Newsroom, times: list[str]) -> list[str]:
    """A fast schedule: one digest after the other, within seconds; the first is the usual one."""
    newsroom.edit_config('time = "08:00" ', f'time = "{times[0]}" ')
    slugs = ["senat-daily", *(f"senat-{number}" for number in range(1, len(times)))]
    config = newsroom.root / "config.toml"
    with config.open("a") as file:
        for slug, at in zip(slugs[1:], times[1:], strict=True):
            file.write(
                f'\n[[digests]]\nslug = "{slug}"\ntitle = "{slug}"\nsections = ["senat"]\ntime = "{at}"\n'
            )
    return slugs


def around_midnight() -> bool:
    """A slot some seconds ahead would lie on the next date, and its test would prove something else."""
    now = datetime.now(ALMATY)
    return now.date() != (now + timedelta(seconds=60)).date()


@pytest.mark.parametrize("processes", [1, 2])
def test_each_slot_sends_one_message_to_each_subscriber(newsroom: Newsroom, processes: int) -> None:
    if around_midnight():
        time.sleep(61)
    soon = datetime.now(ALMATY)
    slugs = add_digests(newsroom, [clock_time(soon + timedelta(seconds=s)) for s in (8, 10, 12)])
    for slug in slugs:
        assert newsroom.run("subscribers", "add", *READERS, "--digest", slug).exit_code == 0
    with mail_server() as (received, port):
        use_mail_server(newsroom, port)
        with running(newsroom, processes):
            wait_for(lambda: len(received.raw) >= len(READERS) * len(slugs), 60)
            time.sleep(3)  # for a second message that must not come
        ids = Counter(str(message["Message-ID"]) for message in received.messages)
        lists = Counter(str(message["List-Id"]) for message in received.messages)
    assert set(ids.values()) == {1}
    assert lists == {f"<{slug}.news.example.kz>": len(READERS) for slug in slugs}
    assert Counter(received.recipients) == dict.fromkeys(READERS, len(slugs))


def test_a_slot_that_passed_while_the_machine_was_off_is_sent_at_start(newsroom: Newsroom) -> None:
    passed = datetime.now(ALMATY) - timedelta(minutes=1)
    newsroom.edit_config('time = "08:00" ', f'time = "{clock_time(passed)}" ')
    # Not published yet: the story came while the machine was off, too.
    newsroom.run("subscribers", "add", READERS[0])
    outbox = newsroom.root / "outbox" / "new"
    with running(newsroom):
        wait_for(lambda: outbox.is_dir() and len(list(outbox.iterdir())) == 1)
    with running(newsroom):
        time.sleep(3)
    (path,) = outbox.iterdir()
    assert parse(path.read_bytes())["To"] == READERS[0]


def test_a_slot_long_past_is_left_to_the_next_one(newsroom: Newsroom) -> None:
    passed = datetime.now(ALMATY) - timedelta(hours=13)
    newsroom.edit_config('time = "08:00" ', f'time = "{clock_time(passed)}" ')
    newsroom.run("publish")
    newsroom.run("subscribers", "add", READERS[0])
    with running(newsroom):
        time.sleep(3)
    assert newsroom.run("digest", "list", "--json").data == []
    assert newsroom.run("status", "--json").data["digests"][0]["waiting"] == 1


def test_a_dropped_story_is_published_while_it_runs(newsroom: Newsroom) -> None:
    newsroom.edit_config("interval = 60 ", "interval = 1 ")
    feed = newsroom.feeds / "senat" / "rss.xml"
    with running(newsroom):
        wait_for(feed.exists)
        newsroom.drop("new.txt", story("Түскі жаңалық"))
        wait_for(lambda: "Түскі жаңалық" in feed.read_text())
        newsroom.drop("bad.txt", "")
        newsroom.drop("next.txt", story("Кешкі жаңалық"))
        wait_for(lambda: "Кешкі жаңалық" in feed.read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(newsroom: Newsroom, number: signal.Signals) -> None:
    process = newsroom.start("run")
    wait_for((newsroom.feeds / "all" / "feed.json").exists)
    process.send_signal(number)
    log, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "event=started" in log
    assert "event=stopped" in log


def test_a_killed_run_is_resumed_without_a_second_message(newsroom: Newsroom) -> None:
    readers = [f"r{number:03}@example.kz" for number in range(400)]  # enough to be killed in the middle
    (newsroom.root / "readers.csv").write_text("\n".join(readers))
    newsroom.run("publish")
    newsroom.run("subscribers", "import", "readers.csv")
    with mail_server() as (received, port):
        use_mail_server(newsroom, port)
        process = newsroom.start("digest", "send")
        wait_for(lambda: len(received.raw) >= 10)
        process.kill()
        process.communicate()
        first = len(received.raw)
        assert first < len(readers)
        resumed = newsroom.run("digest", "send", "--json")
        counts = resumed.data["deliveries"]
        # What the dead process was sending may have arrived; the rest has gone out, and nobody got it twice.
        assert counts["sent"] + counts.get("unknown", 0) == len(readers)
        assert max(Counter(received.recipients).values()) == 1
        assert resumed.data["done"] is True


def test_one_digests_bad_template_does_not_stop_another(newsroom: Newsroom) -> None:
    passed = datetime.now(ALMATY) - timedelta(minutes=1)
    slugs = add_digests(newsroom, [clock_time(passed)] * 2)
    newsroom.edit_config('template = "digest"', 'template = "broken"')
    for suffix in ("html", "txt"):
        path = newsroom.root / "templates" / f"broken.{suffix}.j2"
        path.parent.mkdir(exist_ok=True)
        path.write_text("{{ nothing_there }}")
    for slug in slugs:
        newsroom.run("subscribers", "add", READERS[0], "--digest", slug)
    outbox = newsroom.root / "outbox" / "new"
    with running(newsroom):
        wait_for(lambda: outbox.is_dir() and len(list(outbox.iterdir())) == 1)
    (path,) = outbox.iterdir()
    assert parse(path.read_bytes())["List-Id"] == "<senat-1.news.example.kz>"
