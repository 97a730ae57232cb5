"""What every page of the web starts from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment
from sqlalchemy import Engine
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from publisher.config import Config, Digest
from publisher.pages import Pages
from publisher.pipeline.sending import signing_key
from publisher.pipeline.topics import all_sections
from publisher.store.engine import reading, writing
from publisher.templating import build_environment, template_errors
from publisher.web.clients import client_address
from publisher.web.languages import choose_language
from publisher.web.security import PAGE_HEADERS

Clock = Callable[[], datetime]
_OWN = {"cache-control": "no-store", "referrer-policy": "no-referrer", "vary": "accept-language"}
"""Of a page made for one reader: its address may hold a token, which no other site shall hear of."""


@dataclass(slots=True, kw_only=True)
class Site:
    """The newsroom's settings and its store, which is open while requests are answered."""

    config: Config
    clock: Clock
    engine: Engine = field(init=False)
    key: bytes = field(init=False)
    """Signs tokens."""
    environment: Callable[[str], Environment] = field(init=False)
    """Of a language's templates: made once, it sees when they are edited."""

    def __post_init__(self) -> None:
        self.environment = cache(partial(build_environment, self.config.templates))

    def open(self, engine: Engine) -> None:
        self.engine = engine
        with writing(engine) as connection:
            self.key = signing_key(self.config, connection)

    @property
    def root(self) -> str:
        """The path of the site's address: "/", or "/news/"."""
        return urlsplit(self.config.site.url).path

    def client_of(self, request: Request) -> IPv4Address | IPv6Address:
        """Who asks, behind the proxies that are ours."""
        return client_address(
            request.client.host if request.client else None,
            request.headers.getlist("x-forwarded-for"),
            self.config.web.trusted_proxies,
        )

    def find_digest(self, slug: str) -> Digest | None:
        return next((digest for digest in self.config.digests if digest.slug == slug), None)

    def language_of(self, request: Request) -> str:
        """Of the page that answers."""
        return choose_language(
            request.query_params.get("lang"),
            request.headers.get("accept-language"),
            self.config.site.language,
        )

    def page(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page for one reader, in their language, in the site's frame.

        Raises:
            ConfigError: the template fails.
        """
        language = self.language_of(request)
        with template_errors(), reading(self.engine) as connection:
            pages = Pages(
                self.environment(language),
                self.config.site,
                all_sections(self.config, connection),
                by_mail=bool(self.config.digests),
            )
            html = pages.personal(template, **context)
        headers = {**PAGE_HEADERS, **_OWN, "content-language": language}
        return HTMLResponse(html, status, headers=headers)

    def lead_on(self, request: Request, path: str, **query: str) -> Response:
        """To another page, so that to reload it sends nothing again; in the language of this one."""
        asked = urlencode({"lang": self.language_of(request), **query})
        return RedirectResponse(f"{self.root}{path}?{asked}", 303, headers={"cache-control": "no-store"})

    def message(self, request: Request, what: str, *, status: int) -> Response:
        """A page with one thing to say: see web_message.html.j2."""
        return self.page(request, "web_message.html.j2", status=status, what=what)
