"""A letter's messages at the speed of the wire: what all of them share is made once.

The reference (`message.py`) makes one message with marks where messages differ; it is cut there, and each
message is joined from the pieces. The parts are base64: the token is spliced in by encoding anew the lines it
stands on.
"""

import hashlib
import re
from binascii import b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.delivery.dkim import Signer, canonical_header
from publisher.delivery.message import (
    Mailing,
    compose_message,
    fold_header,
    mint_message_id,
    recipient_address,
    sign_unsubscribe_token,
)
from publisher.model import Claim

_LINE = 57
"""Bytes that make a line of 76 characters."""
_WIDTH = 76
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_NOT_RELAXED = re.compile(rb"[ \t](?:[ \t]|\r\n)")
"""RFC 6376, 3.4.4: what relaxed canonicalisation would change."""


@dataclass(frozen=True, slots=True)
class _Window:
    """Whole lines of a part, before base64, that hold a token."""

    payload: bytes


class Assembly:
    """Makes the messages of one letter. The same mailing, signers and claim give the same bytes."""

    def __init__(self, mailing: Mailing, signers: Sequence[Signer] = ()) -> None:
        """Make what all messages share.

        Raises:
            ValueError: no message can be made of the letter.
        """
        self._mailing = mailing
        self._signers = signers
        self._mark = mailing.token_placeholder.encode("ascii")
        self._domain = mailing.domain
        specimen = Claim(
            edition_id=0,
            subscriber_id=0,
            address="mark@example.com",
            name=None,
            language=mailing.letter.language,
            lease="",
            attempts=0,
        )
        whole = compose_message(
            mailing,
            to=recipient_address(specimen),
            message_id=mint_message_id(mailing, 0),
            token=mailing.token_placeholder,
        )
        head, _, body = whole.partition(b"\r\n\r\n")
        if _NOT_RELAXED.search(body) or not body.endswith(b"--\r\n"):
            raise ValueError("the body is not in DKIM's relaxed form")
        self._headers = _split_headers(head + b"\r\n")
        self._canonical = {name: canonical_header(line) for name, line in self._headers}
        self._unsubscribe = dict(self._headers)[b"list-unsubscribe"]
        self._start, self._pieces = self._cut(body)
        self._start_hash = hashlib.sha256(self._start)

    def build(self, recipient: Claim) -> bytes:
        """The message to one recipient.

        Raises:
            ValueError: it would break a header.
        """
        mailing = self._mailing
        token = sign_unsubscribe_token(mailing.key, mailing.digest, recipient.subscriber_id).encode("ascii")
        if len(token) != len(self._mark):
            raise ValueError("a token of another length")
        own = {
            b"to": _to_header(recipient),
            b"message-id": f"Message-ID: {mint_message_id(mailing, recipient.subscriber_id)}\r\n".encode(),
            b"list-unsubscribe": self._unsubscribe.replace(self._mark, token),
        }
        rest = b"".join(
            [piece if isinstance(piece, bytes) else self._splice(piece, token) for piece in self._pieces]
        )
        headers = [own.get(name, line) for name, line in self._headers]
        signatures = [b""]
        if self._signers:
            body_hash = self._start_hash.copy()
            body_hash.update(rest)
            canonical = self._canonical | {name: canonical_header(line) for name, line in own.items()}
            signatures = [
                signer.sign(canonical, body_hash.digest(), mailing.frozen_at) for signer in self._signers
            ]
        return b"".join([*signatures, *headers, b"\r\n", self._start, rest])

    def _splice(self, window: _Window, token: bytes) -> bytes:
        return _encode(window.payload.replace(self._mark, token))

    def _cut(self, body: bytes) -> tuple[bytes, list[bytes | _Window]]:
        """The body up to the first token, and what follows, in pieces."""
        letter = self._mailing.letter
        pieces: list[bytes | _Window] = []
        for text in (letter.text, letter.html):
            payload = b"".join(line + b"\r\n" for line in text.encode().splitlines())
            encoded = _encode(payload)
            at = body.find(encoded)
            if at < 0:
                raise ValueError("the reference has another body")
            before, body = body[:at], body[at + len(encoded) :]
            pieces += [before, *_cut_part(payload, self._mark)]
        pieces.append(body)
        start = pieces.pop(0)
        while pieces and isinstance(pieces[0], bytes):
            start += pieces.pop(0)  # type: ignore[operator]  # looked at just now
        return start, pieces  # type: ignore[return-value]  # the first one is never a window


def _cut_part(payload: bytes, mark: bytes) -> list[bytes | _Window]:
    """A part as encoded pieces and windows."""
    touched: set[int] = set()
    at = payload.find(mark)
    while at >= 0:
        touched.update(range(at // _LINE, (at + len(mark) - 1) // _LINE + 1))
        at = payload.find(mark, at + len(mark))
    pieces: list[bytes | _Window] = []
    lines = -(-len(payload) // _LINE)
    begin = 0
    for number in range(1, lines + 1):
        if number < lines and (number in touched) == (begin in touched):
            continue
        piece = payload[begin * _LINE : number * _LINE]
        pieces.append(_Window(piece) if begin in touched else _encode(piece))
        begin = number
    return pieces


def _encode(payload: bytes) -> bytes:
    lines = [payload[at : at + _LINE] for at in range(0, len(payload), _LINE)]
    return b"".join([b2a_base64(line, newline=False) + b"\r\n" for line in lines])


def _split_headers(head: bytes) -> list[tuple[bytes, bytes]]:
    """Names in lower case, with their lines as they stand."""
    lines = re.split(rb"(?<=\r\n)(?![ \t])", head)
    return [(line.partition(b":")[0].lower(), line) for line in lines if line]


def _to_header(recipient: Claim) -> bytes:
    """To, as the reference folds it. Most are so plain that the line can be written at once."""
    name, address = recipient.name or "", recipient.address
    if _PLAIN_ADDRESS.fullmatch(address):
        if not name:
            line = f"To: {address}"
        elif _PLAIN_NAME.fullmatch(name):
            line = f"To: {name} <{address}>"
        else:
            line = ""
        if line and len(line) <= _WIDTH:
            return line.encode("ascii") + b"\r\n"
    return fold_header("To", recipient_address(recipient))
