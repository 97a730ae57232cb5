"""inbox → store → feeds and pages."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from publisher.config import Config
from publisher.errors import Stop, never
from publisher.files import locked
from publisher.inbox.scan import Track, scan
from publisher.pipeline.idle import recall
from publisher.pipeline.report import PublishReport
from publisher.store.glance import store_signature

Clock = Callable[[], datetime]


def publish(
    config: Config,
    *,
    clock: Clock,
    dry_run: bool = False,
    rebuild: bool = False,
    backfill: bool = False,
    track: Track = iter,
    stop: Stop = never,
) -> PublishReport:
    """Take in what the inbox holds and bring feeds and pages up to date. A dry run changes nothing on disk.

    With `backfill`, no digest will tell the stories that come in by this run.

    Raises:
        ConfigError: the inbox is not there; nothing was changed.
        OutputError: the output folder cannot be written.
        StoreError: the store cannot be opened.
        StoppedError: `stop` said so.
    """
    store_before = store_signature(config.store_url)
    found = scan(config.inbox.path)  # before anything is made: a wrong inbox must change nothing
    if not rebuild and (report := recall(config, found, now=clock(), dry_run=dry_run)):
        return report
    # Most runs end above; what follows costs 0.2 s of imports.
    from publisher.pipeline.full_run import run as run_fully
    from publisher.store.engine import open_scratch, open_store

    run = partial(run_fully, rebuild=rebuild, backfill=backfill, track=track, stop=stop)
    if dry_run:
        with open_scratch(config.store_url) as engine:
            return run(config, engine, found, now=clock(), dry_run=True)
    with locked(config.feeds.output):
        if store_signature(config.store_url) != store_before:
            # Another run has begun and ended since: it may know files that we did not see.
            found = scan(config.inbox.path)
        with open_store(config.store_url) as engine:
            return run(config, engine, found, now=clock(), dry_run=False)
