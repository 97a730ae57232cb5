"""The line, put together. Nothing else composes the stages.

publish:      inbox ─▶ store ─▶ feeds ─▶ lint ─▶ files
                             └▶ pages ─────────▶ files
send_digest:  store ─▶ compose ─▶ render ─▶ freeze ─▶ deliver ─▶ transport
"""

from publisher.delivery import Report
from publisher.pipeline.mailing import (
    Preview,
    count_waiting,
    deliver_edition,
    deliver_open,
    due_slots,
    find_digest,
    freeze_edition,
    preview_digest,
)
from publisher.pipeline.publishing import PublishReport, SectionReport, publish

__all__ = [
    "Preview",
    "PublishReport",
    "Report",
    "SectionReport",
    "count_waiting",
    "deliver_edition",
    "deliver_open",
    "due_slots",
    "find_digest",
    "freeze_edition",
    "preview_digest",
    "publish",
]
