"""HTML pages: stories, lists of stories, how to subscribe, and what is shown for a page that is not there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment
from msgspec import structs

from publisher.addresses import (
    ALL_STORIES,
    FEED_STYLESHEET,
    OPML,
    SUBSCRIBE,
    FeedFormat,
    canonical_path,
    feed_path,
    image_path,
    section_topic,
    story_path,
    story_url,
    subscribe_path,
    topic_path,
)
from publisher.config import LANGUAGES, Site
from publisher.model import Section, StoredArticle, Topic, TopicKind
from publisher.teasers import Teaser
from publisher.templating import translations
from publisher.text.dates import local_time
from publisher.text.markup import summarise, wrap_tables

STYLESHEET = "style.css"
SCRIPT = "copy.js"
NOT_FOUND = "404.html"
LANGUAGE_NAMES = dict(zip(LANGUAGES, ("Қазақша", "Русский", "English"), strict=True))


class Pages:
    """Renders the site's pages. Links between them are relative, so that they work from a disk too."""

    def __init__(
        self,
        environment: Environment,
        site: Site,
        sections: Sequence[Section],
        topics: Sequence[Topic] = (),
        *,
        by_mail: bool = False,
    ) -> None:
        """`topics` are the tags and authors that have pages: stories link to them.

        With `by_mail`, there are digests to subscribe to.
        """
        self._by_mail = SUBSCRIBE if by_mail else ""
        self._environment = environment
        self._language = str(environment.globals["text_language"])
        self._site = site
        self._sections = sections
        self._topics = {section.slug: section_topic(section) for section in sections}
        self._tags = {topic.name: topic_path(topic) for topic in topics if topic.kind is TopicKind.TAG}
        self._authors = {topic.name: topic_path(topic) for topic in topics if topic.kind is TopicKind.AUTHOR}
        self._table = translations(site.language).gettext("Table")
        self._story = environment.get_template("story.html.j2")
        self._list = environment.get_template("list.html.j2")
        self._subscribe = environment.get_template("subscribe.html.j2")

    def stylesheet(self) -> bytes:
        return self._plain(STYLESHEET)

    def feed_stylesheet(self) -> bytes:
        """What makes an RSS or Atom file readable in a browser; all that it says, it says in CSS."""
        return self._plain(FEED_STYLESHEET)

    def script(self) -> bytes:
        """The copy buttons of the subscribe pages, which do without it too."""
        return self._plain(SCRIPT)

    def story(self, story: StoredArticle, *, visible: bool) -> bytes:
        """The page at `story_path(story.slug)`; of a story that may not be seen now, one that says so."""
        view = {**self._view(story), "hidden": not visible}
        return self._story.render(
            **self._common(
                path=story_path(story.slug),
                language=view["language"] if visible else self._site.language,
                topic=self._topics.get(story.section or "", ALL_STORIES),
            ),
            story=view,
            canonical=story_url(self._site, story),
            schema=self._schema(story, view),
        ).encode()

    def topic(self, topic: Topic, teasers: Sequence[Teaser]) -> bytes:
        """The page at `topic_path(topic)`. `teasers` come newest first."""
        return self._list.render(
            **self._common(path=topic_path(topic), topic=topic, is_topic=True),
            topic=topic,
            stories=[
                structs.replace(teaser, published_at=local_time(teaser.published_at, self._site.timezone))
                for teaser in teasers
            ],
            canonical=self._site.url + canonical_path(topic),
        ).encode()

    def subscribe(self, topic: Topic) -> bytes:
        """The page at `subscribe_path(topic)`."""
        others = [ALL_STORIES, *self._topics.values()]
        return self._subscribe.render(
            **self._common(path=subscribe_path(topic), topic=topic),
            topic=topic,
            others=[
                {"title": other.title, "path": subscribe_path(other)}
                for other in others
                if other != _current(topic)
            ],
            canonical=self._site.url + subscribe_path(_current(topic)),
            script=SCRIPT,
        ).encode()

    def not_found(self) -> bytes:
        """The page at NOT_FOUND. A server shows it at any depth, so its addresses begin at the root."""
        return self._at_any_depth("not_found.html.j2", {})

    def personal(self, template: str, **context: Any) -> bytes:
        """A page made for one reader, in the language of the environment's texts."""
        names = {"language_names": LANGUAGE_NAMES, "languages": _language_switch({})}
        return self._at_any_depth(template, names | context)

    def _at_any_depth(self, template: str, context: Mapping[str, Any]) -> bytes:
        common = self._common(path="", topic=ALL_STORIES, language=self._language)
        common["root"] = urlsplit(self._site.url).path
        return self._environment.get_template(template).render({**common, **context}).encode()

    def answer(
        self,
        template: str,
        *,
        path: str,
        query: Mapping[str, str] | None = None,
        feed: Mapping[str, str] | None = None,
        **context: Any,
    ) -> bytes:
        """A page that is made when somebody asks for it, in the language of the environment's texts.

        It stands at `path`, which is that of a folder, with `query`, and announces a feed of its own: its
        path and title.
        """
        common = self._common(path=path, topic=ALL_STORIES, language=self._language)
        if feed:
            common["feeds"] = [{**feed, "media_type": FeedFormat.ATOM.media_type}, *common["feeds"]]
        common["languages"] = _language_switch(query or {})
        return self._environment.get_template(template).render(common | context).encode()

    def _plain(self, name: str) -> bytes:
        return self._environment.get_template(name).render().encode()

    def _common(
        self, *, path: str, topic: Topic, language: str | None = None, is_topic: bool = False
    ) -> dict[str, Any]:
        """What every page needs; `topic` is what it is about, and whose page it is if `is_topic`."""
        topic = _current(topic)
        return {
            "site": self._site,
            "sections": self._sections,
            "here": topic.folder,
            "is_topic": is_topic,
            "root": "../" * path.count("/"),
            "language": language or self._site.language,
            "feeds": list(self._feeds(topic)),
            "subscribe_path": subscribe_path(topic),
            "opml_path": OPML,
            "by_mail": self._by_mail,
            "languages": (),
        }

    def _feeds(self, topic: Topic) -> Iterator[Mapping[str, str]]:
        """The feeds a page announces: its topic's, then those of all."""
        for each in dict.fromkeys((topic, ALL_STORIES)):
            for format_ in FeedFormat:
                yield {
                    "name": format_.name.lower(),
                    "path": feed_path(each.folder, format_),
                    "media_type": format_.media_type,
                    "label": format_.label,
                    "title": f"{each.title or self._site.title} ({format_.label})",
                }

    def _view(self, story: StoredArticle) -> dict[str, Any]:
        """What the templates may say of a story."""
        article, zone = story.article, self._site.timezone
        topic = self._topics.get(story.section or "")
        published_at = local_time(story.published_at, zone)
        return {
            "title": article.title,
            "language": article.language,
            "lead": article.lead,
            "correction": article.correction,
            "summary": summarise(article),
            "body_html": wrap_tables(article.body_html, self._table),
            "byline": article.byline,
            "author_path": self._authors.get(article.byline or ""),
            "photo": article.photo,
            "tags": [{"title": tag, "path": self._tags[tag]} for tag in article.tags if tag in self._tags],
            "reading_minutes": article.reading_minutes,
            "section": topic.title if topic else "",
            "section_slug": story.section if topic else None,
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


def _language_switch(query: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [
        {"language": code, "name": name, "href": f"?{urlencode({**query, 'lang': code})}"}
        for code, name in LANGUAGE_NAMES.items()
    ]


def _current(topic: Topic) -> Topic:
    """Where the topic is now: a section's former address announces the feeds of the present one."""
    return replace(topic, folder=topic.name) if topic.kind is TopicKind.SECTION else topic
