"""JSON Feed 1.0 and 1.1."""

from collections.abc import Iterator
from typing import Any, TypeGuard

from publisher.feeds.lint.dates import Grammar, Stamp, read_stamp
from publisher.feeds.lint.document import Content, Document, Entry, Kind, Link
from publisher.feeds.lint.finding import Finding, entry_place, quote
from publisher.feeds.lint.rules import Rule

_VERSION = "https://jsonfeed.org/version/"
_VERSIONS = (f"{_VERSION}1", f"{_VERSION}1.1")
_FEED_LINKS = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
_ITEM_LINKS = ("url", "external_url", "image", "banner_image")
_STRINGS = ("title", "summary", "content_html", "content_text", "language", "date_published", "date_modified")

Object = dict[str, Any]


def is_json_feed(document: Object) -> bool:
    return str(document.get("version", "")).startswith(_VERSION) or "items" in document


def read_json_feed(document: Object) -> Document:
    """The document of a JSON Feed."""
    findings = [*_check_feed(document), *_check_strings(document, ("title", *_FEED_LINKS, "language"), "")]
    items = document.get("items")
    entries = tuple(
        _read_item(number, item, findings)
        for number, item in enumerate(items if isinstance(items, list) else (), 1)
        if _is_object(item, number, findings)
    )
    self_url = _text(document, "feed_url")
    return Document(
        kind=Kind.JSON,
        title=_text(document, "title"),
        links=_links(document, _FEED_LINKS),
        self_urls=(self_url,) if self_url else (),
        stamps=(),
        language=_text(document, "language") if document.get("version") != _VERSIONS[0] else None,
        entries=entries,
        findings=findings,
    )


def _text(values: Object, key: str) -> str:
    value = values.get(key)
    return value.strip() if isinstance(value, str) else ""


def _links(values: Object, keys: tuple[str, ...]) -> tuple[Link, ...]:
    return tuple(Link(name=key, href=href) for key in keys if (href := _text(values, key)))


def _check_feed(document: Object) -> Iterator[Finding]:
    if document.get("version") not in _VERSIONS:
        yield Rule.VERSION_WRONG.found("", f"has the version {quote(str(document.get('version', '')))}")
    if not isinstance(document.get("items"), list):
        yield Rule.ITEMS_MISSING.found("", "has no items")
    if not _text(document, "home_page_url"):
        yield Rule.FEED_PAGE_MISSING.found("", "has no home_page_url")


def _check_strings(values: Object, keys: tuple[str, ...], place: str) -> Iterator[Finding]:
    for key in keys:
        value = values.get(key)
        if value is not None and not isinstance(value, str):
            yield Rule.TYPE_WRONG.found(place, f"has {quote(str(value))} as {key}, which is no string")


def _is_object(item: Any, number: int, findings: list[Finding]) -> TypeGuard[Object]:
    if isinstance(item, dict):
        return True
    findings.append(Rule.TYPE_WRONG.found(entry_place(number, ""), "is no object"))
    return False


def _read_item(number: int, item: Object, findings: list[Finding]) -> Entry:
    title = _text(item, "title")
    place = entry_place(number, title)
    attachments = [each for each in _list(item, "attachments") if isinstance(each, dict)]
    findings += _check_item(item, place)
    findings += _check_strings(item, (*_STRINGS, *_ITEM_LINKS), place)
    findings += (finding for each in attachments for finding in _check_attachment(each, place))
    identity = item.get("id")
    return Entry(
        place=place,
        id=str(identity).strip() if isinstance(identity, str | int | float) else "",
        title=title,
        links=(
            *_links(item, _ITEM_LINKS),
            *(link for each in attachments for link in _links(each, ("url",))),
        ),
        published=_stamp(item, "date_published"),
        updated=_stamp(item, "date_modified"),
        language=_text(item, "language"),
        contents=tuple(
            Content(name=key, html=html) for key in ["content_html"] if (html := _text(item, key))
        ),
    )


def _stamp(item: Object, key: str) -> Stamp | None:
    text = _text(item, key)
    return read_stamp(key, text, Grammar.RFC3339) if text else None


def _list(values: Object, key: str) -> list[Any]:
    value = values.get(key)
    return value if isinstance(value, list) else []


def _check_item(item: Object, place: str) -> Iterator[Finding]:
    identity = item.get("id")
    if isinstance(identity, int | float) and not isinstance(identity, bool):
        yield Rule.ID_NOT_STRING.found(place, f"has the number {identity} as its id")
    elif not _text(item, "id"):
        yield Rule.ID_MISSING.found(place, "has no id")
    if not _text(item, "content_html") and not _text(item, "content_text"):
        yield Rule.CONTENT_MISSING.found(place, "has neither content_html nor content_text")
    if not _text(item, "url") and not _text(item, "external_url"):
        yield Rule.UNLINKED.found(place, "has no url")
    if not _text(item, "date_published"):
        yield Rule.UNDATED.found(place, "has no date_published")


def _check_attachment(attachment: Object, place: str) -> Iterator[Finding]:
    if not _text(attachment, "url"):
        yield Rule.ENCLOSURE_URL.found(place, "has an attachment without a url")
    if "/" not in _text(attachment, "mime_type"):
        yield Rule.ENCLOSURE_TYPE.found(place, "has an attachment without a mime_type")
    size = attachment.get("size_in_bytes", 0)
    if not isinstance(size, int | float) or isinstance(size, bool) or size < 0:
        yield Rule.ENCLOSURE_LENGTH.found(place, f"has an attachment of the size {quote(str(size))}")
