"""Commands of the publisher, each in a process of its own, without the second that Python needs to begin.

tests ─ WarmStart.run ─▶ a process that has loaded everything ─ fork ─▶ `python -m publisher …`

Two such processes take turns. The hashes of each have another seed, so that what hangs on the order of a set
does not come out the same in two runs.
"""

import json
import os
import runpy
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import import_module
from itertools import count
from pathlib import Path
from pkgutil import walk_packages
from signal import SIGKILL
from typing import IO

_SEEDS = ("1", "2")
_READ_LATE = ("alembic.command", "babel.support", "rich.table")
"""What commands load beside our own modules."""
_ROOM = 1 << 20
"""For a request."""


class WarmStart:
    """Runs commands whose environment is that of the tests; Python reads it before anything else."""

    def __init__(self) -> None:
        self._environment = _lasting(os.environ)
        self._folder = tempfile.TemporaryDirectory()
        self._parents: list[subprocess.Popen[bytes]] = []
        self._turns = count()

    def close(self) -> None:
        for parent in self._parents:
            parent.communicate()  # closes its standard input, at which it ends
        self._folder.cleanup()

    def knows(self, environment: Mapping[str, str]) -> bool:
        """Whether a command finds in this environment what Python found there when it began."""
        return _lasting(environment) == self._environment

    def run(
        self, arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` does, with what was printed.

        Raises:
            subprocess.TimeoutExpired: it was killed after so many seconds.
        """
        if not self._parents:
            self._parents += map(self._start, _SEEDS)
        request = json.dumps([arguments, str(cwd), dict(environment)]).encode()
        address = self._address(_SEEDS[next(self._turns) % len(_SEEDS)])
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            exit_code = _ask(address, request, [out, err], timeout)
            printed = [_read(stream) for stream in (out, err)]
        return subprocess.CompletedProcess(arguments, exit_code, *printed)

    def _address(self, seed: str) -> str:
        return str(Path(self._folder.name, seed))

    def _start(self, seed: str) -> subprocess.Popen[bytes]:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._address(seed))
            listener.listen()
            return subprocess.Popen(
                [sys.executable, __file__, str(listener.fileno())],
                env={**os.environ, "PYTHONHASHSEED": seed},
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
            )


def _lasting(environment: Mapping[str, str]) -> dict[str, str]:
    """Without what our program reads, and the name of the test."""
    return {
        name: value
        for name, value in environment.items()
        if name != "PYTEST_CURRENT_TEST" and not name.startswith("PUBLISHER_")
    }


def _ask(address: str, request: bytes, streams: Sequence[IO[bytes]], timeout: float) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(address)
        socket.send_fds(connection, [request], [stream.fileno() for stream in streams])
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("r") as answer:
            pid = int(answer.readline())
            try:
                return int(answer.readline())
            except TimeoutError as error:
                os.kill(pid, SIGKILL)
                raise subprocess.TimeoutExpired(request.decode(), timeout) from error


def _read(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def serve(listener: socket.socket) -> None:
    """Fork a command for each request; returns in the fork, which is to go on as the command."""
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            sys.exit()
        connection, _ = listener.accept()
        with connection:
            if os.fork() == 0 and not _attend(connection):
                return
        _reap()


def _reap() -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return


def _attend(connection: socket.socket) -> bool:
    """Read the request, fork, and tell how the fork ended; returns in the fork."""
    request, streams, _, _ = socket.recv_fds(connection, _ROOM, 2)
    while part := connection.recv(_ROOM):
        request += part
    if (pid := os.fork()) == 0:
        arguments, cwd, environment = json.loads(request)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, stream in enumerate(streams, 1):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv[1:] = arguments
        return False
    connection.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def load() -> None:
    """Import all that commands import."""
    package = import_module("publisher")
    for module in walk_packages(package.__path__, "publisher."):
        if "migrations" not in module.name and not module.name.endswith("__main__"):
            import_module(module.name)
    for name in _READ_LATE:
        import_module(name)


if __name__ == "__main__":
    load()
    with socket.socket(fileno=int(sys.argv[1])) as commands:
        serve(commands)
    runpy.run_module("publisher", run_name="__main__", alter_sys=True)
