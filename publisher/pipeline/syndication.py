"""Feeds, and the pages that list the same stories: what one may not show, the other may not either."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from publisher.addresses import FeedFormat, archive_folder, feed_path, subscribe_path, topic_path
from publisher.config import Config
from publisher.feeds import Archives, Finding, build_feed, check_feed, render_feed
from publisher.model import Tombstone, Topic
from publisher.pages import Pages
from publisher.pipeline.compression import with_siblings
from publisher.pipeline.fingerprint import digest_of
from publisher.pipeline.fragments import Fragments, FragmentShelf
from publisher.pipeline.group import BlockedError, Files, Group, Stage
from publisher.store import archives, stories
from publisher.store.stories import Brief


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a feed tells, newest first."""

    topic: Topic
    place: Archives
    briefs: Sequence[Brief]
    tombstones: tuple[Tombstone, ...]

    @property
    def folder(self) -> str:
        return archive_folder(self.topic.folder, self.place.page) if self.place.page else self.topic.folder

    @property
    def updated_at(self) -> datetime | None:
        changes = (
            *(brief.updated_at for brief in self.briefs),
            *(tombstone.withdrawn_at for tombstone in self.tombstones),
        )
        return max(changes, default=None)

    def digest(self, inputs: str) -> str:
        shown = (brief.fingerprint for brief in self.briefs)
        return digest_of(inputs, repr((self.topic, self.place, self.tombstones)), *shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syndication:
    """Plans the feeds and the page of a topic."""

    config: Config
    connection: Connection
    pages: Pages
    shelf: FragmentShelf
    inputs: str
    """Digest of all that feeds and pages are made from beside stories."""
    now: datetime

    def plan(self, topic: Topic) -> Iterator[Group]:
        """The archives come before the feeds that refer to them."""
        archived = self._archives(topic)
        for contents in archived:
            feeds = _feed_paths(contents.folder)
            inputs = contents.digest(self.inputs)
            yield Group(feeds, inputs, partial(self._build_archive, contents), Stage.ARCHIVES)
        contents = self._newest(topic, Archives(older=len(archived)))
        self.shelf.keep(contents.briefs)
        paths = (_page_path(topic), subscribe_path(topic), *_feed_paths(topic.folder))
        inputs = contents.digest(self.inputs)
        yield with_siblings(Group(paths, inputs, partial(self._build_topic, contents), Stage.FEEDS))

    def _newest(self, topic: Topic, place: Archives) -> _Contents:
        limit = self.config.feeds.limit
        briefs = stories.newest_briefs(self.connection, topic, limit=limit, now=self.now)
        since = briefs[-1].published_at if len(briefs) == limit else None
        gone = stories.tombstones(self.connection, topic, since=since, limit=limit, now=self.now)
        return _Contents(topic, place, briefs, gone)

    def _archives(self, topic: Topic) -> list[_Contents]:
        if not self.config.feeds.archives:
            return []
        return [
            _Contents(topic, Archives(page=number, older=number - 1), page.briefs, page.tombstones)
            for number, page in archives.load_pages(self.connection, topic.folder, now=self.now).items()
        ]

    def _build_topic(self, contents: _Contents) -> Files:
        fragments = self.shelf.take(contents.briefs)
        feeds = self._build_feeds(contents, fragments)
        topic = contents.topic
        pages = {
            _page_path(topic): self.pages.topic(topic, [each.teaser for each in fragments]),
            subscribe_path(topic): self.pages.subscribe(topic),
        }
        return {**pages, **feeds}

    def _build_archive(self, contents: _Contents) -> Files:
        return self._build_feeds(contents, self.shelf.make(contents.briefs))

    def _build_feeds(self, contents: _Contents, fragments: Sequence[Fragments]) -> Files:
        feed = build_feed(
            self.config.site,
            contents.topic,
            updated_at=contents.updated_at,
            tombstones=contents.tombstones,
            archives=contents.place,
            # Nobody waits for an archive to change.
            hub=None if contents.place.page else self.config.feeds.hub,
        )
        files = {}
        findings = []
        for format_ in FeedFormat:
            path = feed_path(contents.folder, format_)
            files[path] = render_feed(feed, [each.of(format_) for each in fragments], format_)
            findings += [
                replace(finding.at(path), hint=f"the last good version stays; {finding.hint}")
                for finding in self._check(self.config.feeds.output / path, files[path], format_)
            ]
        if findings:
            raise BlockedError(findings)
        return files

    def _check(self, path: Path, data: bytes, format_: FeedFormat) -> list[Finding]:
        previous = path.read_bytes() if path.is_file() else None
        if previous == data:
            return []
        known = partial(stories.known_public_ids, self.connection)
        return check_feed(data, previous, format_, known=known, now=self.now)


def _page_path(topic: Topic) -> str:
    return topic_path(topic) + "index.html"


def _feed_paths(folder: str) -> tuple[str, ...]:
    return tuple(feed_path(folder, format_) for format_ in FeedFormat)
