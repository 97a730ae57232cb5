"""A mail server, over several connections at once (RFC 5321, LMTP: RFC 2033)."""

import selectors
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence

from publisher.config import Smtp, SmtpSecurity
from publisher.delivery.smtp.channel import Channel, LostError, Timeouts, find_addresses
from publisher.delivery.smtp.session import RefusedError, Session
from publisher.delivery.smtp.tls import build_context
from publisher.delivery.smtp.transactions import UnusableError
from publisher.delivery.transport import Envelope, Step
from publisher.errors import DeliveryError

_REST = 30.0
"""Seconds before another connection is tried, when the server wants no more of them."""
_LOOK = 0.25
"""Seconds between two looks at the deadlines."""


class SmtpTransport:
    """Sends through one server. TLS is verified unless the server is this machine."""

    def __init__(
        self,
        smtp: Smtp,
        *,
        lmtp: bool = False,
        clock: Callable[[], float],
        timeouts: Timeouts | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`clock` never jumps: `time.monotonic`. `context` says whom to trust, where it is not as ever."""
        self._smtp = smtp
        self._lmtp = lmtp
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._context = None if smtp.security is SmtpSecurity.NONE else context or build_context(smtp)
        self._selector = selectors.DefaultSelector()
        self._channels: list[Channel] = []
        self._interests: dict[Channel, int] = {}
        self._waiting: deque[Envelope] = deque()
        """Begun, and on no connection yet."""
        self._carriers: dict[Envelope, Channel] = {}
        self._ready: set[Envelope] = set()
        """Told to be ready, and not committed to yet."""
        self._done = Step()
        self._trouble: DeliveryError | None = None
        self._let_in = False
        """A connection was open once."""
        self._rests_until = 0.0

    @property
    def room(self) -> int:
        if self._trouble:
            return 0
        return 2 * self._smtp.connections - len(self._waiting) - len(self._carriers)

    def begin(self, envelope: Envelope) -> None:
        self._waiting.append(envelope)
        self._assign()

    def step(self, seconds: float) -> Step:
        self._raise_trouble()
        self._open()
        self._assign()
        busy = self._done.ready or self._done.settled
        for key, _ in self._selector.select(0.0 if busy else min(seconds, _LOOK)):
            channel: Channel = key.data
            self._guard(channel, channel.handle)
        for channel in list(self._channels):
            self._guard(channel, channel.check)
        self._assign()
        done, self._done = self._done, Step()
        return done

    def commit(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self._ready.discard(envelope)
            if channel := self._carriers.get(envelope):  # else its connection was lost, and it has settled
                self._guard(channel, channel.commit)

    def abandon(self, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            self._ready.discard(envelope)
            if envelope in self._waiting:
                self._waiting.remove(envelope)
            elif channel := self._carriers.pop(envelope, None):
                self._hang_up(channel, envelope)

    def close(self) -> None:
        for channel in self._channels:
            if channel.transactions is not None and channel.transactions.is_idle:
                channel.quit()
            channel.socket.close()
        self._channels.clear()
        self._selector.close()

    def _open(self) -> None:
        """As many as there are messages for. The first goes alone: a wrong password is said once."""
        allowed = self._smtp.connections if self._let_in else 1
        wanted = min(allowed, len(self._waiting) + len(self._carriers))
        while len(self._channels) < wanted and not self._trouble:
            if self._channels and self._clock() < self._rests_until:
                return
            session = Session(smtp=self._smtp, lmtp=self._lmtp, local_name=_local_name())
            try:
                channel = Channel(
                    self._smtp,
                    find_addresses(self._smtp),
                    session,
                    self._context,
                    self._timeouts,
                    now=self._clock(),
                )
            except OSError as error:
                self._cannot_open(str(error))
                return
            self._channels.append(channel)
            self._watch(channel)

    def _assign(self) -> None:
        """Give what waits to the connections: first one to each, then one to ride behind each."""
        for load in (0, 1):
            for channel in list(self._channels):
                if not self._waiting:
                    return
                transactions = channel.transactions
                if transactions is None or not transactions.room or transactions.load != load:
                    continue
                envelope = self._waiting.popleft()
                self._carriers[envelope] = channel
                transactions.submit(envelope)
                self._guard(channel, channel.flush)

    def _guard(self, channel: Channel, act: Callable[..., None]) -> None:
        """Do it; bring what came of it to the results, and the connection to its end where it has one."""
        if channel not in self._channels:
            return  # what came of another one has ended it
        dialled = channel.socket
        try:
            act(now=self._clock())
        except (LostError, RefusedError) as error:
            self._settle(channel)
            self._lost(channel, dialled, str(error))
        except UnusableError as error:
            self._settle(channel)
            self._refuse_all(f"no mail is taken from us ({error})", "check delivery.from and [delivery.smtp]")
        else:
            self._settle(channel)
            self._let_in = self._let_in or channel.transactions is not None
            if channel.transactions is not None and channel.transactions.closing is not None:
                self._lost(channel, dialled, channel.transactions.closing)
            else:
                self._look_for_ready(channel)
                if channel.socket is not dialled:  # it tries the server's next address
                    self._selector.unregister(dialled)
                    self._interests.pop(channel)
                self._watch(channel)

    def _settle(self, channel: Channel) -> None:
        if channel.transactions is not None:
            for envelope, outcome in channel.transactions.settled:
                # An abandoned one is nobody's any more.
                if self._carriers.pop(envelope, None) is not None:
                    self._ready.discard(envelope)
                    self._done.settled.append((envelope, outcome))
            channel.transactions.settled.clear()

    def _look_for_ready(self, channel: Channel) -> None:
        transaction = channel.transactions.at_the_dot if channel.transactions else None
        if transaction and channel.is_flushed and transaction.envelope not in self._ready:
            self._ready.add(transaction.envelope)
            self._done.ready.append(transaction.envelope)

    def _hang_up(self, channel: Channel, envelope: Envelope) -> None:
        """There is no way to take a message back but to hang up before its end."""
        if channel.transactions is None or not channel.transactions.let_end(envelope):
            self._drop(channel, "abandoned")

    def _lost(self, channel: Channel, dialled: socket.socket, reason: str) -> None:
        """One that has taken no message although some waited is as good as one that was never open."""
        transactions = channel.transactions
        useless = transactions is None or (transactions.is_unused and self._waiting)
        self._drop(channel, reason, dialled)
        if useless:
            self._cannot_open(reason)

    def _drop(self, channel: Channel, reason: str, dialled: socket.socket | None = None) -> None:
        """End a connection. What had not begun on it goes to another one."""
        self._selector.unregister(dialled or channel.socket)
        self._channels.remove(channel)
        self._interests.pop(channel, None)
        for envelope in channel.lose(reason):
            if self._carriers.pop(envelope, None):  # an abandoned one is nobody's any more
                self._waiting.appendleft(envelope)
        self._settle(channel)

    def _cannot_open(self, reason: str) -> None:
        """The server may want no more connections; if it wants none at all, that is the end."""
        self._rests_until = self._clock() + _REST
        if not self._channels:
            self._refuse_all(f"mail cannot be handed over ({reason})", "check [delivery.smtp]")

    def _refuse_all(self, cause: str, hint: str) -> None:
        """Nothing more is sent. What is committed to is still brought to its end."""
        host = self._smtp.host
        where = host if host.startswith("/") else f"{host}:{self._smtp.port}"
        self._trouble = self._trouble or DeliveryError.of(where, cause, hint)
        self._waiting.clear()
        for channel in list(self._channels):
            if channel.transactions is None or not channel.transactions.awaits_the_end:
                for envelope in [each for each, carrier in self._carriers.items() if carrier is channel]:
                    del self._carriers[envelope]  # not tried; whoever sends it must begin it again
                self._drop(channel, "given up")
        self._done.ready = [envelope for envelope in self._done.ready if envelope in self._carriers]

    def _raise_trouble(self) -> None:
        """Once nothing is under way any more.

        Raises:
            DeliveryError: nothing can be sent.
        """
        committed = any(each.transactions and each.transactions.awaits_the_end for each in self._channels)
        if self._trouble and not self._done.settled and not committed:
            raise self._trouble

    def _watch(self, channel: Channel) -> None:
        interest = channel.interest
        known = self._interests.get(channel)
        if known is None:
            self._selector.register(channel.socket, interest, channel)
        elif known != interest:
            self._selector.modify(channel.socket, interest, channel)
        self._interests[channel] = interest


def _local_name() -> str:
    """What we call ourselves (RFC 5321, 4.1.4): a name that is none would be refused by some servers."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"
