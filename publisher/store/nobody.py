"""What stands in the place of a person whose data were erased: the books must close without them."""

from sqlalchemy import ColumnElement

from publisher.store.schema import subscribers

_DOMAIN = "@erased.invalid"
"""RFC 2606, 2: no mail can go there, and nobody can subscribe with it."""


def nobody(subscriber_id: int) -> str:
    """An address that names nobody; each has its own, for two subscribers cannot share one."""
    return f"erased-{subscriber_id}{_DOMAIN}"


def is_nobody(address: str) -> bool:
    return address.endswith(_DOMAIN)


def names_nobody() -> ColumnElement[bool]:
    """The subscriber's data were erased."""
    return subscribers.c.address_key.endswith(_DOMAIN, autoescape=True)
