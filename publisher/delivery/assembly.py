"""Messages at wire speed: a letter is encoded once, and each reader's token put in where it goes.

letter ─▶ base64 once ─┬─ bytes that all messages share
                       └─ gaps: the lines that hold the token, encoded anew for each reader
"""

import hashlib
import re
from base64 import b64encode
from binascii import b2a_base64
from collections.abc import Sequence

from publisher.delivery.dkim import Seal, Signer, canonical_field, check_canonical
from publisher.delivery.headers import LINE
from publisher.delivery.message import (
    Field,
    Mailing,
    compose_message,
    own_fields,
    shared_fields,
)
from publisher.delivery.tokens import token_signer
from publisher.model import Claim

_ROW = LINE // 4 * 3
"""Bytes that make a line of base64."""
_LINE = LINE + len(b"\r\n")
_END = b"\r\n\r\n"
"""Of a header."""
_FIELD_END = re.compile(rb"\r\n(?! )")


class Assembly:
    """Makes the messages of one mailing.

    Below the signatures, each is equal, byte for byte, to what `build_message` makes.

    Raises:
        ValueError: no message can be made of this letter.
    """

    def __init__(self, mailing: Mailing, signers: Sequence[Signer] = ()) -> None:
        self._mailing = mailing
        self._token = token_signer(mailing.key, mailing.token_salt)
        self._placeholder = mailing.token_placeholder.encode("ascii")
        message = compose_message(mailing, shared_fields(mailing), mailing.token_placeholder)
        headers, _, body = message.partition(_END)
        check_canonical(body)
        self._headers = headers + _END
        (self._first, *self._between), self._gaps = self._cut(body)
        self._hash = hashlib.sha256(self._first)
        fields = [field.decode().split(": ", 1) for field in _FIELD_END.split(headers)]
        self._canonical = b"".join([canonical_field(name, value) for name, value in fields])
        names = [*(name for name, _ in fields), *mailing.own_fields]
        self._seals = [Seal(signer, names, signed_at=mailing.frozen_at) for signer in signers]

    def build(self, recipient: Claim) -> bytes:
        """The message in wire form, signed.

        Raises:
            ValueError: the reader's name or address cannot stand in a header.
        """
        token = self._token(recipient.subscriber_id)
        fill = token.encode("ascii")
        if len(fill) != len(self._placeholder):
            raise ValueError(f"the token of subscriber {recipient.subscriber_id} has another length")
        fields = own_fields(self._mailing, recipient, token)
        rest = []
        for gap, piece in zip(self._gaps, self._between, strict=True):
            rest += [_encode(fill.join(gap)), piece]
        own = "".join([f"{name}: {value}\r\n" for name, value in fields]).encode()
        return b"".join([*self._sign(fields, rest), own, self._headers, self._first, *rest])

    def _sign(self, fields: Sequence[Field], rest: Sequence[bytes]) -> list[bytes]:
        if not self._seals:
            return []
        body = self._hash.copy()
        for piece in rest:
            body.update(piece)
        body_hash = b64encode(body.digest())
        canonical = self._canonical + b"".join([canonical_field(name, value) for name, value in fields])
        return [seal.sign(canonical, body_hash) for seal in self._seals]

    def _cut(self, body: bytes) -> tuple[list[bytes], list[list[bytes]]]:
        """What stands before, between and after the gaps; and of each gap the bytes around the token."""
        pieces, gaps = [], []
        start = end = 0
        for text in (self._mailing.letter.text, self._mailing.letter.html):
            data = _lines(text)
            encoded = _encode(data)
            begin = body.index(_END, end) + len(_END)
            end = begin + len(encoded)
            if body[begin:end] != encoded:
                raise ValueError("a part is encoded in an unexpected way")
            for first, last in _touched(data, self._placeholder):
                pieces.append(body[start : begin + first * _LINE])
                gaps.append(data[first * _ROW : last * _ROW].split(self._placeholder))
                start = min(begin + last * _LINE, end)
        return [*pieces, body[start:]], gaps


def _lines(text: str) -> bytes:
    """A part before it is encoded: every line ends with CRLF (RFC 2046, 4.1.1), the last one too."""
    return b"\r\n".join([*text.encode().splitlines(), b""]) or b"\r\n"


def _encode(data: bytes) -> bytes:
    rows = range(0, len(data), _ROW)
    return b"".join([b2a_base64(data[row : row + _ROW], newline=False) + b"\r\n" for row in rows])


def _touched(data: bytes, placeholder: bytes) -> list[tuple[int, int]]:
    """The ranges of rows that hold the placeholder, or a part of it."""
    ranges: list[tuple[int, int]] = []
    start = data.find(placeholder)
    while start >= 0:
        end = start + len(placeholder)
        first, last = start // _ROW, -(-end // _ROW)
        if ranges and first <= ranges[-1][1]:
            first, _ = ranges.pop()
        ranges.append((first, last))
        start = data.find(placeholder, end)
    return ranges
