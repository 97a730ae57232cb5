"""A mail server, over one connection that is kept between messages (RFC 5321)."""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress

import idna

from publisher.config import Smtp, SmtpSecurity, is_loopback
from publisher.delivery.engine import Outcome
from publisher.errors import DeliveryError
from publisher.model import DeliveryState

_CONNECT_SECONDS = 30
_DOT_SECONDS = 600
"""RFC 5321, 4.5.3.2.6: a server may take ten minutes over the final dot."""
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpTransport:
    """Sends through one server. TLS is verified unless the server is this machine."""

    repeatable = False

    def __init__(self, smtp: Smtp, sender: str) -> None:
        self._smtp = smtp
        self._sender = sender
        self._connection: smtplib.SMTP | None = None

    def send(self, message: bytes, *, message_id: str, recipient: str, fence: Callable[[], bool]) -> Outcome:
        del message_id  # the server makes nothing of it
        connection = self._connect()
        try:
            refusal = _envelope(connection, self._sender, recipient)
            if refusal:
                return refusal
            connection.send(_LINE_DOT.sub(b"..", message))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self._drop()
            return Outcome(state=DeliveryState.DEFERRED, reply=f"connection lost before the message: {error}")
        go = False
        try:
            go = fence()
        finally:
            if not go:
                self._drop()  # there is no way to take a message back but to hang up before its end
        return self._finish(connection) if go else Outcome(state=DeliveryState.CLAIMED, reply="")

    def _finish(self, connection: smtplib.SMTP) -> Outcome:
        try:
            if connection.sock is not None:
                connection.sock.settimeout(_DOT_SECONDS)
            connection.send(b".\r\n")
            code, reply = connection.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            # The server may have taken it or not: nobody can know, so nobody sends it again by itself.
            self._drop()
            return Outcome(state=DeliveryState.UNKNOWN, reply=f"no reply after the message: {error}")
        if code == 421:
            self._drop()
        return _outcome(code, reply)

    def _connect(self) -> smtplib.SMTP:
        """The open connection, or a new one.

        Raises:
            DeliveryError: the server cannot be reached, is not who it should be, or refuses the password.
        """
        if self._connection is not None and _alive(self._connection):
            return self._connection
        self._drop()
        smtp = self._smtp
        try:
            self._connection = _open(smtp)
            if smtp.security is SmtpSecurity.STARTTLS:
                self._connection.starttls(context=_context(smtp))
            if smtp.username:
                _log_in(self._connection, smtp)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise DeliveryError.of(
                f"{smtp.host}:{smtp.port}", f"mail cannot be handed over ({error})", "check [delivery.smtp]"
            ) from error
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):  # everything is on the books already
                self._connection.quit()
        self._drop()


def _open(smtp: Smtp) -> smtplib.SMTP:
    if smtp.security is SmtpSecurity.TLS:
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=_CONNECT_SECONDS, context=_context(smtp))
    return smtplib.SMTP(smtp.host, smtp.port, timeout=_CONNECT_SECONDS)


def _context(smtp: Smtp) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if is_loopback(smtp.host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _log_in(connection: smtplib.SMTP, smtp: Smtp) -> None:
    """AUTH PLAIN in UTF-8 (RFC 4616), where smtplib itself allows ASCII only; else what the server offers."""
    connection.ehlo_or_helo_if_needed()
    if "PLAIN" not in connection.esmtp_features.get("auth", "").split():
        connection.login(smtp.username, smtp.password)
        return
    credentials = b64encode(f"\0{smtp.username}\0{smtp.password}".encode()).decode()
    code, reply = connection.docmd("AUTH", f"PLAIN {credentials}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, reply)


def _alive(connection: smtplib.SMTP) -> bool:
    """Whether the server still answers; resets what an earlier message may have left."""
    try:
        code, _ = connection.rset()
    except (smtplib.SMTPServerDisconnected, OSError):
        return False
    return code == 250


def _envelope(connection: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
    """MAIL, RCPT, DATA; None when the server waits for the message."""
    connection.ehlo_or_helo_if_needed()
    code, reply = connection.mail(_wire(sender))
    if code == 250:
        code, reply = connection.rcpt(_wire(recipient))
    if code in {250, 251}:
        code, reply = connection.docmd("DATA")
        if code == 354:
            return None
    return _outcome(code, reply)


def _wire(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"


def _outcome(code: int, reply: bytes) -> Outcome:
    """RFC 5321, 4.2.1: 2xx taken, 4xx later perhaps, 5xx never."""
    text = f"{code} {reply.decode(errors='replace')}"
    if 200 <= code < 300:
        return Outcome(state=DeliveryState.SENT, reply=text)
    return Outcome(state=DeliveryState.BOUNCED if code >= 500 else DeliveryState.DEFERRED, reply=text)
