"""Lines made of dates, sections and counters, in any order."""

import re
from functools import lru_cache

from publisher.readers.newspaper import words
from publisher.readers.newspaper.furniture import read_author, signature
from publisher.readers.newspaper.lines import Candidate, Line, Page
from publisher.text.dates import find_datelines, seems_date
from publisher.text.months import AGO_WORDS, DAY_WORDS

Counts = dict[str, list[int | None]]
"""Numbers by kind; None for one that is rounded. Read, never changed."""
HEADER_LINES = 12
"""How far down a page its date line may stand,"""
HEADER_STORY = 3
"""and below how many lines of the story: a title, a lead, one more."""
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_WORDS_LIMIT = 60
_YEAR = re.compile(r"\d{4}")
_RELATIVE = frozenset({word.replace("і", i) for word in (*DAY_WORDS, *AGO_WORDS) for i in "іi"})
"""With the Latin i that a page may have kept."""
_NUMBER = r"(?:\d{1,3}(?:[ ,]\d{3}){1,4}(?!\d)|\d{1,15}(?!\d))"
_ROUNDED = r"\d+(?:[.,]\d+)?\ ?(?:k|к|m|м|тыс\.?|мың|млн)(?!\w)"
_IS_ROUNDED = re.compile(_ROUNDED)
_AMOUNT = rf"(?:{_ROUNDED}|{_NUMBER})"
_COUNTER = re.compile(
    rf"""
      (?P<minutes>~?\ ?\d{{1,3}}\ ?(?:{words.any_of(words.MINUTES_AFTER)})(?!\w)
        |(?:{words.any_of(words.MINUTES_BEFORE)})\ ?:?\ ?~?\ ?\d{{1,3}}(?:\ ?(?:мин|min)\w*)?)
    | (?P<comments>{_AMOUNT}\ ?(?:{words.any_of(words.COMMENTS)})(?!\w)
        |(?:{words.any_of(words.COMMENTS)})\ ?[:(]?\ ?{_AMOUNT}\)?)
    | (?P<views>(?:{words.any_of(words.VIEWS_BEFORE)})\ ?[:(–-]?\ ?{_AMOUNT}(?:\ рет)?\)?
        |{_AMOUNT}\ ?(?:{words.any_of(words.VIEWS_AFTER)})(?!\w))
    | (?P<bare>{_AMOUNT})(?![\w%])
    """,
    re.VERBOSE,
)
_BETWEEN = re.compile(r"(?:[\s•|·/;()]|[.,](?=\s|$))*")
_SEPARATOR = re.compile(r" ?[•|·»›→>] ?|(?:^| )[—–/-](?: |$)|/$")
_SEPARATED = tuple("•|·»›→>—–/-:(")
_LABEL_END = r")(?: ?[:–—-])? ?\(?$"
_PUBLISHED = re.compile(rf"(?<!\w)(?:{words.any_of(words.PUBLISHED)}{_LABEL_END}", re.IGNORECASE)
_UPDATED = re.compile(rf"(?<!\w)(?:{words.any_of(words.UPDATED)}{_LABEL_END}", re.IGNORECASE)
_TOWN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?,")
_SOURCE_DATE = re.compile(
    r"[,.;]? ?(?:фото|сурет|photo)? ?[–—-]? ?[^,.;–—-]{0,60}(?:\.\w+)? (?:от|from|of)$", re.IGNORECASE
)
_CRUMBS = re.compile(r"[>›»→|•·]| / ")


def in_header(line: Line, page: Page) -> bool:
    return line.number < HEADER_LINES and len(page.story) <= HEADER_STORY


def read_lone_words(line: Line, page: Page) -> bool:
    """The label of a number that stands above; a date in words: «Бүгін»."""
    if len(line.text) > _WORDS_LIMIT:
        return False
    if line.folded.strip(":. ") in words.LONE_LABELS:
        return True
    if not in_header(line, page):
        return False
    return (_is_relative(line) and _read_dated(line, page)) or _is_half_date(line, page)


def read_counts(line: Line, page: Page) -> bool:
    """A line of dates, counters and what stands beside them."""
    header = in_header(line, page)
    if header and _YEAR.search(line.text) and _read_dated(line, page):
        return True
    counts = _count(line.folded) if _DIGIT.search(line.text) else None
    if counts is None:
        if header and _is_relative(line) and _read_dated(line, page):
            return True
        return read_lone_words(line, page)
    if list(counts) == ["bare"]:  # a number alone; the text may have such a line, a header must not
        if header and not page.prose:
            page.warn(f"left out the number «{line.text}»: nothing says what it counts")
        return header and not page.prose
    _keep_counts(counts, page)
    return True


def _is_relative(line: Line) -> bool:
    return len(line.text) <= 100 and not _RELATIVE.isdisjoint(_WORD.findall(line.folded))


def _is_half_date(line: Line, page: Page) -> bool:
    if page.prose or line.text.count(" ") > 4:
        return False
    *_, last = _SEPARATOR.split(line.text)
    if not seems_date(last):
        return False
    page.half_date = page.half_date or line.text
    return True


@lru_cache(maxsize=1024)  # «2 мин» comes again and again
def _count(text: str) -> Counts | None:
    """The numbers of a folded text that has nothing but counters, by kind; None for any other text."""
    counts: Counts = {}
    for chunk in _SEPARATOR.split(text):
        if chunk.strip(" :.") in words.LONE_LABELS:
            continue
        at = _end_of_gap(chunk, 0)
        while at < len(chunk):
            match = _COUNTER.match(chunk, at)
            if not match:
                return None
            amount = match.group()
            rounded = _IS_ROUNDED.search(amount)
            counts.setdefault(str(match.lastgroup), []).append(None if rounded else _whole(amount))
            at = _end_of_gap(chunk, match.end())
    return counts or None


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else int("".join(filter(str.isdecimal, text)))


def _keep_counts(counts: Counts, page: Page) -> None:
    if page.views is None and "views" in counts:
        page.views = counts["views"][0]
        if page.views is None:
            page.warn("the view counter is rounded; it was left out")
    if "minutes" in counts:
        page.reading_minutes = page.reading_minutes or counts["minutes"][0]
    page.bare_numbers += [number for number in counts.get("bare", []) if number is not None]


def _read_dated(line: Line, page: Page) -> bool:
    """A line that holds a date. It is furniture when all the rest of it is."""
    text = line.text
    spans = find_datelines(text)
    if not spans:
        return False
    pieces, end, published = [], 0, False
    dates: dict[str, None] = {}
    for start, stop in spans:
        piece, end = text[end:start], stop
        if label := _UPDATED.search(piece):
            pieces.append(piece[: label.start()])
            continue
        if label := _PUBLISHED.search(piece):
            piece, published = piece[: label.start()], True
        pieces.append(piece)
        dates[text[start:stop]] = None
    if not dates:
        return True  # «Жаңартылды: …»
    before, after = pieces[0].strip(), " ".join([*pieces[1:], text[end:]]).strip(" .,;)")
    if len(dates) > 1 or not _fits(before, after):
        return False
    weak = bool(_TOWN.fullmatch(before))
    sides = _Sides(line, page)
    if not weak and not (sides.take(before, above=True) and sides.take(after, above=False)):
        return False
    sides.commit()
    rich = bool(sides.section or sides.counts)
    page.dates.append(
        Candidate(
            next(iter(dates)), line, len(page.story), page.prose > 0, sides.section, rich, weak, published
        )
    )
    return True


def _fits(before: str, after: str) -> bool:
    """Whether what stands beside a date is set apart from it; a sentence is not."""
    good_before = (
        not before or before.endswith(_SEPARATED) or _TOWN.fullmatch(before) or _count(before.casefold())
    )
    return bool(good_before and (not after or after.startswith(_SEPARATED) or _count(after.casefold())))


class _Sides:
    """What stands before and behind the date of one line."""

    def __init__(self, line: Line, page: Page) -> None:
        self.line = line
        self.page = page
        self.section: str | None = None
        self.byline: str | None = None
        self.counts: Counts = {}
        self.doubts: list[str] = []

    def take(self, text: str, *, above: bool) -> bool:
        """False when a chunk can be nothing that stands beside a date."""
        unknown = []
        for chunk in (chunk.strip(" :,;()") for chunk in _SEPARATOR.split(text)):
            folded = chunk.casefold()
            if not chunk or folded in words.NOISE:
                continue
            if counts := _count(folded):
                for kind, numbers in counts.items():
                    self.counts.setdefault(kind, []).extend(numbers)
            elif name := signature(chunk):
                self.byline = name
            elif not read_author(Line(chunk, folded, folded.split(":")[0].split()[0]), self.page):
                unknown.append(chunk)
        if len(unknown) > 3 or any(len(chunk) > 80 for chunk in unknown):
            return False
        if above:
            self.section = unknown[-1] if unknown else None
            return True
        return all(map(self._take_behind, unknown))

    def _take_behind(self, chunk: str) -> bool:
        """Behind a date stands a section, or a person, and two capitals may be either."""
        parts = chunk.split()
        if len(parts) > 3:
            return False
        if self.section is None and (len(parts) == 1 or not all(part[0].isupper() for part in parts)):
            self.section = chunk
        else:
            self.doubts.append(chunk)
        return True

    def commit(self) -> None:
        page = self.page
        page.byline = page.byline or self.byline
        _keep_counts(self.counts, page)
        for chunk in self.doubts:
            page.warn(f"left out «{chunk}» beside the date: it may be a section or a name")


def take_caption_date(line: Line, page: Page) -> None:
    """A date inside the caption: «Сенат, фото - Новости Zakon.kz от 11.09.2025 12:20»."""
    caption = page.caption or ""
    spans = find_datelines(caption) if _YEAR.search(caption) else []
    if len(spans) != 1 or caption[spans[0][1] :].strip(" .,;"):
        return
    start, stop = spans[0]
    page.dates.append(
        Candidate(caption[start:stop], line, len(page.story), page.prose > 0, None, rich=False, weak=True)
    )
    page.caption = _SOURCE_DATE.sub("", caption[:start].rstrip()).strip(" ,.;–—-") or None


def read_crumbs(line: Line, page: Page) -> bool:
    """«Басты бет / Сенат»: the way to the story through the site."""
    if not _CRUMBS.search(line.text):
        return False
    crumbs = [crumb.strip() for crumb in _CRUMBS.split(line.text) if crumb.strip()]
    if not crumbs or (crumbs[0].casefold() not in words.HOME and not _may_be_crumbs(crumbs, line, page)):
        return False
    if not page.prose:
        page.crumbs += [crumb for crumb in crumbs if crumb.casefold() not in words.HOME]
    return True


def _may_be_crumbs(crumbs: list[str], line: Line, page: Page) -> bool:
    """Without the home page at their head they must stand above everything, and be short."""
    above = not page.story and line.number < HEADER_LINES
    short = len(crumbs) > 1 and all(len(crumb.split()) <= 3 for crumb in crumbs)
    return above and short and not (line.is_prose or "«" in line.text or _DIGIT.search(line.text))
