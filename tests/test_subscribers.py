"""Subscribers one by one: added, listed, told all that is known of them, and forgotten."""

import os
import pty
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Newsroom
from test_operating import READERS, Desk, end, go, take

from publisher.model import BounceKind, Claim, DeliveryState, Settlement, SuppressionReason
from publisher.store import bounces, suppressions
from publisher.store.engine import open_store, writing
from publisher.store.nobody import nobody

AIGUL = "aigul@example.kz"
NAME = "Айгүл Серікқызы"
NOW = datetime.now(UTC)
LEASE = timedelta(minutes=15)


@pytest.fixture
def empty(newsroom: Newsroom) -> Desk:
    return Desk(newsroom)


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    """One story is published, and four readers have subscribed; of Aigul a lot is known."""
    for path in newsroom.inbox.iterdir():
        path.unlink()
    desk = Desk(newsroom)
    desk.publish()
    desk.does(f"subscribers add {' '.join(READERS)}")
    desk.does(f"subscribers add {AIGUL} --name '{NAME}' --language ru")
    return desk


@contextmanager
def opened(desk: Desk) -> Iterator[Any]:
    with open_store(f"sqlite:///{desk.database}") as engine:
        yield engine


def sql(desk: Desk, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(desk.database)) as database:
        rows = database.execute(statement, values).fetchall()
        database.commit()
        return rows


def standings(desk: Desk) -> dict[str, str]:
    listed = desk.does("subscribers list --json").data
    found = {each["address"]: each["subscriptions"]["senat-daily"] for each in listed}
    assert len(found) == len(listed)
    return found


def traces(desk: Desk, *texts: str) -> list[str]:
    """Which of these the files of the store hold, in any case."""
    data = b"".join(path.read_bytes() for path in sorted(desk.database.parent.glob("publisher.db*")))
    assert data.startswith(b"SQLite format 3")
    return [text for text in texts for form in {text, text.casefold()} if form.encode() in data]


# --- added and listed


def test_an_address_is_normalised_and_stands_once_in_any_case(empty: Desk) -> None:
    ran = empty.does("subscribers add ' Aigul@EXAMPLE.kz ' aigul@example.KZ AIGUL@example.kz")
    assert [line.partition(": ")[2] for line in ran.out.splitlines()] == [
        "added",
        "already subscribed",
        "already subscribed",
    ]
    assert standings(empty) == {"Aigul@example.kz": "confirmed"}


def test_addresses_that_are_none_are_refused_alone(empty: Desk) -> None:
    none = empty.does("subscribers add nonsense a@b@c", code=3)
    assert len(none.err.splitlines()) == 2
    some = empty.does("subscribers add nonsense dana@example.kz", code=1)
    (line,) = some.err.splitlines()
    assert line.startswith("publisher: error: «nonsense» is not an address")
    assert standings(empty).keys() == {"dana@example.kz"}


def test_who_unsubscribed_is_not_added_again_unawares(empty: Desk) -> None:
    # The second one's domain is written as mail servers write қазақстан.қаз.
    addresses = [AIGUL, "dana@xn--80aaa0a6awh12ed.xn--80ao21a"]
    both, shouted = " ".join(addresses), " ".join(addresses).upper()
    listing = empty.newsroom.root / "readers.csv"
    listing.write_text("\n".join(("address", *shouted.split())))
    empty.does(f"subscribers add {both}")
    empty.does(f"subscribers remove {shouted}")
    imported = empty.does(f"subscribers import {listing} --json").data
    assert {each["outcome"] for each in imported["lines"]} == {"unsubscribed earlier"}
    assert imported["unsubscribed earlier"] == 2
    added = empty.does(f"subscribers add {both}", code=3)
    assert added.out.count("unsubscribed earlier") == added.out.count("--again") == 2
    assert set(standings(empty).values()) == {"unsubscribed"}
    again = empty.does(f"subscribers add {both} --again")
    assert [line.partition(": ")[2] for line in again.out.splitlines()] == ["added", "added"]


def test_removing_somebody_unknown_says_so(empty: Desk) -> None:
    assert "was not subscribed" in empty.does("subscribers remove nobody@example.kz", code=3).out


def test_the_list_tells_consents_and_pauses(desk: Desk) -> None:
    listing = desk.newsroom.root / "r.csv"
    listing.write_text("address,consented_at\nerlan@example.kz,2024-03-26\n")
    desk.does(f"subscribers import {listing}")
    sql(desk, "UPDATE subscribers SET paused_until = '2100-01-02 00:00:00' WHERE address = ?", AIGUL)
    desk.does("suppressions add dana@example.kz")
    lines = {line.split()[1]: line for line in desk.does("subscribers list").out.splitlines() if "@" in line}
    assert "paused until 2100-01-02" in lines[AIGUL]
    assert "suppressed: nothing is sent" in lines["dana@example.kz"]
    assert "senat-daily confirmed" in lines["erlan@example.kz"]
    assert "2024-03-26" in lines["erlan@example.kz"]
    listed = {each["address"]: each for each in desk.does("subscribers list --json").data}
    assert listed["erlan@example.kz"]["consents"] == {"senat-daily": "2024-03-25T19:00:00Z"}


# --- told


def _known(desk: Desk) -> None:
    """Letters, a bounce that names her, a request, and one that names somebody else."""
    desk.does("digest send")
    with opened(desk) as engine, writing(engine) as connection:
        (who,) = sql(desk, "SELECT id FROM subscribers WHERE address = ?", AIGUL)[0]
        bounces.record_bounce(
            connection,
            report="report",
            kind=BounceKind.HARD,
            subscriber_id=who,
            edition_id=1,
            diagnosis=f"550 5.1.1 <{AIGUL}> {NAME} does not live here",
            now=NOW,
        )
        for address in (AIGUL, "dana@example.kz"):
            connection.exec_driver_sql(
                "INSERT INTO requests (address_key, kind, address, digests, language, asked_at)"
                " VALUES (?, 'confirmation', ?, 'senat-daily', 'kk', '2024-01-01 00:00:00')",
                (address, address),
            )


def test_somebody_is_told_all_that_is_known_of_them_and_nothing_of_others(desk: Desk) -> None:
    _known(desk)
    path = desk.newsroom.root / "aigul.json"
    desk.does(f"subscribers export {AIGUL.upper()} --output {path}")
    assert path.stat().st_mode & 0o777 == 0o600
    told = desk.does(f"subscribers export {AIGUL}")
    assert path.read_text() == told.out
    assert not [other for other in READERS[1:] if other in told.out]
    person = told.data
    assert (person["address"], person["name"], person["language"]) == (AIGUL, NAME, "ru")
    (subscription,) = person["subscriptions"]
    assert (subscription["state"], subscription["source"]) == ("confirmed", "operator")
    assert subscription["consented_at"] == subscription["changed_at"]
    (letter,) = person["letters"]
    assert (letter["digest"], letter["kind"], letter["language"]) == ("senat-daily", "regular", "ru")
    assert (letter["state"], letter["attempts"]) == ("bounced", 1)
    assert letter["reply"].startswith("550 5.1.1")
    (bounce,) = person["bounces"]
    assert (bounce["kind"], bounce["local_date"]) == ("hard", letter["local_date"])
    (request,) = person["requests"]
    assert (request["kind"], request["digests"]) == ("confirmation", "senat-daily")
    assert person["suppression"]["reason"] == "hard"


def test_of_a_stranger_nothing_can_be_told(desk: Desk) -> None:
    (line,) = desk.does("subscribers export nobody@example.kz", code=3).err.splitlines()
    assert line.startswith("publisher: error: nobody@example.kz: nothing is known of this address; ")
    assert "as JSON" in desk.does(f"subscribers export {AIGUL} --format csv", code=2).err
    desk.does("suppressions add nobody@example.kz")
    assert desk.does("subscribers export nobody@example.kz").data["suppression"]["reason"] == "operator"


# --- forgotten


def test_nothing_that_names_them_is_left_of_somebody_who_was_erased(desk: Desk) -> None:
    _known(desk)
    assert traces(desk, AIGUL, NAME) == [AIGUL, NAME]
    desk.does("subscribers add 'Second.Reader@example.kz' --name 'Екінші Оқырман'")
    before = sql(desk, "PRAGMA schema_version")
    # Somebody has the store open, so that nobody tidies up who closes it as the last.
    with closing(sqlite3.connect(desk.database)) as other:
        other.execute("SELECT count(*) FROM subscribers").fetchone()
        ran = desk.does(f"subscribers erase {AIGUL} Second.Reader@example.kz --yes")
        assert ran.out.splitlines()[:2] == [f"{AIGUL}: erased", "Second.Reader@example.kz: erased"]
        assert f"Not reached from here: letters in {desk.outbox}, logs of mail servers" in ran.out
        assert traces(desk, AIGUL, NAME, "Second.Reader@example.kz", "Екінші Оқырман") == []
    assert sql(desk, "PRAGMA schema_version") == before  # which VACUUM changes: there was no need for it
    assert standings(desk).keys() == {*READERS[1:]}
    assert desk.counts() == {"sent": 3, "bounced": 1}  # the books close as before
    (bounce,) = desk.does("bounces list --json").data
    assert (bounce["kind"], bounce["diagnosis"], bounce["address"]) == ("hard", "", nobody(1))
    told = {each["reason"]: each for each in desk.does("suppressions list --json").data}
    assert {reason: each["address"] for reason, each in told.items()} == {"hard": None, "erased": None}
    assert told["hard"]["detail"] is None
    person = desk.does(f"subscribers export {AIGUL}").data
    assert (person["name"], person["known_since"], person["letters"], person["requests"]) == (
        None,
        None,
        [],
        [],
    )
    others = desk.does("subscribers export dana@example.kz").data
    assert (len(others["requests"]), len(others["letters"])) == (1, 1)


def _write_without_care(path: Path, people: dict[str, str]) -> None:
    """As another SQLite writes: rows that move leave copies behind."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO subscribers (address, address_key, name, created_at)"
            " VALUES (?1, ?1, ?2, '2024-01-01 00:00:00')",
            people.items(),
        )
        database.execute(
            "INSERT INTO subscriptions (subscriber_id, digest, state, origin, changed_at)"
            " SELECT id, 'senat-daily', 'confirmed', 'form', created_at FROM subscribers"
        )
        for address in list(people)[::2]:
            database.execute("UPDATE subscribers SET name = name || '!' WHERE address = ?", [address])
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_copies_that_another_sqlite_left_behind_are_erased_too(empty: Desk) -> None:
    empty.does("subscribers list")
    people = {f"{n * 7919 % 5000:04}-reader@example.kz": f"Reader-{n:04}" for n in range(5000)}
    _write_without_care(empty.database, people)
    victims = list(people)[::50]
    data = empty.database.read_bytes()
    assert any(data.count(victim.encode()) > 3 for victim in victims)  # address, key, index: and one more
    empty.does(f"subscribers erase {' '.join(victims)} --yes")
    assert traces(empty, *victims, *map(people.__getitem__, victims)) == []
    assert len(standings(empty)) == 5000 - len(victims)


def test_a_store_that_somebody_reads_all_the_time_is_said_to_keep_traces(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.store.engine.BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(desk.database, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM subscribers").fetchone()
        ran = desk.does(f"subscribers erase {AIGUL} --yes", code=3)
        assert f"{AIGUL}: erased" in ran.out
        assert "still holds bytes of what was erased (it is in use); stop what uses it" in ran.err
    again = desk.does(f"subscribers erase {AIGUL} --yes")
    assert f"{AIGUL}: was erased before" in again.out
    assert traces(desk, AIGUL, NAME) == []


def test_who_was_erased_comes_back_only_by_themselves(desk: Desk) -> None:
    desk.does(f"suppressions add {READERS[1]} --reason 'asked by telephone'")
    desk.does(f"subscribers erase {AIGUL} {READERS[1]} {READERS[2]} {READERS[3]} --yes")
    listing = desk.newsroom.root / "r.csv"
    listing.write_text(f"{AIGUL.upper()}\n{READERS[1]}\n")
    said = desk.does(f"subscribers import {listing} --json").data
    assert said["erased at their wish"] == 2
    assert "--again" in desk.does(f"subscribers add {AIGUL} {READERS[1]}", code=3).out
    assert traces(desk, AIGUL, READERS[1]) == []
    desk.does(f"subscribers add {AIGUL} --again")
    # She asked for it; the other reason not to write to him is as good as before.
    assert "suppressed" in desk.does(f"subscribers add {READERS[1]} --again", code=3).out
    desk.does(f"suppressions remove {READERS[2]}")
    desk.does(f"subscribers add {READERS[2]}")
    desk.does("digest send")
    assert desk.letters().keys() == {AIGUL, READERS[2]}
    reasons = {each["reason"]: each["address"] for each in desk.does("suppressions list --json").data}
    assert reasons == {"operator": READERS[1], "erased": None}  # the last is of READERS[3]


def test_who_comes_back_on_the_web_gets_letters_and_may_be_suppressed_again(desk: Desk) -> None:
    desk.does(f"subscribers erase {AIGUL} --yes")
    with opened(desk) as engine, writing(engine) as connection:
        assert suppressions.is_erased(connection, AIGUL)
        assert suppressions.suppressed_since(connection, AIGUL) is None
        suppressions.welcome_back(connection, AIGUL)
        assert not suppressions.is_erased(connection, AIGUL)
        suppressions.forget_address(connection, AIGUL, now=NOW)
        hard = SuppressionReason.HARD
        assert suppressions.suppress(connection, AIGUL, reason=hard, detail="no such user", now=NOW)
        assert suppressions.suppressed_since(connection, AIGUL) == NOW
        assert not suppressions.is_erased(connection, AIGUL)


def test_what_waits_for_somebody_who_was_erased_ends_and_the_books_close(desk: Desk) -> None:
    with desk.broken_outbox():
        desk.does("digest send", code=3)
    desk.settle(DeliveryState.SENT, "250 ok", readers=2)
    desk.settle(DeliveryState.DEFERRED, f"451 <{READERS[2]}> later", readers=1)
    desk.does(f"subscribers erase {READERS[2]} {READERS[3]} --yes")
    assert (desk.counts(), desk.state()) == ({"sent": 2, "suppressed": 2}, "done")
    assert traces(desk, READERS[2], READERS[3]) == []


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (DeliveryState.SENT, None),
        (DeliveryState.DEFERRED, None),
        (DeliveryState.UNKNOWN, None),
        (DeliveryState.BOUNCED, BounceKind.HARD),
        (DeliveryState.BOUNCED, BounceKind.COMPLAINT),
    ],
)
def test_a_letter_that_is_being_sent_while_its_reader_is_erased_stays_on_the_books(
    desk: Desk, state: DeliveryState, kind: BounceKind | None
) -> None:
    with desk.broken_outbox():
        desk.does("digest send", code=3)
    with desk.other_sender() as ledger:
        claims = take(ledger, 4)
        sending, claimed = claims[:2], claims[2:]
        assert len(go(ledger, sending)) == 2
        desk.does(f"subscribers erase {sending[0].address} {claimed[0].address} --yes")
        # The first is on its way; the other is stopped before it goes.
        assert go(ledger, claimed) == {claimed[1].subscriber_id}
        end(ledger, [sending[1], claimed[1]], DeliveryState.SENT, "250 ok")
        said = f"<{sending[0].address}> {NAME}"
        _settle(ledger, sending[0], state, said, kind)
    assert desk.counts() == _counted(state)
    # A report that comes later finds nobody either.
    with opened(desk) as engine, writing(engine) as connection:
        bounces.record_bounce(
            connection,
            report="late",
            kind=BounceKind.COMPLAINT,
            subscriber_id=sending[0].subscriber_id,
            edition_id=1,
            diagnosis=said,
            now=NOW,
        )
    assert desk.counts() == _counted(state)
    desk.does(f"subscribers erase {sending[0].address} --yes")  # empties the log of commits
    assert traces(desk, sending[0].address, NAME) == []
    assert all(each["address"] is None for each in desk.does("suppressions list --json").data)
    if state is DeliveryState.DEFERRED:  # its next try is none
        sql(desk, "UPDATE deliveries SET due_at = '2024-01-01' WHERE state = 'deferred'")
        desk.does("digest send")
        assert (desk.counts(), desk.state()) == ({"sent": 2, "suppressed": 2}, "done")
        assert desk.letters() == {}


def _settle(ledger: Any, claim: Claim, state: DeliveryState, reply: str, kind: BounceKind | None) -> None:
    due_at = NOW + timedelta(hours=1) if state is DeliveryState.DEFERRED else None
    settlement = Settlement(claim=claim, state=state, reply=reply, due_at=due_at, bounce=kind)
    ledger.settle([settlement], [], lease_until=NOW + LEASE, now=datetime.now(UTC))


def _counted(state: DeliveryState) -> dict[str, int]:
    counts = {"sent": 2, "suppressed": 1}
    counts[state] = counts.get(state, 0) + 1
    return counts


def test_an_erasure_asks_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        assert "cannot be undone; say --yes" in desk.does(f"subscribers erase {AIGUL}", code=2).err
    for answer, code in ((b"n\n", 3), (b"y\n", 0)):
        assert AIGUL in standings(desk)
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "wb") as keyboard, os.fdopen(theirs) as terminal:
            keyboard.write(answer)
            keyboard.flush()
            monkeypatch.setattr(sys, "stdin", terminal)
            asked = desk.does(f"subscribers erase {AIGUL}", code=code).err
            assert f"Erase all that is known of {AIGUL}, for ever?" in asked
    assert AIGUL not in standings(desk)


def test_who_is_not_known_cannot_be_erased(desk: Desk) -> None:
    ran = desk.does("subscribers erase nobody@example.kz --yes", code=3)
    assert ran.out == "nobody@example.kz: nothing is known of it\n"
    assert desk.does("suppressions list --json").data == []
    sql(
        desk,
        "INSERT INTO requests (address_key, kind, address, digests, language, asked_at)"
        " VALUES (?1, 'confirmation', ?1, 'senat-daily', 'kk', '2024-01-01 00:00:00')",
        "asked@example.kz",
    )
    ran = desk.does("subscribers erase nobody@example.kz asked@example.kz --yes", code=1)
    assert "asked@example.kz: erased" in ran.out
    assert traces(desk, "asked@example.kz") == []


def test_many_are_erased_and_the_numbers_of_others_stay_theirs(desk: Desk) -> None:
    before = dict(sql(desk, "SELECT address, id FROM subscribers"))
    desk.does(f"subscribers erase {READERS[0]} {READERS[0].upper()} --yes")
    desk.does("subscribers add erlan@example.kz")
    desk.does(f"subscribers add {READERS[0]} --again")
    after = dict(sql(desk, "SELECT address, id FROM subscribers"))
    assert {each: after[each] for each in READERS[1:]} == {each: before[each] for each in READERS[1:]}
    assert after[nobody(before[READERS[0]])] == before[READERS[0]]
    assert after[READERS[0]] not in before.values()
