"""The output folder: what belongs together, what lies elsewhere, what is compressed."""

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import brotli
import pytest
from conftest import Newsroom, make_newsroom, story

SIBLINGS = (".gz", ".br")


def published(newsroom: Newsroom) -> dict[str, bytes]:
    ran = newsroom.run("publish")
    assert (ran.exit_code, ran.err) == (0, "")
    return newsroom.snapshot()


def test_siblings_hold_what_their_file_holds(newsroom: Newsroom) -> None:
    files = published(newsroom)
    for folder in ("senat", "all"):
        for name in ("rss.xml", "atom.xml", "feed.json"):
            data = files[f"{folder}/{name}"]
            assert zlib.decompress(files[f"{folder}/{name}.gz"], 31) == data
            assert brotli.decompress(files[f"{folder}/{name}.br"]) == data
    assert zlib.decompress(files["index.html.gz"], 31) == files["index.html"]
    assert brotli.decompress(files["senat/index.html.br"]) == files["senat/index.html"]
    assert not [path for path in files if path.startswith("stories/") and path.endswith(SIBLINGS)]


def test_siblings_are_the_same_bytes_and_bear_no_time(newsroom: Newsroom, tmp_path: Path) -> None:
    files = published(newsroom)
    assert published(make_newsroom(tmp_path / "second")) == files
    head = files["all/rss.xml.gz"][:10]
    assert (head[:3], head[3], head[4:8]) == (b"\x1f\x8b\x08", 0, bytes(4))  # RFC 1952: no name, no time


@pytest.mark.parametrize("suffix", SIBLINGS)
def test_a_sibling_that_is_lost_or_changed_is_made_again(newsroom: Newsroom, suffix: str) -> None:
    files = published(newsroom)
    (newsroom.feeds / f"all/rss.xml{suffix}").unlink()
    (newsroom.feeds / f"senat/atom.xml{suffix}").write_bytes(b"cut")
    ran = newsroom.run("publish", "--json")
    assert sorted(ran.data["written"]) == [f"all/rss.xml{suffix}", f"senat/atom.xml{suffix}"]
    assert newsroom.snapshot() == files


@pytest.mark.parametrize("name", ["index.html", "rss.xml", "atom.xml.br", "feed.json.gz"])
def test_what_is_in_the_way_of_one_file_of_a_section_keeps_them_all(newsroom: Newsroom, name: str) -> None:
    newsroom.drop("other.txt", story("Нарық жиыны", section="Экономика"))
    files = published(newsroom)
    obstacle = newsroom.feeds / "ekonomika" / name
    obstacle.unlink()
    (obstacle / "mine").mkdir(parents=True)
    newsroom.drop("more.txt", story("Екінші нарық", "Бүгін нарық ашылды.", section="Экономика"))
    ran = newsroom.run("publish")
    assert ran.exit_code == 1
    (line,) = ran.err.splitlines()
    assert line.startswith(f"publisher: error: {obstacle}: cannot be read or written (Is a directory)")
    after = newsroom.snapshot()
    ours = [path for path in files if path.startswith("ekonomika/") and path != f"ekonomika/{name}"]
    assert {path: after[path] for path in ours} == {path: files[path] for path in ours}
    assert "Екінші нарық" in after["all/rss.xml"].decode()
    shutil.rmtree(obstacle)
    assert "Екінші нарық" in published(newsroom)["ekonomika/rss.xml"].decode()


def test_a_folder_without_rights_keeps_its_files_only(newsroom: Newsroom) -> None:
    published(newsroom)
    newsroom.drop("other.txt", story("Нарық жиыны", section="Сенат"))
    as_anybody: list[str] = []
    if os.geteuid() == 0:  # root may write everywhere, unless it gives that up
        if shutil.which("setpriv") is None:
            pytest.skip("setpriv is missing: apt-get install util-linux")
        as_anybody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    pages = newsroom.feeds / "stories"
    pages.chmod(0o500)
    try:
        ran = subprocess.run(
            [*as_anybody, sys.executable, "-m", "publisher", "publish"],
            cwd=newsroom.root,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        pages.chmod(0o700)
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith(f"publisher: error: {pages}/")
    assert "cannot be read or written (Permission denied)" in line
    assert "Нарық жиыны" in newsroom.snapshot()["all/rss.xml"].decode()
    assert len(list(pages.iterdir())) == 1
    published(newsroom)
    assert len(list(pages.iterdir())) == 2


def test_a_folder_may_lie_on_another_disk(newsroom: Newsroom) -> None:
    memory = Path("/dev/shm")  # noqa: S108 — another file system, nearly everywhere
    if not memory.is_dir() or memory.stat().st_dev == newsroom.root.stat().st_dev:
        pytest.skip("the shared memory is no other file system")
    with tempfile.TemporaryDirectory(dir=memory) as elsewhere:
        newsroom.feeds.mkdir()
        (newsroom.feeds / "stories").symlink_to(elsewhere)
        published(newsroom)
        (page,) = Path(elsewhere).iterdir()
        assert page.read_text().rstrip().endswith("</html>")
        assert newsroom.run("publish", "--rebuild", "--json").data["written"] == []
        assert list(Path(elsewhere).iterdir()) == [page]
    assert not (newsroom.feeds / ".staging").exists()


def test_what_a_killed_run_left_does_not_outlive_the_next(newsroom: Newsroom) -> None:
    files = published(newsroom)
    leftovers = [
        newsroom.root / folder / ".staging" for folder in ("feeds", "state/images", "state/quarantine")
    ]
    for folder in leftovers:
        folder.mkdir(parents=True)
        for number in range(1, 4):
            (folder / str(number)).write_text("half a fi")
    newsroom.drop("empty.txt", "")
    assert newsroom.run("publish").exit_code == 1
    assert not [folder for folder in leftovers if folder.exists()]
    assert newsroom.snapshot() == files


def test_a_dry_run_stages_nothing_and_removes_nothing(newsroom: Newsroom) -> None:
    published(newsroom)
    newsroom.drop("other.txt", story("Нарық жиыны"))
    leftover = newsroom.feeds / ".staging" / "1"
    leftover.parent.mkdir()
    leftover.write_text("half a fi")
    before = newsroom.snapshot(".")
    assert newsroom.run("publish", "--dry-run").exit_code == 0
    assert newsroom.snapshot(".") == before
