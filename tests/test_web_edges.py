"""Edges of the web: torn forms, what strangers type, killed senders, made-up hosts."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from conftest import make_newsroom
from in_process import run_here
from served import at_own_port
from test_subscribing import NOTHING, SLUG, Desk, change, desk_of, dump, link, store
from test_web_browser import SECOND

from publisher.config import load_config
from publisher.model import EditionKind
from publisher.pipeline.answering import write_answers
from publisher.store.engine import open_store
from publisher.store.letters import is_something_due
from publisher.store.requests import Request, ask
from publisher.store.subscribers import add_subscription, unsubscribe


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(make_newsroom(tmp_path_factory.mktemp("review") / "newsroom")) as desk:
        yield desk


@pytest.fixture(scope="module")
def issued(desk: Desk) -> str:
    return desk.open_form()


def forget_the_silence(desk: Desk, address: str) -> None:
    """As if a day had passed since the reader's last letter."""
    change(desk.newsroom, "DELETE FROM requests WHERE address = ?", address)
    with store(desk.newsroom) as database:
        database.execute("UPDATE editions SET local_date = date(local_date, '-1 day') WHERE occasion <> ''")


def take_in(desk: Desk, address: str) -> str:
    """What an import of an old list says of an address."""
    path = desk.newsroom.root / "old.csv"
    path.write_text(f"address,digest\n{address},{SLUG}\n")
    return run_here(desk.newsroom.root, f"subscribers import {path} --verbose").out


def test_who_left_is_not_brought_back_by_a_stranger_and_a_list(desk: Desk, issued: str) -> None:
    address = "left@example.kz"
    settings = desk.join(address, issued)
    desk.served.ask(settings, {"leave": "all", "end": "1"})
    desk.letters(address, 2)
    forget_the_silence(desk, address)
    desk.subscribe(address, issued)
    desk.letters(address, 3)
    assert "unsubscribed earlier" in take_in(desk, address)


@pytest.mark.parametrize("command", ["import", "add"])
def test_who_was_erased_is_not_brought_back_by_a_stranger_and_a_list(
    desk: Desk, issued: str, command: str
) -> None:
    address = f"erased-and-{command}@example.kz"
    desk.join(address, issued)
    assert run_here(desk.newsroom.root, f"subscribers erase {address} --yes").exit_code == 0
    change(
        desk.newsroom,
        "UPDATE editions SET local_date = date(local_date, '-1 day') WHERE kind = ?",
        "confirmation",
    )
    desk.subscribe(address, issued)
    desk.letters(address, 2)
    said = (
        take_in(desk, address)
        if command == "import"
        else run_here(desk.newsroom.root, f"subscribers add {address}").out
    )
    assert "erased at their wish" in said


@pytest.mark.parametrize("body", [b"", b"language=ru&pause=0&di", b"language=\xff&digest=" + SLUG.encode()])
def test_a_settings_form_that_is_not_whole_takes_nobody_off(desk: Desk, issued: str, body: bytes) -> None:
    address = f"torn{len(body)}@example.kz"
    settings = desk.join(address, issued)
    reply = desk.served.ask(settings, body=body, method="POST")
    assert (reply.status, desk.person(address)["subscriptions"]) == (400, {SLUG: "confirmed"})


def test_links_never_lead_to_where_host_and_scheme_are_made_up(desk: Desk, issued: str) -> None:
    """A redirect made of the request says http: behind a proxy that speaks TLS, and has the token in it."""
    settings = urlsplit(desk.join("slash@example.kz", issued)).path
    reply = desk.served.ask(f"{desk.served.url.rstrip('/')}{settings}/")
    assert not reply.headers.get("Location", "").startswith("http:")


def test_every_page_is_told_not_to_be_sniffed(desk: Desk) -> None:
    for path in ("subscribe", "preferences", "confirm/x"):
        assert desk.served.ask(path).headers["X-Content-Type-Options"] == "nosniff"


def test_erased_readers_links_open_nothing(desk: Desk, issued: str) -> None:
    settings = desk.join("gone@example.kz", issued)
    assert run_here(desk.newsroom.root, "subscribers erase gone@example.kz --yes").exit_code == 0
    assert desk.served.ask(settings, {"digest": SLUG}).status == 404


def test_a_claim_of_a_killed_sender_is_due_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    newsroom = make_newsroom(tmp_path_factory.mktemp("kill") / "newsroom")
    at_own_port(newsroom)
    config = load_config(newsroom.root / "config.toml", {})
    now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    with open_store(config.store_url) as engine:
        with engine.begin() as connection:
            values = ("a@example.kz", "confirmation", "a@example.kz", SLUG, "ru", str(now)[:19])
            connection.exec_driver_sql(
                "INSERT INTO requests (address_key, kind, address, digests, language, asked_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )
        write_answers(config, engine, now=now)
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE deliveries SET state = 'claimed', lease = 'dead', lease_until = '2026-03-10 09:15:00'"
            )
            assert is_something_due(connection, now=now + timedelta(days=1))


def test_a_letter_that_may_have_arrived_is_listed(desk: Desk, issued: str) -> None:
    desk.subscribe("unknown@example.kz", issued)
    desk.letters("unknown@example.kz", 1)
    who = "(SELECT id FROM subscribers WHERE address = ?)"
    change(
        desk.newsroom,
        f"UPDATE deliveries SET state = 'unknown' WHERE subscriber_id = {who}",  # noqa: S608 — a constant
        "unknown@example.kz",
    )
    assert "Unknown" in run_here(desk.newsroom.root, "status").out


def test_a_letter_is_dated_when_it_was_asked_for(desk: Desk, issued: str) -> None:
    desk.subscribe("early@example.kz", issued)
    desk.letters("early@example.kz", 1)
    change(
        desk.newsroom,
        "UPDATE editions SET frozen_at = datetime(frozen_at, '-20 hours') WHERE kind = ?",
        "confirmation",
    )
    desk.subscribe("late-in-the-day@example.kz", issued)
    (letter,) = desk.letters("late-in-the-day@example.kz", 1)
    assert link(letter, "confirm")
    assert datetime.now(UTC) - parsedate_to_datetime(letter["Date"]) < timedelta(hours=1)


def test_whoever_takes_a_plus_address_each_time_gets_ten_letters_an_hour(desk: Desk, issued: str) -> None:
    for number in range(12):
        assert desk.subscribe(f"victim+{number}@example.com", issued).status == 303
    desk.letters("victim+9@example.com", 1)
    time.sleep(1.5)
    desk.letters("victim+10@example.com", 0)
    desk.letters("victim+11@example.com", 0)


def test_who_leaves_two_digests_at_once_hears_goodbye_from_both(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    newsroom = make_newsroom(tmp_path_factory.mktemp("two") / "newsroom")
    newsroom.edit_config("# One block for each digest.", SECOND)
    at_own_port(newsroom)
    config = load_config(newsroom.root / "config.toml", {})
    now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    with open_store(config.store_url) as engine:
        with engine.begin() as connection:
            for digest in (SLUG, "weekly"):
                add_subscription(connection, "a@example.kz", digest, name=None, origin="", now=now)
                unsubscribe(connection, "a@example.kz", digest, now=now)
                goodbye = Request(
                    kind=EditionKind.GOODBYE, address="a@example.kz", digests=(digest,), language="ru"
                )
                ask(connection, goodbye, now=now)
        write_answers(config, engine, now=now)
        with engine.begin() as connection:
            subjects = connection.exec_driver_sql("SELECT subject FROM edition_texts WHERE language = 'ru'")
            assert subjects.scalars().all() == ["Вы отписались: Апта шолуы, Сенат: күн жаңалықтары"]


def test_to_ask_for_nothing_keeps_nobody_from_asking_for_something(desk: Desk, issued: str) -> None:
    address = "first-the-link@example.kz"
    form = {"address": address, "issued": issued, "website": ""}
    assert desk.served.ask("preferences", form).status == 303
    time.sleep(2.5)
    desk.subscribe(address, issued)
    desk.letters(address, 1)


def test_a_link_of_before_is_known_to_be_one(desk: Desk, issued: str) -> None:
    address = "twice@example.kz"
    desk.subscribe(address, issued)
    first = desk.confirm_link(address)
    forget_the_silence(desk, address)
    desk.subscribe(address, issued)
    second = link(desk.letters(address, 2)[1], "confirm")
    assert [desk.served.ask(each).status for each in (first, second)] == [410, 200]


def test_who_left_by_mistake_comes_back_at_once(desk: Desk, issued: str) -> None:
    address = "slipped@example.kz"
    settings = desk.join(address, issued)
    for _ in range(2):  # by mistake: whoever was there a moment ago is there now
        desk.served.ask(settings, {"leave": "all", "end": "1"})
        assert desk.person(address)["subscriptions"] == {SLUG: "unsubscribed"}
        assert "done=saved" in desk.served.ask(settings, {"digest": SLUG, "end": "1"}).headers["Location"]
        assert desk.person(address)["subscriptions"] == {SLUG: "confirmed"}


def test_who_has_left_everything_comes_back_by_letter_only(desk: Desk, issued: str) -> None:
    address = "former@example.kz"
    settings = desk.join(address, issued)
    desk.served.ask(settings, {"leave": "all", "end": "1"})
    desk.letters(address, 2)
    forget_the_silence(desk, address)
    change(
        desk.newsroom,
        "UPDATE subscriptions SET changed_at = datetime(changed_at, '-25 hours') WHERE subscriber_id ="
        " (SELECT id FROM subscribers WHERE address = ?)",
        address,
    )
    reply = desk.served.ask(settings, {"digest": SLUG, "end": "1"})
    assert reply.headers["Location"] == "/subscribe/sent?lang=kk"
    assert desk.person(address)["subscriptions"] == {SLUG: "unsubscribed"}
    desk.served.ask(link(desk.letters(address, 3)[2], "confirm"), NOTHING)
    assert desk.person(address)["subscriptions"] == {SLUG: "confirmed"}


def test_a_language_that_nobody_chose_stays_each_digests_own(desk: Desk) -> None:
    address = "own@example.kz"
    assert run_here(desk.newsroom.root, f"subscribers add {address}").exit_code == 0
    form = {"address": address, "digest": SLUG, "issued": desk.open_form(), "website": ""}
    desk.served.ask("subscribe", form)
    settings = link(desk.letters(address, 1)[0], "preferences")
    page = desk.served.ask(settings).text
    assert '<option value="" selected>' in page
    for chosen, language in (("", None), ("ru", "ru"), ("tlh", "ru"), ("", None)):
        desk.served.ask(settings, {"digest": SLUG, "language": chosen, "pause": "7", "end": "1"})
        assert desk.person(address)["language"] == language


def test_a_reader_who_hangs_up_in_the_middle_of_a_form_keeps_everything(desk: Desk, issued: str) -> None:
    address = "tunnel@example.kz"
    settings = urlsplit(desk.join(address, issued))
    with socket.create_connection((settings.hostname or "", settings.port or 0)) as line:
        head = f"POST {settings.path} HTTP/1.1\r\nHost: {settings.netloc}\r\nContent-Length: 90\r\n\r\n"
        line.sendall(head.encode() + b"end=1&language=ru&digest=")
        time.sleep(0.3)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")
    assert desk.person(address)["subscriptions"] == {SLUG: "confirmed"}


def test_a_store_that_is_locked_is_said_and_holds_no_page_up(desk: Desk, issued: str) -> None:
    with closing(store(desk.newsroom)) as database:
        database.execute("BEGIN IMMEDIATE")
        statuses = []
        threads = [
            threading.Thread(
                target=lambda n=n: statuses.append(desk.subscribe(f"locked{n}@example.kz", issued).status)
            )
            for n in range(30)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        since = time.monotonic()
        assert desk.served.ask("subscribe").status == 200
        assert time.monotonic() - since < 2
        for thread in threads:
            thread.join()
        database.rollback()
    assert statuses == [503] * 30
    assert desk.subscribe("unlocked@example.kz", issued).status == 303


def test_an_older_form_is_not_wiped_by_a_newer_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    newsroom = make_newsroom(tmp_path_factory.mktemp("wiped") / "newsroom")
    config = load_config(newsroom.root / "config.toml", {})
    now = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
    with open_store(config.store_url) as engine:
        with engine.begin() as connection:
            for digests in ((SLUG,), ()):
                request = Request(
                    kind=EditionKind.CONFIRMATION, address="a@example.kz", digests=digests, language="ru"
                )
                ask(connection, request, now=now)
        write_answers(config, engine, now=now)
        with engine.begin() as connection:
            states = connection.exec_driver_sql("SELECT state FROM subscriptions")
            assert states.scalars().all() == ["pending"]


def test_who_was_suppressed_and_erased_is_not_written_down_again(desk: Desk, issued: str) -> None:
    address = "never-again@example.kz"
    for command in (f"suppressions add {address}", f"subscribers erase {address} --yes"):
        assert run_here(desk.newsroom.root, command).exit_code == 0
    desk.subscribe(address, issued)
    time.sleep(2.5)
    assert address not in "".join(dump(desk.newsroom))


def test_a_page_without_a_date_ignores_dates(desk: Desk) -> None:
    for name in ("If-Modified-Since", "If-Unmodified-Since"):
        headers = {name: "Thu, 01 Jan 1970 00:00:00 GMT"}
        assert desk.served.ask("editions/", headers=headers).status == 200


def test_a_form_without_a_digest_is_told_so(desk: Desk, issued: str) -> None:
    reply = desk.served.ask("subscribe?lang=en", {"address": "a@example.kz", "issued": issued})
    assert (reply.status, "Choose at least one" in reply.text) == (422, True)
