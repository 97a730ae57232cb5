"""A mail server that misbehaves at a place of our choice: the other side of the SMTP tests."""

import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum

import trustme


class Place(StrEnum):
    BANNER = "banner"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "mid-body"
    END = "after the dot"


class Fault(StrEnum):
    DROP = "drop"
    STALL = "stall"
    CLOSING = "421"
    LATER = "4xx"
    NEVER = "5xx"
    GARBAGE = "garbage"
    SLOW = "slow"


_SAYS = {
    Fault.CLOSING: b"421 4.3.2 closing\r\n",
    Fault.LATER: b"451 4.3.0 not now\r\n",
    Fault.NEVER: b"550 5.1.1 never\r\n",
    Fault.GARBAGE: b"\x00\xff garbage\r\n",
}


@dataclass
class Script:
    """What the server does, and what it has seen."""

    place: Place | None = None
    fault: Fault | None = None
    times: int = 1_000_000
    """How often; after that it behaves."""
    pipelining: bool = True
    extensions: tuple[str, ...] = ()
    mechanisms: str = "PLAIN LOGIN"
    lmtp: bool = False
    injected: bytes = b""
    """Sent in the same packet as the reply to STARTTLS, before TLS."""
    taken: list[str] = field(default_factory=list)
    """Recipients of the messages that were taken, in order."""
    heard: list[str] = field(default_factory=list)
    """Every command."""
    connections: int = 0
    refuse_after: int = 1_000_000
    """More connections at once than these are too many."""
    dies_after: int = 1_000_000
    """Messages; then it hangs up on everybody, and greets nobody any more."""
    open: "set[_Conversation]" = field(default_factory=set)
    stalled: threading.Event = field(default_factory=threading.Event)
    """Set at the end of the test: whoever stalls may go."""

    def die(self) -> None:
        self.place, self.fault = Place.BANNER, Fault.DROP
        for conversation in list(self.open):
            with suppress(OSError):
                conversation.socket.shutdown(socket.SHUT_RDWR)

    def at(self, place: Place) -> Fault | None:
        """The fault that is due here."""
        if place is not self.place or self.times <= 0:
            return None
        self.times -= 1
        return self.fault


class _HungUpError(Exception):
    pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, script: Script, context: ssl.SSLContext, path: str | None) -> None:
        if path:
            self.address_family = socket.AF_UNIX
        super().__init__(path or ("127.0.0.1", 0), _Conversation)  # type: ignore[arg-type]  # a path is one too
        self.script, self.context = script, context


class _Conversation(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._script = self.server.script
        self._script.connections += 1
        self.socket = self.request
        self._file = self.socket.makefile("rb")
        self._script.open.add(self)
        try:
            with suppress(OSError, _HungUpError):
                if len(self._script.open) > self._script.refuse_after:
                    self._say(_SAYS[Fault.CLOSING])
                elif self._answer(Place.BANNER, b"220 scripted ESMTP\r\n"):
                    self._converse()
        finally:
            self._script.open.discard(self)
            self._file.close()
            self.socket.close()

    def _converse(self) -> None:
        self._recipient = ""
        while line := self._file.readline():
            command = line.decode().strip()
            self._script.heard.append(command)
            match command.upper().split()[0] if command.split() else "":
                case "EHLO" | "LHLO" | "HELO":
                    self._answer(Place.EHLO, self._extensions())
                case "STARTTLS":
                    self._start_tls()
                case "AUTH":
                    self._log_in(command)
                case "MAIL" | "RCPT" | "DATA":
                    self._transact(command)
                case _:
                    self._say(b"250 2.0.0 ok\r\n")

    def _transact(self, command: str) -> None:
        place = Place(command[:4].upper())
        if place is Place.DATA and not self._recipient:
            self._say(b"503 5.5.1 no valid recipients\r\n")
        elif self._answer(place, b"354 go on\r\n" if place is Place.DATA else b"250 2.1.0 ok\r\n"):
            if place is Place.DATA:
                self._take(self._recipient)
            self._recipient = command.partition("<")[2].partition(">")[0] if place is Place.RCPT else ""

    def _take(self, recipient: str) -> None:
        lines = 0
        while line := self._file.readline():
            lines += 1
            if lines == 5 and not self._answer(Place.BODY, b""):
                return
            if line == b".\r\n":
                break
        else:
            return
        fault = self._script.at(Place.END)
        if fault in {None, Fault.SLOW}:
            self._script.taken.append(recipient)
        self._act(fault, b"250 2.0.0 taken\r\n")
        if len(self._script.taken) >= self._script.dies_after:
            self._script.die()

    def _answer(self, place: Place, good: bytes) -> bool:
        """Whether the answer was the good one."""
        return self._act(self._script.at(place), good)

    def _act(self, fault: Fault | None, good: bytes) -> bool:
        if fault is None:
            self._say(good)
            return True
        if fault is Fault.SLOW:
            for number in range(len(good)):
                self._say(good[number : number + 1])
                time.sleep(0.002)
            return True
        if fault is Fault.STALL:
            self._script.stalled.wait(20)
        else:
            self._say(_SAYS.get(fault, b""))
        if fault in {Fault.DROP, Fault.STALL, Fault.CLOSING}:
            raise _HungUpError
        return False

    def _extensions(self) -> bytes:
        names = ["scripted", *self._script.extensions]
        if self._script.pipelining:
            names.append("PIPELINING")
        if not isinstance(self.socket, ssl.SSLSocket):
            names.append("STARTTLS")
        elif self._script.mechanisms:
            names.append(f"AUTH {self._script.mechanisms}")
        return b"".join(
            f"250{'-' if number < len(names) else ' '}{name}\r\n".encode()
            for number, name in enumerate(names, start=1)
        )

    def _start_tls(self) -> None:
        if self._answer(Place.STARTTLS, b"220 2.0.0 go on\r\n" + self._script.injected):
            self.socket = self.server.context.wrap_socket(self.socket, server_side=True)
            self._file.close()
            self._file = self.socket.makefile("rb")

    def _log_in(self, command: str) -> None:
        if command.upper() == "AUTH LOGIN":
            for prompt in (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n"):
                self._say(prompt)
                self._script.heard.append(self._file.readline().decode().strip())
        self._answer(Place.AUTH, b"235 2.7.0 welcome\r\n")

    def _say(self, data: bytes) -> None:
        if data:
            self.socket.sendall(data)


@contextmanager
def scripted_server(script: Script, context: ssl.SSLContext, *, path: str | None = None) -> Iterator[int]:
    """Its port; 25 where it listens on a Unix socket."""
    server = _Server(script, context, path)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield 25 if path else int(server.server_address[1])
    finally:
        script.stalled.set()
        server.shutdown()
        thread.join()
        server.server_close()


def server_context(*names: str) -> tuple[ssl.SSLContext, trustme.CA]:
    """TLS for a server of these names, and who vouches for it."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context, authority
