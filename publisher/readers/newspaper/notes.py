"""The correction note at either end of the text.

A line that begins as one stays among the story's until the page is known: a title may begin so, and each of
a list of amendments. Nothing of these is lost.
"""

from collections.abc import Sequence

from publisher.readers.correction import is_introduced
from publisher.readers.newspaper.lines import Line, Page

_FEWEST = 2
"""Lines beside the notes: a title and the text."""


def keep_note(line: Line, page: Page) -> bool:
    """Keep a line that may be a note from everybody who would take it for something else."""
    if not page.has_text_above:
        page.notes = {}  # it may be the title, and what repeats it the photo's caption
        return False
    page.promoting = False
    page.story.append(line)
    return True


def take_last_notes(page: Page) -> None:
    """Set the lines apart that may be notes below the text."""
    story = page.story
    end = len(story)
    while end and story[end - 1].number in page.notes:
        end -= 1
    if end == len(story) or end < _FEWEST or not page.prose:
        return
    if is_introduced(story[end - 1].text):
        page.notes = {}
    else:
        page.last_notes[:0] = story[end:]
        del story[end:]


def part_notes(
    below: Sequence[Line], title: str, page: Page, *, lead_lines: int
) -> tuple[str | None, list[str]]:
    """The correction, and the lines below the title without its notes.

    The first may stand above the text or, where there is one, above the lead. When yet another stands amid
    the text, or nothing else is text, none of them is a note.
    """
    if not page.notes:
        return None, [line.text for line in below]
    rest, first = list(below), _first_note(below, title, page, lead_lines)
    if first:
        rest.remove(first)
    notes = [*([first] if first else []), *page.last_notes]
    is_text = any(line.text != title for line in rest)
    if not is_text or any(line.number in page.notes for line in rest):
        rest, notes = [*below, *page.last_notes], []
    correction = " ".join(page.notes[line.number] for line in notes)
    return correction or None, [line.text for line in rest]


def _first_note(below: Sequence[Line], title: str, page: Page, lead_lines: int) -> Line | None:
    place = next((at for at, line in enumerate(below) if line.number in page.notes), None)
    if place is None or below[place].text == title:
        return None
    others = [line.text for line in (*below[:place], *below[place + 1 :])][: lead_lines + 1]
    top = others.index(title) + 1 if title in others else 0
    return below[place] if place <= top else None
