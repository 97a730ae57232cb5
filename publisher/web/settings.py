"""Confirm, choose, leave: what the links in a reader's letters open.

A GET changes nothing: programs that look for dangerous links follow them all (RFC 9110, 9.2.1). A link that
is not right takes as long to be refused as one that is.
"""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from publisher.addresses import CONFIRM, PREFERENCES, UNSUBSCRIBE
from publisher.config import LANGUAGES
from publisher.delivery import confirmation_salt, is_genuine, named_subscriber, settings_salt, token_signer
from publisher.model import EditionKind
from publisher.store import consents, requests
from publisher.store.consents import Asked, Settings
from publisher.store.engine import reading, writing
from publisher.text.dates import local_time
from publisher.web.bodies import form_of
from publisher.web.site import Site

_PAUSES = (7, 14, 30, 90)
"""Days."""


def settings_routes(site: Site) -> list[Route]:
    desk = _Desk(site)
    return [
        Route(f"/{CONFIRM}/{{token}}", desk.confirm, methods=["GET", "POST"]),
        Route(f"/{PREFERENCES}/{{digest}}/{{token}}", desk.preferences, methods=["GET", "POST"]),
        Route(f"/{UNSUBSCRIBE}/{{digest}}/{{token}}", desk.unsubscribe, methods=["GET", "POST"]),
    ]


class _Desk:
    def __init__(self, site: Site) -> None:
        self._site = site

    def confirm(self, request: Request) -> Response:
        token = request.path_params["token"]
        subscriber_id = named_subscriber(token)
        with reading(self._site.engine) as connection:
            found = consents.asked_of(connection, subscriber_id, now=self._site.clock())
        asked = self._asked_by(token, found)
        if not asked:
            return self._site.message(request, "unknown", status=404)
        open_ = [each for each in asked if each.is_open]
        if open_ and request.method == "POST":
            with writing(self._site.engine) as connection:
                confirmed = consents.confirm(
                    connection, subscriber_id, edition_id=open_[0].asked_in, now=self._site.clock()
                )
            if confirmed:
                return self._see_settings(request, confirmed[0], subscriber_id, done="confirmed")
            open_ = []  # a second press came first
        if not open_:
            return self._site.message(request, "over", status=410)
        digests = [digest for each in open_ if (digest := self._site.find_digest(each.digest))]
        return self._site.page(request, "web_confirm.html.j2", digests=digests)

    def _asked_by(self, token: str, found: list[Asked]) -> list[Asked]:
        """What the letter with this token asked. One signature is checked, whatever was found."""
        editions = sorted({each.asked_in for each in found}) or [0]
        genuine = {each for each in editions if is_genuine(self._site.key, confirmation_salt(each), token)}
        return [each for each in found if each.asked_in in genuine]

    def preferences(self, request: Request) -> Response:
        person = self._person(request)
        if person is None:
            return self._site.message(request, "unknown", status=404)
        if request.method == "POST":
            self._change(request, person)
            return self._see_settings(request, request.path_params["digest"], person.id, done="saved")
        now, zone = self._site.clock(), self._site.config.site.timezone
        paused = person.paused_until if person.paused_until and person.paused_until > now else None
        return self._site.page(
            request,
            "web_preferences.html.j2",
            address=masked(person.address),
            digests=self._site.config.digests,
            chosen=person.confirmed,
            wanted=person.language or self._site.config.site.language,
            paused_until=local_time(paused, zone).date() if paused else None,
            pauses=_PAUSES,
            is_suppressed=person.is_suppressed,
            reply_to=self._site.config.delivery.reply_to.addr_spec,
            done=request.query_params.get("done", ""),
        )

    def _change(self, request: Request, before: Settings) -> None:
        fields = form_of(request)
        now = self._site.clock()
        offered = [digest.slug for digest in self._site.config.digests]
        language = fields.get("language", [""])[0]
        leaves = fields.get("leave", [""])[0] == "all"
        with writing(self._site.engine) as connection:
            left = consents.change_settings(
                connection,
                before,
                digests=[] if leaves else fields.get("digest", []),
                offered=offered,
                language=language if language in LANGUAGES else before.language,
                paused_until=_pause(fields.get("pause", ["keep"])[0], before.paused_until, now),
                now=now,
            )
            if left:
                goodbye = self._goodbye(request, before, tuple(left))
                requests.ask(connection, goodbye, now=now)

    def unsubscribe(self, request: Request) -> Response:
        """The page, and what a mail program does by itself when its reader says so (RFC 8058, 3.2)."""
        slug = request.path_params["digest"]
        person = self._person(request)
        if person is None:
            return self._site.message(request, "unknown", status=404)
        if request.method == "POST":
            now = self._site.clock()
            with writing(self._site.engine) as connection:
                if consents.leave(connection, person.id, slug, now=now):
                    requests.ask(connection, self._goodbye(request, person, (slug,)), now=now)
        digest = self._site.find_digest(slug)
        return self._site.page(
            request,
            "web_unsubscribe.html.j2",
            title=digest.title if digest else slug,
            left=request.method == "POST" or slug not in person.confirmed,
            settings=f"{self._site.root}{PREFERENCES}/{slug}/{request.path_params['token']}",
        )

    def _person(self, request: Request) -> Settings | None:
        """Whose link it is; None when it is nobody's."""
        digest, token = request.path_params["digest"], request.path_params["token"]
        with reading(self._site.engine) as connection:
            found = consents.with_id(connection, named_subscriber(token))
        return found if is_genuine(self._site.key, settings_salt(digest), token) else None

    def _goodbye(self, request: Request, person: Settings, left: tuple[str, ...]) -> requests.Request:
        return requests.Request(
            kind=EditionKind.GOODBYE,
            address=person.address,
            digests=left,
            language=person.language or self._site.language_of(request),
        )

    def _see_settings(self, request: Request, digest: str, subscriber_id: int, *, done: str) -> Response:
        token = token_signer(self._site.key, settings_salt(digest))(subscriber_id)
        where = f"{self._site.root}{PREFERENCES}/{digest}/{token}"
        query = f"lang={self._site.language_of(request)}&done={done}"
        return RedirectResponse(f"{where}?{query}", 303, headers={"cache-control": "no-store"})


def _pause(asked: str, before: datetime | None, now: datetime) -> datetime | None:
    if asked == "keep":
        return before
    return now + timedelta(days=int(asked)) if asked in map(str, _PAUSES) else None


def masked(address: str) -> str:
    """Enough for its owner to know it, and too little for who was forwarded the letter."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
