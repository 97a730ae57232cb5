"""Lists of readers, as files hold them."""

from dataclasses import dataclass
from datetime import datetime

from publisher.model.mail import SubscriptionState, SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One row of a list: somebody, and how they stand with a digest."""

    line: int
    """Where it begins in its file; 0 for one that comes from the store."""
    address: str
    """In its normal form."""
    name: str | None = None
    language: str | None = None
    """Of the letters they want."""
    digest: str | None = None
    """Its slug; None: the row does not say."""
    state: SubscriptionState | None = None
    """None: the row tells of no subscription, only that nothing may be sent there."""
    consented_at: datetime | None = None
    """When they said yes."""
    left_at: datetime | None = None
    """When they unsubscribed."""
    source: str | None = None
    """Where the consent comes from."""
    suppressed: SuppressionReason | None = None
    """Why nothing may be sent there."""
