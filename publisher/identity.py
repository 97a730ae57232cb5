"""What is minted once for a story and never changes: its key, ids, address and time. Pure."""

import hashlib
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.tz import resolve_imaginary

from publisher.model import Article, Dateline, PubStatus
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
    """Digest of what makes a reader see another text: title, lead, body and correction note."""
    # Where there is no note, it leaves no trace: stories stored before there were notes have not changed.
    note = [f"correction:{article.correction}"] if article.correction else []
    return _sha256(article.title, article.lead, article.body_html, *note)


def revision_hash(article: Article, content: str) -> str:
    """Digest of all that a revision keeps, `content` being its content hash.

    Not the view counter: a page read is not a page edited.
    """
    photo = article.photo
    dateline = article.dateline
    return _sha256(
        content,
        # The words of a relative date, not the day they mean: the file's time may move without an edit.
        dateline.printed or dateline.isoformat(),
        article.section or "",
        article.language,
        article.byline or "",
        (photo and photo.caption) or "",
        (photo and photo.credit) or "",
        str(article.reading_minutes),
        article.url or "",
        article.source_id or "",
        *article.tags,
        *_standing(article),
    )


def _standing(article: Article) -> Iterator[str]:
    """What few stories have; where it is absent, it leaves no trace in the digest."""
    if article.image:
        yield f"image:{article.image.digest}"
    if article.status is not PubStatus.USABLE:
        yield f"status:{article.status}"
    if article.embargo:
        yield f"embargo:{article.embargo.isoformat()}"


def _sha256(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


class TakenTimes:
    """Times that stories have already, to the second, and the free ones nearest to a wish."""

    def __init__(self) -> None:
        self._times: Counter[datetime] = Counter()
        # Where the last search from a wish ended: thousands of stories may share a day.
        self._reached: dict[tuple[datetime, timedelta], datetime] = {}

    def learn(self, times: Iterable[datetime]) -> None:
        """What the store holds; some of it may be known already."""
        self._times |= Counter(times)

    def take(self, at: datetime) -> None:
        """A story has this time, whether it was free or not."""
        self._times[at] += 1

    def release(self, at: datetime) -> None:
        """One story has this time no more."""
        self._times -= Counter((at,))
        self._reached.clear()

    def take_first_from(self, at: datetime) -> datetime:
        free = self._find(at, timedelta(seconds=1))
        self.take(free)
        return free

    def take_last_until(self, at: datetime, *, not_before: datetime) -> datetime:
        """Counts backwards: a story must not be published in the future.

        Where that would lead into the day before, the time is shared.
        """
        wish = _second(at)
        last = self._find(wish, timedelta(seconds=-1))
        free = last if last >= not_before else wish
        self.take(free)
        return free

    def _find(self, wish: datetime, step: timedelta) -> datetime:
        at = self._reached.get((wish, step), wish)
        while at in self._times:
            at += step
        self._reached[wish, step] = at
        return at


def mint_published_at(
    dateline: Dateline, zone: ZoneInfo, *, first_seen_at: datetime, taken: TakenTimes
) -> datetime:
    """When a story counts as published, in UTC, to the second.

    A time in the file is taken as it is. A day without a time: the moment the file was first seen, if that is
    the same local day; else local midnight plus the story's rank in the day, in seconds. `taken` holds the
    times of that day which other stories have; the new one joins them.
    """
    if dateline.clock is not None:
        at = _to_utc(datetime.combine(dateline.day, dateline.clock), zone)
        taken.take(at)
        return at
    midnight = _to_utc(datetime.combine(dateline.day, time()), zone)
    if first_seen_at.astimezone(zone).date() == dateline.day:
        return taken.take_last_until(first_seen_at, not_before=midnight)
    return taken.take_first_from(midnight)


def embargo_ends_at(embargo: Dateline, zone: ZoneInfo) -> datetime:
    """When a story under embargo may be seen, in UTC. A day without an hour must be over: better late."""
    if embargo.clock is None:
        return _to_utc(datetime.combine(embargo.day + timedelta(days=1), time()), zone)
    return _to_utc(datetime.combine(embargo.day, embargo.clock), zone)


def _second(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("UTC")).replace(microsecond=0)


def _to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    """A local time to UTC. One that a clock change skips moves forward, as clocks did."""
    if local.tzinfo is None:
        local = resolve_imaginary(local.replace(tzinfo=zone))
    return _second(local)
