"""Stories that would break a feed, a page or the output folder: published well, or refused in a line."""

import json
from dataclasses import dataclass

import feedparser
import pytest
from conftest import Newsroom
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


NESTED = "<div>" * 180 + "<p>Терең мәтін.</p>" + "</div>" * 180
BODIES = {
    "a script": "<p>Мәтін.</p><script>alert(1)</script><p onclick='alert(1)'>Тағы.</p>",
    "a frame and a form": "<p>Мәтін.</p><iframe src='https://x.example/'></iframe><form><input></form>",
    "a javascript link": "<p><a href='javascript:alert(1)'>Бір</a>, <a href='JaVa\tscript:x'>тағы</a>.</p>",
    "a data link": "<p>Мәтін.</p><img src='data:image/svg+xml;base64,PHN2Zz48L3N2Zz4='>",
    "a relative link": "<p>Мәтін <a href='/zan/1'>заң</a> <img src='../a.jpg' alt='сурет'>.</p>",
    "an end of CDATA": "<p>Мәтін ]]> соңы ]]&gt; болды.</p>",
    "control characters": "<p>Мә\u000bтін\u0000 &#11; &#x1f; &#xFFFE; соңы\ufffe.</p>",
    "half a letter": "<p>Мәтін \ud83d соңы.</p>",
    "a deep nest": NESTED,
    "a megabyte": "<p>" + "Мәтін сөзі. " * 42_000 + "</p>",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_would_break_a_feed(newsroom: Newsroom, name: str) -> None:
    newsroom.drop("a.json", ninjs(body=BODIES[name]))
    ran = newsroom.run("publish")
    assert ran.exit_code in {0, 1}
    assert "Traceback" not in ran.err
    if ran.exit_code == 1:
        assert [line for line in ran.err.splitlines() if line.startswith("publisher: error: a.json: ")]
    assert ("Жиын" in items(newsroom)) == (ran.exit_code == 0)
    assert_sound(newsroom)


TITLES = {
    "markup": "Заң <b>жобасы</b> <script>alert(1)</script>",
    "an end of CDATA": "Заң ]]> жобасы",
    "a vertical tab": "Заң\u000bжобасы",
    "half a letter": "Заң \ud800 жобасы",
    "entities": "Заң &amp; &lt;b&gt; &nbsp; жобасы",
    "directions": "Заң \u202eжобасы\u202c",
    "ten thousand letters": "Заң " * 2500,
}


@pytest.mark.parametrize("name", TITLES)
def test_a_title_that_would_break_a_feed(newsroom: Newsroom, name: str) -> None:
    newsroom.drop("a.json", ninjs(title=TITLES[name]))
    ran = newsroom.run("publish")
    assert ran.exit_code in {0, 1}, ran.err
    assert "Traceback" not in ran.err
    assert_sound(newsroom)
    if ran.exit_code == 0:
        (title,) = [title for title in items(newsroom) if title.startswith("Заң")]
        for feed in ("rss.xml", "atom.xml"):
            root = etree.fromstring((newsroom.feeds / "all" / feed).read_bytes())
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


@pytest.mark.parametrize("place", PLACES, ids=lambda place: repr(place.name[:20]))
def test_a_section_with_a_dangerous_name(newsroom: Newsroom, place: Place) -> None:
    before = {path.name for path in newsroom.root.iterdir()}
    newsroom.drop(
        "a.md", f"---\ntitle: Жиын\ndate: {DAY}\nsection: {json.dumps(place.name)}\n---\n\nМәтін.\n"
    )
    ran = newsroom.run("publish")
    assert ran.exit_code == 0, ran.err
    assert {path.name for path in newsroom.root.iterdir()} - before == {"feeds", "state"}
    folders = {path.parent.name for path in newsroom.feeds.glob("*/rss.xml")}
    assert folders == {"all", "senat"} | ({place.folder} if place.folder else set())
    assert "Жиын" in items(newsroom)
    assert_sound(newsroom)


DATES = {
    "year one": "0001-01-01T00:00:00+05:00",
    "the last year": "9999-12-31T23:59:59-12:00",
    "before zones had whole minutes": "1850-01-01T00:00:00+05:07",
}


@pytest.mark.parametrize("name", DATES)
def test_a_date_at_the_edge_of_time(newsroom: Newsroom, name: str) -> None:
    newsroom.drop("a.md", markdown("Жиын", date=DATES[name]))
    ran = newsroom.run("publish")
    assert ran.exit_code in {0, 1}
    assert "Traceback" not in ran.err
    assert_sound(newsroom)
