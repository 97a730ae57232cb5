"""How long publishing takes, beside Hugo with the same stories in the same run; as ratios.

    make bench                          10,000 stories
    .venv/bin/python bench/run.py --stories 100000 --runs 1 --text

The stories have addresses of their own, so that neither side writes story pages. Hugo reads them as Markdown;
we read them as Markdown or, with --text, as the text files that newspapers export.
Hugo is Debian's package; without it, our own figures are printed alone.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
WORDS = (
    "Сенат Төрағасы екіжақты парламентаралық ынтымақтастықты одан әрі нығайту мәселелерін талқылады кездесу "
    "барысында қарым-қатынасын дамытуда жоғары деңгейдегі саяси диалогтың ықпалы зор екені айтылды"
).split()
HUGO_CONFIG = """baseURL = "https://news.example.kz/"
disableKinds = ["page", "taxonomy", "term", "sitemap", "404"]
[outputs]
home = ["RSS"]
section = ["RSS"]
[services.rss]
limit = 50
"""


MARKDOWN = """---
title: Жаңалық {number}
date: {day}T10:00:00+05:00
section: {section}
{address}: https://old.example.kz/{number}
---
{body}
"""
TEXT = """Сенат • {day}, 10:00

Жаңалық {number}

{body}

Дереккөз: https://old.example.kz/{number}
"""


def write_stories(
    folder: Path, count: int, layout: str, address: str = "url", *, sections: int = 1, paragraphs: int = 8
) -> None:
    """Stories of 1 KB a paragraph, one a file; `address` is the front matter key of their own address."""
    suffix = "txt" if layout is TEXT else "md"
    chooser = random.Random(count)
    folder.mkdir(parents=True)
    for number in range(count):
        day = f"{2020 + number % 5}-{1 + number % 12:02}-{1 + number % 28:02}"
        body = "\n\n".join(" ".join(chooser.choices(WORDS, k=60)) + "." for _ in range(paragraphs))
        section = f"section-{number % sections}" if sections > 1 else "senat"
        story = layout.format(number=number, day=day, section=section, address=address, body=body)
        (folder / f"story-{number:06}.{suffix}").write_text(story)


class Figure(NamedTuple):
    """What a whole process took."""

    seconds: float
    mebibytes: float
    """Of memory, at its peak."""


def run(command: list[str], cwd: Path) -> Figure:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} failed")
    return Figure(time.perf_counter() - start, usage.ru_maxrss / 1024)


def measure(prepare: Callable[[int], None], command: list[str], cwd: Path, runs: int) -> Figure:
    """Median of several runs, each after its preparation."""
    figures = []
    for number in range(runs):
        prepare(number)
        figures.append(run(command, cwd))
    return Figure(
        statistics.median(figure.seconds for figure in figures), max(figure.mebibytes for figure in figures)
    )


def bench_publisher(root: Path, count: int, runs: int, layout: str) -> dict[str, Figure]:
    """Cold, with nothing changed, and with one story changed."""
    shutil.copy(ROOT / "config.toml", root)
    write_stories(root / "seeds", count, layout)
    first = next(iter(sorted((root / "seeds").iterdir())))
    command = [sys.executable, "-m", "publisher", "publish"]

    def empty(_run: int) -> None:
        for name in ("state", "feeds"):
            shutil.rmtree(root / name, ignore_errors=True)

    def edit(run: int) -> None:
        first.write_text(first.read_text().replace("Жаңалық 0", f"Жаңалық 0 түзету {run}"))

    return {
        "publisher, cold": measure(empty, command, root, runs),
        "publisher, nothing changed": measure(lambda _: None, command, root, runs),
        "publisher, one changed": measure(edit, command, root, runs),
    }


def bench_hugo(root: Path, count: int, runs: int) -> Figure | None:
    """Hugo building the same RSS; it always builds everything."""
    if shutil.which("hugo") is None:
        return None
    (root / "config.toml").write_text(HUGO_CONFIG)
    write_stories(root / "content" / "senat", count, MARKDOWN, "source")

    def empty(_run: int) -> None:
        shutil.rmtree(root / "public", ignore_errors=True)

    return measure(empty, ["hugo", "--quiet"], root, runs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--text", action="store_true", help="our stories as newspaper text exports")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        layout = TEXT if options.text else MARKDOWN
        figures = bench_publisher(Path(ours), options.stories, options.runs, layout)
        hugo = bench_hugo(Path(theirs), options.stories, options.runs)
    print(f"{options.stories} stories, median of {options.runs} runs")
    for name, figure in figures.items():
        ratio = f"{figure.seconds / hugo.seconds:6.2f} × Hugo" if hugo else ""
        print(f"{name:28} {figure.seconds:7.3f} s {figure.mebibytes:6.0f} MiB  {ratio}")
    if hugo:
        print(f"{'hugo':28} {hugo.seconds:7.3f} s {hugo.mebibytes:6.0f} MiB")
    else:
        print("hugo is missing: apt-get install hugo")


if __name__ == "__main__":
    main()
