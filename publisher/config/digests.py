"""[[digests]]: which stories, when, and how their letter looks."""

import re
from collections.abc import Collection
from datetime import date, time
from string import Formatter

from publisher.config.names import read_slug, read_timezone
from publisher.config.table import Table, nearest
from publisher.config.types import LANGUAGES, WEEKDAYS, Digest, Order, Site, WhenEmpty

CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?", re.ASCII)
TEMPLATE_NAME = re.compile(r"[a-z0-9_-]+")
SUBJECT_FIELDS = frozenset({"title", "date", "first", "count"})


def read_digests(tables: list[Table], sections: Collection[str], site: Site) -> tuple[Digest, ...]:
    digests: dict[str, Digest] = {}
    for table in tables:
        slug = read_slug(table, taken=digests)
        digests[slug] = Digest(
            slug=slug,
            title=table.text("title"),
            sections=_sections(table, sections),
            tags=table.texts("tags", []),
            keywords=table.texts("keywords", []),
            since=_since(table),
            order=Order(table.choice("order", tuple(Order), Order.NEWEST)),
            when_empty=WhenEmpty(table.choice("when_empty", tuple(WhenEmpty), WhenEmpty.SKIP)),
            language=table.choice("language", LANGUAGES, site.language),
            timezone=read_timezone(table, site.timezone.key),
            time=_clock(table),
            days=_days(table),
            template=_template(table),
            subject=_subject(table),
            max_stories=table.number("max_stories", 20, low=1, high=100),
        )
        table.close()
    return tuple(digests.values())


def _sections(table: Table, known: Collection[str]) -> tuple[str, ...]:
    named = table.texts("sections")
    for slug in named:
        if slug not in known:
            names = ", ".join(sorted(known)) or "none"
            table.complain(
                "sections", f"{slug!r} is no section", f"sections here: {names}{nearest(slug, known)}"
            )
    return named


def _since(table: Table) -> date | None:
    text = table.text("since", "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        table.complain("since", f"is {text!r}", 'write a date as "2024-03-26", or leave it out')
        return None


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
