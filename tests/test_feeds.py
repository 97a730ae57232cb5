"""The feeds as independent readers see them."""

import json
import locale
from pathlib import Path

import feedparser
import pytest
from conftest import Newsroom, make_newsroom, story
from lxml import etree

from publisher.addresses import is_answered

FEEDS = [f"{section}/{name}" for section in ("senat", "all") for name in ("rss.xml", "atom.xml")]
FURNITURE = ("көрсетілді", "оқу үшін", "Фото:", "Сенаттың баспасөз қызметі")
ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
GIF = b"GIF89a" + bytes(60)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """The seed, published once for the tests that only look."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("feeds") / "newsroom")
    assert newsroom.run("publish").exit_code == 0
    return newsroom


@pytest.mark.parametrize("path", FEEDS)
def test_feedparser_reads_the_seed_back(published: Newsroom, path: str) -> None:
    feed = feedparser.parse((published.feeds / path).read_bytes())
    assert not feed.bozo
    (entry,) = feed.entries
    assert entry.title == "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
    assert entry.id.startswith("urn:uuid:")
    assert tuple(entry.published_parsed[:6]) == (2024, 3, 25, 19, 0, 0)  # in UTC
    assert entry.published.endswith(("+0500", "+05:00"))
    assert [tag.term for tag in entry.tags] == ["Сенат"]
    assert feed.feed.language == "kk"
    assert entry.author == "Egemen Qazaqstan"
    assert entry.summary.startswith("Сенат Төрағасы Мәулен Әшімбаев")
    body = entry.content[0].value
    assert body.count("<p>") == 7
    assert "<blockquote>" in body
    assert not [words for words in FURNITURE if words in body + entry.summary]


def test_the_json_feed_says_the_same_as_the_atom_feed(published: Newsroom) -> None:
    document = json.loads((published.feeds / "senat/feed.json").read_bytes())
    (item,) = document["items"]
    (entry,) = feedparser.parse((published.feeds / "senat/atom.xml").read_bytes()).entries
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["language"] == item["language"] == "kk"
    assert (item["id"], item["url"], item["title"]) == (entry.id, entry.link, entry.title)
    assert (item["date_published"], item["date_modified"]) == (entry.published, entry.updated)
    assert item["content_html"] == entry.content[0].value
    assert item["tags"] == ["Сенат"]


def test_the_links_of_a_feed_lead_somewhere(published: Newsroom) -> None:
    (entry,) = feedparser.parse((published.feeds / "senat/rss.xml").read_bytes()).entries
    base = "https://news.example.kz/"
    assert entry.link.startswith(base)
    assert (published.feeds / entry.link.removeprefix(base)).is_file()


def test_rss_keeps_what_feedgen_loses(published: Newsroom) -> None:
    root = etree.fromstring((published.feeds / "senat/rss.xml").read_bytes())
    channel = root[0]
    assert channel.findtext("link") == "https://news.example.kz/senat/"
    (self_link,) = channel.findall(f"{ATOM}link")
    assert dict(self_link.attrib) == {
        "rel": "self",
        "href": "https://news.example.kz/senat/rss.xml",
        "type": "application/rss+xml",
    }
    item = channel.find("item")
    assert item is not None
    names = [etree.QName(child).localname for child in item]
    assert names.index("description") < names.index("encoded")
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == "Egemen Qazaqstan"
    assert item.find("guid") is not None
    assert item.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]  # asserted above


def test_atom_links_carry_rel_and_type(published: Newsroom) -> None:
    root = etree.fromstring((published.feeds / "senat/atom.xml").read_bytes())
    rels = {link.get("rel"): link.get("type") for link in root.findall(f"{ATOM}link")}
    assert rels == {"self": "application/atom+xml", "alternate": "text/html"}
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "kk"
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert (link.get("rel"), link.get("type")) == ("alternate", "text/html")


def test_the_newest_story_comes_first_and_a_section_holds_its_own_only(newsroom: Newsroom) -> None:
    newsroom.drop("a.txt", story("Ескі жаңалық", date="1 Ақпан, 2024"))
    newsroom.drop("b.txt", story("Жаңа жаңалық", date="2 Сәуір, 2024"))
    newsroom.drop("c.txt", story("Спорт жаңалығы", date="3 Сәуір, 2024", section="Спорт"))
    assert newsroom.run("publish").exit_code == 0
    titles = {
        section: [entry.title for entry in _entries(newsroom, f"{section}/rss.xml")]
        for section in ("senat", "sport", "all")
    }
    seed = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
    assert titles["senat"] == ["Жаңа жаңалық", seed, "Ескі жаңалық"]
    assert titles["sport"] == ["Спорт жаңалығы"]
    assert titles["all"] == ["Спорт жаңалығы", "Жаңа жаңалық", seed, "Ескі жаңалық"]


def test_a_feed_without_stories_is_a_valid_feed(newsroom: Newsroom) -> None:
    for path in newsroom.inbox.iterdir():
        path.unlink()
    assert newsroom.run("publish").exit_code == 0
    for name in FEEDS:
        feed = feedparser.parse((newsroom.feeds / name).read_bytes())
        assert not feed.bozo
        assert not feed.entries
    assert json.loads((newsroom.feeds / "senat/feed.json").read_bytes())["items"] == []


def test_dates_are_english_whatever_the_locale(newsroom: Newsroom) -> None:
    names = ["ru_RU.UTF-8", "kk_KZ.UTF-8", "C.UTF-8"]
    wanted = next((name for name in names if _has_locale(name)), "C")
    assert newsroom.run("publish", LC_ALL=wanted).exit_code == 0
    assert (
        b"<pubDate>Tue, 26 Mar 2024 00:00:00 +0500</pubDate>"
        in (newsroom.feeds / "senat/rss.xml").read_bytes()
    )


@pytest.mark.parametrize("language", ["ar", "ru", "en"])
def test_a_story_keeps_its_own_language_in_the_feed(newsroom: Newsroom, language: str) -> None:
    texts = {
        "ar": ("kk-Arab", "سەنات كوميتەتى بيۋدجەت تۇسىمدەرىن قارادى", "كوميتەت وتىرىسىندا تالقىلاندى."),
        "ru": ("ru", "Комитет Сената рассмотрел поправки", "Депутаты обсудили доходы бюджета."),
        "en": ("en", "Council convenes", "Members heard three reports."),
    }
    tag, title, body = texts[language]
    newsroom.drop("x.txt", story(title, body, body, section="Әлем"))
    assert newsroom.run("publish").exit_code == 0
    root = etree.fromstring((newsroom.feeds / "alem/atom.xml").read_bytes())
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == tag
    page = next(path for path in (newsroom.feeds / "stories").iterdir() if "ashimbaev" not in path.name)
    direction = "rtl" if tag == "kk-Arab" else "ltr"
    assert f'<html lang="{tag}" dir="{direction}">' in page.read_text()
    # No format says in which direction an item is read, so its HTML does.
    for entry in _entries(newsroom, "alem/rss.xml") + _entries(newsroom, "alem/atom.xml"):
        assert entry.content[0].value.startswith('<div dir="rtl"' if tag == "kk-Arab" else "<p>")
    (item,) = json.loads((newsroom.feeds / "alem/feed.json").read_bytes())["items"]
    assert item["language"] == tag
    assert item["content_html"].startswith('<div lang="kk-Arab" dir="rtl">' if tag == "kk-Arab" else "<p>")


def test_a_picture_is_told_with_its_size_words_and_author(newsroom: Newsroom) -> None:
    newsroom.drop("a.gif", GIF)
    newsroom.drop("b.gif", GIF + b"b")
    newsroom.drop("a.md", _with_photo("Жиын", caption="Сенат «залы» & <т.б.>", credit="Айдос Маратұлы"))
    newsroom.drop("b.md", _with_photo("Отырыс"))
    assert newsroom.run("publish").exit_code == 0
    for name in ("rss.xml", "atom.xml"):
        media = {
            _title(content): (
                dict(content.attrib),
                {etree.QName(part).localname: part.text for part in content},
            )
            for content in etree.fromstring((newsroom.feeds / "all" / name).read_bytes()).iter(
                f"{MEDIA}content"
            )
        }
        at = {"type": "image/gif", "medium": "image"}
        told, words = media["Жиын"]
        assert told == {"url": told["url"], "fileSize": str(len(GIF)), **at}
        assert (newsroom.feeds / told["url"].removeprefix("https://news.example.kz/")).read_bytes() == GIF
        assert words == {"credit": "Айдос Маратұлы", "description": "Сенат «залы» & <т.б.>"}
        assert (media["Отырыс"][0]["fileSize"], media["Отырыс"][1]) == (str(len(GIF) + 1), {})
        assert len(media) == 2
    # A reader that knows no Media RSS, and every reader of JSON, finds the same in the text.
    items = json.loads((newsroom.feeds / "all/feed.json").read_bytes())["items"]
    content = {item["title"]: etree.HTML(item["content_html"]) for item in items}
    assert content["Жиын"].xpath("//figure/img/@alt") == ["Сенат «залы» & <т.б.>"]
    assert content["Жиын"].xpath("//figcaption/text()") == ["Сенат «залы» & <т.б.> · Айдос Маратұлы"]
    assert content["Отырыс"].xpath("//figure/img/@alt") == [""]


def _with_photo(title: str, **photo: str) -> str:
    said = "".join(f"photo_{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in photo.items())
    return f"---\ntitle: {title}\ndate: 2024-03-28\nsection: Сенат\n{said}---\n\n{title} өтті.\n"


def _title(content: etree._Element) -> str:
    """Of the story that a picture belongs to."""
    story_of_it = content.getparent()
    assert story_of_it is not None
    return str(story_of_it.findtext("title") or story_of_it.findtext(f"{ATOM}title"))


def test_the_story_page_says_what_machines_look_for(published: Newsroom) -> None:
    (page,) = (published.feeds / "stories").iterdir()
    tree = etree.HTML(page.read_text())
    (schema_text,) = tree.xpath("//script[@type='application/ld+json']/text()")
    schema = json.loads(schema_text)
    assert schema["@type"] == "NewsArticle"
    assert schema["headline"] == "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
    assert schema["datePublished"] == "2024-03-26T00:00:00+05:00"
    assert tree.xpath("string(//meta[@property='og:type']/@content)") == "article"
    alternates = {(link.get("type"), link.get("href")) for link in tree.xpath("//link[@rel='alternate']")}
    assert ("application/rss+xml", "../senat/rss.xml") in alternates
    assert ("application/feed+json", "../all/feed.json") in alternates


def test_every_link_between_the_pages_leads_to_a_file(published: Newsroom) -> None:
    pages = list(published.feeds.rglob("*.html"))
    assert {path.name for path in pages} >= {"index.html"}
    for page in pages:
        for href in etree.HTML(page.read_text()).xpath("//a/@href | //link[not(@rel='canonical')]/@href"):
            if href.startswith("#") or is_answered(href.lstrip("./")):  # by publisher serve
                continue
            # The page for missing pages is shown at any depth: its addresses begin at the root.
            start = published.feeds if href.startswith("/") else page.parent
            target = (start / href.lstrip("/")).resolve()
            assert target.is_file() or (target / "index.html").is_file(), (page, href)


def test_markup_in_a_story_stays_text(newsroom: Newsroom) -> None:
    title = "Заң <script>alert(1)</script> & «түзету» ]]> \x0b"
    newsroom.drop("x.txt", story(title, "Мәтін <img src=x onerror=alert(1)> соңы.", "Екінші ]]> абзац."))
    assert newsroom.run("publish").exit_code == 0
    entry = next(entry for entry in _entries(newsroom, "senat/atom.xml") if "түзету" in entry.title)
    assert entry.title_detail.type == "text/plain"
    (in_rss,) = (
        item for item in _items(newsroom, "senat/rss.xml") if "түзету" in (item.findtext("title") or "")
    )
    assert in_rss.findtext("description") == "Мәтін &lt;img src=x onerror=alert(1)&gt; соңы."  # it is HTML
    for path in newsroom.feeds.rglob("*.html"):
        assert not etree.HTML(path.read_text()).xpath(
            "//script[not(@type) and not(@src='../copy.js')] | //img | //@onerror"
        )


def _items(newsroom: Newsroom, path: str) -> list[etree._Element]:
    return etree.fromstring((newsroom.feeds / path).read_bytes()).findall("channel/item")


def _entries(newsroom: Newsroom, path: str) -> list[feedparser.FeedParserDict]:
    entries: list[feedparser.FeedParserDict] = feedparser.parse((newsroom.feeds / path).read_bytes()).entries
    return entries


def _has_locale(name: str) -> bool:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_ALL, before)
    return True


def test_own_templates_replace_the_packaged_ones_one_by_one(newsroom: Newsroom) -> None:
    own = newsroom.root / "templates"
    own.mkdir()
    Path(own / "style.css").write_text("body { color: teal; }\n")
    assert newsroom.run("publish").exit_code == 0
    assert (newsroom.feeds / "style.css").read_text() == "body { color: teal; }\n"
    assert "Мәулен Әшімбаев" in (newsroom.feeds / "index.html").read_text()
