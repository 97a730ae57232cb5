"""Addresses from titles. Kazakh goes to Latin as the newspaper Egemen Qazaqstan writes its own addresses."""

import re
import unicodedata

_CYRILLIC = dict(
    zip(
        "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя",
        (
            "a a b v g gh d e e zh z i i k q l m n nh o o p r s t u u u f h h ts ch sh shsh - y i - e yu ya"
        ).split(),
        strict=True,
    )
)
_ARABIC = dict(
    zip(
        "اەبۆگعدجزيكقلمنڭوپرستۋۇۈفحھچشىءهخ",
        "a e b v g gh d zh z i k q l m n nh o p r s t u u u f h h ch sh y - h h".split(),
        strict=True,
    )
)
_LATIN = {"ı": "i", "ə": "a", "ø": "o", "ł": "l", "ß": "ss"}
_LETTERS = str.maketrans(
    {letter: text.replace("-", "") for letter, text in (_CYRILLIC | _ARABIC | _LATIN).items()}
)
_WORD = re.compile("[a-z0-9]+")
# Names that Windows keeps for devices, whatever their suffix.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)")


def slugify(text: str, *, limit: int = 80) -> str:
    """Lower-case ASCII words joined by hyphens, cut at a word; may be empty.

    Transliteration collides, so an address needs a short id beside it.
    """
    text = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text).casefold()  # № is N and o only now
    words = _WORD.findall("".join(c for c in text if not unicodedata.combining(c)))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:limit]
        if len(longer) > limit:
            break
        slug = longer
    return f"{slug}-x" if _DEVICES.fullmatch(slug) else slug
