"""Replies of a mail server (RFC 5321, 4.2), out of bytes that come in pieces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?", re.DOTALL)
_MAX_LINE = 4096
"""RFC 5321 says 512 (4.5.3.1.5); some servers say more."""
_MAX_LINES = 128
_MAX_TEXT = 500


class NonsenseError(Exception):
    """What the server says is no reply."""


@dataclass(frozen=True, slots=True)
class Reply:
    code: int
    lines: tuple[str, ...]
    """Without the code. Printable."""

    def __str__(self) -> str:
        return " ".join([str(self.code), *filter(None, self.lines)])[:_MAX_TEXT]

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300


class ReplyReader:
    """Takes bytes, gives whole replies."""

    def __init__(self) -> None:
        self._buffer = b""
        self._lines: list[str] = []

    def feed(self, data: bytes) -> Iterator[Reply]:
        """The replies that are whole now, one by one: those before the nonsense count.

        Raises:
            NonsenseError: it is no reply, or one without end.
        """
        self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if reply := self._take(line.removesuffix(b"\r")):
                yield reply
        if len(self._buffer) > _MAX_LINE:
            raise NonsenseError("a line without end")

    def drop(self) -> None:
        """Forget what came before TLS: somebody else may have put it there (RFC 3207, 6)."""
        self._buffer = b""
        self._lines = []

    def _take(self, line: bytes) -> Reply | None:
        match = _LINE.fullmatch(line)
        if match is None or len(line) > _MAX_LINE or len(self._lines) >= _MAX_LINES:
            raise NonsenseError(f"no sense in the reply: {_printable(line[:100])}")
        self._lines.append(_printable(match[3] or b""))
        if match[2] == b"-":
            return None
        lines, self._lines = self._lines, []
        return Reply(int(match[1]), tuple(lines))


def _printable(data: bytes) -> str:
    text = data.decode("utf-8", "replace").strip()
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
