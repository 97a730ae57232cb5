"""The plain-text export of a newspaper's page: the story, with the page's furniture around it.

    Сенат • 26 Наурыз, 2024          section and date
    Мәулен Әшімбаев …                title
    45 рет / көрсетілді              view counter
    2 мин / оқу үшін                 reading time
    Сенат Төрағасы …                 lead: what stands between the title and its repetition
    Мәулен Әшімбаев …                the title again: the photo's caption
    Фото: …                          credit
    Былтыр …                         paragraphs

Furniture is recognised by what it is, line by line; what is left is the story.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin, Photo
from publisher.text.characters import read_text
from publisher.text.dates import parse_dateline
from publisher.text.languages import detect_language
from publisher.text.markup import paragraph, quotation

_VIEWS = re.compile(
    r"([0-9][0-9 ]{0,14}) (?:рет|رەت|ret)(?: (?:көрсетілді|كورسەتىلدى|kórsetildi|körsetildi))?"
)
_VIEWS_LABEL = re.compile(r"көрсетілді|كورسەتىلدى|kórsetildi|körsetildi", re.IGNORECASE)
_MINUTES = re.compile(
    r"([0-9]{1,3}) (?:мин|مين|min)\.?(?: (?:оқу үшін|وقۋ ءۇشىن|oqý úshin|oqu üşin))?", re.IGNORECASE
)
_MINUTES_LABEL = re.compile(r"оқу үшін|وقۋ ءۇشىن|oqý úshin|oqu üşin", re.IGNORECASE)
_CREDIT = re.compile(r"(?:Фото|Сурет|سۋرەت|Foto|Sýret|Suret|Photo) ?: ?(\S.{0,199})", re.IGNORECASE)
_SECTION_AND_DATE = re.compile(r"(?P<section>[^•|·]{1,80}?) ?[•|·] ?(?P<date>[^•|·]{6,60})")
_QUOTE = re.compile(r"(?:«[^»]+»|“[^”]+”|„[^“”]+[“”])")
_HEADER_LINES = 12
"""How far down a page its date line may stand."""
_TITLE_LIMIT = 250


@dataclass(slots=True)
class _Page:
    """What has been recognised so far."""

    section: str | None = None
    dateline: Dateline | None = None
    views: int | None = None
    reading_minutes: int | None = None
    credit: str | None = None
    story: list[str] = field(default_factory=list)


def parse_newspaper(data: bytes, origin: Origin) -> Article:
    """Read one exported page.

    Raises:
        RefusedError: the bytes are no text, or the page has no title, no date or no text.
    """
    text, warnings = read_text(data)
    lines = [line for line in text.split("\n") if line]
    page = _Page()
    for number, line in enumerate(lines):
        if not _is_furniture(line, number, page):
            page.story.append(line)
    title, lead, caption, paragraphs = _split_story(page.story)
    if page.dateline is None:
        raise RefusedError("there is no date line", "begin the file with «Section • 26 Наурыз, 2024»")
    if not lead and not paragraphs:
        raise RefusedError("there is no text below the title", "add the story's paragraphs")
    photo = Photo(caption=caption, credit=page.credit) if caption or page.credit else None
    return Article(
        title=title,
        dateline=page.dateline,
        language=detect_language("\n".join((title, lead, *paragraphs)), origin.language),
        lead=lead,
        body_html="\n".join(map(_block, paragraphs)),
        section=page.section,
        photo=photo,
        views=page.views,
        reading_minutes=page.reading_minutes,
        warnings=warnings,
    )


def _is_furniture(line: str, number: int, page: _Page) -> bool:
    """Recognise one line of furniture and keep what it says. Only a whole line can be furniture."""
    if page.dateline is None and number < _HEADER_LINES and _read_header(line, page):
        return True
    if match := _VIEWS.fullmatch(line):
        page.views = page.views if page.views is not None else int(match[1].replace(" ", ""))
    elif match := _MINUTES.fullmatch(line):
        page.reading_minutes = page.reading_minutes or int(match[1])
    elif match := _CREDIT.fullmatch(line):
        page.credit = page.credit or match[1]
    else:
        return bool(_VIEWS_LABEL.fullmatch(line) or _MINUTES_LABEL.fullmatch(line))
    return True


def _read_header(line: str, page: _Page) -> bool:
    section = None
    if match := _SECTION_AND_DATE.fullmatch(line):
        section, line = match["section"], match["date"]
    dateline = parse_dateline(line)
    if dateline is None:
        return False
    page.section, page.dateline = section, dateline
    return True


def _split_story(story: Sequence[str]) -> tuple[str, str, str | None, Sequence[str]]:
    """Title, lead, caption, paragraphs. A title that stands again ends the lead and is the caption."""
    if not story:
        raise RefusedError("there is no title", "put the title on a line of its own above the text")
    title, rest = story[0], story[1:]
    if title in rest:
        again = rest.index(title)
        paragraphs = [line for line in rest[again + 1 :] if line != title]
        return title, " ".join(rest[:again]), title, paragraphs
    if len(title) > _TITLE_LIMIT or title.endswith((".", ";", ",", ":")):
        raise RefusedError(
            "there is no title: the first line is a sentence of the text",
            "put the title on a line of its own above the text",
        )
    return title, "", None, rest


def _block(text: str) -> str:
    """A paragraph that is mostly someone's words is a quotation; one that begins with a name in «» is not."""
    match = _QUOTE.match(text)
    return quotation(text) if match and len(match[0]) * 2 > len(text) else paragraph(text)
