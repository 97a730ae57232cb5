"""config.toml → a frozen `Config`. Every problem is reported at once, by dotted name."""

from publisher.config.load import RESERVED_SLUGS, load_config
from publisher.config.types import (
    WEEKDAYS,
    Config,
    Deletions,
    Delivery,
    Digest,
    Feeds,
    Inbox,
    Site,
    Smtp,
    SmtpSecurity,
    TransportKind,
    UnknownSections,
    is_loopback,
)

__all__ = [
    "RESERVED_SLUGS",
    "WEEKDAYS",
    "Config",
    "Deletions",
    "Delivery",
    "Digest",
    "Feeds",
    "Inbox",
    "Site",
    "Smtp",
    "SmtpSecurity",
    "TransportKind",
    "UnknownSections",
    "is_loopback",
    "load_config",
]
