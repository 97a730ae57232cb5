"""What comes back: read, believed or not, put on the books; and who gets no letters any more."""

import io
import json
import re
import shutil
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from pathlib import Path

import pytest
from conftest import Newsroom, make_newsroom
from hypothesis import given
from hypothesis import strategies as st
from mail_server import free_port, mail_server
from sqlalchemy import Engine
from test_operating import Desk
from test_run import use_mail_server

from publisher.delivery.replies import classify_status
from publisher.delivery.reports import MAX_BYTES, Reading, read_report
from publisher.delivery.verp import ForgedError, ReturnPath, mint_return_path, parse_return_path
from publisher.model import BounceKind, DeliveryState, EditionText, Settlement
from publisher.store import bounces, editions, secrets, subscribers, suppressions
from publisher.store.deliveries import Ledger
from publisher.store.engine import open_store, reading, writing

SAMPLES = Path(__file__).parent / "bounces"
KEY = b"the key of the samples"
BOX = Address(addr_spec="bounces@news.example.kz")
EXPECTED = [json.loads(line) for line in (SAMPLES / "EXPECTED.jsonl").read_text().splitlines()]
NOW = datetime(2024, 3, 26, 3, tzinfo=UTC)
NUMBERS = st.integers(min_value=1, max_value=10**10 - 1)


# --- the return path


@given(edition=NUMBERS, subscriber=NUMBERS, upper=st.booleans(), key=st.binary(min_size=1, max_size=64))
def test_a_return_path_tells_its_letter_whatever_becomes_of_its_case(
    edition: int, subscriber: int, key: bytes, *, upper: bool
) -> None:
    mailbox = Address(addr_spec=f"{'b' * 25}@news.example.kz")
    address = mint_return_path(mailbox, key, edition, subscriber)
    assert len(address.partition("@")[0]) <= 64
    told = parse_return_path(address.upper() if upper else address, mailbox, key)
    assert told == ReturnPath(edition_id=edition, subscriber_id=subscriber)


@given(
    edition=NUMBERS,
    subscriber=NUMBERS,
    other=NUMBERS,
    place=st.integers(0, 15),
    letter=st.sampled_from("abc234"),
)
def test_a_return_path_that_was_changed_is_a_forgery(
    edition: int, subscriber: int, other: int, place: int, letter: str
) -> None:
    address = mint_return_path(BOX, KEY, edition, subscriber)
    local, _, domain = address.partition("@")
    mac = local[-16:]
    changed = {
        f"{local[:-16]}{mac[:place]}{letter}{mac[place + 1 :]}@{domain}",
        f"bounces+{other}-{subscriber}-{mac}@{domain}",
        f"bounces+{edition}-{other}-{mac}@{domain}",
    } - {address}
    for forged in changed:
        with pytest.raises(ForgedError):
            parse_return_path(forged, BOX, KEY)
    with pytest.raises(ForgedError):
        parse_return_path(address, BOX, b"another key")


@pytest.mark.parametrize(
    "address",
    [
        "bounces@news.example.kz",
        "bounces+aigul@news.example.kz",
        "other+1-2-aaaaaaaaaaaaaaaa@news.example.kz",
        "",
        "@",
    ],
)
def test_other_addresses_tell_no_letter(address: str) -> None:
    assert parse_return_path(address, BOX, KEY) is None


def test_a_mailbox_of_another_alphabet_gets_an_ascii_domain() -> None:
    address = mint_return_path(Address(addr_spec="bounces@жаңалық.қаз"), KEY, 1, 2)
    assert address.isascii()


# --- reading


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: expected["file"])
def test_a_report_says_what_it_says(expected: dict[str, object]) -> None:
    data = (SAMPLES / str(expected["file"])).read_bytes()
    assert as_expected(read_report(data, mailbox=BOX, key=KEY)) == {**expected, "file": None}


def as_expected(read: Reading) -> dict[str, object]:
    facts = [
        {
            "kind": fact.kind,
            "letter": [fact.letter.edition_id, fact.letter.subscriber_id] if fact.letter else None,
            "addresses": list(fact.addresses),
            "diagnosis": fact.diagnosis,
        }
        for fact in read.facts
    ]
    rest = {"ignored": read.ignored, "forged": read.forged, "unread": read.unread}
    return {"file": None, "facts": facts, **{name: value for name, value in rest.items() if value}}


def test_every_sample_is_expected_to_say_something() -> None:
    assert {path.name for path in SAMPLES.glob("*.eml")} == {expected["file"] for expected in EXPECTED}


def test_the_recipient_of_the_envelope_tells_the_letter_too() -> None:
    data = (SAMPLES / "several-recipients.eml").read_bytes()
    (fact,) = read_report(data, mailbox=BOX, key=KEY, recipients=[mint_return_path(BOX, KEY, 3, 4)]).facts
    assert fact.letter == ReturnPath(edition_id=3, subscriber_id=4)


def test_a_real_return_path_outranks_a_forged_one() -> None:
    data = (SAMPLES / "forged.eml").read_bytes()
    assert read_report(data, mailbox=BOX, key=KEY, recipients=[mint_return_path(BOX, KEY, 3, 4)]).facts


@pytest.mark.parametrize(
    ("status", "diagnosis", "kind"),
    [
        ("5.1.1", "", BounceKind.HARD),
        ("5.0.0", "smtp; 550 no such user", BounceKind.HARD),
        ("5.0.0", "smtp; 550-5.1.1 The account does not exist.", BounceKind.HARD),
        ("5.7.1", "smtp; 550 blocked", BounceKind.SOFT),
        ("5.1.1", "smtp; 550 5.7.1 spam", BounceKind.SOFT),
        ("5.1.1", "smtp; 550 5.0.0 no", BounceKind.HARD),
        ("5.2.2", "smtp; 552 5.2.2 full", BounceKind.SOFT),
        ("4.4.7", "smtp; 550 5.1.1 no such user", BounceKind.SOFT),
        ("", 'X-Postfix; unknown user: "aigul"', BounceKind.SOFT),
        ("", "550 5.1.1.", BounceKind.HARD),
        ("", "", BounceKind.SOFT),
    ],
)
def test_what_a_delivery_status_says_of_the_address(status: str, diagnosis: str, kind: BounceKind) -> None:
    assert classify_status(status, diagnosis) is kind


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "unread"),
        (b"\0\xff" * 1000, "unread"),
        (b"x" * (MAX_BYTES + 1), "unread"),
        (b"Content-Type: message/rfc822\n\n" * 20_000, "unread"),
        (b"To: " + b"(" * 500_000, "unread"),
        (b"Subject: =?\xfftf-8?q?a?=\n\n", "unread"),
        (
            b"Content-Type: message/delivery-status\n\n"
            + b"Action: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; a@b.kz\n\n" * 21,
            "unread",
        ),
    ],
    ids=["empty", "binary", "too long", "too deep", "comments", "charset", "a crowd"],
)
def test_whatever_comes_is_read_or_named(data: bytes, says: str) -> None:
    assert getattr(read_report(data, mailbox=BOX, key=KEY), says)


@given(data=st.data())
def test_damaged_reports_never_crash(data: st.DataObject) -> None:
    text = (SAMPLES / data.draw(st.sampled_from(EXPECTED))["file"]).read_bytes()
    cut, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 200))
    read_report(text[:cut] + data.draw(st.binary(max_size=20)) + text[cut + length :], mailbox=BOX, key=KEY)


# --- the rules


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        with writing(opened) as connection:
            subscribers.add_subscription(
                connection, "aigul@example.kz", "d", name=None, origin="test", now=NOW
            )
        yield opened


def send_edition(engine: Engine, number: int, fate: str) -> None:
    """One a day: s is sent, r refused softly, h refused for good, x not delivered in time, b comes back."""
    at = NOW + timedelta(days=number)
    text = EditionText(language="kk", subject="s", html="h", text="t")
    with writing(engine) as connection:
        edition = editions.freeze(
            connection,
            digest="d",
            local_date=at.date(),
            told=[],
            shown=0,
            language="kk",
            texts=[text],
            now=at,
        )
    ledger = Ledger(engine, edition, lease=f"lease {number}")
    claims = ledger.claim(1, lease_until=at + timedelta(hours=1), now=at)
    states = {"r": DeliveryState.BOUNCED, "h": DeliveryState.BOUNCED, "x": DeliveryState.EXPIRED}
    kinds = {"r": BounceKind.SOFT, "h": BounceKind.HARD}
    settled = [
        Settlement(
            claim=claim, state=states.get(fate, DeliveryState.SENT), reply="said", bounce=kinds.get(fate)
        )
        for claim in claims
    ]
    ledger.settle(settled, [], lease_until=at, now=at)
    ledger.close()
    if fate == "b":
        come_back(engine, number, at)


def come_back(engine: Engine, number: int, at: datetime) -> None:
    with writing(engine) as connection:
        found = editions.find_edition(connection, "d", (NOW + timedelta(days=number)).date())
        assert found
        bounces.record_bounce(
            connection,
            report=f"report {number}",
            kind=BounceKind.SOFT,
            subscriber_id=1,
            edition_id=found.id,
            diagnosis="full",
            now=at,
        )


def test_a_report_that_is_quicker_than_the_books_counts(engine: Engine) -> None:
    text = EditionText(language="kk", subject="s", html="h", text="t")
    with writing(engine) as connection:
        edition = editions.freeze(
            connection,
            digest="d",
            local_date=NOW.date(),
            told=[],
            shown=0,
            language="kk",
            texts=[text],
            now=NOW,
        )
    ledger = Ledger(engine, edition, lease="quick")
    later = NOW + timedelta(hours=1)
    (claim,) = ledger.claim(1, lease_until=later, now=NOW)
    assert ledger.settle([], [claim], lease_until=later, now=NOW) == {1}  # it is being sent
    with writing(engine) as connection:
        bounces.record_bounce(
            connection,
            report="at once",
            kind=BounceKind.HARD,
            subscriber_id=1,
            edition_id=edition,
            diagnosis="gone",
            now=NOW,
        )
    sent = Settlement(claim=claim, state=DeliveryState.SENT, reply="250 taken")
    ledger.settle([sent], [], lease_until=later, now=NOW)
    ledger.close()
    assert ledger.counts() == {DeliveryState.BOUNCED: 1}


def is_suppressed(engine: Engine) -> bool:
    with reading(engine) as connection:
        (subscriber,) = subscribers.list_subscribers(connection)
        return subscriber.suppressed_at is not None


@pytest.mark.parametrize(
    ("fates", "suppressed"),
    [
        ("", False),
        ("rr", False),
        ("rrr", True),
        ("bbb", True),
        ("rbr", True),
        ("srrr", True),
        ("rrsr", False),
        ("rsrr", False),
        ("rrsrr", False),
        ("rrsrrr", True),
        ("rrxr", True),
        ("xxx", False),
        ("h", True),
        ("sh", True),
    ],
)
def test_three_soft_bounces_in_a_row_or_a_hard_one_suppress(
    engine: Engine, fates: str, *, suppressed: bool
) -> None:
    for number, fate in enumerate(fates):
        send_edition(engine, number, fate)
    assert is_suppressed(engine) is suppressed


@pytest.mark.parametrize(
    ("later", "days", "suppressed"), [("", 0, True), ("s", 1, True), ("ssss", 1, True), ("s", 6, False)]
)
def test_reports_that_are_late_count_unless_later_letters_arrived_for_sure(
    engine: Engine, later: str, days: int, *, suppressed: bool
) -> None:
    fates = "sss" + later
    for number, fate in enumerate(fates):
        send_edition(engine, number, fate)
    for number in (2, 0, 1):
        come_back(engine, number, NOW + timedelta(days=len(fates) - 1 + days))
    assert is_suppressed(engine) is suppressed


def test_after_a_suppression_is_lifted_only_new_bounces_count(engine: Engine) -> None:
    for number in range(3):
        send_edition(engine, number, "r")
    with writing(engine) as connection:
        assert suppressions.lift(connection, "AIGUL@example.kz", now=NOW)
    assert not is_suppressed(engine)
    for number in (3, 4):
        send_edition(engine, number, "r")
        assert not is_suppressed(engine)
    come_back(engine, 0, NOW)  # an old letter
    assert not is_suppressed(engine)
    send_edition(engine, 5, "r")
    assert is_suppressed(engine)


# --- the commands


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two readers, and today's edition is with the mail server; bounces have a mailbox."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("prepared") / "newsroom")
    newsroom.edit_config('bounces = ""', 'bounces = "bounces@news.example.kz"')
    desk = Desk(newsroom)
    desk.publish()
    desk.does("subscribers add aigul@example.kz bolat@example.kz")
    shutil.copytree(newsroom.root, newsroom.root.parent / "before")
    desk.does("digest send")
    return newsroom.root


@pytest.fixture
def desk(prepared: Path, tmp_path: Path) -> Desk:
    """Before the edition was sent."""
    return Desk(Newsroom(shutil.copytree(prepared.parent / "before", tmp_path / "newsroom")))


@pytest.fixture
def sent(prepared: Path, tmp_path: Path) -> Desk:
    """After the edition was sent."""
    return Desk(Newsroom(shutil.copytree(prepared, tmp_path / "newsroom")))


def return_path(desk: Desk, subscriber: int, edition: int = 1) -> str:
    with open_store(f"sqlite:///{desk.database}") as engine, writing(engine) as connection:
        return mint_return_path(BOX, secrets.signing_key(connection), edition, subscriber)


def report(address: str, name: str = "postfix-no-such-user.eml") -> bytes:
    """A sample, about another letter."""
    text = (SAMPLES / name).read_text()
    return re.sub(r"bounces\+[\w-]+@news\.example\.kz", address, text).encode()


def maildir(desk: Desk, **messages: bytes) -> Path:
    folder = desk.newsroom.root / "Maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, data in messages.items():
        (folder / "new" / name).write_bytes(data)
    return folder


def names(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(path.name for path in (folder / name).iterdir()) for name in ("new", "cur")}


def test_the_return_path_of_a_letter_brings_its_bounce_home(desk: Desk) -> None:
    with mail_server() as (received, port):
        use_mail_server(desk.newsroom, port)
        desk.does("digest send")
    senders = dict(zip(received.recipients, received.senders, strict=True))
    assert len(set(senders.values())) == 2
    folder = maildir(desk, a=report(senders["aigul@example.kz"]))
    ran = desk.does(f"bounces read {folder}")
    assert "aigul@example.kz: hard, suppressed: 5.1.1" in ran.out
    assert desk.counts() == {"sent": 1, "bounced": 1}
    assert desk.does("digest show senat-daily --json", code=1).data["books_close"]
    (known,) = desk.does("suppressions list --json").data
    assert (known["address"], known["reason"]) == ("aigul@example.kz", "hard")
    assert "5.1.1" in known["detail"]
    (bounce,) = desk.does("bounces list --json").data
    assert (bounce["address"], bounce["kind"], bounce["digest"]) == (
        "aigul@example.kz",
        "hard",
        "senat-daily",
    )


def test_without_a_mailbox_letters_come_from_their_sender(newsroom: Newsroom) -> None:
    desk = Desk(newsroom)
    desk.publish()
    desk.does("subscribers add aigul@example.kz")
    with mail_server() as (received, port):
        use_mail_server(newsroom, port)
        desk.does("digest send")
    assert received.senders == ["digest@news.example.kz"]


def test_what_is_done_moves_in_the_maildir_and_what_cannot_be_read_stays(sent: Desk) -> None:
    folder = maildir(
        sent,
        a=report(return_path(sent, 1)),
        b=report(return_path(sent, 2), "a-human.eml"),
        c=(SAMPLES / "holiday.eml").read_bytes().replace(b"+7-41", b""),
    )
    (folder / "cur" / "d:2,FR").write_bytes(report(return_path(sent, 2), "gmail-full.eml"))
    ran = sent.does(f"bounces read {folder} --json", code=1)
    assert names(folder) == {"new": ["b"], "cur": ["a:2,S", "c:2,S", "d:2,FRS"]}
    assert ran.err.count("\n") == 1
    assert "new/b: it is no report" in ran.err
    counts = {name: count for name, count in ran.data["counts"].items() if count}
    assert counts == {"reports": 4, "hard": 1, "soft": 1, "suppressed": 1, "ignored": 1, "unread": 1}
    again = sent.does(f"bounces read {folder} --json", code=1).data["counts"]
    assert (again["hard"], again["soft"], again["known already"]) == (0, 0, 2)
    assert len(sent.does("bounces list --json").data) == 2


def test_a_forged_return_path_changes_nothing_and_is_said(sent: Desk) -> None:
    forged = return_path(sent, 1).replace("+1-1-", "+1-2-")
    ran = sent.does(f"bounces read {maildir(sent, a=report(forged))}")
    assert "was not minted here" in ran.err
    assert sent.does("bounces list --json").data == []
    assert sent.counts() == {"sent": 2}


@pytest.mark.parametrize("edition", [1, 2])
def test_a_letter_that_is_not_in_the_books_is_nobodys(sent: Desk, edition: int) -> None:
    path = return_path(sent, 3 if edition == 1 else 1, edition)
    ran = sent.does(f"bounces read {maildir(sent, a=report(path))}")
    assert "about nobody here" in ran.err
    assert sent.does("bounces list --json").data == []


def test_without_a_return_path_the_address_tells_the_reader(sent: Desk) -> None:
    data = report("bounces@news.example.kz")
    assert "aigul@example.kz: hard" in sent.does(f"bounces read {maildir(sent, a=data)}").out
    assert sent.counts() == {"sent": 1, "bounced": 1}


def test_a_domain_in_ascii_tells_the_reader_whose_domain_is_not(desk: Desk) -> None:
    desk.does("subscribers add dana@почта.рф")
    desk.does("digest send")
    data = report("bounces@news.example.kz").replace(b"aigul@example.kz", b"dana@xn--80a1acny.xn--p1ai")
    assert "dana@почта.рф: hard" in desk.does(f"bounces read {maildir(desk, a=data)}").out


def test_what_a_report_says_cannot_write_to_the_terminal(sent: Desk) -> None:
    data = report("bounces@news.example.kz").replace(b"aigul@example.kz", b"no\x1b[31mbody@example.kz")
    ran = sent.does(f"bounces read {maildir(sent, a=data)}")
    assert "about nobody here" in ran.err
    assert "\x1b" not in ran.out + ran.err


def test_a_letter_that_may_have_arrived_and_came_back_has_bounced(desk: Desk) -> None:
    with desk.half_broken_outbox():
        desk.does("digest send", code=1)
    assert desk.counts() == {"unknown": 2}
    desk.does(f"bounces read {maildir(desk, a=report(return_path(desk, 1)))}")
    assert desk.counts() == {"unknown": 1, "bounced": 1}


def test_a_complaint_suppresses_and_ends_the_subscriptions(sent: Desk) -> None:
    data = report(return_path(sent, 1), "complaint-arf.eml")
    assert "aigul@example.kz: complaint, suppressed" in sent.does(f"bounces read {maildir(sent, a=data)}").out
    assert sent.counts() == {"sent": 2}
    listed = {each["address"]: each["subscriptions"] for each in sent.does("subscribers list --json").data}
    assert listed["aigul@example.kz"] == {"senat-daily": "unsubscribed"}
    assert listed["bolat@example.kz"] == {"senat-daily": "confirmed"}


def test_an_mbox_and_standard_input_and_a_single_file_are_read(
    sent: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = report(return_path(sent, 1)), report(return_path(sent, 2), "gmail-full.eml")
    mbox = b"".join(
        b"From MAILER-DAEMON Tue Mar 26 08:00:00 2024\n" + each + b"\n>From here\n\n"
        for each in (first, second)
    )
    path = sent.newsroom.root / "box"
    path.write_bytes(mbox)
    assert sent.does(f"bounces read {path} --json").data["counts"]["reports"] == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mbox)))
    assert sent.does("bounces read - --json").data["counts"]["known already"] == 2
    path.write_bytes(first)
    assert sent.does(f"bounces read {path} --json").data["counts"]["reports"] == 1


@pytest.mark.parametrize(("source", "said"), [("nowhere", "cannot be read"), (".", "is no Maildir")])
def test_a_source_that_is_none_is_one_line(desk: Desk, source: str, said: str) -> None:
    ran = desk.does(f"bounces read {desk.newsroom.root / source}", code=2)
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_nothing_that_can_be_read_is_exit_code_three_and_an_empty_maildir_none(desk: Desk) -> None:
    desk.does(f"bounces read {maildir(desk)}")
    desk.does(f"bounces read {maildir(desk, a=b'hello')}", code=3)


def test_a_suppressed_address_stays_so_whatever_is_added_or_imported(desk: Desk) -> None:
    added = desk.does(
        'suppressions add Dana@example.kz aigul@example.kz "no address" --reason "by telephone"', code=1
    )
    assert "no address" in added.err
    assert "suppressed already" in desk.does("suppressions add dana@EXAMPLE.kz").out
    assert "nothing is sent there" in desk.does("subscribers add dana@example.kz", code=3).out
    listing = desk.newsroom.root / "readers.csv"
    listing.write_text("DANA@example.kz\nerlan@example.kz\naigul@example.kz\n")
    counts = desk.does(f"subscribers import {listing} --json").data
    assert (counts["added"], counts["suppressed"], counts["refused"]) == (1, 2, 0)
    assert "suppressed: nothing is sent" in desk.does("subscribers list").out
    desk.does("digest send")
    assert desk.counts() == {"sent": 2, "suppressed": 2}
    assert set(desk.letters()) == {"bolat@example.kz", "erlan@example.kz"}
    reasons = {each["address"]: each["detail"] for each in desk.does("suppressions list --json").data}
    assert reasons == {"Dana@example.kz": "by telephone", "aigul@example.kz": "by telephone"}


def test_an_address_may_be_written_to_again_when_its_suppression_is_removed(desk: Desk) -> None:
    desk.does("suppressions add aigul@example.kz")
    assert "again" in desk.does("suppressions remove AIGUL@example.kz").out
    desk.does("suppressions remove aigul@example.kz", code=3)
    desk.does("digest send")
    assert desk.counts() == {"sent": 2}


def test_a_refusal_in_the_dialogue_suppresses_for_the_next_edition(desk: Desk) -> None:
    with mail_server() as (received, port):
        received.replies["aigul@example.kz"] = "550 5.1.1 no such user"
        use_mail_server(desk.newsroom, port)
        desk.does("digest send", code=1)
    assert desk.counts() == {"sent": 1, "bounced": 1}
    (known,) = desk.does("suppressions list --json").data
    assert (known["address"], known["reason"]) == ("aigul@example.kz", "hard")


@pytest.mark.parametrize("name", ["b+c@example.kz", f"{'b' * 26}@example.kz", "nobody"])
def test_a_mailbox_that_can_carry_no_return_path_is_refused(newsroom: Newsroom, name: str) -> None:
    newsroom.edit_config('bounces = ""', f'bounces = "{name}"')
    ran = Desk(newsroom).does("config check", code=2)
    assert "delivery.bounces" in ran.err


# --- the listener


@contextmanager
def serving(desk: Desk) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = desk.newsroom.start("bounces", "serve", "--port", str(port))
    try:
        assert process.stdout
        assert f"127.0.0.1:{port} takes mail to bounces@news.example.kz" in process.stdout.readline()
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
        assert "Traceback" not in said, said


def test_what_the_listener_acknowledges_is_on_the_books_even_if_it_is_killed_then(sent: Desk) -> None:
    path = return_path(sent, 1)
    acknowledged = 0
    with serving(sent) as (process, port), smtplib.LMTP("127.0.0.1", port) as client:
        killer = threading.Timer(0.5, process.kill)
        with suppress(smtplib.SMTPServerDisconnected, ConnectionError):  # the kill
            while acknowledged < 100_000:
                data = report(path) + f"\n{acknowledged}".encode()
                assert client.sendmail("", [path], data) == {}
                acknowledged += 1
                if acknowledged == 1:
                    killer.start()
        assert process.wait(10) == -signal.SIGKILL
        client.close()
    assert acknowledged
    listed = sent.does("bounces list --limit 100000 --json").data
    # The last one may be on the books though nobody could be told.
    assert len(listed) - acknowledged in {0, 1}
    assert sent.counts() == {"sent": 1, "bounced": 1}


def test_the_listener_answers_each_case_as_the_mail_server_expects(sent: Desk) -> None:
    path, other = return_path(sent, 1), return_path(sent, 2)
    with serving(sent) as (process, port):
        with smtplib.LMTP("127.0.0.1", port) as client:
            with pytest.raises(smtplib.SMTPRecipientsRefused) as nobody:
                client.sendmail("", ["digest@news.example.kz"], report(path))
            assert nobody.value.recipients["digest@news.example.kz"][0] == 550
            with move_table(sent):
                assert try_sending(client, path, report(path)) == 451
            assert try_sending(client, path, report(path)) == 250
            assert try_sending(client, path, report(path)) == 250
            assert try_sending(client, path, (SAMPLES / "a-human.eml").read_bytes()) == 554
            assert try_sending(client, path, (SAMPLES / "holiday.eml").read_bytes()) == 250
            assert try_sending(client, path, b"X: " + b"y" * 70_000) == 500
            assert try_sending(client, str(BOX), report(other)) == 250
            with pytest.raises(smtplib.SMTPSenderRefused) as long:
                client.sendmail("", [path], b"Subject: x\r\n\r\n" + b"x" * MAX_BYTES)
            assert long.value.smtp_code == 552
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [each["address"] for each in sent.does("bounces list --json").data] == [
        "bolat@example.kz",
        "aigul@example.kz",
    ]


def try_sending(client: smtplib.LMTP, recipient: str, data: bytes) -> int:
    client.rset()
    client.mail("")
    assert client.rcpt(recipient)[0] == 250
    code, _ = client.data(data)
    return code


@contextmanager
def move_table(desk: Desk) -> Iterator[None]:
    """The store cannot be used for a while."""
    for old, new in (("bounces", "aside"), ("aside", "bounces")):
        with closing(sqlite3.connect(desk.database)) as database:
            database.execute("PRAGMA legacy_alter_table = ON")
            database.execute(f"ALTER TABLE {old} RENAME TO {new}")
        if old == "bounces":
            yield


def test_the_listener_needs_a_mailbox_and_a_free_port(newsroom: Newsroom) -> None:
    desk = Desk(newsroom)
    assert "delivery.bounces: is not set" in desk.does("bounces serve", code=2).err
    newsroom.edit_config('bounces = ""', 'bounces = "bounces@news.example.kz"')
    with mail_server() as (_, port):
        assert "cannot be listened at" in desk.does(f"bounces serve --port {port}", code=3).err


@pytest.mark.parametrize("command", ["read", "serve", "list"])
def test_every_command_about_bounces_has_an_example(desk: Desk, command: str) -> None:
    assert f"Example: publisher bounces {command}" in desk.does(f"bounces {command} --help").out


@pytest.mark.parametrize("command", ["list", "add", "remove"])
def test_every_command_about_suppressions_has_an_example(desk: Desk, command: str) -> None:
    assert f"Example: publisher suppressions {command}" in desk.does(f"suppressions {command} --help").out
