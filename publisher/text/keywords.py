"""Looks for words in a text, in any case: Kazakh, Russian and English, in every script."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_IN_WORD = r"[\w\u0300-\u036f]"
"""Part of a word: a letter, a digit, or an accent that stands for itself."""


def fold(text: str) -> str:
    """The text without its case. Kazakh in Latin script has an i with a dot and one without: they are one."""
    folded = unicodedata.normalize("NFC", text).casefold().replace("i\u0307", "i").replace("ı", "i")
    return unicodedata.normalize("NFC", folded)


def has_keyword(keywords: Sequence[str], text: str) -> bool:
    """Whether one of the keywords stands in the text as whole words."""
    return _pattern(tuple(keywords)).search(fold(text)) is not None


@lru_cache(maxsize=32)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    phrases = (r"\s+".join(map(re.escape, fold(keyword).split())) for keyword in keywords)
    return re.compile(f"(?<!{_IN_WORD})(?:{'|'.join(phrases)})(?!{_IN_WORD})")
