"""Article files, damaged: the real files of the tests, and what bad disks, programs and people do to them.

A mutation is a number: the same number gives the same file, so a failure names all that is needed to see it.

    python tests/mutations.py 12345 > file        the mutation of that number; its suffix goes to stderr
"""

import io
import json
import random
import re
import sys
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from publisher.model import Article, PubStatus
from publisher.readers import READERS

TESTS = Path(__file__).parent
FOLDERS = (TESTS / "samples", TESTS / "layouts", TESTS / "formats", TESTS.parent / "seeds")
LIMIT = 400_000
"""Bytes of a mutated file; most stay far below."""


class File(NamedTuple):
    suffix: str
    data: bytes


@cache
def originals() -> tuple[File, ...]:
    """Every real file of a suffix that the readers know; the same order on every machine."""
    paths = (path for folder in FOLDERS if folder.is_dir() for path in folder.rglob("*") if path.is_file())
    found = sorted(path for path in paths if path.suffix in READERS)
    return tuple(File(path.suffix, path.read_bytes()) for path in found)


# What is inserted

CONTROLS = [chr(code) for code in (*range(32), *range(0x7F, 0xA0))]
ILLEGAL = ["\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff"]
SEEN_BY_NOBODY = [
    "\ufeff",
    "\u200b",
    "\u200f",
    "\u202e",
    "\u2066",
    "\xad",
    "\u2028",
    "\u2029",
    "\x85",
    "\xa0",
]
LETTERS = [
    "\u0301",
    "\u0306",
    "\u212a",
    "ﷺ",
    "İ",
    "ß",
    "ﬁ",
    "𝟙",
    "٢",
    "😀",
    "Ђ",
    "\ufffd",
    "????",
    "Ð¡Ðµ",
    "â€",
]
DATES = (
    "26 Наурыз, 2024|26 наурыз 2024, 10:23|Кеше, 10:23|Бүгін|2 сағат бұрын|вчера, 09:00|26 марта 2024 г.|"
    "March 26, 2024|22 قىركۇيەك, 2017|26 naýryz 2024|31 Ақпан, 2024|99 Наурыз, 9999|00.00.0000|26.03.24|"
    "0001-01-01T00:00+14:00|9999-12-31T23:59:59-12:00|2024-03-26T10:00+99:99|2024-W13-2|2024-086|"
    "2024-03-31T02:30|1970-01-01|-0001-01-01|2024-03-26T24:00|2024-02-30|999999999 сағат бұрын|"
    "9999 жыл бұрын|Жаңартылды: 27 Наурыз, 2024|"
    "Embargo: 0001-01-01T00:00+14:00|Эмбарго: 9999-12-31|Эмбарго: жоқ"
).split("|")
NUMBERS = ["9" * 400, "1e999", "-1", "1" + "0" * 5000, "9" * 18, "0x10", "٣" * 50, "NaN", "1 234 567 рет"]
LINES = (
    "Сенат • 26 Наурыз, 2024|45 рет|көрсетілді|2 мин|оқу үшін|Фото: Сенат|Автор: Айгүл СЕЙІТ|"
    "Дереккөз: https://old.example.kz/1|Тегтер: бір, екі|#бір #екі|Тақырыпқа орай|Читайте также: Комитет|"
    "© Egemen Qazaqstan|img_1234.jpg|бллвап|123|Пікірлер|https://egemen.kz/article/1|www.egemen.kz|---|...|"
    "Сурет: ашық дереккөз|Қазақстан|Соңғы жаңалықтар|Түзету: 25 емес, 26 наурыз.|Исправление: опечатка"
).split("|")
REFERENCES = (
    "&#0; &#xFFFE; &#xFFFF; &#x1F; &#11; &#xD800; &#xDFFF; &#x1FFFE; &#99999999999; &#x110000; &#x80; "
    "&#xFDD0; &#0 &#x &#; &amp;#0; &amp;#xFFFE; &lt;script&gt; &nbsp; &zwj; &NotEqualTilde; "
    "&lt;b onclick=x&gt; %00 \\0"
).split()
MARKUP = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='java\tscript:alert(1)'>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    '<a href="\x01javascript:alert(1)">x</a>',
    "<a href='data:text/html,<script>1</script>'>x</a>",
    "[x](javascript:alert(1)) [y](<vbscript:1>) ![z](data:image/svg+xml,1)",
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<svg><script>alert(1)</script><style><img src=x onerror=1></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=1&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=1>">',
    "<p title='a>b' onclick=alert(1) style='x:expression(1)'>",
    "<iframe srcdoc='<script>1</script>'>",
    "<template><b>x</template>",
    "<table><tr><td>x<table><td>",
    "<base href='javascript:/'>",
    "<meta http-equiv=refresh content='0;url=javascript:1'>",
    "<meta charset=utf-7>",
    "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "</p></div></article></body></html>",
    "<title>",
    "<textarea>",
    "<plaintext>",
    "<h1>",
    "<article>",
    '<script type=application/ld+json>{"@type":"NewsArticle","headline":[[{}]],"datePublished":9}</script>',
]
FRONT = [
    "---\n",
    "...\n",
    "title: ",
    "title: |\n  ",
    "date: ",
    "draft: maybe\n",
    "correction: [бір, екі]\n",
    "status: canceled\n",
    "status: withheld\n",
    "embargo: 0001-01-01T00:00+14:00\n",
    "embargo: 9999-12-31T23:59-12:00\n",
    "url: javascript:alert(1)\n",
    "url: https://[::1\n",
    "url: https://old.example.kz/1\n",
    "canonical: http://\u0301x/\n",
    "tags: [а, [б, {в: г}]]\n",
    "tags: &a [*a]\n",
    "a: &a [1]\nb: *a\n",
    "? [a]\n: b\n",
    "!!python/object/apply:os.system [x]\n",
    "<<: {a: b}\n",
    "%YAML 9.9\n",
    "%TAG ! x\n",
    'id: "\\0\\uD800\\uFFFE"\n',
    'id: "\\x07\\e\\U0001FFFE"\n',
    "language: kk-Arab-\n",
    'title: "\\u202e\\ud83d"\n',
    "\t- x\n",
    'photo_credit: "Фото: \\L\\P\\N"\n',
]
ESCAPES = [
    "\\u0000",
    "\\ud800",
    "\\udfff\\ud800",
    "\\ufffe",
    "\\u001b[31m",
    "\\u2028",
    "\\ud83d\\ude00",
    '"},{"',
    '","uri":"',
    '","pubstatus":"canceled","x":"',
    '","embargoed":"0001-01-01T00:00:00+14:00","x":"',
    '","firstcreated":"9999-12-31T23:59:59-12:00","x":"',
    '","url":"http://[","x":"',
    '","language":"kk-\\u0000","x":"',
    "null",
    "[]",
    "{}",
    "-1e999",
    "Infinity",
    "1" + "0" * 4400,
]
HEADERS = [
    "Subject: =?utf-8?b?AAECAwQ=?=\n",
    "Subject: =?utf-8?q?=00=1B=EF=BF=BE?=\n",
    "Subject: =?x-none?b?////?=\n",
    "Subject: =?utf-16?b?2ADYAA==?=\n",
    "Subject:\n",
    "Date: Mon, 99 Foo 99999 99:99:99 +9999\n",
    "Date: Thu, 6 Mar 2025 99999999999999999999:00:00 +0500\n",
    "Date: Fri, 31 Dec 9999 23:59:59 -1200\n",
    "Date: Mon, 01 Jan 0001 00:00:00 +1400\n",
    "Date: 26 Mar 24 10:00 -0000\n",
    'From: "\x00" <@>\n',
    "From: =?utf-8?q?=22?= <a@b>, (((((\n",
    "From: a@b:;<>,,,\n",
    "Message-ID: <\x1b>\n",
    "Content-Type: text/html; charset=unicode_escape\n",
    "Content-Type: text/html; charset=utf-7\n",
    'Content-Type: text/plain; charset="\x00"; format=flowed; delsp=yes\n',
    "Content-Type: text/plain; charset*=utf-8''%00; charset*1*=%FF\n",
    'Content-Type: multipart/mixed; boundary=""\n',
    "Content-Type: multipart/alternative; boundary=a\n",
    "Content-Type: message/rfc822\n",
    "Content-Type: message/external-body\n",
    "Content-Type: application/zip; name*0=a; name*2=b\n",
    "Content-Transfer-Encoding: base64\n",
    "Content-Transfer-Encoding: quoted-printable\n",
    "Content-Transfer-Encoding: uuencode\n",
    "Content-Transfer-Encoding: x\x00\n",
    "Content-Disposition: attachment; filename*=x'y'%FF\n",
    "MIME-Version: 2.0 (((\n",
    "Resent-Date: x\n",
    "=00=1B=EF=BF=BE=\n",
    "--\n",
    "\n\n",
]
NESTED = [
    ("<div>", ""),
    ("<b><i>", ""),
    ("<blockquote>", "</blockquote>"),
    ("<table><tr><td>", "</td></tr></table>"),
    ("<ul><li>", ""),
    ("<svg><foreignObject>", ""),
    ("<font>", ""),
    ("<a href=x>", ""),
    ("<template>", ""),
    ("> ", ""),
    ("- ", ""),
    ("* _", "_*"),
    ("[", "]"),
    ("[", "](x)"),
    ("![", ""),
    ("(", ")"),
    ("{", "}"),
    ('{"a":', "}"),
    ('{"headlines":[', "]}"),
    ("[[", "]]"),
    ("`", ""),
    ("***a", ""),
    ("<", ""),
    ("<!--", ""),
    ("&", ""),
    ("| ", ""),
    ("~~", ""),
    ("\\", ""),
    ("«", "»"),
    ("Фото: ", ""),
    ("26 Наурыз, 2024 ", ""),
    ("2024 ", ""),
    ("1 ", ""),
    ("• ", ""),
    ("а", ""),
    ("А.", ""),
    ("?", ""),
    ("Ð¡", ""),
    ("aа", ""),
    ("\u0301", ""),
    ("\n", ""),
    (" ", ""),
    ("\n \n", ""),
    ("\t", ""),
    ("https://", ""),
    ("www.", ""),
    ("a@", ""),
    (":", ""),
    ("=?utf-8?q?a?=", ""),
    ("a=b;", ""),
    ("Received: x\n", ""),
    ("--a\n\n", ""),
    ("a: &a [*a]\n", ""),
    ("- - ", ""),
    ("? ", ""),
    ("!a ", ""),
    ("#", ""),
    ("1. ", ""),
    ("<p onclick=", ""),
    ("<p a", ""),
    ("\x1b", ""),
    ("\xad", ""),
]
ENCODINGS = (
    "cp1251 koi8-r kz1048 ptcp154 cp866 mac-cyrillic utf-16 utf-16-le utf-16-be utf-8-sig "
    "utf-32 utf-7 cp1252 hz"
).split()
WORDS = [
    *(CONTROLS + ILLEGAL + SEEN_BY_NOBODY + LETTERS),
    *(DATES + NUMBERS + LINES + REFERENCES + MARKUP + FRONT + ESCAPES),
]


# What is done. Each takes bytes and a chooser, and gives bytes.

Mutator = Callable[[bytes, random.Random], bytes]


def _range(data: bytes, chooser: random.Random, longest: int = 2000) -> tuple[int, int]:
    start = chooser.randrange(len(data) + 1)
    return start, min(len(data), start + int(longest ** chooser.random()))


def _flip_bits(data: bytes, chooser: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chooser.choice((1, 1, 2, 8, 64)) if data else 0):
        changed[chooser.randrange(len(changed))] ^= 1 << chooser.randrange(8)
    return bytes(changed)


def _overwrite(data: bytes, chooser: random.Random) -> bytes:
    start, end = _range(data, chooser, 200)
    return data[:start] + chooser.randbytes(end - start) + data[end:]


def _delete(data: bytes, chooser: random.Random) -> bytes:
    start, end = _range(data, chooser)
    return data[:start] + data[end:]


def _duplicate(data: bytes, chooser: random.Random) -> bytes:
    start, end = _range(data, chooser)
    times = int(10 ** (3.5 * chooser.random() ** 3)) + 1
    return data[:start] + data[start:end] * times + data[end:]


def _truncate(data: bytes, chooser: random.Random) -> bytes:
    start = chooser.randrange(len(data) + 1)
    return data[:start] if chooser.random() < 0.7 else data[start:]


def _splice(data: bytes, chooser: random.Random) -> bytes:
    other = chooser.choice(originals()).data
    if chooser.random() < 0.3:
        return data[: chooser.randrange(len(data) + 1)] + other[chooser.randrange(len(other) + 1) :]
    start, end = _range(other, chooser)
    at = chooser.randrange(len(data) + 1)
    return data[:at] + other[start:end] + data[at:]


def _insert_word(data: bytes, chooser: random.Random) -> bytes:
    at = _place(data, chooser)
    return data[:at] + _word(chooser) + data[at:]


def _word(chooser: random.Random) -> bytes:
    return chooser.choice(WORDS).encode("utf-8", "surrogatepass")


def _place(data: bytes, chooser: random.Random) -> int:
    """Anywhere; often where a line or a value begins, where more depends on it."""
    at = chooser.randrange(len(data) + 1)
    mark = chooser.choice((b"", b"\n", b"\n", b">", b'"', b": ", b"="))
    found = data.find(mark, at) if mark else -1
    return found + len(mark) if found >= 0 else at


def _insert_line(data: bytes, chooser: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = min(int(len(lines) * chooser.random() ** 2), len(lines))  # headers stand at the top
    lines[at:at] = [_word(chooser)] + ([b""] if chooser.random() < 0.5 else [])
    return b"\n".join(lines)


def _replace_line(data: bytes, chooser: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines[chooser.randrange(len(lines))] = _word(chooser)
    return b"\n".join(lines)


def _move_lines(data: bytes, chooser: random.Random) -> bytes:
    lines = data.split(b"\n")
    if chooser.random() < 0.2:
        chooser.shuffle(lines)
    for _ in range(chooser.randrange(1, 4)):
        line = lines.pop(chooser.randrange(len(lines)))
        if chooser.random() < 0.8:
            lines.insert(chooser.randrange(len(lines) + 1), line)
        lines = lines or [b""]
    return b"\n".join(lines)


def _join_lines(data: bytes, chooser: random.Random) -> bytes:
    end = chooser.choice((b" ", b"", b"\r", b"\r\n", b"\x0b", b"\xe2\x80\xa8", b"\n\n", b"\n \n", b"<br>"))
    return data.replace(chooser.choice((b"\n", b"\n\n")), end)


def _insert_header(data: bytes, chooser: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    at = chooser.randrange(min(len(lines), 30) + 1)
    return b"".join((*lines[:at], chooser.choice(HEADERS).encode(), *lines[at:]))


def _nest(data: bytes, chooser: random.Random) -> bytes:
    opening, closing = (part.encode() for part in chooser.choice(NESTED))
    times = int(10 ** (1 + 3.6 * chooser.random() ** 1.5))
    at = _place(data, chooser)
    inside = b"x" if chooser.random() < 0.5 else data[at:]
    rest = data[at:] if inside == b"x" else b""
    return data[:at] + opening * times + inside + closing * times + rest


def _long_line(data: bytes, chooser: random.Random) -> bytes:
    at = _place(data, chooser)
    unit = chooser.choice(
        ("Жиын ", "а", "سەنات ", "word, ", "Сенат. ", "a" * 100 + " ", "«Сенат» ", "1")
    ).encode()
    return data[:at] + unit * int(10 ** (2 + 2.5 * chooser.random())) + data[at:]


def _recode(data: bytes, chooser: random.Random) -> bytes:
    with suppress(UnicodeError):
        text = data.decode()
        encoding = chooser.choice(ENCODINGS)
        data = text.encode(encoding, chooser.choice(("replace", "ignore")))
        if chooser.random() < 0.3:  # read wrongly once more, and saved as UTF-8
            data = data.decode(chooser.choice(("cp1251", "cp1252", "koi8-r")), "replace").encode()
    return data


def _in_json(data: bytes, chooser: random.Random) -> bytes:
    """One value of a JSON document is exchanged for another, of any kind."""
    with suppress(ValueError, RecursionError):
        tree = json.loads(data)
        places = list(_places(tree))
        if places:
            holder, key = chooser.choice(places)
            words = [*_ANY_JSON, _word(chooser).decode("utf-8", "replace"), chooser.choice(places)[0]]
            holder[key] = chooser.choice(words)
        return json.dumps(tree, ensure_ascii=chooser.random() < 0.5).encode("utf-8", "surrogatepass")
    return data


_ANY_JSON: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1e308,
    "",
    " ",
    [],
    {},
    [[]],
    [{}],
    {"value": {}},
    "\ud800",
    "\x00",
)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield tree, key
        yield from _places(value)


def _in_archive(data: bytes, chooser: random.Random) -> bytes:
    """One part of a Word document is mutated, dropped, doubled or renamed, and the archive is whole again."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        return data
    parts = parts or [("word/document.xml", b"")]
    main = [at for at, (name, _) in enumerate(parts) if name == "word/document.xml"]
    at = main[0] if main and chooser.random() < 0.6 else chooser.randrange(len(parts))
    name, part = parts[at]
    match chooser.randrange(12):
        case 0:
            del parts[at]
        case 1:
            parts[at] = (
                chooser.choice(("word/x.xml", "../x", "/etc/x", "\udcff", "word/document.xml", "x/")),
                part,
            )
        case 2:
            parts.append((name, b"<w:x/>"))
        case _:
            parts[at] = (name, _in_xml(part, chooser))
    packed = io.BytesIO()
    compression = chooser.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts:
            with suppress(UnicodeError), warnings.catch_warnings(action="ignore"):  # a name may stand twice
                archive.writestr(zipfile.ZipInfo(name), part, compression)  # without the clock
    return packed.getvalue()


def _in_xml(part: bytes, chooser: random.Random) -> bytes:
    """Text between tags is exchanged, a tag is doubled or deepened; or anything at all."""
    if chooser.random() < 0.4:
        return chooser.choice(_PLAIN)(part, chooser)
    tags = list(re.finditer(rb"<[^<>]+>", part))
    if not tags:
        return part
    at = chooser.choice(tags)
    times = int(10 ** (3.5 * chooser.random() ** 2))
    return chooser.choice(
        (
            part[: at.end()] + _word(chooser) + part[at.end() :],
            part[: at.start()] + at[0] * times + part[at.start() :],
            part[: at.start()] + part[at.end() :],
            re.sub(rb"<w:t([^>]*)>[^<]*", lambda _: b"<w:t>" + _word(chooser), part, count=3),
        )
    )


_PLAIN: tuple[Mutator, ...] = (_flip_bits, _overwrite, _delete, _duplicate, _truncate, _splice)
_PLAIN += (_insert_word, _insert_word, _insert_line, _insert_line, _replace_line, _move_lines, _join_lines)
_PLAIN += (_nest, _long_line, _recode)
_OWN: dict[str, Mutator] = {".json": _in_json, ".docx": _in_archive, ".eml": _insert_header}
_OWN_SHARE = {".json": 0.5, ".docx": 0.95, ".eml": 0.3}
"""A flipped bit ends an archive: nothing behind it would ever be tried."""


def mutate(number: object) -> File:
    """The damaged file of that number (or name)."""
    chooser = random.Random(str(number))  # noqa: S311 — no secret
    suffix = chooser.choice(sorted({file.suffix for file in originals()}))
    data = chooser.choice([file.data for file in originals() if file.suffix == suffix])
    own = _OWN.get(suffix)
    for _ in range(chooser.choice((1, 1, 1, 2, 5))):
        mutator = own if own and chooser.random() < _OWN_SHARE[suffix] else chooser.choice(_PLAIN)
        data = mutator(data, chooser)[:LIMIT]
    if chooser.random() < 0.03:
        suffix = chooser.choice(list(READERS))
    return File(suffix, data)


# What must be true of an article, whatever it was made from

_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+))")
_SAFE_SCHEMES = ("http:", "https:", "mailto:", "//")
_CANNOT_BE_HERE = frozenset("script style iframe object embed base meta link form svg math template".split())


def is_xml_char(code: int) -> bool:
    """XML 1.0 (fifth edition), 2.2, production [2] Char."""
    return (
        code in {0x9, 0xA, 0xD}
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or 0x10000 <= code <= 0x10FFFF
    )


_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def illegal_characters(text: str) -> list[str]:
    """Those that no XML document can hold, by code."""
    return [f"U+{ord(char):04X}" for char in _NO_XML.findall(text)]


def illegal_references(html: str) -> list[str]:
    """Numeric references to characters that no XML document can hold."""
    found = _REFERENCE.finditer(html)
    return [match[0] for match in found if not is_xml_char(int(match[1], 16) if match[1] else int(match[2]))]


def strings(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every string in an article, with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item, name)
    elif is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name), f"{name}.{field.name}".lstrip("."))


class _Unsafe(HTMLParser):
    """Collects what a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"<{tag}>"] if tag in _CANNOT_BE_HERE else []
        for name, value in attrs:
            # What browsers pass over in an address (URL Standard, 4.4).
            address = re.sub(r"[\x00-\x20]", "", value or "").casefold()
            strange = name in {"href", "src"} and not address.startswith(_SAFE_SCHEMES)
            if name.startswith("on") or strange or name in {"style", "srcdoc"}:
                self.found.append(f"<{tag} {name}={value!r}>")


def unsafe_markup(html: str) -> list[str]:
    parser = _Unsafe()
    parser.feed(html)
    parser.close()
    return parser.found


def faults(article: Article) -> list[str]:
    """What is wrong with an article that a reader gave."""
    found = [
        f"{name} holds {codes[:5]}" for name, text in strings(article) if (codes := illegal_characters(text))
    ]
    if references := illegal_references(article.body_html):
        found.append(f"body_html holds {references[:5]}")
    if "<" in article.body_html:
        found += [f"body_html holds {markup}" for markup in unsafe_markup(article.body_html)[:5]]
    if not article.title.strip() and article.status is not PubStatus.CANCELED:
        found.append("there is no title")
    found += [
        f"{name} has more than one line" for name, text in _one_liners(article) if not is_one_line(text)
    ]
    return found


def _one_liners(article: Article) -> Iterator[tuple[str, str]]:
    """Each of these stands on one line of a terminal, a header or an element."""
    return ((name, text) for name, text in strings(article) if name not in {"body_html", "lead"} and text)


def is_one_line(text: str) -> bool:
    return text.splitlines() == [text]


if __name__ == "__main__":
    file = mutate(sys.argv[1])
    sys.stdout.buffer.write(file.data)
    sys.stderr.write(f"{file.suffix}\n")
