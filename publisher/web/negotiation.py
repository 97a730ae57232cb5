"""Which content coding a reader takes (RFC 9110, 12.5.3)."""

import re
from enum import StrEnum
from functools import lru_cache

_ELEMENT = re.compile(
    r"([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?", re.ASCII | re.IGNORECASE
)
_SHORT = 128
"""Browsers and feed readers name fewer; only such fields are remembered."""


class Coding(StrEnum):
    """A coding, by its name in Content-Encoding and at the end of an entity tag."""

    BROTLI = "br"
    GZIP = "gzip"
    IDENTITY = "identity"


def choose_coding(accepted: bytes) -> Coding:
    """The best that the value of Accept-Encoding allows; the smaller one of two that are liked alike.

    Who refuses everything gets the file as it is: better the news than a 406.
    """
    return _remembered(accepted) if len(accepted) <= _SHORT else _choose(accepted)


def _choose(accepted: bytes) -> Coding:
    weights = _weights(accepted.decode("latin-1"))
    others = weights.get("*", 0.0)
    liked = {
        Coding.BROTLI: weights.get("br", others),
        Coding.GZIP: weights.get("gzip", others),
        Coding.IDENTITY: weights.get("identity", 0.0),
    }
    best = max(liked, key=lambda coding: liked[coding])
    return best if liked[best] else Coding.IDENTITY


def _weights(accepted: str) -> dict[str, float]:
    """Each coding's weight; what is not well formed counts for nothing."""
    elements = (_ELEMENT.fullmatch(element.strip(" \t")) for element in accepted.split(","))
    # x-gzip is gzip (RFC 9110, 8.4.1.3).
    return {found[1].lower().removeprefix("x-"): float(found[2] or 1) for found in elements if found}


_remembered = lru_cache(maxsize=256)(_choose)
