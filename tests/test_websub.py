"""WebSub: the hub is told which feeds changed, after they are live; whatever it does, the feeds are."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import feedparser
import pytest
from conftest import SEED, Newsroom, make_newsroom, story
from mail_server import free_port
from test_promises import publish_at
from web_server import Answer, Asked, web_server

from publisher.config import load_config
from publisher.pipeline.pinging import ping_hub
from publisher.pipeline.report import PublishReport
from publisher.store.engine import open_store

SITE = "https://news.example.kz/"
NAMES = ("rss.xml", "atom.xml", "feed.json")
SENAT, ALL = ({f"{SITE}{folder}/{name}" for name in NAMES} for folder in ("senat", "all"))
START = datetime(2024, 6, 1, 12, tzinfo=UTC)
_NO_HUB = 'hub = ""'


@dataclass
class Hub:
    """A hub, and the feeds as they were on disk when it was told of them."""

    newsroom: Newsroom
    status: int = 204
    told: list[str] = field(default_factory=list)
    on_disk: dict[str, bytes] = field(default_factory=dict)
    before_answer: Callable[[], None] = lambda: None

    def answer(self, asked: Asked) -> Answer:
        assert (asked.method, asked.path) == ("POST", "/hub?site=1")
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        topic = asked.form["hub.topic"]
        assert asked.form == {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
        self.told.append(topic)
        self.on_disk[topic] = (self.newsroom.feeds / topic.removeprefix(SITE)).read_bytes()
        self.before_answer()
        return Answer(self.status)

    def take(self) -> set[str]:
        """What it was told since this was asked last; each feed once."""
        told, self.told = self.told, []
        assert len(set(told)) == len(told)
        return set(told)


@pytest.fixture
def hub(newsroom: Newsroom) -> Iterator[Hub]:
    hub = Hub(newsroom)
    with web_server(hub.answer) as (url, _):
        newsroom.edit_config(_NO_HUB, f'hub = "{url}/hub?site=1"')
        yield hub


def publish(newsroom: Newsroom, after: timedelta = timedelta()) -> PublishReport:
    """Publish, so long after the start."""
    return publish_at(newsroom, START + after)


def test_the_hub_is_told_of_each_feed_when_it_is_live(hub: Hub) -> None:
    assert hub.newsroom.run("publish").exit_code == 0
    assert hub.take() == SENAT | ALL
    live = {f"{SITE}{path}": data for path, data in hub.newsroom.snapshot().items()}
    assert hub.on_disk == {topic: live[topic] for topic in SENAT | ALL}


def test_a_feed_names_its_hub_and_itself(hub: Hub) -> None:
    publish(hub.newsroom)
    address = json.loads(hub.on_disk[f"{SITE}all/feed.json"])["hubs"][0]["url"]
    for name in ("rss.xml", "atom.xml"):
        links = {
            link.rel: link.href for link in feedparser.parse(hub.on_disk[f"{SITE}all/{name}"]).feed.links
        }
        assert (links["hub"], links["self"]) == (address, f"{SITE}all/{name}")
    assert json.loads(hub.on_disk[f"{SITE}all/feed.json"])["hubs"] == [{"type": "WebSub", "url": address}]


def test_only_feeds_that_changed_are_told_of(hub: Hub) -> None:
    publish(hub.newsroom)
    hub.take()
    assert publish(hub.newsroom).written == ()
    assert hub.take() == set()
    (hub.newsroom.feeds / "style.css").unlink()
    assert publish(hub.newsroom).written == ("style.css",)
    assert hub.take() == set()
    hub.newsroom.drop("sport.txt", story("Ойын өтті", section="Спорт"))
    publish(hub.newsroom)
    assert hub.take() == ALL | {f"{SITE}sport/{name}" for name in NAMES}


def test_archives_are_told_of_by_nobody(hub: Hub) -> None:
    hub.newsroom.edit_config("archives = false", "archives = true")
    hub.newsroom.edit_config("limit = 50", "limit = 1")
    for number in range(4):
        hub.newsroom.drop(f"{number}.txt", story(f"Жиын {number}", date=f"{number + 1} Сәуір, 2024"))
    publish(hub.newsroom)
    archived = [path for path in hub.newsroom.snapshot() if "/archive/" in path]
    assert archived
    assert hub.take() == SENAT | ALL
    assert not [path for path in archived if b"hub" in (hub.newsroom.feeds / path).read_bytes()]


def test_a_withdrawal_is_told_at_once(hub: Hub) -> None:
    publish(hub.newsroom)
    hub.take()
    assert hub.newsroom.run("articles", "withdraw", SEED.name).exit_code == 0
    assert hub.take() == SENAT | ALL
    assert hub.newsroom.run("articles", "restore", SEED.name).exit_code == 0
    assert hub.take() == SENAT | ALL


def test_a_dry_run_tells_nobody(hub: Hub) -> None:
    assert hub.newsroom.run("publish", "--dry-run").exit_code == 0
    publish(hub.newsroom)
    hub.take()
    hub.status = 500
    hub.newsroom.drop("new.txt", story("Жаңа жиын"))
    publish(hub.newsroom)
    assert hub.take()
    assert hub.newsroom.run("publish", "--dry-run").exit_code == 0
    assert hub.take() == set()


def test_without_a_hub_nobody_is_told(newsroom: Newsroom) -> None:
    assert publish(newsroom).warnings == ()
    assert "pings" not in marks(newsroom)


def test_a_hub_that_is_gone_from_the_config_is_forgotten(hub: Hub) -> None:
    hub.status = 500
    publish(hub.newsroom)
    assert "pings" in marks(hub.newsroom)
    config = hub.newsroom.root / "config.toml"
    hub.newsroom.edit_config(
        next(line for line in config.read_text().splitlines() if line.startswith("hub =")), ""
    )
    hub.take()
    assert publish(hub.newsroom, timedelta(minutes=1)).warnings == ()
    assert hub.take() == set()
    assert "pings" not in marks(hub.newsroom)


def marks(newsroom: Newsroom) -> set[str]:
    with closing(sqlite3.connect(newsroom.root / "state/publisher.db")) as database:
        return {name for (name,) in database.execute("SELECT name FROM marks")}


def test_a_dead_hub_fails_no_publish(newsroom: Newsroom) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    newsroom.edit_config(_NO_HUB, f'hub = "{address}"')
    ran = newsroom.run("publish", "--json")
    assert ran.exit_code == 0
    (warning,) = ran.data["warnings"]
    assert warning["where"] == address
    assert "was not told that https://news.example.kz/senat/rss.xml and 5 more changed" in warning["cause"]
    assert "Connection refused" in warning["cause"]
    (line,) = ran.err.splitlines()
    assert line == f"publisher: warning: {address}: {warning['cause']}"
    assert {topic.removeprefix(SITE) for topic in SENAT | ALL} <= newsroom.snapshot().keys()
    again = newsroom.run("publish", "--json")
    assert (again.exit_code, again.data["warnings"], again.err) == (0, [], "")


def test_one_who_withdraws_a_story_hears_of_a_dead_hub(hub: Hub) -> None:
    publish(hub.newsroom)
    hub.status = 503
    ran = hub.newsroom.run("articles", "withdraw", SEED.name)
    assert ran.exit_code == 0
    assert "it answers 503" in ran.err


@pytest.mark.parametrize("status", [500, 404, 301])
def test_a_hub_that_refuses_is_asked_again_later_and_later(hub: Hub, status: int) -> None:
    hub.status = status
    told_at = []
    for minute in range(130):
        report = publish(hub.newsroom, timedelta(minutes=minute))
        assert (report.blocked, report.refused) == ((), ())
        told = hub.take()
        assert told in (SENAT | ALL, set())
        assert bool(report.warnings) == bool(told)
        if told:
            told_at.append(minute)
            (warning,) = report.warnings
            assert f"it answers {status}" in warning.cause
    assert told_at == [0, 1, 3, 7, 15, 31, 63, 123]
    hub.status = 202
    assert publish(hub.newsroom, timedelta(minutes=183)).warnings == ()
    assert hub.take() == SENAT | ALL
    assert publish(hub.newsroom, timedelta(minutes=400)).warnings == ()
    assert hub.take() == set()
    assert "pings" not in marks(hub.newsroom)


def test_a_feed_that_changes_again_meanwhile_is_told_of_once(hub: Hub) -> None:
    hub.status = 500
    publish(hub.newsroom)
    hub.take()
    hub.newsroom.drop("sport.txt", story("Ойын өтті", section="Спорт"))
    publish(hub.newsroom, timedelta(seconds=10))
    assert hub.take() == {f"{SITE}sport/{name}" for name in NAMES}  # the others have their turn later
    hub.status = 200
    publish(hub.newsroom, timedelta(minutes=2))
    sport = {f"{SITE}sport/{name}" for name in NAMES}
    assert hub.take() == SENAT | ALL | sport


def test_after_two_days_it_is_given_up(hub: Hub) -> None:
    hub.status = 500
    for hour in range(0, 49, 8):
        (warning,) = publish(hub.newsroom, timedelta(hours=hour)).warnings
        assert hub.take() == SENAT | ALL
    assert warning.cause.endswith("(it answers 500); not tried any more")
    assert publish(hub.newsroom, timedelta(hours=56)).warnings == ()
    assert hub.take() == set()
    assert "pings" not in marks(hub.newsroom)
    hub.newsroom.drop("new.txt", story("Жаңа жиын"))  # a new change is a new beginning
    publish(hub.newsroom, timedelta(hours=60))
    assert hub.take() == SENAT | ALL


def test_a_clock_that_was_set_back_silences_nobody(hub: Hub) -> None:
    hub.status = 500
    publish(hub.newsroom, timedelta(days=300))
    hub.take()
    hub.status = 200
    publish(hub.newsroom)
    assert hub.take() == SENAT | ALL


def test_a_hub_that_never_answers_is_left_alone_after_its_time(hub: Hub) -> None:
    """The others would not be answered either: only the first is tried."""
    hub.status = 500
    publish(hub.newsroom)
    hub.take()
    config = load_config(hub.newsroom.root / "config.toml", {})
    with silent_hub(hub.newsroom) as asked, open_store(config.store_url) as engine:
        config = load_config(hub.newsroom.root / "config.toml", {})
        later = START + timedelta(minutes=5)
        pinged = ping_hub(config, engine, now=later, timeout=0.2)
        assert asked.qsize() == 1
    (warning,) = pinged.warnings
    # Whose clock rings first, the socket's or ours, is for the machine to say.
    assert re.search("there is no answer within 0.2 seconds|timed out", warning.cause)
    assert pinged.due == later + timedelta(minutes=2)


@contextmanager
def silent_hub(newsroom: Newsroom) -> Iterator["SimpleQueue[Asked]"]:
    """A hub that takes what it is told, and says nothing until the end."""
    asked: SimpleQueue[Asked] = SimpleQueue()
    end: SimpleQueue[None] = SimpleQueue()

    def answer(one: Asked) -> Answer:
        asked.put(one)
        end.get()
        return Answer()

    with web_server(answer) as (url, _):
        config = newsroom.root / "config.toml"
        line = next(line for line in config.read_text().splitlines() if line.startswith("hub ="))
        newsroom.edit_config(line, f'hub = "{url}/"')
        yield asked
        end.put(None)


def publish_until_the_hub_kills(hub: Hub) -> None:
    """The feeds are live, the hub has heard of the first of them, and the run does not know that it has."""
    started: SimpleQueue[int] = SimpleQueue()
    hub.before_answer = lambda: os.kill(started.get(), signal.SIGKILL)
    run = hub.newsroom.start("publish")
    started.put(run.pid)
    run.communicate(timeout=60)
    assert run.returncode == -signal.SIGKILL
    hub.before_answer = lambda: None


def test_who_was_killed_before_the_hub_knew_leaves_it_to_the_next_run(hub: Hub) -> None:
    publish_until_the_hub_kills(hub)
    assert len(hub.take()) == 1
    live = hub.newsroom.snapshot()
    ran = hub.newsroom.run("publish", "--json")
    assert (ran.exit_code, ran.data["written"], ran.data["warnings"]) == (0, [], [])
    assert hub.take() == SENAT | ALL
    assert hub.newsroom.snapshot() == live


RENAMES = "rename,renameat,renameat2"


def publish_traced(newsroom: Newsroom, strace: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Publish under strace, which writes each renaming to standard error."""
    command = [str(strace), "-fqq", "-s", "1000", "-e", f"trace={RENAMES}", *options]
    return subprocess.run(
        [*command, sys.executable, "-m", "publisher", "publish"],
        cwd=newsroom.root,
        capture_output=True,
        text=True,
        check=False,
    )


def test_who_was_killed_between_two_feeds_has_noted_both(hub: Hub, strace: Path, tmp_path: Path) -> None:
    """What is noted only after it went live would be unchanged, and unknown, for ever."""
    peaceful = publish_traced(make_newsroom(tmp_path / "peaceful"), strace).stderr.splitlines()
    (number,) = (number for number, line in enumerate(peaceful, 1) if '/all/atom.xml"' in line)
    killed = publish_traced(hub.newsroom, strace, "-e", f"inject={RENAMES}:signal=SIGKILL:when={number}")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    feeds = hub.newsroom.feeds / "all"
    assert ((feeds / "rss.xml").exists(), (feeds / "atom.xml").exists(), hub.take()) == (True, False, set())
    ran = hub.newsroom.run("publish", "--json")
    assert ran.exit_code == 0
    assert "all/rss.xml" not in ran.data["written"]
    assert hub.take() == SENAT | ALL


def test_a_kill_that_a_restored_file_would_hide_is_not_hidden(hub: Hub) -> None:
    """Store, inbox and settings are as after the run before: only what is noted tells of this one."""
    assert hub.newsroom.run("publish").exit_code == 0
    hub.take()
    (hub.newsroom.feeds / "all/rss.xml").write_text("tidied up")
    publish_until_the_hub_kills(hub)
    assert hub.take() == {f"{SITE}all/rss.xml"}
    assert hub.newsroom.run("publish", "--json").data["written"] == []
    assert hub.take() == {f"{SITE}all/rss.xml"}
