"""Answers that readers, feed readers and proxies may keep (RFC 9110, 13)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

_KEPT_BY_304 = frozenset({"Cache-Control", "Content-Language", "ETag", "Last-Modified", "Vary"})


def answer(
    request: Request, body: bytes, headers: Mapping[str, str], *, changed_at: datetime | None, max_age: int
) -> Response:
    """The body; 304 to a reader who has it already, by its entity tag."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fields = {
        **headers,
        "ETag": etag,
        "Cache-Control": f"public, max-age={max_age}",
        "X-Content-Type-Options": "nosniff",
    }
    if changed_at:
        fields["Last-Modified"] = format_datetime(changed_at, usegmt=True)
    if has_it(request.headers.getlist("if-none-match"), etag):
        return Response(None, 304, {name: fields[name] for name in fields.keys() & _KEPT_BY_304})
    return Response(body, 200, fields)


def has_it(if_none_match: list[str], etag: str) -> bool:
    """The weak comparison of RFC 9110, 8.8.3.2."""
    tags = (tag.strip().removeprefix("W/") for field in if_none_match for tag in field.split(","))
    return any(tag in {etag, "*"} for tag in tags)
