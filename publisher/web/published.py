"""The published files, answered from memory.

path ─ name ─▶ shelf ─┬─ found ─ evaluate ─▶ 200, 304, 412
                      └─ none ─────────────▶ 308 to the folder's page, 404
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from starlette.types import Message, Receive, Scope, Send

from publisher.web.conditional import CONDITIONS, evaluate
from publisher.web.media_types import PAGE
from publisher.web.negotiation import Coding, choose_coding
from publisher.web.representations import Representation, Terms, body_of, start_of
from publisher.web.security import PAGE_HEADERS, answer_headers
from publisher.web.shelf import INDEX, Shelf

MEMORY = 64 * 2**20
"""Bytes for published files."""
_NOT_FOUND = "404.html"
_METHODS = ("GET", "HEAD")
_RETRY_SECONDS = 10
_NOTHING = body_of(b"")
_HINT = "check feeds.output and the rights in it"
_TEXT = "text/plain; charset=utf-8"
_NOT_KEPT = ("cache-control", "no-store")

_Answer = tuple[Message, Message]
"""The start and the body."""


class PublishedFiles:
    """Answers a request for what lies in the output folder. An ASGI application."""

    def __init__(
        self,
        folder: Path,
        *,
        site_url: str,
        hub: str | None,
        max_age: int,
        now: Callable[[], datetime],
        memory: int = MEMORY,
    ) -> None:
        """`max_age`: seconds for which readers and proxies may keep an answer; `memory`: bytes for files."""
        self._shelf = Shelf(
            folder, Terms(site_url=site_url, hub=hub, max_age=max_age), memory=memory, now=now
        )
        self._folder = folder
        self._root = unquote(urlsplit(site_url).path)
        self._headers = tuple(answer_headers(site_url).items())
        self._now = now
        self.counts: Counter[int] = Counter()
        """Answers by their status."""

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        start, body = self._answer(scope)
        self.counts[start["status"]] += 1
        await send(start)
        await send(_NOTHING if scope["method"] == "HEAD" else body)

    def _answer(self, scope: Scope) -> _Answer:
        if scope["method"] not in _METHODS:
            return self._refuse(scope["method"])
        path: str = scope["path"]
        fields = _fields_of(scope["headers"])
        coding = choose_coding(fields.get(b"accept-encoding", b""))
        try:
            found = self._shelf.find(self._name_of(path), coding)
            if found is None:
                return self._answer_without(path, scope["query_string"])
        except OSError as error:
            where = error.filename or self._folder
            sys.stderr.write(f"publisher: error: {where}: cannot be read ({error.strerror}); {_HINT}\n")
            return self._say(503, "This cannot be read just now.", ("retry-after", str(_RETRY_SECONDS)))
        if CONDITIONS.isdisjoint(fields):
            return _ok(found, fields), found.body
        return self._answer_on_condition(found, fields)

    def _answer_on_condition(self, found: Representation, fields: Mapping[bytes, bytes]) -> _Answer:
        status, etag = evaluate(fields, found.validators, self._now)
        if status == 304:
            return found.not_modified[etag], _NOTHING
        if status == 412:
            return self._say(412, "There is another version here.")
        return _ok(found, fields), found.body

    def _name_of(self, path: str) -> str:
        """The path under the output folder; empty, which names no file, outside of the site."""
        if not path.startswith(self._root):
            return ""
        name = path[len(self._root) :]
        return name + INDEX if not name or name.endswith("/") else name

    def _answer_without(self, path: str, query: bytes) -> _Answer:
        folder = path + "/"
        if self._shelf.has(self._name_of(folder)):
            # The page's links are relative to its folder. The address is ours, never what Host says.
            address = quote(folder) + (f"?{query.decode('latin-1')}" if query else "")
            return self._say(308, f"See {address}", ("location", address))
        page = self._shelf.find(_NOT_FOUND, Coding.IDENTITY)
        if page is None:
            return self._say(404, "There is nothing at this address.")
        headers = [("content-type", PAGE), *PAGE_HEADERS.items()]
        return self._start(404, page.body, *headers), page.body

    def _refuse(self, method: str) -> _Answer:
        allow = ("allow", ", ".join(_METHODS))
        if method == "OPTIONS":
            return start_of(204, [allow, _NOT_KEPT, *self._headers]), _NOTHING
        return self._say(405, "Files can only be read.", allow)

    def _say(self, status: int, text: str, *headers: tuple[str, str]) -> _Answer:
        body = body_of(f"{text}\n".encode())
        return self._start(status, body, ("content-type", _TEXT), *headers), body

    def _start(self, status: int, body: Message, *headers: tuple[str, str]) -> Message:
        length = ("content-length", str(len(body["body"])))
        return start_of(status, [*headers, length, _NOT_KEPT, *self._headers])


def _ok(found: Representation, fields: Mapping[bytes, bytes]) -> Message:
    """The start of a 200. Browsers ask for HTML before all; news readers do not."""
    if found.ok_in_browser is not None and b"text/html" in fields.get(b"accept", b""):
        return found.ok_in_browser
    return found.ok


def _fields_of(headers: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """The header fields by name, each once: lines of one name are one list (RFC 9110, 5.3)."""
    fields = dict(headers)
    if len(fields) < len(headers):
        fields = {name: b", ".join(value for each, value in headers if each == name) for name in fields}
    return fields
