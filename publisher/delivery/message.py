"""One message to one subscriber. The same edition, subscriber and config give the same bytes."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from typing import Any

from itsdangerous import Signer

from publisher.addresses import unsubscribe_url
from publisher.model import Claim, EditionText
from publisher.text.mailboxes import wire_address, wire_domain

_ID_DIGITS = 10


class _Policy(EmailPolicy):
    """The standard policy breaks an address longer than a line into encoded words, which no client undoes."""

    _VERBATIM = frozenset({"list-unsubscribe", "list-archive", "list-help", "list-id", "message-id"})

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in self._VERBATIM:
            return f"{name}: " + ",\r\n ".join(str(value).split(", ")) + "\r\n"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in self._VERBATIM:
            return self.fold(name, value).encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit", max_line_length=76)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What all messages of an edition share."""

    name: str
    """digest and local date: senat-daily/2024-03-26."""
    digest: str
    letter: EditionText
    frozen_at: datetime
    sender: Address
    reply_to: Address
    site_url: str
    token_placeholder: str
    """Where the letter holds the recipient's unsubscribe token."""
    key: bytes
    """The site's signing key."""
    label: str = ""
    """Stands at the head of every Message-ID, for all to see."""

    @property
    def domain(self) -> str:
        return wire_domain(self.sender.domain)


def sign_unsubscribe_token(key: bytes, digest: str, subscriber_id: int) -> str:
    """A token that never expires; always 54 characters: the subscriber's number, a dot, 256 bits of HMAC."""
    signer = Signer(key, salt=f"unsubscribe:{digest}", digest_method=hashlib.sha256)
    return signer.sign(f"{subscriber_id:0{_ID_DIGITS}d}".encode()).decode()


def mint_message_id(mailing: Mailing, subscriber_id: int) -> str:
    """Stable: a message that is sent again is recognisably the same one."""
    mac = hmac.new(mailing.key, f"{mailing.name}\n{subscriber_id}".encode(), hashlib.sha256)
    return f"<{mailing.label}{mac.hexdigest()[:40]}@{mailing.domain}>"


def mint_boundary(mailing: Mailing) -> str:
    """The same in all messages of a letter. No line of base64 begins with two hyphens: no part holds it."""
    seed = f"boundary\n{mailing.name}\n{mailing.letter.language}"
    return f"=_{hmac.new(mailing.key, seed.encode(), hashlib.sha256).hexdigest()[:32]}"


def build_message(mailing: Mailing, recipient: Claim) -> bytes:
    """The message in wire form: CRLF, base64 parts, no line over 76 but for long addresses in headers.

    This is the reference, which takes milliseconds; `Assembly` gives the same bytes in microseconds.

    Raises:
        ValueError: a header value holds a line break or NUL (header injection).
    """
    token = sign_unsubscribe_token(mailing.key, mailing.digest, recipient.subscriber_id)
    message_id = mint_message_id(mailing, recipient.subscriber_id)
    return compose_message(mailing, to=recipient_address(recipient), message_id=message_id, token=token)


def compose_message(mailing: Mailing, *, to: Address, message_id: str, token: str) -> bytes:
    """The message with these in the places where messages of a letter differ.

    Raises:
        ValueError: as `build_message`.
    """
    letter = mailing.letter
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(mailing, to, message_id, token).items():
        if isinstance(value, str) and any(c in value for c in "\r\n\0"):
            raise ValueError(f"{name} holds a line break")
        message[name] = value
    # Cyrillic in quoted-printable, which the library would choose, is more than twice as long.
    message.set_content(letter.text.replace(mailing.token_placeholder, token), cte="base64")
    message.add_alternative(
        letter.html.replace(mailing.token_placeholder, token), subtype="html", cte="base64"
    )
    message["Content-Language"] = letter.language  # set_content drops what begins with Content-
    message.set_boundary(mint_boundary(mailing))
    return message.as_bytes()


def fold_header(name: str, value: Address) -> bytes:
    """A header with its address, as it stands in the message."""
    return _POLICY.fold(*_POLICY.header_store_parse(name, value)).encode("ascii")


def _headers(mailing: Mailing, to: Address, message_id: str, token: str) -> dict[str, Any]:
    unsubscribe = unsubscribe_url(mailing.site_url, mailing.digest, token)
    mailbox = wire_address(mailing.reply_to.addr_spec)
    return {
        "From": _wire(mailing.sender),
        "To": to,
        "Reply-To": _wire(mailing.reply_to),
        "Subject": mailing.letter.subject,
        "Date": mailing.frozen_at,
        "Message-ID": message_id,
        "List-Id": f"<{mailing.digest}.{mailing.domain}>",
        "List-Unsubscribe": f"<{unsubscribe}>, <mailto:{mailbox}?subject=unsubscribe%20{token}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Archive": f"<{mailing.site_url}>",
        "List-Help": f"<mailto:{mailbox}?subject=help>",
        "Auto-Submitted": "auto-generated",
    }


def recipient_address(recipient: Claim) -> Address:
    """As it stands in To; its domain is ASCII.

    Raises:
        ValueError: it cannot be written into a header.
    """
    try:
        return _wire(Address(display_name=recipient.name or "", addr_spec=recipient.address))
    except (MessageError, IndexError) as error:  # the library's parser gives up in several ways
        raise ValueError(f"{recipient.address!r} is no address: {error}") from error


def _wire(address: Address) -> Address:
    return Address(display_name=address.display_name, addr_spec=wire_address(address.addr_spec))
