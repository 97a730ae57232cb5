"""Lines that say nothing of the story: buttons, appeals, claims, the site's own name, mashed keys."""

import re

from publisher.readers.newspaper import words
from publisher.readers.newspaper.labels import label
from publisher.readers.newspaper.lines import Line, Page

APPEAL_HEADS = label(words.APPEALS).heads
_APPEAL = re.compile(rf"\W*(?:{words.any_of(words.APPEALS)})")
_APPEAL_OBJECT = re.compile(words.any_of(words.APPEAL_OBJECTS))
_WORDS = re.compile(r"[^\s|•,/·]+")
_SITE = re.compile(r"(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:kz|ru|com|org|net|info|қаз|рф|asia|tv|media|news)/?")
_PICTURE = re.compile(
    r".*\.(?:jpe?g|png|webp|gif|bmp|tiff?|heic)"
    r"|(?:img|dsc|image|photo|screenshot|whatsapp image)[ _-]?\d[\w .-]*"
)
_PICTURE_HEADS = frozenset({"img", "dsc", "image", "photo", "screenshot", "whatsapp"})
_SWITCH_HEADS = words.LANGUAGES | {"usd", "eur", "rub", "a", "а"}
_RATES = re.compile(r"(?:(?:usd|eur|rub|cny|gbp)\W{0,3}\d+(?:[.,]\d+)?\W*)+", re.IGNORECASE)
_SIZES = re.compile(r"(?:[aа][+-]?[ /|]*){2,}")
_VOWELS = frozenset("аеёиоуыэюяәөүұіaeiouyáóúýäöüıí")
_KEY_ROWS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_MASHED = frozenset(row[at : at + 4] for row in _KEY_ROWS for at in range(len(row) - 3))
_CONSONANTS = re.compile(f"[^{''.join(_VOWELS)}]{{4}}")


def read_appeal(line: Line, page: Page) -> bool:
    return is_appeal(line) and not (page.inside and line.is_sentence)


def is_appeal(line: Line) -> bool:
    """«Подпишитесь на наш канал»; «Подпишитесь на счастье» is a title."""
    match = _APPEAL.match(line.folded)
    if match is None:
        return False
    return match.end() == len(line.folded) or bool(_APPEAL_OBJECT.search(line.folded))


def read_noise(line: Line, page: Page) -> bool:
    """Buttons, claims, the site's own name, the name of a picture's file."""
    text = line.folded
    if text.strip(" :.…!«»↑←→>|•–—-") in words.NOISE or (
        line.head in words.NETWORKS and all(word in words.NETWORKS for word in _WORDS.findall(text))
    ):
        if page.inside and text.strip(" :.") in words.MAY_HEAD:
            return False
        if page.prose and text not in words.HOME:
            page.ended_at = line.number
        return True
    if line.head in _SWITCH_HEADS and not page.prose and _is_switch(line):
        return True
    if " " in text:
        return bool(
            _PICTURE.fullmatch(text) if line.head in _PICTURE_HEADS else page.prose and is_claim(line)
        )
    if "." in text and (_SITE.fullmatch(text) or _PICTURE.fullmatch(text)):
        if page.prose:
            page.ended_at = line.number
        return True
    return bool(page.prose) and _is_mash(line, page)


def _is_switch(line: Line) -> bool:
    """Languages, rates of exchange, the size of the letters: what stands above every page of a site."""
    text = line.folded
    if line.head in words.LANGUAGES and all(word in words.LANGUAGES for word in _WORDS.findall(text)):
        return True
    return bool(len(text) <= 60 and (_RATES.fullmatch(text) or _SIZES.fullmatch(text)))


def is_claim(line: Line) -> bool:
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
