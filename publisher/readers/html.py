"""A saved web page: its metadata, and the story found in its furniture.

    bytes → text → tree → metadata → the element that holds the story → blocks → Article

The text comes from the first of these that has any: itemprop=articleBody, article, main, the classes that
usual templates give a text, the block around the headline, JSON-LD's articleBody (plain text), and what
trafilatura takes for the story.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin, Photo
from publisher.readers.body import (
    Block,
    blocks,
    fragment_blocks,
    make_body,
    parse_tree,
    plain_text,
    remove,
    remove_furniture,
    text_blocks,
)
from publisher.readers.correction import without_label
from publisher.readers.embargo import hold, take_embargo
from publisher.readers.fields import (
    agreed_language,
    date_warnings,
    decode_as,
    find_date,
    is_web_address,
    mend,
    read_photo,
    read_standing,
    require_text,
    require_title,
    unique,
)
from publisher.readers.metadata import Facts, read_metadata
from publisher.readers.place import HOLDERS, Place, find_place, line_of
from publisher.text.characters import Text, drop_illegal, normalise, read_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:-]+)", re.IGNORECASE)
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_MAX_BYTES = 1 << 20
_LEADS = ".lead, .lede, .standfirst, .article-lead, .article__lead"
_META = ".entry-meta, .post-meta, .posted-on, .cat-links, .dateline, .date, .published, .byline, .author"
_APART = f"time, {_META}, [itemprop=author], .credit, {_LEADS}"
"""What stands in the story's element, but has fields of its own."""
_CREDITS = "[class*=credit], [class*=copyright], [itemprop=creditText], [itemprop=copyrightHolder], small"
_CREDIT_TAIL = re.compile(
    r"(.*?)[\s.(]*\b((?:Фото|Сурет|سۋرەت|Foto|Sýret|Photo) ?: ?[^()]{2,200}?)[).]?", re.IGNORECASE
)


def parse_html(data: bytes, origin: Origin) -> Article:
    """Read one saved page.

    Raises:
        RefusedError: it is no text, larger or deeper than any story, or has no title, date or text.
    """
    if len(data) > _MAX_BYTES:
        raise RefusedError(
            "the page is larger than 1 MiB", "save the story alone, without the page around it"
        )
    source, warnings = _decode(data)
    html = normalise(source)
    if drop_illegal(source) != source:
        warnings = (*warnings, "characters that no feed may hold were removed")
    tree = parse_tree(html)
    place = find_place(tree)
    sources, more = read_metadata(tree, place)
    title = require_title(next(_all(sources, "titles"), ""), "give the page a headline: <h1>, og:title")
    dateline, complaints = _dateline(_all(sources, "dates"), origin)
    url = next(filter(is_web_address, _all(sources, "urls")), None)
    body = next((facts.body for facts in sources if facts.body), "")
    found, leads, photo = _story(place, html, body)
    found, values = take_embargo(found)
    standing = hold(read_standing("", "", origin), values, origin)
    correction, found = _take_correction(sources, found)
    lead = next(iter(leads), "") or _lead(_all(sources, "descriptions"), title, found)
    photo = _photo(sources, photo)
    without = [title, lead, *_photo_lines(photo), *sources[-1].dates]
    text = make_body(found, base=url, without=without)
    require_text(text.html, lead)
    language, conflict = agreed_language(
        next(_all(sources, "languages"), ""), f"{title}\n{lead}\n{text.text}", origin
    )
    article = Article(
        title=title,
        dateline=dateline,
        language=language,
        body_html=text.html,
        lead=lead,
        section=next(_all(sources, "sections"), None),
        byline=", ".join(unique(next((facts.bylines for facts in sources if facts.bylines), ()))) or None,
        photo=photo,
        tags=unique(next((facts.tags for facts in sources if facts.tags), ())),
        url=url,
        correction=correction,
        status=standing.status,
        embargo=standing.embargo,
        warnings=(*warnings, *more, *complaints, *standing.warnings, *text.warnings, *conflict),
    )
    return mend(article)


def _decode(data: bytes) -> Text:
    """A byte-order mark, else UTF-8 if it is UTF-8, else what <meta> says (WHATWG HTML, 13.2.3.2)."""
    if not data.strip():
        raise RefusedError("the file is empty", "save the page again")
    if data.startswith(_BOMS):
        return read_text(data, layout=True)
    try:
        return Text(data.decode(), ())
    except UnicodeDecodeError:
        match = _META_CHARSET.search(data[:4096])
        return decode_as(data, match[1].decode() if match else "")


def _all(sources: Iterable[Facts], name: str) -> Iterator[str]:
    for facts in sources:
        yield from getattr(facts, name)


def _dateline(dates: Iterable[str], origin: Origin) -> tuple[Dateline, list[str]]:
    """The first text that is a date; those before it are complained about."""
    complaints: dict[str, None] = {}
    for text in dates:
        try:
            dateline = find_date(text, origin)
        except RefusedError as error:
            complaints[error.cause] = None
            continue
        if dateline:
            return dateline, [*complaints, *date_warnings(dateline)]
        if len(text) < 60:
            complaints[f"the date «{text}» cannot be read"] = None
    cause = next(iter(complaints), "there is no date")
    raise RefusedError(
        cause, "give the page its day: <meta property=article:published_time>, or <time datetime>"
    )


def _story(place: Place, html: str, plain: str) -> tuple[list[Block], Sequence[str], Photo | None]:
    """The story's blocks, its lead where the page marks one, and its first picture's words."""
    if holder := place.holder:
        remove_furniture(holder)
        photo = _take_photo(holder)
        leads = [text for node in holder.css(_LEADS) if (text := line_of(node))][:1]
        # In an article the first h1 is its title; in an articleBody it is a heading of the text.
        remove([*holder.css(_APART), *(holder.css("h1")[:1] if place.selector != HOLDERS[0] else ())])
        if found := list(blocks(holder)):
            return found, leads, photo
    if plain:
        return text_blocks(plain), (), None
    return _extract(html), (), None


def _take_photo(holder: "LexborNode") -> Photo | None:
    """Caption and credit of the first picture, taken out of the text."""
    line = next((text for node in holder.css(".credit") if read_photo("", text := line_of(node))), "")
    figure = holder.css_first("figure")
    caption = figure.css_first("figcaption") if figure else None
    if caption is None:
        return read_photo(line, "") if line else None
    marked = caption.css(_CREDITS)
    credit = line_of(marked[0]) if marked else ""
    remove(marked)
    words = line_of(caption)
    if not credit and len(words) < 1000 and (match := _CREDIT_TAIL.fullmatch(words)):
        words, credit = match[1], match[2]
    caption.decompose()
    return read_photo(words, credit or line)


def _lead(descriptions: Iterable[str], title: str, found: Sequence[Block]) -> str:
    """The page's description, unless it only repeats the title or begins a paragraph, as most do."""
    for text in descriptions:
        start = text.rstrip(" .…").casefold()
        if start != title.casefold() and not any(block.text.casefold().startswith(start) for block in found):
            return text
        break
    return ""


def _take_correction(sources: Iterable[Facts], found: list[Block]) -> tuple[str | None, list[Block]]:
    """What the page's metadata corrects, and the blocks that do not only repeat it.

    schema.org allows the address of another document too, which tells a reader nothing.
    """
    texts = (text for text in _all(sources, "corrections") if not is_web_address(text))
    notes = unique(without_label(plain_text(text)) for text in texts)
    rest = [block for block in found if without_label(block.text) not in notes]
    return " ".join(notes) or None, rest or found


def _photo(sources: Sequence[Facts], photo: Photo | None) -> Photo | None:
    """What the page's metadata says of its picture, before what stands below it."""
    caption, credit = next(_all(sources, "captions"), ""), next(_all(sources, "credits"), "")
    return read_photo(caption or (photo and photo.caption) or "", credit or (photo and photo.credit) or "")


def _photo_lines(photo: Photo | None) -> Iterator[str]:
    if photo:
        yield photo.caption or ""
        for label in ("Фото", "Сурет", "Photo", "Foto"):
            yield f"{label}: {photo.credit}"


def _extract(html: str) -> list[Block]:
    """What trafilatura takes for the story. It reads the HTML given; nothing is fetched."""
    import trafilatura  # costs 160 ms, and most pages mark their story

    found = trafilatura.extract(
        html, output_format="html", include_comments=False, include_formatting=True, include_links=True
    )
    return fragment_blocks(found) if found else []
