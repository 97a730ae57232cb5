"""Front matter: the fields above a Markdown text, in YAML (`---`) or in Hugo's TOML (`+++`).

Every value is read as text: YAML's own guesses turn NO into False and 12:30 into 750.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from publisher.errors import RefusedError
from publisher.readers.fields import one_line, unique

_YAML = re.compile(r"---[ \t]*\n(.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?)(?<=\n)\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
_FENCE = re.compile(r"(---|\+\+\+)[ \t]*\n")
_C_LOADER_LIMIT = 4096
"""libyaml recurses in C: a megabyte of brackets ends the process."""
_TOML_LIMIT = 1 << 16

DATES = ("date", "published", "pubdate", "date_published", "publishdate")
"""`publishDate` is also an embargo: where it is the only date, it is both."""
EMBARGOES = ("embargo", "publish_at", "publishdate")
CORRECTIONS = ("correction", "corrections", "correction_note", "erratum")
_WORDS = (
    "title lead summary description section category author byline language lang "
    "photo_caption photo_credit id url canonical draft status".split()
)
_LISTS = frozenset(("tags", "keywords", "categories"))
_KNOWN = frozenset((*_WORDS, *DATES, *EMBARGOES, *CORRECTIONS, *_LISTS))
_TEXTS = (*_WORDS, *dict.fromkeys((*DATES, *EMBARGOES)))
_OTHERS_BUSINESS = frozenset(
    "layout type weight aliases slug permalink lastmod modified updated toc comments menu cascade outputs "
    "markup math robots sitemap linktitle iscjklanguage pin excerpt_separator render_with_liquid".split()
)
"""What Hugo and Jekyll use to build their own sites: nothing of the story is lost with it."""

Fields = dict[str, Any]


def split_front_matter(text: str) -> tuple[Fields, str]:
    """The fields by their names in lower case, and the text below them.

    Raises:
        RefusedError: it never ends, or is not in the language that its fence promises.
    """
    if match := _YAML.match(text):
        return _yaml(match[1].rstrip("\n")), text[match.end() :]
    if not (fence := _FENCE.match(text)):
        return {}, text
    if match := _TOML.match(text):
        return _toml(match[1]), text[match.end() :]
    raise RefusedError("the front matter never ends", f"close it with a line of its own: {fence[1]}")


def _yaml(block: str) -> Fields:
    import yaml

    fields = None
    try:
        # An alias can make a page of text out of a line, and no newsroom writes one: refuse them all.
        if "*" in block and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block)):
            raise RefusedError("the front matter uses YAML aliases", "write the values out")
        if len(block) <= _C_LOADER_LIMIT and hasattr(yaml, "CBaseLoader"):
            # A hundred times as fast; but it refuses some escapes, so its refusals do not count.
            with suppress(yaml.YAMLError):
                fields = yaml.load(block, yaml.CBaseLoader)  # noqa: S506 — BaseLoaders make strings only
        fields = yaml.load(block, yaml.BaseLoader) if fields is None else fields  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" (line {line + 2})" if line is not None else ""
        raise RefusedError(
            f"the front matter is not valid YAML{where}", "quote values that hold a colon"
        ) from error
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise RefusedError("the front matter is not a list of «key: value» lines", "write «title: …»")
    if "!!" in block:  # a value with YAML's type tag is meant for a program: no list in it is one text
        fields = {key: value if isinstance(value, str) else None for key, value in fields.items()}
    return {str(key).casefold(): value for key, value in fields.items()}


def _toml(block: str) -> Fields:
    import tomllib

    if len(block) > _TOML_LIMIT:
        raise RefusedError("the front matter is larger than any", "keep the text below the second +++")
    try:
        fields = tomllib.loads(block, parse_float=str)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise RefusedError(
            "the front matter is not valid TOML", "+++ promises TOML; between --- it is YAML"
        ) from error
    return {key.casefold(): _as_text(value) for key, value in fields.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | datetime | time) else str(value)


def word(fields: Fields, *names: str) -> str:
    """The first of the named fields that holds text, on one line; a list of one text is that text."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if isinstance(value, str) and (text := one_line(value)):
            return text
    return ""


def spelled(fields: Fields, *names: str) -> str:
    """As `word`, but a list is no reason to see nothing: what holds a story back must not be overlooked."""
    return word({name: str(fields[name]) for name in names if name in fields}, *names)


def texts(fields: Fields, name: str) -> tuple[str, ...]:
    """A list's texts; a text is a list with commas."""
    value = fields.get(name)
    values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return unique(item for item in values if isinstance(item, str))


def all_texts(fields: Fields, *names: str) -> tuple[str, ...]:
    """As `word`, but of a list all texts count; a comma parts none."""
    values = (fields[name] for name in names if name in fields and _are_texts(fields[name]))
    found = (unique(value if isinstance(value, list) else [value]) for value in values)
    return next(filter(None, found), ())


def left_out(fields: Fields) -> Iterator[str]:
    """What the file says in vain."""
    if unknown := [key for key in fields if key not in _KNOWN and key not in _OTHERS_BUSINESS]:
        yield f"nobody knows these fields of the front matter: {', '.join(sorted(unknown))}"
    wrong = [key for key in _TEXTS if key in fields and not _is_text(fields[key])]
    if wrong := wrong + [key for key in CORRECTIONS if key in fields and not _are_texts(fields[key])]:
        yield f"these fields of the front matter hold no single text: {', '.join(wrong)}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(item, str) for item in value)
    )
