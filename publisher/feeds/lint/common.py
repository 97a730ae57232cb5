"""What is checked of every feed, whatever its format."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from publisher.feeds.lint.content import SCRIPT_SCHEMES, has_markup, scan, scheme_of
from publisher.feeds.lint.dates import Stamp
from publisher.feeds.lint.document import Document, Entry, Kind, Link
from publisher.feeds.lint.finding import Finding, quote
from publisher.feeds.lint.rules import Rule

_AHEAD = timedelta(minutes=5)
"""How far a clock may be wrong."""
_REFUSED = SCRIPT_SCHEMES | {"file:", "about:", "blob:"}
_WEB = re.compile(r"https?://[^\s/?#]", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:[a-z]{2,8}|[ix])(?:-[a-z0-9]{1,8})*", re.IGNORECASE | re.ASCII)


def check_document(document: Document, *, now: datetime, urls: Collection[str] = ()) -> Iterator[Finding]:
    """All rules that look the same in every format. `urls` are the addresses the feed was fetched from."""
    yield from _check_head(document, urls)
    yield from _check_languages(document)
    yield from _check_links(document.links, "")
    for stamp in document.stamps:
        yield from _check_stamp(stamp, "", now)
    for entry in document.entries:
        yield from _check_entry(entry, now)
    yield from _check_ids(document.entries)
    yield from _check_order(document.entries)
    if document.kind is Kind.ATOM:
        yield from _check_updated(document.entries)


def _check_head(document: Document, urls: Collection[str]) -> Iterator[Finding]:
    if not document.title:
        yield Rule.FEED_TITLE_MISSING.found("", "has no title")
    if not document.self_urls:
        yield Rule.SELF_MISSING.found("", "does not name its own address")
    elif urls and not set(document.self_urls) & set(urls):
        yield Rule.SELF_ELSEWHERE.found("", f"names {quote(document.self_urls[0])} as its own address")


def _check_languages(document: Document) -> Iterator[Finding]:
    languages = [entry.language for entry in document.entries]
    if document.language == "" and not (languages and all(languages)):
        yield Rule.LANGUAGE_MISSING.found("", "does not say which language it is in")
    for language in sorted(filter(None, {document.language, *languages})):
        if not _LANGUAGE.fullmatch(language):
            yield Rule.LANGUAGE_FORM.found("", f"names the language {quote(language)}")


def _check_links(links: Iterable[Link], place: str) -> Iterator[Finding]:
    for link in links:
        if not link.href:
            continue  # an empty rel=self or enclosure; its own rule says so
        scheme = scheme_of(link.href)
        shown = f"has {quote(link.href)} as {link.name}"
        if scheme in _REFUSED:
            yield Rule.LINK_SCHEME.found(place, shown)
        elif not scheme and not link.based:
            yield Rule.LINK_RELATIVE.found(place, shown)
        elif re.search(r"\s", link.href) or (scheme in {"http:", "https:"} and not _WEB.match(link.href)):
            yield Rule.LINK_FORM.found(place, shown)


def _check_entry(entry: Entry, now: datetime) -> Iterator[Finding]:
    yield from _check_links(entry.links, entry.place)
    for stamp in (entry.published, entry.updated):
        if stamp:
            yield from _check_stamp(stamp, entry.place, now)
    yield from _check_crossing(entry)
    if has_markup(entry.title):
        yield Rule.TITLE_MARKUP.found(entry.place, "has markup in its title")
    found: dict[Rule, str] = {}
    for content in entry.contents:
        found = scan(content.html, based=content.based) | found
    for rule, cause in found.items():
        yield rule.found(entry.place, cause)


def _check_stamp(stamp: Stamp, place: str, now: datetime) -> Iterator[Finding]:
    shown = f"has {quote(stamp.text)} as {stamp.name}"
    if not stamp.fits:
        yield Rule.DATE_FORM.found(place, f"{shown}, which is no date of {stamp.grammar.value}")
    if stamp.short_year:
        yield Rule.DATE_SHORT_YEAR.found(place, shown)
    if stamp.wrong_weekday:
        yield Rule.DATE_WEEKDAY.found(place, shown)
    if stamp.at and stamp.at > now + _AHEAD:
        yield Rule.DATE_FUTURE.found(place, f"{shown}, which is in the future")


def _check_crossing(entry: Entry) -> Iterator[Finding]:
    published, updated = entry.published, entry.updated
    if published and updated and published.at and updated.at and updated.at < published.at:
        yield Rule.DATES_CROSSED.found(
            entry.place, f"has its {updated.name} ({updated.text}) before its {published.name}"
        )


def _check_ids(entries: Sequence[Entry]) -> Iterator[Finding]:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.id and (other := first.setdefault(entry.id, entry)) is not entry:
            yield Rule.ID_TWICE.found(entry.place, f"has the id {quote(entry.id)} of {other.place}")


def _check_order(entries: Sequence[Entry]) -> Iterator[Finding]:
    """Newest first, by either date: RFC 4287 leaves open by which."""
    misplaced = []
    for stamps in ([entry.published for entry in entries], [entry.updated for entry in entries]):
        times = [
            (entry, stamp.at) for entry, stamp in zip(entries, stamps, strict=True) if stamp and stamp.at
        ]
        if len(times) < 2:
            continue
        later = next((entry for (_, one), (entry, two) in pairwise(times) if two > one), None)
        if later is None:
            return
        misplaced.append(later)
    if misplaced:
        yield Rule.ORDER.found(misplaced[0].place, "is newer than the entry before it")


def _check_updated(entries: Sequence[Entry]) -> Iterator[Finding]:
    first: dict[datetime, Entry] = {}
    for entry in entries:
        if entry.updated and entry.updated.at:
            other = first.setdefault(entry.updated.at, entry)
            if other is not entry:
                yield Rule.UPDATED_TWICE.found(
                    entry.place, f"was updated at the same instant as {other.place}"
                )
