"""Who asks: the client's address behind proxies that are known, and the network it belongs to."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
_NOBODY = ip_address("0.0.0.0")  # noqa: S104 — nothing listens there: it stands for a client without address
_PREFIX = {4: 24, 6: 56}
"""What one household or office has, more or less."""


def client_address(
    peer: str | None, forwarded_for: Iterable[str], trusted: Sequence[Network]
) -> IPv4Address | IPv6Address:
    """The nearest address that no proxy of ours has.

    `peer` is who is connected; `forwarded_for` are the X-Forwarded-For fields in their order. Each proxy adds
    the address it saw at the end; what stands before the first that is not ours, anybody may have written.
    """
    hops = [part.strip() for field in forwarded_for for part in field.split(",")]
    found = _read(peer or "") or _NOBODY
    while hops and any(found in network for network in trusted):
        found = _read(hops.pop()) or _NOBODY  # whoever cannot be named is no friend
    return found


def network_of(address: IPv4Address | IPv6Address) -> Network:
    return ip_network(f"{address}/{_PREFIX[address.version]}", strict=False)


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address as proxies write it: with a port, or in brackets, or neither."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
