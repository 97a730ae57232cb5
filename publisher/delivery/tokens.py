"""Tokens in readers' links: a subscriber's number, and 256 bits of HMAC that only this site can make.

A token never expires by itself. What it opens is in its salt: a digest's settings, for as long as the digest
has readers; or one request that is to be confirmed, which the store knows to be open or not.
"""

import hashlib
import hmac
from collections.abc import Callable

from itsdangerous import Signer

_DIGITS = 10
NOBODY = 0
"""No subscriber has this number."""


def settings_salt(digest: str) -> str:
    """Of links to a reader's settings, and to unsubscribe."""
    return f"unsubscribe:{digest}"


def confirmation_salt(edition_id: int) -> str:
    """Of links that confirm what was asked for; `edition_id` is that of the letter that holds the link."""
    return f"confirm:{edition_id}"


def token_signer(key: bytes, salt: str) -> Callable[[int], str]:
    """Gives a subscriber's token: always 54 characters, the number, a dot, and the MAC."""
    signer = Signer(key, salt=salt, digest_method=hashlib.sha256)
    return lambda subscriber_id: signer.sign(f"{subscriber_id:0{_DIGITS}d}".encode()).decode()


def is_genuine(key: bytes, salt: str, token: str) -> bool:
    """Whether this site made the token, for a reader. It takes as long for a wrong one as for a right one."""
    subscriber_id = named_subscriber(token)
    right = token_signer(key, salt)(subscriber_id)
    return hmac.compare_digest(right.encode(), token.encode(errors="replace")) and subscriber_id != NOBODY


def named_subscriber(token: str) -> int:
    """The number in a token that may be forged; NOBODY when there is none."""
    number = token.partition(".")[0]
    return int(number) if len(number) == _DIGITS and number.isascii() and number.isdigit() else NOBODY
