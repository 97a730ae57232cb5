"""The published files, answered from memory."""

from pathlib import Path

from starlette.responses import FileResponse, PlainTextResponse
from starlette.types import Receive, Scope, Send


class PublishedFiles:
    """Answers a request for what lies in the output folder. An ASGI application."""

    def __init__(self, folder: Path, *, site_url: str, hub: str | None, max_age: int) -> None:
        """`max_age`: seconds for which readers and proxies may keep an answer."""
        self._folder = folder
        self._site_url = site_url
        self._hub = hub
        self._max_age = max_age

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._folder / scope["path"].lstrip("/")
        if path.is_dir():
            path /= "index.html"
        if path.is_file():
            await FileResponse(path)(scope, receive, send)
        else:
            await PlainTextResponse("not found", 404)(scope, receive, send)
