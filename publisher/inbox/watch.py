"""The drop folder, watched: something happened there, or a moment has passed in which nothing did."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

TICK_SECONDS = 0.2
"""How often a quiet folder is reported."""
_STEP_MS = 20
"""Changes that follow one another this closely are one: a copied folder is not a thousand runs."""
_DEBOUNCE_MS = 200
"""But no change waits longer than this for the others."""


def watch_folder(folder: Path, stop: Event) -> Iterator[bool]:
    """True whenever something below the folder changed, False after each quiet tick; ends with `stop`."""
    from watchfiles import watch

    changes = watch(
        folder,
        watch_filter=None,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        rust_timeout=int(TICK_SECONDS * 1000),
        yield_on_timeout=True,
        raise_interrupt=False,
        ignore_permission_denied=True,
    )
    return (bool(change) for change in changes)
