"""DKIM-Signature (RFC 6376), relaxed/relaxed, with RSA (rsa-sha256) or Ed25519 (RFC 8463).

Keys and their DNS records: `dkim_keys`.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.delivery.headers import LINE, fold

_FIELD = "DKIM-Signature"
_BLANK = re.compile(r"[ \t\r\n]+")
_NOT_CANONICAL = re.compile(rb" \r\n|  |\t|(?<!\r)\n|\r(?!\n)|(?:\A|\r\n)\r\n\Z|(?<!\n)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key, and where its public half stands in the DNS."""

    algorithm: str
    """As in `a=`: rsa-sha256 or ed25519-sha256."""
    domain: str
    selector: str
    sign: Callable[[bytes], bytes]
    """Of the canonical header fields; it hashes them itself."""


class Seal:
    """What one key puts in front of the messages of one letter, which have these header fields.

    Every field is signed, and named once more than it is there (RFC 6376, 8.15): nobody can add a second
    From, Subject or List-Unsubscribe that a reader's program might heed instead. The body is signed whole
    (no `l=`).
    """

    def __init__(self, signer: Signer, names: Sequence[str], *, signed_at: datetime) -> None:
        tags = (
            *("v=1;", f"a={signer.algorithm};", "c=relaxed/relaxed;"),
            *(f"d={signer.domain};", f"s={signer.selector};", f"t={int(signed_at.timestamp())};"),
            *_fold_names([name.lower() for name in names] * 2),
        )
        opening = f"{fold(_FIELD, tags)}\r\n bh="
        self._sign = signer.sign
        self._opening = f"{_FIELD}: {opening}".encode("ascii")
        self._canonical = canonical_field(_FIELD, opening).removesuffix(b"\r\n")

    def sign(self, fields: bytes, body_hash: bytes) -> bytes:
        """The signature's own field, given the canonical fields in the order of the names, and the hash."""
        # Its own field is signed too, with an empty b= and without its line break (RFC 6376, 3.7).
        signature = b64encode(self._sign(fields + self._canonical + body_hash + b"; b="))
        first = LINE - len(" b=")
        rows = [signature[:first], *_rows(signature[first:], LINE - 1)]
        return self._opening + body_hash + b";\r\n b=" + b"\r\n ".join(rows) + b"\r\n"


def canonical_field(name: str, value: str) -> bytes:
    """A header field as "relaxed" has it (RFC 6376, 3.4.2)."""
    return f"{name.lower()}:{_BLANK.sub(' ', value).strip(' ')}\r\n".encode()


def check_canonical(body: bytes) -> None:
    """Whether a body is as "relaxed" would make it (RFC 6376, 3.4.4), so that it can be hashed as it is.

    Raises:
        ValueError: it is not.
    """
    if _NOT_CANONICAL.search(body):
        raise ValueError("the body holds spaces or line ends that DKIM would change")


def _fold_names(names: Sequence[str]) -> list[str]:
    """The tag h=, in pieces between which a line may be broken: at a colon."""
    pieces = [f"h={names[0]}"]
    for name in names[1:]:
        pieces[-1] += ":"
        if len(pieces[-1]) + len(name) + len(" :") <= LINE:
            pieces[-1] += name
        else:
            pieces.append(name)
    pieces[-1] += ";"
    return pieces


def _rows(data: bytes, length: int) -> list[bytes]:
    return [data[start : start + length] for start in range(0, len(data), length)]
