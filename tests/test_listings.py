"""What programs look for beside feeds and pages: the OPML file, the news sitemap, robots.txt."""

from datetime import UTC, datetime, timedelta
from urllib.robotparser import RobotFileParser
from zoneinfo import ZoneInfo

import pytest
from conftest import Newsroom, make_newsroom
from lxml import etree

from publisher.addresses import ALL_STORIES, author_topic, section_topic, tag_topic
from publisher.config import Site
from publisher.listings import NewsStory, build_news_sitemap, build_opml, build_robots
from publisher.model import Section

SITE = Site(
    id="news",
    title="Жаңалық «Ең» & <жақсы>",
    url="https://news.example.kz/",
    language="kk",
    timezone=ZoneInfo("Asia/Almaty"),
    author="Редакция",
)
SENATE = Section(slug="senat", title="Сенат")
NEWS = {
    "sitemap": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}
NEWEST = datetime(2024, 3, 26, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Two sections, a tag and an author with feeds."""
    made = make_newsroom(tmp_path_factory.mktemp("listings") / "newsroom")
    made.edit_config("tags = []", 'tags = ["Бюджет"]')
    made.edit_config("authors = []", 'authors = ["Айгүл Серікқызы"]')
    made.drop(
        "budget.md",
        "---\ntitle: Бюджет түсімі\ndate: 2024-03-27T09:30+05:00\nsection: Экономика\n---\nМәтін.",
    )
    assert made.run("publish").exit_code == 0
    return made


def test_the_opml_file_holds_every_feed(published: Newsroom) -> None:
    root = etree.fromstring((published.feeds / "feeds.opml").read_bytes())
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == "Сенат жаңалықтары"
    outlines = [outline for outline in root.iter("outline") if outline.get("type") == "rss"]
    assert [outline.get("text") for outline in outlines] == [
        "Сенат жаңалықтары",
        "Сенат",
        "Экономика",
        "Бюджет",
        "Айгүл Серікқызы",
    ]
    for outline in outlines:
        assert outline.get("title") == outline.get("text")
        assert outline.get("language") == "kk"
        feed = published.feeds / outline.get("xmlUrl", "").removeprefix("https://news.example.kz/")
        channel = etree.fromstring(feed.read_bytes()).find("channel")
        assert channel is not None
        assert outline.get("htmlUrl") == channel.findtext("link")


def test_the_opml_file_has_folders_only_where_they_help() -> None:
    flat = etree.fromstring(build_opml(SITE, [ALL_STORIES, section_topic(SENATE)]))
    assert [outline.get("type") for outline in flat.iter("outline")] == ["rss", "rss"]
    topics = [ALL_STORIES, section_topic(SENATE), tag_topic("Бюджет"), author_topic("А & <Б>")]
    nested = etree.fromstring(build_opml(SITE, topics))
    assert [(outline.get("text"), len(outline)) for outline in nested.iterfind("body/outline")] == [
        (SITE.title, 0),
        ("Бөлімдер", 1),
        ("Тегтер", 1),
        ("Авторлар", 1),
    ]
    assert nested.xpath("//outline[@text='Авторлар']/outline/@text") == ["А & <Б>"]


def news(number: int, *, hours: float = 0, url: str = SITE.url, language: str = "kk") -> NewsStory:
    return NewsStory(
        url=f"{url}stories/{number}.html",
        title=f"Мақала «{number}» & <b>",
        language=language,
        published_at=NEWEST - timedelta(hours=hours),
    )


def locations(sitemap: bytes) -> list[str]:
    return [str(loc) for loc in etree.fromstring(sitemap).xpath("//sitemap:loc/text()", namespaces=NEWS)]


def test_the_news_sitemap_follows_its_protocol() -> None:
    root = etree.fromstring(
        build_news_sitemap(SITE, [news(1, language="kk-Arab"), news(2, hours=1, language="ru")])
    )
    assert root.tag == f"{{{NEWS['sitemap']}}}urlset"
    for number, url in enumerate(root, 1):
        assert [etree.QName(child).localname for child in url] == ["loc", "news"]
        entry = url[1]
        assert [etree.QName(child).localname for child in entry] == [
            "publication",
            "publication_date",
            "title",
        ]
        assert entry.findtext("news:publication/news:name", namespaces=NEWS) == SITE.title
        assert entry.findtext("news:title", namespaces=NEWS) == f"Мақала «{number}» & <b>"
    assert root.xpath("//news:language/text()", namespaces=NEWS) == ["kk", "ru"]
    # A W3C date with the offset that clocks in Almaty showed.
    assert root.xpath("//news:publication_date/text()", namespaces=NEWS) == [
        "2024-03-26T10:00:00+05:00",
        "2024-03-26T09:00:00+05:00",
    ]


def test_the_news_sitemap_holds_what_is_new_and_our_own() -> None:
    elsewhere = news(4, hours=-1, url="https://other.example.kz/")
    stories = [news(3, hours=47.01), news(2, hours=47), news(1), elsewhere]
    sitemap = build_news_sitemap(SITE, stories)
    assert locations(sitemap) == [f"{SITE.url}stories/{number}.html" for number in (1, 2)]
    assert build_news_sitemap(SITE, reversed(stories)) == sitemap
    assert locations(build_news_sitemap(SITE, [])) == []


def test_the_news_sitemap_ends_at_a_thousand() -> None:
    found = locations(build_news_sitemap(SITE, [news(number, hours=number / 1000) for number in range(1500)]))
    assert found == [f"{SITE.url}stories/{number}.html" for number in range(1000)]


def test_the_newsroom_has_a_news_sitemap_that_robots_are_told_of(published: Newsroom) -> None:
    robots = RobotFileParser()
    robots.parse((published.feeds / "robots.txt").read_text().splitlines())
    (sitemap,) = robots.site_maps() or []
    found = locations((published.feeds / sitemap.removeprefix("https://news.example.kz/")).read_bytes())
    assert [address.rsplit("-", 1)[0] for address in found] == [
        "https://news.example.kz/stories/byudzhet-tusimi",
        "https://news.example.kz/stories/maulen-ashimbaev-aqsh-kongresi-senatorymen-kezdesti",
    ]
    assert all(
        robots.can_fetch("any", address) for address in (*found, "https://news.example.kz/all/rss.xml")
    )


def test_robots_leave_the_readers_own_addresses_alone() -> None:
    robots = RobotFileParser()
    robots.parse(build_robots(SITE).decode().splitlines())
    assert not robots.can_fetch("any", f"{SITE.url}unsubscribe/senat-daily/token")
