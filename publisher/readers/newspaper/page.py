"""One exported page to one article.

bytes ─ read_text ─▶ lines ─ RECOGNISERS ─▶ Page ─┬─ choose_date ─▶ dateline, section
                                                  └─ read_story ──▶ title, lead, paragraphs
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from publisher.errors import RefusedError
from publisher.model import Article, Origin, Photo
from publisher.readers.newspaper import words
from publisher.readers.newspaper.blocks import mark_text, unwrap
from publisher.readers.newspaper.choice import (
    choose_date,
    dates_of_the_text,
    half_dates_of_the_text,
    likely_dates,
)
from publisher.readers.newspaper.datelines import is_counted, take_caption_date
from publisher.readers.newspaper.furniture import (
    AUTHOR,
    CAPTION,
    CREDIT,
    EDITOR,
    READ_ALSO,
    READ_ALSO_WEAK,
    SOURCE,
    TAGS,
    is_name,
    read_address,
    read_author,
    read_caption,
    read_credit,
    read_credit_inside,
    read_editor,
    read_hashtags,
    read_read_also,
    read_source,
    read_tags,
)
from publisher.readers.newspaper.header import (
    read_counts,
    read_crumbs,
    read_lone_words,
)
from publisher.readers.newspaper.labels import EMBARGO, read_embargo
from publisher.readers.newspaper.lines import Candidate, Form, Line, Page, read_lines
from publisher.readers.newspaper.noise import APPEAL_HEADS, read_appeal, read_noise
from publisher.readers.newspaper.notes import keep_note, take_last_notes
from publisher.readers.newspaper.oneline import split_one_line
from publisher.readers.newspaper.story import read_story
from publisher.text.characters import read_text
from publisher.text.dates import find_datelines
from publisher.text.languages import detect_language
from publisher.text.markup import paragraph, quotation

Recogniser = Callable[[Line, Page], bool]
LABELLED: tuple[tuple[frozenset[str], Recogniser], ...] = (
    (EMBARGO.heads, read_embargo),
    (frozenset({"http", "https"}), read_address),
    (SOURCE.heads, read_source),
    (TAGS.heads, read_tags),
    (AUTHOR.heads, read_author),
    (CREDIT.heads, read_credit),
    (CAPTION.heads, read_caption),
    (EDITOR.heads, read_editor),
    (READ_ALSO.heads | READ_ALSO_WEAK.heads, read_read_also),
    (APPEAL_HEADS, read_appeal),
)
"""Furniture that its first word may name."""
FORMED: tuple[Recogniser, ...] = (read_hashtags, read_credit_inside, read_noise, read_counts, read_crumbs)
"""Furniture without a name, by its form. The first recogniser that knows a line has it."""
PLAIN: tuple[Recogniser, ...] = (read_noise, read_lone_words)
"""Furniture that is nothing but words."""
_SIGN = re.compile(r"[\d#©:>›»→|•·👁👀💬]| / ")
"""A line without one of these can be plain words only."""
_BY_FIRST_WORD = {
    word: tuple(recogniser for heads, recogniser in LABELLED if word in heads) + FORMED
    for word in frozenset().union(*(heads for heads, _ in LABELLED))
}
_SENTENCES: dict[str, tuple[Recogniser, ...]] = {
    **dict.fromkeys(READ_ALSO.heads, (read_read_also,)),
    **dict.fromkeys(EMBARGO.heads, (read_embargo,)),
}
_LABEL_LIMIT = 40
_TAG_LIMIT = 40
_EDGE = 60
"""So many lines from either end a page may have furniture of every kind; between them is text."""
_WITHOUT_COLON = words.AUTHOR_HEADS | set(words.VIEWS_BEFORE)
_VALUES: tuple[tuple[frozenset[str], Callable[[Line], object]], ...] = (
    (frozenset(words.AUTHOR), lambda below: is_name(below.text)),
    (frozenset(words.VIEWS_BEFORE), lambda below: below.text.replace(" ", "").isdecimal()),
    (frozenset(words.TAGS + words.CREDIT), lambda below: not below.is_prose),
    (frozenset(words.SOURCE), lambda below: below.folded.startswith("http")),
    (frozenset(words.PUBLISHED + words.UPDATED), lambda below: re.search(r"\d", below.text)),
)
"""Which labels may stand above their value, and what the value looks like."""
_QUOTE = re.compile(r"(?:«[^»]+»|“[^”]+”|„[^“”]+[“”])")
_SOCIAL = re.compile(
    r"(?:[\w-]+\.)*(?:t\.me|youtube\.com|youtu\.be|instagram\.com|facebook\.com|fb\.com|twitter\.com|x\.com"
    r"|tiktok\.com|vk\.com|ok\.ru|wa\.me|whatsapp\.com|telegram\.me|threads\.net)"
)


def parse_newspaper(data: bytes, origin: Origin) -> Article:
    """Read one exported page.

    Raises:
        RefusedError: the bytes are no text; the page has no title, no date or no text; or nothing tells
            which of its lines or dates is the story's.
    """
    text, warnings = read_text(data)
    lines = read_lines(text)
    page = Page(warnings=list(warnings))
    if len(lines) == 1:
        lines = read_lines("\n\n".join(split_one_line(lines[0].text)))
    lines = unwrap(lines)
    mark_text(lines, page)
    _recognise(lines, page)
    take_last_notes(page)
    _take_last_date(page)
    likely = likely_dates(page)
    url, links = _own_address(page)
    _give_back([*links, *dates_of_the_text(page, likely), *half_dates_of_the_text(page, likely)], page)
    # The title is asked for first: a page without one is no story, whatever its date.
    choice: RefusedError | None = None
    try:
        dateline = choose_date(page, likely, origin.written_at)
    except RefusedError as error:
        choice = error
    title, lead, caption, correction, paragraphs = read_story(page)
    if choice:
        raise choice
    if not lead and not paragraphs:
        raise RefusedError("there is no text below the title", "add the story's paragraphs")
    caption = page.caption or caption
    return Article(
        title=title,
        dateline=dateline,
        language=detect_language("\n".join((title, lead, *paragraphs)), origin.language),
        lead=lead,
        body_html="\n".join(map(_block, paragraphs)),
        section=page.section or next((crumb for crumb in reversed(page.crumbs) if crumb != title), None),
        byline=page.byline,
        photo=Photo(caption=caption, credit=page.credit) if caption or page.credit else None,
        tags=page.tags,
        views=_views(page),
        reading_minutes=page.reading_minutes,
        url=url,
        correction=correction,
        status=page.status,
        embargo=page.embargo,
        warnings=tuple(page.warnings),
    )


def _recognise(lines: list[Line], page: Page) -> None:
    """Give each line to the recogniser that knows it; what nobody knows is the story."""
    last = len(lines) - _EDGE
    blanks = bool(lines) and lines[-1].block > lines[0].block
    skip = False
    for at, line in enumerate(lines):
        if skip:
            skip = False
            continue
        if (
            at + 1 < len(lines)
            and not page.first <= line.number < page.last
            and len(line.text) <= _LABEL_LIMIT
            and lines[at + 1].number not in page.notes
            and (joined := _joined(line, lines[at + 1]))
        ):
            line, skip = joined, True  # noqa: PLW2901 — a label and its value are one line
        if line.number in page.notes and keep_note(line, page):
            continue
        if page.tagging >= 0 and _is_tag(line, page):
            page.tags += (line.text.strip(" .,#"),)
            continue
        dated = len(page.dates)
        if _is_furniture(line, page, edge=at <= _EDGE or at >= last):
            if page.caption and not page.dates:
                take_caption_date(line, page)
            if not page.story and len(page.dates) == dated:
                page.taken.append(line.text)
        elif page.promoting and not line.is_prose and _leads_on(line, page, blanks=blanks):
            page.warn(f"left out «{line.text}»: it leads to another story")
        else:
            page.promoting = False
            page.keep(line)


def _leads_on(line: Line, page: Page, *, blanks: bool) -> bool:
    """Inside the text «Читайте также» speaks of one block, or of one line where there are no blocks."""
    if not page.first <= line.number <= page.last:
        return True
    if page.promoted < 0:
        page.promoted = line.block
        return True
    return blanks and line.block == page.promoted


def _is_furniture(line: Line, page: Page, *, edge: bool) -> bool:
    if not line.folded:
        return line.text[:4].casefold() == "http" and read_address(line, page)
    page.inside = page.first <= line.number <= page.last
    if page.inside and line.is_sentence:
        # A sentence is the text's own. An embargo fails closed, and «Читайте также: …» says what it is.
        recognisers: tuple[Recogniser, ...] | None = _SENTENCES.get(line.head, ())
    else:
        recognisers = _BY_FIRST_WORD.get(line.head)
    if recognisers is None:
        if not edge:
            return False
        recognisers = FORMED if _SIGN.search(line.text) else PLAIN
    for recognise in recognisers:  # noqa: SIM110 — any() costs twice the time, on every line of every story
        if recognise(line, page):
            return True
    return False


def _joined(line: Line, below: Line) -> Line | None:
    """A label on a line of its own, with the value that stands below it."""
    text, label = line.text, line.folded.rstrip(": ")
    if text[-1] != ":" and label not in _WITHOUT_COLON:
        if text.isdecimal() and below.folded in words.VIEWS_AFTER:
            return _line(line, f"{text} {below.text}")
        return None
    fits = below.folded and any(label in names and takes(below) for names, takes in _VALUES)
    return _line(below, f"{text.rstrip(': ')}: {below.text}")._replace(head=line.head) if fits else None


def _line(line: Line, text: str) -> Line:
    return line._replace(text=text, folded=text.casefold())


def _is_tag(line: Line, page: Page) -> bool:
    if line.block == page.tagging and len(line.text) <= _TAG_LIMIT and not line.is_prose and line.folded:
        recognisers = _BY_FIRST_WORD.get(line.head, ())
        return not any(":" in line.text and recognise(line, page) for recognise in recognisers)
    page.tagging = -1
    return False


def _take_last_date(page: Page) -> None:
    """The last line of a story of any length may be its date, with a blank line above."""
    if page.dates or len(page.story) < 3:
        return
    before, last = page.story[-2:]
    if last.block == before.block:
        return
    text = last.text.strip(" .()")
    if len(text) <= _LABEL_LIMIT and find_datelines(text) == ((0, len(text)),) and not is_counted(text):
        del page.story[-1]
        page.dates.append(Candidate(text, last, len(page.story), below_prose=True, form=Form.PURE))


def _own_address(page: Page) -> tuple[str | None, list[tuple[int, Line]]]:
    """The story's own address, and the lines of others: a bare one inside the text is a link of the text."""
    inside = [(above, line) for above, line in page.bare_urls if 0 < above < len(page.story)]
    edges = [line.text for above, line in page.bare_urls if not 0 < above < len(page.story)]
    urls = dict.fromkeys(page.own_urls or [url for url in edges if not _is_social(url)])
    if len(urls) > 1:
        page.warn("the page has more than one address; nothing tells which is the story's own")
        return None, inside
    return next(iter(urls), None), inside


def _is_social(url: str) -> bool:
    try:
        return bool(_SOCIAL.fullmatch(urlsplit(url).hostname or ""))
    except ValueError:
        return True  # no address at all


def _give_back(lines: list[tuple[int, Line]], page: Page) -> None:
    """Put lines back into the story, each where it stood."""
    for above, line in sorted(lines, key=lambda given: (given[0], given[1].number), reverse=True):
        page.story.insert(above, line)


def _views(page: Page) -> int | None:
    """A number without a label counts the views when it is the only one and nothing else does."""
    if page.views is None and len(set(page.bare_numbers)) > 1:
        page.warn("the page has several counters without a label; they were left out")
        return None
    return page.views if page.views is not None or not page.bare_numbers else page.bare_numbers[0]


def _block(text: str) -> str:
    """A paragraph that is mostly someone's words is a quotation; one that begins with a name in «» is not."""
    match = _QUOTE.match(text)
    return quotation(text) if match and len(match[0]) * 2 > len(text) else paragraph(text)
