"""config.toml → a frozen `Config`. Every problem is reported at once, by dotted name."""

from publisher.config.delivery import SELECTOR
from publisher.config.load import RESERVED_SLUGS, load_config
from publisher.config.types import (
    LANGUAGES,
    WEEKDAYS,
    Config,
    Deletions,
    Delivery,
    Digest,
    DkimKey,
    Feeds,
    Inbox,
    Limits,
    Order,
    Site,
    Smtp,
    SmtpSecurity,
    TransportKind,
    UnknownSections,
    WhenEmpty,
    is_loopback,
)

__all__ = [
    "LANGUAGES",
    "RESERVED_SLUGS",
    "SELECTOR",
    "WEEKDAYS",
    "Config",
    "Deletions",
    "Delivery",
    "Digest",
    "DkimKey",
    "Feeds",
    "Inbox",
    "Limits",
    "Order",
    "Site",
    "Smtp",
    "SmtpSecurity",
    "TransportKind",
    "UnknownSections",
    "WhenEmpty",
    "is_loopback",
    "load_config",
]
