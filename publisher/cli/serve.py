"""`publisher serve`."""

import typer

from publisher.cli.context import config_of, now


def serve(context: typer.Context) -> None:
    """Serve feeds, pages and the readers' subscriptions over HTTP, until stopped (Ctrl-C or SIGTERM).

    Put a proxy that speaks TLS before it, and name its address in web.trusted_proxies.

    Example: publisher --config /srv/news/config.toml serve
    """
    import threading

    from publisher.schedule import alarm_clock
    from publisher.web.server import serve as serve_site

    config = config_of(context)
    with alarm_clock(config, clock=now, stop=threading.Event(), answers_only=True):
        serve_site(config, clock=now)
