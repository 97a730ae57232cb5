"""Messages: what stands in them, and that the quick way makes the same ones as the plain way."""

import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.utils import getaddresses

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from letters import (
    LETTER,
    MAILING,
    READER,
    TOKEN,
    bad_addresses,
    good_addresses,
    letter_of,
    mailings,
    parts,
    reader_of,
    readers,
    texts,
)
from mail_server import parse

from publisher.delivery import Assembly, Mailing, build_message, settings_salt, token_signer
from publisher.model import Claim
from publisher.text.mailboxes import wire_address

FIELDS = """To Message-ID List-Unsubscribe From Reply-To Subject Date List-Id List-Unsubscribe-Post
List-Archive List-Help Auto-Submitted MIME-Version Content-Type Content-Language""".split()
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def fields_of(message: bytes) -> list[tuple[str, str]]:
    """The header as it is written, unfolded: read by no library that might put it right."""
    header = message.partition(b"\r\n\r\n")[0].decode()
    unfolded = re.sub(r"\r\n(?=[ \t])", "", header)
    return [(name, value) for name, _, value in (line.partition(": ") for line in unfolded.split("\r\n"))]


def decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


@settings(max_examples=150, deadline=None)
@given(mailings, readers)
def test_the_quick_way_makes_the_messages_of_the_plain_way(mailing: Mailing, reader: Claim) -> None:
    assert Assembly(mailing).build(reader) == build_message(mailing, reader)


@pytest.mark.parametrize("after", ["", "z", "z" * 56, "z" * 57 + "\n", f"\n{TOKEN}"])
def test_a_token_may_stand_anywhere_in_a_line_of_base64(after: str) -> None:
    for before in range(58):
        mailing = letter_of(text=f"{'a' * before}{TOKEN}{after}", html=f"{TOKEN}{'b' * before}{TOKEN}{after}")
        assert Assembly(mailing).build(READER) == build_message(mailing, READER), before


@pytest.mark.parametrize("text", ["", "\n", "a", "\r", "a\r\nb\rc\nd", TOKEN, TOKEN * 2, "\0", "\x85\u2028a"])
def test_a_part_may_be_as_short_as_one_likes(text: str) -> None:
    mailing = letter_of(text=text, html=text)
    message = Assembly(mailing).build(READER)
    assert message == build_message(mailing, READER)


@settings(max_examples=60, deadline=None)
@given(parts, parts)
def test_both_parts_read_as_the_letter_with_the_readers_own_token(html: str, text: str) -> None:
    message = parse(Assembly(letter_of(html=html, text=text)).build(READER))
    token = token_signer(MAILING.key, settings_salt(MAILING.digest))(READER.subscriber_id)
    assert len(token) == len(TOKEN)
    for part, written in zip(message.iter_parts(), (text, html), strict=True):
        assert part["Content-Transfer-Encoding"] == "base64"
        read = part.get_payload(decode=True)
        assert isinstance(read, bytes)
        lines = [*written.replace(TOKEN, token).encode().splitlines(), b""]
        assert read == (b"\r\n".join(lines) or b"\r\n")


@settings(max_examples=200, deadline=None)
@given(texts, texts, st.one_of(good_addresses, bad_addresses))
@example("=?utf-8?q?a=0D=0AX-Injected:_1?=", "=?utf-8?q?a=0D=0AX-Injected:_1?=", "a@example.kz")
@example("Doe, John " * 10, "A, " + "b" * 90, "a@example.kz")
@example("Аб, <evil@example.org>, " * 6, "Ж" * 300, "a@example.kz")
def test_no_name_subject_or_address_makes_a_field_of_its_own(name: str, subject: str, address: str) -> None:
    try:
        message = Assembly(letter_of(subject=subject)).build(reader_of(name=name, address=address))
    except ValueError:
        assert CONTROL.search(name + subject) or is_bad(address)
        return
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", message)
    fields = fields_of(message)
    assert [field for field, _ in fields] == FIELDS
    assert decoded(dict(fields)["Subject"]) == subject
    ((read_name, read_address),) = getaddresses([dict(fields)["To"]])
    assert (decoded(read_name), read_address) == (name, wire_address(address))
    for line in message.decode().split("\r\n"):
        assert len(line) <= 78 or " " not in re.sub(r"^[A-Za-z-]+: |^ ", "", line), line
        assert len(line.encode()) <= 998


def is_bad(address: str) -> bool:
    return not re.fullmatch(r"[^\s<>(),;:\\\"\[\]@]+@[^\s<>(),;:\\\"\[\]@]+", address)


@pytest.mark.parametrize("control", ["\r", "\n", "\r\n", "\0", "\r\n ", "\n\tX: y", "\x0b", "\x1b", "\x7f"])
@pytest.mark.parametrize(
    "place", ["name", "address", "subject", "sender", "site_url", "digest", "reply_to", "language"]
)
def test_a_control_character_is_refused_wherever_it_would_be_written(place: str, control: str) -> None:
    value, mailing, reader = f"a{control}b", MAILING, READER
    smuggled = Address("x", addr_spec="a@example.kz")
    vars(smuggled)["_display_name"] = value  # Address() itself refuses some of them
    match place:
        case "name":
            reader = reader_of(name=value)
        case "address":
            reader = reader_of(address=f"{value}@example.kz")
        case "subject":
            mailing = letter_of(subject=value)
        case "language":
            mailing = replace(MAILING, letter=replace(LETTER, language=value))
        case "sender" | "reply_to":
            mailing = replace(MAILING, **{place: smuggled})  # type: ignore[arg-type]
        case _:
            mailing = replace(MAILING, **{place: value})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="holds"):
        Assembly(mailing).build(reader)
    with pytest.raises(ValueError, match="holds"):
        build_message(mailing, reader)


def test_the_header_says_what_providers_ask_for() -> None:
    fields = dict(fields_of(Assembly(MAILING).build(reader_of(name="Doe, J"))))
    token = token_signer(MAILING.key, settings_salt(MAILING.digest))(READER.subscriber_id)
    assert fields["To"] == '"Doe, J" <aigul@example.kz>'
    assert fields["Reply-To"] == "redaksia@news.example.kz"
    assert decoded(fields["From"]) == "Сенат жаңалықтары <digest@news.example.kz>"
    assert fields["Date"] == "Tue, 26 Mar 2024 03:00:00 +0000"
    assert fields["List-Id"] == "<senat-daily.news.example.kz>"
    assert fields["List-Unsubscribe"] == (
        f"<https://news.example.kz/unsubscribe/senat-daily/{token}>,"
        f" <mailto:redaksia@news.example.kz?subject=unsubscribe%20{token}>"
    )
    assert fields["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert fields["List-Archive"] == "<https://news.example.kz/editions/senat-daily/>"
    assert fields["List-Help"] == "<mailto:redaksia@news.example.kz?subject=help>"
    assert fields["Auto-Submitted"] == "auto-generated"
    assert fields["Content-Language"] == "kk"
    assert fields["Content-Type"].startswith("multipart/alternative; boundary=")


def test_the_text_comes_first_and_no_line_of_a_body_is_long() -> None:
    mailing = letter_of(text=LETTER.text * 50, html=LETTER.html * 50)
    message = Assembly(mailing).build(READER)
    assert [part.get_content_type() for part in parse(message).iter_parts()] == ["text/plain", "text/html"]
    body = message.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) == 76


def test_messages_of_one_letter_differ_only_where_the_reader_is_meant() -> None:
    assembly = Assembly(MAILING)
    first, second = (assembly.build(reader_of(None, f"r{n}@example.kz", n)).split(b"\r\n") for n in (1, 2))
    differing = [one for one, other in zip(first, second, strict=True) if one != other]
    encoded = [line for line in differing if b":" not in line]
    assert [line.partition(b":")[0] for line in differing if line not in encoded] == [
        b"To",
        b"Message-ID",
        b"List-Unsubscribe",
        b" <mailto",
    ]
    assert 2 <= len(encoded) <= 4


def test_a_message_made_again_is_the_same_and_its_id_belongs_to_edition_and_reader() -> None:
    other = replace(MAILING, name="senat-daily/2024-03-27")
    ids = {
        fields["Message-ID"]
        for mailing in (MAILING, MAILING, other)
        for number in (1, 2)
        for fields in [dict(fields_of(Assembly(mailing).build(reader_of(number=number))))]
    }
    assert len(ids) == 4
    assert Assembly(MAILING).build(READER) == Assembly(MAILING).build(READER)


def test_a_subscriber_whose_token_has_no_place_gets_no_broken_letter() -> None:
    with pytest.raises(ValueError, match="length"):
        Assembly(MAILING).build(reader_of(number=10**10))


def test_utf_8_before_the_at_sign_stays_as_it_is() -> None:
    message = Assembly(MAILING).build(reader_of(name=None, address="әлия@қазақстан.қаз"))
    assert message.startswith("To: әлия@xn--80aaa0a6awh12ed.xn--80ao21a\r\n".encode())


def test_an_odd_mailbox_is_written_as_a_uri() -> None:
    mailing = replace(MAILING, reply_to=Address(addr_spec="news?&=%+x@example.kz"))
    assert dict(fields_of(Assembly(mailing).build(READER)))["List-Help"] == (
        "<mailto:news%3F%26%3D%25+x@example.kz?subject=help>"
    )


@given(st.text(alphabet="abcdefghij ,.'", min_size=70, max_size=260))
@settings(max_examples=40, deadline=None)
def test_a_long_subject_is_folded_and_keeps_its_spaces(subject: str) -> None:
    assume(subject.strip() == subject)
    message = build_message(letter_of(subject=subject), READER)
    assert decoded(dict(fields_of(message))["Subject"]) == subject
    header = message.partition(b"\r\n\r\n")[0]
    assert max(len(line) for line in header.split(b"\r\n") if b"<" not in line) <= 76
