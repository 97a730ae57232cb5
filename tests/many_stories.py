"""Stories as a newsroom might drop them: four languages in five alphabets, three file formats, odd titles.

The same on every machine: chance is seeded. Each story knows what a reader of a feed must find of it.
"""

import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from html import escape, unescape
from random import Random
from zoneinfo import ZoneInfo

from conftest import Newsroom

ALMATY = ZoneInfo("Asia/Almaty")
SECTIONS = ("Сенат", "Экономика", "Спорт & сауық", "Әлем")
"""The config knows the first only; the others are made."""
_BEGIN = datetime(2023, 11, 1, tzinfo=ALMATY)
_DAYS = 200
"""Almaty moved its clocks in between, on 2024-03-01."""

_LONG_EVERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a body in both markups, and the words that it shows."""

    html: str
    markdown: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    name: str
    """The file's name, whose suffix is its format."""
    title: str
    lead: str
    blocks: tuple[Block, ...]
    language: str
    section: str
    byline: str | None
    tags: tuple[str, ...]
    url: str | None
    dated: str
    """The date as the file spells it."""
    day: date
    """Local to the newsroom."""
    instant: datetime | None
    """None where the file gives a day only."""
    picture: bytes | None

    def words(self) -> Iterator[str]:
        """What the body shows, in order."""
        yield from filter(None, [self.lead])
        for block in self.blocks:
            yield from block.words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    tag: str
    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    names: tuple[str, ...]
    tags: tuple[str, ...]


_LANGUAGES = (
    _Language(
        tag="kk",
        titles=("Сенат бюджет түсімдерін қарады", "Ауыл мектебі жөндеуден өтті", "Өңірде су қоймасы салынды"),
        sentences=(
            "Отырыста жылдық бюджеттің түсімдері мен шығыстары егжей-тегжейлі талқыланды.",
            "Депутаттар ауылдағы жолдың жөнделмей тұрғанын «тағы да» еске салды.",
            "Жұмыс тобы көктемге дейін ұсыныстарын әзірлеп, үкіметке жібереді.",
        ),
        names=("Айгүл Серікқызы", "Жәңгір Өтеғұл-Оғлы"),
        tags=("бюджет", "ауыл мен қала", "«Ақ жол»"),
    ),
    _Language(
        tag="kk-Arab",
        titles=("سەنات بيۋدجەت تۇسىمدەرىن قارادى", "اۋىل مەكتەبى جوندەۋدەن ءوتتى"),
        sentences=(
            "وتىرىستا جىلدىق بيۋدجەتتىڭ تۇسىمدەرى مەن شىعىستارى تالقىلاندى.",
            "دەپۋتاتتار اۋىلداعى جولدىڭ جوندەلمەي تۇرعانىن ەسكە سالدى.",
        ),
        names=("ايگۇل سەرىكقىزى",),
        tags=("بيۋدجەت", "اۋىل"),
    ),
    _Language(
        tag="kk-Latn",
        titles=("Senat búdjet túsimderin qarady", "Aýyl mektebi jóndeýden ótti"),
        sentences=(
            "Otyrysta jyldyq búdjettiń túsimderi men shyǵystary talqylandy.",
            "Depýtattar aýyldaǵy joldyń jóndelmeı turǵanyn eske saldy.",
        ),
        names=("Aıgúl Serikqyzy",),
        tags=("búdjet",),
    ),
    _Language(
        tag="ru",
        titles=("Сенат рассмотрел поправки в бюджет", "В селе открыли школу после ремонта"),
        sentences=(
            "На заседании подробно обсудили доходы и расходы бюджета на будущий год.",
            "Депутаты напомнили о дороге, которую не могут отремонтировать третий год.",
        ),
        names=("Ольга Ивановна Ёлкина", "Л’Оревуар де Батц"),
        tags=("бюджет и налоги", "сёла"),
    ),
    _Language(
        tag="en",
        titles=("Senate weighs the amendments", "A village school opens after repairs"),
        sentences=(
            "Members heard three reports about the revenue and the spending of the year.",
            "The committee asked again why the road to the village has not been repaired.",
        ),
        names=("Dana O'Brien & Sons", "Aigul S. (intern)"),
        tags=("budget", "R&D", "rock'n'roll"),
    ),
)
_TITLES = (
    "{}",
    "«{}»: № есеп",
    "Заң & тәртіп: {}",
    "<b>{}</b> <script>",
    'Айтты: "{}"',
    "It's 'so': {}",
    "{} 🇰🇿 👩\u200d⚖\ufe0f",
    "а́ ы̆ q̃ {}",
    "5 < 7 > 3 && {}",
    "&amp; &lt;i&gt; &#8470; {}",
    "]]> {} -- \\n $& %s",
    "{}?! 100 % — …",
)
"""What stands around the words of a title."""


def make_stories(count: int) -> list[Story]:
    chance = Random(count)  # noqa: S311 — nothing secret is drawn
    minutes = chance.sample(range(_DAYS * 24 * 60), count)
    return [
        _make_story(chance, number, _BEGIN + timedelta(minutes=minutes[number])) for number in range(count)
    ]


def correct(story: Story) -> Story:
    """The same story with a sentence more."""
    return replace(story, blocks=(*story.blocks, _paragraph("Мәтін түзетілді.")))


def drop_stories(newsroom: Newsroom, stories: list[Story]) -> None:
    """Put the files into the inbox, with their pictures beside them."""
    for story in stories:
        path = newsroom.drop(story.name, _WRITERS[story.name.partition(".")[2]](story))
        if story.picture:
            suffix = ".png" if story.picture.startswith(b"\x89PNG") else ".jpg"
            path.with_suffix(suffix).write_bytes(story.picture)


def _make_story(chance: Random, number: int, at: datetime) -> Story:
    language = chance.choice(_LANGUAGES)
    with_clock = chance.random() < 0.7
    title = chance.choice(_TITLES).format(chance.choice(language.titles))
    return Story(
        name=f"{number:03}.{chance.choice(('md', 'md', 'json', 'html'))}",
        title=f"{title} {number}",
        lead=chance.choice(("", f"{chance.choice(language.sentences)} ({number})")),
        blocks=tuple(_make_blocks(chance, language, number)),
        language=language.tag,
        section=chance.choice(SECTIONS),
        byline=chance.choice((None, *language.names)),
        tags=tuple(chance.sample(language.tags, chance.randint(0, len(language.tags)))),
        url=chance.choice((None, None, None, f"https://egemen.example/a?id={number}&lang=kk")),
        dated=_spell(chance, at) if with_clock else f"{at:%Y-%m-%d}",
        day=at.date(),
        instant=at if with_clock else None,
        picture=chance.choice((None, None, make_png(number), make_jpeg(number))),
    )


def _spell(chance: Random, at: datetime) -> str:
    """ISO 8601 with the newsroom's offset, in UTC, or in local time where only one instant has it."""
    spelled = [at.isoformat(), at.astimezone(UTC).isoformat().replace("+00:00", "Z")]
    local = at.replace(tzinfo=None)
    if at.utcoffset() == at.replace(fold=1).utcoffset():
        spelled.append(local.isoformat(timespec="minutes"))
    return chance.choice(spelled)


def _make_blocks(chance: Random, language: _Language, number: int) -> Iterator[Block]:
    yield _paragraph(f'{chance.choice(language.sentences)} AT&T <b> &amp; 1 < 2 "{number}"')
    kinds: tuple[Callable[[list[str], int], Block], ...] = (
        _linked,
        _emphasised,
        _list,
        _quote,
        _table,
        _image,
    )
    if number % _LONG_EVERY == 0:  # some readers cut what is long
        yield from (_paragraph(f"{chance.choice(language.sentences)} {row}") for row in range(400))
    for kind in chance.sample(kinds, chance.randint(1, len(kinds))):
        yield kind([chance.choice(language.sentences) for _ in range(3)], number)


def _paragraph(text: str) -> Block:
    return Block(html=f"<p>{escape(text)}</p>", markdown=escape(text), words=(text,))


def _linked(texts: list[str], number: int) -> Block:
    url = f"https://example.org/сілтеме/{number}?a=1&b=(2)"
    return Block(
        html=f'<p>{texts[0]} <a href="{escape(url)}">{texts[1]}</a></p>',
        markdown=f"{texts[0]} [{texts[1]}](<{url}>)",
        words=(texts[0], texts[1]),
    )


def _emphasised(texts: list[str], number: int) -> Block:
    return Block(
        html=f"<h2>{number}</h2>\n<p><strong>{texts[0]}</strong> {texts[1]} <em>{texts[2]}</em></p>",
        markdown=f"## {number}\n\n**{texts[0]}** {texts[1]} *{texts[2]}*",
        words=(str(number), *texts),
    )


def _list(texts: list[str], number: int) -> Block:
    tag, mark = (("ul", "-"), ("ol", "1."))[number % 2]
    rows = "".join(f"<li>{text}</li>" for text in texts)
    return Block(
        html=f"<{tag}>{rows}</{tag}>",
        markdown="\n".join(f"{mark} {text}" for text in texts),
        words=tuple(texts),
    )


def _quote(texts: list[str], _: int) -> Block:
    return Block(
        html=f"<blockquote><p>{texts[0]}</p><p>{texts[1]}</p></blockquote>",
        markdown=f"> {texts[0]}\n>\n> {texts[1]}",
        words=(texts[0], texts[1]),
    )


def _table(texts: list[str], number: int) -> Block:
    return Block(
        html=f"<table><tr><th>№</th><th>{number}</th></tr><tr><td>1</td><td>{texts[0]}</td></tr></table>",
        markdown=f"| № | {number} |\n| --- | --- |\n| 1 | {texts[0]} |",
        words=("№", str(number), "1", texts[0]),
    )


def _image(texts: list[str], number: int) -> Block:
    url = f"https://example.org/i/{number}.webp?w=600&h=400"
    return Block(
        html=f'<p><img src="{escape(url)}" alt="{texts[0]}"></p><p>{texts[1]}</p>',
        markdown=f"![{texts[0]}]({url})\n\n{texts[1]}",
        words=(texts[1],),
    )


def _write_markdown(story: Story) -> str:
    # The reader takes HTML's entities for letters, as exports have them: what looks like one is written so.
    title = story.title if unescape(story.title) == story.title else escape(story.title, quote=False)
    fields = {
        "title": title,
        "date": story.dated,
        "section": story.section,
        "language": story.language,
        "lead": story.lead,
        "author": story.byline,
        "url": story.url,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    tags = [f"  - {json.dumps(tag, ensure_ascii=False)}" for tag in story.tags]
    text = "\n\n".join(block.markdown for block in story.blocks)
    return "\n".join(["---", *lines, *(["tags:"] if tags else []), *tags, "---", "", text, ""])


def _write_ninjs(story: Story) -> str:
    # The reader takes a headline with markup for HTML, as providers send it.
    html = "<" in story.title or unescape(story.title) != story.title
    item = {
        "uri": f"urn:newsml:example.org:{story.name}",
        "type": "text",
        "pubstatus": "usable",
        "headline": escape(story.title, quote=False) if html else story.title,
        "firstcreated": story.dated,
        "versioncreated": "2024-12-31T00:00:00Z",
        "language": story.language,
        "section": story.section,
        "description_text": story.lead,
        "byline": story.byline,
        "url": story.url,
        "subject": [{"name": tag} for tag in story.tags],
        "body_html": "\n".join(block.html for block in story.blocks),
    }
    return json.dumps({name: value for name, value in item.items() if value}, ensure_ascii=False)


def _write_html(story: Story) -> str:
    metas = [
        ("og:title", story.title),
        ("article:published_time", story.dated),
        ("article:section", story.section),
    ]
    metas += [("article:author", story.byline)] if story.byline else []
    metas += [("article:tag", tag) for tag in story.tags]
    head = [f'<meta property="{name}" content="{escape(value)}">' for name, value in metas]
    head += [f'<link rel="canonical" href="{escape(story.url)}">'] if story.url else []
    lead = [f'<p class="lead">{escape(story.lead)}</p>'] if story.lead else []
    return "\n".join(
        (
            f'<!doctype html>\n<html lang="{story.language}"><head><meta charset="utf-8">',
            *head,
            f"</head><body><nav><a href='/'>Басты бет</a></nav><article><h1>{escape(story.title)}</h1>",
            *lead,
            *(block.html for block in story.blocks),
            "</article><footer>© 2024</footer></body></html>",
        )
    )


_WRITERS: dict[str, Callable[[Story], str]] = {
    "md": _write_markdown,
    "json": _write_ninjs,
    "html": _write_html,
}


def make_png(number: int) -> bytes:
    """A picture of one pixel, of a colour of its own."""
    pixel = b"\0" + number.to_bytes(3)
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixel)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def make_jpeg(number: int) -> bytes:
    """A grey picture of one pixel, with a comment of its own."""
    code = b"\1" + bytes(15) + b"\0"  # one code, of one bit, for nothing
    segments = (
        (0xFE, str(number).encode()),  # comment
        (0xDB, b"\0" + b"\1" * 64),  # quantisation
        (0xC0, b"\x08\0\1\0\1\1\1\x11\0"),  # baseline, 1 × 1, one component
        (0xC4, b"\0" + code),  # Huffman codes of the DC
        (0xC4, b"\x10" + code),  # and of the AC coefficients
        (0xDA, b"\1\1\0\0\x3f\0"),  # scan
    )
    body = b"".join(
        b"\xff" + bytes([kind]) + struct.pack(">H", len(data) + 2) + data for kind, data in segments
    )
    return b"\xff\xd8" + body + b"\x3f" + b"\xff\xd9"
