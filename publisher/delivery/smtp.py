"""A mail server, over one connection that is kept between messages (RFC 5321)."""

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress

from publisher.config import Smtp, SmtpSecurity, is_loopback
from publisher.delivery.engine import Outcome
from publisher.errors import DeliveryError
from publisher.model import DeliveryState
from publisher.text.mailboxes import wire_address

_CONNECT_SECONDS = 30
_DOT_SECONDS = 600
"""RFC 5321, 4.5.3.2.6: a server may take ten minutes over the final dot."""
_LINE_DOT = re.compile(rb"^\.", re.MULTILINE)


class SmtpTransport:
    """Sends through one server. TLS is verified unless the server is this machine."""

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
        except (smtplib.SMTPException, OSError) as error:
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
            _set_timeout(connection, _DOT_SECONDS)
            connection.send(b".\r\n")
            code, reply = connection.getreply()
            _set_timeout(connection, _CONNECT_SECONDS)
        except (smtplib.SMTPException, OSError) as error:
            # The server may have taken it or not: nobody can know, so nobody sends it again by itself.
            self._drop()
            return Outcome(state=DeliveryState.UNKNOWN, reply=f"no reply after the message: {error}")
        if code == 421:
            self._drop()
        if 200 <= code < 300:
            return Outcome(state=DeliveryState.SENT, reply=_text(code, reply))
        if 400 <= code < 600:
            return _not_taken(code, reply)
        self._drop()
        return Outcome(state=DeliveryState.UNKNOWN, reply=f"no sense in the reply: {_text(code, reply)}")

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
            if self._connection.sock is not None:
                # The final dot goes out by itself, after the fence; Nagle would hold it back for 40 ms.
                self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if smtp.security is SmtpSecurity.STARTTLS:
                self._connection.starttls(context=_context(smtp))
            if smtp.username:
                _log_in(self._connection, smtp)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # ValueError: a host name or a password that cannot be written in ASCII.
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
    """MAIL, RCPT, DATA; None when the server waits for the message.

    Raises:
        DeliveryError: the server refuses the sender for good: that is no recipient's fault.
    """
    connection.ehlo_or_helo_if_needed()
    code, reply = connection.mail(wire_address(sender))
    if code >= 500:
        raise DeliveryError.of(
            sender, f"is refused as sender ({_text(code, reply)})", "check delivery.from and [delivery.smtp]"
        )
    if code == 250:
        code, reply = connection.rcpt(wire_address(recipient))
    if code in {250, 251}:
        code, reply = connection.docmd("DATA")
        if code == 354:
            return None
    return _not_taken(code, reply)


def _set_timeout(connection: smtplib.SMTP, seconds: float) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(seconds)


def _not_taken(code: int, reply: bytes) -> Outcome:
    """RFC 5321, 4.2.1: 5xx never; anything else, expected or not, perhaps later."""
    state = DeliveryState.BOUNCED if 500 <= code < 600 else DeliveryState.DEFERRED
    return Outcome(state=state, reply=_text(code, reply))


def _text(code: int, reply: bytes) -> str:
    return f"{code} {reply.decode(errors='replace')}"
