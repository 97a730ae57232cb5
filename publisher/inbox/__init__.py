"""The drop folder: article files → readers → store.

    scan ─ files that changed ─▶ read ─▶ decide ─▶ store, one transaction a batch
                                  └─ refused ─▶ quarantine: a copy and its reason

Sources are only ever read. One bad file stops nothing but itself.
"""

from publisher.inbox.desk import Ingested, Outcome, withdraw
from publisher.inbox.image import kept_image
from publisher.inbox.intake import IngestReport, Track, ingest
from publisher.inbox.scan import Scan, require_inbox, scan

__all__ = [
    "IngestReport",
    "Ingested",
    "Outcome",
    "Scan",
    "Track",
    "ingest",
    "kept_image",
    "require_inbox",
    "scan",
    "withdraw",
]
