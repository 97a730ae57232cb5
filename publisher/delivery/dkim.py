"""DKIM signatures (RFC 6376; Ed25519: RFC 8463), relaxed/relaxed."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from publisher.config import DkimKey
from publisher.errors import ConfigError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

_SIGNED = (
    ("from", "from", "subject", "subject", "to", "date", "message-id", "reply-to"),
    ("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-archive", "list-help"),
    ("auto-submitted", "mime-version", "content-type", "content-language"),
)
"""By line. From and Subject once more than they are there: a second one would break the signature (8.15)."""
_NAMES = tuple(name.encode("ascii") for line in _SIGNED for name in line)
_SPACE = re.compile(rb"[ \t\r\n]+")
_FOLD = 70
_LEAST_RSA_BITS = 1024
"""RFC 8301, 3.2."""
_RSA_BITS = 2048


def canonical_header(line: bytes) -> bytes:
    """A header in relaxed form (3.4.2), with its line end."""
    name, _, value = line.partition(b":")
    return name.strip().lower() + b":" + _SPACE.sub(b" ", value).strip() + b"\r\n"


class Signer:
    """Signs with one key."""

    def __init__(self, key: "RSAPrivateKey | Ed25519PrivateKey", *, domain: str, selector: str) -> None:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        self._key = key
        self._rsa = rsa.RSAPrivateKey
        self._padding, self._hash = padding.PKCS1v15(), hashes.SHA256()
        algorithm = "rsa-sha256" if isinstance(key, self._rsa) else "ed25519-sha256"
        self._tags = f"v=1; a={algorithm}; c=relaxed/relaxed; d={domain}; s={selector};"

    def sign(self, headers: Mapping[bytes, bytes], body_hash: bytes, at: datetime) -> bytes:
        """The DKIM-Signature header of a message, with its line end.

        `headers` has the message's headers in canonical form, by name in lower case; `body_hash` is the
        SHA-256 of its canonical body.
        """
        lines = [
            self._tags,
            f"t={int(at.timestamp())};",
            "h=" + ":\n".join(map(":".join, _SIGNED)) + ";",
            f"bh={b64encode(body_hash).decode()};",
            "b=",
        ]
        value = "\n".join(lines).encode("ascii")
        left = dict(headers)
        signed = [left.pop(name, b"") for name in _NAMES]
        # In relaxed form, a folded line is a space (3.4.2), and what b= holds is left out (3.7).
        data = b"".join([*signed, b"dkim-signature:", value.replace(b"\n", b" ")])
        signature = b64encode(self._sign(data))
        folded = [signature[at : at + _FOLD] for at in range(0, len(signature), _FOLD)]
        return b"DKIM-Signature: " + b"\r\n ".join([*value.split(b"\n"), *folded]) + b"\r\n"

    def _sign(self, data: bytes) -> bytes:
        if isinstance(self._key, self._rsa):
            return self._key.sign(data, self._padding, self._hash)
        return self._key.sign(hashlib.sha256(data).digest())  # RFC 8463, 3


def load_signer(key: DkimKey) -> Signer:
    """The signer with the key that lies there.

    Raises:
        ConfigError: there is none, or none that can be used.
    """
    try:
        return Signer(_load(key.path.read_bytes()), domain=key.domain, selector=key.selector)
    except OSError as error:
        cause, hint = f"cannot be read ({error.strerror})", "publisher config dkim makes a key"
    except (ValueError, TypeError) as error:  # TypeError: it wants a password
        cause, hint = (
            f"is no DKIM key ({error})",
            "it takes a PEM: RSA or Ed25519, without a password",
        )
    raise ConfigError.of(key.path, cause, hint)


def make_key(*, ed25519: bool) -> tuple[bytes, str]:
    """A new private key as PEM, and the value of the TXT record that tells its public half (3.6.1)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    key = Ed25519PrivateKey.generate() if ed25519 else generate_private_key(65537, _RSA_BITS)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    encoding, format_ = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if ed25519:  # RFC 8463, 4: the bare 32 bytes
        encoding, format_ = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    public = b64encode(key.public_key().public_bytes(encoding, format_)).decode()
    return pem, f"v=DKIM1; k={'ed25519' if ed25519 else 'rsa'}; p={public}"


def record_name(domain: str, selector: str) -> str:
    """Where the TXT record stands (3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def _load(pem: bytes) -> "RSAPrivateKey | Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key(pem, password=None)
    if isinstance(key, RSAPrivateKey):
        if key.key_size < _LEAST_RSA_BITS:
            raise ValueError(f"RSA of {key.key_size} bits; RFC 8301 asks for {_LEAST_RSA_BITS}")
        return key
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise ValueError("neither RSA nor Ed25519")
