"""In which language a page answers (RFC 9110, 12.5.4)."""

import re
from collections.abc import Collection

from publisher.config import LANGUAGES

_RANGE = re.compile(
    r"\s*([a-z]{1,8}|\*)(?:-[a-z0-9-]*)?\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?",
    re.ASCII,
)
_ANY = "*"


def choose_language(
    query: str | None, accept_language: str | None, default: str, *, among: Collection[str] = LANGUAGES
) -> str:
    """What the address asks for (`?lang=`) if it is one `among` those, else what the browser likes best.

    A script or a country makes no difference: a reader of kk-Latn gets kk. Of what is liked as much, the
    first wins, and `default` where none is liked; what cannot be read counts as not there.
    """
    asked = (query or "").lower().partition("-")[0]
    if asked in among:
        return asked
    liked = _weights(accept_language or "")
    named = (language for language in liked if language in among)
    others = liked.get(_ANY, 0.0)
    best = max((*named, default, *among), key=lambda language: liked.get(language, others))
    return best if liked.get(best, others) > 0 else default


def _weights(accept_language: str) -> dict[str, float]:
    """How much each language is liked, from 0 (not at all) to 1, in the order in which they are named."""
    weights: dict[str, float] = {}
    for part in accept_language.lower().split(","):
        if match := _RANGE.fullmatch(part):
            language, weight = match[1], float(match[2] or 1)
            weights[language] = max(weight, weights.get(language, 0.0))
    return weights
