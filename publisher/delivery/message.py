"""One message to one subscriber. The same edition, subscriber and config give the same bytes.

`build_message` is the slow, plain way; an `Assembly` gives the same bytes a hundred times as fast.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from publisher.addresses import editions_path, unsubscribe_url
from publisher.delivery.headers import LINE, fold, fold_mailbox, fold_text
from publisher.delivery.tokens import confirmation_salt, settings_salt, token_signer
from publisher.model import EDITORIAL, Claim, EditionKind, EditionText
from publisher.text.mailboxes import wire_address, wire_domain

Field = tuple[str, str]
"""A header field: its name and its value, which is folded."""
_OWN_FIELDS = ("To", "Message-ID", "List-Unsubscribe")


class _Folded(str):
    """A value in wire form, to be written as it is."""

    __slots__ = ()


class _Policy(EmailPolicy):
    """Writes what is folded as it is; the fields that the library makes itself it folds itself."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        return (name, value) if isinstance(value, _Folded) else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, _Folded):
            return f"{name}: {value}\r\n".encode()
        return super().fold_binary(name, value)


_POLICY = _Policy(linesep=SMTP.linesep, cte_type="7bit", max_line_length=LINE)


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
    """Begins the Message-IDs of letters that are no edition's: what is tried out is seen to be."""
    kind: EditionKind = EditionKind.REGULAR
    edition_id: int = 0

    @property
    def domain(self) -> str:
        return wire_domain(self.sender.domain)

    @property
    def is_list(self) -> bool:
        """Whether it goes to subscribers as such; the answer to one person is no list's (RFC 2369, 4)."""
        return self.kind in EDITORIAL

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The header fields that differ from reader to reader."""
        return _OWN_FIELDS if self.is_list else _OWN_FIELDS[:2]

    @property
    def token_salt(self) -> str:
        if self.kind is EditionKind.CONFIRMATION:
            return confirmation_salt(self.edition_id)
        return settings_salt(self.digest)


def mint_message_id(mailing: Mailing, subscriber_id: int) -> str:
    """Stable: a message that is sent again is recognisably the same one."""
    mac = hmac.new(mailing.key, f"{mailing.name}\n{subscriber_id}".encode(), hashlib.sha256)
    return f"<{mailing.label}{mac.hexdigest()[:40]}@{mailing.domain}>"


def build_message(mailing: Mailing, recipient: Claim) -> bytes:
    """The message in wire form: CRLF, base64 parts, no line over 76 but for long addresses in headers.

    Raises:
        ValueError: a header value holds a line break or NUL (header injection), or an address is none.
    """
    token = token_signer(mailing.key, mailing.token_salt)(recipient.subscriber_id)
    fields = [*own_fields(mailing, recipient, token), *shared_fields(mailing)]
    return compose_message(mailing, fields, token)


def compose_message(mailing: Mailing, fields: list[Field], token: str) -> bytes:
    """The letter below these fields, with this token in it."""
    letter = mailing.letter
    message = EmailMessage(policy=_POLICY)
    for name, value in fields:
        message[name] = _Folded(value)
    # Cyrillic in quoted-printable, which the library would choose, is more than twice as long.
    message.set_content(letter.text.replace(mailing.token_placeholder, token), cte="base64")
    html = letter.html.replace(mailing.token_placeholder, token)
    message.add_alternative(html, subtype="html", cte="base64")
    # set_content drops what begins with Content-
    message["Content-Language"] = _Folded(fold("Content-Language", [letter.language]))
    mac = hmac.new(mailing.key, f"{mailing.name}\nboundary\n{letter.language}".encode(), hashlib.sha256)
    message.set_boundary(f"=_{mac.hexdigest()[:32]}")  # RFC 2045, 6.7: no line of base64 begins so
    return message.as_bytes()


def own_fields(mailing: Mailing, recipient: Claim, token: str) -> list[Field]:
    address = wire_address(recipient.address)
    values = [
        fold_mailbox("To", recipient.name or "", address),
        mint_message_id(mailing, recipient.subscriber_id),
    ]
    if mailing.is_list:
        unsubscribe = unsubscribe_url(mailing.site_url, mailing.digest, token)
        mail_to = f"<mailto:{_mail_path(mailing)}?subject=unsubscribe%20{token}>"
        values.append(fold("List-Unsubscribe", [f"<{unsubscribe}>,", mail_to]))
    return list(zip(mailing.own_fields, values, strict=True))


def shared_fields(mailing: Mailing) -> list[Field]:
    """The header fields that every reader's message has, but for those of MIME."""
    fields = [
        ("From", _fold_address("From", mailing.sender)),
        ("Reply-To", _fold_address("Reply-To", mailing.reply_to)),
        ("Subject", fold_text("Subject", mailing.letter.subject)),
        ("Date", format_datetime(mailing.frozen_at)),
    ]
    return [
        *fields,
        *(_list_fields(mailing) if mailing.is_list else []),
        ("Auto-Submitted", "auto-generated"),
    ]


def _list_fields(mailing: Mailing) -> list[Field]:
    return [
        ("List-Id", fold("List-Id", [f"<{mailing.digest}.{mailing.domain}>"])),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Archive", fold("List-Archive", [f"<{mailing.site_url}{editions_path(mailing.digest)}>"])),
        ("List-Help", fold("List-Help", [f"<mailto:{_mail_path(mailing)}?subject=help>"])),
    ]


def _mail_path(mailing: Mailing) -> str:
    """The address for replies, in a mailto: URI (RFC 6068)."""
    return quote(wire_address(mailing.reply_to.addr_spec), safe="@!$'*+")


def _fold_address(name: str, address: Address) -> str:
    return fold_mailbox(name, address.display_name, wire_address(address.addr_spec))
