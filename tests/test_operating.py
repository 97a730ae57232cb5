"""What an operator does with editions: look, hold, resume, cancel, send again, correct."""

import os
import pty
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Newsroom, Ran
from in_process import run_here
from mail_server import parse
from mail_sink import mail_sink
from nursery import nursery
from test_delivery import get_ready
from test_run import running, wait_for

from publisher.config import load_config
from publisher.delivery.senders import sender_lock
from publisher.model import Claim, DeliveryState, Settlement
from publisher.pipeline.mailing import due_slots
from publisher.store.deliveries import Ledger, reclaim
from publisher.store.editions import record_empty_slot
from publisher.store.engine import open_store, writing

READERS = ("aigul@example.kz", "bolat@example.kz", "chingiz@example.kz", "dana@example.kz")
TITLE = "Сенат отырысы өтті"
NOTE = "Отырыс 25 емес, 26 наурызда өтті."
FIRST = "Сенат отырысында бюджет қаралды."
TODAY = datetime.now(ZoneInfo("Asia/Almaty")).date()
LEASE = timedelta(minutes=15)


@dataclass(frozen=True)
class Desk:
    """A newsroom, and somebody who gives commands to it."""

    newsroom: Newsroom

    def run(self, command: str) -> Ran:
        """A command in this process: it starts in no time."""
        return run_here(self.newsroom.root, command)

    def does(self, command: str, *, code: int = 0) -> Ran:
        """A command that must end like this."""
        ran = self.run(command)
        assert ran.exit_code == code, (command, ran.out, ran.err)
        return ran

    def counts(self, options: str = "") -> dict[str, int]:
        counts: dict[str, int] = self.run(f"digest show senat-daily --json {options}").data["deliveries"]
        return counts

    def state(self, options: str = "") -> str:
        return str(self.run(f"digest show senat-daily --json {options}").data["state"])

    @property
    def waiting(self) -> int:
        """Stories that the next edition will have."""
        return int(self.run("status --json").data["digests"][0]["waiting"])

    @property
    def database(self) -> Path:
        return self.newsroom.root / "state" / "publisher.db"

    @property
    def outbox(self) -> Path:
        return self.newsroom.root / "outbox"

    def letters(self, subject: str = "") -> dict[str, EmailMessage]:
        """What arrived with a subject like this, by reader; nobody has two."""
        found = [parse(path.read_bytes()) for path in (self.outbox / "new").glob("*.eml")]
        found = [letter for letter in found if subject in str(letter["Subject"])]
        letters = {str(letter["To"]): letter for letter in found}
        assert len(letters) == len(found)
        return letters

    def publish(self, note: str = "", title: str = TITLE, name: str = "a") -> None:
        head = {"title": title, "date": "2024-03-26T10:00+05:00", "section": "Сенат", "correction": note}
        lines = "\n".join(f"{key}: {value}" for key, value in head.items() if value)
        self.newsroom.drop(f"{name}.md", f"---\n{lines}\n---\n\n{FIRST}\n")
        self.does("publish")

    @contextmanager
    def broken_outbox(self) -> Iterator[None]:
        """Nothing can be written."""
        self.outbox.mkdir(exist_ok=True)
        aside = self.outbox.rename(self.newsroom.root / "aside")
        self.outbox.touch()
        yield
        self.outbox.unlink()
        aside.rename(self.outbox)

    @contextmanager
    def half_broken_outbox(self) -> Iterator[None]:
        """Letters can be written, and nobody can tell whether they arrive: `new` is on another disk."""
        self.outbox.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
            assert os.stat(elsewhere).st_dev != os.stat(self.outbox).st_dev  # noqa: PTH116
            (self.outbox / "new").symlink_to(elsewhere)
            yield
            (self.outbox / "new").unlink()

    @contextmanager
    def other_sender(self) -> Iterator[Ledger]:
        """A sender that lives, on this machine, and keeps its books as one does."""
        senders = self.newsroom.root / "state" / "senders"
        with open_store(f"sqlite:///{self.database}") as engine, sender_lock(senders) as lease:
            yield Ledger(engine, 1, lease=lease)

    def settle(self, state: DeliveryState, reply: str, *, readers: int = 1) -> None:
        """A server says this of so many letters that wait."""
        with self.other_sender() as ledger:
            claims = take(ledger, readers)
            assert go(ledger, claims) == {claim.subscriber_id for claim in claims}
            end(ledger, claims, state, reply)


def take(ledger: Ledger, readers: int) -> list[Claim]:
    claims = ledger.claim(readers, lease_until=datetime.now(UTC) + LEASE, now=datetime.now(UTC))
    assert len(claims) == readers
    return claims


def go(ledger: Ledger, claims: list[Claim]) -> set[int]:
    """Ask whether these may be sent."""
    return ledger.settle([], claims, lease_until=datetime.now(UTC) + LEASE, now=datetime.now(UTC))


def end(ledger: Ledger, claims: list[Claim], state: DeliveryState, reply: str = "") -> None:
    now = datetime.now(UTC)
    due_at = now + timedelta(hours=1) if state is DeliveryState.DEFERRED else None
    settled = [Settlement(claim=claim, state=state, reply=reply, due_at=due_at) for claim in claims]
    ledger.settle(settled, [], lease_until=now + LEASE, now=now)


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    """One story is published, and four readers have subscribed."""
    for path in newsroom.inbox.iterdir():
        path.unlink()
    desk = Desk(newsroom)
    desk.publish()
    desk.does(f"subscribers add {' '.join(READERS)}")
    return desk


@pytest.fixture
def frozen(desk: Desk) -> Desk:
    """Today's edition is frozen, and nobody could be sent it yet."""
    with desk.broken_outbox():
        assert "outbox" in desk.does("digest send", code=3).err
    assert desk.counts() == {"pending": 4}
    return desk


@pytest.fixture
def unknown(desk: Desk) -> Desk:
    """Today's edition was sent, and nobody knows what arrived."""
    with desk.half_broken_outbox():
        desk.does("digest send", code=1)
    assert desk.counts() == {"unknown": 4}
    return desk


# --- show


def test_show_tells_all_about_an_edition_that_was_sent(desk: Desk) -> None:
    desk.does("digest send")
    shown = desk.does("digest show")
    for words in (
        f"senat-daily {TODAY}",
        "done",
        f"1. {TITLE}",
        "4 sent",
        "4 letters, all ended: they close",
    ):
        assert words in shown.out
    data = desk.does("digest show --json").data
    assert [told["title"] for told in data["told"]] == [TITLE]
    assert (data["state"], data["kind"], data["reason"]) == ("done", "regular", None)
    assert (data["candidates"], data["open"], data["books_close"]) == (4, 0, True)
    assert data["deliveries"] == {"sent": 4}
    assert data["letters"] == []
    sent = desk.does("digest show --state sent --json").data["letters"]
    assert [letter["address"] for letter in sent] == list(READERS)


def test_show_lists_the_letters_that_need_a_look_with_what_the_server_said(frozen: Desk) -> None:
    frozen.settle(DeliveryState.BOUNCED, "550 5.1.1 no such box")
    frozen.settle(DeliveryState.DEFERRED, "451 4.7.1 too fast")
    shown = frozen.does("digest show", code=1)
    for words in (
        "550 5.1.1 no such box",
        "451 4.7.1 too fast",
        "4 letters, 3 not ended: they do not close yet",
    ):
        assert words in shown.out
    data = frozen.does("digest show --json", code=1).data
    assert [letter["state"] for letter in data["letters"]] == ["deferred", "bounced"]
    assert data["letters"][0]["due_at"] > datetime.now(UTC).isoformat()
    assert (data["open"], data["books_close"]) == (3, False)


def test_show_cuts_a_long_list_and_a_state_lists_it_whole(desk: Desk) -> None:
    many = [f"r{number:02}@example.kz" for number in range(30)]
    desk.does(f"subscribers add {' '.join(many)}")
    with desk.half_broken_outbox():
        desk.does("digest send", code=1)
    shown = desk.does("digest show", code=1)
    assert shown.out.count("@example.kz") == 20
    assert "and 14 more; --state unknown lists all" in shown.out
    assert desk.does("digest show --state unknown", code=1).out.count("@example.kz") == 34
    assert len(desk.does("digest show --json", code=1).data["letters"]) == 34


def test_show_counts_what_the_letter_only_counts(desk: Desk) -> None:
    desk.newsroom.edit_config("max_stories = 20", "max_stories = 1")
    desk.publish(name="b", title="Екінші мақала")
    desk.does("digest send")
    assert "and 1 more, counted and not told" in desk.does("digest show").out
    data = desk.does("digest show --json").data
    assert (len(data["told"]), len(data["counted"])) == (1, 1)


# --- every command in every state


def _nothing(_: Desk) -> None:
    pass


def _empty(desk: Desk) -> None:
    with open_store(f"sqlite:///{desk.database}") as engine, writing(engine) as connection:
        record_empty_slot(connection, "senat-daily", TODAY, language="kk", now=datetime.now(UTC))


def _frozen(desk: Desk) -> None:
    with desk.broken_outbox():
        desk.does("digest send", code=3)


def _held(desk: Desk) -> None:
    _frozen(desk)
    desk.does("digest hold --reason typo")


def _done(desk: Desk) -> None:
    desk.does("digest send")


def _unknown(desk: Desk) -> None:
    with desk.half_broken_outbox():
        desk.does("digest send", code=1)


def _canceled(desk: Desk) -> None:
    """Nobody had it."""
    _frozen(desk)
    desk.does("digest cancel --yes")


def _canceled_late(desk: Desk) -> None:
    """One had it."""
    _frozen(desk)
    desk.settle(DeliveryState.SENT, "250 ok")
    desk.does("digest cancel --yes")


COMMANDS = ("hold", "resume", "cancel --yes", "resend-unknown senat-daily --all", "send", "show")
TABLE: dict[Callable[[Desk], None], tuple[int, ...]] = {
    _nothing: (3, 3, 3, 3, 0, 3),
    _empty: (3, 3, 3, 3, 0, 0),
    _frozen: (0, 3, 0, 3, 0, 0),
    _held: (3, 0, 0, 3, 3, 1),
    _done: (3, 3, 3, 3, 0, 0),
    _unknown: (3, 3, 3, 0, 1, 1),
    _canceled: (3, 3, 3, 3, 0, 0),
    _canceled_late: (3, 3, 3, 3, 3, 0),
}
"""The exit code of each command in each state."""


@pytest.mark.parametrize(
    ("reach", "command", "code"),
    [
        pytest.param(reach, command, code, id=f"{reach.__name__.strip('_')}-{command.split()[0]}")
        for reach, codes in TABLE.items()
        for command, code in zip(COMMANDS, codes, strict=True)
    ],
)
def test_a_command_does_its_work_or_says_in_which_state_the_edition_is(
    desk: Desk, reach: Callable[[Desk], None], command: str, code: int
) -> None:
    reach(desk)
    date = "" if reach is _nothing or command == "send" else f" --date {TODAY}"
    before = desk.run("digest list --json").data
    ran = desk.does(f"digest {command}{date}", code=code)
    if code != 3:
        assert ran.err == ""
        return
    assert desk.run("digest list --json").data == before
    (line,) = ran.err.splitlines()
    assert line.startswith("publisher: error: senat-daily")
    # The state, what it means, and what to do.
    words = {
        _nothing: "has no edition",
        _empty: "is empty; there was nothing to tell that day",
        _held: "is held (typo); publisher digest resume lets it go on",
        _done: "is done; every delivery of it has ended",
        _unknown: "is done; every delivery of it has ended",
        _canceled: "is canceled; nobody gets it any more",
        _canceled_late: "is canceled; nobody gets it any more",
        _frozen: "is frozen; it is being sent",
    }[reach]
    if reach in {_empty, _frozen, _done} and "unknown" in command:
        words = "nothing is unknown"
    assert words in line


# --- hold, resume


def test_a_held_edition_stops_a_sender_at_its_next_letter_and_goes_on_when_resumed(frozen: Desk) -> None:
    with frozen.other_sender() as ledger:
        under_way, queued = take(ledger, 1), take(ledger, 1)
        assert len(go(ledger, under_way)) == 1
        held = frozen.does("digest hold senat-daily --reason 'wrong headline'")
        assert "1 under way could not be stopped" in held.out
        assert go(ledger, queued) == set()
        assert ledger.claim(9, lease_until=datetime.now(UTC) + LEASE, now=datetime.now(UTC)) == []
        end(ledger, under_way, DeliveryState.SENT, "250 ok")
    assert frozen.counts() == {"sent": 1, "pending": 3}
    (listed,) = frozen.does("status --json").data["held_editions"]
    assert (listed["reason"], listed["deliveries"]) == ("wrong headline", {"sent": 1, "pending": 3})
    assert "Held: senat-daily of" in frozen.does("status").out
    resumed = frozen.does(listed["command"].removeprefix("publisher "))
    assert "wrong headline" in resumed.out
    assert frozen.does("digest send --json").data["deliveries"] == {"sent": 4}
    assert len(frozen.letters()) == 3
    assert frozen.state() == "done"


def test_a_held_edition_whose_last_letter_ended_is_done_when_resumed(frozen: Desk) -> None:
    with frozen.other_sender() as ledger:
        claims = take(ledger, 4)
        go(ledger, claims)
        frozen.does("digest hold")
        end(ledger, claims, DeliveryState.SENT)
    assert frozen.state() == "held"
    frozen.does("digest resume")
    assert frozen.state() == "done"


def test_a_held_edition_waits_for_its_operator_whatever_comes_after_it(frozen: Desk) -> None:
    frozen.does("digest hold")
    frozen.publish(name="b", title="Келесі күннің мақаласы")
    tomorrow = TODAY + timedelta(days=1)
    frozen.does(f"digest send --date {tomorrow}")
    assert frozen.counts(f"--date {TODAY}") == {"pending": 4}
    frozen.does(f"digest resume --date {TODAY}")
    frozen.does(f"digest send --date {TODAY}")
    assert frozen.counts(f"--date {TODAY}") == {"sent": 4}


@pytest.mark.parametrize("ending", ["resume", "cancel"])
def test_a_real_sender_stops_when_another_process_says_so_and_the_books_close(
    newsroom: Newsroom, ending: str
) -> None:
    desk = Desk(newsroom)
    with mail_sink(lambda: 0.005) as (sunk, port), nursery(newsroom.root) as commands:
        readers = get_ready(newsroom, port, 140)
        commands.start("digest", "send")
        wait_for(lambda: len(sunk.taken) > 20)
        stopped = desk.run("digest hold" if ending == "resume" else "digest cancel --yes")
        assert stopped.exit_code in {0, 1}, stopped.err
        assert os.waitstatus_to_exitcode(commands.wait()) == 1
        taken = len(sunk.taken)
        assert 20 < taken < len(readers)
        if ending == "cancel":
            assert desk.counts() == {"sent": taken, "expired": len(readers) - taken}
            return
        assert desk.counts() == {"sent": taken, "pending": len(readers) - taken}
        desk.does("digest resume")
        desk.does("digest send")
    assert Counter(sunk.recipients) == dict.fromkeys(readers, 1)
    assert desk.state() == "done"


# --- cancel


def test_an_edition_that_nobody_has_gives_its_stories_back(frozen: Desk) -> None:
    assert frozen.waiting == 0
    frozen.settle(DeliveryState.BOUNCED, "550 5.1.1 no such box")
    canceled = frozen.does("digest cancel senat-daily --yes --reason 'sent too early'")
    assert "its stories wait for the next edition" in canceled.out
    assert frozen.waiting == 1
    shown = frozen.does("digest show --json", code=1).data
    assert (shown["state"], shown["reason"]) == ("canceled", "sent too early")
    assert (shown["deliveries"], shown["books_close"]) == ({"bounced": 1, "expired": 3}, True)
    (reply,) = {
        letter["reply"] for letter in frozen.run("digest show --state expired --json").data["letters"]
    }
    assert reply == "canceled"
    # The slot is over for the clock, not for an operator.
    config = load_config(frozen.newsroom.root / "config.toml", {})
    with open_store(config.store_url) as engine:
        assert due_slots(config, engine, now=datetime.now(UTC)) == []
    assert frozen.does("digest send --json").data["deliveries"] == {"sent": 4}
    assert frozen.state() == "done"
    listed = frozen.does("digest list --json").data
    assert [edition["state"] for edition in listed] == ["done", "canceled"]
    assert frozen.does("status --json").data["digests"][0]["deliveries"] == {"sent": 4}


def test_an_edition_may_be_canceled_and_made_anew_more_than_once(frozen: Desk) -> None:
    for _ in range(3):
        frozen.does("digest cancel --yes")
        with frozen.broken_outbox():
            frozen.does("digest send", code=3)
    frozen.does("digest send")
    states = [edition["state"] for edition in frozen.does("digest list --json").data]
    assert sorted(states) == ["canceled", "canceled", "canceled", "done"]
    assert len(frozen.letters()) == 4


@pytest.mark.parametrize("state", [DeliveryState.SENT, DeliveryState.UNKNOWN])
def test_an_edition_that_somebody_may_have_keeps_its_stories(frozen: Desk, state: DeliveryState) -> None:
    frozen.settle(state, "hm")
    unsure = state is DeliveryState.UNKNOWN
    canceled = frozen.does("digest cancel --yes --json", code=int(unsure)).data
    assert (canceled["nobody_has_it"], canceled["deliveries"]) == (False, {"expired": 3, str(state): 1})
    assert frozen.waiting == 0
    again = frozen.does("digest send", code=3)
    assert "is canceled" in again.err
    assert frozen.does("status --json").data["unknown"] == []
    assert frozen.letters() == {}


@pytest.mark.parametrize("way", ["fence", "release", "put off", "deferred", "dead"])
def test_what_another_sender_has_claimed_of_a_canceled_edition_ends_however_it_lets_go(
    frozen: Desk, way: str
) -> None:
    now = datetime.now(UTC)
    with frozen.other_sender() as ledger:
        claims = take(ledger, 2)
        if way == "deferred":
            assert len(go(ledger, claims)) == 2
        canceled = frozen.does("digest cancel --yes --json", code=1).data
        assert canceled["nobody_has_it"] is (way != "deferred")
        assert sum(canceled["deliveries"].values()) == 4
        assert canceled["deliveries"]["expired"] == 2
        match way:
            case "fence":
                assert go(ledger, claims) == set()
            case "release":
                ledger.release(claims, now=now)
            case "put off":
                end(ledger, claims, DeliveryState.PENDING)
            case "deferred":
                end(ledger, claims, DeliveryState.DEFERRED, "451 later")
            case "dead":
                with open_store(f"sqlite:///{frozen.database}") as engine:
                    reclaim(engine, dead=[claims[0].lease], now=now)
        ledger.close()
    assert frozen.counts() == {"expired": 4}
    assert frozen.does("digest show --json").data["books_close"] is True


def test_a_letter_under_way_in_a_canceled_edition_ends_as_it_ends(frozen: Desk) -> None:
    with frozen.other_sender() as ledger:
        claims = take(ledger, 2)
        go(ledger, claims)
        frozen.does("digest cancel --yes", code=1)
        end(ledger, claims[:1], DeliveryState.SENT)
        end(ledger, claims[1:], DeliveryState.BOUNCED, "550 no")
    assert frozen.counts() == {"sent": 1, "bounced": 1, "expired": 2}
    assert frozen.waiting == 0


def test_what_a_dead_sender_left_is_settled_before_an_edition_is_canceled(frozen: Desk) -> None:
    with suppress(ZeroDivisionError), frozen.other_sender() as ledger:
        go(ledger, take(ledger, 1))
        take(ledger, 1)
        raise ZeroDivisionError  # its lock is gone, its name stays: as after a kill
    canceled = frozen.does("digest cancel --yes --json", code=1).data
    assert canceled["deliveries"] == {"unknown": 1, "expired": 3}
    assert canceled["nobody_has_it"] is False


def test_to_cancel_is_asked_for_at_a_terminal_and_needs_yes_in_a_pipe(
    frozen: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "say --yes" in frozen.does("digest cancel", code=2).err
    for answer, code, state in ((b"n\n", 3, "frozen"), (b"y\n", 0, "canceled")):
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "wb") as keyboard, os.fdopen(theirs) as terminal:
            keyboard.write(answer)
            keyboard.flush()
            monkeypatch.setattr(sys, "stdin", terminal)
            assert f"Cancel senat-daily {TODAY} (frozen)?" in frozen.does("digest cancel", code=code).err
            monkeypatch.undo()
        assert frozen.state() == state


# --- resend-unknown


def test_what_is_unknown_is_named_with_the_command_that_sends_it_again(unknown: Desk) -> None:
    written = [parse(path.read_bytes()) for path in (unknown.outbox / "tmp").iterdir()]
    ids = {str(letter["To"]): letter["Message-ID"] for letter in written}
    assert unknown.state() == "done"
    (listed,) = unknown.does("status --json").data["unknown"]
    assert listed["deliveries"] == {"unknown": 4}
    assert f"Unknown: 4 of senat-daily of {TODAY}" in unknown.does("status").out
    again = unknown.does(listed["command"].removeprefix("publisher "))
    assert all(f"{address}: tried again" in again.out for address in READERS)
    assert {address: letter["Message-ID"] for address, letter in unknown.letters().items()} == ids
    assert (unknown.counts(), unknown.state()) == ({"sent": 4}, "done")
    assert unknown.does("status --json").data["unknown"] == []


def test_only_those_named_are_sent_to_again(unknown: Desk) -> None:
    neither = unknown.does("digest resend-unknown senat-daily", code=2)
    assert "--all" in neither.err
    assert unknown.letters() == {}
    ran = unknown.does(f"digest resend-unknown senat-daily {READERS[0].upper()} nobody@example.kz", code=1)
    assert f"{READERS[0]}: tried again" in ran.out
    assert "nobody@example.kz: nothing is unknown" in ran.err
    assert set(unknown.letters()) == {READERS[0]}
    assert unknown.counts() == {"sent": 1, "unknown": 3}
    again = unknown.does(f"digest resend-unknown senat-daily {READERS[0]}", code=3)
    assert "nothing is unknown" in again.err


def test_who_left_meanwhile_is_not_sent_to_again(unknown: Desk) -> None:
    unknown.does(f"subscribers remove {READERS[1]}")
    unknown.does("digest resend-unknown senat-daily --all")
    assert set(unknown.letters()) == {READERS[0], *READERS[2:]}
    assert unknown.counts() == {"sent": 3, "suppressed": 1}


def test_what_is_to_be_sent_again_later_waits_in_an_open_edition(unknown: Desk) -> None:
    later = unknown.does("digest resend-unknown senat-daily --all --later")
    assert later.out.count(": waits") == 4
    assert (unknown.counts(), unknown.state()) == ({"pending": 4}, "frozen")
    unknown.does("digest send")
    assert (unknown.counts(), unknown.state()) == ({"sent": 4}, "done")


# --- correct


def correct(desk: Desk, options: str = "", *, code: int = 0) -> Ran:
    return desk.does(f"digest correct senat-daily {slug(desk)} {options}", code=code)


def slug(desk: Desk) -> str:
    (found,) = desk.run(f"articles search {TITLE} --json").data
    return str(found["slug"])


@pytest.fixture
def told(desk: Desk) -> Desk:
    """All readers were told the story; its file says now what was wrong in it."""
    desk.does("digest send")
    desk.publish(NOTE)
    return desk


def test_a_correction_goes_to_exactly_those_who_got_the_story(desk: Desk) -> None:
    desk.does("digest send")
    desk.does("subscribers add late@example.kz")
    desk.does(f"subscribers remove {READERS[1]}")
    with closing(sqlite3.connect(desk.database)) as database:
        database.execute("UPDATE subscribers SET suppressed_at = created_at WHERE address = ?", READERS[2:3])
        database.commit()
    desk.publish(NOTE)
    ran = correct(desk)
    assert f"to 4 who got it on {TODAY}" in ran.out
    letters = desk.letters("Түзету")
    assert set(letters) == {READERS[0], READERS[3]}
    shown = desk.does(f"digest show --correction {slug(desk)} --json").data
    assert (shown["kind"], shown["state"], shown["books_close"]) == ("correction", "done", True)
    assert shown["deliveries"] == {"sent": 2, "suppressed": 2}


def test_a_correction_says_what_was_wrong_in_which_story_and_when_it_was_told(told: Desk) -> None:
    correct(told)
    letter = told.letters("Түзету")[READERS[0]]
    assert letter["Subject"] == f"Түзету: {TITLE}"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Content-Language"] == "kk"
    for kind in ("plain", "html"):
        part = letter.get_body((kind,))
        assert part is not None
        content = part.get_content().replace("\xa0", " ")
        for words in (NOTE, TITLE, FIRST, f"{TODAY.year} ж. {TODAY.day} ", f"/stories/{slug(told)}.html"):
            assert words in content
        assert "/unsubscribe/senat-daily/" in content
        assert "UNSUBSCRIBE-TOKEN" not in content
        assert len(content.encode()) < 75_000


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("ru", f"Исправление: {TITLE}", "эта статья была с ошибкой"),
        ("en", f"Correction: {TITLE}", "told this story with an error"),
    ],
)
def test_a_correction_speaks_the_language_of_the_letter_it_corrects(
    desk: Desk, language: str, subject: str, words: str
) -> None:
    desk.newsroom.edit_config('language = "kk" ', f'language = "{language}" ')
    desk.does("digest send")
    desk.newsroom.edit_config(f'language = "{language}" ', 'language = "kk" ')
    desk.publish(NOTE)
    correct(desk)
    letter = desk.letters(subject.partition(":")[0])[READERS[0]]
    body = letter.get_body(("plain",))
    assert (letter["Subject"], letter["Content-Language"]) == (subject, language)
    assert body is not None
    assert words in body.get_content()


def test_a_revision_is_corrected_once_and_the_next_one_again(told: Desk) -> None:
    correct(told)
    before = told.newsroom.snapshot("outbox")
    assert "to 0 who got it" in correct(told).out
    assert told.newsroom.snapshot("outbox") == before
    told.publish(f"{NOTE} Төраға да басқа.")
    correct(told)
    assert len(told.newsroom.snapshot("outbox")) == 12
    kinds = [edition["kind"] for edition in told.does("digest list --json").data]
    assert sorted(kinds) == ["correction", "correction", "regular"]
    assert "Kind" in told.does("digest list").out


def test_a_correction_that_was_interrupted_goes_on(told: Desk) -> None:
    with told.broken_outbox():
        correct(told, code=3)
    story_ = slug(told)
    assert told.counts(f"--correction {story_}") == {"pending": 4}
    (unfinished,) = told.does("status --json").data["unfinished"]
    assert unfinished["command"] == f"publisher digest correct senat-daily {story_}"
    told.does(unfinished["command"].removeprefix("publisher "))
    assert set(told.letters("Түзету")) == set(READERS)
    assert len(told.does("digest list --json").data) == 2


def test_a_correction_may_be_held_resumed_and_canceled_like_any_edition(told: Desk) -> None:
    correct(told, "--later")
    which = f"--correction {slug(told)}"
    told.does(f"digest hold {which} --reason 'legal wants to read it'")
    assert "is held (legal wants to read it)" in correct(told, code=3).err
    (held,) = told.does("status --json").data["held_editions"]
    told.does(held["command"].removeprefix("publisher "))
    assert "may be corrected anew" in told.does(f"digest cancel {which} --yes").out
    assert told.letters("Түзету") == {}
    assert told.waiting == 0  # the story itself was told, and stays so
    correct(told)
    assert set(told.letters("Түзету")) == set(READERS)
    assert told.state() == "done"  # the newest edition of the day, not the correction


def test_a_letter_of_a_correction_that_may_have_arrived_is_sent_again(told: Desk) -> None:
    new = told.outbox / "new"
    new.rename(told.outbox / "kept")
    with told.half_broken_outbox():
        correct(told, code=1)
    (told.outbox / "kept").rename(new)
    (listed,) = told.does("status --json").data["unknown"]
    told.does(listed["command"].removeprefix("publisher "))
    assert set(told.letters("Түзету")) == set(READERS)


def test_who_may_have_the_story_is_told_too_and_who_gets_it_later_when_it_is_corrected_again(
    frozen: Desk,
) -> None:
    frozen.settle(DeliveryState.UNKNOWN, "the line broke")
    frozen.settle(DeliveryState.BOUNCED, "550 no such box")
    frozen.publish(NOTE)
    first = correct(frozen, code=1)
    assert "2 may still get the story as it was" in first.err
    assert set(frozen.letters("Түзету")) == {READERS[0]}
    frozen.does("digest send", code=1)
    correct(frozen)
    assert set(frozen.letters("Түзету")) == {READERS[0], *READERS[2:]}


def test_a_note_may_be_given_for_a_story_whose_file_has_none(desk: Desk) -> None:
    desk.does("digest send")
    none = correct(desk, code=3)
    assert "has no correction note; add correction: to its file" in none.err
    correct(desk, f"--note '{NOTE}'")
    body = desk.letters("Түзету")[READERS[0]].get_body(("plain",))
    assert body is not None
    assert NOTE in body.get_content()
    assert correct(desk, f"--note '{NOTE}'").err == ""
    assert "--note changes nothing" in correct(desk, "--note Басқа").err


def test_what_cannot_be_corrected_is_refused_and_changes_nothing(desk: Desk) -> None:
    def refused(command: str, said: str, code: int = 3) -> None:
        before = desk.does("digest list --json").data
        ran = desk.does(f"digest correct senat-daily {command}", code=code)
        assert said in ran.err
        assert desk.does("digest list --json").data == before

    refused("nosuch", "names no story", code=2)
    refused(slug(desk), "no edition of senat-daily has told it")
    with desk.broken_outbox():
        desk.does("digest send", code=3)
    refused(f"{slug(desk)} --note Қате", "nobody has got it yet")
    desk.does("digest send")
    refused(f"{slug(desk)} --date 2024-03-26", f"was not told on 2024-03-26; but on {TODAY}")
    refused(f"{slug(desk)} --date nonsense", "is not a date", code=2)


def test_readers_who_were_told_the_corrected_story_are_told_nothing(desk: Desk) -> None:
    desk.publish(NOTE)
    desk.does("digest send")
    assert f"stood corrected already when {TODAY} told it" in correct(desk, code=3).err


def test_a_story_that_was_only_counted_is_not_corrected(desk: Desk) -> None:
    desk.newsroom.edit_config("max_stories = 20", "max_stories = 1")
    desk.publish(name="b", title="Екінші мақала")  # comes later, and is the one that is told
    desk.does("digest send")
    desk.publish(NOTE)
    assert "only counted it" in correct(desk, code=3).err


def test_a_template_of_ones_own_that_fails_freezes_no_correction(told: Desk) -> None:
    own = told.newsroom.root / "templates"
    own.mkdir()
    (own / "correction.txt.j2").write_text("{{ nothing_there }}")
    assert "the template fails" in correct(told, code=2).err
    assert len(told.does("digest list --json").data) == 1


def test_a_correction_with_a_fault_of_its_own_is_not_frozen(told: Desk) -> None:
    own = told.newsroom.root / "templates"
    own.mkdir()
    (own / "correction.txt.j2").write_text(
        "{{ unsubscribe_url }} https://news.example.kz/stories/none.html\n"
    )
    refused = correct(told, code=3)
    assert "leads nowhere" in refused.err
    assert len(told.does("digest list --json").data) == 1


def test_corrections_and_editions_of_the_day_do_not_end_each_other(frozen: Desk) -> None:
    frozen.settle(DeliveryState.SENT, "250 ok")
    frozen.settle(DeliveryState.DEFERRED, "451 later")
    frozen.publish(NOTE)
    correct(frozen, "--later", code=1)
    which = f"--correction {slug(frozen)}"
    assert frozen.counts() == {"deferred": 1, "pending": 2, "sent": 1}
    frozen.publish(name="b", title="Келесі күннің мақаласы")
    frozen.does(f"digest send --date {TODAY + timedelta(days=1)}")
    assert frozen.counts(f"--date {TODAY}") == {"expired": 3, "sent": 1}
    assert frozen.counts(which) == {"pending": 1}
    correct(frozen)
    assert frozen.counts(which) == {"sent": 1}


def test_the_scheduler_sends_a_correction_and_leaves_a_held_edition_alone(told: Desk) -> None:
    correct(told, "--later")
    told.publish(name="b", title="Келесі күннің мақаласы")
    tomorrow = TODAY + timedelta(days=1)
    with told.broken_outbox():
        told.does(f"digest send --date {tomorrow}", code=3)
    told.does(f"digest hold --date {tomorrow}")
    with running(told.newsroom):
        wait_for(lambda: len(told.letters("Түзету")) == 4)
        wait_for(lambda: told.state(f"--correction {slug(told)}") == "done")
    assert told.counts(f"--date {tomorrow}") == {"pending": 4}


def test_two_corrections_at_once_are_one(told: Desk) -> None:
    name = slug(told)
    both = [told.newsroom.start("digest", "correct", "senat-daily", name) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert {process.returncode for process in both} <= {0, 1}, said
    correct(told)
    assert len(told.does("digest list --json").data) == 2
    assert set(told.letters("Түзету")) == set(READERS)
