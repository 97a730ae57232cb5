"""The pages that the publisher writes."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import msgspec
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from conftest import ROOT, SEED, Newsroom, make_newsroom, story
from lxml import etree

from publisher.addresses import section_topic
from publisher.config import Site
from publisher.model import Origin, Section
from publisher.pages import Pages
from publisher.readers import reader_for
from publisher.resources import LOCALES
from publisher.teasers import Teaser
from publisher.templating import build_environment
from publisher.text.markup import plain_paragraphs, sanitise, wrap_tables

SITE = Site(
    id="news",
    title="Жаңалық «Ең» & <жақсы>",
    url="https://news.example.kz/",
    language="kk",
    timezone=ZoneInfo("Asia/Almaty"),
    author="Редакция",
)
SENATE = Section(slug="senat", title="Сенат")
NEWEST = datetime(2024, 3, 26, 5, tzinfo=UTC)
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(50)
BUDGET = """---
title: Бюджет түсімі
date: 2024-03-27T09:30+05:00
section: Экономика
author: Айгүл Серікқызы
lead: Түсім артты.
tags: [Бюджет, Салық]
photo_caption: Министрліктің ғимараты
photo_credit: А. Маратұлы
---
Мәтін.

| Ай | Түсім |
| --- | --- |
| Наурыз | 5 |
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Two sections, a tag and an author with pages, a story that was withdrawn."""
    made = make_newsroom(tmp_path_factory.mktemp("pages") / "newsroom")
    made.edit_config("tags = []", 'tags = ["Бюджет"]')
    made.edit_config("authors = []", 'authors = ["Айгүл Серікқызы"]')
    made.drop("budget.md", BUDGET)
    made.drop("budget.gif", GIF)
    made.drop("gone.txt", story("Қайтарылған мақала"))
    for command in (["publish"], ["articles", "withdraw", "gone.txt"], ["publish"]):
        ran = made.run(*command)
        assert ran.exit_code == 0, ran
    return made


def tree(newsroom: Newsroom, path: str) -> etree._Element:
    """A page; a `*` in its path stands for what is not known."""
    (found,) = newsroom.feeds.glob(path)
    return etree.HTML(found.read_text())


def pages(newsroom: Newsroom) -> Iterator[tuple[str, etree._Element]]:
    for path in sorted(newsroom.feeds.rglob("*.html")):
        name = str(path.relative_to(newsroom.feeds))
        yield name, tree(newsroom, name)


def text(element: etree._Element, xpath: str) -> str:
    return " ".join(str(element.xpath(f"normalize-space({xpath})")).split())


@pytest.mark.parametrize(
    ("page", "folder"),
    [
        ("index.html", "all"),
        ("404.html", "all"),
        ("all/subscribe.html", "all"),
        ("senat/index.html", "senat"),
        ("senat/subscribe.html", "senat"),
        ("tags/byudzhet/index.html", "tags/byudzhet"),
        ("tags/byudzhet/subscribe.html", "tags/byudzhet"),
        ("authors/aigul-serikqyzy/index.html", "authors/aigul-serikqyzy"),
        ("stories/byudzhet-*.html", "ekonomika"),
        ("stories/maulen-*.html", "senat"),
        ("stories/qaitarylghan-*.html", "senat"),
    ],
)
def test_a_page_announces_its_feeds_those_of_all_and_how_to_subscribe(
    published: Newsroom, page: str, folder: str
) -> None:
    base = urljoin("https://news.example.kz/", page)
    document = tree(published, page)
    announced = {
        urljoin(base, link.get("href")): link.get("type")
        for link in document.xpath("//link[@rel='alternate']")
    }
    names = {
        "rss.xml": "application/rss+xml",
        "atom.xml": "application/atom+xml",
        "feed.json": "application/feed+json",
    }
    assert announced == {
        f"https://news.example.kz/{place}/{name}": media_type
        for place in (folder, "all")
        for name, media_type in names.items()
    } | {"https://news.example.kz/feeds.opml": "text/x-opml"}
    assert [urljoin(base, link) for link in document.xpath("//footer//a/@href")] == [
        f"https://news.example.kz/{folder}/subscribe.html",
        "https://news.example.kz/subscribe",
    ]


def test_every_file_that_a_page_names_is_there(published: Newsroom) -> None:
    for name, document in pages(published):
        for address in document.xpath("//@href | //@src"):
            path = urljoin(f"https://news.example.kz/{name}", address).partition("#")[0]
            if path == "https://news.example.kz/subscribe":  # no file: publisher serve answers
                continue
            target = published.feeds / path.removeprefix("https://news.example.kz/")
            assert target.is_file() or (target / "index.html").is_file(), (name, address)


@pytest.mark.parametrize(
    ("page", "kicker", "heading", "title", "stories"),
    [
        ("index.html", "", "Соңғы жаңалықтар", "Сенат жаңалықтары", ["Бюджет түсімі", "Мәулен Әшімбаев"]),
        ("senat/index.html", "", "Сенат", "Сенат — Сенат жаңалықтары", ["Мәулен Әшімбаев"]),
        ("tags/byudzhet/index.html", "Тег", "Бюджет", "Тег: Бюджет — Сенат жаңалықтары", ["Бюджет түсімі"]),
        (
            "authors/aigul-serikqyzy/index.html",
            "Автор",
            "Айгүл Серікқызы",
            "Автор: Айгүл Серікқызы — Сенат жаңалықтары",
            ["Бюджет түсімі"],
        ),
    ],
)
def test_a_list_says_what_it_is_about(
    published: Newsroom, page: str, kicker: str, heading: str, title: str, stories: list[str]
) -> None:
    document = tree(published, page)
    assert text(document, "//h1") == heading
    assert text(document, "//*[@class='kicker']") == kicker
    assert text(document, "//title") == title
    listed = [" ".join(h2.itertext()) for h2 in document.xpath("//h2")]
    assert [name.startswith(story) for name, story in zip(listed, stories, strict=True)] == [True] * len(
        stories
    )
    assert text(document, "//main//a[@class='button']") == "Жазылу"


def test_a_story_leads_to_its_section_tag_and_author(published: Newsroom) -> None:
    document = tree(published, "stories/byudzhet-*.html")
    links = dict(zip(document.xpath("//main//a/@href"), document.xpath("//main//a//text()"), strict=True))
    assert links == {
        "../ekonomika/": "Экономика",
        "../authors/aigul-serikqyzy/": "Айгүл Серікқызы",
        "../tags/byudzhet/": "Бюджет",  # «Салық» has no page
    }


def test_a_picture_has_its_caption_and_credit_once(published: Newsroom) -> None:
    document = tree(published, "stories/byudzhet-*.html")
    assert text(document, "//figcaption") == "Министрліктің ғимараты Фото: А. Маратұлы"
    assert document.xpath("//figure/img/@alt") == ["Фото"]  # the caption is read out already
    assert document.xpath("//meta[@property='og:image:alt']/@content") == ["Министрліктің ғимараты"]
    front = tree(published, "index.html")
    assert front.xpath("//article//img/@alt") == [""]


def test_a_headline_under_the_picture_is_no_caption(newsroom: Newsroom) -> None:
    newsroom.drop(f"{SEED.stem}.gif", GIF)
    assert newsroom.run("publish").exit_code == 0
    document = tree(newsroom, "stories/maulen-*.html")
    assert text(document, "//article").count("Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті") == 1
    assert text(document, "//figcaption") == "Фото: Сенаттың баспасөз қызметі"
    assert document.xpath("//figure/img/@alt") == [""]


def test_a_page_read_back_is_the_same_story(published: Newsroom) -> None:
    origin = Origin(language="kk", written_at=NEWEST)
    (path,) = published.feeds.glob("stories/byudzhet-*.html")
    found, told = reader_for(".html")(path.read_bytes(), origin), reader_for(".md")(BUDGET.encode(), origin)
    for name in ("title", "language", "lead", "section", "byline", "photo", "tags"):
        assert getattr(found, name) == getattr(told, name), name
    assert (
        "".join(plain_paragraphs(found.body_html)).split()
        == "".join(plain_paragraphs(told.body_html)).split()
    )


def test_only_the_list_of_the_newest_loads_a_picture(newsroom: Newsroom) -> None:
    for name in ("a", "b"):
        newsroom.drop(f"{name}.txt", story(f"Жиын {name}", f"Жиын {name} өтті.", date="28 Наурыз, 2024"))
        newsroom.drop(f"{name}.gif", GIF + name.encode())
    assert newsroom.run("publish").exit_code == 0
    assert len(tree(newsroom, "index.html").xpath("//article//img")) == 1


def test_paper_gets_the_address_of_the_story(published: Newsroom) -> None:
    document = tree(published, "stories/maulen-*.html")
    assert text(document, "//*[@class='printed']") == document.xpath("string(//link[@rel='canonical']/@href)")


def test_a_story_that_is_hidden_says_nothing_of_itself(published: Newsroom) -> None:
    (path,) = published.feeds.glob("stories/qaitarylghan-*.html")
    page = path.read_text()
    assert "Қайтарылған" not in page
    document = tree(published, "stories/qaitarylghan-*.html")
    assert document.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert text(document, "//h1") == "Бұл мақала қолжетімсіз."


def test_a_hidden_story_in_another_script_speaks_the_language_of_the_site(newsroom: Newsroom) -> None:
    newsroom.drop("a.txt", story("سەنات كوميتەتى بيۋدجەت تۇسىمدەرىن قارادى", "كوميتەت وتىرىسى."))
    for command in (["publish"], ["articles", "withdraw", "a.txt"], ["publish"]):
        assert newsroom.run(*command).exit_code == 0
    hidden = [document for _, document in pages(newsroom) if document.xpath("//meta[@name='robots']")]
    assert [(page.get("lang"), page.get("dir")) for page in hidden] == [("kk", "ltr")] * 2  # and 404.html


def test_scripts_are_on_the_subscribe_pages_alone_and_styles_in_no_page(published: Newsroom) -> None:
    for name, document in pages(published):
        scripts = document.xpath("//script[not(@type='application/ld+json')]")
        if name.endswith("subscribe.html"):
            (script,) = scripts
            assert script.get("src").endswith("copy.js")
            assert (script.text, script.get("defer")) == (None, "defer")
        else:
            assert scripts == []
        assert document.xpath("//style | //@style | //@*[starts-with(name(), 'on')]") == []


@pytest.mark.parametrize("folder", ["all", "senat", "tags/byudzhet"])
def test_the_subscribe_page_shows_three_addresses(published: Newsroom, folder: str) -> None:
    document = tree(published, f"{folder}/subscribe.html")
    fields = document.xpath("//input")
    names = ("rss.xml", "atom.xml", "feed.json")
    assert [field.get("value") for field in fields] == [
        f"https://news.example.kz/{folder}/{name}" for name in names
    ]
    for field, label in zip(fields, ("RSS", "Atom", "JSON Feed"), strict=True):
        assert field.get("readonly") is not None
        assert text(document, f"//label[@for='{field.get('id')}']") == label
    for button in document.xpath("//button"):
        assert button.get("hidden") is not None  # until the script shows it
    assert len(document.xpath("//main//ol/li")) == 3
    up = "../" * (folder.count("/") + 1)
    assert document.xpath("//main//a[@download]/@href") == [f"{up}feeds.opml"]


def test_the_subscribe_page_leads_to_the_others(published: Newsroom) -> None:
    others = {
        folder: tree(published, f"{folder}/subscribe.html").xpath("//main//ul//a/@href")
        for folder in ("all", "senat", "tags/byudzhet")
    }
    assert others == {
        "all": ["../senat/subscribe.html", "../ekonomika/subscribe.html"],
        "senat": ["../all/subscribe.html", "../ekonomika/subscribe.html"],
        "tags/byudzhet": [
            "../../all/subscribe.html",
            "../../senat/subscribe.html",
            "../../ekonomika/subscribe.html",
        ],
    }


def test_a_sections_former_address_announces_the_present_one(newsroom: Newsroom) -> None:
    newsroom.edit_config('aliases = ["Senate",', 'aliases = ["old-senate", "Senate",')
    assert newsroom.run("publish").exit_code == 0
    for page in ("index.html", "subscribe.html"):
        document = tree(newsroom, f"old-senate/{page}")
        assert document.xpath("//link[@rel='canonical']/@href") == [
            f"https://news.example.kz/senat/{page.removeprefix('index.html')}"
        ]
        assert document.xpath("//link[@rel='alternate']/@href")[0] == "../senat/rss.xml"
    assert document.xpath("//input/@value")[0] == "https://news.example.kz/senat/rss.xml"
    assert "old-senate" not in (newsroom.feeds / "feeds.opml").read_text()


def test_the_page_for_missing_pages_works_at_any_depth(newsroom: Newsroom) -> None:
    newsroom.edit_config('url = "https://news.example.kz/"', 'url = "https://example.kz/news/"')
    assert newsroom.run("publish").exit_code == 0
    document = tree(newsroom, "404.html")
    addresses = document.xpath("//a[not(@class='skip')]/@href | //link/@href")
    assert [address for address in addresses if not address.startswith("/news/")] == []
    assert document.xpath("//main//a/@href") == ["/news/", "/news/senat/"]
    assert document.xpath("//meta[@name='robots']/@content") == ["noindex"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("Таспа оқитын қолданба таңдаңыз.", "Мұндай бет жоқ", "жаңалықтар таспасы")),
        ("ru", ("Выберите программу", "Такой страницы нет", "лента новостей")),
        ("en", ("Choose a reader.", "There is no such page", "news feed")),
    ],
)
def test_the_pages_speak_the_language_of_the_site(
    newsroom: Newsroom, language: str, words: tuple[str, str, str]
) -> None:
    newsroom.edit_config('language = "kk"', f'language = "{language}"')
    assert newsroom.run("publish").exit_code == 0
    for path, word in zip(("senat/subscribe.html", "404.html", "feed.css"), words, strict=True):
        assert word in (newsroom.feeds / path).read_text()


class TestTeasers:
    def pages(self) -> Pages:
        return Pages(build_environment(Path("none"), "kk"), SITE, [SENATE])

    def test_a_list_made_of_what_was_kept_is_the_same(self) -> None:
        teasers = [
            Teaser(
                title="Мақала",
                language="kk-Arab",
                summary="Түйіні",
                section="Сенат",
                section_slug="senat",
                published_at=NEWEST.astimezone(SITE.timezone),
                href="stories/1.html",
                own_address=False,
                image_path="images/1.jpg",
            )
        ]
        kept = msgspec.msgpack.decode(msgspec.msgpack.encode(teasers), type=list[Teaser])
        page = self.pages().topic(section_topic(SENATE), teasers)
        assert self.pages().topic(section_topic(SENATE), kept) == page
        assert b'datetime="2024-03-26T10:00:00+05:00"' in page

    def test_a_long_summary_is_cut_at_a_word(self, newsroom: Newsroom) -> None:
        newsroom.drop("long.txt", story("Ұзын мақала", "Сөйлем " * 200, date="28 Наурыз, 2024"))
        assert newsroom.run("publish").exit_code == 0
        summary = text(tree(newsroom, "senat/index.html"), "(//article)[1]/p[last()]")
        assert re.fullmatch("(Сөйлем )+Сөйлем…", summary)
        assert 280 < len(summary) <= 321
        description = tree(newsroom, "stories/uzyn-*.html").xpath("//meta[@name='description']/@content")
        assert len(description[0]) <= 301


BOX = '<div class="scroll" role="group" aria-label="Кесте" tabindex="0">'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p>", "<p>a</p>"),
        (
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
            f"{BOX}<table><tbody><tr><td>a</td></tr></tbody></table></div>",
        ),
        ('<table lang="kk"></table><p>b</p>', f'{BOX}<table lang="kk"></table></div><p>b</p>'),
        ('<a title="<table>" href="https://a.kz">a</a>', '<a title="<table>" href="https://a.kz">a</a>'),
        ('<p title="</table>">&lt;table&gt;</p>', None),
        ("<thead>a</thead>", "<thead>a</thead>"),
    ],
)
def test_a_table_gets_a_box_and_nothing_else_does(html: str, expected: str | None) -> None:
    assert wrap_tables(html, "Кесте") == (html if expected is None else expected)


def test_markup_in_an_attribute_stays_there() -> None:
    html = sanitise(
        '<p>a <a href="https://a.kz" title="<table> onclick=x &quot;</table>">b</a></p><table></table>'
    )
    before, after = etree.HTML(html), etree.HTML(wrap_tables(html, "К"))
    assert after.xpath("//a/@title") == before.xpath("//a/@title")
    assert len(after.xpath("//div")) == len(before.xpath("//table")) == 1


def catalog(language: str) -> Catalog:
    with (LOCALES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages_of_templates() -> set[str]:
    environment: Any = build_environment(Path("none"), "en")
    return {
        message if isinstance(message, str) else message[0]
        for path in (ROOT / "templates").iterdir()
        for _, _, message in environment.extract_translations(path.read_text())
    }


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    messages = {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalog(language)
    }
    named_in_code = {"Table", "Sections", "Tags", "Authors", "[test]"} | {
        "Please confirm: %(title)s",
        "Your subscription: %(title)s",
        "You have unsubscribed: %(title)s",
    }
    assert messages.keys() - {""} == messages_of_templates() | named_in_code
    for name, message in messages.items():
        for translation in [message.string] if isinstance(message.string, str) else message.string or [""]:
            assert translation, name
            assert set(re.findall(r"%\(\w+\)s", translation)) == set(re.findall(r"%\(\w+\)s", name))


def test_the_note_of_a_feed_is_one_string_of_css(newsroom: Newsroom) -> None:
    for language in ("kk", "ru", "en"):
        pages = Pages(build_environment(Path("none"), language), SITE, [])
        (note,) = re.findall(r'^  content: "(.*)";$', pages.feed_stylesheet().decode(), re.MULTILINE)
        assert '"' not in note
        assert "\\" not in note
        assert note == escape(note, quote=False)


def test_own_templates_may_use_what_a_list_is_given(newsroom: Newsroom) -> None:
    own = newsroom.root / "templates"
    own.mkdir()
    (own / "list.html.j2").write_text(
        '{% extends "base.html.j2" %}{% block main %}'
        "{{ [topic.kind, here, stories[0].section_slug] | tojson }}{% endblock %}"
    )
    (own / "copy.js").write_text("// ours\n")
    assert newsroom.run("publish").exit_code == 0
    assert json.loads(text(tree(newsroom, "senat/index.html"), "//main")) == ["section", "senat", "senat"]
    assert (newsroom.feeds / "copy.js").read_text() == "// ours\n"
    (own / "copy.js").write_text("// ours, changed\n")
    assert newsroom.run("publish", "--json").data["written"] == ["copy.js"]
