"""JSON Feed 1.1."""

from typing import Any

import msgspec

from publisher.addresses import FeedFormat
from publisher.feeds.build import Feed, Item


def render_json(feed: Feed) -> bytes:
    """The bytes of feed.json. The same feed gives the same bytes."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page_url,
        "feed_url": feed.urls[FeedFormat.JSON],
        "description": feed.description,
        "authors": [{"name": feed.author}],
        "language": feed.language,
        "items": [_item(item) for item in feed.items],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _item(item: Item) -> dict[str, Any]:
    image = item.image
    attachment = image and {"url": image.url, "mime_type": image.media_type, "size_in_bytes": image.size}
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.content_html,
        "date_published": item.published_at.isoformat(),
        "date_modified": item.updated_at.isoformat(),
        "authors": [{"name": item.author}],
        "tags": list(item.categories),
        "language": item.language,
        **({"image": image.url, "attachments": [attachment]} if image else {}),
    }
