"""The mail client against servers that behave, and against servers that do not."""

import ssl
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_server import Fault, Place, Script, scripted_server, server_context

from publisher.config import Limits, Smtp, SmtpSecurity
from publisher.delivery import Envelope, Pace, SmtpTransport, deliver
from publisher.delivery.smtp import Timeouts
from publisher.delivery.smtp.reply import NonsenseError, Reply, ReplyReader
from publisher.delivery.smtp.tls import build_context
from publisher.delivery.smtp.transactions import stuff_dots
from publisher.errors import DeliveryError
from publisher.model import Claim, DeliveryState, EditionText
from publisher.store import editions, subscribers
from publisher.store.deliveries import Ledger, count_deliveries
from publisher.store.engine import open_store, reading, writing

MESSAGE = b"Subject: x\r\n\r\n" + b"A line of the text.\r\n" * 50
LONG = b"Subject: x\r\n\r\n" + (b"y" * 900 + b"\r\n") * 12_000
"""More than the kernel takes off our hands."""
QUICK = Timeouts(connect=1, command=1, end=1)
READERS = ("a@example.kz", "b@example.kz", "c@example.kz")


@pytest.fixture(scope="module")
def context() -> ssl.SSLContext:
    return server_context("localhost")[0]


@dataclass
class Run:
    """What a delivery run came to."""

    states: list[DeliveryState]
    """Of the readers, in the order of their addresses."""
    error: DeliveryError | None
    replies: list[str]


class Send(Protocol):
    def __call__(self, transport: SmtpTransport, *addresses: str, message: bytes = MESSAGE) -> Run: ...


@pytest.fixture
def send(tmp_path: Path) -> Iterator[Send]:
    """Delivers an edition through a transport, with the books in a store."""
    with open_store(f"sqlite:///{tmp_path}/store.db") as engine:

        def run(transport: SmtpTransport, *addresses: str, message: bytes = MESSAGE) -> Run:
            now = datetime.now(UTC)
            with writing(engine) as connection:
                for address in addresses:
                    subscribers.add_subscription(
                        connection, address, "senat", name=None, origin="test", now=now
                    )
                edition = editions.freeze(
                    connection,
                    digest="senat",
                    local_date=date(2026, 3, 26),
                    told=(),
                    shown=0,
                    language="kk",
                    texts=[EditionText(language="kk", subject="", html="", text="")],
                    now=now,
                )
            error = None
            try:
                deliver(
                    Ledger(engine, edition, lease="test"),
                    transport,
                    lambda claim: envelope(claim, message),
                    Pace(Limits(per_second=0, per_hour=0, domains={}), now=now),
                    frozen_at=now,
                    clock=lambda: datetime.now(UTC),
                    sleep=time.sleep,
                )
            except DeliveryError as raised:
                error = raised
            finally:
                transport.close()
            with reading(engine) as connection:
                rows = connection.exec_driver_sql(
                    "SELECT state, reply FROM deliveries, subscribers WHERE id = subscriber_id"
                    " ORDER BY address"
                ).all()
                assert sum(count_deliveries(connection, [edition])[edition].values()) == len(addresses)
            return Run([DeliveryState(state) for state, _ in rows], error, [reply or "" for _, reply in rows])

        yield run


def envelope(claim: Claim, message: bytes) -> Envelope:
    return Envelope(
        claim=claim,
        sender="digest@example.kz",
        recipient=claim.address,
        message_id=f"<{claim.subscriber_id}@example.kz>",
        message=message,
    )


def transport_to(
    port: int,
    *,
    security: SmtpSecurity = SmtpSecurity.STARTTLS,
    username: str = "айгүл",
    connections: int = 1,
    host: str = "127.0.0.1",
    timeouts: Timeouts = QUICK,
    lmtp: bool = False,
    context: ssl.SSLContext | None = None,
) -> SmtpTransport:
    smtp = Smtp(
        host=host, port=port, security=security, username=username, password="құпия", connections=connections
    )
    return SmtpTransport(smtp, lmtp=lmtp, clock=time.monotonic, timeouts=timeouts, context=context)


SENT, DEFERRED, BOUNCED = DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.BOUNCED
UNKNOWN, PENDING = DeliveryState.UNKNOWN, DeliveryState.PENDING
UNUSABLE = PENDING
"""Nobody's delivery has changed, and the error says why."""
CELLS: dict[Place, dict[Fault, DeliveryState]] = {
    place: dict(zip(Fault, states, strict=True))
    #                 drop      stall     421       4xx       5xx       garbage   slow
    for place, states in {
        Place.BANNER: (UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, SENT),
        Place.EHLO: (UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, SENT),
        Place.STARTTLS: (UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, SENT),
        Place.AUTH: (UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, UNUSABLE, SENT),
        Place.MAIL: (DEFERRED, DEFERRED, DEFERRED, DEFERRED, UNUSABLE, DEFERRED, SENT),
        Place.RCPT: (DEFERRED, DEFERRED, DEFERRED, DEFERRED, BOUNCED, DEFERRED, SENT),
        Place.DATA: (DEFERRED, DEFERRED, DEFERRED, DEFERRED, BOUNCED, DEFERRED, SENT),
        Place.BODY: (DEFERRED, DEFERRED, DEFERRED, DEFERRED, DEFERRED, DEFERRED, SENT),
        Place.END: (UNKNOWN, UNKNOWN, DEFERRED, DEFERRED, BOUNCED, UNKNOWN, SENT),
    }.items()
}
EVERY_CELL = [
    pytest.param(place, fault, state, id=f"{place}-{fault}")
    for place, row in CELLS.items()
    for fault, state in row.items()
]


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "step by step"])
@pytest.mark.parametrize(("place", "fault", "state"), EVERY_CELL)
def test_every_fault_at_every_place_ends_in_the_state_it_should(
    place: Place,
    fault: Fault,
    state: DeliveryState,
    context: ssl.SSLContext,
    send: Send,
    *,
    pipelining: bool,
) -> None:
    script = Script(place=place, fault=fault, pipelining=pipelining)
    with scripted_server(script, context) as port:
        run = send(transport_to(port), READERS[0], message=LONG if place is Place.BODY else MESSAGE)
    assert (run.states, run.error is not None) == ([state], state is UNUSABLE), run
    assert len(script.taken) <= 1
    assert (state is SENT) == (len(script.taken) == 1)
    assert all("\n" not in reply for reply in run.replies)


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "step by step"])
def test_many_messages_go_over_few_connections(
    context: ssl.SSLContext, send: Send, *, pipelining: bool
) -> None:
    addresses = [f"r{number:03}@example.kz" for number in range(100)]
    script = Script(pipelining=pipelining)
    with scripted_server(script, context) as port:
        run = send(transport_to(port, connections=3), *addresses)
    assert run.states == [SENT] * 100
    assert Counter(script.taken) == dict.fromkeys(addresses, 1)
    assert script.connections == 3


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelined", "step by step"])
@pytest.mark.parametrize("place", [Place.MAIL, Place.RCPT, Place.DATA, Place.END])
@pytest.mark.parametrize("fault", [Fault.DROP, Fault.CLOSING, Fault.LATER, Fault.GARBAGE])
def test_a_fault_of_one_message_is_no_other_ones(
    place: Place, fault: Fault, context: ssl.SSLContext, send: Send, *, pipelining: bool
) -> None:
    script = Script(place=place, fault=fault, times=1, pipelining=pipelining)
    with scripted_server(script, context) as port:
        run = send(transport_to(port), *READERS)
    assert run.error is None
    assert Counter(run.states)[SENT] == 2
    assert max(Counter(script.taken).values()) == 1


def test_a_refused_recipient_is_no_other_ones_fault(context: ssl.SSLContext, send: Send) -> None:
    script = Script(place=Place.RCPT, fault=Fault.NEVER, times=1)
    with scripted_server(script, context) as port:
        run = send(transport_to(port), *READERS)
    assert run.states == [BOUNCED, SENT, SENT]
    assert run.replies[0] == "550 5.1.1 never"
    assert script.connections == 1
    assert "RSET" in script.heard


def test_a_server_that_dies_for_good_leaves_the_rest_untouched(context: ssl.SSLContext, send: Send) -> None:
    script = Script(dies_after=10)
    addresses = [f"r{number:03}@example.kz" for number in range(50)]
    with scripted_server(script, context) as port:
        run = send(transport_to(port), *addresses)
    assert run.error is not None
    states = Counter(run.states)
    assert states[SENT] >= 10
    assert states[SENT] + states[DEFERRED] + states[UNKNOWN] + states[PENDING] == 50
    assert states[PENDING] >= 30
    assert states[DEFERRED] + states[UNKNOWN] <= 2
    assert Counter(script.taken) == dict.fromkeys(script.taken, 1)


def test_fewer_connections_than_wanted_are_enough(context: ssl.SSLContext, send: Send) -> None:
    addresses = [f"r{number:03}@example.kz" for number in range(30)]
    script = Script(refuse_after=2)
    with scripted_server(script, context) as port:
        run = send(transport_to(port, connections=4), *addresses)
    assert run.states == [SENT] * 30
    assert Counter(script.taken) == dict.fromkeys(addresses, 1)


@pytest.mark.parametrize(
    ("mechanisms", "said"),
    [("PLAIN LOGIN", "AUTH PLAIN "), ("LOGIN", "AUTH LOGIN"), ("CRAM-MD5 PLAIN", "AUTH PLAIN ")],
)
def test_it_logs_in_as_the_server_can(
    mechanisms: str, said: str, context: ssl.SSLContext, send: Send
) -> None:
    script = Script(mechanisms=mechanisms)
    with scripted_server(script, context) as port:
        assert send(transport_to(port), READERS[0]).states == [SENT]
    at = next(number for number, line in enumerate(script.heard) if line.startswith("AUTH"))
    assert script.heard[at].startswith(said)
    if "PLAIN" in said:
        assert b64decode(script.heard[at].split()[2]).decode() == "\0айгүл\0құпия"
    else:
        assert [b64decode(line).decode() for line in script.heard[at + 1 : at + 3]] == ["айгүл", "құпия"]


def test_a_server_without_a_way_to_log_in_is_of_no_use(context: ssl.SSLContext, send: Send) -> None:
    with scripted_server(Script(mechanisms="GSSAPI"), context) as port:
        run = send(transport_to(port), READERS[0])
    assert run.states == [PENDING]
    assert "neither AUTH PLAIN nor AUTH LOGIN" in str(run.error)


def test_what_stands_behind_the_reply_to_starttls_is_not_heard(context: ssl.SSLContext, send: Send) -> None:
    script = Script(injected=b"250-forged\r\n250 AUTH PLAIN\r\n235 welcome\r\n")
    with scripted_server(script, context) as port:
        assert send(transport_to(port), READERS[0]).states == [SENT]
    assert any(line.startswith("AUTH PLAIN") for line in script.heard)


@pytest.mark.parametrize(
    ("extensions", "address", "state", "reply"),
    [
        (("SIZE 500",), "a@example.kz", BOUNCED, "552 5.3.4"),
        (("SIZE 5000",), "a@example.kz", SENT, "250"),
        (("SIZE",), "a@example.kz", SENT, "250"),
        ((), "айгүл@example.kz", BOUNCED, "553 5.6.7"),
        (("SMTPUTF8",), "айгүл@example.kz", SENT, "250"),
    ],
)
def test_what_the_server_said_it_cannot_take_is_not_sent(
    extensions: tuple[str, ...],
    address: str,
    state: DeliveryState,
    reply: str,
    context: ssl.SSLContext,
    send: Send,
) -> None:
    script = Script(extensions=extensions)
    with scripted_server(script, context) as port:
        run = send(transport_to(port), address)
    assert run.states == [state]
    assert run.replies[0].startswith(reply)
    assert any("MAIL" in line for line in script.heard) == (state is SENT)
    assert any(line.endswith("SMTPUTF8") for line in script.heard) == (extensions == ("SMTPUTF8",))


@pytest.mark.parametrize("unix", [False, True], ids=["tcp", "unix socket"])
def test_lmtp_says_lhlo(unix: bool, tmp_path: Path, context: ssl.SSLContext, send: Send) -> None:  # noqa: FBT001
    script = Script(lmtp=True)
    path = str(tmp_path / "lmtp") if unix else None
    with scripted_server(script, context, path=path) as port:
        transport = transport_to(
            port, security=SmtpSecurity.NONE, username="", lmtp=True, host=path or "127.0.0.1"
        )
        assert send(transport, *READERS).states == [SENT] * 3
    assert script.heard[0].startswith("LHLO ")


def test_the_certificate_must_be_the_servers_beyond_this_machine() -> None:
    def smtp(host: str) -> Smtp:
        return Smtp(host=host, port=25, security=SmtpSecurity.TLS, username="", password="", connections=1)

    there = build_context(smtp("mail.example.kz"))
    assert (there.verify_mode, there.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert there.minimum_version >= ssl.TLSVersion.TLSv1_2
    for host in ("127.0.0.1", "localhost", "::1", "/run/lmtp"):
        assert build_context(smtp(host)).verify_mode == ssl.CERT_NONE


def test_a_strangers_certificate_is_refused(context: ssl.SSLContext, send: Send) -> None:
    script = Script()
    with scripted_server(script, context) as port:
        run = send(transport_to(port, context=ssl.create_default_context()), READERS[0])
    assert run.states == [PENDING]
    assert "certificate is not to be trusted" in str(run.error)
    assert not any(line.startswith(("AUTH", "MAIL")) for line in script.heard)


REPLIES = b"220 hello\r\n250-a\r\n250-b c\n250 d\r\n354\r\n550 5.1.1 \xff\x07no\r\n"


@given(st.lists(st.integers(0, len(REPLIES)), max_size=6))
def test_replies_are_the_same_wherever_the_bytes_are_cut(cuts: list[int]) -> None:
    reader = ReplyReader()
    found: list[Reply] = []
    places = [0, *sorted(cuts), len(REPLIES)]
    for start, end in pairwise(places):
        found += reader.feed(REPLIES[start:end])
    assert found == [
        Reply(220, ("hello",)),
        Reply(250, ("a", "b c", "d")),
        Reply(354, ("",)),
        Reply(550, ("5.1.1 \ufffd\ufffdno",)),
    ]
    assert str(found[1]) == "250 a b c d"


@pytest.mark.parametrize(
    "data",
    [
        b"hello\r\n",
        b"\r\n",
        b"99 x\r\n",
        b"650 x\r\n",
        b"2x0 a\r\n",
        b"250_x\r\n",
        b"x" * 5000,
        b"250-a\r\n" * 200,
    ],
)
def test_nonsense_is_no_reply(data: bytes) -> None:
    with pytest.raises(NonsenseError):
        list(ReplyReader().feed(data))


@given(st.lists(st.sampled_from([b".", b"..", b"a", b"", b".a", b"a."])))
def test_dots_are_stuffed_as_the_receiver_takes_them_off(lines: list[bytes]) -> None:
    message = b"".join(line + b"\r\n" for line in lines)
    stuffed = stuff_dots(message)
    assert b"\r\n.\r\n" not in b"\r\n" + stuffed
    undone = [line.removeprefix(b".") for line in stuffed.split(b"\r\n")]
    assert b"\r\n".join(undone) == message
