"""What the output folder should hold: each file with a digest of all it is made from, and how to make it."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from publisher.addresses import (
    ALL_STORIES,
    FEED_STYLESHEET,
    NEWS_SITEMAP,
    OPML,
    ROBOTS,
    author_topic,
    image_path,
    section_topic,
    story_path,
    story_url,
    tag_topic,
)
from publisher.config import Config
from publisher.errors import Problem
from publisher.inbox.image import kept_image
from publisher.listings import (
    NEWS_LIMIT,
    NEWS_WINDOW,
    NewsStory,
    build_news_sitemap,
    build_opml,
    build_robots,
)
from publisher.model import Image, Topic, TopicKind
from publisher.pages import NOT_FOUND, SCRIPT, STYLESHEET, Pages
from publisher.pipeline.fingerprint import digest_of
from publisher.pipeline.fragments import FragmentShelf
from publisher.pipeline.group import BlockedError, Files, Group
from publisher.pipeline.syndication import Syndication
from publisher.pipeline.topics import all_sections, list_topics
from publisher.store import archives, stories
from publisher.store.fragments import FragmentCache
from publisher.store.stories import Brief
from publisher.templating import build_environment


def plan_output(
    config: Config,
    connection: Connection,
    cache: FragmentCache,
    site: str,
    *,
    now: datetime,
    dry_run: bool,
    rebuild: bool,
    former: Collection[str],
) -> Iterator[Group]:
    """Every file of the output: stories first, so that no feed links to a page that is not there yet.

    `site` is the fingerprint of settings, templates and program, `former` are the paths of the last run. With
    `rebuild`, nothing that the cache holds is trusted.
    """
    sections = all_sections(config, connection)
    titles = {section.slug: section.title for section in sections}
    inputs = digest_of(site, *map(repr, sections))
    named = [*map(tag_topic, config.feeds.tags), *map(author_topic, config.feeds.authors)]
    environment = build_environment(config.templates, config.site.language)
    pages = Pages(environment, config.site, sections, named, by_mail=bool(config.digests))
    topics = [ALL_STORIES, *map(section_topic, sections), *named]
    yield _plan_fixed(config, pages, topics, inputs)
    yield from _plan_images(config, connection, now=now, dry_run=dry_run)
    yield from _plan_stories(connection, pages, inputs, now=now)
    shelf = FragmentShelf(connection, cache, config.site, titles, rebuild=rebuild)
    syndication = Syndication(
        config=config, connection=connection, pages=pages, shelf=shelf, inputs=inputs, now=now
    )
    for topic in list_topics(config, connection, sections, former):
        *archived, newest = syndication.plan(topic)
        yield from archived
        if topic.kind is TopicKind.ALL:  # where the feed may not go live, the sitemap may not either
            newest = newest.together_with(_plan_news_sitemap(config, connection, inputs, now=now))
        yield newest
    shelf.forget_others()


def file_archives(config: Config, connection: Connection, *, now: datetime, former: Collection[str]) -> None:
    """Give the stories that the feeds have no room for their place in the archives."""
    if config.feeds.archives:
        topics = list_topics(config, connection, all_sections(config, connection), former)
        archives.file_overflow(connection, topics, limit=config.feeds.limit, now=now)


def _plan_fixed(config: Config, pages: Pages, topics: Sequence[Topic], inputs: str) -> Group:
    """What depends on no story."""

    def build() -> Files:
        return {
            STYLESHEET: pages.stylesheet(),
            FEED_STYLESHEET: pages.feed_stylesheet(),
            SCRIPT: pages.script(),
            NOT_FOUND: pages.not_found(),
            OPML: build_opml(config.site, topics),
            ROBOTS: build_robots(config.site),
        }

    return Group((STYLESHEET, FEED_STYLESHEET, SCRIPT, NOT_FOUND, OPML, ROBOTS), inputs, build)


def _plan_news_sitemap(config: Config, connection: Connection, inputs: str, *, now: datetime) -> Group:
    newest = stories.newest_briefs(connection, ALL_STORIES, limit=NEWS_LIMIT, now=now)
    briefs = [brief for brief in newest if newest[0].published_at - brief.published_at <= NEWS_WINDOW]

    def build() -> Files:
        found = stories.with_ids(connection, [brief.id for brief in briefs])
        news = [
            NewsStory(
                url=story_url(config.site, story),
                title=story.article.title,
                language=story.article.language,
                published_at=story.published_at,
            )
            for story in found
        ]
        return {NEWS_SITEMAP: build_news_sitemap(config.site, news)}

    made_from = digest_of(inputs, *(brief.fingerprint for brief in briefs))
    return Group((NEWS_SITEMAP,), made_from, build)


def _plan_images(config: Config, connection: Connection, *, now: datetime, dry_run: bool) -> Iterator[Group]:
    def build(image: Image) -> Files:
        path = kept_image(config.inbox.images, image)
        try:
            return {image_path(image): path.read_bytes()}
        except FileNotFoundError as error:
            if dry_run:  # it would be there by now
                return {image_path(image): b""}
            lost = Problem(where=str(path), cause="the picture is lost", hint="drop it into the inbox again")
            raise BlockedError([lost]) from error

    for image in stories.visible_images(connection, now=now):
        yield Group((image_path(image),), image.digest, partial(build, image))


def _plan_stories(connection: Connection, pages: Pages, inputs: str, *, now: datetime) -> Iterator[Group]:
    def build(brief: Brief) -> Files:
        story = stories.with_id(connection, brief.id)
        return {story_path(brief.slug): pages.story(story, visible=brief.visible)}

    for brief in stories.briefs_with_page(connection, now=now):
        made_from = digest_of(inputs, brief.fingerprint)
        yield Group((story_path(brief.slug),), made_from, partial(build, brief))
