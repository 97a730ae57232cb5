"""The gate before a feed goes live: read the bytes back, and say what a reader would complain about."""

from collections.abc import Callable, Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec
from lxml import etree

from publisher.addresses import FeedFormat
from publisher.feeds.xml import ATOM

KnownIds = Callable[[Collection[str]], AbstractSet[str]]
"""Those of the given public ids that belong to a story."""


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    published_at: datetime


class _UnreadableError(Exception):
    """The bytes are no feed."""


def check_feed(
    data: bytes, previous: bytes | None, format_: FeedFormat, *, known: KnownIds, now: datetime
) -> list[str]:
    """What is wrong with a new version of a feed; empty when it may go live.

    A story that leaves a feed is fine as long as the store knows it (`known`): it is older than the feed is
    long, was withdrawn, or stands in another section now. One that nobody knows any more is a lost story.
    """
    try:
        entries = _read(data, format_)
    except _UnreadableError as error:
        return [f"it cannot be read back ({error})"]
    findings = []
    ids = [entry.id for entry in entries]
    if len(set(ids)) < len(ids):
        findings.append("two stories have the same id")
    if future := [entry.id for entry in entries if entry.published_at > now]:
        findings.append(f"{len(future)} of its stories are dated in the future")
    missing = _ids_of(previous, format_) - set(ids)
    if lost := missing - known(missing):
        findings.append(f"it would lose {len(lost)} stories which the store does not know")
    return findings


def _ids_of(previous: bytes | None, format_: FeedFormat) -> set[str]:
    if previous is None:
        return set()
    try:
        return {entry.id for entry in _read(previous, format_)}
    except _UnreadableError:
        return set()  # a broken file holds nothing that a good one could lose


def _read(data: bytes, format_: FeedFormat) -> list[_Entry]:
    try:
        if format_ is FeedFormat.JSON:
            return _read_json(data)
        root = etree.fromstring(
            data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        )
        return _read_rss(root) if format_ is FeedFormat.RSS else _read_atom(root)
    except (etree.XMLSyntaxError, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise _UnreadableError(str(error)) from error


def _read_rss(root: etree._Element) -> list[_Entry]:
    return [
        _Entry(item.findtext("guid") or "", parsedate_to_datetime(item.findtext("pubDate") or ""))
        for item in root.iterfind("channel/item")
    ]


def _read_atom(root: etree._Element) -> list[_Entry]:
    return [
        _Entry(
            entry.findtext(f"{{{ATOM}}}id") or "",
            datetime.fromisoformat(entry.findtext(f"{{{ATOM}}}published") or ""),
        )
        for entry in root.iterfind(f"{{{ATOM}}}entry")
    ]


def _read_json(data: bytes) -> list[_Entry]:
    items = msgspec.json.decode(data)["items"]
    return [_Entry(item["id"], datetime.fromisoformat(item["date_published"])) for item in items]
