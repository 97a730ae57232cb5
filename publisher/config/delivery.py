"""[delivery]: how mail leaves."""

from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from pathlib import Path

from publisher.config.table import Table
from publisher.config.types import Delivery, Smtp, SmtpSecurity, TransportKind, is_loopback
from publisher.errors import RefusedError
from publisher.text.mailboxes import parse_address


def read_delivery(table: Table, root: Path, environ: Mapping[str, str]) -> Delivery:
    sender = _mailbox(table, "from")
    delivery = Delivery(
        transport=TransportKind(table.choice("transport", tuple(TransportKind), "spool")),
        outbox=root / table.text("outbox", "outbox"),
        sender=sender,
        reply_to=_mailbox(table, "reply_to", default=str(sender)),
        smtp=_read_smtp(table.table("smtp"), environ),
    )
    table.close()
    return delivery


def _read_smtp(table: Table, environ: Mapping[str, str]) -> Smtp:
    smtp = Smtp(
        host=table.text("host", "localhost"),
        port=table.number("port", 587, low=1, high=65_535),
        security=SmtpSecurity(table.choice("security", tuple(SmtpSecurity), "starttls")),
        username=table.text("username", ""),
        password=environ.get("PUBLISHER_SMTP_PASSWORD", ""),
    )
    if smtp.security is SmtpSecurity.NONE and not is_loopback(smtp.host):
        table.complain("security", f"is none for {smtp.host}", "use starttls or tls beyond this machine")
    table.close()
    return smtp


_NOBODY = Address(addr_spec="nobody@example.com")
"""Stands in while the rest of a faulty config is checked."""


def _mailbox(table: Table, key: str, default: str | None = None) -> Address:
    text = table.text(key, default)
    try:
        ((name, address),) = getaddresses([text])
        return Address(display_name=name, addr_spec=parse_address(address))
    except (RefusedError, ValueError, MessageError):
        if text:
            table.complain(key, f"is {text!r}", 'write "Name <box@example.kz>"')
    return _NOBODY
