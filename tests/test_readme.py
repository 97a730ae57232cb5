"""README is true: its commands run, its files are there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from mail_server import free_port

README = (ROOT / "README.md").read_text()
SHELL_BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line for block in SHELL_BLOCKS for line in block.splitlines() if line and not line.startswith("#")
]


def test_its_commands_run_one_after_the_other(tmp_path: Path) -> None:
    for name in ("config.toml", "seeds"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().replace("port = 8000", f"port = {free_port()}"))
    (tmp_path / "readers.csv").write_text("address,name\naigul@example.kz,Айгүл\n")
    ran = [command for command in COMMANDS if command.startswith("publisher ")]
    assert len(ran) >= 8
    for command in ran:
        # These go on until they are stopped, which is success here.
        goes_on = command.endswith((" run", " --watch", " serve", " --serve"))
        prefix = ["timeout", "--signal=TERM", "--preserve-status", "4"] if goes_on else []
        arguments = command.split()[1:]
        done = subprocess.run(
            [*prefix, sys.executable, "-m", "publisher", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)


def test_its_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = {command.split()[1] for command in COMMANDS if command.startswith("make ")}
    assert targets >= {"publish", "test"}
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_command_in_it_is_run_or_known() -> None:
    others = [command for command in COMMANDS if not command.startswith(("publisher ", "make "))]
    assert others == []


@pytest.mark.parametrize("link", sorted(set(re.findall(r"(?:\]\(|src=\")(?!https?:)([^)#\"]+)", README))))
def test_its_links_lead_to_files(link: str) -> None:
    assert (ROOT / link).exists()
