"""Whatever an editor's program wrote, it is read as it was meant, or refused; it is never read wrongly."""

import codecs
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import ROOT, SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import RefusedError
from publisher.text.characters import read_string, read_text
from publisher.text.homoglyphs import mend_homoglyphs

thoroughly = settings(max_examples=200, deadline=None, derandomize=True, database=None)

SEED = (ROOT / "seeds" / "000_5c9351a6b67bfa3b.txt").read_text()
RUSSIAN = (
    "Мажилис одобрил бюджет на три года\n\n"
    "Депутаты Мажилиса на пленарном заседании приняли законопроект о республиканском бюджете, сообщает "
    "пресс-служба палаты. «Объём расходов на здравоохранение вырастет на четверть», — заявил министр "
    "финансов. Документ направлен в Сенат, где его рассмотрят до конца ноября.\n"
)
KAZAKH = (
    "Алматыда жаңа кітапхана ашылды\n\n"
    "Қала әкімдігінің хабарлауынша, ғимаратта бір мезгілде үш жүз оқырманға орын бар. «Балаларға арналған "
    "бөлме күн сайын жұмыс істейді», – деді кітапхана меңгерушісі Гүлнәр Өтегенова. Ашылу рәсіміне "
    "жазушылар, ұстаздар һәм қала тұрғындары қатысты.\n"
)
CYRILLIC_CODECS = ["cp1251", "kz1048", "ptcp154", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic", "gb18030"]
WORDS = sorted({word for word in (RUSSIAN + KAZAKH + SEED).split() if not word.isascii()})


def read_or_refuse(data: bytes) -> str | None:
    with suppress(RefusedError):
        return read_text(data).text
    return None


def misread(data: bytes, codec: str) -> str:
    """As browsers decode: a byte the encoding does not know stays as a C1 control."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in data)


# The seed in every guise

GUISES = {
    "UTF-8": SEED.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + SEED.encode(),
    "CRLF": SEED.replace("\n", "\r\n").encode(),
    "CR": SEED.replace("\n", "\r").encode(),
    "NFD": unicodedata.normalize("NFD", SEED).encode(),
    "UTF-16 LE": SEED.encode("utf-16-le"),
    "UTF-16 BE": SEED.encode("utf-16-be"),
    "UTF-16 LE with a mark": codecs.BOM_UTF16_LE + SEED.encode("utf-16-le"),
    "UTF-16 BE with a mark": codecs.BOM_UTF16_BE + SEED.encode("utf-16-be"),
    "UTF-32 LE with a mark": codecs.BOM_UTF32_LE + SEED.encode("utf-32-le"),
    "UTF-32 BE with a mark": codecs.BOM_UTF32_BE + SEED.encode("utf-32-be"),
    "UTF-32 LE": SEED.encode("utf-32-le"),
    "KZ-1048": SEED.encode("kz1048"),
    "PT154": SEED.encode("ptcp154"),
    "GB 18030": SEED.encode("gb18030"),
} | {
    f"UTF-8 read as {codec}": misread(SEED.encode(), codec).encode()
    for codec in ("cp1252", "latin-1", "cp1251", "kz1048", "ptcp154", "koi8-r", "cp866", "mac-cyrillic")
} | {
    f"{codec} read as latin-1": SEED.encode(codec).decode("latin-1").encode()
    for codec in ("kz1048", "ptcp154")
}  # fmt: skip


@pytest.mark.parametrize("guise", GUISES)
def test_the_seed_is_one_text_in_every_encoding(guise: str) -> None:
    assert read_text(GUISES[guise]).text == read_text(SEED.encode()).text


@pytest.mark.parametrize(
    ("guise", "warnings"),
    [
        ("UTF-8", ()),
        ("UTF-16 BE", ()),
        ("KZ-1048", ("read as KZ-1048",)),
        ("PT154", ("read as PT154",)),
        ("GB 18030", ("read as GB 18030",)),
        (
            "UTF-8 read as cp1251",
            ("letters that had been decoded wrongly were mended (UTF-8 read as Windows-1251)",),
        ),
    ],
)
def test_what_was_guessed_or_mended_is_said(guise: str, warnings: tuple[str, ...]) -> None:
    assert read_text(GUISES[guise]).warnings == warnings


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("[0-3]*.txt")), ids=lambda path: path.name)
def test_every_script_of_the_samples_is_read_in_utf_16_without_a_mark(path: Path, encoding: str) -> None:
    data = path.read_bytes()
    assert read_text(data.decode().encode(encoding)).text == read_text(data).text


# Encodings from before Unicode


@pytest.mark.parametrize("codec", CYRILLIC_CODECS)
def test_a_russian_story_is_read_in_every_encoding_that_can_write_it(codec: str) -> None:
    plain = RUSSIAN.translate({ord("«"): '"', ord("»"): '"', ord("—"): "-"})
    assert read_text(plain.encode(codec)).text == plain.strip()


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154", "gb18030"])
def test_a_kazakh_story_is_read_in_every_encoding_that_can_write_it(codec: str) -> None:
    assert read_text(KAZAKH.encode(codec)).text == KAZAKH.strip()


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154"])
def test_one_kazakh_name_in_a_russian_story_tells_the_encoding(codec: str) -> None:
    story = RUSSIAN + "Об этом сообщил Мұхтар Құл-Мұхаммед."
    assert read_text(story.encode(codec)).text == story


def test_english_and_french_from_windows_are_read() -> None:
    english = "“It’s the council’s decision – and ours,” he said. “We don’t agree.”"
    french = "L’été dernier, le président a été reçu à l’hôtel de ville. « Ça nous réjouit », a-t-il déclaré."
    assert read_text(english.encode("cp1252")).text == english
    assert read_or_refuse(french.encode("cp1252")) in {french, None}


@pytest.mark.parametrize(
    "codec", ["cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "big5", "shift_jis", "euc-kr"]
)
def test_an_encoding_of_another_region_is_never_read_as_ours(codec: str) -> None:
    text = (
        "Příliš žluťoučký kůň Türkçe öğretmen şu Ελλάδα μέρα שלום עולם سلام عليكم 中文報紙新聞 日本語の新聞 "
        "한국어 신문"
    )
    data = " ".join(
        word for word in text.split() if word.encode(codec, "ignore").decode(codec) == word
    ).encode(codec)
    assert read_or_refuse(data) in {data.decode(codec), None}


SHORT = [
    "Сенат",
    "МАЖИЛИС",
    "мир",
    "да",
    "Ә",
    "№ 5",
    "Астана, 5 мая",
    "Қазақстан",
    "Бүгін жаңбыр жауады",
    "ТІРІСІ",
    "ток",
    "УД",
]


@pytest.mark.parametrize("codec", ["utf-8", *CYRILLIC_CODECS])
@pytest.mark.parametrize("text", SHORT)
def test_a_short_file_is_read_rightly_or_refused(text: str, codec: str) -> None:
    with suppress(UnicodeEncodeError):
        assert read_or_refuse(text.encode(codec)) in {text, None}


@thoroughly
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12),
    st.sampled_from([str.lower, str.upper, str.title, str]),
    st.sampled_from(CYRILLIC_CODECS),
)
def test_words_in_an_old_encoding_are_read_rightly_or_refused(
    words: list[str], case: Callable[[str], str], codec: str
) -> None:
    text = case(" ".join(words)).encode(codec, "ignore").decode(codec)
    text = " ".join(text.split())
    assert read_or_refuse(text.encode(codec)) in {read_or_refuse(text.encode()), None}


# What is no text, or is damaged


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("word/document.xml", RUSSIAN)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(archive(), "is binary: a ZIP archive", id="zip"),
        pytest.param(b"%PDF-1.7\n1 0 obj\n", "is binary: a PDF", id="pdf"),
        pytest.param(b"{\\rtf1\\ansi Hello}", "is binary: an RTF", id="rtf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is binary: a picture", id="png"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x10JFIF", "is binary: a picture", id="jpeg"),
        pytest.param(bytes(range(256)), "is binary", id="every byte"),
        pytest.param(b"\1\2\3\5 title", "is binary", id="controls"),
        pytest.param(KAZAKH.encode()[:-3], "breaks off inside a character", id="cut UTF-8"),
        pytest.param(SEED.encode("utf-16-le")[:-1], "breaks off inside a character", id="cut UTF-16"),
        pytest.param((SAMPLES / "58_seed_badbyte.txt").read_bytes(), "is damaged", id="a stray byte"),
        pytest.param("Сенат\nҚаз".encode() + b"\xff" + b"ab", "byte 17 (line 2)", id="place and line"),
        pytest.param("Сенат\r\n\r\nҚаз".encode() + b"\xffab", "(line 3)", id="a line of CRLF is one"),
        pytest.param("Сенат лост\n\ufffdаз".encode(), "line 2 has lost a letter", id="replacement character"),
        pytest.param(("????? «????»\n?? 2024 " * 5).encode(), "letters are lost", id="question marks"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_text_is_refused_in_plain_words(data: bytes, words: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read_text(data)
    assert words in refusal.value.cause
    assert refusal.value.hint
    assert "\n" not in str(refusal.value)


LOST = "Сенат отырысы ?тті. М?жіліс депутаттары за? жобасын екінші о?ылымда ?арады, деді баспас?з ?ызметі."


@pytest.mark.parametrize(
    "text", [LOST, LOST.upper(), "«?аза?стан» газеті", "<p>?тті</p><p>М?жіліс</p>", KAZAKH + LOST]
)
def test_a_text_that_lost_letters_here_and_there_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="letters were lost"):
        read_string(text)


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "cp866"])
def test_letters_lost_in_an_old_encoding_are_missed(codec: str) -> None:
    with pytest.raises(RefusedError, match=r"letters were lost|encoding cannot be known"):
        read_text(KAZAKH.translate({ord(c): '"' for c in "«»–"}).replace("і", "i").encode(codec, "replace"))


@pytest.mark.parametrize(
    "text",
    [
        "Бар ма?Жоқ. Неге?Білмеймін.",
        "Көр: https://a.kz/?a=b&c?d және /x?id=1&y?z",
        '<a href="news?id=5">а</a> <a href="?utm=3">б</a>',
        "egemen.kz?id egemen.kz?page",
        "М?жіліс бір рет қана",
        "Не? Қайда? Қашан?",
        "?!",
    ],
)
def test_a_question_or_an_address_is_no_lost_letter(text: str) -> None:
    assert read_string(text) == (text, ())


@pytest.mark.parametrize("place", range(0, len(SEED.encode()), 97))
def test_one_stray_byte_anywhere_in_the_seed_is_refused(place: int) -> None:
    data = SEED.encode()
    with pytest.raises(RefusedError, match=r"damaged|breaks off"):
        read_text(data[:place] + b"\xff" + data[place:])


# Mojibake


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Ð¡ÐµÐ½Ð°Ñ‚", "Сенат"),
        ("РЎРµРЅР°С‚", "Сенат"),
        ("Ñåíàò Ðåñïóáëèêè Êàçàõñòàí ïðèíÿë çàêîí", "Сенат Республики Казахстан принял закон"),
        ("Itâ€™s the councilâ€™s", "It’s the council’s"),
        ("Â© 2024 Egemen", "© 2024 Egemen"),
        ("cafÃ©", "café"),
    ],
)
def test_a_wrong_decoding_is_undone_where_the_way_back_is_exact(text: str, mended: str) -> None:
    result = read_string(text)
    assert result.text == mended
    assert "decoded wrongly" in result.warnings[0]


@pytest.mark.parametrize(
    "text", ["РЎРµРЅР°С‚ и ещё", "Ñåíàò", "naïve cafÃ©", "Сенат: «Ñåíàò»", "Сенат: «Ð¡ÐµÐ½Ð°Ñ‚»", "â€” деді"]
)
def test_a_wrong_decoding_that_cannot_be_undone_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="line 2 was decoded wrongly"):
        read_string("2024\n" + text)


REAL = [
    RUSSIAN, KAZAKH, RUSSIAN.upper(), KAZAKH.upper(), "ТҰРҒЫН ҮЙ ТІРІСІ «АС», 25 °С", "Что?? Где??? Когда?",
    "№ 5 § 2 © ТОО «Ру»…", "Цена: 100 € ± 5 µ", "Українська Європа, її ґанок", "Љубљана и Њујорк",
    "Ўзбекистон", "É à où naïf œuvre ÇA ÂGÉ",
    "İstanbul’da çağdaş", "Senat Tóraǵasy Máýlen Áshimbaev, qyrkúıek aýyly",
    "Qazaqstan Respublikasynyñ Prezidenti şöl ğalym", "São Paulo: «MAÇÃ»", "ÑANDÚ «ESPAÑ»",
    "Þórður þjóð", "Łódź, Kraków", "Ελλάδα", "٢٦ ناۋرىز، 2024 نم\u200cخ", "Jääääär",
    "中文 日本語", "😀👩‍🚀",
]  # fmt: skip


@pytest.mark.parametrize("text", REAL)
def test_real_text_is_never_taken_for_mojibake(text: str) -> None:
    assert read_string(text.strip()) == (unicodedata.normalize("NFC", text.strip()), ())


# Look-alike letters


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("Қазaқcтан", "Қазақстан"),
        ("мiндет Cенат Aқпан", "міндет Сенат Ақпан"),
        ("мəселе Əлем əн əр", "мәселе Әлем ән әр"),
        ("О\u0301mir ESQALI", "Ómir ESQALI"),
        ("Qаzаqstan kіtap", "Qazaqstan kitap"),
        ("ХXI ғасыр", "XXI ғасыр"),
    ],
)
def test_a_word_that_mixes_alphabets_is_mended(text: str, mended: str) -> None:
    result = read_string(text)
    assert result.text == mended
    assert result.warnings[0].startswith("letters of another alphabet that look alike were mended: «")


@pytest.mark.parametrize(
    "text",
    [
        "С5+1",
        "PR-менеджері",
        "iPhone-ды",
        "KZ-1048",
        "XXI-ші ХХІ XXIші Vші",
        "ITшник",
        "Aқ",
        "ə",
        "Zаман",
        "Wайфай",
        "a б",
    ],
)
def test_a_word_that_is_right_or_in_doubt_is_left_alone(text: str) -> None:
    assert mend_homoglyphs(text) == (text, [])
    assert read_string(text) == (text, ())


def test_a_page_with_latin_schwas_has_none_left_in_its_cyrillic_words() -> None:
    data = SEED.replace("ә", "ə").replace("Ә", "Ə").encode()
    text, (warning,) = read_text(data)
    assert text == read_text(SEED.encode()).text
    assert warning.count("→") == 3


LOOK_ALIKES = {"09_lat_egemen_byline.txt": "О\u0301mir", "12_baq_broken_relative_date.txt": "Бүгiн"}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("[0-3]*.txt")), ids=lambda path: path.name)
def test_on_real_pages_only_the_words_with_a_foreign_letter_are_mended(path: Path) -> None:
    swaps = mend_homoglyphs(path.read_text())[1]
    assert [before for before, _ in swaps] == [
        word for name, word in LOOK_ALIKES.items() if name == path.name
    ]
    assert len(read_text(path.read_bytes()).warnings) == len(swaps)


# Characters


def test_characters_no_feed_may_hold_are_counted() -> None:
    result = read_string("а\u0001б\ufffeв\ud800г\u0090д")
    assert result == ("абвгд", ("characters that no feed may hold were removed: 4",))


def test_invisible_characters_go_without_a_word_and_joiners_stay() -> None:
    text = "а\u00adб\u200bв\ufeffг\u2060 \u202eд\u202c \u2066е\u2069 \u200eж\u200f نم\u200cخ"
    assert read_string(text) == ("абвг д е \u200eж\u200f نم\u200cخ", ())


def test_layout_stays_where_a_format_asks_for_it() -> None:
    text = "а\tб  в\u00a0г \n  д\n"
    assert read_string(text, layout=True) == (text, ())
    assert read_string(text) == ("а б в г\nд", ())


# Any bytes

tricky = st.sampled_from(
    "РСÐÑÃâ°µ±ЎЅѕə\u0301iA?\ufffd\x01\x81\x98\xa0\xad\u202e\u212a\u1fff\ud800 \n\r\u2028😀\U0001fffe"
)
any_text = st.text(st.characters() | tricky | st.sampled_from("абвгәқңіёABCabcéñ"))
any_codec = st.sampled_from([*CYRILLIC_CODECS, "utf-16-le", "cp1252"])
any_file = (
    st.binary()
    | any_text.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.builds(lambda text, codec: text.encode(codec, "ignore"), any_text, any_codec)
)
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@thoroughly
@given(any_file, st.booleans())
def test_any_file_is_refused_or_read_to_the_end(data: bytes, layout: bool) -> None:  # noqa: FBT001 — drawn
    with suppress(RefusedError):
        text = read_text(data, layout=layout).text
        assert read_string(text, layout=layout) == (text, ())
        assert unicodedata.is_normalized("NFC", text)
        assert not ILLEGAL.search(text)


@thoroughly
@given(any_text, st.booleans())
def test_any_string_is_refused_or_read_to_the_end(text: str, layout: bool) -> None:  # noqa: FBT001 — drawn
    with suppress(RefusedError):
        cleaned = read_string(text, layout=layout).text
        assert read_string(cleaned, layout=layout) == (cleaned, ())
