"""Feeds: building (pure), then lint. The only importer of feedgen.

Feed ─ render_rss, render_atom (feedgen) ─┬─▶ bytes ─ check_feed ─▶ findings
     └ render_json ───────────────────────┘
"""

from publisher.addresses import FeedFormat
from publisher.feeds.build import Feed, Item, build_feed
from publisher.feeds.json_feed import render_json
from publisher.feeds.lint import check_feed
from publisher.feeds.xml import render_atom, render_rss

RENDERERS = {
    FeedFormat.RSS: render_rss,
    FeedFormat.ATOM: render_atom,
    FeedFormat.JSON: render_json,
}
"""Each takes a Feed and gives the file's bytes."""

__all__ = ["RENDERERS", "Feed", "FeedFormat", "Item", "build_feed", "check_feed"]
