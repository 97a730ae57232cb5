"""`publisher run`."""

import typer

from publisher.cli.context import config_of, now, stop_on_signals


def run(context: typer.Context) -> None:
    """Keep publishing, and send each digest at its time, until stopped (Ctrl-C or SIGTERM).

    Log lines go to standard error. Two of these may share one store: nothing is sent twice.

    Example: publisher --config /srv/news/config.toml run
    """
    from publisher.schedule import run_scheduler

    run_scheduler(config_of(context), clock=now, stop=stop_on_signals())
