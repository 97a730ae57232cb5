"""A mail server that takes everything and remembers who got what: the oracle of the delivery tests."""

import re
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_RECIPIENT = re.compile(rb"TO:<([^>]*)>", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^Message-ID: *(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass
class Sunk:
    """What was taken, in order: it is on this list before the client hears that it was taken."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    """Recipient and Message-ID."""
    messages: list[bytes] = field(default_factory=list)
    """Of the same."""
    connections: int = 0

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.taken]


class _Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, pause: Callable[[], float]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.pause = pause
        self.sunk = Sunk()
        self.lock = threading.Lock()


class _Conversation(socketserver.StreamRequestHandler):
    server: _Sink

    def handle(self) -> None:
        with self.server.lock:
            self.server.sunk.connections += 1
        with suppress(OSError):  # a client that was killed
            self._converse()

    def _converse(self) -> None:
        self._say(b"220 sink ESMTP")
        recipient = b""
        while line := self.rfile.readline():
            if match := _RECIPIENT.search(line):
                recipient = match[1]
            match line[:4].upper():
                case b"EHLO":
                    self._say(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME")
                case b"QUIT":
                    return self._say(b"221 2.0.0 bye")
                case b"DATA":
                    self._say(b"354 go on")
                    if not self._take(recipient):
                        return None
                case _:
                    self._say(b"250 2.1.0 ok")
        return None

    def _take(self, recipient: bytes) -> bool:
        """Read a message to its final dot; False when the client hangs up before it."""
        message = bytearray()
        while line := self.rfile.readline():
            if line == b".\r\n":
                break
            message += line
        else:
            return False
        time.sleep(self.server.pause())
        found = _MESSAGE_ID.search(message)
        assert found, "a message without Message-ID"
        with self.server.lock:
            self.server.sunk.taken.append((recipient.decode(), found[1].decode()))
            self.server.sunk.messages.append(bytes(message))
        self._say(b"250 2.0.0 taken")
        return True

    def _say(self, reply: bytes) -> None:
        self.wfile.write(reply + b"\r\n")


@contextmanager
def mail_sink(pause: Callable[[], float] = lambda: 0.0) -> Iterator[tuple[Sunk, int]]:
    """What was taken, and the port. It speaks PIPELINING, and thinks `pause()` seconds about each message."""
    server = _Sink(pause)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.sunk, server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
