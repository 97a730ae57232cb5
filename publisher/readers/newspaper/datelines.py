"""Lines that hold a date: what else stands in them, and so whether they are the story's date line."""

import re
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.readers.newspaper import words
from publisher.readers.newspaper.counters import SEPARATOR, Counts, count, keep_counts
from publisher.readers.newspaper.furniture import is_name, read_author, signature
from publisher.readers.newspaper.lines import Candidate, Form, Line, Page, first_word
from publisher.text.dates import find_datelines, parse_dateline

_SECTION_WORDS = 3
_FIRST_SECTION_WORDS = 5
"""The first line of a page may name a longer section."""
_BARS = tuple("•|·»›→>/")
_LABEL_END = r")(?: ?[:–—-])? ?\(?$"
_PUBLISHED, _UPDATED, _DAY = (
    re.compile(rf"(?<!\w)(?:{words.any_of(names)}{_LABEL_END}", re.IGNORECASE)
    for names in (words.PUBLISHED, words.UPDATED, words.DAY_LABELS)
)
_LABEL_EDGE = " :–—-("
_LABEL_ENDS = frozenset(
    name.rpartition(" ")[2] for name in words.PUBLISHED + words.UPDATED + words.DAY_LABELS
)
_SITE = re.compile(r"^(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:kz|ru|com|org|net|info),$", re.IGNORECASE)
_TOWN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?,")
_AFTER_COMMA = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?")
_LOOSE = re.compile(r"(?P<section>[^\W\d_]+(?:[ -][^\W\d_]+){0,2})(?P<counts>(?: \d.*)?)")
_GOVERNS_A_DATE = frozenset("на от в во к с со до за по of for on from at by until жылғы жылы".split())
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\d{4}")
_WORDPRESS = re.compile(r"by (?P<author>\S.{0,40}?) in (?P<section>[^\d/]{1,60}?)(?: ?//.{0,40})?")
_SOURCE_DATE = re.compile(
    r"[,.;]? ?(?:фото|сурет|photo)? ?[–—-]? ?[^,.;–—-]{0,60}(?:\.\w+)? (?:от|from|of)$", re.IGNORECASE
)


def read_dated(line: Line, page: Page) -> bool:
    """A line that holds a date. It is furniture when all the rest of it is."""
    spans = find_datelines(line.text)
    if not spans:
        return False
    parted = _part(line.text, spans)
    if len(parted.dates) != 1:
        return not parted.dates  # «Жаңартылды: …»
    date = next(iter(parted.dates))
    sides = _Sides(line, page)
    if not sides.take_both(parted.before.strip(), parted.after.strip()):
        return False
    if parted.labels == {_DAY}:
        sides.form = max(sides.form, Form.LABEL)
    published = _PUBLISHED in parted.labels
    the_texts = page.prose and sides.form is not Form.PURE
    if the_texts or (sides.form not in {Form.PURE, Form.SECTION} and is_counted(date)):
        return False
    sides.commit()
    rich = bool(sides.section or sides.counts)
    page.dates.append(
        Candidate(date, line, len(page.story), page.prose > 0, sides.form, sides.section, rich, published)
    )
    return True


def is_published(line: Line) -> bool:
    """Whether a line begins as «Опубликовано: 26.03.2024» does."""
    spans = find_datelines(line.text)
    found = _PUBLISHED.search(line.text[: spans[0][0]]) if spans else None
    return bool(found and found.start() == 0)


class _Parted(NamedTuple):
    before: str
    after: str
    dates: dict[str, None]
    labels: set[re.Pattern[str]]


def _part(text: str, spans: tuple[tuple[int, int], ...]) -> _Parted:
    """Take the dates of a line and their labels away. A date of change is none of the story's."""
    pieces: list[str] = []
    dates: dict[str, None] = {}
    labels: set[re.Pattern[str]] = set()
    end = 0
    for start, stop in spans:
        piece, end = text[end:start], stop
        label = found = None
        if piece.rstrip(_LABEL_EDGE).rpartition(" ")[2].lstrip("(").casefold() in _LABEL_ENDS:
            label, found = next(
                ((label, found) for label in (_UPDATED, _PUBLISHED, _DAY) if (found := label.search(piece))),
                (None, None),
            )
        pieces.append(piece[: found.start()] if found else piece)
        if label is not _UPDATED:
            dates[text[start:stop]] = None
            labels |= {label} if label else set()
    return _Parted(pieces[0], " ".join([*pieces[1:], text[end:]]), dates, labels)


def is_counted(date: str) -> bool:
    """Whether a date names no day of its own: «Бүгін», «2 сағат бұрын»."""
    try:
        return parse_dateline(date) is None
    except RefusedError:
        return False


class _Sides:
    """What stands before and behind the date of one line."""

    def __init__(self, line: Line, page: Page) -> None:
        self.line = line
        self.page = page
        self.form = Form.PURE
        self.section: str | None = None
        self.byline: str | None = None
        self.counts: Counts = {}
        self.doubts: list[str] = []

    def take_both(self, before: str, after: str) -> bool:
        """False when something beside the date is not set apart from it, or can be nothing of the kind."""
        behind = after.strip(" .,;()")
        before = _SITE.sub("", before)
        if _TOWN.fullmatch(before):
            self.form = Form.TOWN
            return not behind
        if behind and not (behind.startswith(_BARS) or count(behind.casefold())):
            return not before and self._take_named(after, behind)
        if not before or before.endswith(_BARS) or count(before.casefold()):
            return self._take(before, above=True) and self._take(behind, above=False)
        if before.endswith((" —", " –", " -")):
            return not behind and self._take(before, above=True) and self._lower()
        return not behind and self._take_loose(before)

    def _take_named(self, after: str, behind: str) -> bool:
        """«26.03.2024, Сенат»; «26 March 2024 by admin in News // 0 Comments»."""
        if after.startswith(",") and _AFTER_COMMA.fullmatch(behind):
            self.form, self.section = Form.LOOSE, behind
            return self.line.number == 0
        match = _WORDPRESS.fullmatch(behind)
        if not match:
            return False
        self.form, self.section = Form.SECTION, match["section"].strip()
        self.byline = match["author"] if " " in match["author"] and is_name(match["author"]) else None
        return True

    def _lower(self) -> bool:
        """A lone dash: a sentence may have one as well."""
        self.form = Form.LOOSE if self.form is Form.SECTION else self.form
        return True

    def _take_loose(self, before: str) -> bool:
        """«Жаңалықтар 1557 0 пікір 26 Наурыз, 2024»: tabs stood there."""
        match = _LOOSE.fullmatch(before)
        if not match or self.line.number or not before[0].isupper():
            return False
        counts = count(match["counts"].strip().casefold()) if match["counts"] else {}
        if counts is None or match["section"].split()[-1].casefold() in _GOVERNS_A_DATE:
            return False
        self.form, self.section, self.counts = Form.LOOSE, match["section"], dict(counts)
        return True

    def _take(self, text: str, *, above: bool) -> bool:
        """False when a chunk can be nothing that stands beside a date."""
        unknown = []
        for chunk in (chunk.strip(" :,;()") for chunk in SEPARATOR.split(text)):
            folded = chunk.casefold()
            if not chunk or folded in words.NOISE:
                continue
            if counts := count(folded):
                for kind, numbers in counts.items():
                    self.counts.setdefault(kind, []).extend(numbers)
            elif name := signature(chunk):
                self.byline = name
            elif not read_author(Line(chunk, folded, first_word(folded), -1), self.page):
                unknown.append(chunk)
        if not unknown:
            return True
        self.form = Form.SECTION
        longest = _SECTION_WORDS if self.line.number else _FIRST_SECTION_WORDS
        if len(unknown) > 3 or any(
            len(chunk.split()) > longest or _DIGIT.search(chunk) or chunk[-1] in ".!?:" for chunk in unknown
        ):
            return False
        if above:
            self.section = unknown[-1]
            return True
        return all(map(self._take_behind, unknown))

    def _take_behind(self, chunk: str) -> bool:
        """Behind a date stands a section, or a person, and two capitals may be either."""
        parts = chunk.split()
        if len(parts) > _SECTION_WORDS:
            return False
        if self.section is None and (len(parts) == 1 or not all(part[0].isupper() for part in parts)):
            self.section = chunk
        else:
            self.doubts.append(chunk)
        return True

    def commit(self) -> None:
        page = self.page
        page.byline = page.byline or self.byline
        keep_counts(self.counts, page)
        for chunk in self.doubts:
            page.warn(f"left out «{chunk}» beside the date: it may be a section or a name")


def take_caption_date(line: Line, page: Page) -> None:
    """A date inside the caption: «Сенат, фото - Новости Zakon.kz от 11.09.2025 12:20»."""
    caption = page.caption or ""
    spans = find_datelines(caption) if _YEAR.search(caption) else []
    if len(spans) != 1 or caption[spans[0][1] :].strip(" .,;"):
        return
    start, stop = spans[0]
    page.dates.append(Candidate(caption[start:stop], line, len(page.story), page.prose > 0, Form.CAPTION))
    page.caption = _SOURCE_DATE.sub("", caption[:start].rstrip()).strip(" ,.;–—-") or None
