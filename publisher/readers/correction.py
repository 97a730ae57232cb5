"""A correction note in the text itself: a line of its own that says «Түзету: …».

Amendments to a law are called so too, and a speaker may say it. So a note must stand at the rim of a text;
whatever is doubtful stays in the text, where readers see it as well.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from publisher.text.dates import find_datelines

if TYPE_CHECKING:
    from publisher.readers.body import Block

_LABELS = (
    "түзету|түзету енгізілді|түзетілді|қате түзетілді",
    "редакцияның түзетуі|редакция түзетуі|редакциядан түзету",
    "исправление|исправлено|внесено исправление|исправление внесено|исправление редакции|исправлена ошибка",
    "поправка|поправка редакции",
    "correction|corrections|corrected|correction notice|editor's correction|editor’s correction|erratum",
    "túzetý|túzetý engizildi|túzetildi|redaktsııanyń túzetýi|redaksııanyń túzetýi",
    "tüzetu|tüzetu engızıldı|tüzetu engizildi|tüzetıldı|tüzetildi|redaksianyñ tüzetuı|redaksiyanyñ tüzetui",
    "تۇزەتۋ|تۇزەتۋ ەنگىزىلدى|تۇزەتىلدى|رەداكتسيانىڭ تۇزەتۋى|رەداكسيانىڭ تۇزەتۋى",
)
_NAMES = [name for row in _LABELS for name in row.split("|")]
_HEAD = 3
_HEADS = frozenset(name[:_HEAD] for name in _NAMES)
_LINE = re.compile(
    rf"(?:{'|'.join(map(re.escape, _NAMES))}) ?[:：] ?(?P<words>.*)", re.IGNORECASE | re.DOTALL
)
_WORD = re.compile(r"[^\W\d_]+")
_FEW, _LONG = 2, 1000
"""Words and characters: less says nothing («Түзету: жоқ»), more is a text."""
_NAME_WORDS = 3
LINKS_LEFT_OUT = "a correction note is plain text: its links are left out"


def without_label(text: str) -> str:
    """The words of a note on one line; it may have come with a label of its own."""
    text = " ".join(text.split())
    match = _LINE.match(text)
    return (match["words"] if match else "") or text


def find_notes(lines: Iterable[str]) -> dict[int, str]:
    """The lines that begin as a note does, by place, with their words."""
    return {
        place: match["words"]
        for place, line in enumerate(lines)
        if line[:_HEAD].casefold() in _HEADS and (match := _LINE.match(line)) and _is_told(match["words"])
    }


def _is_told(words: str) -> bool:
    """Whether it says something: no date alone, no name of who corrected, no beginning of something else."""
    if len(words) > _LONG or words.endswith((":", "?")):
        return False
    for start, end in reversed(find_datelines(words)):
        words = words[:start] + words[end:]
    told = _WORD.findall(words)
    is_name = len(told) <= _NAME_WORDS and all(word[0].isupper() for word in told) and words[-1:] != "."
    return len(told) >= _FEW and not is_name


def take_correction(found: Sequence["Block"]) -> tuple[list["Block"], str | None, tuple[str, ...]]:
    """The blocks of a body without the notes in its first and last ones, what these say, and warnings."""
    notes = find_notes(block.text for block in found)
    start, end = int(0 in notes), len(found)
    while end - 1 in notes:
        end -= 1
    taken = [*found[:start], *found[end:]]
    if (
        not start < end
        or len(taken) < len(notes)  # one stands amid the text
        or (end < len(found) and is_introduced(found[end - 1].text))
        or any(block.tag != "p" for block in taken)
    ):
        return list(found), None, ()
    linked = any("<a " in block.html for block in taken)
    return list(found[start:end]), " ".join(notes.values()) or None, (LINKS_LEFT_OUT,) if linked else ()


def is_introduced(above: str) -> bool:
    """Whether the line above a note announces it: «Комитет ұсынған түзетулер:»."""
    return above.endswith(":")
