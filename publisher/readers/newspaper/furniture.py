"""Lines that are furniture by their label, their buttons or their form. One recogniser a kind of line.

A recogniser takes a line and the page, keeps on the page what the line says, and answers whether the line
was of its kind. Each asks for the line's first word before it looks closer: most lines are nobody's.
"""

import re

from publisher.readers.newspaper import words
from publisher.readers.newspaper.labels import has_colon, label
from publisher.readers.newspaper.lines import Line, Page
from publisher.readers.newspaper.noise import is_claim

AUTHOR = label(words.AUTHOR)
CREDIT = label(words.CREDIT)
TAGS = label(words.TAGS)
SOURCE = label(words.SOURCE)
CAPTION = label(words.CAPTION)
EDITOR = label(words.EDITOR)
READ_ALSO = label(words.READ_ALSO)
READ_ALSO_WEAK = label(words.READ_ALSO_WEAK)
_GLUED_COUNTER = re.compile(rf"(\d{{1,9}}) ?(?=(?:{words.any_of(words.CREDIT)}) ?:)", re.IGNORECASE)
_INNER_CREDIT = re.compile(
    rf"(?P<caption>\S.*?)[\s.,;/|(–—-]+(?:{words.any_of(words.CREDIT)}) ?: ?(?P<credit>\S[^:]{{0,79}}?)\)?",
    re.IGNORECASE,
)
_KIND_OF_PHOTO = re.compile(rf"(?<=\w) (?:{words.any_of(words.CREDIT)}) ?:")
"""«Иллюстративное фото: …»"""
_URL = re.compile(r"https?://[^\s/?#]+\.[^\s]+", re.IGNORECASE)
_CREDIT_BARE = re.compile(rf"(?:{words.any_of(words.CREDIT_BARE)})(?!\w)", re.IGNORECASE)
_CREDIT_WORDS = 8
INVISIBLE = " \ufe0e\ufe0f\u200d"
_NO_NAMES = frozenset(
    "НАТО ЕАЭС ЮНЕСКО ЮНИСЕФ ОПЕК БРИКС СССР КСРО МАГАТЭ ТҮРКСОЙ NATO UNESCO UNICEF OPEC".split()
)


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
    if all(len(word) > 1 and word[0] == "#" for word in hashed):
        if page.prose:
            page.tags = page.tags or tuple(word.strip("#,;") for word in hashed)
            return True
        return len(hashed) > 1
    return False


def read_tags(line: Line, page: Page) -> bool:
    match = TAGS.pattern.match(line.text)
    if not match or not has_colon(match):
        return False
    value = match["value"]
    if not page.has_text_above and not re.search(r"[,;#]", value):
        return page.doubt(line, "a row of tags")
    if not page.tags:
        page.tags = split_tags(value)
        # A label alone, and each tag on a line of its own.
        page.tagging = line.block if line.number >= page.last and "," not in value else -1
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
    """Above the text and below it; inside it «Автор: …» is somebody's turn to speak."""
    match = AUTHOR.pattern.match(line.text)
    if not match or page.inside:
        return False
    value = match["value"].strip(" ,.;:—–-" + INVISIBLE)
    plain = line.head in words.AUTHOR_HEADS  # «Автор»; a «Text» or «Тілші» without a colon is a word as any
    if not value:
        known = bool(match["colon"]) or plain
    elif match["colon"]:
        known = _is_names(value)
    else:
        known = is_name(value) and len(value.split()) > 1 and page.has_text_above
        if is_name(value) and not known and not page.prose:
            return page.doubt(line, "the author's name")
    if not known:
        return False
    page.byline = page.byline or value or None
    if page.prose:
        page.ended_at = line.number
    return True


def read_editor(line: Line, page: Page) -> bool:
    match = EDITOR.pattern.match(line.text)
    if not match or page.inside or not has_colon(match) or not _is_names(match["value"]):
        return False
    page.warn(f"left out «{line.text}»")
    return True


def _is_names(value: str) -> bool:
    """«Айгүл Сейіт, Ерлан Қарин», «Имя Фамилия, корреспондент»: the first is a name, the rest is short."""
    first, *more = re.split(r" ?[,/] ?", value)
    return (
        bool(first) and is_name(first) and all(len(part.split()) <= 5 for part in more) and "«" not in first
    )


def is_name(text: str) -> bool:
    """Up to five words, each with a capital; Arabic script has none, there any words will do."""
    parts = text.rstrip(",").split()
    return (
        1 <= len(parts) <= 5
        and len(text) <= 60
        and not text.endswith((".", ":", ";", "!", "?"))
        and all(part[0].isupper() or "\u0620" <= part[0] <= "\u06d3" for part in parts)
        and not any(map(str.isdecimal, text))
        and ":" not in text
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
    value = match["value"].strip(INVISIBLE)
    count = value.count(" ") + 1
    if not match["colon"]:
        if not _is_bare_credit(value, count, page):
            return False
        value = value[3:] if value.casefold().startswith("by ") else value
    elif (count > _CREDIT_WORDS and (not has_colon(match) or (page.inside and value[0].islower()))) or (
        line.is_sentence and not has_colon(match)
    ):
        return False
    elif value and not page.has_text_above and (count > 2 or value[0].islower() or value[-1] in "?!…»"):
        return page.doubt(line, "a photo's credit")
    page.credit = page.credit or value or None
    return True


def _is_bare_credit(value: str, count: int, page: Page) -> bool:
    """«Фото автора», «Photo by Aigul Serik»; «Фото с концерта Димаша опубликовал акимат» is a title."""
    limit = 4 if page.inside else _CREDIT_WORDS
    return bool(_CREDIT_BARE.match(value)) and count <= limit and page.has_text_above


def read_caption(line: Line, page: Page) -> bool:
    match = CAPTION.pattern.match(line.text)
    if not match or not match["colon"] or (page.inside and not has_colon(match)):
        return False
    if not page.has_text_above:
        return page.doubt(line, "a photo's caption")
    if not _read_caption_and_credit(match["value"], page):
        page.caption = page.caption or match["value"] or None
    return True


def read_credit_inside(line: Line, page: Page) -> bool:
    """A credit without its label in front: «172Фото: Сенат», «© Сенат», «Сенат отырысы. Фото: Сенат»."""
    text = line.text
    if text[0] == "©":
        if text[1:].strip(INVISIBLE)[:1].islower() and not page.has_text_above and not is_claim(line):
            return page.doubt(line, "a claim of rights")
        if page.inside and text.count(" ") > 6 and not is_claim(line):
            return False
        if page.story and page.prose <= 1 and not re.search(r"\d{4}", text) and not is_claim(line):
            page.credit = page.credit or text[1:].strip(INVISIBLE) or None
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
        if not (" " not in match["caption"] and _KIND_OF_PHOTO.search(text, match.end("caption"))):
            page.caption = page.caption or match["caption"]
    return bool(match)


def read_read_also(line: Line, page: Page) -> bool:
    """«Читайте также: …»; a label alone speaks of the lines below it."""
    match = READ_ALSO.pattern.match(line.text)
    weak = None if match else READ_ALSO_WEAK.pattern.match(line.text)
    match = match or weak
    if not match or (match["value"] and not has_colon(match)):
        return False
    if weak and match["value"]:
        if line.is_sentence:
            return False
        if not page.has_text_above:
            return page.doubt(line, "a link to another story")
    if line.is_sentence and page.inside:
        page.warn(f"left out «{line.text}»: it leads to another story")
    if page.prose:
        page.promoting = not match["value"]
        page.promoted = -1
        page.ended_at = line.number
    return True
