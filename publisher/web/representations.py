"""A published file as it is sent: its bytes in one coding, with every header field ready."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from hashlib import sha256
from urllib.parse import quote

from starlette.types import Message

from publisher.addresses import IMAGES, is_live_feed
from publisher.pipeline.compression import brotli, gzip
from publisher.web.conditional import Validators
from publisher.web.media_types import PAGE, TEXT_SUFFIXES, XML, is_feed, is_styled, media_type_of
from publisher.web.negotiation import Coding
from publisher.web.security import PAGE_HEADERS, answer_headers

_FOREVER = "public, max-age=31536000, immutable"
_LARGE = 64 * 1024
"""Bytes; the server keeps a copy of each smaller body for each reader who has not taken it in yet."""
_OVERHEAD = 4096
"""Bytes of memory that a representation takes beside its body, at the most."""
_ENCODERS = {Coding.BROTLI: brotli, Coding.GZIP: gzip}

Signature = tuple[int, int, int]
"""By which a file is told from the one that it replaced."""


def signature_of(status: os.stat_result) -> Signature:
    return status.st_mtime_ns, status.st_size, status.st_ino


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file as it was read."""

    name: str
    """Its path under the output folder."""
    path: str
    """Where it is."""
    data: bytes
    signature: Signature
    modified_at: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    signature: Signature
    validators: Validators
    ok: Message
    """The start of a 200."""
    ok_in_browser: Message | None
    """The same, of a feed that is opened like a page."""
    not_modified: Mapping[bytes, Message]
    """The start of a 304, by the tag under which the reader has this version."""
    body: Message

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self.body.get("body", b"")) + _OVERHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for every file of the site."""

    site_url: str
    hub: str | None
    max_age: int
    """Seconds for which readers and proxies may keep a file."""


def represent(content: Content, coding: Coding, terms: Terms) -> Representation:
    tags = _tags_of(content)
    body = _ENCODERS[coding](content.data) if coding in _ENCODERS else content.data
    is_lasting = _is_lasting(content.name)
    keeping = _FOREVER if is_lasting else f"public, max-age={terms.max_age}"
    fields = [("cache-control", keeping), *_stored_fields(content, terms)]
    told = [
        ("content-length", str(len(body))),
        *([] if coding is Coding.IDENTITY else [("content-encoding", coding)]),
        ("etag", tags[coding]),
        ("accept-ranges", "none"),
        *([("link", _link(content.name, terms))] if is_live_feed(content.name) else []),
        *fields,
    ]
    return Representation(
        signature=content.signature,
        validators=Validators(
            etag=tags[coding].encode(),
            tags=frozenset(tag.encode() for tag in tags.values()),
            modified_at=content.modified_at,
        ),
        ok=start_of(200, [("content-type", media_type_of(content.name)), *told]),
        ok_in_browser=start_of(200, [("content-type", XML), *told]) if is_styled(content.name) else None,
        not_modified={tag.encode(): start_of(304, [("etag", tag), *fields]) for tag in tags.values()},
        body=_file_of(content.path) if is_lasting and len(body) > _LARGE else body_of(body),
    )


def _is_lasting(name: str) -> bool:
    """Whether nothing else will ever stand there: a story's picture is named by its content."""
    return name.startswith(f"{IMAGES}/") and not name.endswith(TEXT_SUFFIXES)


def _tags_of(content: Content) -> dict[Coding, str]:
    """Strong entity tags: each coding has its own bytes, so its own tag (RFC 9110, 8.8.3.3)."""
    digest = sha256(content.data).hexdigest()[:32]
    tags = {Coding.IDENTITY: f'"{digest}"'}
    if content.name.endswith(TEXT_SUFFIXES):
        tags |= {coding: f'"{digest}-{coding}"' for coding in _ENCODERS}
    return tags


def _stored_fields(content: Content, terms: Terms) -> list[tuple[str, str]]:
    """What a 304 says too: it brings the answer up to date that the reader has stored (RFC 9111, 4.3.4)."""
    fields = [
        ("last-modified", formatdate(content.modified_at, usegmt=True)),
        *answer_headers(terms.site_url).items(),
    ]
    if content.name.endswith(TEXT_SUFFIXES):
        fields.append(("vary", "accept, accept-encoding" if is_styled(content.name) else "accept-encoding"))
    if is_feed(content.name):
        fields.append(("access-control-allow-origin", "*"))
    if media_type_of(content.name) == PAGE:
        fields += PAGE_HEADERS.items()
    return fields


def _link(name: str, terms: Terms) -> str:
    """Where a feed's hub is, and under which address it knows the feed (WebSub, 4)."""
    this = f'<{terms.site_url}{quote(name)}>; rel="self"'
    return f'<{terms.hub}>; rel="hub", {this}' if terms.hub else this


def start_of(status: int, fields: Iterable[tuple[str, str]]) -> Message:
    """The ASGI message that begins an answer."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    return {"type": "http.response.start", "status": status, "headers": headers}


def _file_of(path: str) -> Message:
    """The ASGI message that ends an answer with what lies there, bit by bit."""
    return {"type": "http.response.pathsend", "path": path}


def body_of(data: bytes) -> Message:
    """The ASGI message that ends an answer."""
    return {"type": "http.response.body", "body": data}
