"""`publisher publish`: what it refuses, what it repeats, and what it never touches."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import feedparser
import pytest
from conftest import SEED, Newsroom, make_newsroom, story

SEED_TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
FEED_FILES = ("rss.xml", "atom.xml", "feed.json")


def titles(newsroom: Newsroom, section: str = "all") -> list[str]:
    document = json.loads((newsroom.feeds / section / "feed.json").read_bytes())
    return [item["title"] for item in document["items"]]


def tree(newsroom: Newsroom) -> dict[str, bytes | None]:
    """Everything in the newsroom's folder; a folder of its own counts as a change too."""
    return {
        str(path.relative_to(newsroom.root)): path.read_bytes() if path.is_file() else None
        for path in sorted(newsroom.root.rglob("*"))
    }


@dataclass(frozen=True)
class Bad:
    """A file that cannot be published, and what must be said of it."""

    name: bytes
    data: bytes
    cause: str
    hint: str
    link: bool = False
    copied: bool = True

    @property
    def shown(self) -> str:
        return self.name.decode(errors="backslashreplace")

    def put(self, newsroom: Newsroom) -> Path:
        path = newsroom.inbox / os.fsdecode(self.name)
        if self.link:
            target = newsroom.root / "elsewhere.txt"
            target.write_bytes(self.data)
            path.symlink_to(target)
        else:
            path.write_bytes(self.data)
        return path


BAD = {
    "empty": Bad(b"empty.txt", b"", "the file is empty", "write the story"),
    "binary": Bad(
        b"photo.txt", b"\x89PNG\r\n\x00\x00\x01", "the file is binary", "export the story as plain text"
    ),
    "unknown suffix": Bad(
        b"story.xyz", story("Жиын").encode(), "the suffix «.xyz» is not known", "save the story as .txt"
    ),
    "no title": Bad(
        b"no-title.txt",
        "Сенат • 26 Наурыз, 2024\n\nБұл тақырып емес, сөйлем.\n\nЕкінші сөйлем.\n".encode(),
        "there is no title",
        "put the title on a line of its own",
    ),
    "no date": Bad(
        b"no-date.txt", "Жиын\n\nМәтін.\n".encode(), "there is no date line", "begin the file with"
    ),
    "impossible date": Bad(
        b"february.txt",
        story("Жиын", date="31 Ақпан, 2024").encode(),
        "the date «31 Ақпан, 2024» does not exist",
        "correct the day",
    ),
    "cut inside a character": Bad(
        b"cut.txt",
        SEED.read_bytes()[: SEED.read_bytes().rindex("атап".encode()) + 1],
        "the file breaks off inside a character",
        "export it as UTF-8",
    ),
    "symlink": Bad(
        b"link.txt",
        story("Жиын").encode(),
        "it is a link",
        "put the story's own file there",
        link=True,
        copied=False,
    ),
}
BAD_NAMES = {
    "name that is not UTF-8": Bad(
        b"bad-\xff.txt", story("Жиын").encode(), "its name is not valid UTF-8", "rename the file"
    ),
    # Half a file system's limit in letters, for Cyrillic takes two bytes each.
    "very long name": Bad(("ұ" * 120 + ".txt").encode(), b"", "the file is empty", "write the story"),
}


@pytest.mark.parametrize("bad", (BAD | BAD_NAMES).values(), ids=(BAD | BAD_NAMES).keys())
def test_a_bad_file_stops_nothing_but_itself(newsroom: Newsroom, bad: Bad) -> None:
    path = bad.put(newsroom)
    before = path.read_bytes(), path.lstat().st_mtime_ns
    ran = newsroom.run("publish")
    assert ran.exit_code == 1, ran.err
    (line,) = ran.err.splitlines()
    assert line.startswith(f"publisher: error: {bad.shown}: {bad.cause}")
    assert f"; {bad.hint}" in line
    assert titles(newsroom) == [SEED_TITLE]
    assert (path.read_bytes(), path.lstat().st_mtime_ns) == before
    kept = newsroom.snapshot("state/quarantine")
    (reason,) = (name for name in kept if name.endswith(".reason.txt"))
    assert kept.pop(reason).decode() == line.removeprefix("publisher: error: ") + "\n"
    copy = reason.removesuffix(".reason.txt")
    assert kept == ({copy: bad.data} if bad.copied else {})
    # A file system takes names of 255 bytes: only one that leaves no room for the ending may be shortened.
    assert copy == bad.shown or len(bad.name) > 200


def test_bad_files_are_named_until_they_are_mended(newsroom: Newsroom) -> None:
    paths = {name: bad.put(newsroom) for name, bad in BAD.items()}
    first, second = newsroom.run("publish"), newsroom.run("publish")
    assert first.exit_code == second.exit_code == 1
    assert len(first.err.splitlines()) == len(BAD)
    assert second.err == first.err
    for name, path in paths.items():
        path.unlink()
        path.with_suffix(".txt").write_text(story(f"Түзетілді: {name}", f"Мәтін: {name}."))
    ran = newsroom.run("publish")
    assert (ran.exit_code, ran.err) == (0, "")
    assert set(titles(newsroom)) == {SEED_TITLE, *(f"Түзетілді: {name}" for name in BAD)}
    assert newsroom.snapshot("state/quarantine") == {}


def _remove_inbox(newsroom: Newsroom) -> None:
    shutil.rmtree(newsroom.inbox)


def _output_is_a_file(newsroom: Newsroom) -> None:
    newsroom.feeds.write_text("not a folder")


def _break_toml(newsroom: Newsroom) -> None:
    newsroom.edit_config("[feeds]", "[feeds")


def _unknown_key(newsroom: Newsroom) -> None:
    newsroom.edit_config("limit = 50", "limits = 50")


def _unknown_section(newsroom: Newsroom) -> None:
    newsroom.edit_config('sections = ["senat"]', 'sections = ["sport"]')


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_remove_inbox, "the inbox is not a folder"),
        (_output_is_a_file, "cannot be used for output"),
        (_break_toml, "is not valid TOML"),
        (_unknown_key, "feeds.limits: is not a known key"),
        (_unknown_section, "digests[0].sections"),
    ],
    ids=["missing inbox", "output is a file", "invalid TOML", "unknown key", "unknown section in a digest"],
)
def test_a_wrong_setting_changes_nothing(
    newsroom: Newsroom, spoil: Callable[[Newsroom], None], said: str
) -> None:
    spoil(newsroom)
    before = tree(newsroom)
    ran = newsroom.run("publish")
    assert ran.exit_code == 2
    assert ran.err
    assert all(line.startswith("publisher: error: ") for line in ran.err.splitlines())
    assert said in ran.err
    assert tree(newsroom) == before


def _fill(newsroom: Newsroom) -> None:
    """Several stories of one day, two sections, both formats: whatever could fall into another order."""
    for number in range(4):
        newsroom.drop(f"{number}.txt", story(f"Жиын {number}", f"Мәтін {number}.", section="Қоғам"))
    newsroom.drop("own.md", "---\ntitle: Марк\ndate: 2024-03-26\ntags: [бір, екі]\n---\n\nМәтін.\n")


def test_a_second_run_writes_nothing(newsroom: Newsroom) -> None:
    _fill(newsroom)
    assert newsroom.run("publish").exit_code == 0
    before = _traces(newsroom.feeds)
    ran = newsroom.run("publish")
    assert ran.exit_code == 0
    assert "0 written" in ran.out
    assert before
    assert _traces(newsroom.feeds) == before


def _traces(folder: Path) -> dict[Path, tuple[int, int]]:
    """A file rewritten with the same bytes still wakes every reader that polls its time."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in files}


def test_the_same_inbox_gives_the_same_bytes(newsroom: Newsroom, tmp_path: Path) -> None:
    second = make_newsroom(tmp_path / "second")
    for each in (newsroom, second):
        _fill(each)
        assert each.run("publish").exit_code == 0
    before = newsroom.snapshot()
    assert len(before) > 15
    assert second.snapshot() == before
    shutil.rmtree(newsroom.feeds)
    assert newsroom.run("publish").exit_code == 0
    assert newsroom.snapshot() == before


def test_a_dry_run_in_an_empty_newsroom_makes_nothing(newsroom: Newsroom) -> None:
    before = tree(newsroom)
    ran = newsroom.run("publish", "--dry-run", "--json")
    assert ran.exit_code == 0
    assert ran.data["dry_run"] is True
    assert [section["new"] for section in ran.data["sections"]] == [1]
    assert "senat/rss.xml" in ran.data["written"]
    assert tree(newsroom) == before


def test_a_dry_run_changes_nothing_and_foretells_what_publish_does(newsroom: Newsroom) -> None:
    assert newsroom.run("publish").exit_code == 0
    newsroom.drop("new.txt", story("Жаңа жиын", section="Қоғам"))
    newsroom.drop("empty.txt", "")
    before = tree(newsroom)
    dry = newsroom.run("publish", "--dry-run", "--json")
    after = tree(newsroom)
    assert dry.exit_code == 1
    assert {section["slug"]: section["new"] for section in dry.data["sections"]} == {"senat": 0, "qogham": 1}
    real = newsroom.run("publish", "--json")
    assert dry.data | {"dry_run": False} == real.data
    assert (dry.exit_code, dry.err) == (real.exit_code, real.err)
    assert after == before


def test_the_report_for_programs_has_its_keys(newsroom: Newsroom) -> None:
    data = newsroom.run("publish", "--json").data
    assert data.keys() == {
        *("sections", "unchanged", "unfinished", "refused", "blocked", "warnings", "near_duplicates"),
        *("written", "same", "waiting", "dry_run"),
    }
    (section,) = data["sections"]
    counts = {"stories": 1, "new": 1, "updated": 0, "held": 0, "withdrawn": 0}
    assert section == {"slug": "senat", "title": "Сенат"} | counts
    assert sorted(data["written"]) == sorted(newsroom.snapshot())
    assert (data["same"], data["waiting"]) == (0, {"senat-daily": 1})


def test_the_report_for_people_is_plain_text_in_a_pipe(newsroom: Newsroom) -> None:
    newsroom.drop("empty.txt", "")
    ran = newsroom.run("publish", TERM="xterm-256color", COLUMNS="40")
    (row,) = [line for line in ran.out.splitlines() if "Сенат" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")][:3] == ["Сенат", "1", "1"]
    assert "senat-daily: 1 story waits for the next edition" in ran.out
    assert "\x1b" not in ran.out + ran.err


def test_a_lost_store_does_not_empty_the_feeds(newsroom: Newsroom) -> None:
    assert newsroom.run("publish").exit_code == 0
    before = newsroom.snapshot()
    shutil.rmtree(newsroom.root / "state")
    (newsroom.inbox / SEED.name).unlink()
    ran = newsroom.run("publish")
    assert ran.exit_code == 1
    after = newsroom.snapshot()
    feeds = [f"{section}/{name}" for section in ("senat", "all") for name in FEED_FILES]
    assert {path: after[path] for path in feeds} == {path: before[path] for path in feeds}
    lines = ran.err.splitlines()
    assert len(lines) == len(feeds)
    for path in feeds:
        assert any(line.startswith(f"publisher: error: {path}: it would lose 1 stor") for line in lines)


def test_two_runs_at_once_publish_each_story_once(newsroom: Newsroom) -> None:
    (newsroom.inbox / SEED.name).unlink()
    expected = [f"Жиын {number:02}" for number in range(30)]
    for number, title in enumerate(expected):
        newsroom.drop(f"{number:02}.txt", story(title, f"Мәтін {number}."))
    runs = [newsroom.start("publish") for _ in range(2)]
    outputs = [run.communicate(timeout=100)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    for name in ("rss.xml", "atom.xml"):
        feed = feedparser.parse((newsroom.feeds / "all" / name).read_bytes())
        assert not feed.bozo
        assert sorted(entry.title for entry in feed.entries) == expected
        assert len({entry.id for entry in feed.entries}) == 30
        assert len({entry.published for entry in feed.entries}) == 30


def test_folders_are_searched_and_leftovers_of_editors_are_not_stories(newsroom: Newsroom) -> None:
    newsroom.drop("2024/03/deep.txt", story("Терең жиын"))
    for leftover in (".hidden.txt", "draft.txt~", ".git/config.txt", "2024/.deep.txt.swp"):
        newsroom.drop(leftover, story("Көрінбейтін жиын", "Басқа мәтін."))
    ran = newsroom.run("publish", "--json")
    assert ran.exit_code == 0
    assert set(titles(newsroom)) == {SEED_TITLE, "Терең жиын"}
    assert ran.data["refused"] == []


def test_a_feed_holds_the_newest_stories_up_to_its_limit(newsroom: Newsroom) -> None:
    newsroom.edit_config("limit = 50", "limit = 3")
    for day in (27, 24, 28, 25):
        newsroom.drop(f"{day}.txt", story(f"Жиын {day}", f"Мәтін {day}.", date=f"{day} Наурыз, 2024"))
    assert newsroom.run("publish").exit_code == 0
    for section in ("senat", "all"):
        assert titles(newsroom, section) == ["Жиын 28", "Жиын 27", SEED_TITLE]
        for name in ("rss.xml", "atom.xml"):
            assert len(feedparser.parse((newsroom.feeds / section / name).read_bytes()).entries) == 3
    assert len(newsroom.snapshot("feeds/stories")) == 5  # a story that has left the feed keeps its page


def test_a_folder_may_take_the_name_of_a_refused_file(newsroom: Newsroom) -> None:
    newsroom.drop("a", "").rename(newsroom.inbox / "a.txt")
    assert newsroom.run("publish").exit_code == 1
    (newsroom.inbox / "a.txt").unlink()
    newsroom.drop("a.txt/b.txt", "")
    ran = newsroom.run("publish")
    assert ran.exit_code == 1
    assert "a.txt/b.txt: the file is empty" in ran.err
    assert set(newsroom.snapshot("state/quarantine")) == {"a.txt/b.txt", "a.txt/b.txt.reason.txt"}


def test_a_kept_feed_keeps_its_page(newsroom: Newsroom) -> None:
    assert newsroom.run("publish").exit_code == 0
    before = newsroom.snapshot()
    shutil.rmtree(newsroom.root / "state")
    for path in newsroom.inbox.iterdir():
        path.unlink()
    assert newsroom.run("publish").exit_code == 1
    assert newsroom.snapshot() == before
