"""Lines that are furniture by their label, their buttons or their form. One recogniser a kind of line.

A recogniser takes a line and the page, keeps on the page what the line says, and answers whether the line
was of its kind. Each asks for the line's first word before it looks closer: most lines are nobody's.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from publisher.errors import RefusedError
from publisher.model import Dateline, PubStatus
from publisher.readers.newspaper import words
from publisher.readers.newspaper.lines import Line, Page
from publisher.text.dates import parse_dateline


class Label(NamedTuple):
    """What may stand before a colon."""

    heads: frozenset[str]
    pattern: re.Pattern[str]


def _label(names: Sequence[str]) -> Label:
    heads = frozenset(match[1] for name in names if (match := re.match(r"\W*(\w+)", name)))
    colon = r"(?P<colon> ?[:：]| [-–—] )?"
    return Label(
        heads, re.compile(rf"\W*(?:{words.any_of(names)})(?!\w){colon} ?(?P<value>.*)", re.IGNORECASE)
    )


AUTHOR = _label(words.AUTHOR)
CREDIT = _label(words.CREDIT)
TAGS = _label(words.TAGS)
SOURCE = _label(words.SOURCE)
CAPTION = _label(words.CAPTION)
EMBARGO = _label(words.EMBARGO)
READ_ALSO = _label(words.READ_ALSO)
APPEAL_HEADS = _label(words.APPEALS).heads
_APPEAL = re.compile(rf"\W*(?:{words.any_of(words.APPEALS)})")
_UNTIL = rf"(?:\W|(?:{words.any_of(words.UNTIL)})\b)+"
_UNTIL_BEFORE, _UNTIL_AFTER = (
    re.compile(form, re.IGNORECASE)
    for form in (rf"^{_UNTIL}", rf"(?:\W|\b(?:{words.any_of(words.UNTIL)}))+$")
)
_GLUED_COUNTER = re.compile(rf"(\d{{1,9}}) ?(?=(?:{words.any_of(words.CREDIT)}) ?:)", re.IGNORECASE)
_INNER_CREDIT = re.compile(
    rf"(?P<caption>\S.*?)[\s.,;/|(–—-]+(?:{words.any_of(words.CREDIT)}) ?: ?(?P<credit>\S[^:]{{0,79}}?)\)?",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\s|•,/·]+")
_SITE = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:kz|ru|com|org|net|info|қаз|рф|asia|tv|media|news)/?")
_PICTURE = re.compile(
    r".*\.(?:jpe?g|png|webp|gif|bmp|tiff?|heic)"
    r"|(?:img|dsc|image|photo|screenshot|whatsapp image)[ _-]?\d[\w .-]*"
)
_PICTURE_HEADS = frozenset({"img", "dsc", "image", "photo", "screenshot", "whatsapp"})
_URL = re.compile(r"https?://[^\s/?#]+\.[^\s]+", re.IGNORECASE)
_EMBARGO_LIMIT = 80
"""A longer line without a colon is a sentence about an embargo."""
_VOWELS = frozenset("аеёиоуыэюяәөүұіaeiouyáóúýäöüıí")
_KEY_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_MASHED = frozenset(row[at : at + 4] for row in _KEY_ROWS for at in range(len(row) - 3))
_CONSONANTS = re.compile(f"[^{''.join(_VOWELS)}]{{4}}")
_NO_NAMES = frozenset(
    "НАТО ЕАЭС ЮНЕСКО ЮНИСЕФ ОПЕК БРИКС СССР КСРО МАГАТЭ ТҮРКСОЙ NATO UNESCO UNICEF OPEC".split()
)


def read_embargo(line: Line, page: Page) -> bool:
    """Fails closed: a time that cannot be read holds the story back for good."""
    match = EMBARGO.pattern.match(line.text)
    if not match or (len(line.text) > _EMBARGO_LIMIT and not match["colon"]):
        return False
    until = _embargo_time(match["value"])
    if until is None:
        if page.status is PubStatus.USABLE:  # whatever else there is to say, this comes first
            page.warnings.insert(0, f"held back: the time of the embargo «{line.text}» cannot be read")
        page.status = PubStatus.WITHHELD
    elif page.embargo is None or page.embargo.isoformat() < until.isoformat():
        page.embargo = until
    return True


def _embargo_time(value: str) -> Dateline | None:
    try:
        return parse_dateline(_UNTIL_AFTER.sub("", _UNTIL_BEFORE.sub("", value)))
    except RefusedError:
        return None


def read_address(line: Line, page: Page) -> bool:
    if line.text[:4].casefold() != "http" or not _URL.fullmatch(line.text):
        return False
    page.bare_urls.append((len(page.story), line))
    return True


def read_source(line: Line, page: Page) -> bool:
    """«Дереккөз: https://…»; the mere name of a source is the story's."""
    match = SOURCE.pattern.match(line.text)
    if not match or not _URL.fullmatch(match["value"]):
        return False
    page.own_urls.append(match["value"])
    return True


def read_hashtags(line: Line, page: Page) -> bool:
    """Below a text its tags; above it what the site promotes."""
    if line.text[0] != "#":
        return False
    hashed = line.text.split()
    if page.prose and all(len(word) > 1 and word[0] == "#" for word in hashed):
        page.tags = page.tags or tuple(word.strip("#,;") for word in hashed)
        return True
    return not page.prose and page.section is None and not page.story


def read_tags(line: Line, page: Page) -> bool:
    match = TAGS.pattern.match(line.text)
    if not match or not match["colon"]:
        return False
    page.tags = page.tags or split_tags(match["value"])
    page.ended_at = line.number
    return True


def split_tags(value: str) -> tuple[str, ...]:
    """At commas and their kind; else at spaces, when every word begins a name."""
    if re.search(r"[,;|•·#،]", value):
        parts = re.split(r"[,;|•·#،]", value)
    else:
        parts = value.split()
        if len(parts) < 3 or not all(part[0].isupper() for part in parts):
            parts = [value]
    return tuple(tag for part in parts if (tag := part.strip(" .#")))


def read_author(line: Line, page: Page) -> bool:
    match = AUTHOR.pattern.match(line.text)
    if not match:
        return False
    value = match["value"].strip(" ,.;:—–-")
    plain = line.head in words.AUTHOR_HEADS  # «Автор»; a «Text» or «Тілші» without a colon is a word as any
    if value:
        known = is_name(value) or (match["colon"] and plain and len(value) <= 80)
    else:
        known = match["colon"] or plain
    if not known:
        return False
    page.byline = page.byline or value or None
    if page.prose:
        page.ended_at = line.number
    return True


def is_name(text: str) -> bool:
    """Up to five words, each with a capital; Arabic script has none, there any words will do."""
    parts = text.rstrip(",").split()
    return (
        1 <= len(parts) <= 5
        and len(text) <= 60
        and not text.endswith((".", ":", ";", "!", "?"))
        and all(part[0].isupper() or "\u0620" <= part[0] <= "\u06d3" for part in parts)
        and not any(map(str.isdecimal, text))
    )


def signature(text: str) -> str | None:
    """The name in «О́mir ESQALI,» or «Айгүл СЕЙІТ, «Egemen Qazaqstan»»: surnames are set in capitals."""
    if len(text) > 80 or text.endswith((".", ":", "!", "?")):
        return None
    name = text.partition(",")[0].strip()
    parts = name.split()
    if len(parts) not in {2, 3} or not any(map(str.isupper, parts)):
        return None
    shouted = [part for part in parts if part.isupper() and len(part) > 3]
    spoken = [part for part in parts if part[0].isupper() and part[1:].islower()]
    good = len(shouted) == 1 and len(spoken) == len(parts) - 1 and shouted[0] not in _NO_NAMES
    return name if good and not any(map(str.isdecimal, name)) else None


def read_credit(line: Line, page: Page) -> bool:
    match = CREDIT.pattern.match(line.text)
    if not match:
        return False
    value = match["value"]
    if not match["colon"]:
        if not value.casefold().startswith(words.CREDIT_BARE):
            return False
        value = value[3:] if value.casefold().startswith("by ") else value
    page.credit = page.credit or value or None
    return True


def read_caption(line: Line, page: Page) -> bool:
    match = CAPTION.pattern.match(line.text)
    if not match or not match["colon"]:
        return False
    if not _read_caption_and_credit(match["value"], page):
        page.caption = page.caption or match["value"] or None
    return True


def read_credit_inside(line: Line, page: Page) -> bool:
    """A credit without its label in front: «172Фото: Сенат», «© Сенат», «Сенат отырысы. Фото: Сенат»."""
    text = line.text
    if text[0] == "©":
        if page.story and page.prose <= 1 and not re.search(r"\d{4}", text) and not _claims(line):
            page.credit = page.credit or text[1:].strip() or None
        return True
    if ":" not in text:
        return False
    if text[0].isdecimal() and (glued := _GLUED_COUNTER.match(text)):
        page.bare_numbers.append(int(glued[1]))
        return read_credit(line._replace(text=text[glued.end() :]), page)
    return bool(page.story) and page.prose <= 1 and _read_caption_and_credit(text, page)


def _read_caption_and_credit(text: str, page: Page) -> bool:
    match = _INNER_CREDIT.fullmatch(text)
    if match:
        page.credit = page.credit or match["credit"]
        page.caption = page.caption or match["caption"]
    return bool(match)


def read_read_also(line: Line, page: Page) -> bool:
    """«Читайте также: …»; a label alone speaks of the lines below it."""
    match = READ_ALSO.pattern.match(line.text)
    if not match or (match["value"] and not match["colon"]):
        return False
    if page.prose:
        page.promoting = not match["value"]
        page.ended_at = line.number
    return True


def read_appeal(line: Line, _: Page) -> bool:
    return bool(_APPEAL.match(line.folded))


def read_noise(line: Line, page: Page) -> bool:
    """Buttons, claims, the site's own name, the name of a picture's file."""
    text = line.folded
    if text.strip(" :.…!«»↑←→>|•–—-") in words.NOISE or (
        line.head in words.NETWORKS and all(word in words.NETWORKS for word in _WORDS.findall(text))
    ):
        if page.prose and text not in words.HOME:
            page.ended_at = line.number
        return True
    if " " in text:
        return bool(_PICTURE.fullmatch(text) if line.head in _PICTURE_HEADS else page.prose and _claims(line))
    if "." in text and (_SITE.fullmatch(text) or _PICTURE.fullmatch(text)):
        if page.prose:
            page.ended_at = line.number
        return True
    return bool(page.prose) and _is_mash(line, page)


def _claims(line: Line) -> bool:
    return any(claim in line.folded for claim in words.RIGHTS)


def _is_mash(line: Line, page: Page) -> bool:
    """A word nobody can say, alone in its paragraph: the alt text of a picture that somebody hurried past."""
    word = line.text
    if not (3 <= len(word) <= 20 and word.isalpha() and word.islower()):
        return False
    vowels = sum(letter in _VOWELS for letter in word)
    few = vowels == 0 or (vowels * 4 < len(word) and bool(_CONSONANTS.search(word)))
    if not few and not any(run in word for run in _MASHED):
        return False
    page.warn(f"left out «{word}»: it stands alone and is no word")
    return True
