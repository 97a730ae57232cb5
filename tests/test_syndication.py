"""Which feeds there are, what stands in them over the years, and what they cost."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from conftest import Newsroom, story
from lxml import etree
from test_ingest import edit, items, markdown, publish

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
FORMATS = ("rss.xml", "atom.xml", "feed.json")
BASE = "https://news.example.kz/"


@pytest.fixture
def empty(newsroom: Newsroom) -> Newsroom:
    for path in newsroom.inbox.iterdir():
        path.unlink()
    return newsroom


def atom(newsroom: Newsroom, folder: str) -> etree._Element:
    return etree.fromstring((newsroom.feeds / folder / "atom.xml").read_bytes())


def links(root: etree._Element) -> dict[str, str]:
    """Of a feed in either XML format, by rel."""
    found = (
        root.iterfind(f"{ATOM}link") if root.tag == f"{ATOM}feed" else root.iterfind(f"channel/{ATOM}link")
    )
    return {link.get("rel", ""): link.get("href", "") for link in found}


def ids(newsroom: Newsroom, folder: str) -> list[str]:
    """Of the stories of a feed, which must be the same in all formats."""
    found = [item["id"] for item in json.loads((newsroom.feeds / folder / "feed.json").read_bytes())["items"]]
    for name in ("rss.xml", "atom.xml"):
        parsed = feedparser.parse((newsroom.feeds / folder / name).read_bytes())
        assert not parsed.bozo
        assert [entry.id for entry in parsed.entries] == found
    return found


def drop_days(newsroom: Newsroom, days: range) -> None:
    """A story a day in March 2024."""
    for day in days:
        newsroom.drop(f"{day:02}.md", markdown(f"Жиын {day}", date=f"2024-03-{day:02}T10:00:00+05:00"))


# --- Corrections and moves


def test_an_edit_keeps_id_and_date_and_moves_updated_on(newsroom: Newsroom) -> None:
    path = newsroom.drop("a.md", markdown("Жиын өтті"))
    publish(newsroom)
    before = items(newsroom)["Жиын өтті"]
    edit(path, "қаралды", "талқыланды")
    publish(newsroom)
    after = items(newsroom)["Жиын өтті"]
    kept = ("id", "url", "date_published")
    assert {key: before[key] for key in kept} == {key: after[key] for key in kept}
    assert datetime.fromisoformat(after["date_modified"]) > datetime.fromisoformat(before["date_modified"])
    entries = feedparser.parse((newsroom.feeds / "senat/rss.xml").read_bytes()).entries
    (entry,) = [entry for entry in entries if entry.id == before["id"]]
    assert entry.updated == after["date_modified"]


def test_a_story_that_moves_to_another_section_keeps_its_id_in_both(newsroom: Newsroom) -> None:
    path = newsroom.drop("a.md", markdown("Жиын өтті"))
    publish(newsroom)
    before = items(newsroom, "senat")["Жиын өтті"]
    edit(path, '"Сенат"', '"Қоғам"')
    publish(newsroom)
    after = items(newsroom, "qogham")["Жиын өтті"]
    assert (after["id"], after["date_published"]) == (before["id"], before["date_published"])
    assert "Жиын өтті" not in items(newsroom, "senat")
    assert after["id"] == items(newsroom)["Жиын өтті"]["id"]


# --- Former addresses


@pytest.mark.parametrize(
    ("slug", "aliases", "old"),
    [
        ("parlament", '"senat", "Сенат"', "senat"),
        ("parlament", '"Сенат", "Senate"', "senat"),  # the name it was made from
    ],
    ids=["an alias written as an address", "an alias that had feeds"],
)
def test_a_renamed_section_lives_on_at_its_old_address(
    newsroom: Newsroom, slug: str, aliases: str, old: str
) -> None:
    publish(newsroom)
    before = {name: (newsroom.feeds / old / name).read_bytes() for name in FORMATS}
    story_ids = ids(newsroom, old)
    feed_id = atom(newsroom, old).findtext(f"{ATOM}id")
    newsroom.edit_config('slug = "senat"', f'slug = "{slug}"')
    newsroom.edit_config('aliases = ["Senate", "Парламент Сенаты"]', f"aliases = [{aliases}]")
    newsroom.edit_config('sections = ["senat"]', f'sections = ["{slug}"]')
    publish(newsroom)
    assert ids(newsroom, slug) == ids(newsroom, old) == story_ids
    assert atom(newsroom, old).findtext(f"{ATOM}id") == feed_id
    assert links(atom(newsroom, old))["self"] == f"{BASE}{old}/atom.xml"
    assert links(atom(newsroom, old))["alternate"] == f"{BASE}{slug}/"
    newsroom.drop("b.txt", story("Жаңа жиын"))
    publish(newsroom)
    assert ids(newsroom, slug) == ids(newsroom, old)
    assert len(ids(newsroom, old)) == 2
    assert before.keys() == set(FORMATS)
    # Nothing in the menu leads there, and search engines are sent on.
    page = etree.HTML((newsroom.feeds / old / "index.html").read_text())
    assert page.xpath("string(//link[@rel='canonical']/@href)") == f"{BASE}{slug}/"
    assert not page.xpath(f"//nav//a[contains(@href, '../{old}/')]")


def test_an_alias_in_words_makes_no_feeds(newsroom: Newsroom) -> None:
    publish(newsroom)
    assert not (newsroom.feeds / "senate").exists()
    assert not (newsroom.feeds / "parlament-senaty").exists()


# --- Tags and authors


def test_tags_and_authors_have_feeds_where_the_config_asks(newsroom: Newsroom) -> None:
    newsroom.edit_config("tags = []", 'tags = ["Бюджет", "100% \\"a_b\\""]')
    newsroom.edit_config("authors = []", 'authors = ["Айгүл Серікқызы"]')
    newsroom.drop("a.md", markdown("Бірінші", author="Айгүл Серікқызы"))
    for name, tags in {"b": ["Бюджет"], "c": ["бюджеттік"], "d": ['100% "a_b"'], "e": ['100x "aXb"']}.items():
        text = markdown(f"Жаңалық {name}").replace("---\n\n", f"tags: {json.dumps(tags)}\n---\n\n", 1)
        newsroom.drop(f"{name}.md", text)
    publish(newsroom)
    found = {
        str(path.parent.relative_to(newsroom.feeds)): list(items(newsroom, str(path.parent)))
        for path in newsroom.feeds.glob("*s/*/feed.json")
    }
    assert found == {
        "tags/byudzhet": ["Жаңалық b"],
        "tags/100-a-b": ["Жаңалық d"],
        "authors/aigul-serikqyzy": ["Бірінші"],
    }
    for folder in found:
        ids(newsroom, folder)
        page = (newsroom.feeds / folder / "index.html").read_text()
        assert "../../style.css" in page
        style = re.search(r'href="([^"]+)"\?>', (newsroom.feeds / folder / "rss.xml").read_text())
        assert style is not None
        assert style[1] == "../../feed.css"


@pytest.mark.parametrize("bad", ['tags = ["«»"]', 'tags = ["a b", "A-b"]', 'tags = [""]', 'tags = "a"'])
def test_a_tag_that_makes_no_address_is_a_config_error(newsroom: Newsroom, bad: str) -> None:
    newsroom.edit_config("tags = []", bad)
    ran = newsroom.run("config", "check")
    assert ran.exit_code == 2
    assert "feeds.tags" in ran.err


# --- Tombstones


def test_a_withdrawn_story_leaves_a_tombstone(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown("Қате хабар"))
    publish(newsroom)
    gone = items(newsroom)["Қате хабар"]
    assert newsroom.run("articles", "withdraw", "a.md").exit_code == 0
    for folder in ("senat", "all"):
        assert gone["id"] not in ids(newsroom, folder)
        (tombstone,) = atom(newsroom, folder).iterfind(TOMBSTONE)
        assert tombstone.get("ref") == gone["id"]
        when = datetime.fromisoformat(tombstone.get("when") or "")
        assert when.tzinfo is not None
        updated = datetime.fromisoformat(atom(newsroom, folder).findtext(f"{ATOM}updated") or "")
        assert updated >= when.replace(microsecond=0)
        document = json.loads((newsroom.feeds / folder / "feed.json").read_bytes())
        assert [each["id"] for each in document["_tombstones"]["items"]] == [gone["id"]]
        assert gone["id"] not in (newsroom.feeds / folder / "rss.xml").read_text()
    assert newsroom.run("articles", "restore", "a.md").exit_code == 0
    assert items(newsroom)["Қате хабар"] == gone
    assert not list(atom(newsroom, "all").iterfind(TOMBSTONE))


def test_a_story_that_nobody_saw_leaves_no_tombstone(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown("Жабық хабар", status="canceled"))
    newsroom.drop("b.md", markdown("Ертеңгі хабар", embargo="2124-01-01"))
    publish(newsroom)
    assert newsroom.run("articles", "withdraw", "b.md").exit_code == 0
    assert not list(atom(newsroom, "all").iterfind(TOMBSTONE))


def test_tombstones_older_than_a_full_feed_are_left_out(empty: Newsroom) -> None:
    empty.edit_config("limit = 50", "limit = 3")
    drop_days(empty, range(1, 8))
    publish(empty)
    for name in ("01.md", "06.md"):
        assert empty.run("articles", "withdraw", name).exit_code == 0
    assert len(list(atom(empty, "all").iterfind(TOMBSTONE))) == 1


# --- Archives (RFC 5005)


def archive(newsroom: Newsroom, folder: str) -> list[str]:
    """Folders of a feed's archive as a reader finds them: from the feed, link by link, in each format."""
    found: dict[str, list[str]] = {name: [] for name in FORMATS}
    for name, pages in found.items():
        at: str | None = folder
        while at:
            data = (newsroom.feeds / at / name).read_bytes()
            if name == "feed.json":
                older = json.loads(data).get("next_url")
            else:
                root = etree.fromstring(data)
                is_archive = root.find(f".//{HISTORY}archive") is not None
                assert is_archive == (at != folder)
                assert links(root).get("current") == (f"{BASE}{folder}/{name}" if is_archive else None)
                assert links(root)["self"] == f"{BASE}{at}/{name}"
                older = links(root).get("prev-archive")
            at = older.removeprefix(BASE).rpartition("/")[0] if older else None
            if at:
                pages.append(at)
    assert len({tuple(pages) for pages in found.values()}) == 1
    return found["atom.xml"]


@pytest.fixture
def archiving(empty: Newsroom) -> Newsroom:
    empty.edit_config("archives = false", "archives = true")
    empty.edit_config("limit = 50", "limit = 3")
    return empty


def history(newsroom: Newsroom, folder: str = "all") -> set[str]:
    """Every story that a reader finds who follows the archive to its end."""
    pages = archive(newsroom, folder)
    return {story_id for page in (folder, *pages) for story_id in ids(newsroom, page)}


def test_there_are_no_archives_unless_they_are_asked_for(empty: Newsroom) -> None:
    empty.edit_config("limit = 50", "limit = 3")
    drop_days(empty, range(1, 9))
    publish(empty)
    assert archive(empty, "all") == []
    assert not (empty.feeds / "all" / "archive").exists()


def test_archives_and_feed_together_are_the_full_history(archiving: Newsroom) -> None:
    drop_days(archiving, range(1, 12))
    publish(archiving)
    assert len(archive(archiving, "all")) == 3
    assert len(history(archiving)) == len(history(archiving, "senat")) == 11
    assert len(ids(archiving, "all")) == 3


def test_a_page_of_the_archive_stays_as_it_is(archiving: Newsroom) -> None:
    pages: dict[str, bytes] = {}
    for day in range(1, 14):
        drop_days(archiving, range(day, day + 1))
        publish(archiving)
        assert len(history(archiving)) == day
        now = {path: data for path, data in archiving.snapshot().items() if "/archive/" in path}
        assert {path: now[path] for path in pages} == pages
        pages = now
    assert pages
    publish(archiving)
    late = "2020-01-01T10:00:00+05:00"
    archiving.drop("late.md", markdown("Ескі хабар", date=late))
    publish(archiving)
    assert len(history(archiving)) == 14
    now = archiving.snapshot()
    assert {path: now[path] for path in pages} == pages


def test_archives_are_the_same_after_the_output_was_deleted(archiving: Newsroom) -> None:
    drop_days(archiving, range(1, 12))
    publish(archiving)
    before = archiving.snapshot()
    shutil.rmtree(archiving.feeds)
    publish(archiving)
    assert archiving.snapshot() == before


def test_a_correction_and_a_withdrawal_reach_the_archive(archiving: Newsroom) -> None:
    drop_days(archiving, range(1, 12))
    publish(archiving)
    oldest = archive(archiving, "all")[-1]
    assert list(items(archiving, oldest)) == ["Жиын 3", "Жиын 2", "Жиын 1"]
    edit(archiving.inbox / "02.md", "қаралды", "талқыланды")
    publish(archiving)
    assert "талқыланды" in items(archiving, oldest)["Жиын 2"]["content_html"]
    gone = items(archiving, oldest)["Жиын 1"]["id"]
    assert archiving.run("articles", "withdraw", "01.md").exit_code == 0
    assert list(items(archiving, oldest)) == ["Жиын 3", "Жиын 2"]
    (tombstone,) = atom(archiving, oldest).iterfind(TOMBSTONE)
    assert tombstone.get("ref") == gone
    assert len(history(archiving)) == 10


def test_a_story_that_left_a_section_is_not_lost_to_its_history(archiving: Newsroom) -> None:
    drop_days(archiving, range(1, 12))
    publish(archiving)
    edit(archiving.inbox / "01.md", '"Сенат"', '"Қоғам"')
    publish(archiving)
    assert len(history(archiving, "all")) == 11
    assert len(history(archiving, "qogham")) == 1


# --- Fragments


def fragments(newsroom: Newsroom) -> Path:
    return newsroom.root / "state" / "fragments.db"


@pytest.mark.parametrize("damage", ["deleted", "emptied", "no database", "cut", "scribbled"])
def test_the_cache_may_be_lost_at_any_time(newsroom: Newsroom, damage: str) -> None:
    drop_days(newsroom, range(1, 20))
    publish(newsroom)
    before = newsroom.snapshot()
    path = fragments(newsroom)
    data = path.read_bytes()
    if damage == "deleted":
        path.unlink()
    else:
        damaged = {
            "emptied": b"",
            "no database": b"no database at all" * 100,
            "cut": data[: len(data) // 2],
            "scribbled": data[:16_384] + b"\xff" * 60_000 + data[76_384:],
        }
        path.write_bytes(damaged[damage])
    shutil.rmtree(newsroom.feeds)
    publish(newsroom)
    assert newsroom.snapshot() == before


def test_the_cache_holds_the_stories_of_the_feeds_and_no_others(empty: Newsroom) -> None:
    empty.edit_config("limit = 50", "limit = 3")
    drop_days(empty, range(1, 12))
    publish(empty)
    assert _cached(empty) == 3
    drop_days(empty, range(12, 14))
    publish(empty)
    assert _cached(empty) == 3


def _cached(newsroom: Newsroom) -> int:
    with closing(sqlite3.connect(fragments(newsroom))) as connection:
        return int(connection.execute("SELECT count(*) FROM fragments").fetchone()[0])


def test_only_a_changed_story_is_serialised_again(empty: Newsroom) -> None:
    """Who marks what the cache holds finds the mark in every story but the one made anew."""
    drop_days(empty, range(1, 6))
    publish(empty)
    with closing(sqlite3.connect(fragments(empty))) as connection, connection:
        for number, data in connection.execute("SELECT article_id, data FROM fragments").fetchall():
            marked = data.replace("мәселе қаралды".encode(), "мәселе Қаралды".encode())
            connection.execute("UPDATE fragments SET data = ? WHERE article_id = ?", (marked, number))
    edit(empty.inbox / "03.md", "бірқатар", "көптеген")
    publish(empty)
    for name in FORMATS:
        feed = (empty.feeds / "all" / name).read_text()
        assert feed.count("көптеген мәселе қаралды") == feed.count("көптеген")
        assert "көптеген" in feed
        assert feed.count("бірқатар мәселе Қаралды") == feed.count("бірқатар")
        assert feed.count("бірқатар") == 4 * feed.count("көптеген")
    assert empty.run("publish", "--rebuild").exit_code == 0
    assert "Қаралды" not in (empty.feeds / "all/rss.xml").read_text()


def test_only_the_feeds_that_hold_a_changed_story_are_written(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown("Жиын"))
    newsroom.drop("b.md", markdown("Жарыс", section="Спорт"))
    publish(newsroom)
    edit(newsroom.inbox / "b.md", "қаралды", "талқыланды")
    written: list[Any] = publish(newsroom)["written"]
    assert {path for path in written if path.startswith("senat/")} == set()
    assert {path for path in written if path.endswith(FORMATS)} == {
        f"{folder}/{name}" for folder in ("sport", "all") for name in FORMATS
    }
