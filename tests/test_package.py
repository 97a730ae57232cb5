"""The wheel: everything the publisher needs travels in it."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import ROOT, Newsroom


def test_a_wheel_publishes_without_its_source(newsroom: Newsroom, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    own = {path.name for path in (unpacked / "publisher" / "templates").iterdir()}
    assert own == {path.name for path in (ROOT / "templates").iterdir()}
    environment = os.environ | {"PYTHONPATH": str(unpacked)}
    for command in (["publish"], ["digest", "preview"]):
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "import publisher.cli; print(publisher.__file__); publisher.cli.main()",
                *command,
            ],
            cwd=newsroom.root,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        assert str(unpacked) in done.stdout
    assert "мин оқу" in (newsroom.root / "preview" / "senat-daily.html").read_text()
    assert (newsroom.feeds / "senat" / "rss.xml").exists()


def test_the_locks_pin_by_hash_and_name_no_host() -> None:
    for lock in sorted((ROOT / "locks").iterdir()):
        lines = lock.read_text().splitlines()
        assert not [line for line in lines if "://" in line or line.startswith("--")], lock
        pinned = [line for line in lines if "==" in line]
        assert pinned
        assert all(line.endswith("\\") for line in pinned), lock
        assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)


def test_the_lock_of_npm_does_so_too() -> None:
    lock = json.loads((ROOT / "tests" / "js" / "package-lock.json").read_bytes())
    needed = {path: package for path, package in lock["packages"].items() if path}
    assert {"node_modules/feedsmith", "node_modules/axe-core"} <= needed.keys()
    assert [path for path, package in needed.items() if not package["integrity"].startswith("sha512-")] == []
    assert [path for path, package in needed.items() if "resolved" in package] == []
