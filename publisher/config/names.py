"""Names that stand in more than one table."""

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from publisher.config.table import Table

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def read_slug(table: Table, taken: Iterable[str]) -> str:
    slug = table.text("slug")
    if slug and not SLUG.fullmatch(slug):
        table.complain("slug", f"is {slug!r}", "use a-z, 0-9 and single hyphens")
    if slug in taken:
        table.complain("slug", f"{slug!r} stands twice", "name it once")
    return slug


def read_timezone(table: Table, default: str) -> ZoneInfo:
    hint = 'write an IANA name such as "Asia/Almaty"'
    name = table.text("timezone", default, hint) or default
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        table.complain("timezone", f"{name!r} is no time zone", hint)
        return ZoneInfo("UTC")
