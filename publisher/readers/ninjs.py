"""IPTC ninjs, «News in JSON», 1.x and 2.x (iptc.org/std/ninjs): one news object a file.

1.x has a property a thing (`headline`, `body_html`, `byline`, `description_text`), 2.x arrays of objects with
a role (`headlines`, `bodies`, `descriptions`) and `by`. Both are read, whichever a provider mixes.

A canceled object need not carry its story again: its `uri` is enough to withdraw it (title and date are then
made from what there is, and nobody sees them).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin, Photo, PubStatus
from publisher.readers.body import Block, fragment_blocks, make_body, plain_text, text_blocks
from publisher.readers.embargo import find_in_note, hold, take_embargo
from publisher.readers.fields import (
    agreed_language,
    date_warnings,
    is_web_address,
    mend,
    one_line,
    read_photo,
    read_standing,
    require_date,
    require_text,
    require_title,
    unique,
)
from publisher.text.characters import read_text

# A story's date must not move with each version: not `versioncreated` («when this version … was created»)
# while there is `firstcreated` («when the first version … was created», since 1.2). `contentcreated` (since
# 2.0) is older than both: «for example an old photo that is now handled as a ninjs object».
_DATES = ("firstcreated", "contentcreated", "versioncreated")
_TEXT_TYPES = {"", "text", "composite"}

Item = Mapping[str, Any]


def parse_ninjs(data: bytes, origin: Origin) -> Article:
    """Read one ninjs object.

    Raises:
        RefusedError: it is no JSON, no text object, or it has no title, date or text.
    """
    text, warnings = read_text(data, layout=True)
    item = _object(text)
    uri = _word(item, "uri", "guid")
    standing = read_standing(_word(item, "pubstatus"), _spelled(item.get("embargoed")), origin)
    standing = hold(standing, find_in_note(_spelled(item.get("ednote") or item.get("edNote"))), origin)
    canceled = standing.status is PubStatus.CANCELED
    if (kind := _word(item, "type").casefold()) not in _TEXT_TYPES and not canceled:
        raise RefusedError(f"it is a {kind} object, not a story", "send the object of type text")
    title = plain_text(_role(item, "headline", "headlines", "main")) or (uri if canceled else "")
    require_title(title, "give the object a headline")
    dateline = _dateline(item, origin, fallback=canceled)
    lead = plain_text(_role(item, "description_text", "descriptions", "text", "summary", "lead"))
    url = next(filter(is_web_address, (_word(item, "url", "canonical"), _word(item, "ref"))), None)
    photo = _photo(item)
    found, values = take_embargo(_body_blocks(item))
    standing = hold(standing, values, origin)
    body = make_body(found, base=url, without=(title, lead, *_photo_lines(photo)))
    if not canceled:
        require_text(body.html, lead)
    language, conflict = agreed_language(_word(item, "language"), f"{title}\n{lead}\n{body.text}", origin)
    section, tags = _classified(item)
    article = Article(
        title=title,
        dateline=dateline,
        language=language,
        body_html=body.html,
        lead=lead,
        section=section,
        byline=plain_text(_word(item, "byline", "by")) or None,
        photo=photo,
        tags=tags,
        source_id=uri or _alternative_id(item),
        url=url,
        status=standing.status,
        embargo=standing.embargo,
        warnings=(
            *warnings,
            *_moving_date(item),
            *date_warnings(dateline),
            *standing.warnings,
            *body.warnings,
            *conflict,
        ),
    )
    return mend(article)


def _object(text: str) -> Item:
    try:
        # No float and no integer of it is wanted: a number of a million digits stays the text it is.
        item = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except RecursionError:
        raise RefusedError("the JSON is nested too deep", "send one ninjs object") from None
    except ValueError as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line else ""
        raise RefusedError(f"it is not valid JSON{where}", "export the object again") from error
    if isinstance(item, list) and len(item) == 1:
        item = item[0]
    if not isinstance(item, dict):
        raise RefusedError("it is not one ninjs object", "save each story as a file of its own")
    return item


def _spelled(value: Any) -> str:
    """A value as text. What is no text still counts where it could hold a story back."""
    return one_line(value if isinstance(value, str) else "" if value is None else str(value))


def _word(item: Item, *names: str) -> str:
    """The first of these properties that is a text (or a number, which stands as its text)."""
    for name in names:
        if isinstance(value := item.get(name), str) and (text := one_line(value)):
            return text
    return ""


def _objects(value: Any) -> Iterator[Item]:
    """The objects of an array; of a single object, that one (2.x has arrays where 1.x has names)."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
    elif isinstance(value, dict):
        yield value


def _role(item: Item, single: str, plural: str, *roles: str) -> str:
    """1.x's own property, else the object of 2.x with one of these roles, else the first without a role."""
    if text := _word(item, single):
        return text
    found = list(_objects(item.get(plural)))
    wanted = [one for role in (*roles, "") for one in found if _word(one, "role").casefold() == role]
    return next((text for one in (*wanted, *found[:1]) if (text := _word(one, "value"))), "")


def _dateline(item: Item, origin: Origin, *, fallback: bool) -> Dateline:
    text = _word(item, *_DATES)
    try:
        return require_date(text, origin, hint=f"give the object {' or '.join(_DATES)}")
    except RefusedError:
        if not fallback:
            raise
        return Dateline(day=origin.written_at.date())


def _moving_date(item: Item) -> Iterator[str]:
    if _word(item, *_DATES) and not _word(item, *_DATES[:2]):
        yield "there is no firstcreated: the date is this version's, and moves with the next one"


def _body_blocks(item: Item) -> list[Block]:
    """HTML if there is any, else plain text. Bodies in NITF and other XML are for other programs."""
    marked, plain = [item.get("body_html"), item.get("body_xhtml")], [item.get("body_text")]
    for body in _objects(item.get("bodies")):
        form = _word(body, "contenttype", "role").casefold()
        if "html" in form:
            marked.append(body.get("value"))
        elif "xml" not in form and "nitf" not in form:
            plain.append(body.get("value"))
    for text in marked:
        if isinstance(text, str) and (found := fragment_blocks(text)):
            return found
    for text in plain:
        if isinstance(text, str) and text.strip():
            # Without a content type, the text itself tells.
            return fragment_blocks(text) if re.search(r"</(?:p|div)>", text) else text_blocks(text)
    return []


def _photo(item: Item) -> Photo | None:
    """The words of the featured picture (1.x: an object by name, 2.x: an array of objects with a name)."""
    associations = item.get("associations")
    if isinstance(associations, dict):
        found = [(str(name), next(_objects(one), {})) for name, one in associations.items()]
    else:
        found = [(_word(one, "name"), one) for one in _objects(associations)]
    pictures = [
        (name.casefold(), one) for name, one in found if _word(one, "type").casefold() in {"picture", ""}
    ]
    pictures.sort(key=lambda pair: not pair[0].startswith(("featureimage", "featured", "main")))
    for _, one in pictures[:1]:
        caption = plain_text(_role(one, "description_text", "descriptions", "caption", "text"))
        credit = _word(one, "creditline", "byline", "by", "copyrightholder")
        return read_photo(caption, plain_text(credit))
    return None


def _photo_lines(photo: Photo | None) -> Iterator[str]:
    if photo:
        yield photo.caption or ""
        yield f"Фото: {photo.credit}"


def _classified(item: Item) -> tuple[str | None, tuple[str, ...]]:
    """Section and tags.

    ninjs has no section. Providers add a property `section`, or a subject whose `rel` or `scheme` says that
    it is one («section», «category»); the first of these counts. All other subjects are tags.
    """
    section = _word(item, "section")
    tags = []
    for subject in (*_objects(item.get("subject")), *_objects(item.get("subjects"))):
        name = _word(subject, "name", "literal")
        kind = f"{_word(subject, 'rel')} {_word(subject, 'scheme', 'uri')}".casefold()
        if not section and re.search(r"\b(?:section|category)\b", kind):
            section = name
        elif name != section:
            tags.append(name)
    for name in ("genre", "genres"):
        tags += [_word(one, "name", "literal") for one in _objects(item.get(name))]
    keywords = item.get("keywords")
    words = keywords if isinstance(keywords, list) else str(keywords or "").split(",")
    tags += [word for word in words if isinstance(word, str)]
    return section or None, unique(tags)


def _alternative_id(item: Item) -> str | None:
    ids = [*_objects(item.get("altids"))]
    return _word(item, "altid") or next((text for one in ids if (text := _word(one, "value"))), "") or None
