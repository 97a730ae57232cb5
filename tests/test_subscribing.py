"""Subscribe, confirm, choose, leave: over HTTP, with a real mail server."""

import re
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from email.message import EmailMessage
from html import unescape
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from conftest import Newsroom, make_newsroom, story
from mail_server import Received, mail_server
from served import Reply, Served, at_own_port, serving

SLUG = "senat-daily"
NOTHING: dict[str, str] = {}
"""A form without fields: a button is pressed."""


class Desk:
    """A served newsroom, the letters it has sent, and what a reader does there."""

    def __init__(self, served: Served, received: Received) -> None:
        self.served = served
        self.received = received

    @property
    def newsroom(self) -> Newsroom:
        return self.served.newsroom

    def open_form(self, path: str = "subscribe", *, age: float = 2.1) -> str:
        """When the form was given away, with the site's signature; it is as old as a person makes it."""
        page = self.served.ask(path).text
        time.sleep(age)
        (issued,) = re.findall('name="issued" value="([^"]+)"', page)
        return str(issued)

    def subscribe(self, address: str, issued: str, **more: str) -> Reply:
        form = {"address": address, "digest": SLUG, "language": "ru", "issued": issued, "website": ""}
        return self.served.ask("subscribe", form | more)

    def letters(self, address: str, count: int, *, seconds: float = 15) -> list[EmailMessage]:
        """What has come to an address, when so many letters are there."""
        end = time.monotonic() + seconds
        while True:
            found = [message for message in self.received.messages if message["To"] == address]
            if len(found) >= count:
                assert len(found) == count
                return found
            assert time.monotonic() < end, f"{len(found)} of {count} letters to {address}"
            time.sleep(0.05)

    def confirm_link(self, address: str) -> str:
        return link(self.letters(address, 1)[0], "confirm")

    def join(self, address: str, issued: str) -> str:
        """Subscribe and confirm; the address of the reader's settings."""
        assert self.subscribe(address, issued).status == 303
        reply = self.served.ask(self.confirm_link(address), {})
        assert reply.status == 303
        return str(urljoin(self.served.url, reply.headers["Location"].partition("?")[0]))

    def person(self, address: str) -> dict[str, Any]:
        (found,) = [
            each
            for each in self.newsroom.run("subscribers", "list", "--json").data
            if each["address"] == address
        ]
        return dict(found)


def link(message: EmailMessage, kind: str) -> str:
    """The one link of a kind in a letter; HTML and text have the same."""
    parts = [message.get_body([name]) for name in ("html", "plain")]
    found = {
        unescape(each)
        for part in parts
        if part
        for each in re.findall(rf'http[^\s"<]*/{kind}/[^\s"<]+', part.get_content())
    }
    (only,) = found
    return str(only)


@contextmanager
def desk_of(
    newsroom: Newsroom,
    *command: str,
    path: str = "",
    signups_per_hour: int = 100_000,
    signups_in_all: int = 100_000,
    publish: bool = True,
) -> Iterator[Desk]:
    with mail_server() as (received, port):
        at_own_port(newsroom, path)
        newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
        newsroom.edit_config('host = "localhost"', 'host = "127.0.0.1"')
        newsroom.edit_config("port = 587", f"port = {port}")
        newsroom.edit_config('security = "starttls"', 'security = "none"')
        newsroom.edit_config("signups_per_hour = 20", f"signups_per_hour = {signups_per_hour}")
        newsroom.edit_config("signups_in_all = 2000", f"signups_in_all = {signups_in_all}")
        if publish:
            assert newsroom.run("publish").exit_code == 0
        with serving(newsroom, *command) as served:
            yield Desk(served, received)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(make_newsroom(tmp_path_factory.mktemp("web") / "newsroom")) as desk:
        yield desk


@pytest.fixture(scope="module")
def issued(desk: Desk) -> str:
    return desk.open_form()


def store(newsroom: Newsroom) -> sqlite3.Connection:
    return sqlite3.connect(newsroom.root / "state" / "publisher.db", timeout=30)


def change(newsroom: Newsroom, statement: str, value: str) -> None:
    """What only time would do."""
    with closing(store(newsroom)) as database, database:
        assert database.execute(statement, [value]).rowcount > 0


def dump(newsroom: Newsroom) -> list[str]:
    """All that the store holds."""
    with closing(store(newsroom)) as database:
        return list(database.iterdump())


def test_a_reader_subscribes_confirms_gets_the_digest_chooses_and_leaves(desk: Desk, issued: str) -> None:
    address = "aigul@example.kz"
    reply = desk.subscribe(address, issued)
    assert (reply.status, reply.headers["Location"]) == (303, "/subscribe/sent?lang=kk")
    assert "Поштаңызды тексеріңіз" in desk.served.ask("subscribe/sent?lang=kk").text

    (letter,) = desk.letters(address, 1)
    assert letter["Subject"] == "Подтвердите: Сенат: күн жаңалықтары"  # the letter is in the language chosen
    assert letter["Content-Language"] == "ru"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert not [name for name in letter if name.startswith("List-")]
    assert desk.person(address)["subscriptions"] == {SLUG: "pending"}

    confirm = link(letter, "confirm")
    assert "Сенат: күн жаңалықтары" in desk.served.ask(confirm).text
    settings = desk.served.ask(confirm, {}).headers["Location"]
    assert desk.person(address)["subscriptions"] == {SLUG: "confirmed"}
    page = desk.served.ask(settings[1:]).text
    assert "a…@example.kz" in page
    assert address not in page

    assert desk.newsroom.run("digest", "send", SLUG).exit_code == 0
    digest = desk.letters(address, 2)[1]
    unsubscribe = digest["List-Unsubscribe"].partition(">")[0].strip("<")
    assert link(digest, "unsubscribe") == unsubscribe

    changed = desk.served.ask(
        settings[1:].partition("?")[0], {"digest": SLUG, "language": "en", "pause": "14", "end": "1"}
    )
    assert changed.status == 303
    assert desk.person(address)["language"] == "en"
    assert desk.person(address)["paused_until"]

    # As a mail program does it (RFC 8058): no cookie, no page before it.
    left = desk.served.ask(unsubscribe, {"List-Unsubscribe": "One-Click"})
    assert left.status == 200
    assert desk.person(address)["subscriptions"] == {SLUG: "unsubscribed"}
    goodbye = desk.letters(address, 3)[2]
    assert goodbye["Subject"] == "You have unsubscribed: Сенат: күн жаңалықтары"
    assert (
        desk.served.ask(unsubscribe, {"List-Unsubscribe": "One-Click"}).status == 200
    )  # once more does no harm
    desk.letters(address, 3)


def test_what_is_known_of_an_address_does_not_show(desk: Desk, issued: str) -> None:
    known, unknown, suppressed = (f"{name}@example.kz" for name in ("known", "unknown", "suppressed"))
    assert desk.newsroom.run("subscribers", "add", known).exit_code == 0
    assert desk.newsroom.run("suppressions", "add", suppressed).exit_code == 0
    replies = set()
    for address in (known, unknown, suppressed, known.upper()):
        reply = desk.subscribe(address, issued)
        told = sorted((name, value) for name, value in reply.headers.items() if name != "date")
        replies.add((reply.status, reply.body, *told))
    assert len(replies) == 1
    # Only the owner of the mailbox hears of it.
    reminder = desk.letters(known, 1)[0]
    assert reminder["Subject"] == "Ваша подписка: Сенат: күн жаңалықтары"
    assert desk.served.ask(link(reminder, "preferences")).status == 200
    desk.letters(unknown, 1)
    desk.letters(suppressed, 0)


def test_who_asks_for_the_link_to_the_settings_gets_it_by_mail(desk: Desk, issued: str) -> None:
    assert desk.newsroom.run("subscribers", "add", "forgetful@example.kz").exit_code == 0
    for address in ("forgetful@example.kz", "stranger@example.kz"):
        form = {"address": address, "issued": issued, "website": ""}
        assert desk.served.ask("preferences", form).status == 303
    settings = link(desk.letters("forgetful@example.kz", 1)[0], "preferences")
    assert "f…@example.kz" in desk.served.ask(settings).text
    desk.letters("stranger@example.kz", 0)


def test_ten_thousand_sign_ups_for_one_address_lead_to_one_letter(desk: Desk, issued: str) -> None:
    form = urlencode({"address": "victim@example.kz", "digest": SLUG, "issued": issued}).encode()
    statuses: Counter[int] = Counter()

    def press(times: int) -> None:
        where = urlsplit(desk.served.url)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=30)
        for _ in range(times):
            connection.request("POST", "/subscribe", form)
            reply = connection.getresponse()
            reply.read()
            statuses[reply.status] += 1
        connection.close()

    threads = [threading.Thread(target=press, args=(2500,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {303: 10_000}
    desk.letters("victim@example.kz", 1)
    time.sleep(2)  # whatever were still to come
    desk.letters("victim@example.kz", 1)


def test_after_a_day_an_address_may_be_asked_again(desk: Desk, issued: str) -> None:
    address = "again@example.kz"
    desk.subscribe(address, issued)
    first = desk.confirm_link(address)
    change(
        desk.newsroom,
        "UPDATE requests SET answered_at = datetime(answered_at, '-25 hours') WHERE address = ?",
        address,
    )
    statement = "UPDATE editions SET local_date = date(local_date, '-1 day') WHERE kind = ?"
    change(desk.newsroom, statement, "confirmation")
    desk.subscribe(address, issued)
    second = link(desk.letters(address, 2)[1], "confirm")
    assert second != first
    assert desk.served.ask(first).status == 410  # only the newest letter's link counts
    assert desk.served.ask(second, {}).status == 303


def tokens_that_open_nothing(desk: Desk, issued: str) -> dict[str, tuple[str, int]]:
    """Addresses with a token that is not right, and how each is refused."""
    used, late = "used@example.kz", "late@example.kz"
    settings = desk.join(used, issued)
    desk.subscribe(late, issued)
    expired, reused = desk.confirm_link(late), desk.confirm_link(used)
    change(
        desk.newsroom,
        "UPDATE subscriptions SET changed_at = datetime(changed_at, '-48 hours', '-1 minute')"
        " WHERE subscriber_id = (SELECT id FROM subscribers WHERE address = ?)",
        late,
    )
    token = settings.rpartition("/")[2]
    leave = settings.replace("/preferences/", "/unsubscribe/")
    return {
        "expired": (expired, 410),
        "reused": (reused, 410),
        "forged": (reused[:-1] + ("A" if reused[-1] != "A" else "E"), 404),
        "truncated": (reused[:-7], 404),
        "of somebody else": (re.sub(r"/\d{10}\.", "/0000000001.", reused), 404),
        "of nobody": (re.sub(r"/\d{10}\.", "/0000000000.", reused), 404),
        "no number": (re.sub(r"/\d{10}\.", "/００００００００１０.", reused), 404),
        "nothing": (f"{desk.served.url}confirm/", 404),
        "of settings": (f"{desk.served.url}confirm/{token}", 404),
        "settings forged": (settings[:-2] + "AA", 404),
        "settings truncated": (settings[:-7], 404),
        "settings of another digest": (settings.replace(SLUG, "weekly"), 404),
        "leaving forged": (leave[:-2] + "AA", 404),
        "leaving truncated": (leave[:-1], 404),
        "leaving of another digest": (leave.replace(SLUG, "weekly"), 404),
        "leaving with too much": (leave + "A", 404),
    }


def test_a_token_that_is_not_right_opens_nothing_and_shows_nothing(desk: Desk, issued: str) -> None:
    cases = tokens_that_open_nothing(desk, issued)
    time.sleep(1.5)  # the last letter is sent
    before = dump(desk.newsroom)
    took: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(40):
        for name, (address, status) in cases.items():
            for form in (None, NOTHING):
                since = time.perf_counter()
                reply = desk.served.ask(quote(address, safe=":/"), form)
                took[name].append(time.perf_counter() - since)
                assert reply.status == status, name
    assert dump(desk.newsroom) == before
    del cases["nothing"]  # it is no token
    for page in ("confirm", "preferences", "unsubscribe"):
        # The shortest time of each: whatever else the machine does only makes it longer.
        shortest = {name: min(took[name]) for name, (address, _) in cases.items() if f"/{page}/" in address}
        assert max(shortest.values()) < 1.3 * min(shortest.values()), shortest


def test_to_follow_every_link_of_every_letter_changes_nothing(desk: Desk, issued: str) -> None:
    address = "scanned@example.kz"
    leave = desk.join(address, issued).replace("/preferences/", "/unsubscribe/")
    desk.newsroom.drop("new.txt", story("Жаңа мақала"))
    assert desk.newsroom.run("publish").exit_code == 0
    later = str(date.today() + timedelta(days=3))  # noqa: DTZ011 — no zone is so far ahead
    assert desk.newsroom.run("digest", "send", SLUG, "--date", later).exit_code == 0
    assert desk.served.ask(leave, {}).status == 200
    desk.letters(address, 3)
    pending = "pending@example.kz"
    desk.subscribe(pending, issued)
    desk.letters(pending, 1)
    links = set()
    for message in desk.received.messages:
        if message["To"] in {address, pending}:
            links |= links_of(message)
    own = sorted(each for each in links if each.startswith(desk.served.url))
    kinds = {each.removeprefix(desk.served.url).partition("/")[0] for each in own}
    assert kinds >= {"confirm", "preferences", "unsubscribe", "editions", "stories"}
    time.sleep(1.5)
    before = dump(desk.newsroom)
    where = urlsplit(desk.served.url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=30)
    for each in own:
        for number in range(1000):
            connection.request("HEAD" if number % 2 else "GET", urlsplit(each).path or "/")
            reply = connection.getresponse()
            reply.read()
            assert reply.status < 500, each
    connection.close()
    assert dump(desk.newsroom) == before


def links_of(message: EmailMessage) -> set[str]:
    """Whatever a program could take for a link."""
    fields = " ".join(map(str, message.values()))
    parts = [message.get_body([name]) for name in ("html", "plain")]
    text = fields + "".join(part.get_content() for part in parts if part)
    return {unescape(each) for each in re.findall(r"https?://[^\s\"<>]+", text)}


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        ({"address": ""}, 422, "Это не адрес электронной почты"),
        ({"address": "aigul"}, 422, "Это не адрес электронной почты"),
        ({"address": "a@b@example.kz"}, 422, "Это не адрес электронной почты"),
        ({"address": "a@example.kz\r\nBcc: b@example.kz"}, 422, "Это не адрес электронной почты"),
        ({"address": "<script>@example.kz"}, 422, "&lt;script&gt;@example.kz"),
        ({"address": "a" * 300 + "@example.kz"}, 422, "Это не адрес электронной почты"),
        ({"digest": "weekly"}, 422, "Сенат: күн жаңалықтары"),
        ({"digest": ""}, 422, "Сенат: күн жаңалықтары"),
        ({"issued": ""}, 422, "Отправьте форму ещё раз"),
        ({"issued": "1795618341.forged"}, 422, "Отправьте форму ещё раз"),
        ({"language": "tlh"}, 303, ""),
        ({"website": "https://spam.example/"}, 303, ""),
    ],
)
def test_a_form_that_is_not_right(
    desk: Desk, issued: str, more: dict[str, str], status: int, said: str
) -> None:
    address = more.get("address", f"form{abs(hash(tuple(more.items())))}@example.kz")
    form = {"digest": SLUG, "language": "ru", "issued": issued, "website": ""} | more | {"address": address}
    reply = desk.served.ask("subscribe?lang=ru", form)
    assert (reply.status, said in reply.text) == (status, True)
    if status == 422 or "website" in more:
        time.sleep(0.2)
        with closing(store(desk.newsroom)) as database:
            rows = database.execute("SELECT count(*) FROM requests WHERE address = ?", [address]).fetchone()
        assert rows == (0,)


def test_who_mends_the_address_need_not_wait_again(desk: Desk, issued: str) -> None:
    page = desk.subscribe("mended@", issued).text
    assert f'name="issued" value="{issued}"' in page
    again = desk.subscribe("mended@example.kz", "1795618341.forged").text
    assert "1795618341.forged" not in again


def test_a_form_that_is_sent_at_once_was_filled_in_by_a_program(desk: Desk) -> None:
    assert desk.subscribe("quick@example.kz", desk.open_form(age=0)).status == 422
