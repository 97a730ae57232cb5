"""Messages: the fast way gives what the slow one gives, nothing breaks a header, and the signatures hold."""

import dataclasses
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

import dkim
import pytest
from conftest import Newsroom
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mail_server import parse

from publisher.config import DkimKey
from publisher.delivery import Assembly, Mailing, build_message
from publisher.delivery.dkim import Signer, load_signer, make_key
from publisher.errors import ConfigError
from publisher.model import Claim, EditionText

MARK = "UNSUBSCRIBE-TOKEN-" + "x" * 36
LEAVE = f"https://news.example.kz/unsubscribe/senat-daily/{MARK}"


def mailing(
    html: str = f"<p>Сенат</p>{LEAVE}", text: str = LEAVE, subject: str = "Сенат жаңалықтары"
) -> Mailing:
    return Mailing(
        name="senat-daily/2026-03-26",
        digest="senat-daily",
        letter=EditionText(language="kk", subject=subject, html=html, text=text),
        frozen_at=datetime(2026, 3, 26, 3, tzinfo=UTC),
        sender=Address("Сенат жаңалықтары", addr_spec="digest@news.example.kz"),
        reply_to=Address("", addr_spec="redaksia@жаңалық.қаз"),
        site_url="https://news.example.kz/",
        token_placeholder=MARK,
        key=b"k" * 32,
    )


def reader(number: int = 7, address: str = "aigul@example.kz", name: str | None = None) -> Claim:
    return Claim(
        edition_id=1, subscriber_id=number, address=address, name=name, language="kk", lease="", attempts=0
    )


NAMES = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=120),
    st.sampled_from(
        [
            "Aigul",
            "Aigul Serik",
            "Айгүл Серікқызы",
            "ايگۇل سەرىكقىزى",
            'A "quoted" name',
            "a, b; c",
            "x" * 200,
            "\u202eRTL",
            "a\r\nBcc: all@example.kz",
            "=?utf-8?q?x?=",
            "name with trailing space ",
        ]
    ),
)
ADDRESSES = st.one_of(
    st.sampled_from(
        [
            "aigul@example.kz",
            "a.b+c@sub.example.kz",
            "o'brien@example.com",
            "айгүл@жаңалық.қаз",
            "a@жаңалық.қаз",
        ]
    ),
    st.from_regex(r"[a-z0-9][a-z0-9.+_-]{0,60}[a-z0-9]@[a-z0-9]{1,40}\.[a-z]{2,20}", fullmatch=True),
    st.from_regex(r"[a-z\r\n\0 \"<>,@]{1,20}@example\.kz", fullmatch=True),
)
TEXTS = st.lists(
    st.one_of(
        st.just(MARK),
        st.text(st.characters(codec="utf-8"), max_size=130),
        st.sampled_from(["\n", ".", ".\n."]),
    ),
    max_size=8,
).map("".join)
FEW = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def attempt(build: Callable[[Claim], bytes], claim: Claim) -> bytes | None:
    """The message, or None where none can be made."""
    try:
        return build(claim)
    except ValueError:
        return None


@FEW
@given(html=TEXTS, text=TEXTS, number=st.integers(0, 10**10 - 1), name=NAMES, address=ADDRESSES)
def test_the_fast_way_gives_the_bytes_of_the_slow_one(
    html: str, text: str, number: int, name: str | None, address: str
) -> None:
    letter = mailing(html, text)
    claim = reader(number, address, name)
    slow = attempt(lambda claim: build_message(letter, claim), claim)
    assert attempt(Assembly(letter).build, claim) == slow


@FEW
@given(subject=st.text(max_size=300), name=NAMES, address=ADDRESSES)
def test_no_name_subject_or_address_makes_a_header(subject: str, name: str | None, address: str) -> None:
    letter = mailing(subject=subject)
    if any(character in subject for character in "\r\n\0"):
        with pytest.raises(ValueError, match="Subject"):
            Assembly(letter)
        return
    try:
        assembly = Assembly(letter)
    except (ValueError, UnicodeEncodeError):
        return
    message = attempt(assembly.build, reader(address=address, name=name))
    if message is None:
        return
    head, _, _ = message.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].lower() for line in re.split(rb"\r\n(?![ \t])", head)]
    assert sorted(names) == sorted(set(names))
    assert set(names) == {
        *(b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"list-id", b"list-unsubscribe"),
        *(b"list-unsubscribe-post", b"list-archive", b"list-help", b"auto-submitted", b"mime-version"),
        *(b"content-type", b"content-language"),
    }
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)|\0", message)
    assert max(map(len, message.split(b"\r\n"))) <= 998
    assert (
        parse(message)["To"].addresses[0].addr_spec.endswith(address.rpartition("@")[2])
        or not address.isascii()
    )


@pytest.mark.parametrize("offset", range(130))
def test_a_token_is_spliced_in_wherever_it_stands(offset: int) -> None:
    letter = mailing(html="x" * offset + MARK + "y" * (offset % 60), text=f"{'z' * offset}{MARK}{MARK}")
    assert Assembly(letter).build(reader()) == build_message(letter, reader())


@pytest.fixture(scope="module", params=["rsa", "ed25519", "both"])
def signers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Signer], dict[bytes, bytes]]:
    """Signers, and what the DNS says of their keys."""
    made, records = [], {}
    for kind in ("rsa", "ed25519") if request.param == "both" else (request.param,):
        pem, record = make_key(ed25519=kind == "ed25519")
        path = tmp_path_factory.mktemp("keys") / f"{kind}.pem"
        path.write_bytes(pem)
        made.append(load_signer(DkimKey(domain="news.example.kz", selector=kind, path=path)))
        records[f"{kind}._domainkey.news.example.kz.".encode()] = record.encode()
    return made, records


def verify(message: bytes, records: dict[bytes, bytes]) -> list[bool]:
    """What dkimpy says of each signature."""

    def lookup(name: bytes, timeout: int = 5) -> bytes | None:
        del timeout
        return records.get(name if name.endswith(b".") else name + b".")

    def holds(index: int) -> bool:
        try:
            return bool(dkim.DKIM(message).verify(idx=index, dnsfunc=lookup))
        except dkim.ValidationError:
            return False

    return [holds(index) for index in range(message.count(b"DKIM-Signature: "))]


@settings(FEW, max_examples=40)
@given(
    html=TEXTS,
    text=TEXTS,
    name=NAMES,
    subject=st.text(st.characters(codec="utf-8", exclude_categories=["C"])),
)
def test_dkimpy_verifies_every_signature(
    signers: tuple[list[Signer], dict[bytes, bytes]], html: str, text: str, name: str | None, subject: str
) -> None:
    made, records = signers
    message = attempt(Assembly(mailing(html, text, subject), made).build, reader(name=name))
    if message is not None:
        assert verify(message, records) == [True] * len(made)


TAMPERINGS = {
    "a word of the text": (b"\r\n\r\n--=_", b"\r\n\r\nmore\r\n--=_"),
    "the sender": (b"From: ", b"From: Somebody <a@b.kz>, "),
    "a second From": (b"To: ", b"From: x@example.kz\r\nTo: "),
    "a second Subject": (b"To: ", b"Subject: x\r\nTo: "),
    "the way to leave": (b"List-Unsubscribe: <https://news", b"List-Unsubscribe: <https://evil"),
    "one click": (b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Not"),
    "the recipient": (b"To: aigul", b"To: bolat"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whoever_changes_a_message_breaks_its_signature(
    signers: tuple[list[Signer], dict[bytes, bytes]], what: str
) -> None:
    made, records = signers
    message = Assembly(mailing(), made).build(reader())
    assert all(verify(message, records))
    old, new = TAMPERINGS[what]
    assert old in message
    assert not any(verify(message.replace(old, new, 1), records))


def test_the_same_edition_and_reader_give_the_same_signed_bytes(
    signers: tuple[list[Signer], dict[bytes, bytes]],
) -> None:
    made, _ = signers
    assert Assembly(mailing(), made).build(reader()) == Assembly(mailing(), made).build(reader())


def test_an_edition_is_signed_with_the_keys_of_the_config(newsroom: Newsroom) -> None:
    records = {}
    for kind, options in (("rsa", ()), ("ed", ("--ed25519",))):
        made = newsroom.run("config", "dkim", kind, *options, "--output", f"{kind}.pem", "--json")
        assert made.exit_code == 0
        records[f"{made.data['name']}.".encode()] = made.data["value"].encode()
        with (newsroom.root / "config.toml").open("a") as config:
            config.write("\n" + made.data["config"])
        assert (newsroom.root / f"{kind}.pem").stat().st_mode & 0o777 == 0o600
    assert newsroom.run("config", "check").exit_code == 0
    assert newsroom.run("publish").exit_code == 0
    assert newsroom.run("subscribers", "add", "a@example.kz", "b@example.kz").exit_code == 0
    assert newsroom.run("digest", "send").exit_code == 0
    letters = list((newsroom.root / "outbox" / "new").iterdir())
    assert len(letters) == 2
    for path in letters:
        assert verify(path.read_bytes(), records) == [True, True]
    again = newsroom.run("config", "dkim", "rsa", "--output", "rsa.pem")
    assert (again.exit_code, again.err.count("\n")) == (2, 1)
    assert "is there already" in again.err


@pytest.fixture
def bad_keys(tmp_path: Path) -> dict[str, Path]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    locked = serialization.BestAvailableEncryption(b"secret")
    keys = {
        "no key": b"hello",
        "empty": b"",
        "another kind": ec.generate_private_key(ec.SECP256R1()).private_bytes(
            *plain, serialization.NoEncryption()
        ),
        "locked": rsa.generate_private_key(65537, 2048).private_bytes(*plain, locked),
    }
    for name, data in keys.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in (*keys, "not there")}


@pytest.mark.parametrize("which", ["no key", "empty", "another kind", "locked", "not there"])
def test_a_key_that_cannot_be_used_is_said(bad_keys: dict[str, Path], which: str) -> None:
    with pytest.raises(ConfigError) as said:
        load_signer(DkimKey(domain="example.kz", selector="x", path=bad_keys[which]))
    (problem,) = said.value.problems
    assert problem.where == str(bad_keys[which])
    assert "\n" not in str(problem)


def test_a_boundary_differs_by_letter_only() -> None:
    kk = mailing()
    ru = dataclasses.replace(kk, letter=dataclasses.replace(kk.letter, language="ru"))
    found = [boundary(each, number) for each in (kk, ru) for number in (1, 2)]
    assert found[0] == found[1] != found[2] == found[3]


def boundary(letter: Mailing, number: int) -> str:
    found = parse(build_message(letter, reader(number))).get_boundary()
    assert found
    return found
