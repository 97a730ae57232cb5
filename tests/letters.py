"""Letters and readers of every kind, for the tests of messages."""

from dataclasses import replace
from datetime import UTC, datetime
from email.headerregistry import Address

from hypothesis import strategies as st

from publisher.delivery import Mailing
from publisher.model import Claim, EditionText

TOKEN = "UNSUBSCRIBE-TOKEN-" + "x" * 36
"""Stands for a reader's token; as long as one."""
LETTER = EditionText(
    language="kk",
    subject="Сенат: күн жаңалықтары, 26 наурыз 2024",
    html=f'<p>Сенат отырысы өтті.</p>\n<a href="https://news.example.kz/u/{TOKEN}">Бас тарту</a>\n',
    text=f"Сенат отырысы өтті.\n\nБас тарту: https://news.example.kz/u/{TOKEN}\n",
)
MAILING = Mailing(
    name="senat-daily/2024-03-26",
    digest="senat-daily",
    letter=LETTER,
    frozen_at=datetime(2024, 3, 26, 3, 0, tzinfo=UTC),
    sender=Address("Сенат жаңалықтары", addr_spec="digest@news.example.kz"),
    reply_to=Address(addr_spec="redaksia@news.example.kz"),
    site_url="https://news.example.kz/",
    token_placeholder=TOKEN,
    key=b"k" * 32,
)
READER = Claim(
    edition_id=1,
    subscriber_id=7,
    address="aigul@example.kz",
    name="Айгүл Серікқызы",
    language="kk",
    lease="",
    attempts=0,
)

_HARD = (
    *("Айгүл", "Дана, редактор", 'Мұрат "Мұқа" Ә.', "محمد بن سلمان", "\u202eлұғА", "日本,語", "😀", "O'Neil"),
    *(
        "Doe, John",
        "<evil@example.org>",
        "(a comment)",
        "a\\b",
        '"',
        "\\",
        "x@y",
        "Mr. X",
        "a:b;",
        "=?",
        "?=",
    ),
    *("=?utf-8?q?=0D=0ABcc:_evil=40example.org?=", "=?utf-8?b?DQpCY2M6IHg=?=", "e\u0301", "\u2028", "\x85"),
    *(" ", "  ", "word" * 30, "\r\n", "\n", "\r", "\0", "\t", "\r\n\r\n<script>", "\nBcc: evil@example.org"),
)
texts = st.one_of(st.text(max_size=120), st.lists(st.sampled_from(_HARD), max_size=12).map(" ".join))
"""Of names and subjects; what clean ones would not hold is among them."""
good_addresses = st.one_of(
    st.emails(),
    st.sampled_from(
        (
            "ә@example.kz",
            "aigul@қазақстан.қаз",
            "a+b=c@münchen.example",
            f"{'l' * 64}@{'d' * 60}.{'e' * 60}.kz",
        )
    ),
)
bad_addresses = st.sampled_from(
    (
        "a@b.kz\r\nBcc: x@y.kz",
        "a@b.kz>, <x@y.kz",
        "a b@c.kz",
        "a,b@c.kz",
        '"a b"@c.kz',
        "nobody",
        "",
        "@b.kz",
        "a@",
    )
)
_around = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=90), max_size=5)
parts = st.one_of(_around.map(TOKEN.join), st.text(alphabet="aә\r\n\0=-. ", max_size=300))
"""Of letters: with any number of tokens, anywhere."""


def letter_of(subject: str = LETTER.subject, html: str = LETTER.html, text: str = LETTER.text) -> Mailing:
    return replace(MAILING, letter=replace(LETTER, subject=subject, html=html, text=text))


def reader_of(name: str | None = READER.name, address: str = READER.address, number: int = 7) -> Claim:
    return replace(READER, name=name, address=address, subscriber_id=number)


mailings = st.builds(
    letter_of,
    subject=texts.filter(lambda text: text.isprintable()),
    html=parts,
    text=parts,
)
readers = st.builds(
    reader_of,
    name=st.one_of(st.none(), texts.filter(lambda text: text.isprintable())),
    address=good_addresses,
    number=st.integers(1, 10**10 - 1),
)
