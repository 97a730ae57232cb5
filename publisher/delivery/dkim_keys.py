"""Keys for DKIM: making them, reading them, and their record in the DNS (RFC 6376, 3.6.1; RFC 8463)."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from publisher.config import DkimKey
from publisher.delivery.dkim import Signer
from publisher.errors import ConfigError, Problem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    PrivateKey = RSAPrivateKey | Ed25519PrivateKey

_BITS = 2048
_FEWEST, _MOST = 1024, 4096
"""Bits of an RSA key that receivers verify (RFC 8301, 3.2)."""
_TEXT = 255
"""Bytes in a character-string of a TXT record (RFC 1035, 3.3)."""
_MAKE = "make one with publisher config dkim SELECTOR"


class _BadKeyError(Exception):
    """A key that cannot be used; its arguments are cause and hint."""


def load_signers(keys: Sequence[DkimKey]) -> tuple[Signer, ...]:
    """The keys of the config, ready to sign.

    Raises:
        ConfigError: some cannot be used; it names all of them.
    """
    signers: list[Signer] = []
    problems: list[Problem] = []
    for index, key in enumerate(keys):
        try:
            signers.append(_load(key))
        except _BadKeyError as error:
            cause, hint = error.args
            where = f"delivery.dkim[{index}].key"
            problems.append(Problem(where=where, cause=f"{key.path} {cause}", hint=hint))
    if problems:
        raise ConfigError(problems)
    return tuple(signers)


def make_key(*, ed25519: bool) -> bytes:
    """A new private key, as PEM (PKCS #8, not encrypted)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    key = Ed25519PrivateKey.generate() if ed25519 else generate_private_key(65537, _BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def dns_value(pem: bytes) -> str:
    """What the TXT record of a private key's public half says."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    key = _parse(pem)
    if isinstance(key, RSAPrivateKey):
        form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return f"v=DKIM1; k=rsa; p={b64encode(key.public_key().public_bytes(*form)).decode()}"
    return f"v=DKIM1; k=ed25519; p={b64encode(key.public_key().public_bytes_raw()).decode()}"


def dns_strings(value: str) -> list[str]:
    """A TXT record's value, cut into pieces that its format can hold; receivers join them again."""
    return [value[start : start + _TEXT] for start in range(0, len(value), _TEXT)]


def _load(key: DkimKey) -> Signer:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    try:
        pem = key.path.read_bytes()
    except OSError as error:
        raise _BadKeyError(f"cannot be read ({error.strerror})", f"check the path, or {_MAKE}") from error
    private = _parse(pem)
    rsa = isinstance(private, RSAPrivateKey)
    return Signer(
        algorithm="rsa-sha256" if rsa else "ed25519-sha256",
        domain=key.domain,
        selector=key.selector,
        sign=_rsa(private) if isinstance(private, RSAPrivateKey) else _ed25519(private),
    )


def _parse(pem: bytes) -> "PrivateKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:  # how the library says that it needs a password
        hint = "write it without one: openssl pkey -in FILE -out NEW"
        raise _BadKeyError("is encrypted with a password", hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _BadKeyError("is no private key in PEM", _MAKE) from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    if not isinstance(key, RSAPrivateKey):
        raise _BadKeyError("is neither an RSA nor an Ed25519 key", _MAKE)
    if not _FEWEST <= key.key_size <= _MOST:
        raise _BadKeyError(f"has {key.key_size} bits: receivers take {_FEWEST} to {_MOST}", _MAKE)
    return key


def _rsa(key: "RSAPrivateKey") -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    padding, algorithm = PKCS1v15(), SHA256()
    return lambda data: key.sign(data, padding, algorithm)


def _ed25519(key: "Ed25519PrivateKey") -> Callable[[bytes], bytes]:
    return lambda data: key.sign(hashlib.sha256(data).digest())  # RFC 8463, 3: the hash is what is signed
