"""Markdown with YAML front matter, as Hugo, Jekyll and most editors write it.

Every front matter value is read as text: YAML's own guesses turn NO into False and 12:30 into 750.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import yaml
from markdown_it import MarkdownIt

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin, Photo
from publisher.text.characters import clean, read_text
from publisher.text.dates import parse_dateline, parse_iso
from publisher.text.languages import detect_language
from publisher.text.markup import plain_paragraphs, sanitise

_FENCE = re.compile(r"---[ \t]*\n")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_HEADING = re.compile(r"#[ \t][^\n]*(?:\n|$)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def parse_markdown(data: bytes, origin: Origin) -> Article:
    """Read one Markdown file; the title may also be its first heading.

    Raises:
        RefusedError: the bytes are no text, the front matter is not YAML, there is no title, date or text,
            or the story is a draft.
    """
    text, warnings = read_text(data, layout=True)
    text = text.lstrip("\n")
    fields: dict[str, Any] = {}
    if match := _FRONT_MATTER.match(text):
        fields, text = _front_matter(match[1].rstrip("\n")), text[match.end() :]
    elif _FENCE.match(text):
        raise RefusedError("the front matter never ends", "close it with a line of three hyphens: ---")
    if _word(fields, "draft").casefold() in {"true", "yes", "on", "1"}:
        raise RefusedError("the story is marked as a draft", "set «draft: false» to publish it")
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    title, text = _split_title(_word(fields, "title"), text.strip("\n"), markdown)
    dateline = _dateline(_word(fields, "date", "published"))
    body_html = sanitise(markdown.render(text))
    lead = _word(fields, "lead", "summary", "description")
    if not body_html and not lead:
        raise RefusedError("there is no text below the title", "add the story's paragraphs")
    caption, credit = _word(fields, "photo_caption"), _word(fields, "photo_credit")
    return Article(
        title=title,
        dateline=dateline,
        language=_language(fields) or detect_language(f"{title} {text}", origin.language),
        lead=lead,
        body_html=body_html,
        section=_word(fields, "section", "category") or None,
        byline=_word(fields, "author", "byline") or None,
        photo=Photo(caption=caption or None, credit=credit or None) if caption or credit else None,
        tags=_tags(fields.get("tags")),
        source_id=_word(fields, "id") or None,
        url=_url(_word(fields, "url", "canonical")),
        warnings=warnings,
    )


def _split_title(title: str, text: str, markdown: MarkdownIt) -> tuple[str, str]:
    """The title, and the text without it. A first heading that is not the title stays in the text."""
    if match := _HEADING.match(text):
        heading = clean(" ".join(plain_paragraphs(markdown.render(match[0]))))
        if heading and title in {"", heading}:
            return heading, text[match.end() :]
    if not title:
        raise RefusedError("there is no title", "add «title: …» to the front matter")
    return title, text


def _front_matter(block: str) -> dict[str, Any]:
    try:
        # An alias can make a page of text out of a line, and no newsroom writes one: refuse them all.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.BaseLoader)):
            raise RefusedError("the front matter uses YAML aliases", "write the values out")
        fields = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 — BaseLoader makes strings only
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


def _language(fields: dict[str, Any]) -> str:
    tag = _word(fields, "language", "lang")
    if tag and not _LANGUAGE.fullmatch(tag):
        raise RefusedError(f"the language «{tag}» is no language tag", "write kk, kk-Latn, kk-Arab, ru or en")
    return tag


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
    try:
        good = not text or bool(urlsplit(text).hostname and re.fullmatch(r"https?://\S+", text))
    except ValueError:
        good = False
    if not good:
        raise RefusedError(f"the address «{text}» is not a web address", "write it in full: https://…")
    return text or None


def _tags(value: Any) -> tuple[str, ...]:
    values = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(tag for item in values if isinstance(item, str) and (tag := clean(item)))
