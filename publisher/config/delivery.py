"""[delivery]: how mail leaves."""

import re
from collections.abc import Mapping
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from pathlib import Path

from publisher.config.table import Table
from publisher.config.types import (
    Delivery,
    DkimKey,
    Limits,
    Smtp,
    SmtpSecurity,
    TransportKind,
    is_loopback,
)
from publisher.errors import RefusedError
from publisher.text.mailboxes import parse_address, wire_domain

SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")

LONGEST_BOUNCE_NAME = 25
"""A local part has 64 octets (RFC 5321, 4.5.3.1.1)."""


def read_delivery(table: Table, root: Path, environ: Mapping[str, str]) -> Delivery:
    sender = _mailbox(table, "from")
    delivery = Delivery(
        transport=TransportKind(table.choice("transport", tuple(TransportKind), "spool")),
        outbox=root / table.text("outbox", "outbox"),
        sender=sender,
        reply_to=_mailbox(table, "reply_to", default=str(sender)),
        bounces=_read_bounces(table),
        smtp=_read_smtp(table.table("smtp"), environ),
        limits=_read_limits(table.table("limits")),
        dkim=tuple(_read_dkim(each, root, sender.domain) for each in table.tables("dkim")),
    )
    table.close()
    return delivery


def _read_bounces(table: Table) -> Address | None:
    """Its own name must be short: an edition, a subscriber and a MAC are added to it."""
    if not table.text("bounces", ""):
        return None
    mailbox = _mailbox(table, "bounces")
    if "+" in mailbox.username or len(mailbox.username) > LONGEST_BOUNCE_NAME:
        table.complain(
            "bounces",
            f"is {mailbox.addr_spec!r}",
            f'write a name without "+" and of at most {LONGEST_BOUNCE_NAME} letters: "bounces@example.kz"',
        )
    return mailbox


def _read_smtp(table: Table, environ: Mapping[str, str]) -> Smtp:
    smtp = Smtp(
        host=table.text("host", "localhost"),
        port=table.number("port", 587, low=1, high=65_535),
        security=SmtpSecurity(table.choice("security", tuple(SmtpSecurity), "starttls")),
        username=table.text("username", ""),
        password=environ.get("PUBLISHER_SMTP_PASSWORD", ""),
        connections=table.number("connections", 4, low=1, high=100),
    )
    if smtp.security is SmtpSecurity.NONE and not is_loopback(smtp.host):
        table.complain("security", f"is none for {smtp.host}", "use starttls or tls beyond this machine")
    table.close()
    return smtp


def _read_limits(table: Table) -> Limits:
    domains = table.table("domains")
    limits = Limits(
        per_second=table.number("per_second", 0, low=0, high=1_000_000),
        per_hour=table.number("per_hour", 0, low=0, high=1_000_000_000),
        domains={name.lower(): domains.number(name, 1, low=1, high=1_000_000) for name in domains.names()},
    )
    domains.close()
    table.close()
    return limits


def _read_dkim(table: Table, root: Path, sender_domain: str) -> DkimKey:
    domain, selector = table.text("domain", sender_domain), table.text("selector")
    try:
        domain = wire_domain(domain)
    except ValueError:
        table.complain("domain", f"is {domain!r}", f'write a domain, as "{sender_domain}"')
    if selector and not SELECTOR.fullmatch(selector):
        table.complain("selector", f"is {selector!r}", 'write a name for the DNS, as "news2026"')
    key = DkimKey(domain=domain, selector=selector, path=root / table.text("key"))
    table.close()
    return key


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
