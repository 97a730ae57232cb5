"""Which digests there are, and what waits for them."""

from datetime import datetime

from sqlalchemy import Connection

from publisher.config import Config, Digest
from publisher.errors import UsageError
from publisher.store import waiting


def count_waiting(config: Config, connection: Connection, *, now: datetime) -> dict[str, int]:
    """Stories that wait for the next edition of each digest."""
    return {digest.slug: waiting.count_waiting(connection, digest, now=now) for digest in config.digests}


def find_digest(config: Config, slug: str | None) -> Digest:
    """The digest of that name, or the only one.

    Raises:
        UsageError: there is none of that name, or no name and several digests.
    """
    names = ", ".join(digest.slug for digest in config.digests) or "none; add [[digests]] to config.toml"
    if slug is None and len(config.digests) == 1:
        return config.digests[0]
    for digest in config.digests:
        if digest.slug == slug:
            return digest
    several = "several digests are configured" if config.digests else "no digest is configured"
    cause = "is not a digest" if slug else several
    raise UsageError.of(slug or "digest", cause, f"digests here: {names}")
