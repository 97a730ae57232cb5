"""`publisher serve`: the only importer of granian."""

import multiprocessing
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from publisher.config import Config
from publisher.web.app import build_app
from publisher.web.site import Clock

_HEADER_SECONDS = 10
"""For a request's header to come; a connection that needs longer is cut."""
_STOP_SECONDS = 10


def serve(config: Config, *, clock: Clock) -> None:
    """Answer until SIGINT or SIGTERM; a worker process that dies is started again."""
    # Threads of ours may run already: a forked worker would inherit their locks.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "publisher.web.app",
        address=config.web.host,
        port=config.web.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        runtime_mode=RuntimeModes.st,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    server.serve(target_loader=partial(_load, config, clock), wrap_loader=False)


def _load(config: Config, clock: Clock) -> Any:
    return build_app(config, clock=clock)
