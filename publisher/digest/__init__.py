"""The digest: compose (pure) says what an edition holds, render makes its mail, lint looks it through."""

from publisher.digest.compose import Composition, Story, compose
from publisher.digest.correction import Correction, render_correction
from publisher.digest.lint import Facts, facts_of, is_too_large, lint, site_paths
from publisher.digest.notice import render_notice
from publisher.digest.render import UNSUBSCRIBE_TOKEN, render
from publisher.digest.slots import latest_slot, next_slot, slot_at

__all__ = [
    "UNSUBSCRIBE_TOKEN",
    "Composition",
    "Correction",
    "Facts",
    "Story",
    "compose",
    "facts_of",
    "is_too_large",
    "latest_slot",
    "lint",
    "next_slot",
    "render",
    "render_correction",
    "render_notice",
    "site_paths",
    "slot_at",
]
