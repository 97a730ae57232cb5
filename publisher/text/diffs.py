"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


class Change(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


class Span(NamedTuple):
    """A run of text, and what became of it."""

    change: Change
    text: str


def diff_words(before: str, after: str) -> list[Span]:
    """The spans that lead from one text to the other. Those not ADDED make `before`; not REMOVED, `after`."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    return list(_spans(old, new))


def _spans(old: list[str], new: list[str]) -> Iterator[Span]:
    # Without the matcher's junk rule: in a long text every space is frequent, and none is junk.
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Span(Change.SAME, "".join(old[i:j]))
            continue
        if i < j:
            yield Span(Change.REMOVED, "".join(old[i:j]))
        if k < m:
            yield Span(Change.ADDED, "".join(new[k:m]))
