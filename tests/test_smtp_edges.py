"""What real mail servers do that no table of faults has: they tire, they shut the door, they hang."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import UnixSocketController
from aiosmtpd.lmtp import LMTP
from scripted_server import server_context

from publisher.config import Smtp, SmtpSecurity
from publisher.delivery import Envelope, Outcome, SmtpTransport
from publisher.delivery.smtp import Timeouts
from publisher.delivery.smtp.channel import Channel
from publisher.delivery.smtp.reply import Reply
from publisher.delivery.smtp.session import Session, Step
from publisher.errors import DeliveryError
from publisher.model import Claim, DeliveryState

MESSAGE = b"Subject: x\r\n\r\nA line.\r\n"
QUICK = Timeouts(connect=0.5, command=2, end=2)
PIPELINING = b"250-there\r\n250 PIPELINING\r\n"
ENVELOPE = b"250 ok\r\n250 ok\r\n354 go on\r\n"


@dataclass
class Talk:
    """The server's end of one connection."""

    number: int
    connection: socket.socket
    heard: bytes = b""

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def wait_for(self, end: bytes) -> None:
        """Until the client has said this."""
        while end not in self.heard:
            data = self.connection.recv(65_536)
            if not data:
                raise ConnectionError
            self.heard += data
        self.heard = self.heard.partition(end)[2]

    def greet(self) -> None:
        self.say(b"220 hello\r\n")
        self.wait_for(b"\r\n")
        self.say(PIPELINING)


@dataclass
class Seen:
    port: int
    connections: int = 0
    taken: list[int] = field(default_factory=list)
    """Which connection each message came over."""


@contextmanager
def server(talk: Callable[[Talk, Seen], None]) -> Iterator[Seen]:
    """Talks to every client in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen = Seen(port=listener.getsockname()[1])

        def converse(number: int, connection: socket.socket) -> None:
            connection.settimeout(10)
            with connection, suppress(OSError):
                talk(Talk(number, connection), seen)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                seen.connections += 1
                threading.Thread(target=converse, args=(seen.connections, connection), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield seen
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def smtp_to(port: int, *, connections: int = 1, host: str = "127.0.0.1", password: str = "") -> Smtp:
    return Smtp(
        host=host,
        port=port,
        security=SmtpSecurity.NONE,
        username="news" if password else "",
        password=password,
        connections=connections,
    )


def transport_to(smtp: Smtp) -> SmtpTransport:
    return SmtpTransport(smtp, clock=time.monotonic, timeouts=QUICK)


def envelope(number: int = 1) -> Envelope:
    claim = Claim(
        edition_id=1,
        subscriber_id=number,
        address=f"r{number}@example.kz",
        name=None,
        language="kk",
        lease="",
        attempts=0,
    )
    return Envelope(
        claim=claim,
        sender="news@example.kz",
        recipient=claim.address,
        message_id=f"<{number}@example.kz>",
        message=MESSAGE,
    )


def drive(transport: SmtpTransport, *envelopes: Envelope, seconds: float = 8) -> list[Outcome]:
    """Send them, one after the other, as the engine does when the pace is slow; what became of each."""
    outcomes = []
    end = time.monotonic() + seconds
    for each in envelopes:
        transport.begin(each)
        over: list[Outcome] = []
        while not over:
            assert time.monotonic() < end, "waited in vain"
            step = transport.step(0.1)
            transport.commit(step.ready)
            over = [outcome for _, outcome in step.settled]
        outcomes += over
        time.sleep(0.1)  # the server has time to do what it does between two messages
    return outcomes


def states(outcomes: list[Outcome]) -> list[DeliveryState]:
    return [outcome.state for outcome in outcomes]


def take_one(talk: Talk, seen: Seen) -> None:
    talk.greet()
    talk.wait_for(b"DATA\r\n")
    talk.say(ENVELOPE)
    talk.wait_for(b"\r\n.\r\n")
    seen.taken.append(talk.number)
    talk.say(b"250 taken\r\n")


def hang_up_when_idle(talk: Talk, seen: Seen) -> None:
    take_one(talk, seen)


def say_goodbye_to_the_next(talk: Talk, seen: Seen) -> None:
    take_one(talk, seen)
    talk.wait_for(b"DATA\r\n")
    talk.say(b"421 4.7.0 too many messages on this connection\r\n")


def say_goodbye_when_idle(talk: Talk, seen: Seen) -> None:
    take_one(talk, seen)
    talk.say(b"421 4.4.2 idle\r\n")


@pytest.mark.parametrize("talk", [hang_up_when_idle, say_goodbye_to_the_next, say_goodbye_when_idle])
def test_a_server_that_ends_a_used_connection_is_called_again(talk: Callable[[Talk, Seen], None]) -> None:
    with server(talk) as seen:
        transport = transport_to(smtp_to(seen.port))
        outcomes = drive(transport, *map(envelope, range(3)))
        transport.close()
    assert states(outcomes) == [DeliveryState.SENT] * 3
    assert seen.taken == [1, 2, 3]


def test_a_server_that_lets_in_and_shows_out_is_not_called_for_ever() -> None:
    def show_out(talk: Talk, _seen: Seen) -> None:
        talk.say(b"220 hello\r\n")
        talk.wait_for(b"\r\n")
        talk.say(PIPELINING + b"421 4.3.2 too busy\r\n")

    with server(show_out) as seen:
        transport = transport_to(smtp_to(seen.port))
        with pytest.raises(DeliveryError, match="too busy"):
            drive(transport, envelope())
        transport.close()
    assert seen.connections == 1


def test_a_reply_counts_although_nonsense_follows() -> None:
    def babble(talk: Talk, _seen: Seen) -> None:
        talk.greet()
        talk.wait_for(b"DATA\r\n")
        talk.say(ENVELOPE)
        talk.wait_for(b"\r\n.\r\n")
        talk.say(b"250 taken\r\nwhat was that?\r\n")

    with server(babble) as seen:
        transport = transport_to(smtp_to(seen.port))
        assert states(drive(transport, envelope())) == [DeliveryState.SENT]
        transport.close()


def test_a_password_asked_for_after_the_message_is_an_answer_to_it() -> None:
    def ask(talk: Talk, _seen: Seen) -> None:
        talk.greet()
        talk.wait_for(b"DATA\r\n")
        talk.say(ENVELOPE)
        talk.wait_for(b"\r\n.\r\n")
        talk.say(b"530 5.7.0 authentication required\r\n")
        talk.wait_for(b"QUIT\r\n")

    with server(ask) as seen:
        transport = transport_to(smtp_to(seen.port))
        assert states(drive(transport, envelope())) == [DeliveryState.BOUNCED]
        transport.close()


@pytest.mark.parametrize("refused", [1, 2])  # whichever is looked at first
def test_what_is_ready_beside_a_refused_sender_is_not_sent(refused: int) -> None:
    both = threading.Barrier(2)

    def refuse_one(talk: Talk, seen: Seen) -> None:
        talk.greet()
        talk.wait_for(b"DATA\r\n")
        both.wait(5)
        talk.say(ENVELOPE if talk.number != refused else b"550 5.7.1 not you\r\n503 no\r\n503 no\r\n")
        talk.wait_for(b"\r\n.\r\n")
        seen.taken.append(talk.number)

    with server(refuse_one) as seen:
        transport = transport_to(smtp_to(seen.port, connections=2))
        for number in range(3):  # two go to the first connection, that is open first
            transport.begin(envelope(number))
        ready: list[Envelope] = []

        def until_refused() -> None:
            while True:
                ready.extend(transport.step(0.1).ready)
                time.sleep(0.1)  # both answers are there at the next look

        with pytest.raises(DeliveryError, match="not you"):
            until_refused()
        transport.close()
    assert ready == []
    assert seen.taken == []


def test_a_wrong_password_is_tried_once() -> None:
    def refuse(talk: Talk, _seen: Seen) -> None:
        talk.say(b"220 hello\r\n")
        talk.wait_for(b"\r\n")
        talk.say(b"250-there\r\n250 AUTH PLAIN\r\n")
        talk.wait_for(b"\r\n")
        talk.say(b"535 5.7.8 wrong\r\n")

    with server(refuse) as seen:
        transport = transport_to(smtp_to(seen.port, connections=4, password="a guess"))
        for number in range(4):
            transport.begin(envelope(number))
        with pytest.raises(DeliveryError, match="wrong"):
            drive(transport, envelope(5))
        transport.close()
        time.sleep(0.1)
    assert seen.connections == 1


@pytest.mark.parametrize("host", ["mail..example.kz", "a" * 70, "-"])
def test_a_host_that_cannot_be_one_is_one_line(host: str) -> None:
    transport = SmtpTransport(smtp_to(25, host=host), clock=time.monotonic)
    with pytest.raises(DeliveryError, match="mail cannot be handed over") as raised:
        drive(transport, envelope())
    assert "\n" not in str(raised.value)
    transport.close()


def test_an_address_that_does_not_answer_gives_way_to_the_next() -> None:
    with socket.socket() as deaf, server(take_one) as seen:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        callers = [socket.socket() for _ in range(3)]  # its queue is full: who calls now hears nothing
        for caller in callers:
            caller.settimeout(0)
            caller.connect_ex(deaf.getsockname())
        addresses = [(socket.AF_INET, deaf.getsockname()), (socket.AF_INET, ("127.0.0.1", seen.port))]
        session = Session(smtp=smtp_to(0), lmtp=False, local_name="here")
        now = time.monotonic()
        channel = Channel(smtp_to(0), addresses, session, None, QUICK, now=now)
        time.sleep(0.1)
        channel.check(now=now)
        channel.check(now=now + 1)
        assert channel.socket.getpeername()[1] == seen.port
        channel.lose("enough")
        for caller in callers:
            caller.close()


@pytest.mark.parametrize("line", ["AUTH PLAIN LOGIN", "AUTH=PLAIN", "auth=login plain", "AUTH PLAIN"])
def test_old_and_new_ways_to_offer_a_login_are_understood(line: str) -> None:
    session = Session(smtp=smtp_to(25, password="x"), lmtp=False, local_name="here")
    session.receive(Reply(220, ("hello",)))
    following = session.receive(Reply(250, ("there", line)))
    assert (following.step, following.line[:11]) == (Step.SEND, b"AUTH PLAIN ")


def test_a_password_that_is_not_utf8_goes_out_as_it_is() -> None:
    password = "сыр".encode("cp1251").decode("utf-8", "surrogateescape")  # as os.environ has it
    session = Session(smtp=smtp_to(25, password=password), lmtp=False, local_name="here")
    session.receive(Reply(220, ("hello",)))
    assert session.receive(Reply(250, ("there", "AUTH PLAIN"))).line.startswith(b"AUTH PLAIN ")


def test_a_server_that_knows_no_ehlo_is_greeted_with_helo() -> None:
    def old(talk: Talk, seen: Seen) -> None:
        talk.say(b"220 hello\r\n")
        for command, reply in (
            (b"EHLO", b"502 what?"),
            (b"HELO", b"250 there"),
            (b"MAIL", b"250 ok"),
            (b"RCPT", b"250 ok"),
            (b"DATA", b"354 go on"),
        ):
            talk.wait_for(command)
            talk.wait_for(b"\r\n")
            assert talk.heard == b""  # one command at a time
            talk.say(reply + b"\r\n")
        talk.wait_for(b"\r\n.\r\n")
        seen.taken.append(talk.number)
        talk.say(b"250 taken\r\n")

    with server(old) as seen:
        transport = transport_to(smtp_to(seen.port))
        assert states(drive(transport, envelope())) == [DeliveryState.SENT]
        transport.close()
    assert seen.taken == [1]


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", True), ("other.example.kz", False)])
def test_a_good_certificate_of_another_host_is_refused(name: str, trusted: bool) -> None:  # noqa: FBT001
    theirs, authority = server_context(name)
    ours = ssl.create_default_context()
    authority.configure_trust(ours)

    def encrypted(talk: Talk, seen: Seen) -> None:
        with theirs.wrap_socket(talk.connection, server_side=True) as connection:
            take_one(Talk(talk.number, connection), seen)

    with server(encrypted) as seen:
        smtp = replace(smtp_to(seen.port), security=SmtpSecurity.TLS)
        transport = SmtpTransport(smtp, clock=time.monotonic, timeouts=QUICK, context=ours)
        if trusted:
            assert states(drive(transport, envelope())) == [DeliveryState.SENT]
        else:
            with pytest.raises(DeliveryError, match=r"certificate is not to be trusted .*127\.0\.0\.1"):
                drive(transport, envelope())
        transport.close()


class _Mailbox:
    """What an LMTP server of another make has taken."""

    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_RCPT(  # noqa: N802 — aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == "r1@example.kz":
            return "550 5.1.1 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.recipients += envelope.rcpt_tos
        return "250 OK"


class _LmtpController(UnixSocketController):
    def factory(self) -> Any:
        return LMTP(self.handler)


def test_an_lmtp_server_of_another_make_takes_mail_over_a_unix_socket(tmp_path: Path) -> None:
    mailbox = _Mailbox()
    path = str(tmp_path / "lmtp")
    controller = _LmtpController(mailbox, unix_socket=path)
    controller.start()
    try:
        transport = SmtpTransport(smtp_to(25, host=path), lmtp=True, clock=time.monotonic, timeouts=QUICK)
        outcomes = drive(transport, *map(envelope, range(3)))
        transport.close()
    finally:
        controller.stop()
    assert states(outcomes) == [DeliveryState.SENT, DeliveryState.BOUNCED, DeliveryState.SENT]
    assert mailbox.recipients == ["r0@example.kz", "r2@example.kz"]
