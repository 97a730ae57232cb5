"""How a conversation with a mail server begins: greeting, EHLO, STARTTLS, AUTH. No sockets here.

greeting ─▶ EHLO ─▶ STARTTLS ─▶ (TLS) ─▶ EHLO ─▶ AUTH ─▶ open
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from publisher.config import Smtp, SmtpSecurity
from publisher.delivery.smtp.reply import Reply


class RefusedError(Exception):
    """The server will not talk to us, or not as the config wants it."""


class Step(Enum):
    """What the session wants of its connection next."""

    SEND = auto()
    TLS = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True)
class Next:
    step: Step
    line: bytes = b""
    """Of SEND: a command without its line end."""


@dataclass(slots=True)
class Session:
    """From the first byte to the first message."""

    smtp: Smtp
    lmtp: bool
    local_name: str
    extensions: dict[str, str] = field(default_factory=dict)
    """As EHLO told them, upper case, with their parameters."""
    encrypted: bool = False
    """Also where TLS came before the first byte."""
    _on_reply: Callable[[Reply], Next] | None = None

    def receive(self, reply: Reply) -> Next:
        """What follows this reply.

        Raises:
            RefusedError: the conversation is over.
        """
        return (self._on_reply or self._greeted)(reply)

    def resume(self) -> Next:
        """TLS is up: everything said before is void (RFC 3207, 4.2)."""
        self.encrypted = True
        self.extensions = {}
        return self._say_hello()

    def _greeted(self, reply: Reply) -> Next:
        _demand(reply, 220, "the server does not greet us")
        return self._say_hello()

    def _say_hello(self) -> Next:
        self._on_reply = self._hello
        word = "LHLO" if self.lmtp else "EHLO"
        return Next(Step.SEND, f"{word} {self.local_name}".encode())

    def _hello(self, reply: Reply) -> Next:
        if 500 <= reply.code < 600 and not self.lmtp:
            self._on_reply = self._old_hello
            return Next(Step.SEND, f"HELO {self.local_name}".encode())
        _demand(reply, 250, "EHLO is refused")
        for line in reply.lines[1:]:
            # Some servers write AUTH=LOGIN, as a draft once had it; others both that and AUTH LOGIN.
            name, _, parameters = line.upper().replace("=", " ", 1).partition(" ")
            self.extensions[name] = f"{self.extensions.get(name, '')} {parameters}".strip()
        return self._secure()

    def _old_hello(self, reply: Reply) -> Next:
        _demand(reply, 250, "HELO is refused")
        return self._secure()

    def _secure(self) -> Next:
        if self.smtp.security is not SmtpSecurity.STARTTLS or self.encrypted:
            return self._log_in()
        if "STARTTLS" not in self.extensions:
            raise RefusedError("the server offers no STARTTLS")
        self._on_reply = self._tls
        return Next(Step.SEND, b"STARTTLS")

    def _tls(self, reply: Reply) -> Next:
        _demand(reply, 220, "STARTTLS is refused")
        return Next(Step.TLS)

    def _log_in(self) -> Next:
        if not self.smtp.username:
            return Next(Step.OPEN)
        offered = self.extensions.get("AUTH", "").split()
        name, password = _raw(self.smtp.username), _raw(self.smtp.password)
        if "PLAIN" in offered:  # in UTF-8 (RFC 4616)
            self._on_reply = self._logged_in
            return Next(Step.SEND, b"AUTH PLAIN " + b64encode(b"\0" + name + b"\0" + password))
        if "LOGIN" in offered:
            self._on_reply = self._name_asked
            return Next(Step.SEND, b"AUTH LOGIN")
        raise RefusedError("the server offers neither AUTH PLAIN nor AUTH LOGIN")

    def _name_asked(self, reply: Reply) -> Next:
        _demand(reply, 334, "AUTH is refused")
        self._on_reply = self._password_asked
        return Next(Step.SEND, b64encode(_raw(self.smtp.username)))

    def _password_asked(self, reply: Reply) -> Next:
        _demand(reply, 334, "AUTH is refused")
        self._on_reply = self._logged_in
        return Next(Step.SEND, b64encode(_raw(self.smtp.password)))

    def _logged_in(self, reply: Reply) -> Next:
        _demand(reply, 235, "the name or the password is refused")
        return Next(Step.OPEN)


def _raw(text: str) -> bytes:
    """In UTF-8; what the environment holds may be something else, and goes out as it is."""
    return text.encode(errors="surrogateescape")


def _demand(reply: Reply, code: int, cause: str) -> None:
    if reply.code != code:
        raise RefusedError(f"{cause} ({reply})")
