"""Messages over an open conversation, one recipient each (RFC 5321, 3.3). No sockets here.

With PIPELINING (RFC 2920) MAIL, RCPT and DATA leave together, and those of the next message follow the final
dot at once, so that a message costs one round trip.
"""

import re
from collections import deque
from collections.abc import Mapping
from enum import Enum, auto

from publisher.delivery.smtp.reply import Reply
from publisher.delivery.transport import Envelope, Outcome
from publisher.model import DeliveryState

_ABOUT_THE_MESSAGE = re.compile(r"\b5\.(?:3\.4|2\.3|6\.\d+)\b")
"""RFC 3463: its size or its content. Other refusals of MAIL are about us."""
_SIZE_EXCEEDED = 552
_NEWLINE = ord("\n")


class UnusableError(Exception):
    """The server will take no message from us; that is no recipient's fault."""


class Kind(Enum):
    """What a reply answers."""

    MAIL = auto()
    RCPT = auto()
    DATA = auto()
    MESSAGE = auto()
    RSET = auto()


class Transaction:
    """One message, from MAIL to the reply after its dot."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.refusal: Outcome | None = None
        self.answered = False
        """The server has said something about it."""
        self.body_asked_for = False
        """354 was received, and the message without its dot is in the output."""
        self.committed = False


class Transactions:
    """What is said, and what is still to be answered. `output` is for the connection to send and to clear."""

    def __init__(self, extensions: Mapping[str, str]) -> None:
        self.output: list[bytes] = []
        self.settled: list[tuple[Envelope, Outcome]] = []
        self.closing: str | None = None
        """Why the conversation must end, in the server's words or ours."""
        self._pipelining = "PIPELINING" in extensions
        self._smtputf8 = "SMTPUTF8" in extensions
        self._size = int(extensions["SIZE"]) if extensions.get("SIZE", "").isdecimal() else 0
        self._announces_size = "SIZE" in extensions
        self._under_way: deque[Transaction] = deque()
        """At most two; only the first may have begun to send its message."""
        self._begun: set[Transaction] = set()
        self._served = False
        """A message was answered to its end."""
        self._expected: deque[tuple[Kind, Transaction | None]] = deque()
        self._last: Transaction | None = None
        """After its reply, the conversation ends."""
        self._on_reply = {
            Kind.MAIL: self._mail_answered,
            Kind.RCPT: self._rcpt_answered,
            Kind.DATA: self._data_answered,
            Kind.MESSAGE: self._message_answered,
        }

    @property
    def room(self) -> int:
        return 0 if self.closing is not None else (2 if self._pipelining else 1) - len(self._under_way)

    @property
    def load(self) -> int:
        return len(self._under_way)

    @property
    def is_idle(self) -> bool:
        return not self._under_way and not self._expected

    @property
    def is_unused(self) -> bool:
        return not self._served and not self._under_way

    @property
    def at_the_dot(self) -> Transaction | None:
        """The transaction whose message is out, or in the output, but for its dot."""
        first = self._under_way[0] if self._under_way else None
        return first if first and first.body_asked_for and not first.committed else None

    @property
    def awaits_the_end(self) -> bool:
        """Whether a message is committed to and not answered."""
        return bool(self._under_way) and self._under_way[0].committed

    def submit(self, envelope: Envelope) -> None:
        transaction = Transaction(envelope)
        if refusal := self._impossible(envelope):
            self.settled.append((envelope, refusal))
            return
        self._under_way.append(transaction)
        self._begin_next()

    def commit(self) -> None:
        """Send the dot of the message at the dot; the next message's commands ride behind it."""
        transaction = self.at_the_dot
        if transaction is None:
            raise ValueError("no message is at its dot")
        transaction.committed = True
        self.output.append(b".\r\n")
        self._expected.append((Kind.MESSAGE, transaction))
        self._begin_next()

    def receive(self, reply: Reply) -> None:
        """Take the next reply.

        Raises:
            UnusableError: the server will not have us.
        """
        if reply.code == 421 or not self._expected:
            self.closing = str(reply)
        if not self._expected:
            return  # it answers nothing
        kind, transaction = self._expected.popleft()
        if reply.code == 530 and kind is not Kind.MESSAGE:  # RFC 4954, 6: authentication required
            raise UnusableError(str(reply))
        if reply.code == 421 and self._served and not (transaction and transaction.answered):
            return  # it has had enough of this connection, and says nothing against the message
        if transaction is not None:
            transaction.answered = True
            self._on_reply[kind](transaction, reply)
        self._begin_next()

    def let_end(self, envelope: Envelope) -> bool:
        """End the conversation after the reply to the message in front of this one; False: there is none."""
        first = self._under_way[0] if self._under_way else None
        if first is None or not first.committed or first.envelope is envelope:
            return False
        self._last = first
        return True

    def lose(self, reason: str) -> list[Envelope]:
        """The connection is gone. Settles what had begun; the envelopes of which nothing had, come back."""
        untouched = []
        for number, transaction in enumerate(self._under_way):
            if transaction.committed:
                # The server may have taken it or not: nobody can know, so nobody sends it again by itself.
                outcome = Outcome(state=DeliveryState.UNKNOWN, reply=f"no reply after the message: {reason}")
            elif not transaction.answered and (number or self._served):
                untouched.append(transaction.envelope)
                continue
            else:
                outcome = transaction.refusal or Outcome(
                    state=DeliveryState.DEFERRED, reply=f"connection lost before the message: {reason}"
                )
            self.settled.append((transaction.envelope, outcome))
        self._under_way.clear()
        self._expected.clear()
        self.closing = reason
        return untouched

    def take_back(self) -> None:
        """The dot has not left: the message is as if it had not been committed to."""
        for transaction in self._under_way:
            transaction.committed = False

    def _impossible(self, envelope: Envelope) -> Outcome | None:
        """Why the server cannot take the message, as far as it told us before."""
        size = len(envelope.message)
        if self._size and size > self._size:
            reply = f"552 5.3.4 the message has {size} bytes, and the server takes {self._size}"
        elif not (envelope.recipient.isascii() and envelope.sender.isascii()) and not self._smtputf8:
            reply = "553 5.6.7 the server takes no address beyond ASCII"
        else:
            return None
        return Outcome(state=DeliveryState.BOUNCED, reply=reply)

    def _begin_next(self) -> None:
        """Say what may be said now: nothing of a message before the dot of the one in front of it."""
        if self._expected and not self._pipelining:
            return
        for transaction in self._under_way:
            if self.closing is not None:
                return
            if transaction not in self._begun:
                self._begun.add(transaction)
                self._say(self._mail(transaction.envelope), Kind.MAIL, transaction)
                if self._pipelining:
                    self._say_rcpt(transaction)
                    self._say(b"DATA", Kind.DATA, transaction)
            if not transaction.committed:
                return

    def _mail(self, envelope: Envelope) -> bytes:
        size = f" SIZE={len(envelope.message)}" if self._announces_size else ""
        ascii_only = envelope.recipient.isascii() and envelope.sender.isascii()
        return f"MAIL FROM:<{envelope.sender}>{size}{'' if ascii_only else ' SMTPUTF8'}".encode()

    def _say_rcpt(self, transaction: Transaction) -> None:
        self._say(f"RCPT TO:<{transaction.envelope.recipient}>".encode(), Kind.RCPT, transaction)

    def _say(self, line: bytes, kind: Kind, transaction: Transaction | None) -> None:
        if b"\r" in line or b"\n" in line:
            raise ValueError(f"{kind.name} holds a line break")
        self.output.append(line + b"\r\n")
        self._expected.append((kind, transaction))

    def _mail_answered(self, transaction: Transaction, reply: Reply) -> None:
        if reply.code >= 500 and not (reply.code == _SIZE_EXCEEDED or _ABOUT_THE_MESSAGE.search(str(reply))):
            raise UnusableError(str(reply))
        if not reply.is_positive:
            transaction.refusal = _outcome(reply)
        if not self._pipelining:
            if transaction.refusal:
                self._end(transaction, transaction.refusal)
            else:
                self._say_rcpt(transaction)

    def _rcpt_answered(self, transaction: Transaction, reply: Reply) -> None:
        if not reply.is_positive:
            transaction.refusal = transaction.refusal or _outcome(reply)
        if not self._pipelining:
            if transaction.refusal:
                self._reset()
                self._end(transaction, transaction.refusal)
            else:
                self._say(b"DATA", Kind.DATA, transaction)

    def _data_answered(self, transaction: Transaction, reply: Reply) -> None:
        if reply.code != 354:
            self._reset()
            self._end(transaction, transaction.refusal or _outcome(reply, taken=False))
        elif transaction.refusal:
            # It waits for a message that nobody is to get. LMTP would not even answer to the dot.
            self.closing = "the server wants a message without a recipient"
            self._end(transaction, transaction.refusal)
        else:
            transaction.body_asked_for = True
            self.output.append(stuff_dots(transaction.envelope.message))

    def _reset(self) -> None:
        """The server holds a transaction open that it refused a part of."""
        if self.closing is None:
            self._say(b"RSET", Kind.RSET, None)

    def _message_answered(self, transaction: Transaction, reply: Reply) -> None:
        self._end(transaction, _outcome(reply))
        if transaction is self._last:
            self.closing = "what follows was abandoned"

    def _end(self, transaction: Transaction, outcome: Outcome) -> None:
        self._under_way.remove(transaction)
        self._begun.discard(transaction)
        self._served = True
        self.settled.append((transaction.envelope, outcome))


def stuff_dots(message: bytes) -> bytes:
    """A dot at the beginning of a line is doubled (RFC 5321, 4.5.2)."""
    # To look for one byte is ten times as fast as for three, and base64 has no dots.
    at = message.find(b".")
    while at >= 0:
        if at == 0 or message[at - 1] == _NEWLINE:
            return re.sub(rb"(?m)^\.", b"..", message)
        at = message.find(b".", at + 1)
    return message


def _outcome(reply: Reply, *, taken: bool = True) -> Outcome:
    """RFC 5321, 4.2.1: 5xx never; 2xx taken; anything else, expected or not, perhaps later."""
    if 500 <= reply.code < 600:
        state = DeliveryState.BOUNCED
    elif reply.is_positive and taken:
        state = DeliveryState.SENT
    elif taken and reply.code < 400:
        state = DeliveryState.UNKNOWN  # 354 after the dot: it makes no sense
    else:
        state = DeliveryState.DEFERRED
    return Outcome(state=state, reply=str(reply))
