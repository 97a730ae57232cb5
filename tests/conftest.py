"""A newsroom of its own for every test, worked through its command line."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from feed_rules import CHECKS, check_feed_file
from warm_start import WarmStart

ROOT = Path(__file__).parent.parent
SAMPLES = Path(__file__).parent / "samples"
SEED = ROOT / "seeds" / "000_5c9351a6b67bfa3b.txt"

SECTION_FILES = {
    name + suffix
    for name in ("rss.xml", "atom.xml", "feed.json", "index.html", "subscribe.html")
    for suffix in ("", ".gz", ".br")
}
"""What lies in a section's folder."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--strict-parts", action="store_true", help="fail, instead of skipping, when a real part is missing"
    )
    parser.addoption("--cold-start", action="store_true", help="start Python anew for each command")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--cold-start"):
        _WARM.append(WarmStart())


def pytest_unconfigure() -> None:
    while _WARM:
        _WARM.pop().close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    outcome = yield
    report = outcome.get_result()
    if report.skipped and item.config.getoption("--strict-parts"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr}"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """What npm installs for the tests."""
    folder = ROOT / "tests" / "js" / "node_modules"
    if not (folder / ".package-lock.json").is_file():
        pytest.skip("tests/js/node_modules is missing: run tests/node-packages")
    return folder


@pytest.fixture(scope="session")
def node(node_modules: Path) -> Path:
    """Node.js, with the packages it needs."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is missing: apt-get install nodejs")
    return Path(found)


@pytest.fixture(scope="session")
def axe_source(node_modules: Path) -> Path:
    """axe-core: the rules of accessibility, as a script for a page."""
    return node_modules / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Debian's browser."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is missing: apt-get install chromium")
    return Path(found)


@pytest.fixture(scope="session")
def strace() -> Path:
    """Lets a system call of our choice fail, or kills the process there."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is missing: apt-get install strace")
    tried = subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    return Path(found)


@dataclass(frozen=True)
class Ran:
    """A finished command."""

    exit_code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """What --json printed."""
        return json.loads(self.out)


@dataclass
class Newsroom:
    """A folder with a config, an inbox and everything the publisher makes of it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    spoilt: str = ""
    """Why its feeds are not held to the rules: the test damages them on purpose."""

    @property
    def inbox(self) -> Path:
        return self.root / "seeds"

    @property
    def feeds(self) -> Path:
        return self.root / "feeds"

    def run(self, *arguments: str, **environment: str) -> Ran:
        """Run `publisher` as a user does: a process of its own, in the newsroom's folder."""
        done = _run(arguments, self.root, self._environment(environment))
        self.check_feeds()
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command that goes on; the test ends it."""
        return subprocess.Popen(
            [sys.executable, "-m", "publisher", *arguments],
            cwd=self.root,
            env=self._environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISHER_")}
        return {**kept, **self.environment, **more}

    def check_feeds(self) -> None:
        """Fail unless every feed is what its format asks for."""
        if not self.spoilt:
            check_feeds(self.feeds)

    def drop(self, name: str, text: str | bytes) -> Path:
        """Put a file into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def edit_config(self, old: str, new: str) -> None:
        """Replace a part of config.toml that must be there."""
        path = self.root / "config.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def snapshot(self, folder: str = "feeds") -> dict[str, bytes]:
        """Every file below a folder, by path."""
        top = self.root / folder
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def _run(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    if _WARM and _WARM[0].knows(environment):
        return _WARM[0].run(arguments, cwd=cwd, environment=environment, timeout=100)
    return subprocess.run(
        [sys.executable, "-m", "publisher", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


_WARM: list[WarmStart] = []
"""None with --cold-start."""
_SOUND: set[tuple[str, bytes]] = set()
"""File names and digests of feeds that were found good: many tests write what others wrote before."""
_MADE: list[Newsroom] = []
"""Newsrooms that stand now, the oldest first."""


def check_feeds(folder: Path, *, but: Collection[str] = ()) -> None:
    """Fail unless every feed below the folder is what its format asks for, but for those below `but`."""
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(parent, name) not in but]  # noqa: PTH118 — quick
        for name in CHECKS.keys() & set(names):
            path = Path(parent, name)
            data = path.read_bytes()
            file = (name, hashlib.sha256(data).digest())
            if file not in _SOUND:
                if faults := check_feed_file(name, data):
                    raise AssertionError("\n".join((f"{path} is no good feed:", *faults)))
                _SOUND.add(file)


def _check_newsrooms(first: int) -> list[Newsroom]:
    """Those made since there were so many. A command wrote their feeds, or the code in this process."""
    made = _MADE[first:]
    del _MADE[first:]
    for newsroom in made:
        newsroom.check_feeds()
    return made


@pytest.fixture(autouse=True, scope="module")
def _module_leaves_good_feeds() -> Iterator[None]:
    first = len(_MADE)
    yield
    _check_newsrooms(first)


@pytest.fixture(autouse=True)
def _test_leaves_good_feeds(request: pytest.FixtureRequest) -> Iterator[None]:
    first = len(_MADE)
    yield
    made = _check_newsrooms(first)
    if folder := request.node.funcargs.get("tmp_path"):  # a few tests set up a newsroom by hand
        check_feeds(folder, but=[str(newsroom.root) for newsroom in made if newsroom.spoilt])


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """The project's own config.toml and seed, in an empty folder."""
    return make_newsroom(tmp_path / "newsroom")


def make_newsroom(root: Path) -> Newsroom:
    root.mkdir()
    shutil.copy(ROOT / "config.toml", root)
    (root / "seeds").mkdir()
    shutil.copy(SEED, root / "seeds")
    newsroom = Newsroom(root)
    _MADE.append(newsroom)
    return newsroom


def story(title: str, *paragraphs: str, section: str = "Сенат", date: str = "26 Наурыз, 2024") -> str:
    """A story in the newspaper's layout."""
    body = "\n\n".join(paragraphs or ("Жиында бірқатар мәселе қаралды.", "Отырыс ертең жалғасады."))
    return f"{section} • {date}\n\n{title}\n\n{body}\n"
