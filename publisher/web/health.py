"""Whether the site is well: for the machine that watches it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from publisher.web.site import Site


def health_routes(_: Site) -> list[Route]:
    return [Route("/healthz", _is_alive)]


def _is_alive(_: Request) -> Response:
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})
