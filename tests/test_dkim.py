"""Signatures: verified by dkimpy, which shares no code with ours."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dkim
import pytest
from conftest import Newsroom, make_newsroom
from hypothesis import given, settings
from letters import MAILING, READER, letter_of, mailings, readers

from publisher.config import DkimKey
from publisher.delivery import Assembly, Mailing, Signer, build_message, load_signers
from publisher.delivery.dkim import check_canonical
from publisher.delivery.dkim_keys import dns_strings, dns_value, make_key
from publisher.errors import ConfigError, ExitCode
from publisher.model import Claim

DOMAIN = "news.example.kz"
Records = dict[str, str]


@pytest.fixture(scope="module")
def records() -> Records:
    """The DNS."""
    return {}


@pytest.fixture(scope="module")
def signers(records: Records, tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, ...]:
    """An RSA key and an Ed25519 key, published in the DNS."""
    folder, keys = tmp_path_factory.mktemp("keys"), []
    for selector, ed25519 in (("rsa", False), ("ed", True)):
        pem = make_key(ed25519=ed25519)
        path = folder / f"{selector}.pem"
        path.write_bytes(pem)
        keys.append(DkimKey(domain=DOMAIN, selector=selector, path=path))
        records[f"{selector}._domainkey.{DOMAIN}."] = dns_value(pem)
    return load_signers(keys)


def verified(message: bytes, records: Records) -> list[bool]:
    """What a receiver says of each signature."""

    def answer(name: bytes, timeout: int = 5) -> bytes:
        del timeout
        return records[name.decode()].encode()

    count = len(re.findall(rb"^DKIM-Signature:", message, re.MULTILINE))
    return [_is_valid(message, index, answer) for index in range(count)]


def _is_valid(message: bytes, index: int, answer: Callable[..., bytes]) -> bool:
    try:
        return bool(dkim.DKIM(message).verify(index, dnsfunc=answer))
    except dkim.ValidationError:  # another body
        return False


def tags_of(message: bytes) -> Iterator[dict[str, str]]:
    """Of each signature."""
    for field in re.findall(r"^DKIM-Signature: (.*?)\r\n(?! )", message.decode(), re.MULTILINE | re.DOTALL):
        joined = re.sub(r"\s+", "", field)
        yield dict(tag.split("=", 1) for tag in joined.split(";"))


@settings(max_examples=60, deadline=None)
@given(mailings, readers)
def test_every_signature_is_verified_and_the_message_below_is_the_plain_one(
    signers: tuple[Signer, ...], records: Records, mailing: Mailing, reader: Claim
) -> None:
    message = Assembly(mailing, signers).build(reader)
    assert verified(message, records) == [True, True]
    assert message.endswith(build_message(mailing, reader))
    signatures = message.removesuffix(build_message(mailing, reader))
    assert max(map(len, signatures.split(b"\r\n"))) <= 76


def test_a_signature_covers_every_field_and_one_more_of_each(signers: tuple[Signer, ...]) -> None:
    message = Assembly(MAILING, signers).build(READER)
    header = build_message(MAILING, READER).partition(b"\r\n\r\n")[0].decode()
    names = [name.lower() for name in re.findall(r"^([A-Za-z-]+):", header, re.MULTILINE)]
    assert {"from", "subject", "to", "date", "list-unsubscribe", "list-unsubscribe-post"} <= set(names)
    rsa, ed25519 = tags_of(message)
    assert (rsa["a"], ed25519["a"]) == ("rsa-sha256", "ed25519-sha256")
    for tags in (rsa, ed25519):
        assert sorted(tags["h"].split(":")) == sorted(names * 2)
        assert (tags["c"], tags["d"]) == ("relaxed/relaxed", DOMAIN)
        assert tags["t"] == str(int(MAILING.frozen_at.timestamp()))
        assert not tags.keys() & {"l", "x", "i", "z"}


def test_a_message_signed_again_is_the_same(signers: tuple[Signer, ...]) -> None:
    once, again = (Assembly(MAILING, signers).build(READER) for _ in range(2))
    assert once == again


TAMPERINGS = {
    "a line of the body": (rb"(\r\n\r\n)([A-Za-z0-9])", rb"\1/"),
    "a line more": (rb"--\r\n$", b"--\r\nmore\r\n"),
    "From": (rb"<digest@", b"<evil@"),
    "To": (rb"<aigul@", b"<dana@"),
    "Subject": (rb"\r\nSubject: ", b"\r\nSubject: not "),
    "Date": (rb"Date: Tue", b"Date: Wed"),
    "Reply-To": (rb"Reply-To: r", b"Reply-To: evil-r"),
    "Message-ID": (rb"Message-ID: <", b"Message-ID: <0"),
    "List-Unsubscribe": (rb"<https://news\.example\.kz/unsub", b"<https://evil.example.kz/unsub"),
    "List-Unsubscribe-Post": (rb"=One-Click", b"=Two-Click"),
    "List-Unsubscribe taken away": (rb"\r\nList-Unsubscribe-Post: [^\r]+", b""),
    "Content-Type": (rb"multipart/alternative", b"multipart/mixed"),
    "Content-Language": (rb"Content-Language: kk", b"Content-Language: ru"),
}
ADDED = (
    *("From: <evil@example.kz>", "Subject: evil", "Reply-To: evil@example.kz", "To: evil@example.kz"),
    *("List-Unsubscribe: <https://evil.example.kz/>", "Content-Type: text/html", "Date: x", "sUBJECT: evil"),
)


@pytest.fixture(scope="module")
def signed(signers: tuple[Signer, ...]) -> bytes:
    return Assembly(MAILING, signers).build(READER)


@pytest.mark.parametrize("what", TAMPERINGS)
def test_what_is_changed_breaks_every_signature(signed: bytes, records: Records, what: str) -> None:
    assert verified(signed, records) == [True, True]
    pattern, new = TAMPERINGS[what]
    changed, count = re.subn(pattern, new, signed, count=1)
    assert count == 1
    assert verified(changed, records) == [False, False]


@pytest.mark.parametrize("field", ADDED)
def test_a_field_more_breaks_every_signature(signed: bytes, records: Records, field: str) -> None:
    line = f"{field}\r\n".encode()
    header, end, body = signed.partition(b"\r\n\r\n")
    for changed in (line + signed, header + b"\r\n" + line.rstrip() + end + body):
        assert verified(changed, records) == [False, False]


def test_what_relays_do_to_a_message_breaks_nothing(signed: bytes, records: Records) -> None:
    received = b"Received: from a by b; Tue, 26 Mar 2024 03:00:01 +0000\r\n" + signed
    spaced = received.replace(b"\r\nSubject: ", b"\r\nSubject:   ").replace(b"\r\n\r\n--", b" \r\n\r\n--", 1)
    assert verified(spaced.replace(b"--\r\n", b"--  \r\n") + b"\r\n\r\n", records) == [True, True]


@pytest.mark.parametrize(
    "body",
    [b"", b"\r\n", b"a", b"a\n", b"a \r\n", b"a\tb\r\n", b"a  b\r\n", b"a\r\n\r\n", b"a\rb\r\n", b"\nb\r\n"],
)
def test_a_body_that_would_be_hashed_wrongly_is_noticed(body: bytes) -> None:
    with pytest.raises(ValueError, match="DKIM"):
        check_canonical(body)


def test_a_canonical_body_is_one_to_dkimpy_too() -> None:
    body = build_message(letter_of(), READER).partition(b"\r\n\r\n")[2]
    check_canonical(body)
    assert dkim.canonicalization.Relaxed.canonicalize_body(body) == body


def test_long_names_in_the_dns_are_signed_too(tmp_path: Path) -> None:
    domain = ".".join([*("d" * 60 for _ in range(4)), "kz"])
    pem = make_key(ed25519=True)
    (tmp_path / "key").write_bytes(pem)
    signers = load_signers([DkimKey(domain=domain, selector="s" * 63, path=tmp_path / "key")])
    records = {f"{'s' * 63}._domainkey.{domain}.": dns_value(pem)}
    assert verified(Assembly(MAILING, signers).build(READER), records) == [True]


# Through the command line


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Newsroom, Records, list[Any]]:
    """A newsroom that has made two keys, put them into the DNS and config.toml, and sent its digest.

    At first one of them is not where config.toml says.
    """
    newsroom = make_newsroom(tmp_path_factory.mktemp("dkim") / "newsroom")
    made = [
        newsroom.run("config", "dkim", "news2026", "--json").data,
        newsroom.run("config", "dkim", "ed", "--ed25519", "--output", "keys/ed.pem", "--json").data,
    ]
    config = newsroom.root / "config.toml"
    config.write_text("\n\n".join((config.read_text(), *(key["config"] for key in made))))
    assert newsroom.run("publish").exit_code == 0
    assert newsroom.run("subscribers", "add", "aigul@example.kz", "b@қазақстан.қаз").exit_code == 0
    key = newsroom.root / "keys" / "ed.pem"
    key.rename(newsroom.root / "ed.pem")
    refused = newsroom.run("digest", "send")
    assert refused.exit_code == 2
    assert refused.err.startswith(f"publisher: error: delivery.dkim[1].key: {key} cannot be read (")
    assert not (newsroom.root / "outbox").exists()
    (newsroom.root / "ed.pem").rename(key)
    sent = newsroom.run("digest", "send", "--json")
    assert (sent.exit_code, sent.data["deliveries"]) == (0, {"sent": 2})
    return newsroom, {f"{key['record']['name']}.": key["record"]["value"] for key in made}, made


def test_what_the_digest_sends_once_its_keys_are_there_is_signed_with_every_key(
    room: tuple[Newsroom, Records, Any],
) -> None:
    newsroom, dns, _ = room
    messages = [path.read_bytes() for path in (newsroom.root / "outbox" / "new").iterdir()]
    assert len(messages) == 2
    for message in messages:
        assert verified(message, dns) == [True, True]
        assert [tags["s"] for tags in tags_of(message)] == ["news2026", "ed"]


def test_a_preview_is_signed_as_the_letter_would_be(room: tuple[Newsroom, Records, Any]) -> None:
    newsroom, dns, _ = room
    assert newsroom.run("digest", "preview").exit_code == 0
    assert verified((newsroom.root / "preview" / "senat-daily.eml").read_bytes(), dns) == [True, True]


def test_a_key_is_for_its_owner_only_and_its_record_fits_the_dns(room: tuple[Newsroom, Records, Any]) -> None:
    newsroom, _, made = room
    for path in (newsroom.root / "state" / "dkim" / "news2026.pem", newsroom.root / "keys" / "ed.pem"):
        assert path.stat().st_mode & 0o777 == 0o600
    rsa, ed25519 = (key["record"] for key in made)
    assert rsa["name"] == "news2026._domainkey.news.example.kz"
    assert "".join(rsa["strings"]) == rsa["value"]
    assert [len(piece) for piece in rsa["strings"][:-1]] == [255]
    assert rsa["value"].startswith("v=DKIM1; k=rsa; p=MIIB")
    assert re.fullmatch(r"v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=", ed25519["value"])
    assert made[1]["config"].splitlines()[2] == 'key = "keys/ed.pem"'


def test_a_key_that_is_there_is_never_overwritten(room: tuple[Newsroom, Records, Any]) -> None:
    newsroom, _, _ = room
    path = newsroom.root / "state" / "dkim" / "news2026.pem"
    before = path.read_bytes()
    again = newsroom.run("config", "dkim", "news2026")
    assert (again.exit_code, again.out) == (2, "")
    assert "is there already; take another selector" in again.err
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_person_is_told_the_record_and_the_block(newsroom: Newsroom) -> None:
    ran = newsroom.run("config", "dkim", "news2026")
    assert ran.exit_code == 0
    (record,) = (line for line in ran.out.splitlines() if " TXT " in line)
    name, _, quoted = record.partition(" TXT ")
    assert name == "news2026._domainkey.news.example.kz."
    strings = re.findall(r'"([^"]+)"', quoted)
    assert strings == dns_strings(dns_value((newsroom.root / "state" / "dkim" / "news2026.pem").read_bytes()))
    assert ran.out.endswith('[[delivery.dkim]]\nselector = "news2026"\nkey = "state/dkim/news2026.pem"\n')


@pytest.mark.parametrize("arguments", [("../x",), ("ok", "--output", "config.toml/x.pem")])
def test_a_key_that_cannot_be_made_is_one_line(newsroom: Newsroom, arguments: tuple[str, ...]) -> None:
    ran = newsroom.run("config", "dkim", *arguments)
    assert ran.exit_code == 2
    assert re.fullmatch(r"publisher: error: [^\n]+; [^\n]+\n", ran.err)


def _pem(kind: str) -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    if kind == "encrypted":
        locked = serialization.BestAvailableEncryption(b"secret")
        return ed25519.Ed25519PrivateKey.generate().private_bytes(*form, locked)
    if kind == "elliptic":
        return ec.generate_private_key(ec.SECP256R1()).private_bytes(*form, serialization.NoEncryption())
    public = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*public)


# Made for this test, and too short to be anybody's.
SHORT_RSA = b"""-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAxNIedb3XPEOEEtwt
oHHEUxXMWGZZe/BECDNVqnMx+N4tcsepBLTEVsomnZKe43NBbSjgC+A5Julal6jo
OECZeQIDAQABAkBCGC2SbIXy/tlDXB0WXB4JqLBOn1A9hpnSByslajnF0H+r/1Wb
jyGkMTONWKEa/t5Yfy03+cupO1ZHBc8g/PhhAiEA59P+cAE+97AhjTfYSv4L/55U
MetwqzabK7nNrvGj/KcCIQDZV7O1Ngcv53x+PdnMjIi99BUaLQKK1ST26XDhiXjc
3wIhALf2zEPJWVRoGlfb5vGro43W8G0kriXPkVcjfIrFCiKlAiB/n1scFkykGYbl
zkXdMcx91hyqETID+eLJxgwNs56v+wIhANqfbmoUSHcXMmzp2+HiBVkqrGGzcibE
kUkCPTAwcSjR
-----END PRIVATE KEY-----
"""
BAD_KEYS = {
    "missing": (None, "cannot be read (No such file or directory)"),
    "folder": (None, "cannot be read (Is a directory)"),
    "noise": (b"\0\xff not a key", "is no private key in PEM"),
    "empty": (b"", "is no private key in PEM"),
    "public": (_pem("public"), "is no private key in PEM"),
    "encrypted": (_pem("encrypted"), "is encrypted with a password"),
    "elliptic": (_pem("elliptic"), "is neither an RSA nor an Ed25519 key"),
    "short": (SHORT_RSA, "has 512 bits: receivers take 1024 to 4096"),
}


def test_config_check_says_what_is_wrong_with_each_key(newsroom: Newsroom) -> None:
    config = newsroom.root / "config.toml"
    (newsroom.root / "folder").mkdir()
    for name, (data, _) in BAD_KEYS.items():
        if data is not None:
            (newsroom.root / name).write_bytes(data)
        block = f'[[delivery.dkim]]\nselector = "{name}"\nkey = "{name}"\n'
        config.write_text(f"{config.read_text()}\n{block}")
    ran = newsroom.run("config", "check", "--json")
    assert ran.exit_code == 2
    found = {problem["where"]: problem for problem in ran.data["problems"]}
    for index, (name, (_, cause)) in enumerate(BAD_KEYS.items()):
        problem = found[f"delivery.dkim[{index}].key"]
        assert problem["cause"] == f"{newsroom.root / name} {cause}"
        assert problem["hint"]


def test_every_key_that_is_wrong_is_named_at_once() -> None:
    keys = [DkimKey(domain=DOMAIN, selector="s", path=Path(name)) for name in ("/nowhere", "/nor-here")]
    with pytest.raises(ConfigError) as error:
        load_signers(keys)
    assert [problem.where for problem in error.value.problems] == [
        "delivery.dkim[0].key",
        "delivery.dkim[1].key",
    ]
    assert error.value.exit_code is ExitCode.USAGE
