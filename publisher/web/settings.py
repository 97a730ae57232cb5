"""Confirm, choose, leave: what the links in a reader's letters open.

A GET changes nothing: programs that look for dangerous links follow them all (RFC 9110, 9.2.1). A link that
is not right takes as long to be refused as one that is.
"""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.addresses import CONFIRM, PREFERENCES, UNSUBSCRIBE
from publisher.config import LANGUAGES
from publisher.delivery import confirmation_salt, is_genuine, named_subscriber, settings_salt, token_signer
from publisher.model import EditionKind
from publisher.store import consents, requests
from publisher.store.consents import Settings
from publisher.store.engine import reading, writing
from publisher.text.dates import local_time
from publisher.web.bodies import form_of
from publisher.web.signup import SENT
from publisher.web.site import Site

_PAUSES = (7, 14, 30, 90)
"""Days."""
_END = "end"
"""The last field of a form: when it is there, all the others are."""


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
        subscriber_id, now = named_subscriber(token), self._site.clock()
        with reading(self._site.engine) as connection:
            letter = self._letter_of(token, consents.confirmation_letters(connection, subscriber_id))
            slugs = consents.to_confirm(connection, subscriber_id, edition_id=letter or 0, now=now)
        if letter is None:
            return self._site.message(request, "unknown", status=404)
        if slugs and request.method == "POST":
            with writing(self._site.engine) as connection:
                slugs = consents.confirm(connection, subscriber_id, edition_id=letter, now=now)
            if slugs:  # else a second press came first
                return self._see_settings(request, slugs[0], subscriber_id, done="confirmed")
        if not slugs:
            return self._site.message(request, "over", status=410)
        digests = [digest for slug in slugs if (digest := self._site.find_digest(slug))]
        return self._site.page(request, "web_confirm.html.j2", digests=digests)

    def _letter_of(self, token: str, letters: list[int]) -> int | None:
        """The letter that holds the token. A signature is checked, whatever was found."""
        key = self._site.key
        return next((e for e in letters or [0] if is_genuine(key, confirmation_salt(e), token)), None)

    def preferences(self, request: Request) -> Response:
        person = self._person(request)
        if person is None:
            return self._site.message(request, "unknown", status=404)
        if request.method == "POST":
            return self._change(request, person)
        now, zone = self._site.clock(), self._site.config.site.timezone
        paused = person.paused_until if person.paused_until and person.paused_until > now else None
        return self._site.page(
            request,
            "web_preferences.html.j2",
            address=masked(person.address),
            digests=self._site.config.digests,
            chosen=person.confirmed,
            wanted=person.language or "",
            paused_until=local_time(paused, zone).date() if paused else None,
            pauses=_PAUSES,
            is_suppressed=person.is_suppressed,
            reply_to=self._site.config.delivery.reply_to.addr_spec,
            done=request.query_params.get("done", ""),
        )

    def _change(self, request: Request, before: Settings) -> Response:
        fields = form_of(request)
        if _END not in fields:  # what did not arrive must not count as unticked
            return self._site.message(request, "torn", status=400)
        if fields.get("leave") == ["all"]:
            self._leave(request, before)
            return self._see_settings(request, request.path_params["digest"], before.id, done="saved")
        asked = set(fields.get("digest", []))
        ticked = [digest.slug for digest in self._site.config.digests if digest.slug in asked]
        joined = tuple(slug for slug in ticked if slug not in before.confirmed)
        left = tuple(
            digest.slug
            for digest in self._site.config.digests
            if digest.slug in before.confirmed and digest.slug not in asked
        )
        now = self._site.clock()
        asked_anew = tuple(slug for slug in joined if not _holds_mailbox(before, slug, now))
        with writing(self._site.engine) as connection:
            consents.set_manner(
                connection,
                before.id,
                language=_language(fields.get("language", ["keep"])[0], before.language),
                paused_until=_pause(fields.get("pause", ["keep"])[0], before.paused_until, now),
            )
            for slug in joined:
                if slug not in asked_anew:
                    consents.join(connection, before.id, slug, now=now)
            for slug in left:
                consents.leave(connection, before.id, slug, now=now)
            if left:
                requests.ask(connection, self._goodbye(request, before, left), now=now)
            if asked_anew:
                requests.ask(connection, self._confirmation(request, before, asked_anew), now=now)
        if asked_anew:
            return self._site.lead_on(request, SENT)
        return self._see_settings(request, request.path_params["digest"], before.id, done="saved")

    def _leave(self, request: Request, person: Settings) -> None:
        now = self._site.clock()
        with writing(self._site.engine) as connection:
            if left := consents.leave_all(connection, person.id, now=now):
                requests.ask(connection, self._goodbye(request, person, tuple(left)), now=now)

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
        return self._request(request, person, left, EditionKind.GOODBYE)

    def _confirmation(self, request: Request, person: Settings, wanted: tuple[str, ...]) -> requests.Request:
        return self._request(request, person, wanted, EditionKind.CONFIRMATION)

    def _request(
        self, request: Request, person: Settings, digests: tuple[str, ...], kind: EditionKind
    ) -> requests.Request:
        language = person.language or self._site.language_of(request)
        return requests.Request(kind=kind, address=person.address, digests=digests, language=language)

    def _see_settings(self, request: Request, digest: str, subscriber_id: int, *, done: str) -> Response:
        token = token_signer(self._site.key, settings_salt(digest))(subscriber_id)
        return self._site.lead_on(request, f"{PREFERENCES}/{digest}/{token}", done=done)


def _holds_mailbox(person: Settings, digest: str, now: datetime) -> bool:
    """Who gets letters of ours does, and who left in the last day. Others show it by answering a letter."""
    return bool(person.confirmed) or (
        digest in person.left and now - person.changed[digest] < requests.SILENCE
    )


def _language(asked: str, before: str | None) -> str | None:
    """Nothing: each digest's own."""
    if not asked:
        return None
    return asked if asked in LANGUAGES else before


def _pause(asked: str, before: datetime | None, now: datetime) -> datetime | None:
    if asked == "keep":
        return before
    return now + timedelta(days=int(asked)) if asked in map(str, _PAUSES) else None


def masked(address: str) -> str:
    """Enough for its owner to know it, and too little for who was forwarded the letter."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"
