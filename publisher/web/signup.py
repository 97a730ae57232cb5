"""Subscribe, and ask for the link to one's settings: an address is given, and a letter goes to it.

Whatever is known of the address, the answer is the same, and takes the same time: what the store knows is
looked at later, by whoever writes the letters.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from itsdangerous import BadSignature, Signer
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.addresses import PREFERENCES, SUBSCRIBE, UNSUBSCRIBE
from publisher.config import LANGUAGES
from publisher.errors import RefusedError
from publisher.model import EditionKind
from publisher.store import requests
from publisher.store.engine import writing
from publisher.text.mailboxes import mailbox_key, parse_address
from publisher.web.bodies import form_of
from publisher.web.clients import network_of
from publisher.web.site import Site

SENT = f"{SUBSCRIBE}/sent"
_AT_LEAST = timedelta(seconds=2)
"""What a person needs to fill in the form, and a program does not."""
_AT_MOST = timedelta(days=1)
_LONGEST_ADDRESS = 254
"""RFC 5321, 4.5.3.1.3, without the brackets."""
_PER_MAILBOX = 10
"""In an hour, under whatever addresses."""
_RETRY_SECONDS = str(int(requests.WINDOW.total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was sent, as far as it can be read."""

    address: str = ""
    digests: tuple[str, ...] = ()
    language: str
    is_trapped: bool = False
    """A field that no person sees is filled in."""
    issued: str = ""
    """When we gave the form away, with our signature."""


Show = Callable[[Request, Form, str], Response]
"""Makes the page of a form again, with what was wrong in it: "address", "digests", "again", or ""."""


def signup_routes(site: Site) -> list[Route]:
    if not site.config.digests:
        return []
    desk = _Desk(site)
    return [
        Route(f"/{SUBSCRIBE}", desk.subscribe, methods=["GET", "POST"]),
        Route(f"/{SENT}", desk.sent, methods=["GET"]),
        Route(f"/{PREFERENCES}", desk.ask, methods=["GET", "POST"]),
        Route(f"/{UNSUBSCRIBE}", desk.ask, methods=["GET"]),
    ]


class _Desk:
    def __init__(self, site: Site) -> None:
        self._site = site

    def subscribe(self, request: Request) -> Response:
        if request.method == "POST":
            form = self._read(request)
            return self._take(request, form, self._show_subscribe, "" if form.digests else "digests")
        first = tuple(digest.slug for digest in self._site.config.digests[:1])
        form = Form(digests=first, language=self._site.language_of(request))
        return self._show_subscribe(request, form, "")

    def ask(self, request: Request) -> Response:
        if request.method == "POST":
            form = replace(self._read(request), digests=())
            return self._take(request, form, self._show_ask, "")
        return self._show_ask(request, Form(language=self._site.language_of(request)), "")

    def sent(self, request: Request) -> Response:
        return self._site.page(request, "web_sent.html.j2")

    def _take(self, request: Request, form: Form, show: Show, problem: str) -> Response:
        if form.is_trapped:  # a program, which need not know
            return self._see_sent(request)
        if problem or not self._is_timely(form.issued):
            return show(request, form, problem or "again")
        try:
            address = parse_address(form.address)
        except RefusedError:
            return show(request, form, "address")
        asked = requests.Request(
            kind=EditionKind.CONFIRMATION, address=address, digests=form.digests, language=form.language
        )
        now = self._site.clock()
        with writing(self._site.engine) as connection:
            if requests.take_allowance(connection, self._limits(request), now=now):
                # A full mailbox is not said: it would tell that somebody has been here before.
                if requests.take_allowance(connection, self._mailbox_limit(address), now=now):
                    requests.ask(connection, asked, now=now)
                return self._see_sent(request)
        refusal = self._site.message(request, "busy", status=429)
        refusal.headers["retry-after"] = _RETRY_SECONDS
        return refusal

    def _read(self, request: Request) -> Form:
        fields = form_of(request)

        def first(name: str) -> str:
            return fields.get(name, [""])[0]

        language = first("language")
        asked = fields.get("digest", [])
        return Form(
            address=first("address").strip()[: _LONGEST_ADDRESS + 1],
            digests=tuple(digest.slug for digest in self._site.config.digests if digest.slug in asked),
            language=language if language in LANGUAGES else self._site.language_of(request),
            is_trapped=bool(first("website")),
            issued=first("issued"),
        )

    def _limits(self, request: Request) -> list[tuple[str, int]]:
        """Networks are known again for an hour, and by a keyed hash only."""
        web = self._site.config.web
        network = self._bucket("network", str(network_of(self._site.client_of(request))))
        return [(network, web.signups_per_hour), ("all", web.signups_in_all)]

    def _mailbox_limit(self, address: str) -> list[tuple[str, int]]:
        """One mailbox has as many addresses as its owner likes: aigul+news@example.kz."""
        return [(self._bucket("mailbox", mailbox_key(address)), _PER_MAILBOX)]

    def _bucket(self, kind: str, name: str) -> str:
        return hmac.new(self._site.key, f"{kind}\n{name}".encode(), hashlib.sha256).hexdigest()

    def _issued(self, form: Form, problem: str) -> str:
        """When the form was given away. Who mends a letter in the address needs no two seconds for that."""
        if form.issued and problem != "again":
            return form.issued
        return self._signer().sign(str(int(self._site.clock().timestamp()))).decode()

    def _is_timely(self, issued: str) -> bool:
        try:
            since = self._site.clock().timestamp() - int(self._signer().unsign(issued.encode()))
        except (BadSignature, ValueError):
            return False
        return _AT_LEAST.total_seconds() <= since <= _AT_MOST.total_seconds()

    def _signer(self) -> Signer:
        return Signer(self._site.key, salt="form", digest_method=hashlib.sha256)

    def _see_sent(self, request: Request) -> Response:
        return self._site.lead_on(request, SENT)

    def _show_subscribe(self, request: Request, form: Form, problem: str) -> Response:
        return self._site.page(
            request,
            "web_subscribe.html.j2",
            status=422 if problem else 200,
            digests=self._site.config.digests,
            chosen=form.digests,
            wanted=form.language,
            address=form.address,
            problem=problem,
            issued=self._issued(form, problem),
        )

    def _show_ask(self, request: Request, form: Form, problem: str) -> Response:
        return self._site.page(
            request,
            "web_ask.html.j2",
            status=422 if problem else 200,
            address=form.address,
            problem=problem,
            issued=self._issued(form, problem),
        )
