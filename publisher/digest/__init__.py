"""The digest: compose (pure) says what an edition holds, render makes its mail."""

from publisher.digest.compose import Composition, Story, compose
from publisher.digest.render import UNSUBSCRIBE_TOKEN, render
from publisher.digest.slots import latest_slot, next_slot, slot_at

__all__ = [
    "UNSUBSCRIBE_TOKEN",
    "Composition",
    "Story",
    "compose",
    "latest_slot",
    "next_slot",
    "render",
    "slot_at",
]
