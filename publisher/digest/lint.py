"""What must be right with a letter before anybody gets it. Pure: a letter and facts in, problems out."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from publisher.addresses import is_answered
from publisher.digest.compose import Composition, Story
from publisher.digest.render import UNSUBSCRIBE_MARK, UNSUBSCRIBE_TOKEN
from publisher.errors import Problem
from publisher.model import EditionText

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_HTML = 75_000
"""Bytes. Gmail cuts a letter at 102 KB, and what the token and the encoding add is not ours to foresee."""
MAX_SUBJECT = 250
"""Characters. A header line ends at 998 bytes (RFC 5322, 2.1.1), and a character takes up to four."""
_LEFT_OVER = ("{{", "{%")
_ADDRESS = re.compile(r"https?://[^\s<>\"»]+")
_AFTER_ADDRESS = ".,;:!?)]"
_PIXELS = re.compile(r"\s*(\d+)\s*(?:px)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a letter is held against."""

    name: str
    """Of the letter, for people: `senat-daily 2024-03-26`."""
    site_url: str
    stories: tuple[Story, ...]
    more_url: str | None
    """Where the rest of the stories is, when there is a rest."""
    paths: Collection[str]
    """Those of `site_paths` that exist."""


def facts_of(composition: Composition, *, site_url: str, paths: Collection[str]) -> Facts:
    return Facts(
        name=f"{composition.digest.slug} {composition.local_date}",
        site_url=site_url,
        stories=composition.stories,
        more_url=composition.more_url if composition.more else None,
        paths=paths,
    )


def is_too_large(letter: EditionText) -> bool:
    return len(letter.html.encode()) > MAX_HTML


def lint(letter: EditionText, facts: Facts) -> list[Problem]:
    """Everything that is wrong with the letter; nothing when it may go."""
    found = [
        *_subject(letter.subject),
        *_size(letter),
        *_text(letter.text, facts),
        *_images(letter.html),
        *_links(letter, facts),
        *_left_over(letter, facts),
        *_token(letter),
    ]
    where = f"{facts.name} ({letter.language})"
    return [Problem(where=where, cause=cause, hint=hint) for cause, hint in found]


Finding = tuple[str, str]
"""Cause and hint."""


def _subject(subject: str) -> Iterator[Finding]:
    hint = "look at the digest's `subject`"
    if not subject.strip():
        yield "the subject is empty", hint
    if len(subject) > MAX_SUBJECT:
        yield f"the subject has {len(subject)} characters; {MAX_SUBJECT} are the limit", hint
    if not subject.isprintable():
        yield "the subject holds a control character", hint


def _size(letter: EditionText) -> Iterator[Finding]:
    if is_too_large(letter):
        size = len(letter.html.encode())
        yield (
            f"the HTML has {size} bytes; mail clients cut beyond {MAX_HTML}",
            "shorten the template or leads",
        )


def _text(text: str, facts: Facts) -> Iterator[Finding]:
    """RFC 2046, 5.1.4: the parts of an alternative say the same."""
    hint = "look at the template of the text"
    if not text.strip():
        yield "there is no text part", hint
        return
    words = " ".join(text.split())
    for story in facts.stories:
        if " ".join(story.title.split()) not in words:
            yield f"the text part does not name «{story.title}»", hint
        if story.url not in text:
            yield f"the text part does not link to {story.url}", hint
    if facts.more_url and facts.more_url not in text:
        yield f"the text part does not link to {facts.more_url}", hint


def _images(html: str) -> Iterator[Finding]:
    for image in _parse(html).iter("img"):
        source = image.get("src") or "an image"
        if image.get("alt") is None:
            yield f"{source} has no alt text", 'write alt="…", or alt="" if it is decoration'
        sizes = [size for name in ("width", "height") if (size := _pixels(image, name)) is not None]
        if sizes and max(sizes) <= 1:
            yield f"{source} is a tracking pixel", "take it out: nobody is watched here"


def _pixels(image: "HtmlElement", name: str) -> int | None:
    declarations = (part.partition(":") for part in (image.get("style") or "").split(";"))
    styles = {key.strip().lower(): value for key, _, value in declarations}
    found = _PIXELS.fullmatch(styles.get(name) or image.get(name) or "")
    return int(found[1]) if found else None


def _links(letter: EditionText, facts: Facts) -> Iterator[Finding]:
    for attribute, address in dict.fromkeys(_addresses(letter.html)):
        schemes = {"http", "https"} if attribute == "src" else {"http", "https", "mailto"}
        parts = _split(address)
        if parts.scheme not in schemes or not (parts.netloc or parts.scheme == "mailto"):
            yield f"{address or 'an empty address'} is no address that works in mail", "write https://…"
    not_ours = {address for story in facts.stories for address in _addresses_of_story(story)}
    for address, path in _inside(letter, facts.site_url).items():
        if path not in facts.paths and address not in not_ours:
            yield f"{address} leads nowhere", "publish first, or mend the template"


def _addresses_of_story(story: Story) -> Iterator[str]:
    """Those that a story brings along: its own, where it has one, and what it writes of in its lead."""
    if story.page is None:
        yield story.url
    for words in (story.title, story.summary):
        yield from _addresses_in(words)


def site_paths(letter: EditionText, site_url: str) -> set[str]:
    """The files under the output folder that the letter links to."""
    return set(_inside(letter, site_url).values())


def _inside(letter: EditionText, site_url: str) -> dict[str, str]:
    """The addresses that point inside the site, each with the file that must be there."""
    in_html = (address for _, address in _addresses(letter.html))
    found = {}
    for address in (*in_html, *_addresses_in(letter.text)):
        path = _site_path(address, site_url)
        if path is not None and not is_answered(path):
            found[address] = f"{path}index.html" if path.endswith("/") or not path else path
    return found


def _site_path(address: str, site_url: str) -> str | None:
    """What stands behind the site's own address; None for other sites."""
    parts, site = _split(address), urlsplit(site_url)
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() != site.netloc.lower():
        return None
    path = parts.path or "/"
    return unquote(path.removeprefix(site.path)) if path.startswith(site.path) else None


def _addresses_in(text: str) -> Iterator[str]:
    return (address.rstrip(_AFTER_ADDRESS) for address in _ADDRESS.findall(text))


def _split(address: str) -> SplitResult:
    """Its parts; no part at all when it cannot be an address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _addresses(html: str) -> Iterator[tuple[str, str]]:
    """Attribute and value of all that the HTML links to."""
    for element in _parse(html).iter("*"):
        for attribute in ("href", "src", "action"):
            if (value := element.get(attribute)) is not None:
                yield attribute, value.strip()


def _parse(html: str) -> "HtmlElement":
    from lxml.html import document_fromstring  # premailer has loaded it when a letter is made

    return document_fromstring(f"<html>{html}")  # of nothing at all it would make an error


def _left_over(letter: EditionText, facts: Facts) -> Iterator[Finding]:
    for name, source in (("HTML", letter.html), ("text part", letter.text), ("subject", letter.subject)):
        left = _without_stories(unescape(source), facts.stories)
        for sign in _LEFT_OVER:
            if sign in left:
                yield f"the {name} holds «{sign}»", "something of the template was not filled in"


def _without_stories(source: str, stories: Collection[Story]) -> str:
    """A story may tell of templates; only ours must be filled in."""
    for story in stories:
        for words in (story.title, story.summary):
            if any(sign in words for sign in _LEFT_OVER):
                source = source.replace(words, "")
    return source


def _token(letter: EditionText) -> Iterator[Finding]:
    for name, source in (("HTML", letter.html), ("text part", letter.text)):
        if UNSUBSCRIBE_TOKEN not in source:
            yield f"the {name} has no link to unsubscribe", "write {{ unsubscribe_url }} in the template"
        if UNSUBSCRIBE_MARK in source.replace(UNSUBSCRIBE_TOKEN, ""):
            yield f"the {name} cuts the link to unsubscribe", "write {{ unsubscribe_url }} without a filter"
