"""What a published file is, by its name."""

from pathlib import PurePosixPath

from publisher.addresses import IMAGE_EXTENSIONS, FeedFormat

PAGE = "text/html; charset=utf-8"
_TEXTS = {
    ".css": "text/css; charset=utf-8",
    ".html": PAGE,
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".opml": "text/x-opml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
}
_PICTURES = {f".{extension}": media_type for media_type, extension in IMAGE_EXTENSIONS.items()}
_SUFFIXES = _TEXTS | _PICTURES
_FEEDS = {
    FeedFormat.RSS.filename: f"{FeedFormat.RSS.media_type}; charset=utf-8",
    FeedFormat.ATOM.filename: f"{FeedFormat.ATOM.media_type}; charset=utf-8",
    FeedFormat.JSON.filename: FeedFormat.JSON.media_type,  # which knows no charset (RFC 8259, 11)
}

XML = _TEXTS[".xml"]
"""What a browser shows with a style sheet; it shows none of the feeds' own types."""
TEXT_SUFFIXES = tuple(_TEXTS)
"""Of files that are worth compressing."""


def is_publishable(name: str) -> bool:
    return PurePosixPath(name).suffix in _SUFFIXES


def media_type_of(name: str) -> str:
    """The Content-Type of the publishable file at that path."""
    path = PurePosixPath(name)
    return _FEEDS.get(path.name) or _SUFFIXES[path.suffix]


def is_styled(name: str) -> bool:
    """Whether it is a feed that says how a browser should show it."""
    return PurePosixPath(name).name in {FeedFormat.RSS.filename, FeedFormat.ATOM.filename}


def is_feed(name: str) -> bool:
    """Whether programs read it, from wherever they were loaded: a feed, or the list of feeds."""
    return PurePosixPath(name).name in _FEEDS or name.endswith(".opml")
