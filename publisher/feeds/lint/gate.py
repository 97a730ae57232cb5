"""The gate before a feed of ours goes live: the lint, and a look at the version that is live."""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime

from publisher.addresses import FeedFormat
from publisher.feeds.lint.common import check_document
from publisher.feeds.lint.document import Document, Kind
from publisher.feeds.lint.feed import read_feed
from publisher.feeds.lint.finding import Finding, Level
from publisher.feeds.lint.rules import Rule

KnownIds = Callable[[Collection[str]], AbstractSet[str]]
"""Those of the given public ids that belong to a story."""

_KINDS = {FeedFormat.RSS: Kind.RSS, FeedFormat.ATOM: Kind.ATOM, FeedFormat.JSON: Kind.JSON}


def check_feed(
    data: bytes, previous: bytes | None, format_: FeedFormat, *, known: KnownIds, now: datetime
) -> list[Finding]:
    """The errors of a new version of a feed; empty when it may go live. Warnings keep nothing back.

    A story that leaves a feed is fine as long as the store knows it (`known`): it is older than the feed is
    long, was withdrawn, or stands in another section now. One that nobody knows any more is a lost story.
    """
    document, findings = read_feed(data)
    if document:
        findings += check_document(document, now=now)
        findings += _check_kind(document, format_)
        before = read_feed(previous)[0] if previous else None
        if before:  # a broken file holds nothing that a good one could lose
            findings += _compare(document, before, known)
    return [finding for finding in findings if finding.level is Level.ERROR]


def _check_kind(document: Document, format_: FeedFormat) -> Iterator[Finding]:
    if document.kind is not _KINDS[format_]:
        yield Rule.FORMAT_OTHER.found("", f"is {document.kind.value}, and should be {format_.label}")


def _compare(document: Document, before: Document, known: KnownIds) -> Iterator[Finding]:
    """What a reader who has the previous version would miss, or see move."""
    then = {entry.id: entry.published for entry in before.entries}
    missing = then.keys() - {entry.id for entry in document.entries}
    if lost := missing - known(missing):
        yield Rule.STORIES_LOST.found("", f"it would lose {len(lost)} stories which the store does not know")
    for entry in document.entries:
        published, was = entry.published, then.get(entry.id)
        if published and was and published.at != was.at:
            cause = f"was published {was.text}, and would now be of {published.text}"
            yield Rule.STORY_REDATED.found(entry.place, cause)
