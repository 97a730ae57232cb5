"""Which of the first lines is the title. Where two may be it, neither is taken in silence."""

import re

from publisher.readers.newspaper import words
from publisher.readers.newspaper.furniture import is_name
from publisher.readers.newspaper.header import CRUMBS
from publisher.readers.newspaper.lines import TITLE_LIMIT, Line, Page, no_title
from publisher.text.dates import find_datelines, seems_date

LEAD_LINES = 3
_RUN = 6
"""A title is among the first lines of a story, or there is none."""
_SECTION_WORDS = 3
_STOPPED_TITLE_WORDS = 12
# A sentence has a verb, a section has none. Past tenses; «Парламент Сенаты» ends like one, but for the vowel.
_VERB = re.compile(
    r".* \S*(?:д[ыі]|[тқкпсш]т[ыі]|d[yiı]|[tqkpsh]t[yiı]|دى|[تقكپسش]تى|л|ла|ло|ли|лся|лась|лось|лись)",
    re.DOTALL,
)
_NO_SECTION = re.compile(r"[\d?!«»\"“”:;,.#@]")
_NO_NAME = re.compile(r"[«»\"“”?!…()–—]|[А-ЯӘҒҚҢӨҰҮҺІA-Z]{3}")
_LETTERS = re.compile(r"[^\W\d_]|№ ?\d")
_LIFE = re.compile(r"\d\d?\.\d\d\.\d{4} ?[–—-] ?\d\d?\.\d\d\.\d{4}")
_LABELLED = re.compile(r"[:|•,–—-](?: \w{1,4})?$")
_REST = 4
_MAY_END_A_SENTENCE = ("?", "!", "»", ")", "…", "”", '"')


def find_title(page: Page) -> int:
    """Where the title stands among the lines of the story; what is above it is the section, or an advert.

    Raises:
        RefusedError: there is none, or two lines may be it.
    """
    _join_title(page)
    _drop_hashtag(page)
    story = page.story
    run = _run(page)
    if not run and not _is_stopped_title(page):
        raise no_title(_why_none(page))
    if not run:
        page.warn(f"the title «{story[0].text}» ends as a sentence does")
        return 0
    at = _repeated(run, page)
    if at is None:
        at = _skip_names(run, page)
        at += _below_section(run[at:], page)
    if at and page.section is None and may_be_section(run[at - 1].text) and run[at - 1].text != page.byline:
        page.section = run[at - 1].text
    _look_at_doubts(at, run, page)
    for line in run[:at]:
        if line.text not in {page.section, page.byline}:
            page.warn(f"left out «{line.text}» above the title")
    if at and _is_hashtag(run[at]):
        raise no_title(f"«{run[at - 1].text}» and «{run[at].text}» may both be it")
    if not _is_worded(run[at].text):
        raise no_title(f"«{run[at].text}» is none")
    _take_section_below(at, run, page)
    return at


def _run(page: Page) -> list[Line]:
    run: list[Line] = []
    for line in page.story[:_RUN]:
        if line.is_prose:
            break
        run.append(line)
    return run


def _is_hashtag(line: Line) -> bool:
    return line.text[0] == "#" and " " not in line.text


def _drop_hashtag(page: Page) -> None:
    """«#жолдау» above the title, or above it below the section, is a tag."""
    run = _run(page)
    for at, line in enumerate(run):
        if _is_hashtag(line):
            if any(_is_worded(below.text) and not is_section(below.text, page) for below in run[at + 1 :]):
                page.warn(f"«{line.text}» above the title was taken for a tag")
                page.tags = page.tags or (line.text.strip("#,;"),)
                page.story.remove(line)
            return
        if not may_be_section(line.text):
            return


def _why_none(page: Page) -> str:
    taken = f"; «{page.taken[0][:80]}» was taken for the page's furniture" if page.taken else ""
    if page.story:
        return f"the first line is a sentence of the text{taken}"
    return taken.removeprefix("; ")


def _join_title(page: Page) -> None:
    """A title that was broken goes on in lower case, in the same block."""
    story = page.story
    for at in range(min(2, len(story) - 1)):
        line, below = story[at], story[at + 1]
        if (
            line.block == below.block
            and line.number + 1 == below.number
            and below.text[0].islower()
            and " " in line.text
            and not (line.is_prose or below.is_prose or line.is_sentence)
            and len(line.text) + len(below.text) < TITLE_LIMIT
        ):
            story[at : at + 2] = [line._replace(text=f"{line.text} {below.text}", number=below.number)]
            return


def _is_stopped_title(page: Page) -> bool:
    """«Сенат бюджетті қабылдады.» between the date line and the text."""
    story = page.story
    if len(story) < 2 or page.taken:
        return False
    first, below = story[0], story[1]
    return (
        any(abs(date.line.number - first.number) == 1 for date in page.dates)
        and len(below.text) > len(first.text)
        and first.text.endswith(".")
        and not re.search(r"[.!?…] ", first.text)
        and first.text[0].isalnum()
        and len(first.text.split()) <= _STOPPED_TITLE_WORDS
    )


def _repeated(run: list[Line], page: Page) -> int | None:
    """A line that comes again, with text below it, is the title if nothing above it may be one.

    A section's name may come again too, but it is shorter.
    """
    texts = [line.text for line in page.story]
    again = [
        at
        for at, line in enumerate(run)
        if line.text in texts[at + 1 : min(at + 2 + LEAD_LINES, len(texts) - 1)] and _is_worded(line.text)
    ]
    at = max(again, key=lambda at: len(run[at].text), default=None)
    if at is None or all(
        may_be_section(line.text)
        and len(line.text.split()) < len(run[at].text.split())
        and (" " not in line.text or is_section(line.text, page))
        for line in run[:at]
    ):
        return at
    return None


def _is_worded(text: str) -> bool:
    """Whether it says something: a date, a number or an address is no title."""
    if not _LETTERS.search(text) or text[:4].casefold() == "http":
        return False
    return text.count(" ") >= 5 or not seems_date(text) or text.casefold() in {"кеше", "вчера", "бүгін"}


def _look_at_doubts(at: int, run: list[Line], page: Page) -> None:
    """A line that begins as furniture does is the title if no other line may be it."""
    if not page.doubts:
        return
    for line in run[:at]:
        kind = page.doubts.get(line.number)
        if kind and kind != CRUMBS:
            raise no_title(f"«{line.text}» may be it, or {kind}")
    kind = page.doubts.get(run[at].number)
    if not kind:
        return
    if at + 1 < len(run):
        raise no_title(f"«{run[at].text}» may be it, or {kind}")
    if kind != CRUMBS:
        page.warn(f"«{run[at].text}» was taken for the title; it begins like {kind}")


def is_section(text: str, page: Page) -> bool:
    folded = text.casefold()
    return folded in words.SECTIONS or folded in {
        text.casefold() for text in (page.section, *page.crumbs) if text
    }


def _skip_names(run: list[Line], page: Page) -> int:
    """A person's name alone between the date line and the title is the author's; the section may be above."""
    start = 1 if len(run) > 2 and (is_section(run[0].text, page) or " " not in run[0].text) else 0
    if len(run) < start + 2 or page.byline is not None:
        return 0
    line, below = run[start], run[start + 1]
    parts = line.text.split()
    dated = any(date.line.number < line.number for date in page.dates)
    if (
        len(parts) not in {2, 3}
        or not dated
        or not is_name(line.text)
        or _NO_NAME.search(line.text)
        or not all(part[0].isupper() and part[1:].islower() for part in parts)
        or len(below.text.split()) < 3
        or may_be_section(below.text)
    ):
        return 0
    page.byline = line.text
    page.warn(f"«{line.text}» was taken for the author: it stands alone above the title")
    if start and page.section is None:
        page.section = run[0].text
    return start + 1


def _below_section(run: list[Line], page: Page) -> int:
    first = run[0]
    known = {text.casefold() for text in (page.section, *page.crumbs) if text}
    if len(run) > 1 and (first.text.casefold() in known or page.doubts.get(first.number) == CRUMBS):
        return 1
    named = 0
    while named < len(run) - 1 and run[named].text.casefold() in words.SECTIONS:
        named += 1
    if named and (" " in run[named].text or not known) and len(page.story) > 2:
        return named
    if known or len(run) == 1:  # what has a section already begins with its title
        return 0
    if len(run) == len(page.story):  # without a sentence below there is no telling
        if may_be_section(first.text) and not _is_dated(run[1].text):
            raise no_title(f"«{first.text}» and «{run[1].text}» may both be it")
        return 0
    blocks = [line.block for line in run]
    head = blocks.count(blocks[0])
    if 1 < head < len(run) and blocks.count(blocks[head]) == 1 and may_be_section(run[head - 1].text):
        return head
    return _weigh(run, page) if may_be_section(first.text) else 0


def _weigh(run: list[Line], page: Page) -> int:
    """Two lines, each of which may be the title; the first may be a section too."""
    first = run[0]
    if _is_dated(run[1].text):
        return 0  # the text's own: «Дата рождения: 12.05.1970»
    mine, below = len(first.text.split()), len(run[1].text.split())
    doubtful = len(run) == 2 and run[1].text.endswith(_MAY_END_A_SENTENCE)
    if not doubtful and (mine == 1 or below > max(mine, _SECTION_WORDS)):
        if mine > 1:
            page.warn(f"«{first.text}» was taken for the section: it stands alone above the title")
        return 1
    # The site's name, the section, and then a line that is too long to be either.
    if len(run) > 2 and may_be_section(run[1].text) and len(run[2].text.split()) > _SECTION_WORDS:
        return 2
    if mine > 1 and len(run) > 2 and any(date.line.number == first.number - 1 for date in page.dates):
        page.warn(f"«{first.text}» was taken for the title, and «{run[1].text}» for the text")
        return 0
    raise no_title(f"«{first.text}» and «{run[1].text}» may both be it")


def _is_dated(text: str) -> bool:
    """Whether a date is nearly all of a line, or what it says behind a label or a dash."""
    spans = find_datelines(text)
    if not spans:
        return bool(_LIFE.fullmatch(text))
    before, behind = text[: spans[0][0]].strip(), text[spans[-1][1] :].strip(" .,;()")
    return len(behind) <= _REST and (len(before) <= _REST or bool(_LABELLED.search(before)))


def _take_section_below(at: int, run: list[Line], page: Page) -> None:
    """«title ⏎ date ⏎ Общество ⏎ text», or the section and then the date."""
    if page.section is not None or at + 1 >= len(run):
        return
    below = run[at + 1]
    if below.text.casefold() in words.SECTIONS and any(
        abs(date.line.number - below.number) == 1 for date in page.dates
    ):
        page.section = below.text
        page.story.remove(below)


def may_be_section(text: str) -> bool:
    parts = text.split()
    return (
        len(parts) <= _SECTION_WORDS
        and len(text) <= 40
        and not _NO_SECTION.search(text)
        and not _VERB.fullmatch(text.casefold())
    )
