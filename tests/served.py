"""A newsroom's site as `publisher serve` answers it, for the tests."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlencode, urlsplit

from conftest import Newsroom
from mail_server import free_port


@dataclass(frozen=True)
class Reply:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Served:
    """A site that answers at `url`, which ends with a slash."""

    newsroom: Newsroom
    url: str

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


def at_own_port(newsroom: Newsroom) -> str:
    """Give the newsroom's site an address on this machine, and return it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    newsroom.edit_config('url = "https://news.example.kz/"', f'url = "{url}"')
    newsroom.edit_config("port = 8000", f"port = {port}")
    return url


@contextmanager
def serving(newsroom: Newsroom, *command: str) -> Iterator[Served]:
    """Runs `publisher serve`, or another command that serves; its site has an address of its own port."""
    served = Served(newsroom, next(_addresses(newsroom)))
    process = newsroom.start(*(command or ("serve",)))
    try:
        wait_until_alive(served)
        yield served
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0, out


def _addresses(newsroom: Newsroom) -> Iterator[str]:
    for line in (newsroom.root / "config.toml").read_text().splitlines():
        if line.startswith("url = "):
            yield line.split('"')[1]


def wait_until_alive(served: Served, seconds: float = 20) -> None:
    port = urlsplit(served.url).port
    end = time.monotonic() + seconds
    while True:
        try:
            if Served(served.newsroom, f"http://127.0.0.1:{port}/").ask("healthz").status == 200:
                return
        except OSError:
            assert time.monotonic() < end, "publisher serve does not answer"
            time.sleep(0.02)
