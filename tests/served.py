"""A newsroom's site as `publisher serve` answers it, for the tests."""

import os
import signal
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from conftest import Newsroom
from mail_server import free_port

if TYPE_CHECKING:
    import subprocess


@dataclass(frozen=True)
class Reply:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Served:
    """A site that answers at `url`, which ends with a slash."""

    newsroom: Newsroom
    url: str
    command: tuple[str, ...]
    process: "subprocess.Popen[str]"

    def ask(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        method: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """One request, on a connection of its own; a form is posted. `path` may be a whole address."""
        where = urlsplit(self.url + path if not path.startswith("http") else path)
        data = urlencode(form).encode() if form is not None else body
        told = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        connection = HTTPConnection(where.hostname or "", where.port, timeout=30)
        try:
            connection.request(
                method or ("GET" if data is None else "POST"),
                where.path + (f"?{where.query}" if where.query else ""),
                data,
                {**told, **(headers or {})},
            )
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def kill(self) -> None:
        """As a power cut does it: the processes are gone at once. Then they are started again."""
        for pid in (self.process.pid, *workers_of(self.process.pid)):
            os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=30)
        self.process = self.newsroom.start(*self.command)
        self.wait_until_alive()

    def wait_until_alive(self, seconds: float = 20) -> None:
        where = urlsplit(self.url)
        end = time.monotonic() + seconds
        while True:
            try:
                if self.ask(f"{where.scheme}://{where.netloc}/healthz").status == 200:
                    return
            except OSError:
                assert self.process.poll() is None, self.process.communicate()[0]
                assert time.monotonic() < end, "publisher serve does not answer"
                time.sleep(0.02)


def workers_of(pid: int) -> list[int]:
    """The processes that answer requests, of a command that serves."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == pid and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def at_own_port(newsroom: Newsroom, path: str = "") -> None:
    """Give the newsroom's site an address on this machine."""
    port = free_port()
    newsroom.edit_config('url = "https://news.example.kz/"', f'url = "http://127.0.0.1:{port}/{path}"')
    newsroom.edit_config("port = 8000", f"port = {port}")


@contextmanager
def serving(newsroom: Newsroom, *command: str) -> Iterator[Served]:
    """Runs `publisher serve`, or another command that serves."""
    url = tomllib.loads((newsroom.root / "config.toml").read_text())["site"]["url"]
    command = command or ("serve",)
    served = Served(newsroom, url, command, newsroom.start(*command))
    try:
        served.wait_until_alive()
        yield served
    finally:
        served.process.terminate()
        out, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == 0, out
