"""The archive of editions on the web, and the language its pages are in."""

import http.client
import re
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count, product
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

import feedparser
import pytest
from conftest import Newsroom, make_newsroom
from feed_rules import check_feed_file
from in_process import run_here
from lxml import etree, html
from mail_server import parse
from sqlalchemy import Connection, insert
from test_run import wait_for

from publisher.config import load_config
from publisher.model import EditionKind, EditionState, EditionText
from publisher.pipeline.mailing import freeze_edition
from publisher.store.editions import add_texts
from publisher.store.engine import open_store, writing
from publisher.store.schema import editions
from publisher.web.languages import choose_language

SITE = "https://news.example.kz/"
SPRING = datetime(2024, 4, 1, 3, 0, 0, 250_000, tzinfo=UTC)
"""When the edition of 1 April was frozen."""
OF_SPRING = "/editions/senat-daily/2024-04-01/"
EDITION_ID = "urn:uuid:e4c2a2da-263d-5b87-bad6-a5c7cd5df96b"
"""Permanent: readers know the edition by it."""
OWN_ADDRESS = "https://elsewhere.example.kz/budget"
STORIES = {
    "otyrys": ("Сенат отырысы «өтті» & аяқталды", "2024-03-29", "", "Сенат отырысында бюджет қаралды."),
    "budget": ("Комитет рассмотрел поправки", "2024-03-28", f"url: {OWN_ADDRESS}", "Комитет обсудил доходы."),
    "saylau": ("Сайлау күні белгіленді", "2024-03-27", "", "Сайлау күзде өтеді."),
}
TITLES = [title for title, *_ in STORIES.values()]
FIRST_PUBLIC = date(2020, 1, 1)
PUBLIC = [FIRST_PUBLIC + timedelta(days=number) for number in range(102)]
"""Dates of editions of a digest that is not configured any more."""
_IS_PUBLIC = {(EditionKind.REGULAR, EditionState.FROZEN), (EditionKind.REGULAR, EditionState.DONE)}
HIDDEN = [each for each in product(EditionKind, EditionState) if each not in _IS_PUBLIC]
FIRST_HIDDEN = date(2021, 1, 1)
TODAYS = "---\ntitle: Бүгінгі жаңалық\ndate: 2024-03-30\nsection: Сенат\n---\n\nБүгінгі мәтін.\n"
SECRET = "Ешкім көрмейтін тақырып"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def tree(self) -> html.HtmlElement:
        return html.document_fromstring(self.body)


@dataclass(frozen=True)
class Served:
    """A newsroom whose site is served."""

    newsroom: Newsroom
    port: int

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """A request of its own connection; `if_none_match` is If-None-Match."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers={"Host": "news.example.kz"} | fields)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        answer = Answer(response.status, names, response.read())
        connection.close()
        assert "set-cookie" not in names
        return answer

    def gets(self, path: str, **headers: str) -> Answer:
        answer = self.ask(path, **headers)
        assert answer.status == 200, (path, answer.text)
        return answer

    def does(self, command: str) -> None:
        ran = run_here(self.newsroom.root, command)
        assert ran.exit_code == 0, (ran.out, ran.err)


@contextmanager
def serving(newsroom: Newsroom) -> Iterator[Served]:
    """`publisher serve`, from its first answer until it is stopped as an operator stops it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    newsroom.edit_config("port = 8000", f"port = {port}")
    process = newsroom.start("serve")
    served = Served(newsroom, port)

    def answers() -> bool:
        assert process.poll() is None, process.communicate()[0]
        try:
            return served.ask("/healthz").status == 200
        except OSError:
            return False

    try:
        wait_for(answers)
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        log = process.communicate(timeout=30)[0]
    assert "Traceback" not in log, log
    assert process.returncode == 0


JOINING = (
    "subscribers add --digest senat-daily a@example.kz",
    "subscribers add --digest senat-daily --language ru b@example.kz",
)


@pytest.fixture(scope="module")
def newsroom_with_editions(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    newsroom = make_newsroom(tmp_path_factory.mktemp("editions") / "newsroom")
    newsroom.edit_config('subject = "{title}, {date}"', 'subject = "{title}: {first}"')
    newsroom.edit_config("# One block for each digest.", _SECOND_DIGEST)
    (newsroom.inbox / "000_5c9351a6b67bfa3b.txt").unlink()
    for name, (title, dated, more, text) in STORIES.items():
        head = "\n".join(filter(None, (f"title: {title}", f"date: {dated}", "section: Сенат", more)))
        newsroom.drop(f"{name}.md", f"---\n{head}\n---\n\n{text}\n")
    for command in ("publish", *JOINING):
        assert run_here(newsroom.root, command).exit_code == 0
    config = load_config(newsroom.root / "config.toml", {})
    with open_store(config.store_url) as engine:
        digest = next(each for each in config.digests if each.slug == "senat-daily")
        assert freeze_edition(
            config, engine, digest, local_date=date(2024, 4, 1), now=SPRING, scheduled=False
        )
        numbers = count(1000)
        with writing(engine) as connection:
            for day in PUBLIC:
                _add_edition(connection, next(numbers), day, EditionKind.REGULAR, EditionState.DONE)
            for number, (kind, state) in enumerate(HIDDEN):
                day = FIRST_HIDDEN + timedelta(days=number)
                _add_edition(connection, next(numbers), day, kind, state, subject=SECRET)
    newsroom.drop("bugin.md", TODAYS)
    for command in ("publish", "digest send senat-daily"):
        assert run_here(newsroom.root, command).exit_code == 0
    return newsroom


_SECOND_DIGEST = """
[[digests]]
slug = "weekly"
title = "Апталық"
sections = ["senat"]

# One block for each digest."""


def _add_edition(
    connection: Connection, number: int, day: date, kind: EditionKind, state: EditionState, subject: str = ""
) -> None:
    values = {
        "id": number,
        "digest": "former",
        "local_date": day,
        "kind": kind,
        "occasion": "",
        "state": state,
        "frozen_at": datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
        "language": "kk",
    }
    connection.execute(insert(editions).values(values))
    letter = EditionText(language="kk", subject=subject or f"Шығарылым {day}", html=f"<p>{day}</p>", text="")
    add_texts(connection, number, [letter])


@pytest.fixture(scope="module")
def served(newsroom_with_editions: Newsroom) -> Iterator[Served]:
    with serving(newsroom_with_editions) as served:
        yield served


def test_the_first_page_lists_digests_that_have_editions(served: Served) -> None:
    tree = served.gets("/editions/?lang=en").tree
    digests = tree.xpath("//main//h2/a")
    assert [(link.text, link.get("href")) for link in digests] == [
        ("Сенат: күн жаңалықтары", "senat-daily/?lang=en"),
        ("former", "former/?lang=en"),
    ]
    assert "102 editions" in tree.text_content()
    assert "2 editions" in tree.text_content()


def test_a_digest_lists_its_editions_with_date_subject_and_stories(served: Served) -> None:
    page = served.gets("/editions/senat-daily/?lang=ru")
    assert page.headers["content-language"] == "ru"
    _, link = page.tree.xpath("//main//h2/a")
    assert link.text == f"Сенат: күн жаңалықтары: {TITLES[0]}"
    assert link.get("href") == "2024-04-01/?lang=ru"
    words = " ".join(page.tree.text_content().split())
    assert "1 апреля 2024 г. · 3 статьи" in words
    assert " · ".join(TITLES) in words
    feeds = page.tree.xpath("//link[@rel='alternate'][@type='application/atom+xml']/@href")
    assert urljoin(f"{SITE}editions/senat-daily/", feeds[0]) == f"{SITE}editions/senat-daily/atom.xml"


def test_every_page_speaks_three_languages(served: Served) -> None:
    for path in ("/editions/", "/editions/senat-daily/", "/editions/weekly/"):
        bodies = set()
        for language in ("kk", "ru", "en"):
            asked, liked = served.gets(f"{path}?lang={language}"), served.gets(path, accept_language=language)
            assert asked.body == liked.body
            assert asked.headers["content-language"] == asked.tree.get("lang") == language
            assert "accept-language" in asked.headers["vary"].lower()
            bodies.add(asked.body)
            switch = asked.tree.xpath("//nav[@class='languages']//a")
            assert [link.get("href") for link in switch] == ["?lang=kk", "?lang=ru", "?lang=en"]
            assert [link.get("hreflang") for link in switch if link.get("aria-current")] == [language]
        assert len(bodies) == 3
        assert served.gets(path).headers["content-language"] == "kk"


def test_pages_of_fifty_lead_to_each_edition_once(served: Served) -> None:
    path, seen, pages = "/editions/former/?lang=en", [], 0
    while path:
        tree = served.gets(path).tree
        pages += 1
        seen += [str(href).partition("/")[0] for href in tree.xpath("//main//h2/a/@href")]
        older = tree.xpath("//link[@rel='next']/@href")
        assert older == tree.xpath("//main//a[@rel='next']/@href")
        assert bool(tree.xpath("//link[@rel='prev']")) == (pages > 1)
        path = urljoin(path, older[0]) if older else ""
    assert pages == 3
    assert seen == [str(day) for day in reversed(PUBLIC)]


@pytest.mark.parametrize("page", ["0", "4", "99999", "-1", "x", "٢", "1e1", "", "9" * 5000])
def test_there_are_no_other_pages(served: Served, page: str) -> None:
    assert served.ask(f"/editions/former/?page={quote(page)}").status == 404


def test_a_digest_without_editions_says_so(served: Served) -> None:
    assert "No editions yet." in served.gets("/editions/weekly/?lang=en").text
    assert check_feed_file("atom.xml", served.gets("/editions/weekly/atom.xml").body) == []


@pytest.mark.parametrize("number", range(len(HIDDEN)), ids=[f"{kind}-{state}" for kind, state in HIDDEN])
def test_what_is_not_public_is_not_there(served: Served, number: int) -> None:
    day = FIRST_HIDDEN + timedelta(days=number)
    for path in (f"/editions/former/{day}/", f"/editions/former/{day}/atom.xml"):
        assert served.ask(path).status == 404


def test_no_list_or_feed_names_what_is_not_public(served: Served) -> None:
    for path in ("/editions/former/", "/editions/former/atom.xml"):
        assert SECRET not in served.gets(path).text


@pytest.mark.parametrize(
    "path",
    [
        "unknown/",
        "unknown/atom.xml",
        "senat-daily/2024-04-02/",
        "senat-daily/2024-04-02/atom.xml",
        "senat-daily/20240401/",
        "senat-daily/2024-W14-1/",
        "senat-daily/2024-4-1/",
        "senat-daily/2024-02-31/",
        "senat-daily/0000-00-00/",
        "senat-daily/today/",
        "senat-daily/2024-04-01/rss.xml",
        "senat-daily/2024-04-01/atom.xml/",
        "Senat-Daily/",
        "%D1%81%D0%B5%D0%BD%D0%B0%D1%82/",
        "%00/",
        "%ED%A0%80/",
        "%FF/2024-04-01/",
        "..%2fsenat-daily/",
        "a/b/c/d/",
    ],
)
def test_an_address_that_leads_nowhere_is_told_so_in_the_reader_s_language(served: Served, path: str) -> None:
    answer = served.ask(f"/editions/{path}", accept_language="ru")
    assert answer.status == 404
    assert "Такой страницы нет" in answer.text
    assert answer.tree.get("lang") == "ru"
    assert answer.headers["cache-control"] == "no-store"


def test_an_address_without_its_slash_leads_to_the_page(served: Served) -> None:
    for path in ("/editions", "/editions/senat-daily", OF_SPRING.rstrip("/")):
        answer = served.ask(f"{path}?lang=ru")
        assert (answer.status, answer.headers["location"]) == (308, f"{path}/?lang=ru")


def letters(newsroom: Newsroom) -> dict[str, EmailMessage]:
    found = [parse(path.read_bytes()) for path in (newsroom.root / "outbox" / "new").glob("*.eml")]
    return {str(letter["To"]): letter for letter in found}


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def test_a_letter_leads_to_itself_as_it_was_sent_but_for_the_reader(served: Served) -> None:
    sent = letters(served.newsroom)
    for reader, language in (("a@example.kz", "kk"), ("b@example.kz", "ru")):
        letter = sent[reader]
        in_letter, text = part(letter, "html"), part(letter, "plain")
        (link,) = re.findall(rf"{SITE}editions/\S+", text)
        assert link in in_letter
        answer = served.gets(link.removeprefix(SITE.rstrip("/")))
        assert answer.headers["content-language"] == letter["Content-Language"] == language
        token = str(letter["List-Unsubscribe"]).partition(">")[0].rpartition("/")[2]
        assert token in in_letter
        assert answer.text == in_letter.replace(f"/senat-daily/{token}", "")
        assert f'href="{SITE}unsubscribe"' in answer.text
        list_archive = str(letter["List-Archive"]).strip("<>")
        assert link.startswith(list_archive)
        assert (
            link.removeprefix(list_archive)
            in served.gets(f"{urlsplit(list_archive).path}?lang={language}").text
        )


def test_a_letter_is_shown_in_the_language_that_it_has_and_the_reader_likes(served: Served) -> None:
    for query, liked, language in (
        ("", "", "kk"),
        ("", "ru", "ru"),
        ("", "en, ru;q=0.5", "ru"),
        ("", "en", "kk"),
        ("?lang=ru", "kk", "ru"),
        ("?lang=en", "ru", "ru"),
    ):
        answer = served.gets(OF_SPRING + query, accept_language=liked)
        assert answer.headers["content-language"] == answer.tree.get("lang") == language, (query, liked)
        assert "accept-language" in answer.headers["vary"].lower()


def test_a_letter_may_bring_styles_and_nothing_else(served: Served) -> None:
    letter, page = (
        served.gets(path).headers["content-security-policy"] for path in (OF_SPRING, "/editions/")
    )
    for policy in (letter, page):
        assert "default-src 'self'" in policy
    assert "style-src 'self' 'unsafe-inline'" in letter
    assert "script-src 'none'" in letter
    assert "unsafe" not in page


def test_a_withdrawn_story_is_shown_no_more_and_comes_back_when_it_is_restored(served: Served) -> None:
    list_, feed = "/editions/senat-daily/", "/editions/senat-daily/atom.xml"
    paths = (OF_SPRING, f"{OF_SPRING}atom.xml", list_, feed)
    before = {path: served.gets(path) for path in paths}
    (entry,) = (each for each in entries(before[feed]) if each.link.endswith(OF_SPRING))
    served.does(f"articles withdraw {served.newsroom.root / 'seeds' / 'otyrys.md'}")
    after = {path: served.gets(path, if_none_match=before[path].headers["etag"]) for path in paths}
    for path in paths:
        assert "Сенат отырысы" in before[path].text
        assert "Сенат отырысы" not in after[path].text
        for other in TITLES[1:]:
            assert other in after[path].text
    assert "бюджет қаралды" in before[OF_SPRING].text
    assert "бюджет қаралды" not in after[OF_SPRING].text
    assert "бір мақала енді қолжетімсіз" in after[OF_SPRING].text
    links = after[OF_SPRING].tree.xpath("//main//h2/a/@href")
    assert links[0] == OWN_ADDRESS
    assert served.gets(urljoin(OF_SPRING, links[1])).status == 200
    words = after[list_].tree.text_content().replace("\xa0", " ")
    assert "Сенат: күн жаңалықтары, 2024 ж. 1 сәуір" in words
    (dead,) = etree.fromstring(after[f"{OF_SPRING}atom.xml"].body).iter("{*}deleted-entry")
    assert dead.get("ref") in {each.id for each in entries(before[f"{OF_SPRING}atom.xml"])}
    (changed,) = (each for each in entries(after[feed]) if each.id == entry.id)
    assert changed.published == entry.published
    assert changed.updated > entry.updated
    for path in (f"{OF_SPRING}atom.xml", feed):
        assert check_feed_file("atom.xml", after[path].body) == []
    served.does(f"articles restore {served.newsroom.root / 'seeds' / 'otyrys.md'}")
    for path in paths:
        assert served.gets(path).body == before[path].body


def entries(answer: Answer) -> list[feedparser.FeedParserDict]:
    parsed = feedparser.parse(answer.body)
    assert not parsed.bozo
    found: list[feedparser.FeedParserDict] = parsed.entries
    return found


def test_the_editions_of_a_digest_are_a_feed(served: Served) -> None:
    answer = served.gets("/editions/senat-daily/atom.xml")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = feedparser.parse(answer.body).feed
    assert feed.title == "Сенат: күн жаңалықтары — Сенат жаңалықтары"
    assert feed.link == f"{SITE}editions/senat-daily/"
    _, entry = entries(answer)
    assert entry.id == EDITION_ID
    assert entry.title == f"Сенат: күн жаңалықтары: {TITLES[0]}"
    assert entry.link == SITE.rstrip("/") + OF_SPRING
    assert entry.published == entry.updated == "2024-04-01T08:00:00+05:00"
    assert entry.summary == " · ".join(TITLES)
    links = html.fromstring(entry.content[0].value).xpath("//a")
    assert [link.text for link in links] == TITLES
    assert [link.get("href") for link in links][1] == OWN_ADDRESS
    assert links[0].get("href").startswith(f"{SITE}stories/")


def test_the_stories_of_an_edition_are_a_feed(served: Served) -> None:
    answer = served.gets(f"{OF_SPRING}atom.xml")
    feed, found = feedparser.parse(answer.body).feed, entries(answer)
    assert [entry.title for entry in found] == TITLES
    assert feed.id not in {
        EDITION_ID,
        feedparser.parse(served.gets("/editions/senat-daily/atom.xml").body).feed.id,
    }
    assert feed.link == SITE.rstrip("/") + OF_SPRING
    everywhere = feedparser.parse((served.newsroom.feeds / "all" / "atom.xml").read_bytes())
    assert {entry.id for entry in found} < {entry.id for entry in everywhere.entries}


def test_feeds_of_editions_are_good_feeds(served: Served) -> None:
    paths = ("senat-daily/atom.xml", "former/atom.xml", "senat-daily/2024-04-01/atom.xml")
    for number, path in enumerate(paths):
        file = served.newsroom.root / f"{number}.xml"
        file.write_bytes(served.gets(f"/editions/{path}").body)
        assert check_feed_file("atom.xml", file.read_bytes()) == []
        ran = run_here(served.newsroom.root, f"feeds check {file}")
        assert (ran.exit_code, "good" in ran.out) == (0, True), ran.out
    assert len(entries(served.gets("/editions/former/atom.xml"))) == 50


PATHS = (
    "/editions/",
    "/editions/senat-daily/",
    "/editions/senat-daily/atom.xml",
    OF_SPRING,
    f"{OF_SPRING}atom.xml",
)


@pytest.mark.parametrize("path", PATHS)
def test_who_has_it_is_told_so(served: Served, path: str) -> None:
    answer = served.gets(path)
    etag = answer.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', etag)
    assert answer.headers["cache-control"] == "public, max-age=300"
    gzipped = f'{etag[:-1]}-gzip"'
    for listed in (etag, f"W/{etag}", f'"a", {etag}, "b"', "*", gzipped):
        again = served.ask(path, if_none_match=listed)
        assert (again.status, again.body) == (304, b""), listed
        for name in ("cache-control", "content-language", "vary"):
            assert again.headers.get(name) == answer.headers.get(name)
        assert again.headers["etag"] == (gzipped if listed == gzipped else etag)
    for listed in ('"a"', etag.strip('"'), '""'):
        assert served.gets(path, if_none_match=listed).body == answer.body
    since = format_datetime(datetime.now(UTC), usegmt=True)
    assert served.ask(path, if_none_match='"a"', if_modified_since=since).status == 200
    # A story's new title, another language: no one time says when a page was changed.
    assert "last-modified" not in answer.headers
    assert served.ask(path, if_modified_since=since).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_an_archive_is_only_read(served: Served, path: str) -> None:
    get, head = served.gets(path), served.ask(path, "HEAD")
    dated = {"date"}
    assert (head.status, head.body) == (200, b"")
    assert {k: v for k, v in head.headers.items() if k not in dated} == {
        k: v for k, v in get.headers.items() if k not in dated
    }
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        refused = served.ask(path, method)
        assert refused.status == 405
        assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}
    assert served.gets(path).body == get.body


def test_a_site_below_a_path_has_its_archive_there(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "below")
    newsroom.edit_config(f'url = "{SITE}"', f'url = "{SITE}news/"')
    for command in ("publish", "subscribers add a@example.kz", "digest send"):
        assert run_here(newsroom.root, command).exit_code == 0
    (letter,) = letters(newsroom).values()
    (link,) = re.findall(rf"{SITE}news/editions/\S+", part(letter, "plain"))
    with serving(newsroom) as served:
        assert served.ask("/editions/").status == 404
        assert served.ask("/news/editions").headers["location"] == "/news/editions/"
        assert f'href="{SITE}news/unsubscribe"' in served.gets(link.removeprefix(SITE.rstrip("/"))).text
        path = "/news/editions/"
        for _ in range(2):  # from the digests to the editions, from there to the letter
            tree = served.gets(path).tree
            assert served.gets(urljoin(path, tree.xpath("//link[@rel='stylesheet']/@href")[0])).status == 200
            path = urljoin(path, tree.xpath("//main//h2/a/@href")[0])
        assert SITE.rstrip("/") + path == link
        assert "/news/stories/" in served.gets(path).text


@pytest.mark.parametrize(
    ("query", "accept_language", "language"),
    [
        (None, None, "kk"),
        ("", "", "kk"),
        ("ru", None, "ru"),
        ("ru", "en", "ru"),
        ("RU", "en", "ru"),
        ("kk-Latn", "en", "kk"),
        ("de", "en", "en"),
        ("de", None, "kk"),
        ("r", "en", "en"),
        (None, "ru", "ru"),
        (None, "ru-RU", "ru"),
        (None, "RU-ru", "ru"),
        (None, "kk-Latn, ru;q=0.9", "kk"),
        (None, "kk-Arab-CN;q=0.7,ru;q=0.5", "kk"),
        (None, "en-GB,en;q=0.9,ru;q=0.8", "en"),
        (None, "ru;q=0.8, en;q=0.9", "en"),
        (None, "ru, en", "ru"),
        (None, "en, ru", "en"),
        (None, "de, fr;q=0.9", "kk"),
        (None, "de, fr;q=0.9, ru;q=0.1", "ru"),
        (None, "*", "kk"),
        (None, "de, *;q=0.5", "kk"),
        (None, "en;q=0.5, *", "kk"),
        (None, "kk;q=0, *;q=0.1", "ru"),
        (None, "kk;q=0, *;q=0.1, en;q=0.2", "en"),
        (None, "*;q=0", "kk"),
        (None, "ru;q=0", "kk"),
        (None, "ru;q=0, en;q=0.001", "en"),
        (None, "kk-Latn;q=0.2, kk;q=0.8, ru;q=0.5", "kk"),
        (None, "ru ; q = 0.3 ,\ten;q=0.4", "en"),
        (None, "ru;q=1.000, en;q=1.", "ru"),
        (None, "ru;q=2, en;q=0.1", "en"),
        (None, "ru;q=nan, en;q=0.1", "en"),
        (None, "ru;q=-1, en;q=0.1", "en"),
        (None, "ru;level=1, en;q=0.1", "en"),
        (None, ",,;q=1,ru", "ru"),
        (None, "рус, \udcff, en", "en"),
        (None, "rus, en;q=0.2", "en"),
    ],
)
def test_a_page_answers_in_the_language_that_is_liked_best(
    query: str | None, accept_language: str | None, language: str
) -> None:
    assert choose_language(query, accept_language, "kk") == language


def test_the_languages_of_a_long_header_are_weighed_in_no_time() -> None:
    assert choose_language(None, "ru;" * 5000 + "," + "q=" * 5000 + "," + "a-" * 5000 + ",en", "kk") == "en"
