"""The digest: compose (pure) says what an edition holds, render makes its mail."""

from publisher.digest.compose import Composition, Story, compose
from publisher.digest.correction import Correction, render_correction
from publisher.digest.render import UNSUBSCRIBE_TOKEN, render
from publisher.digest.slots import latest_slot, next_slot, slot_at

__all__ = [
    "UNSUBSCRIBE_TOKEN",
    "Composition",
    "Correction",
    "Story",
    "compose",
    "latest_slot",
    "next_slot",
    "render",
    "render_correction",
    "slot_at",
]
