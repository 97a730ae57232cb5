"""What a reply or a status of a mail server means for the address (RFC 5321, 4.2; RFC 3463)."""

import re

from publisher.model import BounceKind

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_TYPE = re.compile(r"\s*[a-z][\w-]*\s*;", re.IGNORECASE)
"""Before the text of a Diagnostic-Code (RFC 3464, 2.3.6): `smtp; 550 …`."""
_BASIC = re.compile(r"\s*([245]\d\d)\b")
_NO_SUCH_MAILBOX = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.4"})
"""Subject and detail: the mailbox, its domain or its route does not exist, has moved away, or is disabled."""
_NO_SUCH_MAILBOX_BASIC = frozenset({"550", "551", "553"})
_ABOUT_THE_MESSAGE = re.compile(
    r"spam|block(?:ed|list)|black ?list|denylist|reputation|polic|dmarc|\bspf\b|dkim|virus|content|"
    r"quota|mailbox (?:is )?full|over ?limit|too (?:large|big|many)|rate limit",
    re.IGNORECASE,
)
"""Words of those who give no enhanced code: 550 is said of spam as well as of unknown users."""
_NO_SUCH_USER = re.compile(
    r"no such user|user (?:is )?(?:unknown|not found)|unknown user|invalid mailbox", re.IGNORECASE
)
"""Yandex says «550 5.7.1 No such user!»."""


def classify(reply: str) -> BounceKind:
    """Whether a permanent refusal is about the address (hard) or about this message (soft).

    `reply` is an SMTP reply, a Status or a Diagnostic-Code field. The enhanced code outranks the basic one.
    """
    if enhanced := _ENHANCED.search(reply):
        kind, subject, detail = enhanced.groups()
        named = f"{int(subject)}.{int(detail)}" in _NO_SUCH_MAILBOX
        hard = kind == "5" and (named or _NO_SUCH_USER.search(reply) is not None)
    else:
        basic = _BASIC.match(reply)
        hard = (
            basic is not None and basic[1] in _NO_SUCH_MAILBOX_BASIC and not _ABOUT_THE_MESSAGE.search(reply)
        )
    return BounceKind.HARD if hard else BounceKind.SOFT


def classify_status(status: str, diagnosis: str) -> BounceKind:
    """What a delivery status says of the address: its Status and its Diagnostic-Code (RFC 3464, 2.3).

    A Status of x.0.0 says nothing: the server that was asked said more.
    """
    if status.startswith("4"):
        return BounceKind.SOFT  # the server tried for days: the mailbox may be there all the same
    said = _TYPE.sub("", diagnosis, count=1)
    telling = next((each for each in (said, status) if _is_telling(each)), said)
    return classify(telling)


def _is_telling(reply: str) -> bool:
    found = _ENHANCED.search(reply)
    return found is not None and (int(found[2]), int(found[3])) != (0, 0)
