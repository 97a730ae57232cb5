"""What a form sends: small, soon, and read before anything else is done."""

import asyncio
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 4096
"""Bytes."""
_SECONDS = 10
_BODY = "publisher.body"


class BoundedBodies:
    """Reads a request's body before the page is asked: 413 when it is too large, 408 when it is too slow."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            try:
                async with asyncio.timeout(_SECONDS):
                    scope[_BODY] = await _read(receive)
            except ConnectionError:  # half a form is none; if the client has gone, nobody hears of it
                await _refuse(400, "The request did not arrive whole.\n")(scope, receive, send)
                return
            except TimeoutError:
                await _refuse(408, "The request came too slowly.\n")(scope, receive, send)
                return
            if scope[_BODY] is None:
                await _refuse(413, f"A request has {LIMIT} bytes at most.\n")(scope, receive, send)
                return
        await self._app(scope, receive, send)


async def _read(receive: Receive) -> bytes | None:
    """None when it is too large; ConnectionError when the client has gone."""
    body, more = b"", True
    while more:
        message: Message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        body += message.get("body", b"")
        if len(body) > LIMIT:
            return None
        more = message.get("more_body", False)
    return body


def _refuse(status: int, text: str) -> PlainTextResponse:
    # The rest of the body is not read: the connection cannot be used again.
    return PlainTextResponse(text, status, headers={"Connection": "close", "Cache-Control": "no-store"})


def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a form (application/x-www-form-urlencoded); empty when the body is none."""
    body: bytes = request.scope[_BODY]
    try:
        return parse_qs(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:  # not UTF-8
        return {}
