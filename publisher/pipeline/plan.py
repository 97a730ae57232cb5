"""What the output folder should hold: each file with a digest of all it is made from, and how to make it."""

import hashlib
from collections.abc import Collection, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from publisher.addresses import ALL, FeedFormat, feed_path, image_path, section_path, story_path
from publisher.config import Config
from publisher.errors import Problem
from publisher.feeds import RENDERERS, build_feed, check_feed
from publisher.inbox.image import kept_image
from publisher.model import Image, Section
from publisher.pages import STYLESHEET, Pages
from publisher.pipeline.group import BlockedError, Files, Group
from publisher.pipeline.sections import all_sections
from publisher.store import stories
from publisher.store.sections import section_titles
from publisher.store.stories import Brief
from publisher.templating import build_environment

_BLOCKED_HINT = "the last good version stays; restore the store, or delete the file to accept the new one"


def plan_output(
    config: Config,
    connection: Connection,
    site: str,
    *,
    now: datetime,
    dry_run: bool,
    former: Collection[str],
) -> Iterator[Group]:
    """Every file of the output: stories first, so that no feed links to a page that is not there yet.

    `former` are the paths of the last run: a section that has lost its stories keeps its feeds, empty.
    """
    sections = all_sections(config, connection)
    shown = {section.slug for section in sections}
    left = [
        Section(slug=slug, title=title)
        for slug, title in section_titles(connection).items()
        if slug not in shown and feed_path(slug, FeedFormat.RSS) in former
    ]
    return _Planner(config, connection, sections, left, site, now=now, dry_run=dry_run).groups()


class _Planner:
    def __init__(
        self,
        config: Config,
        connection: Connection,
        sections: list[Section],
        left: list[Section],
        site: str,
        *,
        now: datetime,
        dry_run: bool,
    ) -> None:
        self._config = config
        self._connection = connection
        self._now = now
        self._dry_run = dry_run
        self._sections = sections
        self._left = left
        self._site = _digest(site, *map(repr, sections))
        environment = build_environment(config.templates, config.site.language)
        self._pages = Pages(environment, config.site, sections)

    def groups(self) -> Iterator[Group]:
        yield Group((STYLESHEET,), self._site, lambda: {STYLESHEET: self._pages.stylesheet()})
        for image in stories.visible_images(self._connection, now=self._now):
            yield Group((image_path(image),), image.digest, partial(self._build_image, image))
        for brief in stories.briefs_with_page(self._connection, now=self._now):
            inputs = _digest(self._site, brief.fingerprint)
            yield Group((story_path(brief.slug),), inputs, partial(self._build_story, brief))
        for section in (*self._sections, *self._left, None):
            yield self._plan_section(section)

    def _build_image(self, image: Image) -> Files:
        path = kept_image(self._config.inbox.images, image)
        try:
            return {image_path(image): path.read_bytes()}
        except FileNotFoundError as error:
            if self._dry_run:  # it would be there by now
                return {image_path(image): b""}
            lost = Problem(where=str(path), cause="the picture is lost", hint="drop it into the inbox again")
            raise BlockedError([lost]) from error

    def _build_story(self, brief: Brief) -> Files:
        story = stories.with_id(self._connection, brief.id)
        return {story_path(brief.slug): self._pages.story(story, visible=brief.visible)}

    def _plan_section(self, section: Section | None) -> Group:
        """A section's feeds and page, or those of all (None): a page must not say what its feed may not."""
        slug = section.slug if section else None
        briefs = stories.newest_briefs(
            self._connection, section=slug, limit=self._config.feeds.limit, now=self._now
        )
        paths = [feed_path(slug or ALL, format_) for format_ in FeedFormat]
        page = (section_path(slug) if slug else "") + "index.html"
        inputs = _digest(self._site, *(brief.fingerprint for brief in briefs))
        return Group((page, *paths), inputs, partial(self._build_section, section, page))

    def _build_section(self, section: Section | None, page: str) -> Files:
        config, slug = self._config, section.slug if section else None
        newest = stories.newest(self._connection, section=slug, limit=config.feeds.limit, now=self._now)
        titles = {section.slug: section.title for section in self._sections}
        feed = build_feed(config.site, section, newest, titles)
        feeds = {feed_path(slug or ALL, format_): RENDERERS[format_](feed) for format_ in FeedFormat}
        findings = [
            Problem(where=path, cause=finding, hint=_BLOCKED_HINT)
            for (path, data), format_ in zip(feeds.items(), FeedFormat, strict=True)
            for finding in self._check(config.feeds.output / path, data, format_)
        ]
        if findings:
            raise BlockedError(findings)
        return {page: self._pages.section(section, newest)} | feeds

    def _check(self, path: Path, data: bytes, format_: FeedFormat) -> list[str]:
        previous = path.read_bytes() if path.is_file() else None
        if previous == data:
            return []
        known = partial(stories.known_public_ids, self._connection)
        return check_feed(data, previous, format_, known=known, now=self._now)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
