"""What is minted once for a story and never changes: its key, ids, address and time. Pure."""

import hashlib
import re
import uuid
from collections.abc import Container
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.tz import resolve_imaginary

from publisher.model import Article, Dateline
from publisher.text.slugs import slugify

_NAMESPACE = uuid.UUID("6d3a3f0e-5a0c-5f0b-9a55-0d4f6e7b2c11")
"""Ours; a change would re-mint every public id."""


def declared_key(article: Article) -> str | None:
    """The key a file gives its story: its own id, else its canonical address; None when it gives neither."""
    if article.source_id:
        return f"id:{article.source_id}"
    if article.url:
        # http → https, a trailing slash or a fragment make no other story.
        return "url:" + re.sub(r"^https?://", "", article.url.split("#")[0]).rstrip("/")
    return None


def path_key(path: str) -> str:
    """The key of a story that names none: its path under the inbox, without the suffix."""
    return "path:" + re.sub(r"\.[^./]+$", "", path)


def mint_public_id(site_id: str, key: str) -> str:
    """A permanent IRI (RFC 4287, 4.2.6). The same site and key give the same id on every machine."""
    return uuid.uuid5(_NAMESPACE, f"{site_id}\n{key}").urn


def mint_slug(title: str, public_id: str) -> str:
    """The story's place in the site's addresses: words for people, eight digits against collisions."""
    return f"{slugify(title)}-{public_id.removeprefix('urn:uuid:')[:8]}".lstrip("-")


def content_hash(article: Article) -> str:
    """Digest of what makes a reader see another text: title, lead and body."""
    return _sha256(article.title, article.lead, article.body_html)


def revision_hash(article: Article) -> str:
    """Digest of all that a revision keeps. Not the view counter: a page read is not a page edited."""
    photo = article.photo
    return _sha256(
        content_hash(article),
        article.dateline.isoformat(),
        article.section or "",
        article.language,
        article.byline or "",
        (photo and photo.caption) or "",
        (photo and photo.credit) or "",
        str(article.reading_minutes),
        article.url or "",
        article.source_id or "",
        *article.tags,
    )


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def mint_published_at(
    dateline: Dateline, zone: ZoneInfo, *, first_seen_at: datetime, taken: Container[datetime]
) -> datetime:
    """When a story counts as published, in UTC, to the second.

    A time in the file is taken as it is. A day without a time: the moment the file was first seen, if that is
    the same local day; else local midnight plus the story's rank in the day, in seconds. `taken` holds the
    times of that day which other stories have.
    """
    if dateline.clock is not None:
        return _to_utc(datetime.combine(dateline.day, dateline.clock), zone)
    first_seen_at = _second(first_seen_at)
    if first_seen_at.astimezone(zone).date() == dateline.day:
        return latest_free_second(first_seen_at, taken)
    return first_free_second(_to_utc(datetime.combine(dateline.day, time()), zone), taken)


def first_free_second(at: datetime, taken: Container[datetime]) -> datetime:
    while at in taken:
        at += timedelta(seconds=1)
    return at


def latest_free_second(at: datetime, taken: Container[datetime]) -> datetime:
    """Count backwards: a story must not be published in the future."""
    at = _second(at)
    while at in taken:
        at -= timedelta(seconds=1)
    return at


def _second(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("UTC")).replace(microsecond=0)


def _to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time to UTC. One that a clock change skips moves forward, as clocks did."""
    if local.tzinfo is None:
        local = resolve_imaginary(local.replace(tzinfo=zone))
    return _second(local)
