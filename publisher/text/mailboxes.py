"""Mail addresses of subscribers."""

import re

from publisher.errors import RefusedError

# Most addresses are so plain that nothing about them can be wrong; loading the library costs 30 ms.
_PLAIN = re.compile(
    r"[A-Za-z0-9]{1,20}(?:[._-][A-Za-z0-9]{1,20}){0,2}@(?:[a-z0-9]{1,20}\.){1,3}(?:kz|com|org|net|ru)"
)


def parse_address(text: str) -> str:
    """Check an address and give its normal form.

    Raises:
        RefusedError: it is none, or one that most servers cannot take (a local part beyond ASCII).
    """
    if _PLAIN.fullmatch(text):
        return text
    from email_validator import EmailNotValidError, validate_email

    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise RefusedError(
            f"«{text.strip()}» is not an address ({reason})", "write name@example.kz"
        ) from error
    return checked.normalized


def address_key(address: str) -> str:
    """By which an address is known again, however it is written.

    Not `casefold`: that makes straße.example and strasse.example one, and they are two domains (RFC 5894).
    """
    return address.lower()


def mailbox_key(address: str) -> str:
    """By which a mailbox is known again: what stands behind a plus is its owner's own affair."""
    name, _, domain = address_key(address).rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def wire_address(address: str) -> str:
    """The address with its domain in ASCII (IDNA), which every server takes."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{wire_domain(domain)}"


def wire_domain(domain: str) -> str:
    """The ASCII form of a domain.

    Raises:
        ValueError: it has none.
    """
    if domain.isascii():
        return domain
    import idna

    return idna.encode(domain, uts46=True).decode()


def find_address(text: str) -> str:
    """The normal form of an address to look for; what is none is looked for as it stands."""
    try:
        return parse_address(text)
    except RefusedError:
        return text.strip()


def clean_name(text: str | None) -> str | None:
    """A subscriber's name on one line, without characters that could break a header; None when empty."""
    name = " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
    return name[:200] or None
