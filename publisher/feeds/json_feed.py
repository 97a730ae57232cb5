"""JSON Feed 1.1."""

from collections.abc import Iterable
from typing import Any

import msgspec

from publisher.addresses import FeedFormat
from publisher.feeds.build import Feed, Fragment, Item

_ABOUT_TOMBSTONES = "https://www.rfc-editor.org/rfc/rfc6721"
_END = b"\n}"


def render_json_item(item: Item) -> bytes:
    """The item, on a line of its own."""
    image = item.image
    attachment = image and {"url": image.url, "mime_type": image.media_type, "size_in_bytes": image.size}
    return msgspec.json.encode(
        {
            "id": item.id,
            "url": item.url,
            "title": item.title,
            "summary": item.summary,
            "content_html": item.content_html,
            "date_published": item.published_at.isoformat(),
            "date_modified": item.updated_at.isoformat(),
            "authors": [{"name": item.author}],
            "tags": item.categories,
            "language": item.language,
            **({"image": image.url, "attachments": [attachment]} if image else {}),
        }
    )


def render_json(feed: Feed, items: Iterable[Fragment]) -> bytes:
    """The bytes of feed.json; `items` are `render_json_item`'s. The same feed gives the same bytes."""
    head = msgspec.json.format(msgspec.json.encode(_head(feed)), indent=1)
    return b"".join((head.removesuffix(_END), b',\n "items": [\n', b",\n".join(items), b"\n ]", _END, b"\n"))


def _head(feed: Feed) -> dict[str, Any]:
    head: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.urls[FeedFormat.JSON],
        "description": feed.description,
        "authors": [{"name": feed.author}],
        "language": feed.language,
    }
    if feed.older:
        head["next_url"] = feed.older[FeedFormat.JSON]
    if feed.hub:
        head["hubs"] = [{"type": "WebSub", "url": feed.hub}]
    if feed.tombstones:
        gone = feed.tombstones
        items = [{"id": each.public_id, "date_deleted": each.withdrawn_at.isoformat()} for each in gone]
        head["_tombstones"] = {"about": _ABOUT_TOMBSTONES, "items": items}
    return head
