"""A mail server hands over what came back (LMTP, RFC 2033). It hears 250 when the books have it."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from publisher.errors import NetworkError, StoreError

_LONGEST_LINE = 1 << 16
"""RFC 5321 has 1,000 octets; what others quote in their reports does not keep to it."""
_SECONDS_IDLE = 300


class Desk(Protocol):
    """Who takes what is handed over. Both may be called from any thread."""

    def accepts(self, recipient: str) -> bool: ...
    def take(self, data: bytes, recipients: Sequence[str]) -> str | None:
        """Put a report on the books. Returns why it cannot be taken.

        Raises:
            StoreError: it cannot be taken now.
        """


def serve_lmtp(
    desk: Desk,
    *,
    host: str,
    port: int,
    max_bytes: int,
    stop: threading.Event,
    started: Callable[[int], None],
) -> None:
    """Listen until `stop` is set. `started` is told the port. What is under way then is sent again.

    Raises:
        NetworkError: the address cannot be listened at.
    """
    listener = _Listener(desk, host=host, max_bytes=max_bytes)
    try:
        asyncio.run(_serve(listener, host, port, stop, started))
    except OSError as error:
        raise NetworkError.of(
            f"{host}:{port}", f"cannot be listened at ({error.strerror or error})", "choose another --port"
        ) from error


async def _serve(
    converse: Callable[[], asyncio.Protocol],
    host: str,
    port: int,
    stop: threading.Event,
    started: Callable[[int], None],
) -> None:
    server = await asyncio.get_running_loop().create_server(converse, host, port)
    started(server.sockets[0].getsockname()[1])
    await asyncio.to_thread(stop.wait)
    # Conversations end with the loop; what a mail server has no answer to, it sends again.
    server.close()


class _Listener:
    """Makes a conversation for each connection; aiosmtpd calls its hooks."""

    def __init__(self, desk: Desk, *, host: str, max_bytes: int) -> None:
        from aiosmtpd.lmtp import LMTP

        class Patient(LMTP):
            line_length_limit = _LONGEST_LINE

        self._desk = desk
        self._host = host
        self._max_bytes = max_bytes
        self._protocol = Patient

    def __call__(self) -> asyncio.Protocol:
        return self._protocol(
            self,
            loop=asyncio.get_running_loop(),
            data_size_limit=self._max_bytes,
            hostname=self._host,
            ident="publisher",
            timeout=_SECONDS_IDLE,
            enable_SMTPUTF8=True,
        )

    async def handle_exception(self, _error: Exception) -> str:
        """A bug of ours, and logged: no reason for the mail server to throw the report away."""
        return "451 4.3.0 something went wrong here, try again"

    async def handle_RCPT(  # noqa: N802 — aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if not self._desk.accepts(address):
            return "550 5.1.1 nobody here has this address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 go on"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        try:
            # Not in this thread: a store that is busy must not keep other conversations waiting.
            refused = await asyncio.to_thread(
                self._desk.take, envelope.original_content, tuple(envelope.rcpt_tos)
            )
        except StoreError:
            reply = "451 4.3.0 the store is busy, try again"
        else:
            reply = f"554 5.6.0 {refused}" if refused else "250 2.0.0 taken"
        # RFC 2033, 4.2: one reply for each recipient.
        return "\r\n".join(reply for _ in envelope.rcpt_tos)
