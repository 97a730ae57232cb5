"""What an answer tells browsers not to do."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_YEAR = 365 * 86_400
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "content-security-policy": (
            "default-src 'self'; base-uri 'none'; form-action 'self'; "
            "frame-ancestors 'none'; object-src 'none'"
        ),
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
        "referrer-policy": "strict-origin-when-cross-origin",
    }
)
"""For HTML, beside those of every answer."""


def answer_headers(site_url: str) -> Mapping[str, str]:
    """For every answer of a site at that address."""
    headers = {"x-content-type-options": "nosniff"}
    if urlsplit(site_url).scheme == "https":
        # No includeSubDomains: the newsroom's other names are not ours to decide about (RFC 6797, 6.1.2).
        headers["strict-transport-security"] = f"max-age={_YEAR}"
    return headers


class Guarded:
    """Gives the answers of an application headers that they lack."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarding(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, guarding)
