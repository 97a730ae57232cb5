"""A story sent by mail, as a mail program saves it (RFC 5322, MIME).

Subject is the title, Date the date, From's display name the byline: an address is never published.
«Re:» and «Fwd:» are cut from the subject. A mail whose text quotes another mail's header is refused: it holds
addresses, and which part of it is the story nobody can know.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

from publisher.errors import RefusedError
from publisher.model import Article, Dateline, Origin
from publisher.readers.body import Block, fragment_blocks, make_body, text_blocks
from publisher.readers.correction import take_correction
from publisher.readers.embargo import find_embargo, hold, split_subject, take_embargo
from publisher.readers.fields import (
    agreed_language,
    decode_as,
    mend,
    one_line,
    read_standing,
    require_text,
    require_title,
    unique,
)
from publisher.text.characters import Text

_PREFIX = re.compile(r"(?:(?:re|fwd?|отв|пер|ответ)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_FORWARDED = re.compile(
    r"-{2,} ?(?:forwarded message|original message|пересылаемое сообщение|исходное сообщение"
    r"|пересланное сообщение|қайта жіберілген хабар|бастапқы хабар) ?-{2,}"
    r"|(?:begin forwarded message|начало переадресованного сообщения|қайта жіберілген хабардың басы) ?:"
    r"|(?:from|от|кімнен|от кого) ?: ?.{0,200}(?:@|\b(?:sent|date|отправлено|дата|жіберілді|күні) ?:)"
    r"|(?:on|вт|пн|ср|чт|пт|сб|вс|дс|сс|бс|жм|сн|жс|\d{1,2})\b.{0,120}< ?[^<>\s]{1,100}@[^<>\s]{1,100} ?>"
    r".{0,40}:|on\b.{0,200}\bwrote ?:"
    r"|.{0,120}\d{1,2}:\d\d.{0,60}< ?[^<>\s]{1,100}@[^<>\s]{1,100} ?>.{0,40}: ?(?:$|>)",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"(?:отправлено (?:с|из|от)|sent from|жіберілген:?) .{0,60}"
    r"|.{0,60}(?:iphone|ipad|android|смартфон\w*) ?(?:құрылғысынан )?жіберілді\W*",
    re.IGNORECASE,
)
_MAX_PARTS = 1000
_MAX_HEADER = 10_000
"""Characters: the parser of headers needs the square of their length."""
# The header of the mail, and those of its parts; a field goes on in lines that begin with white space.
_HEADERS = re.compile(rb"(?:\A\s*|^--[^\n]*\n)((?:[^\r\n][^\n]*(?:\n|\Z))*+)", re.MULTILINE)
_FIELD_END = re.compile(rb"\n(?![ \t])")
_SIGNATURE = re.compile(r"^-- $", re.MULTILINE)  # RFC 3676, 4.3
_SENTENCE_END = re.compile(r"[.!?…:;»”\"]$")
_NARROW = 80
"""Lines no longer than this may have been broken by the mail program (RFC 5322, 2.1.1: 78)."""


def parse_eml(data: bytes, origin: Origin) -> Article:
    """Read one mail.

    Raises:
        RefusedError: it is no mail, in an unknown encoding, forwards another one, or has not all of subject,
            date and text.
    """
    message = _parse(data)
    title, warnings = _title(_header(message, "Subject"))
    dateline = _dateline(_header(message, "Date"))
    embargo = _header(message, "X-Embargo") or _header(message, "Embargo")
    standing = read_standing(_header(message, "X-Status"), _iso(embargo), origin)
    title, values = split_subject(title)
    found, more = _story(message)
    found, inside = take_embargo(found)
    standing = hold(standing, (*values, *inside), origin)
    found, correction, left = take_correction(found)
    text = make_body(found, base=None, without=[title])
    require_text(text.html)
    language, conflict = agreed_language(
        _header(message, "Content-Language"), f"{title}\n{text.text}", origin
    )
    article = Article(
        title=title,
        dateline=dateline,
        language=language,
        body_html=text.html,
        byline=_byline(_header(message, "From")),
        tags=unique(re.split("[,;]", _header(message, "Keywords"))),
        source_id=_header(message, "Message-ID").strip("<> ") or None,
        correction=correction,
        status=standing.status,
        embargo=standing.embargo,
        warnings=(
            *warnings,
            *standing.warnings,
            *more,
            *left,
            *text.warnings,
            *_attached(message),
            *conflict,
        ),
    )
    return mend(article)


def _parse(data: bytes) -> EmailMessage:
    from email import message_from_bytes

    if data.count(b"\n--") > _MAX_PARTS:
        raise RefusedError(f"it has more than {_MAX_PARTS} parts", "send the story as one mail")
    if any(len(field) > _MAX_HEADER for block in _HEADERS.findall(data) for field in _FIELD_END.split(block)):
        raise RefusedError("one of its headers is longer than any", "save the mail again")
    try:
        message = message_from_bytes(data.lstrip(), policy=policy.default)
        # Asked for here: whatever malice can do to this parser, it does now.
        names = {name.lower() for name, _ in message.raw_items()}
        list(message.walk())
    except RecursionError:
        raise RefusedError("its parts are nested too deep", "send the story as one mail") from None
    if not names & {"subject", "from", "date", "message-id"}:
        raise RefusedError("it is no mail: it has no header", "save the mail as .eml again")
    return message


def _header(message: EmailMessage, name: str) -> str:
    """A header's text: encoded words decoded (RFC 2047), raw UTF-8 understood (RFC 6532)."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    if len(raw) > _MAX_HEADER:
        raise RefusedError(f"the header {name} is longer than any", "save the mail again")
    try:
        raw = raw.encode("utf-8", "surrogateescape").decode()
        text = str(policy.default.header_factory(name, " ".join(raw.splitlines())))
    except UnicodeDecodeError:
        raise RefusedError(f"the header {name} is in an unknown encoding", "send it as UTF-8") from None
    except (ValueError, IndexError, AttributeError, LookupError, TypeError, OverflowError, RecursionError):
        return ""  # the parser's own defects on what is no header at all
    if "\ufffd" in text and "\ufffd" not in raw:
        raise RefusedError(f"the header {name} is in an unknown encoding", "send it as UTF-8")
    return one_line(text)


def _title(subject: str) -> tuple[str, tuple[str, ...]]:
    match = _PREFIX.match(subject)
    title = subject[match.end() :] if match else subject
    require_title(title, "give the mail a subject")
    return title, (f"«{match[0].strip()}» was cut from the subject",) if match else ()


def _dateline(text: str) -> Dateline:
    if not text:
        raise RefusedError("there is no date", "save the mail with its header: it needs «Date: …»")
    moment = _moment(text)
    if moment is None:
        raise RefusedError(f"the date «{text}» cannot be read", "save the mail with its own Date header")
    return Dateline(day=moment.date(), clock=moment.timetz())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # -0000 is UTC, from a sender who does not tell his zone (RFC 5322, 3.3).
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if 1900 <= moment.year <= 2100 else None


def _iso(text: str) -> str:
    """An embargo in a header may be written as mails write dates."""
    moment = _moment(text) if re.search(r"\d{1,2} [A-Za-z]{3} \d{4}", text) else None
    return moment.isoformat() if moment else text


def _byline(sender: str) -> str | None:
    name = next((name for name, _ in getaddresses([sender])), "")
    return one_line(name) or None if "@" not in name else None


def _story(message: EmailMessage) -> tuple[list[Block], tuple[str, ...]]:
    """The blocks of the mail's text, HTML before plain (RFC 2046, 5.1.4: the best comes last)."""
    for kind in ("html", "plain"):
        for part in _texts(message, kind):
            text, warnings = _decode(part)
            if "</" not in text and kind == "html":
                continue
            found = fragment_blocks(text) if kind == "html" else text_blocks(_plain(part, text))
            if any(_FORWARDED.match(block.text) for block in found):
                raise RefusedError(
                    "the mail forwards another mail or quotes one", "save the original as .eml"
                )
            found, cut = _cut(found, kind)
            if found:
                return found, (*warnings, *cut)
    return [], ()


def _texts(message: EmailMessage, kind: str) -> Iterator[EmailMessage]:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}" and not _is_attached(part):
            yield part


def _is_attached(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _decode(part: EmailMessage) -> Text:
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset() or ""
    if not isinstance(payload, bytes) or not payload.strip():
        return Text("", ())
    return decode_as(payload, charset)


def _plain(part: EmailMessage, text: str) -> str:
    """Plain text with an empty line between its paragraphs."""
    text = text.replace("\r\n", "\n")
    if match := _SIGNATURE.search(text):
        text = text[: match.start()]
    if part.get_param("format", "") == "flowed":
        # RFC 3676, 4.1 to 4.4: a line that ends in a space goes on, and a first space is stuffing.
        lines = [line.removeprefix(" ") for line in text.split("\n")]
        tail = "" if str(part.get_param("delsp", "no")).lower() == "yes" else " "
        text = "".join(line[:-1] + tail if line.endswith(" ") else f"{line}\n" for line in lines)
    return "\n\n".join(_paragraphs(text.strip("\n")))


def _paragraphs(text: str) -> Iterator[str]:
    """Lines that the mail program broke are joined; what must stand alone, does: an embargo, a mark."""
    lines = [line.strip() for line in text.split("\n")]
    written = [number for number, line in enumerate(lines) if line]
    embargoes = {written[at] for at in find_embargo([lines[number] for number in written]).lines}
    parted = "" in lines
    narrow = all(len(line) <= _NARROW for line in lines)
    run: list[str] = []
    for number, line in enumerate(lines):
        alone = number in embargoes or _stands_alone(line)
        if run and (alone or not line):
            yield " ".join(run)
            run = []
        if line:
            run.append(line)
        broken = narrow and (parted or (len(line) * 2 > _NARROW and not _SENTENCE_END.search(line)))
        if run and (alone or not broken):
            yield " ".join(run)
            run = []
    yield " ".join(run)


def _stands_alone(line: str) -> bool:
    return line == "--" or bool(_FORWARDED.match(line) or _SENT_FROM.fullmatch(line))


def _cut(found: list[Block], kind: str) -> tuple[list[Block], tuple[str, ...]]:
    """Without the signature, below two hyphens, and what telephones write of themselves."""
    for number, block in enumerate(found):
        if block.text == "--":
            return found[:number], ("the signature was cut from the text",) if kind == "plain" else ()
        if number and number >= len(found) - 2 and _SENT_FROM.fullmatch(block.text):
            return found[:number], (f"«{block.text}» was cut from the text",)
    return found, ()


def _attached(message: EmailMessage) -> Iterator[str]:
    names = [
        one_line(str(part.get_filename() or part.get_content_type()))
        for part in message.walk()
        if not part.is_multipart() and (_is_attached(part) or part.get_content_maintype() != "text")
    ]
    if names:
        yield f"attachments are left out: {', '.join(names)}"
