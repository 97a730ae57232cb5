"""Markdown with YAML front matter, as Hugo, Jekyll and most editors write it.

Every front matter value is read as text: YAML's own guesses turn NO into False and 12:30 into 750.
Most stories are plain prose; for those there is a short way, which gives the same HTML as the long one (a
test compares the two on random texts).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any

from publisher.errors import RefusedError
from publisher.model import Article, Origin, PubStatus
from publisher.readers.fields import (
    Standing,
    date_warnings,
    is_language,
    is_web_address,
    one_line,
    read_photo,
    read_standing,
    require_date,
    require_text,
    require_title,
    story_language,
    unique,
)
from publisher.text.characters import clean, read_text
from publisher.text.markup import plain_paragraphs, sanitise

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FENCE = re.compile(r"---[ \t]*\n")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_HEADING = re.compile(r"#[ \t][^\n]*(?:\n|$)")
# Where CommonMark (or its tables and strike-through) might see more than prose.
_SYNTAX = "\\`*_[]<&~|\t"
_SYNTAX_AT_START = re.compile(r"[-+=#> ]|\d{1,9}[.)]")
_C_LOADER_LIMIT = 4096
"""libyaml recurses in C: a megabyte of brackets ends the process."""
_DRAFT = {"true": True, "yes": True, "on": True, "1": True, "": False}
_DRAFT |= {"false": False, "no": False, "off": False, "0": False, "null": False, "~": False}

_WORDS = (
    "title date published lead summary description section category author byline language lang "
    "photo_caption photo_credit id url canonical draft status embargo publish_at publishdate"
).split()
_LISTS = ("tags", "keywords")
_OTHERS_BUSINESS = frozenset(
    "layout type weight aliases slug permalink lastmod modified updated toc comments menu cascade outputs "
    "markup math robots sitemap linktitle iscjklanguage pin excerpt_separator render_with_liquid".split()
)
"""What Hugo and Jekyll use to build their own sites: nothing of the story is lost with it."""


def parse_markdown(data: bytes, origin: Origin) -> Article:
    """Read one Markdown file; the title may also be its first heading.

    A draft is held, not refused: `draft: true` is `status: withheld`.

    Raises:
        RefusedError: the bytes are no text, the front matter is not YAML, or there is no title, date or text.
    """
    text, warnings = read_text(data, layout=True)
    text = text.lstrip("\n")
    fields: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        fields, text = _front_matter(match[1].rstrip("\n")), text[match.end() :]
    elif _FENCE.match(text):
        raise RefusedError("the front matter never ends", "close it with a line of three hyphens: ---")
    title, text = _split_title(_word(fields, "title"), text.strip("\n"))
    hint = "add «date: 2024-03-26» to the front matter"
    dateline = require_date(_word(fields, "date", "published"), origin, hint=hint)
    standing = _standing(fields, origin)
    body_html = _render(text)
    lead = _word(fields, "lead", "summary", "description")
    if standing.status is not PubStatus.CANCELED:  # to withdraw a story, its name is enough
        require_text(body_html, lead)
    return Article(
        title=title,
        dateline=dateline,
        language=_language(fields) or story_language(f"{title} {text}", origin),
        lead=lead,
        body_html=body_html,
        section=_word(fields, "section", "category") or None,
        byline=_word(fields, "author", "byline") or None,
        photo=read_photo(_word(fields, "photo_caption"), _word(fields, "photo_credit")),
        tags=_tags(fields.get("tags") or fields.get("keywords")),
        source_id=_word(fields, "id") or None,
        url=_url(_word(fields, "url", "canonical")),
        status=standing.status,
        embargo=standing.embargo,
        warnings=(*warnings, *date_warnings(dateline), *standing.warnings, *_left_out(fields)),
    )


def _split_title(title: str, text: str) -> tuple[str, str]:
    """The title, and the text without it. A first heading that is not the title stays in the text."""
    if match := _HEADING.match(text):
        heading = clean(" ".join(plain_paragraphs(_markdown().render(match[0]))))
        if heading and title in {"", heading}:
            return heading, text[match.end() :]
    return require_title(title, "add «title: …» to the front matter"), text


def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # costs 50 ms, and plain prose does without it

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _render(text: str) -> str:
    return _prose(text) or sanitise(_markdown().render(text))


def _prose(text: str) -> str | None:
    """The HTML of a text without any markup; None when there may be some."""
    if any(mark in text for mark in _SYNTAX):
        return None
    lines = text.split("\n")
    if any(_SYNTAX_AT_START.match(line) or line != line.strip() for line in lines):
        return None
    # What is escaped is what an HTML serialiser escapes in text (WHATWG HTML, 13.3).
    text = escape(text, quote=False).replace("\u00a0", "&nbsp;")
    return "\n".join(f"<p>{block}</p>" for block in _blocks(text))


def _blocks(text: str) -> Iterator[str]:
    for block in text.split("\n\n"):
        if stripped := block.strip("\n"):
            yield stripped


def _front_matter(block: str) -> dict[str, Any]:
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
    return {str(key).casefold(): value for key, value in fields.items()}


def _word(fields: dict[str, Any], *names: str) -> str:
    """The first of the named fields that holds text, on one line."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (text := one_line(value)):
            return text
    return ""


def _standing(fields: dict[str, Any], origin: Origin) -> Standing:
    embargo = _spelled(fields, "embargo", "publish_at", "publishdate")
    standing = read_standing(_spelled(fields, "status"), embargo, origin)
    draft = _spelled(fields, "draft")
    known = draft.casefold() in _DRAFT
    if standing.status is PubStatus.USABLE and _DRAFT.get(draft.casefold(), True):
        standing = standing._replace(status=PubStatus.WITHHELD)
    if not known:
        warning = f"«draft: {draft}» is neither true nor false, so the story is held"
        standing = standing._replace(warnings=(*standing.warnings, warning))
    return standing


def _spelled(fields: dict[str, Any], *names: str) -> str:
    """As `_word`, but a list is no reason to see nothing: what holds a story back must not be overlooked."""
    return _word({name: str(fields[name]) for name in names if name in fields}, *names)


def _language(fields: dict[str, Any]) -> str:
    tag = _word(fields, "language", "lang")
    if tag and not is_language(tag):
        raise RefusedError(f"the language «{tag}» is no language tag", "write kk, kk-Latn, kk-Arab, ru or en")
    return tag


def _url(text: str) -> str | None:
    if text and not is_web_address(text):
        raise RefusedError(f"the address «{text}» is not a web address", "write it in full: https://…")
    return text or None


def _tags(value: Any) -> tuple[str, ...]:
    values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return unique(item for item in values if isinstance(item, str))


def _left_out(fields: dict[str, Any]) -> Iterator[str]:
    """What the file says in vain."""
    known = {*_WORDS, *_LISTS}
    if unknown := [key for key in fields if key not in known | _OTHERS_BUSINESS]:
        yield f"nobody knows these fields of the front matter: {', '.join(sorted(unknown))}"
    if wrong := [key for key in _WORDS if not isinstance(fields.get(key, ""), str)]:
        yield f"these fields of the front matter hold no single text: {', '.join(wrong)}"
