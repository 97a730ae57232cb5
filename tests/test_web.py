"""The web as a whole: who is let in, how often, what survives a kill, what the supervisor does."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import pytest
from conftest import Newsroom, make_newsroom, story
from served import Served, at_own_port, serving, workers_of
from test_subscribing import SLUG, change, desk_of, link

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
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, ,"], "127.0.0.1"),
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
            desk.served.ask(settings, {"digest": SLUG}).headers["Location"].startswith("/news/preferences/")
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
