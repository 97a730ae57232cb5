"""What the readers share: one field of a story, checked the same way whatever the format.

What cannot be read is left out and said, or refused when no story can be without it. Nothing is guessed.
"""

import codecs
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin, Photo, PubStatus
from publisher.text.characters import Text, clean, read_string, read_text
from publisher.text.dates import parse_dateline, parse_iso
from publisher.text.languages import detect_language

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Jekyll and Ruby write «2024-03-26 10:00:00 +0500»; ISO 8601 has no space there.
_SPACED_OFFSET = re.compile(r"(?<=\d) (?=[+-]\d\d:?\d\d$)")
_CREDIT = re.compile(r"(?:Фото|Сурет|سۋرەت|Foto|Sýret|Suret|Photo|Image) ?: ?(\S.{0,199})", re.IGNORECASE)
# The single-byte encodings of the region and of Western Europe, and UTF-8. Not every codec that Python has:
# some of them (utf-7, unicode_escape) read markup out of plain letters.
_CHARSET = re.compile(
    r"utf-?8|us-ascii|(?:windows-|cp)125\d|iso-?8859-\d\d?|latin1|koi8-[rtu]"
    r"|kz-?1048|pt154|ptcp154|(?:cp|ibm)866|mac-?cyrillic"
)
# Letters of Windows-1251 that neither Russian nor Kazakh has.
_SERBIAN = re.compile("[ЂЃѓЉЊЌЋЏђљњќћџЎўЈҐґ]")
_LATIN = frozenset("en de fr es it pl tr az".split())
_NO_EMBARGO = {"", "~", "null", "none", "no", "false"}


class Standing(NamedTuple):
    """Whether and when a story may be seen, and what was wrong with what the file says of it."""

    status: PubStatus
    embargo: Dateline | None
    warnings: tuple[str, ...]


def one_line(text: str) -> str:
    """A title, a name, a caption: clean, without line ends."""
    return clean(text).replace("\n", " ")


def require_title(title: str, hint: str) -> str:
    if not title:
        raise RefusedError("there is no title", hint)
    return title


def require_text(*texts: str) -> None:
    if not any(texts):
        raise RefusedError("there is no text below the title", "add the story's paragraphs")


def find_date(text: str, origin: Origin) -> Dateline | None:
    """Read a date, ISO 8601 or as newspapers print it; None when it is not one.

    Raises:
        RefusedError: it is a date that does not exist.
    """
    return parse_iso(_SPACED_OFFSET.sub("", text)) or parse_dateline(text, origin.written_at)


def require_date(text: str, origin: Origin, *, hint: str) -> Dateline:
    if not text:
        raise RefusedError("there is no date", hint)
    if dateline := find_date(text, origin):
        return dateline
    raise RefusedError(
        f"the date «{text}» cannot be read", "write it as 2024-03-26 or 2024-03-26T10:00+05:00"
    )


def date_warnings(dateline: Dateline) -> Iterable[str]:
    """A date that was counted is a date somebody should look at."""
    if dateline.printed:
        yield f"the date «{dateline.printed}» was counted from the file's own time: {dateline.isoformat()}"


def read_standing(status: str, embargo: str, origin: Origin) -> Standing:
    """The IPTC's status word and the time before which nobody may see the story.

    Fails closed: a word or a time that cannot be read holds the story back, whatever it was to mean.
    """
    warnings = []
    word = {"": "usable", "cancelled": "canceled"}.get(status.casefold(), status.casefold())
    if word not in set(PubStatus):
        warnings.append(f"the status «{status}» is not known, so the story is held; write usable")
        word = PubStatus.WITHHELD
    until = None
    if embargo.casefold() not in _NO_EMBARGO:
        until = _embargo(embargo, origin)
        if until is None:
            warnings.append(
                f"the embargo «{embargo}» cannot be read, so the story is held; write 2024-03-26T10:00+05:00"
            )
    held = embargo.casefold() not in _NO_EMBARGO and until is None and word != PubStatus.CANCELED
    return Standing(PubStatus.WITHHELD if held else PubStatus(word), until, tuple(warnings))


def _embargo(text: str, origin: Origin) -> Dateline | None:
    try:
        dateline = find_date(text, origin)
    except RefusedError:
        return None
    # «Tomorrow» moves when the file is touched; an embargo must not.
    return None if dateline is None or dateline.printed else dateline


def is_language(tag: str) -> bool:
    """Whether it looks like a BCP 47 tag."""
    return bool(_LANGUAGE.fullmatch(tag))


def story_language(text: str, origin: Origin) -> str:
    return detect_language(text, origin.language)


def agreed_language(tag: str, text: str, origin: Origin) -> tuple[str, tuple[str, ...]]:
    """The language that a format's metadata names, if the text is in its script; else the text's own.

    Templates say «en» above stories in Kazakh; no story in Cyrillic is in English.
    """
    found = story_language(text, origin)
    tag = tag.strip().replace("_", "-")
    if re.fullmatch(r"kz(?:-kz)?", tag, re.IGNORECASE):  # the country's code; the language is kk
        named, conflict = agreed_language("kk", text, origin)
        return named, (*conflict, f"the file calls its language «{tag}»; it was read as kk")
    primary = tag.split("-")[0].lower()
    if not is_language(tag) or tag.split("-")[-1].title() in {"Latn", "Arab"}:
        return (tag if is_language(tag) and _script(tag) == _script(found) else found), ()
    named = primary if primary in {"kk", "ru", "en"} else tag  # kk-KZ and ru-RU are kk and ru
    if primary != named or _script(named) == _script(found):
        return named, ()
    return found, (f"the file calls its language «{tag}», but the text is in «{found}»",)


def _script(tag: str) -> str:
    subtag = tag.rsplit("-", maxsplit=1)[-1].title()
    return subtag if subtag in {"Latn", "Arab"} else "Latn" if tag.partition("-")[0] in _LATIN else "Cyrl"


def is_web_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).hostname and re.fullmatch(r"https?://\S+", text))
    except ValueError:
        return False


def read_photo(caption: str, credit: str) -> Photo | None:
    """A picture's words. A caption that is a credit line («Фото: …») is the credit."""
    if match := _CREDIT.fullmatch(caption):
        caption, credit = "", credit or match[1]
    if match := _CREDIT.fullmatch(credit):
        credit = match[1]
    return Photo(caption=caption or None, credit=credit or None) if caption or credit else None


def unique(texts: Iterable[str]) -> tuple[str, ...]:
    """Clean, without empty ones and repetitions, in order."""
    return tuple(dict.fromkeys(text for text in map(one_line, texts) if text))


def decode_as(data: bytes, charset: str) -> Text:
    """Decode bytes whose format names their encoding; the text still holds what no feed may carry.

    UTF-8 wins wherever it is possible: old pages and mails keep the label of an encoding that their text has
    long left, and no text in another of these encodings is valid UTF-8 by chance.

    Raises:
        RefusedError: the encoding is not known, or the bytes are not in it.
    """
    name = charset.strip().casefold().replace("_", "-") or "utf-8"
    if not _CHARSET.fullmatch(name):
        raise RefusedError(f"the encoding «{charset}» is not known", "save it as UTF-8")
    # The label Latin-1 means Windows-1252 on the web (WHATWG Encoding Standard, 4.2).
    name = "cp1252" if name in {"us-ascii", "iso-8859-1", "latin1"} else name
    with suppress(UnicodeDecodeError):
        return Text(data.decode("utf-8"), ())
    if not charset:
        return read_text(data, layout=True)
    try:
        text = data.decode(codecs.lookup(name).name)
    except (LookupError, UnicodeDecodeError) as error:
        raise RefusedError(f"the text is not in «{charset}», as it says", "save it as UTF-8") from error
    if name.endswith("1251") and _SERBIAN.search(text):
        # Kazakh text in KZ-1048, which has its letters there, is often called Windows-1251.
        with suppress(RefusedError):
            return read_text(data, layout=True)
    return Text(text, ())


def mend(article: Article) -> Article:
    """Its short texts as `read_string` mends them; the body was mended where it was made.

    Raises:
        RefusedError: one of them lost letters on its way here.
    """
    warnings: list[str] = [*article.warnings]

    def mended(text: str | None) -> str | None:
        if text is None:
            return None
        text, said = read_string(text)
        warnings.extend(said)
        return text.replace("\n", " ")

    photo = article.photo
    fixed = replace(
        article,
        title=mended(article.title) or "",
        lead=mended(article.lead) or "",
        section=mended(article.section) or None,
        byline=mended(article.byline) or None,
        photo=read_photo(mended(photo.caption) or "", mended(photo.credit) or "") if photo else None,
        tags=unique(mended(tag) or "" for tag in article.tags),
        correction=mended(article.correction) or None,
    )
    return replace(fixed, warnings=unique(warnings))
