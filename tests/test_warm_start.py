"""A command that is forked does what a command that is started does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from warm_start import WarmStart


def started(*arguments: str, cwd: Path) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "publisher", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("arguments", [["--version"], ["publish", "--no-such"], ["articles"], ["publish"]])
def test_it_prints_and_ends_in_the_same_way(tmp_path: Path, arguments: list[str]) -> None:
    warm = WarmStart()
    try:
        found = [warm.run(arguments, cwd=tmp_path, environment=os.environ, timeout=60) for _ in range(2)]
    finally:
        warm.close()
    expected = started(*arguments, cwd=tmp_path)
    assert [(done.returncode, done.stdout, done.stderr) for done in found] == [expected] * 2


def test_who_takes_too_long_is_killed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text((ROOT / "config.toml").read_text())
    (tmp_path / "seeds").mkdir()
    warm = WarmStart()
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            warm.run(["publish", "--watch"], cwd=tmp_path, environment=os.environ, timeout=2)
        again = warm.run(["publish"], cwd=tmp_path, environment=os.environ, timeout=60)
        assert again.returncode == 0, again.stderr
    finally:
        warm.close()


def test_what_python_reads_at_its_start_must_be_the_same() -> None:
    warm = WarmStart()
    assert warm.knows({**os.environ, "PUBLISHER_SECRET": "another"})
    for name in ("PYTHONHASHSEED", "LC_ALL", "TZ"):
        assert not warm.knows({**os.environ, name: "7"})
    warm.close()
