"""Markdown with front matter, as Hugo, Jekyll and most editors write it.

    text → front matter → heading and date line → embargo → shortcodes and comments out → HTML → Article

Most stories are plain prose; for those there is a short way, which gives the same HTML as the long one (a
test compares the two on random texts).
"""

import re
from collections.abc import Iterator
from html import escape, unescape
from typing import TYPE_CHECKING

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin, PubStatus
from publisher.readers.body import sanitise_links
from publisher.readers.correction import without_label
from publisher.readers.embargo import find_embargo, hold, may_hold
from publisher.readers.fields import (
    Standing,
    agreed_language,
    date_warnings,
    find_date,
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
from publisher.readers.front_matter import (
    CORRECTIONS,
    DATES,
    EMBARGOES,
    Fields,
    all_texts,
    left_out,
    spelled,
    split_front_matter,
    texts,
    word,
)
from publisher.text.characters import clean, read_text
from publisher.text.markup import plain_paragraphs

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_HEADING = re.compile(r"#[ \t][^\n]*(?:\n|$)|[^\s#>*+=-][^\n]*\n=+[ \t]*(?:\n|$)")
# Where CommonMark (or its tables and strike-through) might see more than prose.
_SYNTAX = "\\`*_[]<&~|\t"
_SYNTAX_AT_START = re.compile(r"[-+=#> ]|\d{1,9}[.)]")
_PROGRAMS = (("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}"), ("{{", "}}"))
"""Hugo's shortcodes, Liquid's tags and values: only the program that builds the old site knows them."""
_RIM = 400
"""Characters: so near to either end of the text an embargo is looked for."""
_TELLING = 40
"""Characters: a shorter text is no evidence against the language that its file names."""
_BOOLEANS = {"true": True, "yes": True, "on": True, "1": True}
_BOOLEANS |= {"false": False, "no": False, "off": False, "0": False}
_DRAFT = {**_BOOLEANS, "": False, "null": False, "~": False}


def parse_markdown(data: bytes, origin: Origin) -> Article:
    """Read one Markdown file; the title may also be its first heading, and the date the line below it.

    A draft is held, not refused: `draft: true` and `published: false` are `status: withheld`.

    Raises:
        RefusedError: the bytes are no text, the front matter cannot be read, or there is no title, date or
            text.
    """
    text, warnings = read_text(data, layout=True)
    fields, text = split_front_matter(text.lstrip("\n"))
    title, text = _split_title(_unescaped(word(fields, "title")), text.strip("\n"))
    dateline, text = _dateline(fields, text, origin)
    standing, text = _embargo(_standing(fields, origin), text, origin)
    text, dropped = _without_programs(text)
    url, ignored = _url(word(fields, "url", "canonical"))
    body_html, lost = _render(text, url)
    lead = _unescaped(word(fields, "lead", "summary", "description"))
    if standing.status is not PubStatus.CANCELED:  # to withdraw a story, its name is enough
        require_text(body_html, lead)
    language, conflict = _language(fields, f"{title} {text}", origin)
    section, tags = _classified(fields)
    complaints = (*standing.warnings, *dropped, *ignored, *lost, *conflict)
    return Article(
        title=title,
        dateline=dateline,
        language=language,
        lead=lead,
        body_html=body_html,
        section=section,
        byline=word(fields, "author", "byline") or None,
        photo=read_photo(word(fields, "photo_caption"), word(fields, "photo_credit")),
        tags=tags,
        source_id=word(fields, "id") or None,
        url=url,
        correction=_correction(fields),
        status=standing.status,
        embargo=standing.embargo,
        warnings=(*warnings, *date_warnings(dateline), *complaints, *left_out(fields)),
    )


def _unescaped(text: str) -> str:
    """Exports from a site's database write `&#8212;` where YAML means the letters."""
    return one_line(unescape(text)) if "&" in text else text


def _split_title(title: str, text: str) -> tuple[str, str]:
    """The title, and the text without it. A first heading that is not the title stays in the text."""
    if match := _HEADING.match(text):
        heading = clean(" ".join(plain_paragraphs(_markdown().render(match[0]))))
        if heading and title in {"", heading}:
            return heading, text[match.end() :].lstrip("\n")
    return require_title(title, "add «title: …» to the front matter"), text


def _dateline(fields: Fields, text: str, origin: Origin) -> tuple[Dateline, str]:
    """The date of the front matter; without one, a first line that is a date and nothing else."""
    names = [name for name in DATES if spelled(fields, name).casefold() not in {*_DRAFT, ""}]
    said = word(fields, *names)
    if not said:
        line, _, rest = text.partition("\n")
        if (not rest or rest[0] == "\n") and (dateline := find_date(line.strip("*_ "), origin)):
            return dateline, rest.lstrip("\n")
    return require_date(said, origin, hint="add «date: 2024-03-26» to the front matter"), text


def _embargo(standing: Standing, text: str, origin: Origin) -> tuple[Standing, str]:
    if not may_hold(text[:_RIM] + text[-_RIM:]):
        return standing, text
    lines = text.split("\n")
    places = [number for number, line in enumerate(lines) if line.strip()]
    found = find_embargo([lines[number] for number in places])
    for place in sorted(found.lines, reverse=True):
        del lines[places[place]]
    return hold(standing, found.values, origin), "\n".join(lines).strip("\n")


def _without_programs(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without comments, `<!--more-->` among them, and without what other programs would run."""
    if "<!--" in text:
        text, _ = _drop_between(text, "<!--", "-->")
    if "{{" not in text and "{%" not in text:
        return text, ()
    dropped: list[str] = []
    for opening, closing in _PROGRAMS:
        text, found = _drop_between(text, opening, closing)
        dropped += found
    if not dropped:
        return text, ()
    shown = ", ".join(one_line(code)[:60] for code in dropped[:3]) + (" …" if len(dropped) > 3 else "")
    return text.strip("\n"), (f"shortcodes of the site's own program are left out: {shown}",)


def _drop_between(text: str, opening: str, closing: str) -> tuple[str, list[str]]:
    kept, dropped, at = [], [], 0
    while (start := text.find(opening, at)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        end += len(closing)
        kept.append(text[at:start])
        dropped.append(text[start:end])
        at = end
    return "".join((*kept, text[at:])).strip("\n"), dropped


def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # costs 50 ms, and plain prose does without it

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _render(text: str, base: str | None) -> tuple[str, tuple[str, ...]]:
    if (short := _prose(text)) is not None:
        return short, ()
    return sanitise_links(_markdown().render(text), base)


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


def _standing(fields: Fields, origin: Origin) -> Standing:
    embargo = spelled(fields, *EMBARGOES)
    standing = read_standing(spelled(fields, "status"), embargo, origin)
    draft, published = spelled(fields, "draft"), spelled(fields, "published")
    known = draft.casefold() in _DRAFT
    held = _DRAFT.get(draft.casefold(), True) or not _BOOLEANS.get(published.casefold(), True)
    if standing.status is PubStatus.USABLE and held:
        standing = standing._replace(status=PubStatus.WITHHELD)
    if not known:
        warning = f"«draft: {draft}» is neither true nor false, so the story is held"
        standing = standing._replace(warnings=(*standing.warnings, warning))
    return standing


def _language(fields: Fields, text: str, origin: Origin) -> tuple[str, tuple[str, ...]]:
    tag = word(fields, "language", "lang")
    if not tag:
        return story_language(text, origin), ()
    if not is_language(tag.replace("_", "-")):
        raise RefusedError(f"the language «{tag}» is no language tag", "write kk, kk-Latn, kk-Arab, ru or en")
    if len(text) < _TELLING and tag[:2].lower() not in {"kk", "kz"}:
        return tag.replace("_", "-"), ()
    return agreed_language(tag, text, origin)


def _url(text: str) -> tuple[str | None, tuple[str, ...]]:
    """The story's address. Hugo and Jekyll write its path on their own site, which is no address."""
    if not text or is_web_address(text):
        return text or None, ()
    if not text.startswith("/"):
        raise RefusedError(f"the address «{text}» is not a web address", "write it in full: https://…")
    return None, (f"the address «{text}» is only a path, and was not read; write it in full: https://…",)


def _correction(fields: Fields) -> str | None:
    """The note; «yes» or «no» alone tells readers nothing."""
    notes = (without_label(_unescaped(text)) for text in all_texts(fields, *CORRECTIONS))
    return " ".join(note for note in notes if note.casefold() not in _DRAFT) or None


def _classified(fields: Fields) -> tuple[str | None, tuple[str, ...]]:
    """Section and tags. One category is a section; of several nobody knows which, and they are tags."""
    section = word(fields, "section", "category")
    categories = texts(fields, "categories")
    if not section and len(categories) == 1:
        section, categories = categories[0], ()
    tags = texts(fields, "tags") or texts(fields, "keywords")
    return section or None, unique((*tags, *(name for name in categories if name != section)))
