"""Five hundred stories, as three feed readers that know nothing of us find them in the three formats."""

import json
import subprocess
from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import fastfeedparser  # type: ignore[import-untyped]  # it ships no types
import feedparser
import pytest
from conftest import SEED, Newsroom, make_newsroom
from lxml import html
from many_stories import ALMATY, SECTIONS, Story, correct, drop_stories, make_stories

FORMATS = ("rss.xml", "atom.xml", "feed.json")
FOLDERS = ("all", "senat")
SITE = "https://news.example.kz/"
SITE_AUTHOR = "Egemen Qazaqstan"
_CORRECTED = 20
"""One Markdown story in so many is corrected after it was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A story as a reader found it in a feed; None is what the reader does not tell."""

    id: str
    title: str
    summary: str
    published: datetime
    updated: datetime | None
    link: str
    enclosures: tuple[tuple[str, str], ...]
    """Addresses and media types."""
    sizes: tuple[int, ...] | None
    """Of the enclosures, in bytes."""
    body: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    language: str | None


# What a reader does not tell cannot be compared. Where it begins to, it is.
UNTOLD = {
    # RSS 2.0 has no such date. Some readers know it from an extension.
    ("feedparser", "rss.xml", "updated"),
    ("fastfeedparser", "rss.xml", "updated"),
    ("feedsmith", "rss.xml", "updated"),
    # It gives the language of the whole feed only.
    ("fastfeedparser", "rss.xml", "language"),
    ("fastfeedparser", "atom.xml", "language"),
    ("fastfeedparser", "feed.json", "language"),
    # In Atom it gives an enclosure among the links, without its length.
    ("fastfeedparser", "atom.xml", "sizes"),
}


@pytest.fixture(scope="module")
def stories() -> Mapping[str, Story]:
    """By title."""
    made = make_stories(500)
    return {story.title: correct(story) if is_corrected(story) else story for story in made}


def is_corrected(story: Story) -> bool:
    number, _, suffix = story.name.partition(".")
    return suffix == "md" and int(number) % _CORRECTED == 0


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, stories: Mapping[str, Story]) -> Newsroom:
    """All of them published, and then some of them corrected."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("outside") / "newsroom")
    (newsroom.inbox / SEED.name).unlink()
    newsroom.edit_config("limit = 50 ", "limit = 1000 ")
    for dropped in (make_stories(500), [story for story in stories.values() if is_corrected(story)]):
        drop_stories(newsroom, dropped)
        ran = newsroom.run("publish", "--json")
        assert (ran.exit_code, ran.err, ran.data["warnings"]) == (0, "", [])
    return newsroom


@pytest.fixture(scope="module")
def told(published: Newsroom) -> Mapping[str, list[Entry]]:
    """By folder, what the JSON feed says to who reads JSON and nothing more."""
    documents = {
        folder: json.loads((published.feeds / folder / "feed.json").read_bytes()) for folder in FOLDERS
    }
    return {folder: list(map(_of_json, document["items"])) for folder, document in documents.items()}


class TestEachStory:
    """What was dropped is what the feeds tell."""

    def test_is_told_once_and_the_newest_first(
        self, told: Mapping[str, list[Entry]], stories: Mapping[str, Story]
    ) -> None:
        titles = [entry.title for entry in told["all"]]
        assert sorted(titles) == sorted(stories)
        assert len({entry.id for entry in told["all"]}) == len(stories) == 500
        times = [entry.published for entry in told["all"]]
        assert times == sorted(times, reverse=True)

    def test_is_told_by_its_section_in_the_same_words(self, told: Mapping[str, list[Entry]]) -> None:
        own = [entry for entry in told["all"] if entry.categories[0] == SECTIONS[0]]
        assert len(own) > 100
        assert told["senat"] == own

    def test_keeps_its_date_and_tells_a_correction(
        self, told: Mapping[str, list[Entry]], stories: Mapping[str, Story]
    ) -> None:
        for entry in told["all"]:
            story = stories[entry.title]
            assert entry.published.astimezone(ALMATY).date() == story.day, story.name
            assert story.instant in {None, entry.published}, story.name
            assert entry.updated is not None
            assert (entry.updated > entry.published) == is_corrected(story), story.name

    def test_shows_all_its_words_in_their_order(
        self, told: Mapping[str, list[Entry]], stories: Mapping[str, Story]
    ) -> None:
        for entry in told["all"]:
            story = stories[entry.title]
            words = list(story.words())
            assert entry.summary == words[0], story.name
            shown, at = _shown(entry.body), 0
            for text in words:
                at = shown.find(text, at) + len(text)
                assert at >= len(text), (story.name, text)

    def test_keeps_its_address_author_categories_and_language(
        self, told: Mapping[str, list[Entry]], stories: Mapping[str, Story]
    ) -> None:
        for entry in told["all"]:
            story = stories[entry.title]
            assert story.url in {None, entry.link}, story.name
            assert entry.authors == (story.byline or SITE_AUTHOR,), story.name
            assert entry.categories == (story.section, *story.tags), story.name
            assert entry.language == story.language, story.name
        assert {entry.language for entry in told["all"]} == {"kk", "kk-Arab", "kk-Latn", "ru", "en"}

    def test_has_its_picture_and_page_where_the_feed_says(
        self, published: Newsroom, told: Mapping[str, list[Entry]], stories: Mapping[str, Story]
    ) -> None:
        for entry in told["all"]:
            story = stories[entry.title]
            if story.url is None:
                assert (published.feeds / entry.link.removeprefix(SITE)).is_file()
            found = [(published.feeds / url.removeprefix(SITE)).read_bytes() for url, _ in entry.enclosures]
            assert found == ([story.picture] if story.picture else [])
            types = {b"\x89": "image/png", b"\xff": "image/jpeg"}
            assert [kind for _, kind in entry.enclosures] == [types[data[:1]] for data in found]
            assert entry.sizes == tuple(map(len, found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reader found in the files of one name."""

    reader: str
    name: str
    entries: Mapping[str, list[Entry]]
    """By folder."""


READS = {
    "feedparser": ("rss.xml", "atom.xml"),
    "fastfeedparser": FORMATS,
    "feedsmith": FORMATS,
}


@pytest.fixture(scope="module")
def feedsmith_found(published: Newsroom, node: Path) -> Mapping[str, Any]:
    """What feedsmith makes of all the files, by path."""
    script = Path(__file__).parent / "js" / "read_feeds.mjs"
    paths = [published.feeds / folder / name for folder in FOLDERS for name in FORMATS]
    done = subprocess.run([node, script, *paths], capture_output=True, timeout=60, check=True)
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(
    scope="module", params=[(reader, name) for reader in READS for name in READS[reader]], ids=" ".join
)
def reading(request: pytest.FixtureRequest, published: Newsroom) -> Reading:
    reader, name = request.param
    paths = {folder: published.feeds / folder / name for folder in FOLDERS}
    if reader == "feedparser":
        entries = {folder: _read_with_feedparser(path) for folder, path in paths.items()}
    elif reader == "fastfeedparser":
        entries = {folder: _read_with_fastfeedparser(path) for folder, path in paths.items()}
    else:
        found = request.getfixturevalue("feedsmith_found")
        entries = {folder: _of_feedsmith(found[str(path)]) for folder, path in paths.items()}
    return Reading(reader=reader, name=name, entries=entries)


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("field", [field.name for field in fields(Entry)])
def test_every_reader_finds_the_same(
    reading: Reading, told: Mapping[str, list[Entry]], folder: str, field: str
) -> None:
    found = [getattr(entry, field) for entry in reading.entries[folder]]
    wanted = [getattr(entry, field) for entry in told[folder]]
    if (reading.reader, reading.name, field) in UNTOLD and set(found) == {None}:
        return
    assert len(found) == len(wanted)
    assert [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]][:3] == []


def test_feedparser_reads_no_json_feed(published: Newsroom) -> None:
    """When it does, it belongs into the table above."""
    assert feedparser.parse((published.feeds / "all/feed.json").read_bytes()).entries == []


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_reader_that_makes_html_safe_takes_nothing_away(
    published: Newsroom, told: Mapping[str, list[Entry]], name: str
) -> None:
    feed = feedparser.parse((published.feeds / "all" / name).read_bytes())
    for entry, wanted in zip(feed.entries, told["all"], strict=True):
        assert entry.title == wanted.title
        assert entry.link == wanted.link
        body = entry.content[0].value
        # It writes some tags and entities in another way; what they mean must not change.
        assert _shown(body) == _shown(wanted.body)
        assert _addresses(body) == _addresses(wanted.body)


def _of_json(item: Mapping[str, Any]) -> Entry:
    attachments = item.get("attachments", ())
    return Entry(
        id=item["id"],
        title=item["title"],
        summary=item["summary"],
        published=_iso(item["date_published"]),
        updated=_iso(item["date_modified"]),
        link=item["url"],
        enclosures=tuple((each["url"], each["mime_type"]) for each in attachments),
        sizes=tuple(each["size_in_bytes"] for each in attachments),
        body=item["content_html"],
        authors=tuple(author["name"] for author in item["authors"]),
        categories=tuple(item["tags"]),
        language=item["language"],
    )


def _read_with_feedparser(path: Path) -> list[Entry]:
    # Made safe, HTML has other bytes; of that there is a test of its own.
    feed = feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    assert not feed.bozo
    return [_of_feedparser(entry, is_rss=feed.version == "rss20") for entry in feed.entries]


def _of_feedparser(entry: feedparser.FeedParserDict, *, is_rss: bool) -> Entry:
    return Entry(
        id=entry.id,
        title=entry.title,
        summary=_shown(entry.summary) if is_rss else entry.summary,
        published=_parsed(entry.published_parsed),
        updated=_parsed(entry.updated_parsed) if "updated_parsed" in entry else None,
        link=entry.link,
        enclosures=tuple((each.href, each.type) for each in entry.enclosures),
        sizes=tuple(int(each.length) for each in entry.enclosures),
        body=entry.content[0].value,
        authors=tuple(author.name for author in entry.authors),
        categories=tuple(tag.term for tag in entry.tags),
        language=entry.language if is_rss else entry.title_detail.language,
    )


def _read_with_fastfeedparser(path: Path) -> list[Entry]:
    return [_of_fastfeedparser(entry, path.name) for entry in fastfeedparser.parse(path.read_bytes()).entries]


def _of_fastfeedparser(entry: Mapping[str, Any], name: str) -> Entry:
    if name == "atom.xml":
        links = [link for link in entry["links"] if link["rel"] == "enclosure"]
        enclosures = entry.get("enclosures") or [{"url": link["href"], **link} for link in links]
    else:
        enclosures = entry.get("enclosures", ())
    sizes = tuple(each.get("length") for each in enclosures)
    return Entry(
        id=entry["id"],
        title=entry["title"],
        summary=_shown(entry["description"]) if name == "rss.xml" else entry["description"],
        published=_iso(entry["published"]),
        updated=_iso(entry["updated"]) if "updated" in entry else None,
        link=entry["link"],
        enclosures=tuple((each["url"], each["type"]) for each in enclosures),
        sizes=None if name == "atom.xml" and not any(sizes) else sizes,
        body=entry["content"][0]["value"],
        authors=tuple(author["name"] for author in entry["authors"]),
        categories=tuple(tag["term"] for tag in entry["tags"]),
        language=entry.get("language"),
    )


def _of_feedsmith(found: Mapping[str, Any]) -> list[Entry]:
    feed = found["feed"]
    if found["format"] == "json":
        return list(map(_of_json, feed["items"]))  # it keeps the format's own names
    if found["format"] == "rss":
        return list(map(_of_feedsmith_rss, feed["items"]))
    return list(map(_of_feedsmith_atom, feed["entries"]))


def _of_feedsmith_rss(item: Mapping[str, Any]) -> Entry:
    enclosures = item.get("enclosures", ())
    updated = item.get("atom", {}).get("updated")
    return Entry(
        id=item["guid"]["value"],
        title=item["title"],
        summary=_shown(item["description"]),
        published=parsedate_to_datetime(item["pubDate"]).astimezone(UTC),
        updated=_iso(updated) if updated else None,
        link=item["link"],
        enclosures=tuple((each["url"], each["type"]) for each in enclosures),
        sizes=tuple(each["length"] for each in enclosures),
        body=item["content"]["encoded"],
        authors=tuple(item["dc"]["creators"]),
        categories=tuple(category["name"] for category in item["categories"]),
        language=item["dc"]["languages"][0],
    )


def _of_feedsmith_atom(entry: Mapping[str, Any]) -> Entry:
    enclosures = [link for link in entry["links"] if link["rel"] == "enclosure"]
    (link,) = (link["href"] for link in entry["links"] if link["rel"] == "alternate")
    return Entry(
        id=entry["id"],
        title=entry["title"]["value"],
        summary=entry["summary"]["value"],
        published=_iso(entry["published"]),
        updated=_iso(entry["updated"]),
        link=link,
        enclosures=tuple((each["href"], each["type"]) for each in enclosures),
        sizes=tuple(each["length"] for each in enclosures),
        body=entry["content"]["value"],
        authors=tuple(author["name"] for author in entry["authors"]),
        categories=tuple(category["term"] for category in entry["categories"]),
        language=entry["xml"]["lang"],
    )


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _parsed(time: Any) -> datetime:
    """The struct_time of feedparser, which is in UTC."""
    return datetime.fromtimestamp(timegm(time), UTC)


def _shown(body: str) -> str:
    """The words of HTML."""
    return str(html.fragment_fromstring(body, create_parent="div").text_content())


def _addresses(body: str) -> list[str]:
    return [str(url) for url in html.fragment_fromstring(body, create_parent="div").xpath("//@href | //@src")]
