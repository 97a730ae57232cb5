"""Whether the site is well: for the machine that watches it."""

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from publisher.addresses import ALL_STORIES, FeedFormat, feed_path
from publisher.errors import PublisherError
from publisher.store.engine import reading
from publisher.store.gauges import touch
from publisher.web.metrics import CONTENT_TYPE, Meters
from publisher.web.site import Site

_NOT_KEPT = {"cache-control": "no-store"}


def health_routes(site: Site, meters: Meters) -> list[Route]:
    desk = _Desk(site, meters)
    return [
        Route("/healthz", desk.is_alive),
        Route("/readyz", desk.is_ready),
        Route("/metrics", desk.metrics),
    ]


class _Desk:
    def __init__(self, site: Site, meters: Meters) -> None:
        self._site = site
        self._meters = meters

    def is_alive(self, _: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n", headers=_NOT_KEPT)

    def is_ready(self, request: Request) -> Response:
        """It has what it needs to answer readers; who may know, is told what it lacks."""
        lacks = self._find_lacks()
        status = 503 if lacks else 200
        if not self._is_insider(request):
            return PlainTextResponse("not ready\n" if lacks else "ok\n", status, headers=_NOT_KEPT)
        body = msgspec.json.encode({"ready": not lacks, "lacks": lacks})
        return Response(body, status, headers=_NOT_KEPT, media_type="application/json")

    def _find_lacks(self) -> list[str]:
        lacks = []
        try:
            with reading(self._site.engine) as connection:
                touch(connection)
        except PublisherError as error:
            lacks.append(str(error))
        output = self._site.config.feeds.output
        if not (output / feed_path(ALL_STORIES.folder, FeedFormat.RSS)).is_file():
            lacks.append(f"{output}: holds no feeds; run publisher publish")
        return lacks

    def metrics(self, request: Request) -> Response:
        if not self._is_insider(request):
            return PlainTextResponse("Not for everybody: see web.metrics_from.\n", 403, headers=_NOT_KEPT)
        return Response(self._meters.read(), headers={**_NOT_KEPT, "content-type": CONTENT_TYPE})

    def _is_insider(self, request: Request) -> bool:
        address = self._site.client_of(request)
        return any(address in network for network in self._site.config.web.metrics_from)
