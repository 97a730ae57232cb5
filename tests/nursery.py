"""Runs `publisher` commands as forks of a process that has loaded everything.

A command starts in some 20 ms instead of 500, and is a process of its own all the same: hundreds of them can
be killed in a test. It reads one JSON list of arguments a line, writes the process's number when it has
started, and its exit status when it has ended.
"""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOADED = ("publisher.cli.app", "publisher.pipeline.sending", "publisher.pipeline.mailing", "alembic", "babel")


class Nursery:
    """Starts commands in a newsroom's folder, one at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def start(self, *arguments: str) -> int:
        """Start a command; its process number."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        return self._read()

    def wait(self) -> int:
        """The exit status of the command that runs, as `os.waitpid` gives it."""
        return self._read()

    def _read(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """What the commands say goes to `commands.log` in that folder."""
    with (
        (folder / "commands.log").open("a") as log,
        subprocess.Popen(
            [sys.executable, __file__],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()
        assert process.wait(10) == 0


def main() -> None:
    import importlib

    for name in LOADED:
        importlib.import_module(name)
    from publisher.cli import main as publisher

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            sys.argv = ["publisher", *json.loads(line)]
            try:
                publisher()
            except SystemExit as end:
                os._exit(end.code if isinstance(end.code, int) else 0)
            except BaseException:  # noqa: BLE001 — a bug, which must not look like an answer
                traceback.print_exc()
            os._exit(99)
        answers.write(f"{child}\n")
        answers.flush()
        _, status = os.waitpid(child, 0)
        answers.write(f"{status}\n")
        answers.flush()


if __name__ == "__main__":
    main()
