"""What the page as a whole tells of its lines: where its text begins and ends, and which lines are one."""

from collections.abc import Iterator
from itertools import pairwise

from publisher.readers.correction import find_notes
from publisher.readers.newspaper.lines import FURNITURE_LIMIT, Line, Page, first_word
from publisher.readers.newspaper.noise import is_appeal, is_claim
from publisher.text.dates import find_datelines

_SHORTEST, _LONGEST = 45, 80
"""Characters in a line that was broken to fit a screen or a mail."""
_WIDTHS = range(_SHORTEST, _LONGEST + 1)
_HEADER_BLOCKS = 2


def unwrap(lines: list[Line]) -> list[Line]:
    """Make one line of a paragraph that was broken to a width; what may be lines of their own stays so."""
    above = lines[0] if lines else None
    for line in lines:  # any() costs twice the time, on every page
        if above and above.block == line.block and above is not line and len(above.text) in _WIDTHS:
            break
        above = line
    else:
        return lines
    unwrapped: list[Line] = []
    joined = False
    for block in _blocks(lines):
        if len(block) > 1 and _is_wrapped(block):
            text, joined = " ".join(line.text for line in block), True
            folded = text.casefold() if len(text) <= FURNITURE_LIMIT else ""
            head = first_word(folded) if folded else ""
            unwrapped.append(Line(text, folded, head, len(unwrapped), block[0].block))
        else:
            unwrapped += (line._replace(number=len(unwrapped) + at) for at, line in enumerate(block))
    return unwrapped if joined else lines


def _blocks(lines: list[Line]) -> Iterator[list[Line]]:
    block: list[Line] = []
    for line in lines:
        if block and line.block != block[0].block:
            yield block
            block = []
        block.append(line)
    yield block


def _is_wrapped(block: list[Line]) -> bool:
    """Whether each line is full, so that the next one's first word had no room in it."""
    if not all(_SHORTEST <= len(line.text) <= _LONGEST for line in block[:-1]):
        return False
    if len(block[-1].text) > _LONGEST or not block[-1].is_sentence:
        return False
    width = max(len(line.text) for line in block)
    pairs = list(pairwise(block))
    if any(len(line.text) + 1 + len(below.text.split(" ", 1)[0]) <= width for line, below in pairs):
        return False
    if any(not line.text[0].isalpha() and line.text[0] not in '«“"(' for line in block[1:]):
        return False  # the items of a list
    runs_on = [not line.is_sentence and below.text[0].islower() for line, below in pairs]
    # A title and its text may look alike; a line that goes on in lower case is neither.
    return runs_on[0] or (any(runs_on) and block[0].block > _HEADER_BLOCKS)


def mark_text(lines: list[Line], page: Page) -> None:
    """Find the first and the last sentence of the text; a correction note may stand above and below them."""
    page.first_line = lines[0].text if lines else ""
    page.notes = find_notes(line.text for line in lines)
    page.first = len(lines)
    for line in lines:
        if line.text[-1] in ".…" and line.number not in page.notes and _is_text(line):
            page.first = line.number
            break
    for line in reversed(lines):
        if line.number not in page.notes and _is_text(line):
            page.last = line.number
            break


def _is_text(line: Line) -> bool:
    if len(line.text) > FURNITURE_LIMIT:
        return True
    if not line.is_sentence or is_claim(line) or is_appeal(line):
        return False
    return line.text[0] != "©" and find_datelines(line.text) != ((0, len(line.text)),)
