"""Promises that were once broken: each fault that a reviewer found, and what must hold instead."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import ROOT, SECTION_FILES, SEED, Newsroom, make_newsroom, story
from test_ingest import edit, items, markdown, publish, total

from publisher import __version__
from publisher.config import load_config
from publisher.pipeline import publishing
from publisher.pipeline.report import PublishReport

ALMATY = ZoneInfo("Asia/Almaty")
SEED_TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
SITE = "https://news.example.kz/"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(500) + b"\xff\xd9"
CUSTOM = "https://egemen.kz/article/"


@pytest.fixture
def empty(newsroom: Newsroom) -> Newsroom:
    (newsroom.inbox / SEED.name).unlink()
    return newsroom


@pytest.fixture
def withdrawing(empty: Newsroom) -> Newsroom:
    """A newsroom whose stories go with their files."""
    empty.edit_config('deletions = "keep"', 'deletions = "withdraw"')
    return empty


def about(title: str) -> str:
    return f"Бұл жерде «{title}» туралы айтылады."


def told(title: str, **fields: str) -> str:
    """A story in Markdown whose words are its own."""
    return markdown(title, about(title), **fields)


def listed(newsroom: Newsroom, section: str = "all") -> list[dict[str, Any]]:
    """The stories of a feed, of which several may have one title."""
    found: list[dict[str, Any]] = json.loads((newsroom.feeds / section / "feed.json").read_bytes())["items"]
    return found


def ids(newsroom: Newsroom) -> dict[str, str]:
    return {title: item["id"] for title, item in items(newsroom).items()}


def where_it_shows(newsroom: Newsroom, words: str) -> list[str]:
    return [path for path, data in newsroom.snapshot().items() if words.encode() in data]


def hidden(newsroom: Newsroom) -> dict[str, tuple[str | None, str | None]]:
    """What is held and what is withdrawn, by title."""
    rows = newsroom.run("inbox", "--json").data["hidden"]
    return {row["title"]: (row["held"], row["withdrawal"]) for row in rows}


def publish_at(newsroom: Newsroom, moment: datetime) -> PublishReport:
    """Publish when the clock shows this."""
    return publishing.publish(load_config(newsroom.root / "config.toml", {}), clock=lambda: moment)


def published(newsroom: Newsroom) -> None:
    """What the test begins with is published; in this process, which is quicker."""
    report = publish_at(newsroom, datetime.now(UTC))
    assert (report.refused, report.blocked, report.unfinished) == ((), (), ())


def mail(newsroom: Newsroom, *, days: int = 0) -> int:
    """Send the edition of that day; how many stories it tells."""
    day = datetime.now(ALMATY).date() + timedelta(days=days)
    ran = newsroom.run("digest", "send", "--date", str(day), "--json")
    assert ran.exit_code == 0, ran.err
    return int(ran.data["stories"])


def letters(newsroom: Newsroom) -> list[str]:
    """The texts of the editions, oldest first."""
    with closing(sqlite3.connect(newsroom.root / "state/publisher.db")) as database:
        query = "SELECT text FROM edition_texts JOIN editions ON id = edition_id ORDER BY local_date"
        return [text for (text,) in database.execute(query)]


def folders(newsroom: Newsroom) -> set[str]:
    return {path.name for path in newsroom.feeds.iterdir() if path.is_dir()}


def navigation(newsroom: Newsroom, page: str = "index.html") -> list[str]:
    """The sections that a page leads to."""
    found = re.search(r"<nav .*?</nav>", (newsroom.feeds / page).read_text(), re.DOTALL)
    assert found
    return re.findall(r'<a href="(?:\.\./)?([^"/]+)/"', found[0])


def test_addresses_may_pass_from_story_to_story_in_one_run(empty: Newsroom) -> None:
    for name in ("a", "b", "c", "swap-1", "swap-2"):
        empty.drop(f"{name}.md", told(f"Жиын {name}", url=f"{CUSTOM}{name}"))
    published(empty)
    before = ids(empty)
    # a gives up its address; b, a file that is known, brings another story under it, and d.md one under b's.
    empty.drop("a.md", told("Жиын a", url=f"{CUSTOM}a-corrected"))
    empty.drop("b.md", told("Жаңа жиын", url=f"{CUSTOM}a"))
    empty.drop("c.md", told("Жиын c", url=f"{CUSTOM}c-corrected"))
    empty.drop("0.md", told("Тағы жаңа жиын", url=f"{CUSTOM}c"))
    empty.drop("swap-1.md", told("Жиын swap-1", url=f"{CUSTOM}swap-2"))
    empty.drop("swap-2.md", told("Жиын swap-2", url=f"{CUSTOM}swap-1"))
    ran = empty.run("publish", "--json")
    assert (ran.exit_code, ran.err) == (0, "")
    assert total(ran.data, "new") == 2
    after = items(empty)
    assert {title: item["url"].removeprefix(CUSTOM) for title, item in after.items()} == {
        "Жиын a": "a-corrected",
        "Жаңа жиын": "a",
        "Жиын b": "b",
        "Жиын c": "c-corrected",
        "Тағы жаңа жиын": "c",
        "Жиын swap-1": "swap-2",
        "Жиын swap-2": "swap-1",
    }
    assert all(about(title) in item["content_html"] for title, item in after.items())
    for title in ("Жиын a", "Жиын b", "Жиын c"):
        assert after[title]["id"] == before[title]
    swapped = ("Жиын swap-1", "Жиын swap-2")
    assert {after[title]["id"] for title in swapped} == {before[title] for title in swapped}
    assert len({item["id"] for item in after.values()}) == len(after)
    assert publish(empty)["written"] == []


def test_a_story_whose_address_was_corrected_is_not_taken_for_the_new_one_there(empty: Newsroom) -> None:
    empty.drop("a.md", told("Ескі жиын", url=f"{CUSTOM}B"))
    published(empty)
    assert empty.run("subscribers", "add", "a@example.kz").exit_code == 0
    assert mail(empty) == 1
    before = items(empty)["Ескі жиын"]
    empty.drop("a.md", told("Ескі жиын", url=f"{CUSTOM}C"))
    empty.drop("n.md", told("Жаңа жиын", url=f"{CUSTOM}B"))
    report = publish(empty)
    assert (total(report, "new"), report["waiting"]) == (1, {"senat-daily": 1})
    after = items(empty)
    assert {title: item["url"] for title, item in after.items()} == {
        "Ескі жиын": f"{CUSTOM}C",
        "Жаңа жиын": f"{CUSTOM}B",
    }
    assert (after["Ескі жиын"]["id"], after["Ескі жиын"]["date_published"]) == (
        before["id"],
        before["date_published"],
    )
    assert after["Жаңа жиын"]["id"] != before["id"]
    assert mail(empty, days=1) == 1
    first, second = letters(empty)
    assert "Ескі жиын" in first
    assert "Ескі жиын" not in second
    assert "Жаңа жиын" in second


def test_a_story_under_an_address_that_another_had_is_corrected_as_any_other(empty: Newsroom) -> None:
    empty.drop("a.md", told("Ескі жиын", url=f"{CUSTOM}B"))
    published(empty)
    empty.drop("a.md", told("Ескі жиын", url=f"{CUSTOM}C"))
    empty.drop("n.md", told("Жаңа жиын", url=f"{CUSTOM}B"))
    published(empty)
    before = ids(empty)
    for path in empty.inbox.iterdir():
        edit(path, "туралы айтылады", "жайында жазылған")
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated")) == (0, 2)
    assert ids(empty) == before


def canceled(number: str) -> str:
    return markdown("Хабарлама", "Жарамсыз деп танылды.", id=number, status="canceled")


CANCELS = {
    "a": ("a-cancel.md", "b.md"),
    "z": ("b.md", "z-cancel.md"),
}


def cancel_name(order: str) -> str:
    return next(name for name in CANCELS[order] if "cancel" in name)


def test_a_cancellation_in_a_file_of_its_own_works_whatever_the_names(empty: Newsroom) -> None:
    for order in CANCELS:
        for when in ("later", "fresh"):  # the notice comes after its story, or with it into a fresh store
            empty.drop(f"{when}-{order}/b.md", told(f"Жиын {when}-{order}", id=f"kz-{when}-{order}"))
        empty.drop(f"fresh-{order}/{cancel_name(order)}", canceled(f"kz-fresh-{order}"))
    publish(empty)
    before = ids(empty)
    assert before.keys() == {f"Жиын later-{order}" for order in CANCELS}
    assert where_it_shows(empty, "Жиын fresh") == []
    for order in CANCELS:
        empty.drop(f"later-{order}/{cancel_name(order)}", canceled(f"kz-later-{order}"))
    report = publish(empty)
    assert (total(report, "stories"), total(report, "withdrawn")) == (0, 4)
    assert (items(empty), report["waiting"]) == ({}, {"senat-daily": 0})

    # Neither an edit of the story nor a notice that can be read no more brings it back.
    for order, damaged in zip(CANCELS, (b"", b"---\ntitle: [\xff\x00"), strict=True):
        for when in ("later", "fresh"):
            empty.drop(f"{when}-{order}/{cancel_name(order)}", damaged)
            edit(empty.inbox / f"{when}-{order}/b.md", "айтылады", "жазылған")
    for _ in range(2):
        report = publish(empty, exit_code=1)
        assert len(report["refused"]) == 4
        assert (items(empty), total(report, "withdrawn")) == ({}, 4)

    # The file that canceled says otherwise: the story is back, as what it was.
    for order in CANCELS:
        for when in ("later", "fresh"):
            number, title = f"kz-{when}-{order}", f"Жиын {when}-{order}"
            empty.drop(f"{when}-{order}/{cancel_name(order)}", told(title, id=number, status="usable"))
    report = publish(empty)
    assert (total(report, "stories"), total(report, "withdrawn")) == (4, 0)
    after = ids(empty)
    assert after.keys() == {f"Жиын {when}-{order}" for order in CANCELS for when in ("later", "fresh")}
    assert {title: after[title] for title in before} == before


def test_an_embargo_in_one_of_two_files_holds_the_story(empty: Newsroom) -> None:
    until = {"embargo": "2100-01-01T00:00Z"}
    for name, first, second in (("first", until, {}), ("second", {}, until)):
        empty.drop(f"{name}/a.md", told(f"Жиын {name}", id=f"kz-{name}", **first))
        empty.drop(f"{name}/b.md", told(f"Жиын {name}", id=f"kz-{name}", **second))
    for name in ("came-first", "came-second"):
        empty.drop(f"{name}/m.md", told(f"Жиын {name}", id=f"kz-{name}"))
    assert total(publish(empty), "held") == 2
    assert items(empty).keys() == {"Жиын came-first", "Жиын came-second"}
    empty.drop("came-first/a.md", told("Жиын came-first", id="kz-came-first", **until))
    empty.drop("came-second/z.md", told("Жиын came-second", id="kz-came-second", **until))
    assert total(publish(empty), "held") == 4
    assert items(empty) == {}
    for path in ("first/a.md", "second/b.md", "came-first/a.md"):
        edit(empty.inbox / path, '\nembargo: "2100-01-01T00:00Z"', "")
    (empty.inbox / "came-second/z.md").write_bytes(b"")  # a damaged file ends no embargo
    assert total(publish(empty, exit_code=1), "held") == 1
    assert items(empty).keys() == {"Жиын first", "Жиын second", "Жиын came-first"}


def test_a_story_nobody_may_see_does_not_tell_its_section(empty: Newsroom) -> None:
    empty.drop("open.md", told("Ашық жиын"))
    empty.drop("embargo.md", told("Жабық жиын", section="Құпия келісім", embargo="2100-01-01T00:00Z"))
    empty.drop("held.md", told("Ұсталған жиын", section="Отставка", status="withheld"))
    empty.drop("gone.md", told("Жойылған жиын", section="Тергеу", status="canceled"))
    empty.drop("typo-1.md", told("Көрінбеген қате", section="Экономека", embargo="2100-01-01T00:00Z"))
    empty.drop("typo-2.md", told("Көрінген қате", section="Спортт"))
    published(empty)
    assert folders(empty) == {"all", "senat", "stories", "sportt"}
    assert navigation(empty) == ["senat", "sportt"]
    for word in ("Құпия", "Отставка", "Тергеу", "Экономека"):
        assert where_it_shows(empty, word) == []

    empty.drop("typo-1.md", told("Көрінбеген қате", section="Экономика"))
    empty.drop("typo-2.md", told("Көрінген қате", section="Спорт"))
    publish(empty)
    assert folders(empty) == {"all", "senat", "stories", "sportt", "sport", "ekonomika"}
    for page in ("index.html", "senat/index.html"):
        assert navigation(empty, page) == ["senat", "ekonomika", "sport"]
    # Somebody may have subscribed to it: the feed is still there, and tells nothing.
    assert listed(empty, "sportt") == []
    assert {path.name for path in (empty.feeds / "sportt").iterdir()} == SECTION_FILES
    assert items(empty, "sport").keys() == {"Көрінген қате"}
    before = empty.snapshot()
    assert publish(empty)["written"] == []
    assert empty.run("publish", "--rebuild").exit_code == 0
    assert empty.snapshot() == before


def test_an_edition_has_no_story_that_no_run_has_shown(newsroom: Newsroom) -> None:
    now = datetime.now(UTC)
    ended = (now - timedelta(hours=1)).isoformat(timespec="seconds")
    newsroom.drop("embargo.md", told("Жабық жиын", embargo=ended))
    assert newsroom.run("subscribers", "add", "a@example.kz").exit_code == 0
    # The run looked before the embargo ended; now it is over, but the story has no page yet.
    assert publish_at(newsroom, now - timedelta(hours=2)).waiting == {"senat-daily": 1}
    assert mail(newsroom) == 1
    (letter,) = letters(newsroom)
    assert SEED_TITLE in letter
    assert "Жабық жиын" not in letter
    assert publish(newsroom)["waiting"] == {"senat-daily": 1}
    assert mail(newsroom, days=1) == 1
    assert "Жабық жиын" in letters(newsroom)[1]


def test_copies_that_are_edited_together_stay_one_story(empty: Newsroom) -> None:
    for name in ("m", "n", "own"):
        empty.drop(f"{name}.txt", story(f"Жиын {name}", about(f"Жиын {name}")))
    published(empty)
    before = ids(empty)
    for name, copy in (("m", "a-copy"), ("n", "z-copy")):
        shutil.copy(empty.inbox / f"{name}.txt", empty.inbox / f"{copy}.txt")
    assert total(publish(empty), "new") == 0
    for path in empty.inbox.iterdir():
        edit(path, "туралы айтылады", "жайында жазылған")
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated"), total(report, "stories")) == (0, 3, 3)
    assert ids(empty) == before
    assert all("жайында жазылған" in item["content_html"] for item in items(empty).values())
    # What a copy says alone is a story of its own.
    edit(empty.inbox / "z-copy.txt", "жайында жазылған", "жөнінде айтылған")
    assert total(publish(empty), "new") == 1


def test_copies_that_are_made_and_edited_between_two_runs_are_one_story(empty: Newsroom) -> None:
    for name in ("m", "n"):
        empty.drop(f"{name}.txt", story(f"Жиын {name}", about(f"Жиын {name}")))
    published(empty)
    before = ids(empty)
    for name, copy in (("m", "a-copy"), ("n", "z-copy")):
        shutil.copy(empty.inbox / f"{name}.txt", empty.inbox / f"{copy}.txt")
    for path in empty.inbox.iterdir():
        edit(path, "туралы айтылады", "жайында жазылған")
    report = publish(empty)
    assert (total(report, "new"), total(report, "stories")) == (0, 2)
    assert ids(empty) == before


def weather(day: int) -> str:
    return story("Ауа райы өзгермейді", "Жауын-шашын болмайды.", date=f"{day} Наурыз, 2024")


def days(newsroom: Newsroom) -> list[str]:
    return sorted(item["date_published"][:10] for item in listed(newsroom))


def test_the_same_words_on_another_day_are_another_story(empty: Newsroom) -> None:
    empty.drop("b/monday.txt", weather(25))
    empty.drop("b/same-monday.txt", weather(25))
    published(empty)
    assert days(empty) == ["2024-03-25"]
    empty.drop("a/tuesday.txt", weather(26))
    report = publish(empty)
    assert (total(report, "new"), total(report, "stories")) == (1, 2)
    before = listed(empty)
    assert days(empty) == ["2024-03-25", "2024-03-26"]
    # Under another name it is the one of its day.
    (empty.inbox / "b").rename(empty.inbox / "c")
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated")) == (0, 0)
    assert listed(empty) == before


def test_the_same_words_of_several_days_are_copied_and_renamed_as_any_story(empty: Newsroom) -> None:
    for day in (25, 26, 27):
        empty.drop(f"{day}.txt", weather(day))
        empty.drop(f"copies/{day}.txt", weather(day))
    published(empty)
    assert days(empty) == ["2024-03-25", "2024-03-26", "2024-03-27"]
    before = listed(empty)
    shutil.rmtree(empty.inbox / "copies")
    published(empty)
    for day in (25, 26, 27):
        (empty.inbox / f"{day}.txt").rename(empty.inbox / f"{30 - day} renamed.txt")
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated")) == (0, 0)
    assert listed(empty) == before


def test_a_picture_that_was_lost_comes_back_when_it_is_dropped_again(newsroom: Newsroom) -> None:
    picture = newsroom.drop(f"{SEED.stem}.jpg", JPEG)
    published(newsroom)
    before = newsroom.snapshot()
    assert JPEG in before.values()
    for folder in ("state/images", "feeds/images"):
        shutil.rmtree(newsroom.root / folder)
    ran = newsroom.run("publish")
    assert ran.exit_code == 1
    (line,) = ran.err.splitlines()
    assert "the picture is lost; drop it into the inbox again" in line
    picture.touch()
    publish(newsroom)
    assert newsroom.snapshot() == before
    assert list(newsroom.snapshot("state/images").values()) == [JPEG]
    assert publish(newsroom)["written"] == []


def test_a_path_that_is_blocked_stops_nothing_else(empty: Newsroom) -> None:
    for number in range(3):
        empty.drop(f"{number}.md", told(f"Жиын {number}"))
    empty.drop("other.md", told("Нарық жиыны", section="Экономика"))
    published(empty)
    page = empty.feeds / items(empty)["Жиын 1"]["url"].removeprefix(SITE)
    feed = empty.feeds / "ekonomika/rss.xml"
    for path in (page, feed):
        path.unlink()
        path.mkdir()
        (path / "mine").touch()
    for path in empty.inbox.iterdir():
        edit(path, "туралы айтылады", "жайында жазылған")
    empty.drop("new.md", told("Жаңа жиын"))
    for _ in range(2):  # said until somebody makes way
        ran = empty.run("publish")
        assert ran.exit_code == 1, ran.err
        said = ran.err.splitlines()
        assert len(said) == 2
        assert all(line.startswith("publisher: error: ") for line in said)
        assert all(any(str(path) in line for line in said) for path in (page, feed))
    assert items(empty).keys() == {"Жиын 0", "Жиын 1", "Жиын 2", "Нарық жиыны", "Жаңа жиын"}
    for title, item in items(empty).items():
        address = empty.feeds / item["url"].removeprefix(SITE)
        assert address == page or title in address.read_text()
        assert "жайында жазылған" in item["content_html"] or title == "Жаңа жиын"
    for path in (page, feed):
        shutil.rmtree(path)
    publish(empty)
    assert "жайында жазылған" in page.read_text()
    assert "Нарық жиыны" in feed.read_text()


def kept_reasons(newsroom: Newsroom) -> tuple[list[bytes], list[str]]:
    """The copies in the quarantine, and the names that reasons are given for."""
    files = newsroom.snapshot("state/quarantine").values()
    reasons = [data.decode() for data in files if not data.startswith(b"\xff")]
    copies = [data for data in files if data.startswith(b"\xff")]
    return sorted(copies), sorted(reason.partition(": ")[0] for reason in reasons)


def test_a_refused_file_keeps_its_copy_and_reason_whatever_it_is_called(empty: Newsroom) -> None:
    def bad(name: str) -> bytes:
        return b"\xff\x00\x81 " + name.encode()

    empty.drop("x/bad.txt", bad("x/bad.txt"))
    empty.drop("y", bad("y"))
    names = ["a.txt", "a.txt.reason.txt", "a.txt.reason.txt.reason.txt"]
    for name in names:
        empty.drop(name, bad(name))
    report = publish(empty, exit_code=1)
    names = sorted([*names, "x/bad.txt", "y"])
    assert [problem["where"] for problem in report["refused"]] == names
    assert kept_reasons(empty) == (sorted(map(bad, names)), names)

    # A folder and a file trade names.
    shutil.rmtree(empty.inbox / "x")
    (empty.inbox / "y").unlink()
    empty.drop("x", bad("x"))
    empty.drop("y/bad.txt", bad("y/bad.txt"))
    (empty.inbox / "a.txt.reason.txt").unlink()
    ran = empty.run("publish", "--json")
    assert ran.exit_code == 1, ran.err
    assert ran.data["blocked"] == []
    names = ["a.txt", "a.txt.reason.txt.reason.txt", "x", "y/bad.txt"]
    assert kept_reasons(empty) == (sorted(map(bad, names)), names)


def test_restoring_undoes_what_was_done_by_hand_and_not_what_a_file_says(empty: Newsroom) -> None:
    one, two = (empty.drop(f"{name}.md", told(f"Жиын {name}")) for name in ("one", "two"))
    published(empty)
    before = items(empty)
    for path in (one, two):
        assert empty.run("articles", "withdraw", path.name).exit_code == 0
        path.write_text(told(f"Жиын {path.stem}", status="canceled"))
    publish(empty)
    assert hidden(empty) == dict.fromkeys(before, (None, "operator"))
    assert empty.run("articles", "restore", "one.md").exit_code == 0
    assert items(empty) == {}
    assert hidden(empty) == {"Жиын one": (None, "canceled"), "Жиын two": (None, "operator")}
    for path in (one, two):
        path.write_text(told(f"Жиын {path.stem}", status="usable"))
    publish(empty)
    assert ids(empty) == {"Жиын one": before["Жиын one"]["id"]}
    assert empty.run("articles", "restore", "two.md").exit_code == 0
    assert items(empty) == before


def test_a_rebuild_too_takes_away_the_pictures_of_stories_that_were_taken_back(empty: Newsroom) -> None:
    for number, name in enumerate(("open", "held", "embargo")):
        empty.drop(f"{name}.md", told(f"Жиын {name}"))
        empty.drop(f"{name}.jpg", JPEG + bytes([number]))
    published(empty)
    assert len(list((empty.feeds / "images").iterdir())) == 3
    empty.drop("held.md", told("Жиын held", status="withheld"))
    empty.drop("embargo.md", told("Жиын embargo", embargo="2100-01-01"))
    ran = empty.run("publish", "--rebuild")
    assert ran.exit_code == 0, ran.err
    assert [path.read_bytes() for path in (empty.feeds / "images").iterdir()] == [JPEG + bytes([0])]


def test_a_clock_that_was_set_back_hides_again_what_it_had_shown_too_early(newsroom: Newsroom) -> None:
    newsroom.drop("embargo.md", told("Жабық жиын", embargo="2100-01-01T00:00Z"))
    at = datetime(2100, 1, 2, tzinfo=UTC)
    for _ in range(2):
        publish_at(newsroom, at)
        assert items(newsroom).keys() == {SEED_TITLE, "Жабық жиын"}
    for _ in range(2):
        ran = newsroom.run("publish", "--json")
        assert ran.exit_code == 0, ran.err
        assert total(ran.data, "held") == 1
        assert items(newsroom).keys() == {SEED_TITLE}
        assert where_it_shows(newsroom, "Жабық жиын") == []
    publish_at(newsroom, at)
    assert items(newsroom).keys() == {SEED_TITLE, "Жабық жиын"}


def test_a_dry_run_counts_a_new_picture_and_writes_nothing(newsroom: Newsroom) -> None:
    def everything() -> dict[Path, int]:
        """Not the times of folders: SQLite's own passing files move them."""
        return {path: 0 if path.is_dir() else path.lstat().st_mtime_ns for path in newsroom.root.rglob("*")}

    newsroom.drop(f"{SEED.stem}.jpg", JPEG)
    for _ in range(2):  # in an empty newsroom, and in one that is at work
        before = everything()
        dry = newsroom.run("publish", "--dry-run", "--json")
        assert (dry.exit_code, dry.err) == (0, "")
        assert dry.data["dry_run"] is True
        assert everything() == before
        assert sum(path.startswith("images/") for path in dry.data["written"]) == 1
        assert sorted(publish(newsroom)["written"]) == sorted(dry.data["written"])
        newsroom.drop(f"{SEED.stem}.jpg", JPEG + b"2")


def test_another_version_reads_a_refused_file_again(empty: Newsroom, tmp_path: Path) -> None:
    empty.drop("bad.txt", b"")
    (true,) = publish(empty, exit_code=1)["refused"]
    # The books hold another reason: who gives the true one has read the file.
    with closing(sqlite3.connect(empty.root / "state/publisher.db")) as database:
        database.execute("UPDATE sources SET cause = 'from the books'")
        database.execute("DELETE FROM marks WHERE name = 'idle'")
        database.commit()
    for _ in range(2):
        (refused,) = publish(empty, exit_code=1)["refused"]
        assert refused["cause"] == "from the books"
    for folder in ("publisher", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / "other" / folder)
    edit(tmp_path / "other/publisher/__init__.py", f'"{__version__}"', '"99.0.0"')
    ran = empty.run("publish", "--json", PYTHONPATH=str(tmp_path / "other"))
    assert (ran.exit_code, ran.data["refused"]) == (1, [true])


def test_the_titles_of_sections_do_not_hang_on_chance(tmp_path: Path) -> None:
    snapshots = []
    for seed in ("1", "2", "3"):
        newsroom = make_newsroom(tmp_path / seed)
        for number, section in enumerate(("Экономика", "ЭКОНОМИКА", "экономика", "Эко-номика", "Эконо мика")):
            date = f"2024-03-26T1{number}:00+05:00"
            newsroom.drop(f"{number}.md", told(f"Жиын {number}", section=section, date=date))
        ran = newsroom.run("publish", PYTHONHASHSEED=seed)
        assert ran.exit_code == 0, ran.err
        snapshots.append(newsroom.snapshot())
    assert snapshots[0] == snapshots[1] == snapshots[2]


def test_the_stories_of_the_first_seconds_of_a_day_keep_that_day(empty: Newsroom) -> None:
    for number in range(10):
        empty.drop(f"{number}.txt", story(f"Жиын {number}", about(str(number)), date="10 Маусым, 2024"))
    now = datetime(2024, 6, 10, 0, 0, 3, tzinfo=ALMATY)
    report = publish_at(empty, now)
    assert (report.blocked, sum(section.held for section in report.sections)) == ((), 0)
    moments = [datetime.fromisoformat(item["date_published"]) for item in items(empty).values()]
    assert len(moments) == 10
    assert {moment.astimezone(ALMATY).date() for moment in moments} == {now.date()}
    assert max(moments) <= now


def test_a_folder_that_may_not_be_entered_is_one_line(newsroom: Newsroom) -> None:
    published(newsroom)
    before = newsroom.snapshot()
    newsroom.drop("locked/a.md", told("Жабық жиын"))
    as_anybody: list[str] = []
    if os.geteuid() == 0:  # root may enter everywhere, unless it gives that up
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is missing: apt-get install util-linux")
        as_anybody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    locked = newsroom.inbox / "locked"
    for mode in (0o600, 0o000):
        locked.chmod(mode)
        try:
            ran = subprocess.run(
                [*as_anybody, sys.executable, "-m", "publisher", "publish"],
                cwd=newsroom.root,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            locked.chmod(0o700)
        assert (ran.returncode, ran.stdout) == (2, "")
        (line,) = ran.stderr.splitlines()
        assert line.startswith(f"publisher: error: {locked}")
        assert "cannot be read" in line
        assert newsroom.snapshot() == before


def test_a_small_inbox_that_was_emptied_at_once_withdraws_nothing(withdrawing: Newsroom) -> None:
    newsroom = withdrawing
    for number in range(8):
        newsroom.drop(f"{number}.txt", story(f"Жиын {number}", about(str(number))))
    published(newsroom)
    before = newsroom.snapshot()
    parked = newsroom.root / "parked"
    newsroom.inbox.rename(parked)
    newsroom.inbox.mkdir()
    for _ in range(2):
        ran = newsroom.run("publish")
        assert ran.exit_code == 1
        assert "the files of 8 stories have gone at once; none was withdrawn" in ran.err
        assert newsroom.snapshot() == before
    newsroom.inbox.rmdir()
    parked.rename(newsroom.inbox)
    assert publish(newsroom)["written"] == []
    assert newsroom.snapshot() == before


def test_a_file_that_another_story_has_overwritten_is_no_more_the_first_ones(withdrawing: Newsroom) -> None:
    newsroom = withdrawing
    for name in ("one", "two", "three"):
        newsroom.drop(f"{name}.md", told(f"Жиын {name}", id=f"kz-{name}"))
    published(newsroom)
    before = ids(newsroom)
    newsroom.drop("one.md", told("Жиын two", id="kz-two"))  # a story that is known
    newsroom.drop("three.md", told("Жиын four", id="kz-four"))  # and one that is not
    report = publish(newsroom)
    assert (total(report, "new"), total(report, "withdrawn"), total(report, "stories")) == (1, 2, 2)
    assert ids(newsroom).keys() == {"Жиын two", "Жиын four"}
    assert ids(newsroom)["Жиын two"] == before["Жиын two"]
    assert hidden(newsroom) == {"Жиын one": (None, "file"), "Жиын three": (None, "file")}


def test_what_an_editor_took_back_does_not_return_by_being_dropped_again(empty: Newsroom) -> None:
    empty.drop("path.txt", story("Жиын path", about("Жиын path")))
    empty.drop("own.md", told("Жиын own", id="kz-17"))
    published(empty)
    before = ids(empty)
    for path in list(empty.inbox.iterdir()):
        assert empty.run("articles", "withdraw", path.name).exit_code == 0
        path.unlink()
    publish(empty)
    empty.drop("path.txt", story("Жиын path", "Мәтіні түгел түзетілді."))
    empty.drop("elsewhere/own.md", markdown("Жиын own", "Мәтіні түгел түзетілді.", id="kz-17"))
    report = publish(empty)
    assert (total(report, "new"), total(report, "stories"), total(report, "withdrawn")) == (0, 0, 2)
    assert (items(empty), where_it_shows(empty, "түгел")) == ({}, [])
    for name in before.values():
        assert empty.run("articles", "restore", name).exit_code == 0
    assert ids(empty) == before
    assert all("түгел түзетілді" in item["content_html"] for item in listed(empty))


REPORT = {
    "sections",
    "unchanged",
    "unfinished",
    "refused",
    "blocked",
    "warnings",
    "near_duplicates",
    "written",
    "same",
    "waiting",
    "dry_run",
}
SECTION_REPORT = {"slug", "title", "stories", "new", "updated", "held", "withdrawn"}


def test_the_report_has_the_same_keys_always_and_names_a_pair_once(newsroom: Newsroom) -> None:
    words = [f"Отырыста {number}-мәселе жөнінде депутаттар ұзақ пікір алмасты." for number in range(9)]
    for name, title in (("a", "Палата отырысы өтті"), ("b", "Палата отырысы аяқталды")):
        newsroom.drop(f"{name}.txt", story(title, *words))
    pairs = []
    for options in (("--dry-run",), (), (), ("--rebuild",)):
        ran = newsroom.run("publish", "--json", *options)
        assert ran.exit_code == 0, ran.err
        assert ran.data.keys() == REPORT
        assert all(section.keys() == SECTION_REPORT for section in ran.data["sections"])
        pairs.append([{pair["title"], pair["other_title"]} for pair in ran.data["near_duplicates"]])
    once = [{"Палата отырысы өтті", "Палата отырысы аяқталды"}]
    assert pairs == [once, once, [], []]


def test_what_the_machine_cannot_read_now_is_read_by_the_next_run(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_open = os.open

    def open_seldom(path: Any, *arguments: Any, **options: Any) -> int:
        if str(path).endswith(SEED.name):
            raise OSError(24, "Too many open files", path)
        return real_open(path, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", open_seldom)
        report = publish_at(newsroom, datetime.now(UTC))
    (problem,) = report.blocked
    assert "it cannot be read now (Too many open files)" in problem.cause
    assert report.refused == ()
    assert total(publish(newsroom), "stories") == 1
