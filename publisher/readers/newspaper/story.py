"""What is left of a page when its furniture is known: title, lead, caption, paragraphs, and who signed it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from publisher.readers.newspaper.furniture import is_name, signature, split_tags
from publisher.readers.newspaper.lines import TITLE_LIMIT, Line, Page, no_title
from publisher.readers.newspaper.notes import part_notes, take_last_notes
from publisher.readers.newspaper.title import LEAD_LINES, find_title

_NO_TAG = 4
"""So many words are no tag."""
_OUTLET = re.compile(r"[«“\"]?[^.!?]{2,60}[»”\"]?\.?")


class Story(NamedTuple):
    title: str
    lead: str
    caption: str | None
    correction: str | None
    paragraphs: Sequence[str]


def read_story(page: Page) -> Story:
    """Split what is left. A title keeps the full stop that it is printed with.

    Raises:
        RefusedError: there is no title, or nothing tells which line it is.
    """
    _read_end(page)
    take_last_notes(page)
    _read_byline_above(page)
    at = find_title(page)
    title = page.story[at].text
    if len(title) > TITLE_LIMIT or title.endswith((";", ",", ":")):
        raise no_title("the first line is a sentence of the text")
    correction, rest = part_notes(page.story[at + 1 :], title, page, lead_lines=LEAD_LINES)
    if title not in rest:
        return Story(title, "", None, correction, rest)
    if rest.count(title) > 1:  # the refrain of a poem
        return Story(title, "", None, correction, rest)
    again = rest.index(title)
    if again > LEAD_LINES:  # a link back to the page itself
        return Story(title, "", None, correction, [text for text in rest if text != title])
    if 0 < again == len(rest) - 1:  # nothing is below it: it is the text's last line
        return Story(title, "", None, correction, rest)
    paragraphs = [text for text in rest[again + 1 :] if text != title]
    return Story(title, " ".join(rest[:again]), title, correction, paragraphs)


def _read_byline_above(page: Page) -> None:
    """A signature among the first lines: above the title, or right below it. A list of names is text."""
    top = page.story[:3]
    for at, line in enumerate(top):
        if line.number in page.notes:
            continue
        if line.is_prose and not line.text.endswith(","):
            return
        if page.byline is None and (name := signature(line.text)):
            if at == 0 and all(other.is_prose or other.is_sentence for other in top[1:2]):
                return  # it is the title
            if at + 1 < len(page.story) and signature(page.story[at + 1].text):
                return
            if at == 0 and any(date.line.number < line.number for date in page.dates):
                page.warn(f"«{line.text}» was taken for the author: it stands alone above the title")
            page.byline = name
            del page.story[at]
            return


def _read_end(page: Page) -> None:
    """The last lines: a signature and its outlet, or tags that nothing calls tags."""
    story = page.story
    if len(story) < 3 or page.last_prose < 0:
        return
    if _is_place(story):
        page.warn(f"left out «{story[-1].text}» below the signature")
        del story[-1]
    last, before = story[-1], story[-2]
    if (
        (name := signature(before.text))
        and len(last.text) <= 60
        and _OUTLET.fullmatch(last.text)
        and not (last.is_sentence and last.text[0].isalnum())
        and not signature(last.text)
        and not (story[-3].text.endswith(":") or signature(story[-3].text))
    ):
        page.byline = page.byline or name
        del story[-2:]
        _recount(page)
        return
    if last.is_prose and not last.text.endswith(","):
        return
    if (name := signature(last.text)) and not (before.text.endswith(":") or signature(before.text)):
        page.byline = page.byline or name
        del story[-1:]
        _recount(page)
        return
    parts = last.text.split()
    if page.ended_at > page.last_prose and last.number > page.ended_at and len(parts) > 1:
        _read_bare_tags(last, page)
    elif 2 <= len(parts) <= 4 and is_name(last.text) and last.number > page.last_prose >= 0:
        page.warn(f"the last line, «{last.text}», may be a name or tags; put «Автор:» or «Тегтер:» before it")


def _is_place(story: Sequence[Line]) -> bool:
    """«Айгүл СЕЙІТ, ⏎ «Egemen Qazaqstan» ⏎ Маңғыстау облысы»."""
    if len(story) < 4:
        return False
    name, outlet, place = story[-3:]
    return (
        name.text.endswith(",")
        and bool(signature(name.text))
        and outlet.text[0] in '«“"'
        and bool(_OUTLET.fullmatch(outlet.text))
        and len(place.text.split()) <= 3
        and not (place.is_prose or place.is_sentence)
        and place.text[0].isalpha()
    )


def _read_bare_tags(line: Line, page: Page) -> None:
    """Below a byline or a row of buttons the story is over."""
    if len(line.text) > 120 or line.text.endswith(("?", "!", "…", "»")):
        return
    tags = split_tags(line.text)
    parts = line.text.split()
    if ":" in line.text or any(tag.isdecimal() or len(tag.split()) >= _NO_TAG for tag in tags):
        page.warn(f"the last line, «{line.text}», stays in the text: nothing parts its tags")
        return
    if len(tags) == 1 and len(parts) > 1:
        if not all(part[0].isupper() or "\u0620" <= part[0] <= "\u06d3" for part in parts):
            page.warn(f"the last line, «{line.text}», stays in the text: nothing parts its tags")
            return
        tags = tuple(parts)
    page.tags = page.tags or tags
    page.story.remove(line)


def _recount(page: Page) -> None:
    """A signature that ends in a comma was counted as a sentence."""
    page.last_prose = max((line.number for line in page.story if line.is_prose), default=-1)
