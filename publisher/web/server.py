"""`publisher serve`: the only importer of granian."""

import multiprocessing
import resource
import socket
from functools import partial
from typing import Any

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from publisher.config import Config
from publisher.errors import NetworkError
from publisher.web.app import build_app
from publisher.web.site import Clock

_HEADER_SECONDS = 10
"""For a request's header to come; a connection that needs longer is cut."""
_UNREAD_SECONDS = 30
"""For a reader to take in some of the answer; who does not is cut."""
_STOP_SECONDS = 10
_CONNECTIONS = 1024
"""Open at once; as many more wait."""
_FILES = 4 * _CONNECTIONS
"""Open at once, connections among them. Most systems allow 1024 at first, and more on demand."""
_BUFFER = 64 * 1024
"""Bytes, about, for each connection: of a request's header, and of an answer that waits to be read."""


def serve(config: Config, *, clock: Clock) -> None:
    """Answer until SIGINT or SIGTERM; a worker process that dies is started again.

    Raises:
        NetworkError: the address cannot be listened at.
    """
    _check_address(config.web.host, config.web.port)
    _allow_files()
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
        backlog=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000, max_buffer_size=_BUFFER),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    server.serve(
        spawn_target=partial(_work, config), target_loader=partial(_load, config, clock), wrap_loader=False
    )


def _work(config: Config, number: int, name: str | None, loader: Any, _: Any, *rest: Any) -> None:
    """A worker process. It listens on a socket of ours instead of granian's, which knows no such limit."""
    listener = _listen(config.web.host, config.web.port, reuse_port=True)
    holder = SocketHolder(listener.detach(), uds=False, backlog=_CONNECTIONS)  # type: ignore[call-arg]  # its stub is short
    Server._spawn_asgi_lifespan_worker(number, name, loader, ((None, holder), None), *rest)  # noqa: SLF001


def _check_address(host: str, port: int) -> None:
    """Say now what a worker could only die of, again and again."""
    try:
        _listen(host, port, reuse_port=False).close()
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # the rest says the address again
        raise NetworkError.of(
            f"{host}:{port}", f"cannot be listened at ({reason})", "choose another web.host or web.port"
        ) from error


def _allow_files() -> None:
    """For this process and its workers, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _listen(host: str, port: int, *, reuse_port: bool) -> socket.socket:
    """`reuse_port`: beside another process that allows it too, as the next worker does."""
    listener = socket.create_server(
        (host, port),
        family=socket.AF_INET6 if ":" in host else socket.AF_INET,
        backlog=_CONNECTIONS,
        reuse_port=reuse_port,
        dualstack_ipv6=host == "::",
    )
    # Accepted connections inherit it. It counts while the reader's window is shut, too (tcp(7)).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_SECONDS * 1000)
    listener.settimeout(0)  # the runtime waits for it
    return listener


def _load(config: Config, clock: Clock) -> Any:
    return build_app(config, clock=clock)
