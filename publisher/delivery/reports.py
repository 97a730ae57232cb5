"""What comes back: reports of mail servers and of readers, as facts about letters. Pure: bytes → facts.

who    a return path of ours, wherever it stands: it carries a MAC; else the address that the report names
what   RFC 3464 (delivery status) ─▶ RFC 5965 (complaints) ─▶ no report at all ─▶ what flufl.bounce recognises
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import Message

from publisher.delivery.replies import classify_status
from publisher.delivery.verp import ForgedError, ReturnPath, parse_return_path
from publisher.model import BounceKind

MAX_BYTES = 1 << 20
"""A report quotes the letter, which has no more than a tenth of this."""
_ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Return-Path")
"""Where the address stands to which the report was sent."""
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure"})
"""RFC 6430, RFC 6591."""
_SYSTEM = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
_AUTOMATIC = re.compile(
    r"(?:out of (?:the )?office|automatic reply|auto(?:matic)?[ -]?(?:reply|response)"
    r"|автоответ|автоматический ответ|автоматты жауап)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"@]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
"""The library's parser of address lists recurses into comments for as long as there are any."""
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One reader's letter, and what became of it."""

    kind: BounceKind
    letter: ReturnPath | None
    """Which letter; None: only the addresses are known."""
    addresses: tuple[str, ...]
    """As the report names the reader, the likeliest first."""
    diagnosis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a message said."""

    facts: tuple[Fact, ...] = ()
    ignored: str | None = None
    """Why a message without facts needs no look: it is no bounce."""
    forged: str | None = None
    """A return path that somebody made up: the report is not believed."""
    unread: str | None = None
    """Why nothing could be made of the message."""


def read_report(
    data: bytes, *, mailbox: Address | None, key: bytes, recipients: Sequence[str] = ()
) -> Reading:
    """The facts of one report.

    `mailbox` is where return paths lead; None: nowhere. `recipients` are those of the SMTP envelope.
    """
    if len(data) > MAX_BYTES:
        return Reading(unread=f"it is longer than {MAX_BYTES >> 20} MiB")
    from email import message_from_bytes, policy

    try:
        # The modern policy parses headers, and gives up on broken ones.
        message = message_from_bytes(data, policy=policy.compat32)
        parts = list(message.walk())
    except RecursionError:
        return Reading(unread="its parts are nested too deeply")
    try:
        letter = _find_letter(message, parts, recipients, mailbox, key)
    except ForgedError as error:
        return Reading(forged=_line(str(error)))
    return (
        _read_status(parts, letter)
        or _read_complaint(parts, letter)
        or _read_automatic(message)
        or _read_unknown_form(message, letter)
    )


def _find_letter(
    message: Message,
    parts: Sequence[Message],
    recipients: Sequence[str],
    mailbox: Address | None,
    key: bytes,
) -> ReturnPath | None:
    """The letter that the report is about, if a return path tells.

    Raises:
        ForgedError: there is none of ours, but one that pretends to be.
    """
    if mailbox is None:
        return None
    forged: ForgedError | None = None
    for address in (*recipients, *_addresses(message, _ENVELOPE), *_quoted_return_paths(parts)):
        try:
            letter = parse_return_path(address, mailbox, key)
        except ForgedError as error:
            forged = error
            continue
        if letter:
            return letter
    if forged:
        raise forged
    return None


def _quoted_return_paths(parts: Sequence[Message]) -> Iterator[str]:
    """In the letter as it came back, and in a complaint about it (RFC 5965, 3.2)."""
    for part in parts[1:]:
        yield from _addresses(part, ("Return-Path", "Original-Mail-From"))
        if part.get_content_type() == "text/rfc822-headers":
            yield from _addresses(_headers(_text(part)), ("Return-Path",))


def _read_status(parts: Sequence[Message], letter: ReturnPath | None) -> Reading | None:
    """RFC 3464, RFC 6533."""
    groups = [group for part in parts if _is_status(part) for group in _groups(part) if "Action" in group]
    if not groups:
        return None
    failed = [group for group in groups if _action(group) == "failed"]
    if not failed:
        actions = ", ".join(sorted({_action(group) for group in groups}))
        return Reading(ignored=f"a delivery status that is no failure ({_line(actions)})")
    facts = [_status_fact(group, letter) for group in failed]
    if letter is None:
        return Reading(facts=tuple(facts))
    # A letter has one recipient. If their mail goes on to several, the address is bad only when all are.
    bad = len(failed) == len(groups) and all(fact.kind is BounceKind.HARD for fact in facts)
    kind = BounceKind.HARD if bad else BounceKind.SOFT
    first = facts[0]
    return Reading(
        facts=(Fact(kind=kind, letter=letter, addresses=first.addresses, diagnosis=first.diagnosis),)
    )


def _is_status(part: Message) -> bool:
    return part.get_content_type() in {"message/delivery-status", "message/global-delivery-status"}


def _action(group: Message) -> str:
    """One word; some servers explain it in brackets."""
    return _field(group, "Action").lower().partition(" ")[0]


def _status_fact(group: Message, letter: ReturnPath | None) -> Fact:
    status, diagnosis = _field(group, "Status"), _field(group, "Diagnostic-Code")
    named = [_address(_field(group, name)) for name in ("Original-Recipient", "Final-Recipient")]
    return Fact(
        kind=classify_status(status, diagnosis),
        letter=letter,
        addresses=tuple(address for address in named if address),
        diagnosis=_line(f"{status} {diagnosis}") or "failed",
    )


def _read_complaint(parts: Sequence[Message], letter: ReturnPath | None) -> Reading | None:
    """RFC 5965."""
    reports = [part for part in parts if part.get_content_type() == "message/feedback-report"]
    groups = [group for report in reports for group in _groups(report) if "Feedback-Type" in group]
    if not groups:
        return None
    (group, *_) = groups
    kind = _field(group, "Feedback-Type").lower()
    if kind in _NO_COMPLAINT:
        return Reading(ignored=f"feedback that is no complaint ({kind})")
    addresses = [_address(value) for value in _values(group, "Original-Rcpt-To")]
    fact = Fact(
        kind=BounceKind.COMPLAINT,
        letter=letter,
        addresses=tuple(address for address in addresses if address),
        diagnosis=_line(f"complaint ({kind}) from {_field(group, 'User-Agent') or 'somebody'}"),
    )
    return Reading(facts=(fact,))


def _read_automatic(message: Message) -> Reading | None:
    """Somebody is on holiday, or a program says that the letter was read (RFC 3834, RFC 8098)."""
    if any(part.get_content_type() == "message/disposition-notification" for part in message.walk()):
        return Reading(ignored="a receipt")
    if _SYSTEM.search(_field(message, "From")) or "X-Failed-Recipients" in message:
        return None  # a mail server: its bounces are automatic as well
    says_so = (
        _field(message, "Auto-Submitted").lower().startswith("auto-")
        or _field(message, "Precedence").lower() == "auto_reply"
        or "X-Autoreply" in message
        or "X-Autorespond" in message
    )
    if says_so or _AUTOMATIC.match(_decoded(_field(message, "Subject"))):
        return Reading(ignored="an automatic reply")
    return None


def _read_unknown_form(message: Message, letter: ReturnPath | None) -> Reading:
    from flufl.bounce import all_failures

    try:
        temporary, permanent = all_failures(message)
    except Exception as error:  # noqa: BLE001 — its detectors read hostile text, and fail in many ways
        return Reading(unread=f"flufl.bounce cannot read it ({type(error).__name__})")
    found = [(BounceKind.HARD, each) for each in sorted(permanent)]
    found += [(BounceKind.SOFT, each) for each in sorted(temporary - permanent)]
    facts = [
        Fact(
            kind=kind,
            letter=letter,
            addresses=(address.decode("utf-8", "replace"),),
            diagnosis=_line(_decoded(_field(message, "Subject"))) or "a bounce",
        )
        for kind, address in found
    ]
    if not facts:
        return Reading(unread="it is no report in any known form")
    return Reading(facts=tuple(facts if letter is None else facts[:1]))


def _groups(part: Message) -> Iterator[Message]:
    """The groups of fields in a part of type message/…, whichever way the library has parsed it."""
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else [_headers(str(payload))]:
        if not isinstance(block, Message):
            continue
        yield block
        body = block.get_payload()
        if isinstance(body, str):
            yield from (_headers(text) for text in re.split(r"\r?\n[ \t]*\r?\n", body.strip()) if text)


def _headers(text: str) -> Message:
    from email.parser import HeaderParser

    return HeaderParser().parsestr(text)


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _field(message: Message, name: str) -> str:
    """A header on one line; empty when it is missing."""
    return " ".join(next(_values(message, name), "").split())


def _values(message: Message, name: str) -> Iterator[str]:
    """A header, each time that it is there. UTF-8 is read as such (RFC 6532); the library would not."""
    for each, value in message.raw_items():
        if each.lower() == name.lower():
            yield str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded(value: str) -> str:
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _addresses(message: Message, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for value in _values(message, name):
            yield from _ADDRESS.findall(value)


def _address(value: str) -> str:
    """The address in a field that holds one, perhaps with its type (`rfc822; aigul@example.kz`)."""
    return value.rpartition(";")[2].strip(" <>\t\r\n")


def _line(text: str) -> str:
    """One line that a terminal can show."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:_LONGEST]
