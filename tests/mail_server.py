"""A real SMTP server that keeps what it receives, for the tests."""

import random
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class Received:
    """Envelopes in the order they came."""

    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    """What to answer to RCPT, by address; others are taken."""

    @property
    def messages(self) -> list[EmailMessage]:
        return [parse(data) for data in self.raw]

    async def handle_RCPT(  # noqa: N802 — aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if reply := self.replies.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.recipients.extend(envelope.rcpt_tos)
        self.senders.append(envelope.mail_from)
        self.raw.append(envelope.original_content)
        return "250 OK"


@contextmanager
def mail_server(*, password: str | None = None) -> Iterator[tuple[Received, int]]:
    """What was received, and the port to send to. With a password: STARTTLS and AUTH are required."""
    received = Received()
    port = free_port()
    options: dict[str, Any] = {}
    if password is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("localhost").configure_cert(context)
        options = {
            "tls_context": context,
            "require_starttls": True,
            "auth_required": True,
            "authenticator": lambda _server, _session, _envelope, _mechanism, data: AuthResult(
                success=data.password == password.encode(), handled=False
            ),
        }
    controller = Controller(received, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield received, port
    finally:
        controller.stop()


def free_port() -> int:
    """A port for a server that starts a moment later.

    It is none of those that the system gives to clients (ip(7), ip_local_port_range): tests beside this one
    could have taken it until then.
    """
    while True:
        port = random.randrange(10_000, 32_000)  # noqa: S311 — no secret
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def parse(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message
