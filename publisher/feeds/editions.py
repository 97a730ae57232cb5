"""Feeds of what digests have sent: all editions of one, and the stories of one edition."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from publisher.addresses import (
    FEED_STYLESHEET,
    FeedFormat,
    edition_path,
    editions_path,
    feed_path,
    story_path,
)
from publisher.config import Site
from publisher.feeds.build import BEFORE_ALL, Feed, Item, feed_id
from publisher.identity import mint_public_id
from publisher.model import Headline, PublicEdition, Tombstone
from publisher.text.dates import local_time
from publisher.text.languages import direction


def build_editions_feed(
    site: Site, digest: str, *, title: str, language: str, updated_at: datetime | None
) -> Feed:
    """The feed of a digest's editions; its items are `build_edition_item`'s."""
    return _build(site, editions_path(digest), title=title, language=language, updated_at=updated_at)


def build_edition_feed(
    site: Site,
    edition: PublicEdition,
    *,
    title: str,
    updated_at: datetime,
    tombstones: tuple[Tombstone, ...],
) -> Feed:
    """The feed of one edition's stories."""
    path = edition_path(edition.digest, edition.local_date)
    return _build(
        site, path, title=title, language=edition.language, updated_at=updated_at, tombstones=tombstones
    )


def _build(
    site: Site,
    path: str,
    *,
    title: str,
    language: str,
    updated_at: datetime | None,
    tombstones: tuple[Tombstone, ...] = (),
) -> Feed:
    folder = path.rstrip("/")
    return Feed(
        id=feed_id(site, folder),
        title=f"{title} — {site.title}",
        description=title,
        author=site.author,
        language=language,
        page_url=site.url + path,
        urls={FeedFormat.ATOM: site.url + feed_path(folder, FeedFormat.ATOM)},
        updated_at=_to_second(updated_at or BEFORE_ALL, site),
        stylesheet="../" * path.count("/") + FEED_STYLESHEET,
        tombstones=tombstones,
    )


def build_edition_item(
    site: Site, edition: PublicEdition, headlines: Sequence[Headline], *, title: str
) -> Item:
    """An edition as one entry, which lists its stories.

    It counts as updated when a story of it is withdrawn: a reader's copy shall go.
    """
    path = edition_path(edition.digest, edition.local_date)
    lines = "\n".join(_line(site, headline) for headline in headlines)
    return Item(
        id=mint_public_id(site.id, f"edition:{edition.digest}/{edition.local_date}"),
        url=site.url + path,
        title=title,
        summary=" · ".join(headline.title for headline in headlines),
        content_html=f"<ul>\n{lines}\n</ul>" if lines else "",
        author=site.author,
        language=edition.language,
        categories=(),
        published_at=_to_second(edition.frozen_at, site),
        updated_at=_to_second(edition.changed_at, site),
    )


def _to_second(at: datetime, site: Site) -> datetime:
    """As all our feeds write times."""
    return local_time(at.replace(microsecond=0), site.timezone)


def _line(site: Site, headline: Headline) -> str:
    url = headline.url or site.url + story_path(headline.slug)
    language = f'lang="{escape(headline.language)}" dir="{direction(headline.language)}"'
    return f'<li {language}><a href="{escape(url)}">{escape(headline.title, quote=False)}</a></li>'
