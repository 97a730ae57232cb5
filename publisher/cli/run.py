"""`publisher run`."""

from typing import Annotated

import typer

from publisher.cli.context import config_of, now, stop_on_signals


def run(
    context: typer.Context,
    *,
    serve: Annotated[bool, typer.Option("--serve", help="Do what publisher serve does, too.")] = False,
) -> None:
    """Keep publishing, and send each digest at its time, until stopped (Ctrl-C or SIGTERM).

    Log lines go to standard error. Two of these may share one store: nothing is sent twice.

    Example: publisher --config /srv/news/config.toml run --serve
    """
    from publisher.schedule import alarm_clock, run_scheduler

    config, stop = config_of(context), stop_on_signals()
    if not serve:
        run_scheduler(config, clock=now, stop=stop)
        return
    from publisher.web.server import serve as serve_site

    with alarm_clock(config, clock=now, stop=stop):
        serve_site(config, clock=now)
