"""Answers made from the store that readers, feed readers and proxies may keep."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from publisher.web.conditional import CONDITIONS, Validators, evaluate
from publisher.web.site import Site

_BY_PROXIES = ("", "-gzip", "-br")
"""What proxies that compress put behind a tag."""


def answer(site: Site, request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    """The body, or that the reader has it already.

    Only its bytes tell: what a page shows has several sources and languages, and no one time of change.
    """
    digest = hashlib.sha256(body).hexdigest()[:32]
    etag = f'"{digest}"'
    fields = {
        "cache-control": f"public, max-age={site.config.web.max_age}",
        **headers,
    }
    held = Validators(
        etag=etag.encode(),
        tags=frozenset(f'"{digest}{coding}"'.encode() for coding in _BY_PROXIES),
        modified_at=None,
    )
    status, known = evaluate(_conditions(request), held, site.clock)
    if status == HTTPStatus.PRECONDITION_FAILED:
        return PlainTextResponse("There is another version here.\n", status)
    if status == HTTPStatus.NOT_MODIFIED:
        fields.pop("content-type")
        return Response(None, status, {**fields, "etag": known.decode()})
    return Response(body, status, {**fields, "etag": etag})


def _conditions(request: Request) -> dict[bytes, bytes]:
    """Lines of one name are one list (RFC 9110, 5.3)."""
    lines: dict[bytes, list[bytes]] = {}
    for name, value in request.headers.raw:
        if name in CONDITIONS:
            lines.setdefault(name, []).append(value)
    return {name: b", ".join(values) for name, values in lines.items()}
