"""The drop folder: pictures beside stories, files half written, things that are no files, and watching it."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from conftest import ROOT, SEED, Newsroom, story
from old_stores import make_store
from test_ingest import edit, items, markdown, publish, total

from publisher.store.schema import HEAD

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(500) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(300)
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + bytes(50)
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(70)
SEED_TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
ATOM = "{http://www.w3.org/2005/Atom}"

Traces = dict[str, tuple[Any, ...]]


@pytest.fixture
def empty(newsroom: Newsroom) -> Newsroom:
    (newsroom.inbox / SEED.name).unlink()
    return newsroom


def traces(folder: Path) -> Traces:
    """Everything that a visitor could leave behind: content, rights, owner, times, and what stands where."""
    found: Traces = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.lstat()
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        target = path.readlink() if path.is_symlink() else None
        times = (status.st_mtime_ns, status.st_ctime_ns)
        owner = (status.st_uid, status.st_gid, status.st_nlink)
        found[str(path)] = (status.st_mode, status.st_ino, *owner, *times, data, target)
    return found


def drop_story(newsroom: Newsroom, title: str, name: str | None = None) -> Path:
    return newsroom.drop(name or f"{title}.txt", story(title, f"Бұл жерде «{title}» туралы айтылады."))


Picture = tuple[str, int, str]
"""Address, size, media type."""


def pictures(newsroom: Newsroom, section: str = "senat") -> dict[str, Picture]:
    """Title → the story's picture, which all three feeds and the page must agree about."""
    folder = newsroom.feeds / section
    rss, atom = (
        {
            entry.title: [(link.href, int(link.length), link.type) for link in entry.enclosures]
            for entry in feedparser.parse((folder / name).read_bytes()).entries
        }
        for name in ("rss.xml", "atom.xml")
    )
    json_feed = {
        item["title"]: [
            (attachment["url"], attachment["size_in_bytes"], attachment["mime_type"])
            for attachment in item.get("attachments", [])
        ]
        for item in json.loads((folder / "feed.json").read_bytes())["items"]
    }
    assert rss == atom == json_feed
    assert all(len(found) <= 1 for found in rss.values())
    for title, item in items(newsroom, section).items():
        page = (newsroom.feeds / "stories" / item["url"].rpartition("/")[2]).read_text()
        found = [url.removeprefix("https://news.example.kz/") for url, _, _ in rss[title]]
        assert re.findall(r'<img src="\.\./([^"]+)"', page) == found
        assert item.get("image") == next((url for url, _, _ in rss[title]), None)
    return {title: found[0] for title, found in rss.items() if found}


def served(newsroom: Newsroom, picture: Picture) -> bytes:
    """What a reader gets who follows the address of a picture."""
    url, size, _ = picture
    data = (newsroom.feeds / url.removeprefix("https://news.example.kz/")).read_bytes()
    assert len(data) == size
    return data


def test_a_picture_beside_a_story_is_its_picture(empty: Newsroom) -> None:
    cases = {
        "Джейпег": ("jpeg.jpg", JPEG, "image/jpeg"),
        "Пиэнджи": ("png.png", PNG, "image/png"),
        "Гиф": ("gif.gif", GIF, "image/gif"),
        "Уэбпи": ("webp.webp", WEBP, "image/webp"),
        "Айқай": ("shouting.JPEG", JPEG + b"1", "image/jpeg"),
        "Мәжіліс": ("мәжіліс.jpg", JPEG + b"2", "image/jpeg"),
        "Өтірік": ("liar.jpg", PNG + b"3", "image/png"),
        "Екеуі": ("two.jpg", JPEG + b"4", "image/jpeg"),
    }
    for title, (name, data, _) in cases.items():
        drop_story(empty, title, f"2024/{name.rpartition('.')[0]}.txt")
        empty.drop(f"2024/{name}", data)
    empty.drop("2024/two.png", PNG)  # the first of the known suffixes wins
    for name in ("text", "linked", "piped", "without"):
        drop_story(empty, f"Жиын {name}", f"{name}.txt")
    empty.drop("text.jpg", "this is no picture")
    (empty.inbox / "linked.jpg").symlink_to(empty.inbox / "2024/jpeg.jpg")
    os.mkfifo(empty.inbox / "piped.jpg")
    empty.drop("lone.jpg", JPEG)
    empty.drop("2024/alone.PNG", PNG)
    before = traces(empty.inbox)
    ran = empty.run("publish", "--json")
    assert ran.exit_code == 0, ran.err
    assert total(ran.data, "stories") == len(cases) + 4
    found = pictures(empty)
    assert {title: media_type for title, (_, _, media_type) in found.items()} == {
        title: media_type for title, (_, _, media_type) in cases.items()
    }
    for title, (_, data, _) in cases.items():
        assert served(empty, found[title]) == data
    assert all(Path(url).suffix == f".{kind[6:].replace('jpeg', 'jpg')}" for url, _, kind in found.values())
    warned = {warning["where"]: warning["cause"] for warning in ran.data["warnings"]}
    assert warned.keys() == {"text.txt", "linked.txt", "piped.txt"}
    assert "the picture text.jpg is left out: it is no JPEG, PNG, GIF or WebP picture" in warned["text.txt"]
    assert len(ran.err.splitlines()) == 3
    assert all(line.startswith("publisher: warning: ") for line in ran.err.splitlines())
    state = empty.run("inbox", "--json").data
    assert sorted(state["lone_images"]) == ["2024/alone.PNG", "lone.jpg"]
    assert {warning["where"] for warning in state["warnings"]} == warned.keys()
    assert traces(empty.inbox) == before

    # The store keeps its own copies: neither the inbox nor the output is needed to serve them.
    output = empty.snapshot()
    shutil.rmtree(empty.feeds)
    shutil.rmtree(empty.inbox)
    empty.inbox.mkdir()
    publish(empty)
    assert empty.snapshot() == output


def test_a_picture_that_comes_later_or_changes_is_a_revision_of_its_story(newsroom: Newsroom) -> None:
    publish(newsroom)
    before = items(newsroom)[SEED_TITLE]
    assert pictures(newsroom) == {}
    beside = SEED.stem + ".jpg"
    urls = []
    for data in (JPEG, JPEG + b"corrected"):
        newsroom.drop(beside, data)
        report = publish(newsroom)
        assert (total(report, "new"), total(report, "updated")) == (0, 1)
        picture = pictures(newsroom)[SEED_TITLE]
        assert served(newsroom, picture) == data
        urls.append(picture[0])
        after = items(newsroom)[SEED_TITLE]
        shows_picture = {"image", "attachments", "content_html"}
        assert {key: after[key] for key in before.keys() - shows_picture} == {
            key: before[key] for key in before.keys() - shows_picture
        }
        figure = re.search(r"<figure>.*?</figure>\n", after["content_html"])
        assert figure is not None
        assert picture[0] in figure[0]
        assert after["content_html"].replace(figure[0], "") == before["content_html"]
    assert urls[0] != urls[1]
    shown = newsroom.run("articles", "show", SEED.name, "--history", "--json").data
    assert shown["story"]["revision"] == 3
    images = [revision["article"]["image"] for revision in shown["revisions"]]
    assert [image and image["size"] for image in images] == [None, len(JPEG), len(JPEG) + 9]

    (newsroom.inbox / beside).unlink()
    publish(newsroom)
    assert items(newsroom)[SEED_TITLE] == before


def test_nobody_may_fetch_the_picture_of_a_story_that_was_taken_back(newsroom: Newsroom) -> None:
    newsroom.drop(f"{SEED.stem}.jpg", JPEG)
    publish(newsroom)
    before = newsroom.snapshot()
    assert JPEG in before.values()
    assert newsroom.run("articles", "withdraw", SEED.name).exit_code == 0
    assert JPEG not in newsroom.snapshot().values()
    assert newsroom.run("articles", "restore", SEED.name).exit_code == 0
    assert newsroom.snapshot() == before


def test_a_file_is_taken_when_its_writer_has_closed_it(newsroom: Newsroom) -> None:
    path = newsroom.inbox / SEED.name
    publish(newsroom)
    before = newsroom.snapshot()
    drop_story(newsroom, "Суретті")
    text = story("Жартылай", "Бірінші бөлігі ғана жазылды.", "Соңы да жазылды.").encode()
    with (
        (newsroom.inbox / "half.txt").open("wb") as half,
        path.open("ab") as appended,
        (newsroom.inbox / "Суретті.jpg").open("wb") as picture,
    ):
        half.write(text[:200])
        half.flush()
        picture.write(JPEG[:100])
        picture.flush()
        os.utime(path, (0, 0))
        report = publish(newsroom)
        # A picture that is on its way keeps its story waiting: it comes whole, or not yet.
        assert sorted(report["unfinished"]) == sorted([SEED.name, "half.txt", "Суретті.txt"])
        assert newsroom.snapshot() == before
        said = newsroom.run("publish").out
        assert "Still being written, so left for the next run: " in said
        assert "half.txt" in said
        half.write(text[200:])
        picture.write(JPEG[100:])
        appended.write("\n\nСоңғы сөз де айтылды.\n".encode())
    report = publish(newsroom)
    assert (report["unfinished"], total(report, "new"), total(report, "updated")) == ([], 2, 1)
    assert items(newsroom).keys() == {SEED_TITLE, "Жартылай", "Суретті"}
    assert "Соңғы сөз де айтылды." in items(newsroom)[SEED_TITLE]["content_html"]
    assert served(newsroom, pictures(newsroom)["Суретті"]) == JPEG
    # Somebody who only reads it is no writer.
    drop_story(newsroom, "Оқылып жатқан")
    with (newsroom.inbox / "Оқылып жатқан.txt").open("rb"):
        assert total(publish(newsroom), "new") == 1


def test_nothing_is_withdrawn_while_a_file_may_be_on_its_way_under_another_name(newsroom: Newsroom) -> None:
    newsroom.edit_config('deletions = "keep"', 'deletions = "withdraw"')
    publish(newsroom)
    before = newsroom.snapshot()
    with (newsroom.inbox / "renamed.txt").open("wb") as moving:
        moving.write(SEED.read_bytes()[:500])
        moving.flush()
        (newsroom.inbox / SEED.name).unlink()
        publish(newsroom)
        assert newsroom.snapshot() == before
        moving.write(SEED.read_bytes()[500:])
    report = publish(newsroom)
    assert (total(report, "new"), total(report, "withdrawn")) == (0, 0)
    assert newsroom.snapshot() == before
    (newsroom.inbox / "renamed.txt").unlink()
    assert total(publish(newsroom), "withdrawn") == 1


def test_what_is_no_file_is_named_and_never_followed(newsroom: Newsroom) -> None:
    secret = newsroom.root / "secret.txt"
    secret.write_text(story("Құпия", "Мұны ешкім көрмеуі керек."))
    (newsroom.root / "outside").mkdir()
    shutil.copy(secret, newsroom.root / "outside")
    inbox = newsroom.inbox
    (inbox / "link.txt").symlink_to(secret)
    (inbox / "folder.txt").symlink_to(newsroom.root / "outside")
    (inbox / "loop.txt").symlink_to("loop.txt")
    (inbox / "nowhere.txt").symlink_to("nowhere-at-all.txt")
    (inbox / "device.txt").symlink_to("/dev/zero")
    os.mkfifo(inbox / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        try:
            os.chdir(inbox)  # the address of a socket must be short
            server.bind("socket.txt")
        finally:
            os.chdir(here)
    drop_story(newsroom, "Қалтада", "looks-like.txt/really.txt")
    deep = "/".join(["d"] * 20)
    drop_story(newsroom, "Терең", f"{deep}/story.txt")
    drop_story(newsroom, "Тым терең", f"{deep}/d/story.txt")
    for name in (".hidden.txt", "backup.txt~", ".folder/story.txt", "folder~/story.txt"):
        drop_story(newsroom, f"Жасырын {name}", name)
    before = traces(inbox)
    started = time.monotonic()
    ran = newsroom.run("publish", "--json")
    assert time.monotonic() - started < 20
    assert ran.exit_code == 1
    assert items(newsroom).keys() == {SEED_TITLE, "Қалтада", "Терең"}
    refused = {problem["where"] for problem in ran.data["refused"]}
    links = {f"{name}.txt" for name in ("link", "folder", "loop", "nowhere", "device")}
    assert refused == links | {"pipe.txt", "socket.txt"}
    (blocked,) = ran.data["blocked"]
    assert blocked["where"] == f"{deep}/d"
    assert "lies deeper than 20 folders" in blocked["cause"]
    lines = ran.err.splitlines()
    assert len(lines) == len(refused) + 1
    assert all(line.startswith("publisher: error: ") for line in lines)
    everything = newsroom.snapshot() | newsroom.snapshot("state")
    assert not [path for path, data in everything.items() if "Құпия".encode() in data]
    assert traces(inbox) == before
    again = newsroom.run("publish")
    assert (again.exit_code, sorted(again.err.splitlines())) == (1, sorted(lines))
    assert traces(inbox) == before


def test_a_run_does_what_is_needed_and_nothing_else(newsroom: Newsroom) -> None:
    newsroom.drop(f"{SEED.stem}.jpg", JPEG)
    drop_story(newsroom, "Екінші жиын")
    publish(newsroom)
    files, times = newsroom.snapshot(), traces(newsroom.feeds)
    report = publish(newsroom)
    assert (report["written"], report["same"]) == ([], len(files))
    assert traces(newsroom.feeds) == times

    # Whatever somebody removes or spoils in the output is made again, and only that.
    victims = {"senat/rss.xml", "index.html", "style.css"}
    victims |= {next(path for path in files if path.startswith(place)) for place in ("images/", "stories/")}
    for path in victims:
        (newsroom.feeds / path).unlink()
    (newsroom.feeds / "all/atom.xml").write_text("spoilt")
    assert set(publish(newsroom)["written"]) == victims | {"all/atom.xml"}
    assert newsroom.snapshot() == files

    # A spoilt file of the same size and time is beyond a look from outside: that is what --rebuild is for.
    feed = newsroom.feeds / "senat/feed.json"
    status = feed.stat()
    feed.write_bytes(b" " * status.st_size)
    os.utime(feed, ns=(status.st_atime_ns, status.st_mtime_ns))
    ran = newsroom.run("publish", "--rebuild", "--json")
    assert (ran.exit_code, ran.data["written"]) == (0, ["senat/feed.json"])
    assert newsroom.snapshot() == files


def test_a_changed_template_or_title_makes_the_pages_anew(newsroom: Newsroom) -> None:
    publish(newsroom)
    feeds = {path: data for path, data in newsroom.snapshot().items() if not path.endswith(".html")}
    template = newsroom.root / "templates/story.html.j2"
    template.parent.mkdir()
    shutil.copy(ROOT / "templates/story.html.j2", template)
    edit(template, '<article class="story">', '<article class="story new-look">')
    written = publish(newsroom)["written"]
    assert [path for path in written if not path.startswith("stories/")] == []
    assert "new-look" in (newsroom.feeds / written[0]).read_text()
    assert feeds.items() <= newsroom.snapshot().items()
    newsroom.edit_config('title = "Сенат жаңалықтары"', 'title = "Палата хабары"')
    publish(newsroom)
    after = newsroom.snapshot()
    for path in ("index.html", "all/rss.xml", "all/atom.xml", "all/feed.json", "senat/index.html"):
        assert "Палата хабары".encode() in after[path]
    assert not [path for path, data in after.items() if "Сенат жаңалықтары".encode() in data]


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> float:
    """Wait, and give how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - start


@contextmanager
def watching(newsroom: Newsroom, number: signal.Signals) -> Iterator[list[str]]:
    """`publisher publish --watch`, ended by that signal; what it said is there afterwards."""
    said: list[str] = []
    process = newsroom.start("publish", "--watch")
    try:
        wait_for((newsroom.feeds / "all/feed.json").exists)
        yield said
        process.send_signal(number)
        said.append(process.communicate(timeout=20)[0])
        assert process.returncode == 0, said
        assert "Traceback" not in said[0]
    finally:
        process.kill()
        process.communicate()


def in_feed(newsroom: Newsroom, title: str) -> bool:
    return title.encode() in (newsroom.feeds / "all/feed.json").read_bytes()


def test_a_watched_folder_is_published_as_files_are_closed(newsroom: Newsroom) -> None:
    with watching(newsroom, signal.SIGTERM) as said:
        time.sleep(1)  # the first look is over, and the watch has begun
        for title, folder in (("Бірінші", ""), ("Екінші", "жаңа/қалта/")):
            drop_story(newsroom, title, f"{folder}{title}.txt")
            seconds = wait_for(lambda title=title: in_feed(newsroom, title))  # type: ignore[misc]
            print(f"{title}: in the feed after {seconds:.2f} s")  # noqa: T201 — with -s, or on failure
            assert seconds < 5
        with (newsroom.inbox / "slow.txt").open("w") as slow:
            slow.write(story("Баяу жазылған", "Бірінші бөлігі осы."))
            slow.flush()
            time.sleep(1.5)
            assert not in_feed(newsroom, "Баяу жазылған")
        seconds = wait_for(lambda: in_feed(newsroom, "Баяу жазылған"))
        print(f"in the feed {seconds:.2f} s after it was closed")  # noqa: T201
        assert seconds < 5
        newsroom.drop("bad.txt", "")
        wait_for((newsroom.root / "state/quarantine/bad.txt.reason.txt").exists)
        drop_story(newsroom, "Соңғы")
        wait_for(lambda: in_feed(newsroom, "Соңғы"))
        (newsroom.inbox / "bad.txt").unlink()
        wait_for(lambda: newsroom.snapshot("state/quarantine") == {})
    assert "publisher: watching " in said[0]


def test_an_embargo_ends_and_a_complaint_is_made_once_while_watching(newsroom: Newsroom) -> None:
    newsroom.edit_config("interval = 60 ", "interval = 1 ")
    until = (datetime.now(UTC) + timedelta(seconds=10)).replace(microsecond=0)
    newsroom.drop("later.md", markdown("Кейінгі хабар", embargo=until.isoformat()))
    newsroom.drop("bad.txt", "")
    with watching(newsroom, signal.SIGINT) as said:
        assert not in_feed(newsroom, "Кейінгі хабар")
        wait_for(lambda: in_feed(newsroom, "Кейінгі хабар"))
        late = datetime.now(UTC) - until
        print(f"in the feed {late.total_seconds():.2f} s after the embargo")  # noqa: T201
        assert timedelta(0) <= late < timedelta(seconds=5)
        time.sleep(2.5)  # looks that find nothing new
    # One file, one line for each report that says something: the first look, and the embargo's end.
    assert said[0].count("bad.txt: the file is empty") == 1
    assert said[0].count("Files: ") == 2


def test_what_stops_the_whole_line_is_said_once_and_may_be_mended_while_watching(newsroom: Newsroom) -> None:
    template = newsroom.root / "templates/story.html.j2"
    template.parent.mkdir()
    template.write_text("{{ nothing_there }}")
    process = newsroom.start("publish", "--watch")
    try:
        wait_for(lambda: count_rows(newsroom, "articles") == 1)
        time.sleep(2)
        template.unlink()
        drop_story(newsroom, "Кейінгі")
        wait_for(lambda: (newsroom.feeds / "all/feed.json").exists() and in_feed(newsroom, "Кейінгі"))
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert len([line for line in said.splitlines() if line.startswith("publisher: error: ")]) == 1, said


def count_rows(newsroom: Newsroom, table: str) -> int:
    try:
        with closing(sqlite3.connect(newsroom.root / "state/publisher.db", timeout=10)) as database:
            (rows,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
            return int(rows)
    except sqlite3.OperationalError:  # it is being made
        return 0


def test_ctrl_c_ends_a_long_run_and_the_next_one_goes_on(newsroom: Newsroom) -> None:
    total_stories, with_page = 3000, 250
    for number in range(total_stories - with_page):  # at home elsewhere: no page of ours, so no time for it
        url = f"https://egemen.kz/article/{number}"
        newsroom.drop(f"own/{number}.md", markdown(f"Жиын {number}", f"Жиын {number} өтті.", url=url))
    for number in range(with_page - 1):
        drop_story(newsroom, f"Отырыс {number}", f"ours/{number}.txt")
    pages, staging = newsroom.feeds / "stories", newsroom.feeds / ".staging"
    stages: list[Callable[[], bool]] = [
        lambda: count_rows(newsroom, "articles") > 0,
        staging.is_dir,
    ]
    stored = []
    for has_begun in stages:
        process = newsroom.start("publish")
        wait_for(has_begun)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=30)
        assert process.returncode == 130
        assert said == "publisher: stopped; what was stored stays, and the next run goes on from there\n"
        assert not staging.exists()
        stored.append(count_rows(newsroom, "articles"))
    assert 0 < stored[0] < stored[1] == total_stories
    assert len(list(pages.glob("*"))) < with_page
    report = publish(newsroom)
    assert (total(report, "stories"), total(report, "new")) == (total_stories, 0)
    assert report["waiting"] == {"senat-daily": total_stories}
    assert len(list(pages.iterdir())) == with_page


OLD_STORY = """Сенат • 26 Наурыз, 2024

Ескі жиын

45 рет
көрсетілді
2 мин
оқу үшін

Жиында бірқатар мәселе қаралды.

Ескі жиын

Фото: Сенаттың баспасөз қызметі

Отырыс ертең жалғасады.
"""
OLD_ID = "urn:uuid:797790c9-d709-55f9-9bcb-d2857177ca48"
OLD_ROWS = """
INSERT INTO sections VALUES ('senat', 'Сенат');
INSERT INTO articles VALUES (1, 'path:old', 'urn:uuid:797790c9-d709-55f9-9bcb-d2857177ca48',
  'eski-zhiyn-797790c9', 'senat', '2024-03-25 19:00:00.000000', '2024-03-25 19:00:00.000000', 1,
  'c65f067106e53ac1eb8c26de8326dd1bcf47af3c9b093d556960a1470d4ece19',
  'f96572e60fbf2a02b6bb0b83cae62e787706b8701f068bd6714040ad99e7ccab', 45);
INSERT INTO revisions VALUES (1, 1, '2024-03-26 06:00:00.000000', 'Ескі жиын',
  'Жиында бірқатар мәселе қаралды.', '<p>Отырыс ертең жалғасады.</p>', 'kk', 'Сенат', NULL, 'Ескі жиын',
  'Сенаттың баспасөз қызметі', 2, '[]', '2024-03-26', NULL, NULL);
INSERT INTO sources VALUES ('old.txt', 297, 1711432800000000000, 1, NULL, NULL);
INSERT INTO sources VALUES ('bad.txt', 0, 1711432800000000000, NULL, 'the file is empty', 'write it');
"""
"""As the publisher of revision 0001 wrote them, for the file above."""


def make_old_store(newsroom: Newsroom) -> Path:
    path = newsroom.root / "state/publisher.db"
    make_store(path, "0001")
    with closing(sqlite3.connect(path)) as database:
        database.executescript(OLD_ROWS)
    return path


def test_a_store_of_the_publisher_before_keeps_its_stories(empty: Newsroom) -> None:
    path = make_old_store(empty)
    empty.drop("old.txt", OLD_STORY)
    empty.drop("bad.txt", "")
    report = publish(empty, exit_code=1)
    assert (total(report, "stories"), total(report, "new"), total(report, "updated")) == (1, 0, 0)
    (item,) = items(empty).values()
    assert item["id"] == OLD_ID
    assert item["url"].endswith("/stories/eski-zhiyn-797790c9.html")
    assert item["date_published"] == item["date_modified"] == "2024-03-26T00:00:00+05:00"
    assert (empty.feeds / "stories/eski-zhiyn-797790c9.html").is_file()
    with closing(sqlite3.connect(path)) as database:
        (version,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        row = database.execute(
            "SELECT revision, public_since, has_page, held, views FROM articles"
        ).fetchone()
    assert version == HEAD
    assert row == (1, "2024-03-25 19:00:00.000000", 1, None, 45)
    assert count_rows(empty, "revisions") == 1
    # It is known by its file still: an edit is an edit, and so is one that dates it anew.
    edit(empty.inbox / "old.txt", "26 Наурыз", "27 Наурыз")
    edit(empty.inbox / "old.txt", "ертең", "бүрсігүні")
    empty.drop("bad.txt", "").unlink()
    assert total(publish(empty), "updated") == 1
    (after,) = items(empty).values()
    assert (after["id"], after["date_published"]) == (OLD_ID, item["date_published"])
    assert "бүрсігүні" in after["content_html"]
    found = empty.run("articles", "search", "бүрсігүні", "--json")
    assert [row["id"] for row in found.data] == [OLD_ID]


def test_the_parts_of_the_command_line_that_exclude_one_another_say_so(newsroom: Newsroom) -> None:
    for other in ("--dry-run", "--rebuild"):
        ran = newsroom.run("publish", "--watch", other)
        assert ran.exit_code == 2
        assert "--watch goes with neither" in ran.err
