"""HTML pages: one for every story without an address of its own, one for every section, one for the site."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from jinja2 import Environment

from publisher.addresses import (
    ALL,
    FeedFormat,
    canonical_path,
    feed_path,
    image_path,
    story_path,
    story_url,
    topic_path,
)
from publisher.config import Site
from publisher.model import Section, StoredArticle, Topic
from publisher.text.dates import local_time
from publisher.text.markup import summarise

STYLESHEET = "style.css"


class Teaser(msgspec.Struct, frozen=True, array_like=True):
    """What a list says of a story."""

    title: str
    language: str
    summary: str
    section: str
    published_at: datetime
    href: str
    own_address: bool


def build_teaser(site: Site, story: StoredArticle, titles: Mapping[str, str]) -> Teaser:
    article = story.article
    return Teaser(
        title=article.title,
        language=article.language,
        summary=summarise(article),
        section=titles.get(story.section or "", ""),
        published_at=local_time(story.published_at, site.timezone),
        href=article.url or story_path(story.slug),
        own_address=article.url is not None,
    )


class Pages:
    """Renders the site's pages. Links between them are relative, so that they work from a disk too."""

    def __init__(self, environment: Environment, site: Site, sections: Sequence[Section]) -> None:
        self._environment = environment
        self._site = site
        self._sections = sections
        self._titles = {section.slug: section.title for section in sections}
        self._story = environment.get_template("story.html.j2")
        self._list = environment.get_template("list.html.j2")

    def stylesheet(self) -> bytes:
        return self._environment.get_template(STYLESHEET).render().encode()

    def story(self, story: StoredArticle, *, visible: bool) -> bytes:
        """The page at `story_path(story.slug)`; of a story that may not be seen now, one that says so."""
        view = {**self._view(story), "hidden": not visible}
        return self._story.render(
            **self._common(root="../", language=view["language"], slug=story.section or ALL),
            story=view,
            canonical=story_url(self._site, story),
            schema=self._schema(story, view),
        ).encode()

    def topic(self, topic: Topic, teasers: Sequence[Teaser]) -> bytes:
        """The page at `topic_path(topic)`. `teasers` come newest first."""
        path = topic_path(topic)
        return self._list.render(
            **self._common(root="../" * path.count("/"), language=self._site.language, slug=topic.folder),
            topic=topic,
            stories=[self._localise(teaser) for teaser in teasers],
            canonical=self._site.url + canonical_path(topic),
        ).encode()

    def _localise(self, teaser: Teaser) -> Teaser:
        """MessagePack keeps the instant, not its offset."""
        published_at = local_time(teaser.published_at, self._site.timezone)
        return msgspec.structs.replace(teaser, published_at=published_at)

    def _common(self, *, root: str, language: str, slug: str) -> dict[str, Any]:
        return {
            "site": self._site,
            "sections": self._sections,
            "here": slug,
            "root": root,
            "language": language,
            "feeds": list(self._feeds(slug)),
        }

    def _feeds(self, slug: str) -> Iterator[Mapping[str, str]]:
        """The feeds a page announces: its section's, then those of all."""
        for name in dict.fromkeys((slug, ALL)):
            title = self._titles.get(name)
            for format_ in FeedFormat:
                yield {
                    "path": feed_path(name, format_),
                    "media_type": format_.media_type,
                    "label": format_.label,
                    "title": f"{title or self._site.title} ({format_.label})",
                }

    def _view(self, story: StoredArticle) -> dict[str, Any]:
        """What the templates may say of a story."""
        article, zone = story.article, self._site.timezone
        published_at = local_time(story.published_at, zone)
        return {
            "title": article.title,
            "language": article.language,
            "lead": article.lead,
            "correction": article.correction,
            "summary": summarise(article),
            "body_html": article.body_html,
            "byline": article.byline,
            "photo": article.photo,
            "reading_minutes": article.reading_minutes,
            "section": self._titles.get(story.section or "", ""),
            "section_slug": story.section,
            "published_at": published_at,
            "updated_at": local_time(story.updated_at, zone),
            "clock": f"{published_at:%H:%M}" if article.dateline.clock else "",
            "href": article.url or story_path(story.slug),
            "own_address": article.url is not None,
            "image_path": image_path(article.image) if article.image else None,
        }

    def _schema(self, story: StoredArticle, view: Mapping[str, Any]) -> dict[str, Any]:
        """schema.org NewsArticle."""
        site, article = self._site, story.article
        schema: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "@id": story.public_id,
            "headline": article.title,
            "description": view["summary"],
            "datePublished": view["published_at"].isoformat(),
            "dateModified": view["updated_at"].isoformat(),
            "inLanguage": article.language,
            "mainEntityOfPage": story_url(site, story),
            "author": {
                "@type": "Person" if article.byline else "Organization",
                "name": article.byline or site.author,
            },
            "publisher": {"@type": "NewsMediaOrganization", "name": site.author, "url": site.url},
        }
        if view["section"]:
            schema["articleSection"] = view["section"]
        if article.correction:
            schema["correction"] = {"@type": "CorrectionComment", "text": article.correction}
        if article.image:
            schema["image"] = site.url + image_path(article.image)
        if article.tags:
            schema["keywords"] = list(article.tags)
        return schema
