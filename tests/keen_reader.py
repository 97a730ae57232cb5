"""Reads one feed over and over through one connection, and holds each answer against what it says of itself.

    python tests/keen_reader.py PORT PATH READS PAUSE

It goes on after so many reads until its standard input is closed. It prints, as JSON, how many answers it
read, the entity tags they had, what was wrong, and the milliseconds that 99 of 100 took at the most.
"""

import gzip
import json
import select
import socket
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from typing import BinaryIO

import brotli

_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}


class Reader:
    def __init__(self, port: int, path: str) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port))
        self._connection.settimeout(20)
        self._answers: BinaryIO = self._connection.makefile("rb")
        self._requests = [
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: {coding}\r\n\r\n".encode()
            for coding in _DECODERS
        ]
        self._sound: set[tuple[str, bytes]] = set()
        self.reads = 0
        self.faults: list[str] = []
        self.seconds: list[float] = []

    @property
    def etags(self) -> list[str]:
        return sorted({etag for etag, _ in self._sound})

    def read(self) -> None:
        coding = self.reads % len(_DECODERS)
        started = time.perf_counter()
        self._connection.sendall(self._requests[coding])
        status = self._answers.readline()
        fields = {}
        while line := self._answers.readline().strip():
            name, _, value = line.decode().partition(": ")
            fields[name] = value
        length = int(fields["content-length"])
        body = self._answers.read(length)
        self.seconds.append(time.perf_counter() - started)
        self.reads += 1
        if not status.startswith(b"HTTP/1.1 200 ") or len(body) != length:
            self.faults.append(f"{status!r}, {len(body)} of {length} bytes")
            return
        answer = (fields["etag"], sha256(body).digest())
        if answer not in self._sound:
            self._check(fields, body)
            self._sound.add(answer)

    def _check(self, fields: dict[str, str], body: bytes) -> None:
        """Whether the body is a whole version, and the tag is that version's in this coding."""
        coding = fields.get("content-encoding", "identity")
        plain = _DECODERS[coding](body)
        suffix = "" if coding == "identity" else f"-{coding}"
        expected = f'"{sha256(plain).hexdigest()[:32]}{suffix}"'
        if fields["etag"] != expected:
            self.faults.append(f"ETag {fields['etag']} of a body with {expected}")
        if not plain.rstrip().endswith(b"</rss>"):
            self.faults.append(f"it ends with {plain[-20:]!r}")


def main() -> None:
    port, path, reads, pause = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    reader = Reader(port, path)
    while reader.reads < reads or not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(min(100, reads)):
            reader.read()
            if pause:
                time.sleep(pause)
    p99 = sorted(reader.seconds)[len(reader.seconds) * 99 // 100] * 1000
    told = {"reads": reader.reads, "etags": reader.etags, "faults": reader.faults[:10], "p99": p99}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
