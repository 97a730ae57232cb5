"""Markdown with YAML front matter, as Hugo, Jekyll and most editors write it.

Every front matter value is read as text: YAML's own guesses turn NO into False and 12:30 into 750.
"""

import re
from typing import Any

import yaml
from markdown_it import MarkdownIt

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Photo
from publisher.text.characters import clean, decode
from publisher.text.dates import parse_dateline, parse_iso
from publisher.text.languages import detect_language
from publisher.text.markup import sanitise

_FRONT_MATTER = re.compile(r"---\n(.*?)\n---(?:\n|$)", re.DOTALL)
_HEADING = re.compile(r"#[ \t]+(.+?)[ \t]*#*(?:\n|$)")
_INDENT = re.compile(r"\r\n?")


def parse_markdown(data: bytes, default_language: str) -> Article:
    """Read one Markdown file; the title may also be its first heading.

    Raises:
        RefusedError: the bytes are no text, the front matter is not YAML, there is no title, date or text,
            or the story is a draft.
    """
    text = _INDENT.sub("\n", decode(data)).lstrip("\ufeff\n")
    fields: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        fields, text = _front_matter(match[1]), text[match.end() :]
    if _word(fields, "draft").casefold() in {"true", "yes", "on", "1"}:
        raise RefusedError("the story is marked as a draft", "set «draft: false» to publish it")
    text = text.strip("\n")
    title = _word(fields, "title")
    if match := _HEADING.match(text):
        title, text = title or clean(match[1]), text[match.end() :]
    if not title:
        raise RefusedError("there is no title", "add «title: …» to the front matter")
    dateline = _dateline(_word(fields, "date", "published"))
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    body_html = sanitise(markdown.render(_clean_lines(text)))
    lead = _word(fields, "lead", "summary", "description")
    if not body_html and not lead:
        raise RefusedError("there is no text below the title", "add the story's paragraphs")
    caption, credit = _word(fields, "photo_caption"), _word(fields, "photo_credit")
    return Article(
        title=title,
        dateline=dateline,
        language=_word(fields, "language", "lang") or detect_language(f"{title} {text}", default_language),
        lead=lead,
        body_html=body_html,
        section=_word(fields, "section", "category") or None,
        byline=_word(fields, "author", "byline") or None,
        photo=Photo(caption=caption or None, credit=credit or None) if caption or credit else None,
        tags=_tags(fields.get("tags")),
        source_id=_word(fields, "id") or None,
        url=_url(_word(fields, "url", "canonical")),
    )


def _front_matter(block: str) -> dict[str, Any]:
    try:
        # An alias can make a page of text out of a line, and no newsroom writes one: refuse them all.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.BaseLoader)):
            raise RefusedError("the front matter uses YAML aliases", "write the values out")
        fields = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 — BaseLoader makes strings only
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = f" (line {line + 2})" if line is not None else ""
        raise RefusedError(
            f"the front matter is not valid YAML{where}", "quote values that hold a colon"
        ) from error
    if not isinstance(fields, dict):
        raise RefusedError("the front matter is not a list of «key: value» lines", "write «title: …»")
    return {str(key).casefold(): value for key, value in fields.items()}


def _word(fields: dict[str, Any], *names: str) -> str:
    """The first of the named fields that holds text, on one line."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str) and (text := clean(value).replace("\n", " ")):
            return text
    return ""


def _dateline(text: str) -> Dateline:
    if not text:
        raise RefusedError("there is no date", "add «date: 2024-03-26» to the front matter")
    dateline = parse_iso(text) or parse_dateline(text)
    if dateline is None:
        raise RefusedError(
            f"the date «{text}» cannot be read", "write it as 2024-03-26 or 2024-03-26T10:00+05:00"
        )
    return dateline


def _url(text: str) -> str | None:
    if text and not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise RefusedError(f"the address «{text}» is not a web address", "write it in full: https://…")
    return text or None


def _tags(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else str(value or "").split(",")
    return tuple(tag for item in values if isinstance(item, str) and (tag := clean(item)))


def _clean_lines(text: str) -> str:
    """Clean each line but keep its indent, which Markdown reads."""
    lines = text.expandtabs(4).split("\n")
    return "\n".join(line[: len(line) - len(line.lstrip(" "))] + clean(line) for line in lines)
