"""Sketches of texts: a few numbers by which nearly equal texts are found among thousands.

A bottom-k sketch (Broder 1997; Cohen and Kaplan 2007) keeps the k smallest hashes of a text's overlapping
groups of words. Two texts that share most groups share most of these, whatever their length.
"""

import hashlib
import re
from collections.abc import Set as AbstractSet
from heapq import nsmallest
from itertools import islice

SIZE = 64
"""k: the error of an estimate is about 1/√k."""
_GROUP = 4
"""Words in a group: three are common phrases, five make every edit loom large."""
_WORD = re.compile(r"\w+")
_SHORTEST = 20
"""Texts of fewer words are like one another by chance."""


def sketch(text: str) -> frozenset[int]:
    """At most SIZE positive 63-bit numbers; none for a text too short to be compared."""
    words = _WORD.findall(text.casefold())
    if len(words) < _SHORTEST:
        return frozenset()
    groups = zip(*(islice(words, start, None) for start in range(_GROUP)), strict=False)
    return frozenset(nsmallest(SIZE, {_hash(" ".join(group)) for group in groups}))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def similarity(one: AbstractSet[int], other: AbstractSet[int]) -> float:
    """Estimate of the share of word groups that two texts have in common, 0 to 1 (their Jaccard index)."""
    union = nsmallest(SIZE, one | other)
    return sum(mark in one and mark in other for mark in union) / len(union) if union else 0.0
