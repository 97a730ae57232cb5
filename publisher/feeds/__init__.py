"""Feeds: building (pure), then lint. The only importer of feedgen.

story ─ build_item ─ render_item ─▶ fragments ─┐
topic ─ build_feed ────────────────────────────┴ render_feed ─▶ bytes ─ check_feed ─▶ findings
"""

from collections.abc import Iterable

from publisher.addresses import FeedFormat
from publisher.feeds.build import NO_ARCHIVES, Archives, Feed, Fragment, Item, build_feed, build_item
from publisher.feeds.editions import build_edition_feed, build_edition_item, build_editions_feed
from publisher.feeds.json_feed import render_json, render_json_item
from publisher.feeds.lint import Finding, check_feed
from publisher.feeds.xml import render_atom, render_atom_entry, render_rss, render_rss_item

_ITEM_RENDERERS = {
    FeedFormat.RSS: render_rss_item,
    FeedFormat.ATOM: render_atom_entry,
    FeedFormat.JSON: render_json_item,
}
_RENDERERS = {
    FeedFormat.RSS: render_rss,
    FeedFormat.ATOM: render_atom,
    FeedFormat.JSON: render_json,
}


def render_item(item: Item, format_: FeedFormat) -> bytes:
    """A story's fragment: the bytes by which it stands in every feed of that format."""
    return _ITEM_RENDERERS[format_](item)


def render_feed(feed: Feed, fragments: Iterable[Fragment], format_: FeedFormat) -> bytes:
    """The feed's file; `fragments` are those of its stories in the same format, newest first."""
    return _RENDERERS[format_](feed, fragments)


__all__ = [
    "NO_ARCHIVES",
    "Archives",
    "Feed",
    "FeedFormat",
    "Finding",
    "Item",
    "build_edition_feed",
    "build_edition_item",
    "build_editions_feed",
    "build_feed",
    "build_item",
    "check_feed",
    "render_feed",
    "render_item",
]
