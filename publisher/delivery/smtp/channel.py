"""One connection: a socket, TLS where it is wanted, and the conversation over it. Never waits."""

import errno
import os
import selectors
import socket
import ssl
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from publisher.config import Smtp, SmtpSecurity
from publisher.delivery.smtp.reply import NonsenseError, Reply, ReplyReader
from publisher.delivery.smtp.session import Next, RefusedError, Session, Step
from publisher.delivery.smtp.tls import Tls
from publisher.delivery.smtp.transactions import Transactions
from publisher.delivery.transport import Envelope

_IN_PROGRESS = frozenset({errno.EINPROGRESS, errno.EAGAIN})
_CHUNK = 65_536
_BUFFER = 262_144
"""The kernel takes a whole message at once."""

Address = tuple[int, object]
"""Family, and what `connect` takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds; RFC 5321, 4.5.3.2."""

    connect: float = 30
    command: float = 300
    """For the reply to anything but the final dot, and for a part of the message to leave."""
    end: float = 600
    """For the reply to the final dot."""


class LostError(Exception):
    """The connection is of no use any more."""


def find_addresses(smtp: Smtp) -> list[Address]:
    """Where the server can be reached, in the order to try.

    Raises:
        OSError: its name cannot be found.
    """
    if smtp.host.startswith("/"):
        return [(socket.AF_UNIX, smtp.host)]
    try:
        found = socket.getaddrinfo(smtp.host, smtp.port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{smtp.host} cannot be the name of a host") from error
    return [(family, address) for family, _, _, _, address in found]


class Channel:
    """Opens, and then carries messages. The transport asks it what it waits for."""

    def __init__(
        self,
        smtp: Smtp,
        addresses: Sequence[Address],
        session: Session,
        context: ssl.SSLContext | None,
        timeouts: Timeouts,
        *,
        now: float,
    ) -> None:
        """`now` and all later ones are of a clock that never jumps, in seconds.

        Raises:
            OSError: there is no socket to be had.
        """
        self.transactions: Transactions | None = None
        """None until the conversation is open."""
        self._smtp = smtp
        self._addresses = deque(addresses)
        self._session = session
        self._context = context
        self._timeouts = timeouts
        self._reader = ReplyReader()
        self._output: deque[memoryview] = deque()
        self._tls: Tls | None = None
        self._connected = False
        self._deadline = now
        self._end_runs = False
        self._dot_is_here = False
        """The last thing committed to has not left yet."""
        self.socket = self._dial(now)

    @property
    def interest(self) -> int:
        """What of its socket it waits for, as `selectors` has it."""
        if not self._connected:
            return selectors.EVENT_WRITE
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._output else 0)

    @property
    def is_flushed(self) -> bool:
        return not self._output

    def handle(self, *, now: float) -> None:
        """Go on: the socket is ready for something.

        Raises:
            LostError, RefusedError, UnusableError: see there.
        """
        if not self._connected:
            self._connect(now)
        else:
            self._read(now)
        self.flush(now=now)

    def flush(self, *, now: float) -> None:
        """Send what can be sent.

        Raises:
            LostError: the connection is gone.
        """
        if self.transactions and self.transactions.output:
            self._write(b"".join(self.transactions.output))
            self.transactions.output.clear()
            self._renew(now, answered=False)
        while self._connected and self._output:
            try:
                sent = self.socket.send(self._output[0])
            except BlockingIOError:
                return
            except OSError as error:
                raise LostError(str(error)) from error
            self._dot_is_here = False
            self._renew(now, answered=False)
            if sent == len(self._output[0]):
                self._output.popleft()
            else:
                self._output[0] = self._output[0][sent:]

    def commit(self, *, now: float) -> None:
        """Send the dot of the message at the dot.

        Raises:
            LostError: the connection is gone.
        """
        if self.transactions is not None:
            self.transactions.commit()
            self._dot_is_here = True
            self.flush(now=now)

    def lose(self, reason: str) -> list[Envelope]:
        """Hang up. What had begun settles; the envelopes of which nothing had, come back."""
        self.socket.close()
        if self.transactions is None:
            return []
        if self._dot_is_here:
            self.transactions.take_back()
        return self.transactions.lose(reason)

    def check(self, *, now: float) -> None:
        """Give up what has taken too long.

        Raises:
            LostError: it has.
        """
        transactions = self.transactions
        if transactions is not None and transactions.is_idle:
            return
        if transactions is not None and transactions.at_the_dot and self.is_flushed:
            return  # it is we who are waited for
        if now > self._deadline:
            if self._connected:
                raise LostError("no answer in time")
            self._try_next("no answer in time", now)

    def quit(self) -> None:
        """Say goodbye, and do not wait for the answer."""
        with suppress(OSError, LostError):  # everything is on the books already
            self._write(b"QUIT\r\n")
            self.flush(now=self._deadline)
        self.socket.close()

    def _renew(self, now: float, *, answered: bool) -> None:
        """The time for the reply to the final dot runs from the dot: nothing that we say makes it longer."""
        end = self.transactions is not None and self.transactions.awaits_the_end
        if answered or not (end and self._end_runs):
            self._deadline = now + (self._timeouts.end if end else self._timeouts.command)
        self._end_runs = end

    def _dial(self, now: float) -> socket.socket:
        family, address = self._addresses.popleft()
        dialled = socket.socket(family, socket.SOCK_STREAM)
        dialled.settimeout(0)
        if family != socket.AF_UNIX:
            # The final dot goes out by itself, after the fence; Nagle would hold it back for 40 ms.
            dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        dialled.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        self._deadline = now + self._timeouts.connect
        error = dialled.connect_ex(address)  # type: ignore[arg-type]  # as getaddrinfo gave it
        if error and error not in _IN_PROGRESS:
            dialled.close()
            if self._addresses:
                return self._dial(now)
            raise OSError(error, os.strerror(error))
        return dialled

    def _try_next(self, reason: str, now: float) -> None:
        self.socket.close()
        if not self._addresses:
            raise LostError(reason)
        try:
            self.socket = self._dial(now)
        except OSError as error:
            raise LostError(str(error)) from error

    def _connect(self, now: float) -> None:
        error = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._try_next(os.strerror(error), now)
            return
        self._connected = True
        self._deadline = now + self._timeouts.command
        if self._smtp.security is SmtpSecurity.TLS:
            self._session.encrypted = True
            self._start_tls()

    def _read(self, now: float) -> None:
        try:
            data = self.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            raise LostError(str(error)) from error
        if not data:
            raise LostError("the server hung up")
        if self._tls:
            data = self._decrypt(data)
        try:
            for reply in self._reader.feed(data):
                self._hear(reply)
                self._renew(now, answered=True)
                if self._tls and not self._tls.is_up:
                    break  # what came behind it, unencrypted, may be somebody else's (RFC 3207, 6)
        except NonsenseError as error:
            raise LostError(str(error)) from error

    def _hear(self, reply: Reply) -> None:
        if self.transactions is not None:
            self.transactions.receive(reply)
        else:
            self._follow(self._session.receive(reply))

    def _follow(self, following: Next) -> None:
        match following.step:
            case Step.SEND:
                self._write(following.line + b"\r\n")
            case Step.TLS:
                self._start_tls()
            case Step.OPEN:
                self.transactions = Transactions(self._session.extensions)

    def _start_tls(self) -> None:
        self._reader.drop()
        if self._context is None:
            raise RefusedError("TLS is not configured")
        self._tls = Tls(self._context, self._smtp.host)
        self._decrypt(b"")

    def _decrypt(self, data: bytes) -> bytes:
        """TLS: what the peer says in it; what TLS itself has to say is put into the output."""
        if self._tls is None:
            return data
        was_up = self._tls.is_up
        try:
            plain = self._tls.receive(data)
        except ssl.SSLCertVerificationError as error:
            raise RefusedError(f"the certificate is not to be trusted ({error.verify_message})") from error
        except ssl.SSLError as error:
            raise LostError(f"TLS fails ({error.reason or error})") from error
        if self._tls.is_up and not was_up and self._smtp.security is SmtpSecurity.STARTTLS:
            self._follow(self._session.resume())
        self._put(self._tls.take())
        return plain

    def _write(self, data: bytes) -> None:
        self._put(self._tls.send(data) if self._tls else data)

    def _put(self, data: bytes) -> None:
        if data:
            self._output.append(memoryview(data))
