"""[web]: what `publisher serve` answers, and to whom."""

from ipaddress import IPv4Network, IPv6Network, ip_network

from publisher.config.table import Table
from publisher.config.types import Web


def read_web(table: Table) -> Web:
    web = Web(
        host=table.text("host", "127.0.0.1"),
        port=table.number("port", 8000, low=1, high=65_535),
        hosts=frozenset(name.lower() for name in table.texts("hosts", [])),
        trusted_proxies=_networks(table, "trusted_proxies", ["127.0.0.1", "::1"]),
        metrics_from=_networks(table, "metrics_from", ["127.0.0.1", "::1"]),
        max_age=table.number("max_age", 300, low=0, high=86_400),
        signups_per_hour=table.number("signups_per_hour", 20, low=1, high=1_000_000),
        signups_in_all=table.number("signups_in_all", 2000, low=1, high=100_000_000),
    )
    table.close()
    return web


def _networks(table: Table, key: str, default: list[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    networks = []
    for text in table.texts(key, default):
        try:
            networks.append(ip_network(text))
        except ValueError:
            table.complain(key, f"{text!r} is no network", 'write addresses or networks: ["10.0.0.0/8"]')
    return tuple(networks)
