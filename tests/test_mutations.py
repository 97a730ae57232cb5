"""Ten thousand damaged files a run: each is a story or is refused by name, within bounds of time and memory.

The files are made in mutations.py. They are read in processes of their own, whose memory is bounded by the
system, and which can be started by hand: `python tests/test_mutations.py 0` prints what worker 0 found.
"""

import importlib.util
import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from conftest import ROOT, SEED, Newsroom
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from mutations import (
    File,
    faults,
    illegal_characters,
    illegal_references,
    is_one_line,
    is_xml_char,
    mutate,
    originals,
    unsafe_markup,
)

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin
from publisher.readers import READERS, reader_for

FILES = 10_000
WORKERS = 2
BATCH = 20
"""Files an example."""
SECONDS = 2.0
STUCK_SECONDS = 10
"""After these, a file is given up: one that never ends must not hide the others."""
MEGABYTES = 256
ORIGIN = Origin(language="kk", written_at=datetime(2024, 3, 27, 12, tzinfo=ZoneInfo("Asia/Almaty")))
FUZZ_TARGET = ROOT / "fuzz" / "fuzz_readers.py"


# The worker's side


class StuckError(BaseException):
    """A reader does not end. No Exception: it must get through every handler of theirs."""


class Watch:
    """Reads files and keeps what was wrong."""

    def __init__(self) -> None:
        self.files = 0
        self.stories = 0
        self.wrong: list[str] = []
        self.slowest = (0.0, "")

    def read(self, name: str, file: File) -> None:
        """Read one file; nothing but a story or a refusal may come of it."""
        self.files += 1
        seconds, found = _timed_faults(file)
        if (
            SECONDS < seconds < STUCK_SECONDS
        ):  # the machine may be busy: only a file that is slow twice is slow
            seconds = min(seconds, _timed_faults(file)[0])
        if seconds > SECONDS:
            found = [f"took {seconds:.1f} s", *(found or [])]
        self.stories += found is not None
        self.slowest = max(self.slowest, (round(seconds, 3), name))
        self.wrong += [f"{name} ({file.suffix}, {len(file.data)} bytes): {fault}" for fault in found or ()]


def _timed_faults(file: File) -> tuple[float, list[str] | None]:
    """How long the reader took, and what is wrong with its answer; None for a good refusal."""
    start = time.perf_counter()
    signal.alarm(STUCK_SECONDS)
    try:
        article = reader_for(file.suffix)(file.data, ORIGIN)
    except RefusedError as error:
        seconds = time.perf_counter() - start
        wrong = [f"refused with {text!r}" for text in (error.cause, error.hint) if not _is_plain(text)]
        return seconds, wrong or None
    except BaseException as error:  # noqa: BLE001 — whatever it is, it is wrong
        return time.perf_counter() - start, [f"crashed with {error!r}"[:300]]
    finally:
        signal.alarm(0)
    return time.perf_counter() - start, faults(article)


def _give_up(_number: int, _frame: object) -> None:
    raise StuckError


def _is_plain(text: str) -> bool:
    return is_one_line(text) and not illegal_characters(text)


def _kilobytes(name: str) -> int:
    """Of this process. Not ru_maxrss: a child begins with its parent's peak there."""
    match = re.search(rf"^{name}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert match
    return int(match[1])


def work(worker: int) -> dict[str, Any]:
    """Read this worker's share of the files."""
    signal.signal(signal.SIGALRM, _give_up)
    warm = Watch()
    for number, file in enumerate(originals()):
        warm.read(f"original {number}", file)  # loads every library that a reader uses
    before = _kilobytes("VmHWM")
    limit = (_kilobytes("VmSize") << 10) + 2 * (MEGABYTES << 20)  # what is mapped need not be used
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    watch = Watch()

    @given(st.integers(0, 2**64 - 1))
    @settings(
        max_examples=FILES // WORKERS // BATCH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def read_batch(seed: int) -> None:
        for number in range(BATCH):
            name = f"{worker}-{seed}-{number}"
            watch.read(name, mutate(name))

    read_batch()
    return {
        "files": watch.files,
        "stories": watch.stories,
        "wrong": (warm.wrong + watch.wrong)[:50],
        "slowest": watch.slowest,
        "megabytes": (_kilobytes("VmHWM") - before) >> 10,
    }


# The tests' side


@pytest.mark.timeout(300)
def test_ten_thousand_damaged_files_are_read_or_refused_within_bounds() -> None:
    workers = [
        subprocess.Popen([sys.executable, __file__, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(WORKERS)
    ]
    try:
        outputs = [worker.communicate()[0] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    reports = [json.loads(output) for output in outputs]
    # Each name is a mutation's: python tests/mutations.py NAME > file
    wrong = [fault for report in reports for fault in report["wrong"]]
    assert not wrong, "\n".join(wrong)
    assert sum(report["files"] for report in reports) >= FILES
    assert sum(report["stories"] for report in reports) >= FILES / 4, (
        "too few mutations reach the end of a reader"
    )
    assert max(report["megabytes"] for report in reports) <= MEGABYTES


def test_a_mutation_is_the_same_file_each_time_and_every_format_is_mutated() -> None:
    files = [mutate(number) for number in range(300)]
    assert files == [mutate(number) for number in range(300)]
    assert {file.suffix for file in files} >= {file.suffix for file in originals()}
    assert {file.suffix for file in originals()} >= set(READERS) - {".markdown"}
    assert len({file.data for file in files}) > 280


def test_the_checks_see_what_they_look_for() -> None:
    article = Article(
        title="Жиын\x00",
        dateline=Dateline(day=ORIGIN.written_at.date(), printed="Кеше\ufffe"),
        language="kk",
        body_html="<p onclick='x'>&#0;<a href='java\tscript:x'>a</a></p><script>x</script>",
        byline="А\u2028Б",
        tags=("бір", "\ud800"),
    )
    assert faults(article) == [
        "title holds ['U+0000']",
        "dateline.printed holds ['U+FFFE']",
        "tags holds ['U+D800']",
        "body_html holds ['&#0']",
        "body_html holds <p onclick='x'>",
        "body_html holds <a href='java\\tscript:x'>",
        "body_html holds <script>",
        "byline has more than one line",
    ]
    for code in (*range(0x300), *range(0xD700, 0xE100), *range(0xFF00, 0x10100), 0x10FFFE, 0x10FFFF):
        if 0xD800 <= code <= 0xDFFF:
            assert not is_xml_char(code)
            continue
        try:
            etree.fromstring(f"<a>&#{code};</a>")
        except etree.XMLSyntaxError:
            assert not is_xml_char(code)
        else:
            assert is_xml_char(code)
        assert bool(illegal_characters(chr(code))) != is_xml_char(code)


# One inbox of damaged files, published


@pytest.fixture
def ruins(newsroom: Newsroom) -> Newsroom:
    """A newsroom whose inbox holds damaged files, and the seed as it was."""
    for number in range(600):
        file = mutate(f"inbox-{number}")
        newsroom.drop(f"{number:03}{file.suffix}", file.data)
    return newsroom


def _texts(database: Path) -> Iterator[tuple[str, str]]:
    """Every text in the store, those inside of JSON too, with its column."""
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in names:
            rows = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 — a name of our own
            columns = [column[0] for column in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    if isinstance(value, str):
                        yield f"{table}.{column}", value
                        if column in {"tags", "warnings"}:
                            yield from ((f"{table}.{column}", text) for text in json.loads(value) or ())


def test_an_inbox_of_damaged_files_leaves_a_store_and_feeds_that_every_reader_can_read(
    ruins: Newsroom,
) -> None:
    ran = ruins.run("publish", "--json")
    assert ran.exit_code in {0, 1}, ran.err
    assert "Traceback" not in ran.err
    assert ran.data["blocked"] == []
    assert len(ran.data["refused"]) > 50
    assert sum(section["new"] for section in ran.data["sections"]) > 50
    held = list(_texts(ruins.root / "state" / "publisher.db"))
    assert [(column, text) for column, text in held if illegal_characters(text)] == []
    bodies = [text for column, text in held if column == "revisions.body_html"]
    assert [body for body in bodies if illegal_references(body) or unsafe_markup(body)] == []
    feeds = {path: data for path, data in ruins.snapshot().items() if path.endswith((".xml", ".json"))}
    assert len(feeds) > 6
    for path, data in feeds.items():
        if path.endswith(".json"):
            assert illegal_characters(json.dumps(json.loads(data), ensure_ascii=False)) == [], path
        else:
            etree.fromstring(data)
            assert not feedparser.parse(data).bozo, path
    titles = [item["title"] for item in json.loads(feeds["senat/feed.json"])["items"]]
    assert titles
    again = ruins.run("publish", "--json")
    assert (again.exit_code, again.data["written"]) == (ran.exit_code, [])
    assert again.data["refused"] == ran.data["refused"]


# The fuzz target, without the fuzzer


def test_the_fuzz_target_reads_its_corpus_without_the_fuzzer(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("fuzz_readers", FUZZ_TARGET)
    assert spec
    assert spec.loader
    target = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(target)
    assert "atheris" not in sys.modules
    paths = target.write_corpus(tmp_path)
    assert len(paths) == len(originals())
    assert SEED.read_bytes() in {path.read_bytes()[1:] for path in paths}
    for path in paths:
        target.read_one(path.read_bytes())
    assert {target.suffix_of(path.read_bytes()) for path in paths} == {file.suffix for file in originals()}
    for data in (b"", b"\x00", b"\xff\xff"):
        target.read_one(data)


def test_the_fuzz_target_says_what_is_wrong_with_an_article(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("fuzz_readers", FUZZ_TARGET)
    assert spec
    assert spec.loader
    target = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(target)

    def bad_reader(_suffix: str) -> Any:
        day = ORIGIN.written_at.date()
        return lambda _data, _origin: Article(
            title="", dateline=Dateline(day=day), language="kk", body_html=""
        )

    monkeypatch.setattr(target, "reader_for", bad_reader)
    with pytest.raises(AssertionError, match="there is no title"):
        target.read_one(b"\x00x")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(work(int(sys.argv[1]))))
