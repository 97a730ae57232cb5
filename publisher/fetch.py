"""HTTP to servers that are not ours: bounded in time, size and redirects, and nothing but http and https."""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from threading import Thread
from typing import IO, TypeVar, cast
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from publisher import __version__
from publisher.errors import NetworkError

T = TypeVar("T")
TIMEOUT = 20.0
"""Seconds."""
MAX_BYTES = 20 << 20
_WEB = re.compile(r"https?://[^\s/?#]+[!-~]*", re.IGNORECASE | re.ASCII)
_CHUNK = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
_REASON = 100
"""Characters."""
_HINT = "check the address and the network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    url: str
    """Where it was found in the end, behind all redirects."""
    data: bytes


def fetch(url: str, *, timeout: float = TIMEOUT, limit: int = MAX_BYTES) -> Fetched:
    """Get what lies at an address. gzip is unpacked; `limit` counts bytes after that.

    Raises:
        NetworkError: it cannot be had within `timeout` seconds, or is too large.
    """
    request = _request(url, {"Accept-Encoding": "gzip", "Accept": "*/*"})

    def get() -> Fetched:
        with _opener(_WebRedirects()).open(request, timeout=timeout) as opened:
            response = cast("HTTPResponse", opened)
            return Fetched(url=response.url, data=_read(response, url, limit))

    return _within(timeout, url, get)


def post_form(url: str, fields: Mapping[str, str], *, timeout: float = TIMEOUT) -> int:
    """Post a form, and give the status that the server answers. Redirects are not followed.

    Raises:
        NetworkError: there is no answer within `timeout` seconds.
    """
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    request = _request(url, form, urlencode(fields).encode())

    def post() -> int:
        try:
            with _opener().open(request, timeout=timeout) as response:
                return int(response.status)
        except HTTPError as error:
            with error:
                return error.code

    return _within(timeout, url, post)


def _request(url: str, headers: Mapping[str, str], body: bytes | None = None) -> Request:
    _require_web(url)
    return Request(url, body, {"User-Agent": f"publisher/{__version__}", **headers})  # noqa: S310 — looked at above


def _require_web(url: str) -> None:
    if not _WEB.fullmatch(url):
        raise NetworkError.of(url, "is no web address", "write http:// or https://, in ASCII")


class _WebRedirects(HTTPRedirectHandler):
    """Python's own follows ten, to ftp too."""

    max_redirections = 5

    def redirect_request(  # noqa: PLR0917 — as Python's own
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        try:
            _require_web(urljoin(req.full_url, newurl))
        except NetworkError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(*more: HTTPRedirectHandler) -> OpenerDirector:
    """Only what is named here can be opened: no files, no ftp."""
    opener = OpenerDirector()
    ours = (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPErrorProcessor(), HTTPDefaultErrorHandler())
    for handler in (*ours, *more):
        opener.add_handler(handler)
    return opener


def _within(seconds: float, url: str, work: Callable[[], T]) -> T:
    """Do it in a thread that is left behind when its time is over.

    A socket's own timeout counts from each byte: a server that sends one now and then would hold us for ever.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            with _network_errors(url):
                done.set_result(work())
        except BaseException as error:  # noqa: BLE001 — raised again by whoever waits
            done.set_exception(error)

    Thread(target=run, daemon=True).start()
    try:
        return done.result(seconds)
    except TimeoutError:
        raise NetworkError.of(url, f"there is no answer within {seconds:g} seconds", _HINT) from None


@contextmanager
def _network_errors(url: str) -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        with error:
            cause = f"the server answers {error.code} {_one_line(error.reason)}"
        raise NetworkError.of(url, cause, "check the address") from error
    except (HTTPException, OSError, ValueError) as error:  # a TimeoutError is an OSError
        reason = error.reason if isinstance(error, URLError) else error
        raise NetworkError.of(url, f"cannot be reached ({_one_line(reason)})", _HINT) from error


def _one_line(said: object) -> str:
    """What a server, or Python, says may be long, and a stranger's."""
    text = " ".join(str(said).split())[:_REASON]
    return "".join(character for character in text if character.isprintable())


def _read(response: HTTPResponse, url: str, limit: int) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip"}:
        raise NetworkError.of(url, f"comes as {encoding}, which was not asked for", "mend the server")
    unpack = zlib.decompressobj(_GZIP) if encoding != "identity" else None
    data = bytearray()
    while chunk := response.read(_CHUNK):
        try:
            data += unpack.decompress(chunk, limit + 1 - len(data)) if unpack else chunk
        except zlib.error as error:
            raise NetworkError.of(
                url, f"is not the gzip that it should be ({error})", "mend the server"
            ) from error
        if len(data) > limit:
            raise NetworkError.of(url, f"has more than {limit:,} bytes", "it is no feed of this world")
    if response.length or (unpack and not unpack.eof):
        raise NetworkError.of(url, "breaks off before its end", "try again")
    return bytes(data)
