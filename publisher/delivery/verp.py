"""Return paths that tell which letter comes back (VERP): bounces+EDITION-SUBSCRIBER-MAC@domain."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from email.headerregistry import Address

from publisher.text.mailboxes import wire_domain

_MAC_BYTES = 10
"""80 bits, which are 16 characters of base32: letters and digits, whose case no server has to keep."""
_LOCAL_OCTETS = 64
"""RFC 5321, 4.5.3.1.1."""
_DETAIL = re.compile(r"(\d{1,10})-(\d{1,10})-([a-z2-7]{16})", re.ASCII)


class ForgedError(ValueError):
    """A return path that we did not mint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPath:
    edition_id: int
    subscriber_id: int


def mint_return_path(mailbox: Address, key: bytes, edition_id: int, subscriber_id: int) -> str:
    """Where a bounce of this letter comes back to; its domain is ASCII.

    Raises:
        ValueError: the mailbox's own name is too long for it.
    """
    mac = _mac(key, edition_id, subscriber_id)
    local = f"{mailbox.username}+{edition_id}-{subscriber_id}-{mac}"
    if len(local.encode()) > _LOCAL_OCTETS:
        raise ValueError(f"{local}@{mailbox.domain} is too long for a mail server")
    return f"{local}@{wire_domain(mailbox.domain)}"


def parse_return_path(address: str, mailbox: Address, key: bytes) -> ReturnPath | None:
    """The letter an address tells of; None when it is no return path of the mailbox.

    Raises:
        ForgedError: it looks like one, and is not ours.
    """
    if not is_of_mailbox(address, mailbox):
        return None
    detail = address.rpartition("@")[0].casefold()[len(mailbox.username) + 1 :]
    found = _DETAIL.fullmatch(detail)
    if not found:
        return None
    edition_id, subscriber_id = int(found[1]), int(found[2])
    if not hmac.compare_digest(found[3], _mac(key, edition_id, subscriber_id)):
        raise ForgedError(f"{address} was not minted here")
    return ReturnPath(edition_id=edition_id, subscriber_id=subscriber_id)


def is_of_mailbox(address: str, mailbox: Address) -> bool:
    """Whether mail to the address belongs into the mailbox. The domain is the mail server's business."""
    local, at, _ = address.rpartition("@")
    name = mailbox.username.casefold()
    return bool(at) and (local.casefold() == name or local.casefold().startswith(f"{name}+"))


def _mac(key: bytes, edition_id: int, subscriber_id: int) -> str:
    mac = hmac.digest(key, f"return path\n{edition_id}\n{subscriber_id}".encode(), hashlib.sha256)
    return base64.b32encode(mac[:_MAC_BYTES]).decode().lower()
