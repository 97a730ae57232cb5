"""The site as one ASGI application.

request ─ gate ─┬─ published files, from memory
                └─ routes: what is made for one reader, or of the store
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.addresses import ANSWERED
from publisher.config import Config
from publisher.errors import PublisherError
from publisher.store.engine import open_store
from publisher.web.bodies import BoundedBodies
from publisher.web.editions import edition_routes
from publisher.web.health import health_routes
from publisher.web.hosts import Hosts
from publisher.web.metrics import Measured, Meters
from publisher.web.published import PublishedFiles
from publisher.web.security import Guarded, answer_headers
from publisher.web.settings import settings_routes
from publisher.web.signup import signup_routes
from publisher.web.site import Clock, Site

_RETRY_SECONDS = "60"
_PATIENCE_SECONDS = 5
"""For another writer to end: a reader waits no longer."""
_THREADS = 40
"""anyio's own number: so many pages are made at once, and each may need the store."""


def build_app(config: Config, *, clock: Clock) -> ASGIApp:
    site = Site(config=config, clock=clock)
    files = PublishedFiles(
        config.feeds.output,
        site_url=config.site.url,
        hub=config.feeds.hub,
        max_age=config.web.max_age,
        now=clock,
    )
    meters = Meters(site, files.counts)
    routes = Starlette(
        routes=[
            *health_routes(site, meters),
            *edition_routes(site),
            *signup_routes(site),
            *settings_routes(site),
        ],
        middleware=[
            Middleware(Measured, meters, pages=ROUTES),
            Middleware(Guarded, answer_headers(config.site.url)),
            Middleware(BoundedBodies),
        ],
        exception_handlers={
            PublisherError: partial(_say_down, site),
            404: lambda request, _: site.message(request, "unknown", status=404),
        },
        lifespan=partial(_open_store, site),
    )
    # It would make an address of what the request says: without TLS behind a proxy, and with a token in it.
    routes.router.redirect_slashes = False
    return Gate(routes, files, Hosts(config), root=unquote(urlsplit(config.site.url).path))


@asynccontextmanager
async def _open_store(site: Site, _: Starlette) -> AsyncIterator[None]:
    with open_store(site.config.store_url, patience=_PATIENCE_SECONDS, connections=_THREADS) as engine:
        site.open(engine)
        yield


def _say_down(site: Site, request: Request, error: Exception) -> Response:
    """The machine is not well: its operator hears why, the reader to come again."""
    sys.stderr.write(f"publisher: error: {error}\n")
    try:
        answer = site.message(request, "down", status=503)
    except PublisherError:
        answer = PlainTextResponse("Something is wrong with us.\n", 503)
    answer.headers["retry-after"] = _RETRY_SECONDS
    return answer


PROBES = frozenset({"healthz", "metrics", "readyz"})
"""Asked by machines that know the server by its number; they stand at the root whatever the site's path."""
ROUTES = PROBES | ANSWERED
"""What the first part of a path is if it leads to no file."""


class Gate:
    """Lets in who knows the site's name, and shows the way."""

    def __init__(self, routes: ASGIApp, files: ASGIApp, hosts: Hosts, *, root: str) -> None:
        """`root` is the path of the site's address: "/", or "/news/"."""
        self._routes = routes
        self._files = files
        self._hosts = hosts
        self._root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._routes(scope, receive, send)
            return
        path: str = scope["path"]
        if path.lstrip("/") in PROBES:
            await self._routes(scope, receive, send)
            return
        await self._find(scope, path)(scope, receive, send)

    def _find(self, scope: Scope, path: str) -> ASGIApp:
        if not self._hosts.knows(scope):
            return self._hosts.refuse
        if not path.startswith(self._root):
            return self._files
        if path.removeprefix(self._root).partition("/")[0] not in ROUTES:
            return self._files
        scope["root_path"] = self._root.rstrip("/")
        return self._routes
