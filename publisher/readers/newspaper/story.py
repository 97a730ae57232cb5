"""What is left of a page when its furniture is known: title, lead, caption, paragraphs, and who signed it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from publisher.readers.newspaper.furniture import is_name, signature, split_tags
from publisher.readers.newspaper.lines import TITLE_LIMIT, Line, Page, no_title
from publisher.text.dates import seems_date

_RUN = 6
"""A title is among the first lines of a story, or there is none."""
_LEAD_LINES = 3
_SECTION_WORDS = 3
# A sentence has a verb, a section has none. Past tenses; «Парламент Сенаты» ends like one, but for the vowel.
_VERB = re.compile(
    r".* \S*(?:д[ыі]|[тқкпсш]т[ыі]|d[yiı]|[tqkpsh]t[yiı]|دى|[تقكپسش]تى|л|ла|ло|ли|лся|лась|лось|лись)",
    re.DOTALL,
)
_NO_SECTION = re.compile(r"[\d?!«»\"“”:;,.#@]")
_OUTLET = re.compile(r"[«“\"]?[^.!?]{2,60}[»”\"]?\.?")
_LETTERS = re.compile(r"[^\W\d_]")


class Story(NamedTuple):
    title: str
    lead: str
    caption: str | None
    paragraphs: Sequence[str]


def read_story(page: Page) -> Story:
    """Split what is left.

    Raises:
        RefusedError: there is no title, or nothing tells which line it is.
    """
    _read_end(page)
    _read_byline_above(page)
    at = _find_title(page)
    title = page.story[at].text
    if len(title) > TITLE_LIMIT or title.endswith((".", ";", ",", ":")):
        raise no_title("the first line is a sentence of the text")
    if not _is_worded(title):
        raise no_title(f"«{title}» is none")
    rest = [line.text for line in page.story[at + 1 :]]
    if title not in rest:
        return Story(title, "", None, rest)
    again = rest.index(title)
    if again > _LEAD_LINES:  # a link back to the page itself
        return Story(title, "", None, [text for text in rest if text != title])
    paragraphs = [text for text in rest[again + 1 :] if text != title]
    return Story(title, " ".join(rest[:again]), title, paragraphs)


def _find_title(page: Page) -> int:
    """Where the title stands among the lines of the story; what is above it is the section, or an advert."""
    story = page.story
    run: list[Line] = []
    for line in story[:_RUN]:
        if line.is_prose:
            break
        run.append(line)
    if not run:
        raise no_title("the first line is a sentence of the text" if story else "")
    at = _repeated(run, story)
    if at is None:
        at = _below_section(run, page)
    if page.section is None and at and _may_be_section(run[at - 1].text):
        page.section = run[at - 1].text
    for line in run[:at]:
        if line.text != page.section:
            page.warn(f"left out «{line.text}» above the title")
    return at


def _repeated(run: list[Line], story: list[Line]) -> int | None:
    """A line that comes again is the title; a section's name may come again too, but it is shorter."""
    texts = [line.text for line in story]
    again = [
        at
        for at, line in enumerate(run)
        if line.text in texts[at + 1 : at + 2 + _LEAD_LINES] and _is_worded(line.text)
    ]
    return max(again, key=lambda at: len(run[at].text), default=None)


def _is_worded(text: str) -> bool:
    """Whether it says something: a date, a number or an address is no title."""
    if not _LETTERS.search(text) or text[:4].casefold() == "http":
        return False
    return text.count(" ") >= 5 or not seems_date(text)


def _below_section(run: list[Line], page: Page) -> int:
    first = run[0]
    known = {text.casefold() for text in (page.section, *page.crumbs) if text}
    if len(run) > 1 and first.text.casefold() in known:
        return 1
    # Without a sentence below there is no telling; and what has a section already begins with its title.
    if known or len(run) == 1 or len(run) == len(page.story):
        return 0
    blocks = [line.block for line in run]
    head = blocks.count(blocks[0])
    if 1 < head < len(run) and blocks.count(blocks[head]) == 1 and _may_be_section(run[head - 1].text):
        return head
    if not _may_be_section(first.text):
        return 0
    mine, below = len(first.text.split()), len(run[1].text.split())
    if mine == 1 or below > max(mine, _SECTION_WORDS):
        if mine > 1:
            page.warn(f"«{first.text}» was taken for the section: it stands alone above the title")
        return 1
    # The site's name, the section, and then a line that is too long to be either.
    if len(run) > 2 and _may_be_section(run[1].text) and len(run[2].text.split()) > _SECTION_WORDS:
        return 2
    raise no_title(f"«{first.text}» and «{run[1].text}» may both be it")


def _may_be_section(text: str) -> bool:
    parts = text.split()
    return (
        len(parts) <= _SECTION_WORDS
        and len(text) <= 40
        and not _NO_SECTION.search(text)
        and not _VERB.fullmatch(text.casefold())
    )


def _read_byline_above(page: Page) -> None:
    """A signature among the first lines: above the title, or right below it."""
    top = page.story[:3]
    for at, line in enumerate(top):
        if page.byline is None and (name := signature(line.text)):
            if at == 0 and all(other.is_prose for other in top[1:]):
                return  # it is the title
            page.byline = name
            del page.story[at]
            return


def _read_end(page: Page) -> None:
    """The last lines: a signature and its outlet, or tags that nothing calls tags."""
    story = page.story
    if len(story) < 3 or page.last_prose < 0:
        return
    last, before = story[-1], story[-2]
    if (name := signature(before.text)) and len(last.text) <= 60 and _OUTLET.fullmatch(last.text):
        page.byline = page.byline or name
        del story[-2:]
        _recount(page)
        return
    if last.is_prose and not last.text.endswith(","):
        return
    if name := signature(last.text):
        page.byline = page.byline or name
        del story[-1:]
        _recount(page)
        return
    parts = last.text.split()
    if page.ended_at > page.last_prose and last.number > page.ended_at and len(parts) > 1:
        _read_bare_tags(last, page)
    elif 2 <= len(parts) <= 4 and is_name(last.text) and last.number > page.last_prose >= 0:
        page.warn(f"the last line, «{last.text}», may be a name or tags; put «Автор:» or «Тегтер:» before it")


def _read_bare_tags(line: Line, page: Page) -> None:
    """Below a byline or a row of buttons the story is over."""
    if len(line.text) > 120 or line.text.endswith(("?", "!", "…", "»")):
        return
    tags = split_tags(line.text)
    parts = line.text.split()
    if len(tags) == 1 and len(parts) > 1:
        if not all(part[0].isupper() or "\u0620" <= part[0] <= "\u06d3" for part in parts):
            page.warn(f"left out the last line, «{line.text}»: nothing parts its tags")
            page.story.remove(line)
            return
        tags = tuple(parts)
    page.tags = page.tags or tags
    page.story.remove(line)


def _recount(page: Page) -> None:
    """A signature that ends in a comma was counted as a sentence."""
    page.last_prose = max((line.number for line in page.story if line.is_prose), default=-1)
