"""`publisher serve`."""

import typer

from publisher.cli.context import config_of, now


def serve(context: typer.Context) -> None:
    """Serve feeds, pages and the readers' subscriptions over HTTP, until stopped (Ctrl-C or SIGTERM).

    Put a proxy that speaks TLS before it, and name its address in web.trusted_proxies.

    Example: publisher --config /srv/news/config.toml serve
    """
    from publisher.web.server import serve as serve_site

    serve_site(config_of(context), clock=now)
