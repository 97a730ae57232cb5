"""The disk fails, or the machine kills the run, at every single call that touches what readers see.

strace lists the calls of one run in peace. Then each of them is the one that fails, or at which the run is
killed, in a newsroom of its own, while somebody reads all files. What is said of the order of the calls holds
for a power cut too, which no test can stage.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath

import brotli
import pytest
from conftest import SECTION_FILES, Newsroom, Ran, make_newsroom, story
from lxml import etree

from publisher.files import signature_of

pytestmark = pytest.mark.timeout(600)

AT_ONCE = 3
"""Newsrooms that are disturbed beside each other."""
LOOKS = 10
"""At all files, after a change."""
KILL = "signal=SIGKILL"
FAULTS = {"killed": KILL, "disk full": "error=ENOSPC", "disk failing": "error=EIO"}
CALLS = {
    "open": ("open", "openat", "creat"),
    "write": ("write", "writev", "pwrite64"),
    "sync": ("fsync", "fdatasync", "syncfs", "sync"),
    "rename": ("rename", "renameat", "renameat2"),
    "folder": ("mkdir", "mkdirat", "rmdir"),
}
"""What they do; which of several does it depends on the machine."""
KINDS = {name: kind for kind, names in CALLS.items() for name in names}
NAMING = SECTION_FILES | {"news-sitemap.xml"}
"""Files that name others."""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
STAGING = ".staging"


@dataclass(frozen=True)
class Call:
    """A system call of a run."""

    name: str
    number: int
    """Of all calls of this name for this path."""
    paths: tuple[str, ...]
    """Below the newsroom's folder. The last one is what the call makes or changes."""
    line: str

    @property
    def kind(self) -> str:
        return KINDS[self.name]

    @property
    def path(self) -> str:
        """What strace finds the call by: of two names, the old one."""
        return self.paths[-2] if self.kind == "rename" else self.paths[-1]

    def is_below(self, folder: str) -> bool:
        return PurePath(self.path).is_relative_to(folder)


def trace(newsroom: Newsroom, strace: Path, *options: str) -> tuple[Ran, list[Call]]:
    """Publish under strace: what came of it, and the calls for paths in the newsroom's folder."""
    log = newsroom.root.with_suffix(".trace")
    arguments = ["-f", "-y", "-s", "0", "-o", str(log), *options]
    done = subprocess.run(
        [strace, *arguments, sys.executable, "-m", "publisher", "publish"],
        cwd=newsroom.root,
        capture_output=True,
        text=True,
        check=False,
    )
    calls = list(_parse(log.read_text(), newsroom.root))
    log.unlink()
    return Ran(done.returncode, done.stdout, done.stderr), calls


def _parse(log: str, root: Path) -> Iterator[Call]:
    ours = re.compile(rf'["<]{re.escape(str(root))}/?([^">]*)[">]')
    counts: Counter[tuple[str, str]] = Counter()
    for line in log.splitlines():
        name = line.partition("(")[0].split()[-1]
        # An opened file is named twice, and with it the folder that its name is relative to.
        paths = tuple(dict.fromkeys(path or "." for path in ours.findall(line)))
        if name in KINDS and paths:
            call = Call(name, 1, paths, line)
            counts[name, call.path] += 1
            yield replace(call, number=counts[name, call.path])


@dataclass(frozen=True)
class Scene:
    """A newsroom that is about to publish, and what comes of it in peace."""

    template: Path
    strace: Path
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    copies: Mapping[str, bytes]
    """Of pictures and refused files."""
    ran: Ran
    calls: Sequence[Call]

    def points(self, kind: str, folder: str) -> list[Call]:
        """Where it can be disturbed. Of the files that are opened, those that are made."""
        return [
            call
            for call in self.calls
            if call.kind == kind and call.is_below(folder) and (kind != "open" or "O_CREAT" in call.line)
        ]


def set_scene(root: Path, strace: Path, newsroom: Newsroom) -> Scene:
    template = root / "template"
    shutil.copytree(newsroom.root, template)
    before = newsroom.snapshot()
    ran, calls = trace(newsroom, strace, "-e", f"trace={','.join(f'?{name}' for name in KINDS)}")
    after = newsroom.snapshot()
    for files in (before, after):
        assert_whole(files)
    return Scene(template, strace, before, after, copies(newsroom), ran, calls)


def copies(newsroom: Newsroom) -> dict[str, bytes]:
    return newsroom.snapshot("state/images") | newsroom.snapshot("state/quarantine")


def assert_whole(files: Mapping[str, bytes]) -> None:
    """Every file can be read to its end, and so can its siblings, which hold the same."""
    for path, data in files.items():
        assert data
        match PurePath(path).suffix:
            case ".xml":
                etree.fromstring(data)
            case ".json":
                json.loads(data)
            case ".html":
                assert data.rstrip().endswith(b"</html>")
            case ".gz":
                assert zlib.decompress(data, 31) == files[path.removesuffix(".gz")]
            case ".br":
                assert brotli.decompress(data) == files[path.removesuffix(".br")]


def markdown(number: int, author: str) -> str:
    section = "Қоғам" if number == 2 else "Сенат"
    return (
        f"---\ntitle: Жиын {number}\ndate: 2024-03-2{number}\nsection: {section}\nauthor: {author}\n---\n\n"
        f"Мәтін {number}.\n"
    )


def fill(newsroom: Newsroom) -> None:
    for path in newsroom.inbox.iterdir():
        path.unlink()
    for number in range(3):
        newsroom.drop(f"{number}.md", markdown(number, "Айгүл"))


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory, strace: Path) -> Scene:
    """Three stories in two sections are published, and one was edited since.

    The edit is one that has no time of its own, for two newsrooms must come to the same bytes.
    """
    root = tmp_path_factory.mktemp("edited")
    newsroom = make_newsroom(root / "newsroom")
    fill(newsroom)
    assert newsroom.run("publish").exit_code == 0
    newsroom.drop("0.md", markdown(0, "Болат"))
    scene = set_scene(root, strace, newsroom)
    assert (scene.ran.exit_code, scene.ran.err) == (0, "")
    return scene


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, strace: Path) -> Scene:
    """Nothing is published yet. One story has a picture, and one file will be refused."""
    root = tmp_path_factory.mktemp("empty")
    newsroom = make_newsroom(root / "newsroom")
    fill(newsroom)
    newsroom.drop("0.png", PNG)
    newsroom.drop("none.txt", "")
    scene = set_scene(root, strace, newsroom)
    assert (scene.ran.exit_code, len(scene.copies)) == (1, 3)
    return scene


class Reader(threading.Thread):
    """Reads every public file whenever a folder changes, and notes the first thing that no reader may see."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        super().__init__()
        self.complaint = ""
        self.rounds = 0
        self._scene = scene
        self._folder = folder
        self._folders = {PurePath(path).parent for path in scene.after}
        self._is_over = threading.Event()
        self._seen: dict[str, bytes | None] = dict(scene.before)
        self._siblings = [path for path in scene.after if PurePath(path).suffix in {".gz", ".br"}]
        plain = [path for path in scene.after if path not in self._siblings]
        self._naming = [path for path in plain if PurePath(path).name in NAMING]
        self._named = [path for path in plain if path not in self._naming]

    def run(self) -> None:
        before, left = None, 0
        try:
            while not self._is_over.is_set():
                entries = [signature_of(f"{self._folder}/{folder}") for folder in self._folders]
                left = LOOKS if entries != before else left - 1
                before = entries
                if left >= 0:
                    self._look()
                else:
                    self._is_over.wait(0.001)
            self._look()
        except AssertionError as error:
            self.complaint = str(error)

    def stop(self) -> None:
        self._is_over.set()
        self.join()

    def _look(self) -> None:
        """A feed first, then what it stands for: a reader follows links, he does not go before them."""
        new = {path for path in self._naming if self._is_new(path)}
        news = {path for path in new if self._scene.before.get(path) != self._scene.after[path]}
        for path in self._siblings:
            plain = path.rpartition(".")[0]
            assert self._is_new(path) or plain not in news, f"{plain} is newer than {path}"
        late = [path for path in self._named if not self._is_new(path)]
        assert not (news and late), f"{news} are live before {late}"
        self.rounds += 1

    def _is_new(self, path: str) -> bool:
        old, new, seen = self._scene.before.get(path), self._scene.after[path], self._seen.get(path)
        try:
            data = (self._folder / path).read_bytes()
        except FileNotFoundError:
            data = None
        assert data in {old, new}, f"{path} is {'missing' if data is None else 'broken'}"
        assert data == new or seen == old, f"{path} is {'older again' if data else 'missing again'}"
        self._seen[path] = data
        return data == new


@contextmanager
def watched(scene: Scene, newsroom: Newsroom) -> Iterator[None]:
    reader = Reader(scene, newsroom.feeds)
    reader.start()
    try:
        yield
    finally:
        reader.stop()
    assert not reader.complaint
    assert reader.rounds


def disturb(scene: Scene, root: Path, fault: str, point: Call) -> None:
    """Publish with one fault, then in peace."""
    newsroom = Newsroom(Path(tempfile.mkdtemp(dir=root)) / "newsroom")
    shutil.copytree(scene.template, newsroom.root)
    with watched(scene, newsroom):
        only = ("-e", f"trace={point.name}", "-P", str(newsroom.root / point.path))
        inject = ("-e", f"inject={point.name}:{fault}:when={point.number}")
        fast = () if fault == KILL else ("--seccomp-bpf",)  # with it, no signal is delivered
        ran, calls = trace(newsroom, scene.strace, *fast, *only, *inject)
        assert calls[-1].number >= point.number
        if fault == KILL:
            assert ran.exit_code == -signal.SIGKILL
        else:
            assert_told(ran, point, scene)
            assert not newsroom.snapshot(f"feeds/{STAGING}")
        again = newsroom.run("publish", *(["--rebuild"] if point.name == "rmdir" else []))
    assert (again.exit_code, again.err) == (scene.ran.exit_code, scene.ran.err)
    assert newsroom.snapshot() == scene.after
    assert copies(newsroom) == scene.copies
    assert not list(newsroom.root.rglob(STAGING))
    shutil.rmtree(newsroom.root.parent)


def assert_told(ran: Ran, point: Call, scene: Scene) -> None:
    if point.name == "rmdir":  # everything is live; the next run removes the empty folder
        assert (ran.exit_code, ran.err) == (scene.ran.exit_code, scene.ran.err)
        return
    assert ran.exit_code == 3, ran
    (line,) = ran.err.splitlines()
    assert line.startswith("publisher: error: "), line
    assert "; check " in line


def disturb_all(scene: Scene, root: Path, fault: str, points: Sequence[Call]) -> None:
    assert points
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(partial(disturb, scene, root, fault), points))


@pytest.mark.parametrize(
    ("kind", "fault"),
    # Whether a file cannot be opened or not be written makes a difference only where it is a matter of room.
    [(kind, fault) for kind in CALLS for fault in FAULTS if kind != "open" or fault == "disk full"],
)
def test_whatever_fails_readers_see_whole_files_that_never_grow_older(
    edited: Scene, tmp_path: Path, kind: str, fault: str
) -> None:
    disturb_all(edited, tmp_path, FAULTS[fault], edited.points(kind, "feeds"))


@pytest.mark.parametrize("fault", FAULTS)
def test_folders_are_made_or_not(empty: Scene, tmp_path: Path, fault: str) -> None:
    disturb_all(empty, tmp_path, FAULTS[fault], empty.points("folder", "feeds"))


@pytest.mark.parametrize("fault", FAULTS)
def test_a_picture_is_kept_or_its_story_is_not_stored(empty: Scene, tmp_path: Path, fault: str) -> None:
    points = [point for kind in CALLS for point in empty.points(kind, "state/images")]
    disturb_all(empty, tmp_path, FAULTS[fault], points)


def test_a_killed_run_leaves_nothing_in_the_quarantine_for_long(empty: Scene, tmp_path: Path) -> None:
    points = [point for kind in CALLS for point in empty.points(kind, "state/quarantine")]
    disturb_all(empty, tmp_path, KILL, points)


@pytest.mark.parametrize("name", ["empty", "edited"])
def test_nothing_is_named_before_it_is_durable(name: str, request: pytest.FixtureRequest) -> None:
    """Every call in its order, as a disk sees it that forgets whatever nobody has told it to keep."""
    scene: Scene = request.getfixturevalue(name)
    written: set[str] = set()
    named: set[str] = set()
    for call in scene.calls:
        path = call.paths[-1]
        match call.kind:
            case _ if " = -1 " in call.line:
                continue
            case "write" if STAGING in path:
                written.add(path)
            case "write" if path.endswith("publisher.db-wal"):
                assert not written | named, "the store knows of it already"
            case "sync" if call.name in {"syncfs", "sync"}:
                written.clear()
                named.clear()
            case "sync":
                written.discard(path)
                named -= {entry for entry in named if str(PurePath(entry).parent) == path}
            case "rename":
                assert call.path not in written
                if PurePath(path).name in NAMING:
                    assert all(PurePath(entry).name in NAMING for entry in named), "a feed names it"
                named.add(path)
            case "folder" if STAGING not in path:
                named.add(path)
    assert not written | named


def test_three_thousand_pages_cost_a_few_syncs(newsroom: Newsroom, strace: Path) -> None:
    for number in range(3_000):
        newsroom.drop(f"{number}.txt", story(f"Жиын {number}", f"Мәтін {number}."))
    ran, calls = trace(newsroom, strace, "--seccomp-bpf", "-e", f"trace={','.join(CALLS['sync'])}")
    assert ran.exit_code == 0, ran.err
    assert len(newsroom.snapshot("feeds/stories")) == 3_001
    assert 0 < sum(call.is_below("feeds") for call in calls) <= 32
    assert len(calls) <= 60, "with those of the store"


FULL_DISK = """
set -eu
mount -t tmpfs -o size=1m tmpfs feeds
"$@"
cp -r feeds before
head -c 2M /dev/zero >feeds/ballast || true
mv edited.md seeds/0.md
"$@" || echo $? >exit-code
rm feeds/ballast
cp -r feeds full
"$@"
cp -r feeds after
"""


def test_a_disk_that_is_really_full_keeps_the_old_files(newsroom: Newsroom) -> None:
    tried = subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", newsroom.inbox],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode:
        pytest.skip(f"nothing can be mounted here: {tried.stderr.strip()}")
    fill(newsroom)
    newsroom.feeds.mkdir()
    (newsroom.root / "edited.md").write_text(markdown(0, "Болат"))
    publish = [sys.executable, "-m", "publisher", "publish"]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", FULL_DISK, "sh", *publish],
        cwd=newsroom.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (newsroom.root / "exit-code").read_text() == "3\n"
    said = [line for line in done.stderr.splitlines() if line.startswith("publisher: ")]
    assert len(said) == 1
    assert "No space left on device" in said[0]
    assert newsroom.snapshot("full") == newsroom.snapshot("before")
    assert "Болат".encode() in newsroom.snapshot("after")["all/rss.xml"]
