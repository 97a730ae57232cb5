"""config.toml → a frozen `Config`."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publisher.config.delivery import read_delivery
from publisher.config.table import Table, nearest
from publisher.config.types import (
    LANGUAGES,
    WEEKDAYS,
    Config,
    Deletions,
    Digest,
    Feeds,
    Inbox,
    Site,
    UnknownSections,
)
from publisher.errors import ConfigError, Problem
from publisher.model import Section
from publisher.text.slugs import slugify
from publisher.text.urls import web_address

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?", re.ASCII)
TEMPLATE_NAME = re.compile(r"[a-z0-9_-]+")
QUERY = re.compile(r'[!"$-~]*')
_SQLITE = "sqlite:///"
RESERVED_SLUGS = frozenset({"all", "authors", "images", "stories", "tags"})
"""Folders of the output that are not a section's."""
SUBJECT_FIELDS = frozenset({"title", "date", "first", "count"})


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
    digests = _read_digests(top.tables("digests"), {section.slug for section in sections})
    delivery = read_delivery(top.table("delivery"), root, environ)
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
        secret=environ.get("PUBLISHER_SECRET") or None,
    )


def _read_site(table: Table) -> Site:
    url = table.text("url")
    base = web_address(url)
    if url and base is None:
        table.complain("url", f"is {url!r}", 'write an address such as "https://news.example.kz/"')
    hint = 'write an IANA name such as "Asia/Almaty"'
    zone_name = table.text("timezone", "UTC", hint) or "UTC"
    try:
        zone = ZoneInfo(zone_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
        table.complain("timezone", f"{zone_name!r} is no time zone", hint)
    site = Site(
        id=table.text("id"),
        title=table.text("title"),
        url=(base or "").rstrip("/") + "/",
        language=table.choice("language", LANGUAGES, "kk"),
        timezone=zone,
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
        slug = _slug(table, taken=sections)
        sections[slug] = Section(slug=slug, title=table.text("title"), aliases=table.texts("aliases", []))
        if slug in RESERVED_SLUGS:
            table.complain("slug", f"{slug!r} is a folder of the publisher's own", "choose another")
        table.close()
    return tuple(sections.values())


def _slug(table: Table, taken: Iterable[str]) -> str:
    slug = table.text("slug")
    if slug and not SLUG.fullmatch(slug):
        table.complain("slug", f"is {slug!r}", "use a-z, 0-9 and single hyphens")
    if slug in taken:
        table.complain("slug", f"{slug!r} stands twice", "name it once")
    return slug


def _read_digests(tables: list[Table], sections: set[str]) -> tuple[Digest, ...]:
    digests: dict[str, Digest] = {}
    for table in tables:
        slug = _slug(table, taken=digests)
        digests[slug] = Digest(
            slug=slug,
            title=table.text("title"),
            sections=_digest_sections(table, sections),
            time=_clock(table),
            days=_days(table),
            template=_template(table),
            subject=_subject(table),
            max_stories=table.number("max_stories", 20, low=1, high=100),
        )
        table.close()
    return tuple(digests.values())


def _digest_sections(table: Table, known: set[str]) -> tuple[str, ...]:
    named = table.texts("sections")
    for slug in named:
        if slug not in known:
            names = ", ".join(sorted(known)) or "none"
            table.complain(
                "sections", f"{slug!r} is no section", f"sections here: {names}{nearest(slug, known)}"
            )
    return named


def _clock(table: Table) -> time:
    text = table.text("time", "08:00")
    if CLOCK.fullmatch(text):
        return time.fromisoformat(text)
    table.complain("time", f"is {text!r}", 'write a time of day such as "08:00"')
    return time(8)


def _days(table: Table) -> tuple[str, ...]:
    days = table.texts("days", list(WEEKDAYS))
    for day in days:
        if day not in WEEKDAYS:
            table.complain("days", f"{day!r} is no day", f"use {', '.join(WEEKDAYS)}")
    return days


def _template(table: Table) -> str:
    name = table.text("template", "digest")
    if not TEMPLATE_NAME.fullmatch(name):
        table.complain("template", f"is {name!r}", "write the name without folder and suffix: digest")
    return name


def _subject(table: Table) -> str:
    subject = table.text("subject", "{title}, {date}")
    try:
        # A name alone: «{title!r}» or «{count:>9}» are Python's business, not an editor's.
        parts = [part for part in Formatter().parse(subject) if part[1] is not None]
        fields = {name if not spec and not conversion else "" for _, name, spec, conversion in parts}
    except ValueError:
        fields = {""}
    if not fields <= SUBJECT_FIELDS:
        known = ", ".join(f"{{{name}}}" for name in sorted(SUBJECT_FIELDS))
        table.complain("subject", f"is {subject!r}", f"the fields are {known}")
    return subject
