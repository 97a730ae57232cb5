"""The web as a whole: who is let in, how often, what survives a kill, what the supervisor does."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest
from conftest import Newsroom, make_newsroom, story
from served import Served, at_own_port, serving, workers_of
from test_subscribing import NOTHING, SLUG, change, desk_of, dump, link

from publisher.web.clients import client_address, network_of

TRUSTED = (ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("10.0.0.0/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # nobody we trust says so
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (
            "127.0.0.1",
            ["198.51.100.1, 203.0.113.9"],
            "203.0.113.9",
        ),  # the first was made up
        ("127.0.0.1", ["198.51.100.1", "203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        ("127.0.0.1", ["10.1.2.3"], "10.1.2.3"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["unknown"], "0.0.0.0"),  # noqa: S104
        ("127.0.0.1", ["198.51.100.1, ,"], "0.0.0.0"),  # noqa: S104
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("127.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("127.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("::1", ["fe80::1%eth0"], "fe80::1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], "0.0.0.0"),  # noqa: S104 — nothing listens
    ],
)
def test_the_client_is_the_nearest_that_is_no_proxy_of_ours(
    peer: str | None, forwarded_for: list[str], expected: str
) -> None:
    assert client_address(peer, forwarded_for, TRUSTED) == ip_address(expected)


@pytest.mark.parametrize(
    ("address", "network"),
    [("198.51.100.77", "198.51.100.0/24"), ("2001:db8:1:2ff::77", "2001:db8:1:200::/56")],
)
def test_a_network_is_what_one_household_has(address: str, network: str) -> None:
    assert network_of(ip_address(address)) == ip_network(network)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_network_and_all_of_them_sign_up_so_often_an_hour(newsroom: Newsroom) -> None:
    with desk_of(newsroom, signups_per_hour=3, signups_in_all=8) as desk:
        issued = desk.open_form()

        def sign_up(address: str, client: str) -> int:
            form = {"address": address, "digest": SLUG, "issued": issued, "website": ""}
            return desk.served.ask("subscribe", form, headers={"X-Forwarded-For": client}).status

        assert [sign_up(f"a{n}@example.kz", f"198.51.100.{n}") for n in range(5)] == [303, 303, 303, 429, 429]
        assert sign_up("b@example.kz", "198.51.101.1") == 303
        assert sign_up("c@example.kz", "192.0.2.1, 198.51.100.9") == 429  # it only says it was elsewhere
        assert [sign_up(f"d{n}@example.kz", f"2001:db8:0:{n:x}::1") for n in range(4)] == [303, 303, 303, 429]
        assert sign_up("e@example.kz", "2001:db8:0:100::1") == 303
        assert sign_up("f@example.kz", "203.0.113.1") == 429  # eight in all
        change(newsroom, "UPDATE allowances SET window = datetime(window, ?)", "-1 hour")
        assert sign_up("f@example.kz", "203.0.113.1") == 303
        assert sign_up("no address", "203.0.113.1") == 422  # it is looked at first


def test_what_was_asked_for_outlives_a_kill(newsroom: Newsroom) -> None:
    """Killed again and again between the answer and the letter, each reader gets one letter."""
    with desk_of(newsroom) as desk:
        issued = desk.open_form()
        addresses = [f"reader{number}@example.kz" for number in range(30)]
        for number, address in enumerate(addresses):
            assert desk.subscribe(address, issued).status == 303
            if number % 6 == 5:
                desk.served.kill()
        for address in addresses:
            desk.letters(address, 1)


def test_the_web_process_is_started_again_when_it_dies(newsroom: Newsroom) -> None:
    with desk_of(newsroom) as desk:
        pid = desk.served.process.pid
        (worker,) = workers_of(pid)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: workers_of(pid) not in ([], [worker]))
        desk.served.wait_until_alive()


def test_one_command_publishes_mails_and_serves(newsroom: Newsroom) -> None:
    newsroom.edit_config("interval = 60", "interval = 1")
    with desk_of(newsroom, "run", "--serve") as desk:
        assert desk.served.ask("senat/rss.xml").status == 200
        newsroom.drop("new.txt", story("Тың жаңалық"))
        wait_for(lambda: "Тың жаңалық" in desk.served.ask("senat/rss.xml").text)
        desk.join("aigul@example.kz", desk.open_form())
        assert desk.person("aigul@example.kz")["subscriptions"] == {SLUG: "confirmed"}


def test_the_site_may_stand_below_a_path(newsroom: Newsroom) -> None:
    with desk_of(newsroom, path="news/") as desk:
        top = desk.served.url
        assert top.endswith("/news/")
        settings = desk.join("aigul@example.kz", desk.open_form())
        assert settings.startswith(f"{top}preferences/")
        page = desk.served.ask(settings).text
        assert 'href="/news/style.css"' in page
        assert (
            desk.served.ask(settings, {"digest": SLUG, "end": "1"})
            .headers["Location"]
            .startswith("/news/preferences/")
        )
        assert desk.served.ask(f"{top}editions/").status == 200
        assert desk.served.ask(f"{top}senat/rss.xml").status == 200
        root = top.removesuffix("news/")
        for path in ("subscribe", "senat/rss.xml", "editions/", "newsubscribe"):
            assert desk.served.ask(root + path).status == 404
        assert desk.served.ask(f"{root}healthz").status == 200
        assert link(desk.letters("aigul@example.kz", 1)[0], "confirm").startswith(f"{top}confirm/")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    newsroom = make_newsroom(tmp_path_factory.mktemp("plain") / "newsroom")
    at_own_port(newsroom)
    newsroom.edit_config("hosts = []", 'hosts = ["www.example.kz"]')
    assert newsroom.run("publish").exit_code == 0
    with serving(newsroom) as served:
        yield served


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:{port}", 200),
        ("localhost", 200),
        ("news.example.kz", 421),
        ("www.example.kz", 200),
        ("WWW.Example.KZ", 200),
        ("evil.example", 421),
        ("127.0.0.1:{port}.evil.example", 421),
        ("", 421),
    ],
)
def test_the_site_answers_under_its_own_names(plain: Served, host: str, status: int) -> None:
    port = urlsplit(plain.url).port
    for path in ("senat/rss.xml", "subscribe", "editions/", "no/such/page"):
        expected = 404 if status == 200 and path == "no/such/page" else status
        reply = plain.ask(path, headers={"Host": host.format(port=port)})
        assert reply.status == expected, path
        assert "evil" not in reply.text
    assert plain.ask("healthz", headers={"Host": host.format(port=port)}).status == 200


def test_who_never_confirms_is_forgotten_and_who_had_left_has_left(newsroom: Newsroom) -> None:
    stranger, former = "stranger@example.kz", "former@example.kz"
    for command in (["add", former], ["remove", former]):
        assert newsroom.run("subscribers", *command).exit_code == 0
    with desk_of(newsroom) as desk:
        issued = desk.open_form()
        for address in (stranger, former):
            desk.subscribe(address, issued)
            desk.letters(address, 1)
            assert desk.person(address)["subscriptions"] == {SLUG: "pending"}
        # A list that has them may bring neither of them in: the one left, the other has not said yes.
        newsroom.drop("../readers.csv", f"address\n{former}\n")
        assert newsroom.run("subscribers", "import", "readers.csv").exit_code == 0
        assert desk.person(former)["subscriptions"] == {SLUG: "pending"}
        wait_for(lambda: "'pending'" in "".join(dump(newsroom)))
        change(newsroom, "UPDATE subscriptions SET changed_at = datetime(changed_at, ?)", "-8 days")
        change(newsroom, "UPDATE requests SET answered_at = datetime(answered_at, ?)", "-25 hours")
        desk.served.kill()
        wait_for(lambda: stranger not in "".join(dump(newsroom)))
        assert desk.person(former)["subscriptions"] == {SLUG: "unsubscribed"}


def test_who_takes_a_break_gets_no_edition_and_then_does(newsroom: Newsroom) -> None:
    with desk_of(newsroom) as desk:
        address = "aigul@example.kz"
        settings = desk.join(address, desk.open_form())
        desk.served.ask(settings, {"digest": SLUG, "pause": "7", "end": "1"})
        assert "Аяқталуы" in desk.served.ask(settings).text
        assert newsroom.run("subscribers", "add", "other@example.kz").exit_code == 0
        assert newsroom.run("digest", "send", SLUG).exit_code == 0
        desk.letters("other@example.kz", 1)
        desk.letters(address, 1)
        change(newsroom, "UPDATE subscribers SET paused_until = datetime(paused_until, ?)", "-8 days")
        assert "Аяқталуы" not in desk.served.ask(settings).text
        newsroom.drop("new.txt", story("Жаңа мақала"))
        assert newsroom.run("publish").exit_code == 0
        later = str(date.today() + timedelta(days=2))  # noqa: DTZ011 — no zone is so far ahead
        assert newsroom.run("digest", "send", SLUG, "--date", later).exit_code == 0
        desk.letters(address, 2)


def test_who_was_erased_may_come_back_by_themselves_only(newsroom: Newsroom) -> None:
    address = "aigul@example.kz"
    with desk_of(newsroom) as desk:
        issued = desk.open_form()
        settings = desk.join(address, issued)
        assert newsroom.run("subscribers", "erase", address, "--yes").exit_code == 0
        assert desk.served.ask(settings, {"digest": SLUG}).status == 404  # the link opens nobody's settings
        assert newsroom.run("subscribers", "add", address).exit_code == 3
        desk.subscribe(address, issued)
        again = link(desk.letters(address, 2)[1], "confirm")
        assert desk.served.ask(again, NOTHING).status == 303
        assert desk.person(address)["subscriptions"] == {SLUG: "confirmed"}
        assert newsroom.run("digest", "send", SLUG).exit_code == 0
        desk.letters(address, 3)


@pytest.mark.parametrize(
    "path", ["subscribe", "subscribe/else", "confirm/x", "editions/", "healthz", "readyz"]
)
def test_every_answer_is_safe_and_sets_no_cookie(plain: Served, path: str) -> None:
    reply = plain.ask(path)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Set-Cookie"] is None
    if "text/html" in reply.headers["Content-Type"]:
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert reply.headers["Vary"].lower() == "accept-language"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("subscribe", "PUT", 405),
        ("subscribe", "DELETE", 405),
        ("subscribe/sent", "POST", 405),
        ("unsubscribe", "POST", 405),
        ("healthz", "POST", 405),
        ("editions/", "POST", 405),
    ],
)
def test_other_methods_are_refused(plain: Served, path: str, method: str, status: int) -> None:
    reply = plain.ask(path, method=method)
    assert reply.status == status
    assert "GET" in reply.headers["Allow"]


def test_a_request_has_4_kib_at_most(plain: Served) -> None:
    assert plain.ask("subscribe", body=b"a" * 4096, method="POST").status == 422
    assert plain.ask("subscribe", body=b"a" * 4097, method="POST").status == 413


def test_numbers_are_for_the_operator(newsroom: Newsroom) -> None:
    newsroom.drop("broken.txt", "no story")
    assert newsroom.run("publish").exit_code == 1
    assert newsroom.run("subscribers", "add", "aigul@example.kz").exit_code == 0
    with desk_of(newsroom, publish=False) as desk:
        outside = {"X-Forwarded-For": "198.51.100.1"}
        assert desk.served.ask("metrics", headers=outside).status == 403
        assert desk.served.ask("readyz", headers=outside).body == b"ok\n"
        assert desk.served.ask("readyz").text == '{"ready":true,"lacks":[]}'
        desk.served.ask("senat/rss.xml")
        desk.served.ask("subscribe")
        numbers = desk.served.ask("metrics").text.splitlines()
        for line in (
            'publisher_subscriptions{digest="senat-daily",state="confirmed"} 1.0',
            "publisher_files_refused 1.0",
            "publisher_stories 1.0",
            "publisher_requests_waiting 0.0",
            'publisher_file_answers_total{status="200"} 1.0',
            'publisher_page_answers_total{page="subscribe",status="200"} 1.0',
        ):
            assert line in numbers
        (newsroom.feeds / "all/rss.xml").rename(newsroom.root / "rss.xml")
        reply = desk.served.ask("readyz")
        assert (reply.status, "publisher publish" in reply.text) == (503, True)
        assert desk.served.ask("readyz", headers=outside).body == b"not ready\n"
        (newsroom.root / "rss.xml").rename(newsroom.feeds / "all/rss.xml")
