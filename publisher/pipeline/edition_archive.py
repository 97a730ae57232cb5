"""editions → what anybody may read of them.

store ─┬─ lists of editions, and what is left of one whose letter may not be shown ─▶ pages
       ├─ the letter as it was sent
       └─ feeds
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from jinja2 import Environment
from sqlalchemy import Connection

from publisher.addresses import EDITIONS, FeedFormat, edition_path, editions_path, feed_path
from publisher.config import LANGUAGES, Config
from publisher.digest import UNSUBSCRIBE_TOKEN
from publisher.feeds import (
    Feed,
    Item,
    build_edition_feed,
    build_edition_item,
    build_editions_feed,
    build_item,
    render_feed,
    render_item,
)
from publisher.model import PublicEdition
from publisher.pages import Pages
from publisher.pipeline.topics import all_sections
from publisher.store import public_editions
from publisher.store.editions import load_texts
from publisher.teasers import build_teaser

PAGE = 50
"""Editions on one page of a list."""
_HEADLINES = 3
"""Of each edition there."""

ChooseLanguage = Callable[[Collection[str], str], str]
"""Of these languages the one that the reader likes best; else the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is answered, and when what it shows changed last."""

    body: bytes
    language: str
    is_letter: bool = False
    """It brings its styles along, as letters do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Digest:
    """A digest as its pages name it; one that is not configured any more has only its slug left."""

    slug: str
    title: str
    language: str


class EditionArchive:
    """Makes documents of what is in the store. None: there is no such thing."""

    def __init__(self, config: Config, environment: Callable[[str], Environment]) -> None:
        """`environment` is that of a language's templates."""
        self._config = config
        self._site = config.site
        self._digests = {
            digest.slug: _Digest(slug=digest.slug, title=digest.title, language=digest.language)
            for digest in config.digests
        }
        self._environment = environment

    def digest_list(self, connection: Connection, *, choose: ChooseLanguage) -> Document:
        """The digests that have editions, in the order of the config."""
        language = choose(LANGUAGES, self._site.language)
        found = {each.slug: each for each in public_editions.list_digests(connection)}
        slugs = [slug for slug in dict.fromkeys((*self._digests, *found)) if slug in found]
        body = self._pages(connection, language).answer(
            "digest_list.html.j2",
            path=f"{EDITIONS}/",
            digests=[{"digest": self._digest(slug), "count": found[slug]} for slug in slugs],
        )
        return Document(body=body, language=language)

    def edition_list(
        self, connection: Connection, slug: str, *, page: int, choose: ChooseLanguage, now: datetime
    ) -> Document | None:
        """The editions of a digest, newest first; `page` counts from 1."""
        language = choose(LANGUAGES, self._site.language)
        found = public_editions.list_editions(
            connection, slug, language=language, limit=PAGE + 1, offset=(page - 1) * PAGE, now=now
        )
        shown, digest = found[:PAGE], self._digest(slug)
        if not shown and (page > 1 or slug not in self._digests):
            return None
        told = public_editions.headlines(connection, [edition.id for edition in shown], now=now)
        body = self._pages(connection, language).answer(
            "edition_list.html.j2",
            path=editions_path(slug),
            query={"page": str(page)} if page > 1 else {},
            feed={
                "path": feed_path(f"{EDITIONS}/{slug}", FeedFormat.ATOM),
                "title": f"{digest.title} ({FeedFormat.ATOM.label})",
            },
            digest=digest,
            editions=[
                {
                    "edition": edition,
                    "title": self._title(edition, edition.language),
                    "headlines": told[edition.id][:_HEADLINES],
                }
                for edition in shown
            ],
            newer=page - 1,
            older=page + 1 if len(found) > PAGE else None,
        )
        return Document(body=body, language=language)

    def edition(
        self, connection: Connection, slug: str, day: date, *, choose: ChooseLanguage, now: datetime
    ) -> Document | None:
        """The letter as it was sent. Where it tells a story that may not be seen any more, the rest of them.

        Its bytes are frozen: a story cannot be taken out, and to render them anew would be another letter.
        """
        edition = public_editions.find_edition(connection, slug, day, now=now)
        if edition is None:
            return None
        if not edition.whole:
            return self._rest(connection, edition, choose(LANGUAGES, self._site.language), now=now)
        letters = load_texts(connection, edition.id)
        language = choose(letters.keys(), edition.language)
        return Document(
            body=_without_reader(letters[language].html, slug).encode(),
            language=language,
            is_letter=True,
        )

    def _rest(
        self, connection: Connection, edition: PublicEdition, language: str, *, now: datetime
    ) -> Document:
        titles = self._section_titles(connection)
        stories = public_editions.told_stories(connection, edition.id, now=now)
        body = self._pages(connection, language).answer(
            "edition_rest.html.j2",
            path=edition_path(edition.digest, edition.local_date),
            digest=self._digest(edition.digest),
            edition=edition,
            stories=[build_teaser(self._site, story, titles) for story in stories],
        )
        return Document(body=body, language=language)

    def edition_list_feed(self, connection: Connection, slug: str, *, now: datetime) -> Document | None:
        """Atom, an entry for each of the newest editions."""
        found = public_editions.list_editions(
            connection, slug, language=None, limit=self._config.feeds.limit, now=now
        )
        digest = self._digest(slug)
        if not found and slug not in self._digests:
            return None
        told = public_editions.headlines(connection, [edition.id for edition in found], now=now)
        items = [
            build_edition_item(
                self._site, edition, told[edition.id], title=self._title(edition, edition.language)
            )
            for edition in found
        ]
        feed = build_editions_feed(
            self._site, slug, title=digest.title, language=digest.language, updated_at=_latest(found)
        )
        return _to_document(feed, items)

    def edition_feed(self, connection: Connection, slug: str, day: date, *, now: datetime) -> Document | None:
        """Atom, the stories of one edition as they are now."""
        edition = public_editions.find_edition(connection, slug, day, now=now)
        if edition is None:
            return None
        stories = public_editions.told_stories(connection, edition.id, now=now)
        titles = self._section_titles(connection)
        updated_at = max((edition.changed_at, *(story.updated_at for story in stories)))
        feed = build_edition_feed(
            self._site,
            edition,
            title=self._dated_title(edition, edition.language),
            updated_at=updated_at,
            tombstones=public_editions.tombstones(connection, edition.id),
        )
        items = [build_item(self._site, story, titles) for story in stories]
        return _to_document(feed, items)

    def _digest(self, slug: str) -> _Digest:
        return self._digests.get(slug) or _Digest(slug=slug, title=slug, language=self._site.language)

    def _title(self, edition: PublicEdition, language: str) -> str:
        """Its subject, which may name a story."""
        return edition.subject if edition.whole else self._dated_title(edition, language)

    def _dated_title(self, edition: PublicEdition, language: str) -> str:
        day = self._environment(language).filters["long_date"](edition.local_date)
        return f"{self._digest(edition.digest).title}, {day}"

    def _pages(self, connection: Connection, language: str) -> Pages:
        return Pages(
            self._environment(language),
            self._site,
            all_sections(self._config, connection),
            by_mail=bool(self._digests),
        )

    def _section_titles(self, connection: Connection) -> dict[str, str]:
        return {section.slug: section.title for section in all_sections(self._config, connection)}


def _latest(found: Iterable[PublicEdition]) -> datetime | None:
    return max((edition.changed_at for edition in found), default=None)


def _without_reader(html: str, digest: str) -> str:
    """Links that belong to one reader lead to where anybody says who they are."""
    return re.sub(rf"/([a-z]+)/{re.escape(digest)}/{re.escape(UNSUBSCRIBE_TOKEN)}", r"/\1", html)


def _to_document(feed: Feed, items: Iterable[Item]) -> Document:
    newest_first = sorted(items, key=lambda item: item.published_at, reverse=True)
    entries = [render_item(item, FeedFormat.ATOM) for item in newest_first]
    return Document(body=render_feed(feed, entries, FeedFormat.ATOM), language=feed.language)
