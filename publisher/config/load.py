"""config.toml → a frozen `Config`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from publisher.config.delivery import read_delivery
from publisher.config.digests import read_digests
from publisher.config.names import read_slug, read_timezone
from publisher.config.table import Table
from publisher.config.types import (
    LANGUAGES,
    Config,
    Deletions,
    Feeds,
    Inbox,
    Site,
    UnknownSections,
)
from publisher.config.web import read_web
from publisher.errors import ConfigError, Problem
from publisher.model import Section
from publisher.text.slugs import slugify
from publisher.text.urls import web_address

QUERY = re.compile(r'[!"$-~]*')
_SQLITE = "sqlite:///"
RESERVED_SLUGS = frozenset(
    {"all", "authors", "images", "stories", "tags"}
    | {"confirm", "editions", "healthz", "metrics", "preferences", "readyz", "subscribe", "unsubscribe"}
)
"""Folders of the output, and addresses of the web, that are not a section's."""


def load_config(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check the config file.

    Raises:
        ConfigError: with every problem found, each by its dotted name.
    """
    try:
        values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError.of(
            path, f"cannot be read ({error.strerror})", "name the file with --config"
        ) from error
    except (ValueError, RecursionError) as error:  # TOML's own error and a wrong encoding are ValueErrors
        raise ConfigError.of(path, f"is not valid TOML: {error}", "mend that line") from error
    problems: list[Problem] = []
    config = _read(Table(values, "", problems), path.resolve().parent, environ)
    problems = problems or list(_inside_inbox(config))
    if problems:
        raise ConfigError(
            Problem(where=f"{path}: {problem.where}", cause=problem.cause, hint=problem.hint)
            for problem in problems
        )
    return config


def _inside_inbox(config: Config) -> Iterator[Problem]:
    """What is written into the inbox would be taken for a story."""
    for where, path in (
        ("inbox.quarantine", config.inbox.quarantine),
        ("inbox.images", config.inbox.images),
        ("feeds.output", config.feeds.output),
        ("feeds.cache", config.feeds.cache),
        ("delivery.outbox", config.delivery.outbox),
        ("store.url", Path(config.store_url.removeprefix(_SQLITE))),
    ):
        if path.resolve().is_relative_to(config.inbox.path.resolve()):
            yield Problem(where=where, cause="lies inside the inbox", hint="choose another folder")


def _read(top: Table, root: Path, environ: Mapping[str, str]) -> Config:
    site = _read_site(top.table("site"))
    inbox = _read_inbox(top.table("inbox"), root)
    store_url = _read_store(top.table("store"), root)
    feeds = _read_feeds(top.table("feeds"), root)
    sections = _read_sections(top.tables("sections"))
    digests = read_digests(top.tables("digests"), {section.slug for section in sections}, site)
    delivery = read_delivery(top.table("delivery"), root, environ)
    web = read_web(top.table("web"))
    top.close()
    return Config(
        root=root,
        site=site,
        inbox=inbox,
        store_url=store_url,
        feeds=feeds,
        sections=sections,
        digests=digests,
        delivery=delivery,
        web=web,
        secret=environ.get("PUBLISHER_SECRET") or None,
    )


def _read_site(table: Table) -> Site:
    url = table.text("url")
    base = web_address(url)
    if url and base is None:
        table.complain("url", f"is {url!r}", 'write an address such as "https://news.example.kz/"')
    site = Site(
        id=table.text("id"),
        title=table.text("title"),
        url=(base or "").rstrip("/") + "/",
        language=table.choice("language", LANGUAGES, "kk"),
        timezone=read_timezone(table, "UTC"),
        author=table.text("author"),
    )
    table.close()
    return site


def _read_inbox(table: Table, root: Path) -> Inbox:
    inbox = Inbox(
        path=root / table.text("path"),
        quarantine=root / table.text("quarantine", "state/quarantine"),
        images=root / table.text("images", "state/images"),
        interval=table.number("interval", 60, low=1, high=86_400),
        settle=table.number("settle", 2, low=0, high=3600),
        deletions=Deletions(table.choice("deletions", tuple(Deletions), Deletions.KEEP)),
        unknown_sections=UnknownSections(
            table.choice("unknown_sections", tuple(UnknownSections), UnknownSections.MAKE)
        ),
    )
    table.close()
    return inbox


def _read_store(table: Table, root: Path) -> str:
    url = table.text("url", "sqlite:///state/publisher.db")
    table.close()
    if not url.startswith(_SQLITE) or url == _SQLITE:
        table.complain("url", f"is {url!r}", 'write "sqlite:///state/publisher.db"')
        return url
    return f"{_SQLITE}{root / url.removeprefix(_SQLITE)}"


def _read_feeds(table: Table, root: Path) -> Feeds:
    feeds = Feeds(
        output=root / table.text("output", "feeds"),
        cache=root / table.text("cache", "state/fragments.db"),
        limit=table.number("limit", 50, low=1, high=1000),
        archives=table.flag("archives", default=False),
        tags=_names(table, "tags"),
        authors=_names(table, "authors"),
        hub=_hub(table),
    )
    table.close()
    return feeds


def _hub(table: Table) -> str | None:
    written = table.text("hub", "")
    if not written:
        return None
    base, mark, query = written.partition("?")
    address = web_address(base)
    if address is None or not QUERY.fullmatch(query):
        hint = 'write an address such as "https://hub.example.com/", or "" for none'
        table.complain("hub", f"is {written!r}", hint)
        return None
    return address + mark + query


def _names(table: Table, key: str) -> tuple[str, ...]:
    """Names that become folders of the output."""
    names: dict[str, str] = {}
    for name in table.texts(key, []):
        slug = slugify(name)
        if not slug:
            table.complain(key, f"{name!r} has no letter to make an address of", "leave it out")
        elif slug in names:
            table.complain(key, f"{name!r} and {names[slug]!r} make the same address", "leave one out")
        names[slug] = name
    return tuple(names.values())


def _read_sections(tables: list[Table]) -> tuple[Section, ...]:
    sections: dict[str, Section] = {}
    for table in tables:
        slug = read_slug(table, taken=sections)
        sections[slug] = Section(slug=slug, title=table.text("title"), aliases=table.texts("aliases", []))
        if slug in RESERVED_SLUGS:
            table.complain("slug", f"{slug!r} is a folder of the publisher's own", "choose another")
        table.close()
    return tuple(sections.values())
