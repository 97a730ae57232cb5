"""Stories that would break a feed, a page or the output folder: published well, or refused in a line."""

import json
from dataclasses import dataclass

import feedparser
import pytest
from conftest import Newsroom, Ran, make_newsroom
from lxml import etree
from test_ingest import items, markdown, publish

DAY = "2024-03-26T10:00:00+05:00"
ALLOWED_SCRIPTS = ("application/ld+json",)


def ninjs(title: str = "Жиын", body: str = "<p>Мәтін.</p>", **fields: object) -> str:
    """A story of the format that can carry anything. `ensure_ascii` writes what UTF-8 cannot."""
    story = {"headline": title, "body_html": body, "versioncreated": DAY, "language": "kk", **fields}
    return json.dumps(story, ensure_ascii=True)


def assert_sound(newsroom: Newsroom) -> None:
    """Every feed can be read, no page holds a script, and nothing lies where it should not."""
    for path in newsroom.feeds.rglob("*.xml"):
        if path.name in {"rss.xml", "atom.xml"}:
            assert not feedparser.parse(path.read_bytes()).bozo, path
    for path in newsroom.feeds.rglob("feed.json"):
        json.loads(path.read_bytes())
    for path in newsroom.feeds.rglob("*.html"):
        assert_harmless(etree.HTML(path.read_text()), str(path))
    for item in items(newsroom).values():
        assert_harmless(etree.HTML(f"<body>{item['content_html']}</body>"), item["title"])
    outside = {path.name for path in newsroom.root.iterdir()} - {"config.toml", "seeds", "feeds", "state"}
    assert outside == set()


def assert_harmless(tree: etree._Element, where: str) -> None:
    scripts = [script.get("type") for script in tree.iter("script") if not script.get("src")]
    assert set(scripts) <= set(ALLOWED_SCRIPTS), where
    assert not tree.xpath("//iframe | //object | //embed | //form[not(@class)] | //base"), where
    assert not tree.xpath("//@*[starts-with(name(), 'on')]"), where
    for address in tree.xpath("//@href | //@src"):
        assert not address.strip().lower().startswith(("javascript:", "data:", "vbscript:")), (where, address)


def nested(levels: int) -> str:
    return "<div>" * levels + "Терең мәтін." + "</div>" * levels


@dataclass(frozen=True)
class Body:
    """What a story holds, and what its readers are shown of it."""

    html: str
    shown: str = "Мәтін."
    refused: str = ""
    """Why, if it is."""


BODIES = {
    "a script": Body("<p>Мәтін.</p><script>alert(1)</script><p onclick='alert(1)'>Тағы.</p>", "Мәтін. Тағы."),
    "a frame and a form": Body("<p>Мәтін.</p><iframe src='https://x.example/'></iframe><form><input></form>"),
    "a javascript link": Body(
        "<p><a href='javascript:alert(1)'>Бір</a>, <a href='JaVa\tscript:x'>тағы</a>.</p>", "Бір, тағы."
    ),
    "a data link": Body("<p>Мәтін.</p><img src='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='>"),
    "a relative link": Body(
        "<p>Мәтін <a href='/zan/1'>заң</a> <img src='../a.jpg' alt='сурет'> соңы.</p>", "Мәтін заң соңы."
    ),
    "an end of CDATA": Body("<p>Мәтін ]]> соңы ]]&gt; болды.</p>", "Мәтін ]]> соңы ]]> болды."),
    "control characters": Body("<p>Мә\u000bтін\u0000 &#11; &#x1f; &#xFFFE; соңы\ufffe.</p>", "Мә тін соңы."),
    "half a letter": Body("<p>Мәтін \ud83d соңы.</p>", "Мәтін соңы."),
    "two hundred levels": Body(nested(200), "Терең мәтін."),
    "two hundred and one levels": Body(nested(201), refused="200"),
    "a megabyte": Body("<p>" + "Мәтін сөзі. " * 49_000 + "</p>", "Мәтін сөзі. " * 48_999 + "Мәтін сөзі."),
    "two megabytes": Body("<p>" + "Мәтін сөзі. " * 100_000 + "</p>", refused="large"),
}
TITLES = {
    "markup": ("Заң <b>жобасы</b> <script>alert(1)</script>", "Заң жобасы"),
    "an end of CDATA": ("Заң ]]> жобасы", "Заң ]]> жобасы"),
    "a vertical tab": ("Заң\u000bжобасы", "Заң жобасы"),
    "half a letter": ("Заң \ud800 жобасы", "Заң жобасы"),
    "entities": ("Заң &amp; &lt;b&gt; &nbsp; жобасы", "Заң & <b> жобасы"),
    "directions": ("Заң \u202eжобасы\u202c", "Заң жобасы"),
    "ten thousand letters": ("Заң " * 2500, "Заң " * 2499 + "Заң"),
}


@dataclass(frozen=True)
class Published:
    newsroom: Newsroom
    ran: Ran


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """All of them beside each other: what breaks a feed takes the other stories with it."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("hostile") / "newsroom")
    for minute, (name, body) in enumerate(BODIES.items()):
        newsroom.drop(
            f"{name}.json", ninjs(title=name, body=body.html, versioncreated=f"{DAY[:14]}{minute:02}+05:00")
        )
    for number, (name, (title, _)) in enumerate(TITLES.items()):
        newsroom.drop(f"title {name}.json", ninjs(title=f"{number}: {title}", body=f"<p>Мәтін {number}.</p>"))
    return Published(newsroom, newsroom.run("publish"))


def test_what_would_break_a_feed_breaks_none(hostile: Published) -> None:
    assert hostile.ran.exit_code == 1
    assert "Traceback" not in hostile.ran.err
    assert_sound(hostile.newsroom)


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_would_break_a_feed(hostile: Published, name: str) -> None:
    body, lines = BODIES[name], hostile.ran.err.splitlines()
    refused = [line for line in lines if line.startswith(f"publisher: error: {name}.json: ")]
    found = items(hostile.newsroom).get(name)
    if body.refused:
        assert found is None
        (line,) = refused
        assert body.refused in line
        return
    assert refused == []
    assert found is not None
    content = etree.HTML(found["content_html"])
    assert " ".join("".join(content.itertext()).split()) == body.shown
    assert content.xpath("//@href | //@src") == []


@pytest.mark.parametrize("name", TITLES)
def test_a_title_that_would_break_a_feed(hostile: Published, name: str) -> None:
    title = f"{list(TITLES).index(name)}: {TITLES[name][1]}"
    assert title in items(hostile.newsroom)
    for feed in ("rss.xml", "atom.xml"):
        root = etree.fromstring((hostile.newsroom.feeds / "all" / feed).read_bytes())
        assert title in [element.text for element in root.iter("{*}title")]


def test_ten_thousand_tags_are_told_no_reader(newsroom: Newsroom) -> None:
    newsroom.drop("a.json", ninjs(subject=[{"name": f"тег {number}"} for number in range(10_000)]))
    publish(newsroom)
    assert_sound(newsroom)
    assert 0 < len(items(newsroom)["Жиын"]["tags"]) <= 100
    for name in ("rss.xml", "atom.xml"):
        (entry,) = [
            entry
            for entry in feedparser.parse((newsroom.feeds / "all" / name).read_bytes()).entries
            if entry.title == "Жиын"
        ]
        assert [tag.term for tag in entry.tags] == items(newsroom)["Жиын"]["tags"]


@dataclass(frozen=True)
class Place:
    """A section's name and the folder that it gets."""

    name: str
    folder: str | None


PLACES = [
    Place("../../etc", "etc"),
    Place("/etc/passwd", "etc-passwd"),
    Place("CON", "con-x"),
    Place("nul.txt", "nul-txt"),
    Place("", None),
    Place("...", "section"),
    Place("\u200b", None),
    Place("all", "all-section"),
    Place("stories", "stories-section"),
    Place("tags", "tags-section"),
    Place("<script>alert(1)</script>", "script-alert-1-script"),
    Place("а" * 5000, "a" * 80),
    Place("index.html", "index-html"),
]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """A story in each of them."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("places") / "newsroom")
    before = {path.name for path in newsroom.root.iterdir()}
    for number, place in enumerate(PLACES):
        text = markdown(f"Жиын {number}", f"Мәтін {number}.", date=DAY, section=place.name)
        newsroom.drop(f"{number}.md", text)
    ran = newsroom.run("publish")
    assert ran.exit_code == 0, ran.err
    assert {path.name for path in newsroom.root.iterdir()} - before == {"feeds", "state"}
    return newsroom


@pytest.mark.parametrize("place", PLACES, ids=lambda place: repr(place.name[:20]))
def test_a_section_with_a_dangerous_name(places: Newsroom, place: Place) -> None:
    title = f"Жиын {PLACES.index(place)}"
    folders = {path.parent.name for path in places.feeds.glob("*/rss.xml")}
    assert {folder for folder in folders if title in items(places, folder)} == {"all", place.folder} - {None}


def test_dangerous_names_make_no_other_folders(places: Newsroom) -> None:
    folders = {path.parent.name for path in places.feeds.rglob("rss.xml")}
    assert folders == {"all", "senat", *(place.folder for place in PLACES if place.folder)}
    assert_sound(places)


DATES = {
    "year one": "0001-01-01T00:00:00+05:00",
    "the last year": "9999-12-31T23:59:59-12:00",
    "before zones had whole minutes": "1850-01-01T00:00:00+05:07",
}


def test_a_date_at_the_edge_of_time(newsroom: Newsroom) -> None:
    for number, date in enumerate(DATES.values()):
        newsroom.drop(f"{number}.md", markdown(f"Жиын {number}", date=date))
    ran = newsroom.run("publish")
    assert ran.exit_code == 1
    assert [line.partition("; ")[0] for line in ran.err.splitlines()] == [
        f"publisher: error: {number}.md: the date «{date}» does not exist"
        for number, date in enumerate(DATES.values())
    ]
    assert_sound(newsroom)
