"""Conditional requests (RFC 9110, 13): a reader who has the newest version is told so in a few bytes."""

import re
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

_EXPECTATIONS = frozenset({b"if-match", b"if-unmodified-since"})
CONDITIONS = _EXPECTATIONS | {b"if-none-match", b"if-modified-since"}

_TAG = re.compile(rb'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_DATES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) {_MONTH} (?P<year>\d{{4}}) {_TIME} GMT",
        rf"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d\d)-{_MONTH}-(?P<year>\d\d) {_TIME} GMT",
        rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) {_MONTH} (?P<day>[ \d]\d) {_TIME} (?P<year>\d{{4}})",
    )
)
"""IMF-fixdate, and what HTTP of old wrote: RFC 850 and asctime (RFC 9110, 5.6.7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """By what a version of a file is known again."""

    etag: bytes
    """A strong entity tag, with its quotes."""
    tags: frozenset[bytes]
    """Those of the same version in every coding, this one's too."""
    modified_at: int | None
    """Seconds since 1970; None when nobody knows: then dates are ignored (RFC 9110, 13.1.3 and 13.1.4)."""


Verdict = tuple[int, bytes]
"""200, 304 or 412, and the entity tag of the version that is here: in a 304, as the reader knows it."""


def evaluate(fields: Mapping[bytes, bytes], held: Validators, now: Callable[[], datetime]) -> Verdict:
    """What to answer to a GET or HEAD with these header fields, in the order of RFC 9110, 13.2.2."""
    if not (_EXPECTATIONS.isdisjoint(fields) or _is_expected(fields, held, now)):
        return 412, held.etag
    listed = fields.get(b"if-none-match")
    if listed in held.tags:  # the usual one, quickly
        return 304, listed
    if listed is not None:
        etag = _known_tag(listed, held)
    else:
        etag = held.etag if _is_unmodified(fields.get(b"if-modified-since"), held, now) else None
    return (304, etag) if etag else (200, held.etag)


def _is_expected(fields: Mapping[bytes, bytes], held: Validators, now: Callable[[], datetime]) -> bool:
    if (listed := fields.get(b"if-match")) is not None:
        # The strong comparison: a weak tag never matches (RFC 9110, 8.8.3.2).
        return listed == b"*" or any(tag == held.etag and not weak for weak, tag in _tags(listed))
    return _is_unmodified(fields.get(b"if-unmodified-since"), held, now) is not False


def _known_tag(listed: bytes, held: Validators) -> bytes | None:
    """The tag by which the reader has this version; the 304 must name no other (RFC 9111, 4.3.4)."""
    if listed == b"*":
        return held.etag
    known = {tag for _, tag in _tags(listed)} & held.tags
    return held.etag if held.etag in known else min(known, default=None)


def _tags(listed: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each tag with its mark of weakness."""
    return ((match[1], match[2]) for match in _TAG.finditer(listed))


def _is_unmodified(date: bytes | None, held: Validators, now: Callable[[], datetime]) -> bool | None:
    """Whether the version is no younger than the date; None if there is none that can be read."""
    if date is None or held.modified_at is None:
        return None
    since = parse_http_date(date.decode("latin-1"), now)
    return None if since is None else held.modified_at <= since


def parse_http_date(text: str, now: Callable[[], datetime]) -> int | None:
    """Seconds since 1970; None if it is no date. Locales have no say in it, unlike in `strptime`."""
    found = next(filter(None, (pattern.fullmatch(text) for pattern in _DATES)), None)
    if found is None:
        return None
    day, hour, minute, second = (int(found[name]) for name in ("day", "hour", "minute", "second"))
    year = int(found["year"])
    if len(found["year"]) == 2:
        year = _full_year(year, now().year)
    try:
        date = datetime(year, 1 + _MONTHS.index(found["month"]), day, hour, minute, second)  # noqa: DTZ001 — of GMT
    except ValueError:  # the 31st of February
        return None
    return timegm(date.timetuple())


def _full_year(two_digits: int, this_year: int) -> int:
    """RFC 9110, 5.6.7: what looks more than fifty years ahead is of the last century."""
    year = this_year - this_year % 100 + two_digits
    return year - 100 if year > this_year + 50 else year
