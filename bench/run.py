"""How long publishing takes, beside Hugo with the same stories in the same run; as ratios.

    make bench                          2,000 stories
    .venv/bin/python bench/run.py --stories 10000 --runs 5

The stories are Markdown with addresses of their own, so that neither side writes story pages.
Hugo is Debian's package; without it, our own figures are printed alone.
"""

import argparse
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

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


def write_stories(folder: Path, count: int, address: str) -> None:
    """Stories of about 8 KB, one a file; `address` is the front matter key of their own address."""
    chooser = random.Random(count)
    folder.mkdir(parents=True)
    for number in range(count):
        day = f"{2020 + number % 5}-{1 + number % 12:02}-{1 + number % 28:02}"
        body = "\n\n".join(" ".join(chooser.choices(WORDS, k=60)) + "." for _ in range(8))
        (folder / f"story-{number:06}.md").write_text(
            f"---\ntitle: Жаңалық {number}\ndate: {day}T10:00:00+05:00\nsection: senat\n"
            f"{address}: https://old.example.kz/{number}\n---\n{body}\n"
        )


def seconds(command: list[str], cwd: Path) -> float:
    """Wall time of one whole process."""
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - start


def measure(prepare: Callable[[int], None], command: list[str], cwd: Path, runs: int) -> float:
    """Median of several runs, each after its preparation."""
    times = []
    for run in range(runs):
        prepare(run)
        times.append(seconds(command, cwd))
    return statistics.median(times)


def bench_publisher(root: Path, count: int, runs: int) -> dict[str, float]:
    """Cold, with nothing changed, and with one story changed."""
    shutil.copy(ROOT / "config.toml", root)
    write_stories(root / "seeds", count, "url")
    command = [sys.executable, "-m", "publisher", "publish"]

    def empty(_run: int) -> None:
        for name in ("state", "feeds"):
            shutil.rmtree(root / name, ignore_errors=True)

    def edit(run: int) -> None:
        with (root / "seeds" / "story-000000.md").open("a") as file:
            file.write(f"\nТүзету {run}.\n")

    return {
        "publisher, cold": measure(empty, command, root, runs),
        "publisher, nothing changed": measure(lambda _: None, command, root, runs),
        "publisher, one changed": measure(edit, command, root, runs),
    }


def bench_hugo(root: Path, count: int, runs: int) -> float | None:
    """Hugo building the same RSS; it always builds everything."""
    if shutil.which("hugo") is None:
        return None
    (root / "config.toml").write_text(HUGO_CONFIG)
    write_stories(root / "content" / "senat", count, "source")

    def empty(_run: int) -> None:
        shutil.rmtree(root / "public", ignore_errors=True)

    return measure(empty, ["hugo", "--quiet"], root, runs)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stories", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        figures = bench_publisher(Path(ours), options.stories, options.runs)
        hugo = bench_hugo(Path(theirs), options.stories, options.runs)
    print(f"{options.stories} stories, median of {options.runs} runs")
    for name, value in figures.items():
        ratio = f"{value / hugo:6.2f} × Hugo" if hugo else ""
        print(f"{name:28} {value:7.3f} s  {ratio}")
    print(f"{'hugo':28} {hugo:7.3f} s" if hugo else "hugo is missing: apt-get install hugo")


if __name__ == "__main__":
    main()
