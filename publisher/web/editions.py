"""The archive of editions: lists, letters as they were sent, feeds. Made from the store when asked for."""

from collections.abc import Callable
from datetime import date
from functools import partial
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from publisher.addresses import EDITIONS, FeedFormat
from publisher.config.names import SLUG
from publisher.pipeline.edition_archive import ChooseLanguage, Document, EditionArchive
from publisher.store.engine import reading
from publisher.templating import template_errors
from publisher.web.documents import answer
from publisher.web.languages import choose_language
from publisher.web.media_types import PAGE
from publisher.web.security import PAGE_HEADERS
from publisher.web.site import Site

_LETTER_HEADERS = {
    **PAGE_HEADERS,
    "content-security-policy": (
        f"{PAGE_HEADERS['content-security-policy']}; script-src 'none'; style-src 'self' 'unsafe-inline'"
    ),
}
"""A letter's styles stand on its elements."""
_Make = Callable[[Connection, Request], Document | None]


def edition_routes(site: Site) -> list[Route]:
    pages = _EditionPages(site)
    top = f"/{EDITIONS}"
    digest, edition = f"{top}/{{digest}}", f"{top}/{{digest}}/{{day}}"
    return [
        Route(f"{top}/", partial(pages.page, pages.digests)),
        Route(f"{digest}/", partial(pages.page, pages.editions)),
        Route(f"{digest}/{FeedFormat.ATOM.filename}", partial(pages.feed, pages.editions_feed)),
        Route(f"{edition}/", partial(pages.page, pages.edition)),
        Route(f"{edition}/{FeedFormat.ATOM.filename}", partial(pages.feed, pages.edition_feed)),
        *(Route(folder, _to_folder) for folder in (top, digest, edition)),
        Route(f"{top}/{{rest:path}}", pages.not_found),
    ]


def _to_folder(request: Request) -> Response:
    """The links of a page are relative: its address has to end with a slash."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{quote(request.scope['path'])}/{query}", 308)


class _EditionPages:
    """Between HTTP and the archive."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._archive = EditionArchive(site.config, site.environment)

    def page(self, make: _Make, request: Request) -> Response:
        """HTML, in a language that the reader likes."""
        document = self._make(make, request)
        if document is None:
            return self.not_found(request)
        headers = {
            **(_LETTER_HEADERS if document.is_letter else PAGE_HEADERS),
            "content-type": PAGE,
            "content-language": document.language,
            "vary": "accept-language",
        }
        return answer(self._site, request, document.body, headers)

    def feed(self, make: _Make, request: Request) -> Response:
        """Atom: it is in the language it is in."""
        document = self._make(make, request)
        if document is None:
            return self.not_found(request)
        headers = {
            "content-type": f"{FeedFormat.ATOM.media_type}; charset=utf-8",
            "access-control-allow-origin": "*",
        }
        return answer(self._site, request, document.body, headers)

    def _make(self, make: _Make, request: Request) -> Document | None:
        with template_errors(), reading(self._site.engine) as connection:
            return make(connection, request)

    def not_found(self, request: Request) -> Response:
        return self._site.page(request, "not_found.html.j2", status=404)

    def digests(self, connection: Connection, request: Request) -> Document | None:
        return self._archive.digest_list(connection, choose=_chooser(request))

    def editions(self, connection: Connection, request: Request) -> Document | None:
        slug, page = _slug(request), _page(request)
        if slug is None or page is None:
            return None
        now = self._site.clock()
        return self._archive.edition_list(connection, slug, page=page, choose=_chooser(request), now=now)

    def editions_feed(self, connection: Connection, request: Request) -> Document | None:
        slug = _slug(request)
        return self._archive.edition_list_feed(connection, slug, now=self._site.clock()) if slug else None

    def edition(self, connection: Connection, request: Request) -> Document | None:
        slug, day = _slug(request), _day(request)
        if slug is None or day is None:
            return None
        now = self._site.clock()
        return self._archive.edition(connection, slug, day, choose=_chooser(request), now=now)

    def edition_feed(self, connection: Connection, request: Request) -> Document | None:
        slug, day = _slug(request), _day(request)
        if slug is None or day is None:
            return None
        return self._archive.edition_feed(connection, slug, day, now=self._site.clock())


def _chooser(request: Request) -> ChooseLanguage:
    asked, liked = request.query_params.get("lang"), request.headers.get("accept-language")
    return lambda among, default: choose_language(asked, liked, default, among=among)


def _slug(request: Request) -> str | None:
    slug: str = request.path_params["digest"]
    return slug if SLUG.fullmatch(slug) else None


def _day(request: Request) -> date | None:
    """A date has one address: `fromisoformat` knows more ways to write it."""
    text: str = request.path_params["day"]
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if str(day) == text else None


def _page(request: Request) -> int | None:
    text = request.query_params.get("page", "1")
    page = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    return page or None
