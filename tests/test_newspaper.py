"""Pages of many newspapers: each line of furniture is known for what it is, and the rest is the story."""

import json
from contextlib import suppress
from datetime import datetime
from html import unescape
from pathlib import Path
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import SAMPLES, SEED, story
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.errors import RefusedError
from publisher.model import Article, Origin, PubStatus
from publisher.readers.newspaper import parse_newspaper
from publisher.text.dates import parse_dateline

thoroughly = settings(max_examples=300, deadline=None, derandomize=True, database=None)

ORIGIN = Origin(language="kk", written_at=datetime(2026, 11, 23, 14, tzinfo=ZoneInfo("Asia/Almaty")))
LAYOUTS = Path(__file__).parent / "layouts"
TITLE = "Сенат бюджет туралы заңды қабылдады"
FIRST = "Сенат депутаттары бюджет туралы заңды екінші оқылымда қарады."
SECOND = "Отырыста бірқатар мәселе талқыланды, деп хабарлады баспасөз қызметі."


def read(text: str | bytes, origin: Origin = ORIGIN) -> Article:
    return parse_newspaper(text if isinstance(text, bytes) else text.encode(), origin)


def paragraphs(article: Article) -> list[str]:
    blocks = article.body_html.replace("<blockquote>", "").replace("</blockquote>", "").split("\n")
    return [unescape(block.removeprefix("<p>").removesuffix("</p>")) for block in blocks]


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "EXPECTED.jsonl").read_text().splitlines()]


def found(article: Article) -> dict[str, Any]:
    """What an EXPECTED.jsonl may ask for."""
    photo = article.photo
    return {
        "section": article.section,
        "date": article.dateline.isoformat(),
        "title": article.title,
        "lead": article.lead,
        "views": article.views,
        "minutes": article.reading_minutes,
        "credit": photo.credit if photo else None,
        "caption": photo.caption if photo else None,
        "byline": article.byline,
        "tags": list(article.tags),
        "lang": {"kk": "kk-Cyrl"}.get(article.language, article.language),
        "paras": article.body_html.count("<p>"),
    }


# The samples of real pages

REFUSED_SAMPLES = {
    "09_lat_egemen_byline.txt": "there is no title",
    "23_latin_schwa_homoglyph.txt": "there is no date line",
    "30_arinform_dateline.txt": "there is no date line",
    "58_seed_badbyte.txt": "",
}
DATES_IN_WORDS = {
    "12_baq_broken_relative_date.txt": "2026-11-23T13:08:00",
    # The samples say the zone; a page does not.
    "15_zakon_ru_caption_date.txt": "2025-09-11T12:20:00",
    "18_oraloniri_views_label.txt": "2020-01-24T11:33:00",
    "20_abai_tote_two_dates.txt": "2022-04-27T14:10:00",
    "21_halyqline_one_digit_hour.txt": "2024-09-05T09:40:00",
    "29_inform_en.txt": "2021-12-14T18:37:00",
}


@pytest.mark.parametrize("row", rows(SAMPLES), ids=lambda row: row["file"])
def test_a_sample_is_read_as_it_should_be(row: dict[str, Any]) -> None:
    name, data = row["file"], (SAMPLES / row["file"]).read_bytes()
    if name in REFUSED_SAMPLES:
        with pytest.raises(RefusedError) as refusal:
            read(data)
        assert REFUSED_SAMPLES[name] in refusal.value.cause
        assert refusal.value.hint
        return
    article = read(data)
    expected = {key: value for key, value in row.items() if key in found(article)}
    expected["date"] = DATES_IN_WORDS.get(name, row["date"])
    assert {key: found(article)[key] for key in expected} == expected
    for noise in row.get("noise", []):
        assert noise not in article.body_html
        assert any(noise in warning for warning in article.warnings)


def test_what_a_sample_does_not_say_is_left_empty() -> None:
    for name in (
        "18_oraloniri_views_label.txt",
        "20_abai_tote_two_dates.txt",
        "21_halyqline_one_digit_hour.txt",
    ):
        article = read((SAMPLES / name).read_bytes())
        assert (article.section, article.byline, article.tags, article.url) == (None, None, (), None)
        assert article.photo is None or article.photo.credit is None


def test_today_of_a_sample_is_refused_when_its_file_is_of_another_day() -> None:
    for written_at in (ORIGIN.written_at.replace(year=2025), ORIGIN.written_at.replace(hour=9)):
        with pytest.raises(RefusedError, match="contradicts"):
            read(
                (SAMPLES / "12_baq_broken_relative_date.txt").read_bytes(),
                Origin(language="kk", written_at=written_at),
            )


# Whole pages of other layouts


@pytest.mark.parametrize("row", rows(LAYOUTS), ids=lambda row: row["file"])
def test_a_layout_is_read_as_it_should_be(row: dict[str, Any]) -> None:
    data = (LAYOUTS / row["file"]).read_bytes()
    if "refused" in row:
        with pytest.raises(RefusedError) as refusal:
            read(data)
        assert row["refused"] in refusal.value.cause
        assert "26 Наурыз, 2024" in refusal.value.hint or "lines of their own" in refusal.value.hint
        return
    article = read(data)
    more = {
        "paragraphs": paragraphs(article),
        "url": article.url,
        "embargo": article.embargo and article.embargo.isoformat(),
        "status": article.status.value,
        "printed": article.dateline.printed,
        "lang": article.language,
    }
    expected = {key: value for key, value in row.items() if key != "file"}
    assert {key: (found(article) | more)[key] for key in expected} == expected
    assert (article.status is PubStatus.WITHHELD) == ("status" in row)


# Furniture, kind by kind


@pytest.mark.parametrize(
    ("header", "section", "day"),
    [
        (f"Сенат • 26 Наурыз, 2024\n{TITLE}", "Сенат", "2024-03-26"),
        (f"Сенат · 26 Наурыз, 2024\n{TITLE}", "Сенат", "2024-03-26"),
        (f"Сенат | 26.03.2024\n{TITLE}", "Сенат", "2024-03-26"),
        (f"Сенат — 26 Наурыз, 2024\n{TITLE}", "Сенат", "2024-03-26"),
        (f"Сенат / 26 Наурыз, 2024\n{TITLE}", "Сенат", "2024-03-26"),
        (f"Сенат » 26 Наурыз, 2024\n{TITLE}", "Сенат", "2024-03-26"),
        (f"26 Наурыз, 2024 • Сенат\n{TITLE}", "Сенат", "2024-03-26"),
        (f"{TITLE}\nСенат • 26 Наурыз, 2024", "Сенат", "2024-03-26"),
        (f"{TITLE}\n26 Наурыз, 2024", None, "2024-03-26"),
        (f"26 Наурыз, 2024\n{TITLE}", None, "2024-03-26"),
        (f"Спорт\n26.03.2024\n{TITLE}", "Спорт", "2024-03-26"),
        (f"Спорт\n\n{TITLE}\n\n26.03.2024", "Спорт", "2024-03-26"),
        (f"26.03.2024\nСпорт\n{TITLE}", "Спорт", "2024-03-26"),
        (f"Парламент Сенаты\n26.03.2024\n{TITLE}", "Парламент Сенаты", "2024-03-26"),
        (f"Басты бет / Сенат\n{TITLE}\n26.03.2024", "Сенат", "2024-03-26"),
        (f"Главная > Новости > Общество\n26.03.2024\n{TITLE}", "Общество", "2024-03-26"),
        (f"Басты бет\n26.03.2024\n{TITLE}", None, "2024-03-26"),
        (f"{TITLE}\nЖарияланды: 26.03.2024\nЖаңартылды: 27.03.2024", None, "2024-03-26"),
        (f"{TITLE}\nОпубликовано 26 марта 2024 г. (обновлено 27.03.2024)", None, "2024-03-26"),
        (f"Дүйсенбі, 23 қараша 2026\n{TITLE}\n26.03.2024", None, "2024-03-26"),
        (f"26.03.2024 | Айгүл Сейіт\n{TITLE}", None, "2024-03-26"),
    ],
)
def test_the_section_and_the_date_are_found_wherever_they_stand(
    header: str, section: str | None, day: str
) -> None:
    article = read(f"{header}\n{FIRST}\n{SECOND}\n")
    assert (article.title, article.section, article.dateline.isoformat()) == (TITLE, section, day)
    assert paragraphs(article) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("line", "views"),
    [
        ("45 рет", 45),
        ("45 рет көрсетілді", 45),
        ("45\nкөрсетілді", 45),
        ("Қараулар: 1557", 1557),
        ("Қараулар:\n1557", 1557),
        ("Қаралды: 12", 12),
        ("Көрілім: 5", 5),
        ("Просмотров: 1 557", 1557),
        ("Просмотры 12", 12),
        ("Просмотров: 1\u00a0557", 1557),
        ("Views: 1,557", 1557),
        ("12 views", 12),
        ("👁 123", 123),
        ("👁️ 123", 123),
        ("قارالدى: 12", 12),
        ("172Фото: Сенат", 172),
        ("45 рет • 2 мин • 5 пікір", 45),
        ("Views: 1.5K", None),
        ("1,5 тыс. просмотров", None),
        ("5 пікір", None),
        ("5 پىكىر", None),
        ("12 комментариев", None),
        ("Комментарии (3)", None),
        ("218", None),
    ],
)
def test_a_counter_is_the_number_of_views_or_nothing(line: str, views: int | None) -> None:
    article = read(story(TITLE, line, FIRST))
    assert article.views == views
    assert paragraphs(article) == [FIRST]


@pytest.mark.parametrize(
    ("line", "minutes"),
    [("2 мин", 2), ("Оқу уақыты: 2 мин", 2), ("3 min read", 3), ("Время чтения: 4 минуты", 4)],
)
def test_the_reading_time_is_kept(line: str, minutes: int) -> None:
    article = read(story(TITLE, line, FIRST))
    assert (article.reading_minutes, paragraphs(article)) == (minutes, [FIRST])


@pytest.mark.parametrize(
    ("line", "credit", "caption"),
    [
        ("Фото: Сенат", "Сенат", None),
        ("Сурет: Сенат", "Сенат", None),
        ("سۋرەت: سەنات", "سەنات", None),
        ("Foto: Senat", "Senat", None),
        ("Sýret: Senat", "Senat", None),
        ("Photo by Aigul Serik", "Aigul Serik", None),
        ("Фото – Сенат", "Сенат", None),
        ("Фото автора", "автора", None),
        ("© Sputnik / Асқар", "Sputnik / Асқар", None),
        ("Суретте: Сенат отырысы", None, "Сенат отырысы"),
        ("Сенат отырысы. Фото: Асқар", "Асқар", "Сенат отырысы"),
        ("Суретте: Сенат отырысы. Фото: Асқар", "Асқар", "Сенат отырысы"),
    ],
)
def test_a_credit_and_a_caption_are_the_photos(line: str, credit: str | None, caption: str | None) -> None:
    article = read(story(TITLE, line, FIRST))
    assert article.photo is not None
    assert (article.photo.credit, article.photo.caption) == (credit, caption)
    assert paragraphs(article) == [FIRST]


@pytest.mark.parametrize(
    "text",
    [
        story(TITLE, FIRST, SECOND, "Автор: Айгүл Сейіт"),
        story(TITLE, FIRST, SECOND, "Автор:", "Айгүл Сейіт"),
        story(TITLE, FIRST, SECOND, "اۆتور", "Айгүл Сейіт"),
        story(TITLE, FIRST, SECOND, "Материал авторы: Айгүл Сейіт"),
        story(TITLE, FIRST, SECOND, "Айгүл СЕЙІТ"),
        story(TITLE, FIRST, SECOND, "Айгүл СЕЙІТ,", "«Egemen Qazaqstan»"),
        story(TITLE, "Айгүл СЕЙІТ", FIRST, SECOND),
        story(TITLE, "By Айгүл Сейіт", FIRST, SECOND),
        f"Айгүл СЕЙІТ, «Egemen Qazaqstan»\n26.03.2024\n{TITLE}\n{FIRST}\n{SECOND}\n",
        f"Сенат | 26.03.2024 | Айгүл СЕЙІТ\n{TITLE}\n{FIRST}\n{SECOND}\n",
    ],
)
def test_a_byline_is_found_first_or_last(text: str) -> None:
    article = read(text)
    assert article.byline is not None
    assert article.byline.casefold() == "айгүл сейіт"
    assert (article.title, paragraphs(article)) == (TITLE, [FIRST, SECOND])


def test_a_name_that_nothing_calls_the_author_stays_in_the_text_with_a_warning() -> None:
    article = read(story(TITLE, FIRST, "Айгүл Сейіт"))
    assert (article.byline, article.tags) == (None, ())
    assert paragraphs(article) == [FIRST, "Айгүл Сейіт"]
    assert "Айгүл Сейіт" in article.warnings[0]


@pytest.mark.parametrize(
    "line",
    [
        "Оқи отырыңыз",
        "Мақаламен бөлісу",
        "БӨЛІСУ",
        "Бөлісу:",
        "Поделиться",
        "Читайте также: Другой комитет завершил работу",
        "Тағы оқыңыз: Басқа тақырып",
        "Share",
        "Telegram WhatsApp Facebook",
        "Go to the main site",
        "Abai.kz",
        "чвпвпа",
        "IMG_2034.jpg",
        "WhatsApp Image 2024-03-26 at 10.15.22",
        "Подпишитесь на наш Telegram-канал",
        "Барлық құқықтар қорғалған",
        "© 2024 Egemen Qazaqstan",
    ],
)
def test_noise_is_no_part_of_the_story(line: str) -> None:
    assert paragraphs(read(story(TITLE, FIRST, line, SECOND))) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "line",
    [
        "Спорт",
        "сенат",
        "Кіріспе",
        "1. Бюджет туралы",
        "С5+1 саммиті",
        "Автор кітабын таныстырды",
        "Фото көрмесі ашылды",
        "Дереккөз: Inform.kz",
        "https://youtu.be/abc",
        "27 Наурыз, 2024",
        "Пікір білдірушілер көп болды",
        "Эмбарго туралы шешім көптен күтілген еді, енді ол күшіне енді деп хабарлады баспасөз қызметі бүгін.",
    ],
)
def test_a_line_of_the_text_stays_in_the_text(line: str) -> None:
    assert paragraphs(read(story(TITLE, FIRST, line, SECOND))) == [FIRST, line, SECOND]


@pytest.mark.parametrize(
    ("line", "tags"),
    [
        ("Тегтер: Сенат, Парламент, бюджет", ("Сенат", "Парламент", "бюджет")),
        ("Теги: комитет; бюджет", ("комитет", "бюджет")),
        ("Tags: Senate", ("Senate",)),
        ("#сенат #бюджет", ("сенат", "бюджет")),
        ("Автор: Айгүл Сейіт\n\nСенат Парламент Қазақстан", ("Сенат", "Парламент", "Қазақстан")),
    ],
)
def test_tags_stand_at_the_end(line: str, tags: tuple[str, ...]) -> None:
    article = read(story(TITLE, FIRST, line))
    assert (article.tags, paragraphs(article)) == (tags, [FIRST])


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"https://example.kz/a/1\n{story(TITLE, FIRST)}", "https://example.kz/a/1"),
        (story(TITLE, FIRST, "https://example.kz/a/1"), "https://example.kz/a/1"),
        (story(TITLE, FIRST, "Сілтеме: https://example.kz/a/1"), "https://example.kz/a/1"),
        (story(TITLE, FIRST, "Источник:", "https://example.kz/a/1"), "https://example.kz/a/1"),
        (story(TITLE, FIRST, "https://example.kz/a/1", "https://example.kz/a/2"), None),
        (story(TITLE, FIRST, "https://t.me/egemen"), None),
        (story(TITLE, FIRST, "https://example.kz/a/1", SECOND), None),
    ],
)
def test_only_a_lone_address_at_an_edge_is_the_storys_own(text: str, url: str | None) -> None:
    assert read(text).url == url


@pytest.mark.parametrize(
    ("line", "until"),
    [
        ("Эмбарго: 26.03.2024 10:00", "2024-03-26T10:00:00"),
        ("ЭМБАРГО 26.03.2024, 10:00", "2024-03-26T10:00:00"),
        ("Embargo until 26 March 2024, 10:00", "2024-03-26T10:00:00"),
        ("EMBARGOED UNTIL 26 MARCH 2024", "2024-03-26"),
        ("Эмбарго до 26 марта 2024 года, 10:00", "2024-03-26T10:00:00"),
        ("Эмбарго 2024 жылғы 27 наурызға дейін", "2024-03-27"),
        ("Эмбарго: 2024-03-26T10:00+06:00", "2024-03-26T10:00:00+06:00"),
    ],
)
def test_an_embargo_is_read(line: str, until: str) -> None:
    for text in (f"{line}\n{story(TITLE, FIRST)}", story(TITLE, line, FIRST), story(TITLE, FIRST, line)):
        article = read(text)
        assert article.embargo is not None
        assert (article.embargo.isoformat(), article.status) == (until, PubStatus.USABLE)
        assert (article.title, paragraphs(article)) == (TITLE, [FIRST])


@pytest.mark.parametrize(
    "line",
    [
        "Эмбарго",
        "*** EMBARGO ***",
        "Эмбарго 27 наурызға дейін",
        "Embargo until tomorrow",
        "Эмбарго: ертең",
        "Эмбарго: бүгін 10:00",
        "Эмбарго: 31.02.2024",
        "Эмбарго: жексенбіге дейін",
        "Эмбарго: " + "жиын аяқталғанша " * 8,
    ],
)
def test_an_embargo_that_cannot_be_read_holds_the_story_back(line: str) -> None:
    article = read(story(TITLE, line, FIRST))
    assert (article.status, article.embargo) == (PubStatus.WITHHELD, None)
    assert line.strip() in article.warnings[0]


@pytest.mark.parametrize("title", ["text", "Тілші", "Мәтін", "Пікір", "Авторлық құқық туралы заң"])
def test_a_title_may_be_a_word_that_also_is_a_label(title: str) -> None:
    assert read(story(title, FIRST)).title == title


# What cannot be known


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"26.03.2024\n{TITLE}\n27.03.2024\n{FIRST}", "nothing tells which date"),
        (f"Сенат | 26.03.2024 | 27.03.2024\n{TITLE}\n{FIRST}", "there is no date line"),
        (f"05.09.24\n{TITLE}\n{FIRST}", "«05.09.24» is not a whole one"),
        (f"26 Наурыз\n{TITLE}\n{FIRST}", "«26 Наурыз» is not a whole one"),
        (f"{TITLE}\nҚұрылтай 26 наурыз 2024 жылы өтті.\n{FIRST}", "there is no date line"),
        (f"26.03.2024\nБөлісу\n{FIRST}", "there is no title"),
        (f"26.03.2024\n45 рет\n{FIRST}", "there is no title"),
        (f"26.03.2024\n218\n{FIRST}", "there is no title"),
        (f"Ұлттық құрылтай\n26.03.2024\nЖаңа кезең\n{FIRST}", "may both be it"),
        (f"{TITLE}\nБүгін, 15:00\n{FIRST}", "contradicts"),
    ],
)
def test_what_cannot_be_known_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(text)
    assert words in refusal.value.cause
    assert refusal.value.hint


def test_a_date_that_was_counted_is_marked_and_named() -> None:
    article = read(f"{TITLE}\nСенат | 2 сағат бұрын\n{FIRST}")
    assert article.dateline.printed == "2 сағат бұрын"
    assert "2 сағат бұрын" in article.warnings[0]


# What an adversary found. Each page was once read wrongly, in silence.

PROSE = "Мәжіліс депутаттары заң жобасын екінші оқылымда қарады."
MORE = "Отырыста бірқатар мәселе талқыланды, деп хабарлады баспасөз қызметі."
DAY = "2024-03-26"
WRAPPED = """\
Сондай-ақ депутаттар жер қойнауын пайдалану туралы заңды мақұлдап,
оны Президентке қол қоюға жіберді."""


@pytest.mark.parametrize(
    ("text", "title", "section", "body"),
    [
        (
            "26.03.2024\nОткрыли школу в Алматы\nПриглашаем на открытие.\nДата: 30 марта 2024\nМесто: Астана",
            "Открыли школу в Алматы",
            None,
            ["Приглашаем на открытие.", "Дата: 30 марта 2024", "Место: Астана"],
        ),
        *[
            (
                f"26.03.2024\nБаспасөз мәслихаты өтеді\n{between}{label}\nОрны: Ақорда",
                "Баспасөз мәслихаты өтеді",
                None,
                [*between.splitlines(), label, "Орны: Ақорда"],
            )
            for label in ("Күні: 30 наурыз 2024 жыл", "Уақыты: 30.03.2024, 15:00", "Date: March 30, 2024")
            for between in ("Журналистерді шақырамыз.\n", "")
        ],
        *[
            (
                f"{section} • {date}\nРасписание матчей тура\n{line}\nМатчи пройдут в двух городах.",
                "Расписание матчей тура",
                section,
                [line, "Матчи пройдут в двух городах."],
            )
            for section, date in (("Спорт", "26 Наурыз, 2024"), ("Общество", "26.03.2024"))
            for line in (
                "Астана – Актобе: 30 марта 2024",
                "Срок подачи заявок: 30.04.2024",
                "27 Наурыз, 2024",
            )
        ],
        (
            "26.03.2024\nНазначен новый аким\nДата рождения: 12.05.1970\nОкончил КазГУ.",
            "Назначен новый аким",
            None,
            ["Дата рождения: 12.05.1970", "Окончил КазГУ."],
        ),
        *[
            (
                f"Конкурс туралы\n26.03.2024\n{line}\nҚатысыңыздар.",
                "Конкурс туралы",
                None,
                [line, "Қатысыңыздар."],
            )
            for line in (
                "Астана – Актобе: 30 марта 2024",
                "Соңғы мерзім – 30.04.2024",
                "Кайрат | 30 марта 2024",
                "Астана, 20 марта 2024 года",
                "Закон: от 20 марта 2024 года",
                "12.05.1940 – 25.03.2024",
            )
        ],
    ],
)
def test_a_date_of_the_text_stays_in_the_text(
    text: str, title: str, section: str | None, body: list[str]
) -> None:
    article = read(text)
    assert (article.dateline.isoformat(), article.title) == (DAY, title)
    assert (article.section, paragraphs(article)) == (section, body)


TITLES = (
    "Прогноз погоды | 27 марта 2024",
    "Доллар бағамы: 26 наурыз 2024",
    "Погода в Алматы: 26 марта 2024 года",
    "26 марта 2024 года – день траура",
    "Сегодня – Всемирный день воды",
    "Бүгін – Тіл күні",
    "Фото сгоревшего рынка показали в МЧС",
    "Фото с концерта Димаша опубликовал акимат",
    "Фото: жылдың үздік суреттері",
    "Сурет салудан байқау өтті",
    "Автор Гимна Казахстана",
    "Автор: кто он",
    "Журналист Нурлан Сеитов",
    "By Design",
    "Теги: зачем они нужны",
    "Рекомендуем: пять книг для осени",
    "По теме: что известно о паводке",
    "Все права на Байконур перейдут Казахстану",
    "Подпишитесь на счастье",
    "Алматы > Астана: жаңа жол",
    "Новости за неделю / Итоги",
    "Алматыда қар жауды | Фото",
    "#ЯМы акциясы басталды",
    "© белгісі нені білдіреді",
    "Кеше",
    "Эмбарго на мазут",
    "Эмбарго алынды",
    "Эмбарго на вывоз дизтоплива продлили до конца года",
    "Embargo on Russian oil extended",
    "№5",
    "Сенат отырысы өтті / Заседание сената",
)
HEADERS = ("Сенат • 26 Наурыз, 2024\n\n{}\n\n", "26 марта 2024, 10:15\n{}\n")


@pytest.mark.parametrize("title", TITLES)
def test_a_title_that_begins_like_furniture_is_still_the_title(title: str) -> None:
    for header, day in zip(HEADERS, (DAY, f"{DAY}T10:15:00"), strict=True):
        article = read(f"{header.format(title)}{PROSE}\n\n{MORE}\n")
        assert (article.title, article.dateline.isoformat()) == (title, day)
        assert (article.status, paragraphs(article)) == (PubStatus.USABLE, [PROSE, MORE])


@pytest.mark.parametrize("title", [*TITLES, "1 мамыр", "Май", "Жұма", "2 минут"])
def test_the_line_below_such_a_title_never_becomes_the_title_in_silence(title: str) -> None:
    lead = "Өрт сөндірушілер түні бойы жұмыс істеді"
    for header in HEADERS:
        try:
            article = read(f"{header.format(title)}{lead}\n{PROSE}\n{MORE}\n")
        except RefusedError as error:
            assert title.split(maxsplit=1)[0] in error.cause  # noqa: PT017
        else:
            assert article.title == title or any(title in warning for warning in article.warnings)


@pytest.mark.parametrize("title", ["1 мамыр", "Май", "Жұма", "2 минут"])
def test_a_date_or_a_counter_for_a_title_is_refused_by_its_name(title: str) -> None:
    for header in HEADERS:
        with pytest.raises(RefusedError) as refusal:
            read(f"{header.format(title)}{PROSE}\n\n{MORE}\n")
        assert title in refusal.value.cause


@pytest.mark.parametrize(
    "line",
    [
        "Фото сгоревшего дома опубликовали в соцсетях.",
        "Фото – главный документ той эпохи, считает историк.",
        "Сурет – бала жанының айнасы, дейді ұстаз.",
        "Фотограф — профессия редкая в наших краях.",
        "На фото – участники войны, которые вернулись домой.",
        "Автор – выпускник местной школы, ему всего 19 лет.",
        "Автор: Бұл романды мен он жыл жаздым.",
        "Авторы: Сабитов и Каримова – учителя школы.",
        "By Christmas",
        "Тілші: Сіз қалай бастадыңыз?",
        "Тілші: Рахмет",
        "Автор: Мектептен бастадым.",
        "Журналист: Спасибо",
        "Ключевые слова – доверие и честность, подчеркнул директор.",
        "Тег: новая услуга для водителей стоит 500 тенге.",
        "Все права ребёнка закреплены в конституции, напомнила омбудсмен.",
        "Барлық құқықтар Конституцияда бекітілген, деді министр.",
        "Их права защищены законом, напомнил юрист.",
        "Поделитесь своими воспоминаниями, попросил ветеран школьников.",
        "Подпишитесь под петицией, призвали жители района.",
        "Копирование материалов дела заняло два дня.",
        "Join our team, the minister told students.",
        "Рекомендуем – пить больше воды, сказал врач.",
        "По теме: выступили три докладчика из Алматы.",
        "Эмбарго на вывоз зерна снимут в апреле.",
        "Не публиковать фото погибших попросили родственники.",
        "40 минут",
        "45 рет",
        "Ерлан ҚАРИН",
        "12.05.1940 – 25.03.2024",
        "Толық нұсқасы: https://adilet.zan.kz/kaz/docs/1",
        "https://adilet.zan.kz/kaz/docs/1",
        "Подписан закон о связи от 20 марта 2024 года.",
    ],
)
def test_a_line_between_two_paragraphs_is_text(line: str) -> None:
    for gap in ("\n", "\n\n"):
        article = read(f"Сенат • 26 Наурыз, 2024\n\n{TITLE}\n\n" + gap.join((PROSE, line, MORE)))
        assert (article.title, paragraphs(article)) == (TITLE, [PROSE, line, MORE])
        assert (article.status, article.byline, article.photo) == (PubStatus.USABLE, None, None)


@pytest.mark.parametrize(
    ("lines", "section", "byline"),
    [
        ("Общество\n26.03.2024, 10:15\nПетр Иванов", "Общество", "Петр Иванов"),
        ("Общество\n26.03.2024\nРедактор: Айгүл Сейіт", "Общество", None),
        *[
            (f"Общество • 26.03.2024\n{line}", "Общество", None)
            for line in (
                "Арнаға жазылу",
                "Читать на казахском",
                "Эксклюзив",
                "KZ RU EN",
                "Қазақша/Русский/English",
                "USD 450 EUR 490 RUB 4.9",
                "A A A",
                "26 наурыз",
            )
        ],
        ("KZ RU EN\nОбщество • 26.03.2024", "Общество", None),
        ("Сенат 26 Наурыз, 2024", "Сенат", None),
        ("Жаңалықтар\t1557\t0 пікір\t26 Наурыз, 2024 сағат 10:15", "Жаңалықтар", None),
        ("26.03.2024, Сенат", "Сенат", None),
        ("26.03.2024 10:15 (GMT+5)", None, None),
        ("26.03.2024 10:15 (UTC +05:00)", None, None),
        ("March 26, 2024 10:15 AM GMT+5", None, None),
        ("Published: 26 March 2024, 10:15 GMT", None, None),
    ],
)
def test_what_stands_above_the_title_is_not_it(lines: str, section: str | None, byline: str | None) -> None:
    article = read(f"{lines}\nШтраф за мусор повысят\n{PROSE}\n{MORE}")
    assert (article.title, article.section, article.byline) == ("Штраф за мусор повысят", section, byline)
    assert (article.dateline.day.isoformat(), paragraphs(article)) == (DAY, [PROSE, MORE])


@pytest.mark.parametrize(
    ("text", "title", "section", "body"),
    [
        (
            "26.03.2024\nАлматыда көктем\nҚар еріді\nГүл шықты\nҚар еріді\nҚұстар келді.",
            "Алматыда көктем",
            None,
            ["Қар еріді", "Гүл шықты", "Қар еріді", "Құстар келді."],
        ),
        (
            f"26.03.2024\n\nҰлттық құрылтай\nжаңа кезеңге аяқ басты\n\n{PROSE}\n\n{MORE}",
            "Ұлттық құрылтай жаңа кезеңге аяқ басты",
            None,
            [PROSE, MORE],
        ),
        (f"26.03.2024\n\nСенат бюджетті қабылдады.\n\n{PROSE}", "Сенат бюджетті қабылдады.", None, [PROSE]),
        (f"{TITLE}\n26.03.2024\nОбщество\n{PROSE}", TITLE, "Общество", [PROSE]),
        (
            f"{TITLE}\nPosted on 26 наурыз 2024 by admin in Жаңалықтар // 0 Comments\n{PROSE}",
            TITLE,
            "Жаңалықтар",
            [PROSE],
        ),
        (f"{TITLE}\n\n" + f"{PROSE}\n\n" * 20 + "26 марта 2024 года", TITLE, None, [PROSE] * 20),
        (
            f"Сенат • 26 Наурыз, 2024\n\n{TITLE}\n\n{PROSE}\n\n{WRAPPED}",
            TITLE,
            "Сенат",
            [
                PROSE,
                WRAPPED.replace("\n", " "),
            ],
        ),
        (
            "Спорт • 26.03.2024\nСписок призёров\nПризёры:\nАйгүл СЕЙІТ\nЕрлан ҚАРИН\nИгры прошли.",
            "Список призёров",
            "Спорт",
            ["Призёры:", "Айгүл СЕЙІТ", "Ерлан ҚАРИН", "Игры прошли."],
        ),
        (
            f"{TITLE}\nПрезидент\n26.03.2024\n{PROSE}",
            TITLE,
            "Президент",
            [PROSE],
        ),
        (
            "Сенат • 26.03.2024\nНаурыз көже әзірлеу\nДайындау оңай.\n40 минут\nДәмі тіл үйіреді.",
            "Наурыз көже әзірлеу",
            "Сенат",
            ["Дайындау оңай.", "40 минут", "Дәмі тіл үйіреді."],
        ),
        (
            "Сенат • 26.03.2024\nДимаш ҚҰДАЙБЕРГЕН\nӘнші ән шығарды!\nӘн он тілде.",
            "Димаш ҚҰДАЙБЕРГЕН",
            "Сенат",
            ["Әнші ән шығарды!", "Ән он тілде."],
        ),
        (
            f"Спорт • 26 Наурыз, 2024\nБайқау қорытындысы\n{PROSE}\nЖеңімпаздар:\nАйгүл СЕЙІТ\nЕрлан ҚАРИН",
            "Байқау қорытындысы",
            "Спорт",
            [PROSE, "Жеңімпаздар:", "Айгүл СЕЙІТ", "Ерлан ҚАРИН"],
        ),
    ],
)
def test_the_title_and_the_text_are_parted_where_they_part(
    text: str, title: str, section: str | None, body: list[str]
) -> None:
    article = read(text)
    assert (article.dateline.isoformat(), article.title) == (DAY, title)
    assert (article.section, paragraphs(article)) == (section, body)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Бюджет\n26.03.2024\nБюджет қабылданды!\nДепутаттар қуанды.", "may both be it"),
        ("Хоккей\n26.03.2024\nБарыс Автомобилистті жеңді (3:2)\nОйын қызықты өтті.", "may both be it"),
        (
            "Дүйсенбі, 25 наурыз 2024\nСенат отырысы өтті\n26 наурыз\nОл туралы айтылды.",
            "nothing tells which date",
        ),
        ("26.03.2024\nБөлісу\nОл туралы айтылды.", "«Бөлісу» was taken for"),
        ("Курс доллара на 26 марта 2024 года\nОл туралы айтылды.", "«Курс доллара на 26 марта 2024 года»"),
        (
            "26.03.2024\nСенат | 27.03.2024\nСенат бюджетті қабылдады\nОл туралы айтылды.",
            "nothing tells which date",
        ),
    ],
)
def test_a_refusal_names_the_line_that_is_in_doubt(text: str, cause: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        read(text)
    assert cause in refusal.value.cause


def test_tags_may_stand_below_their_label_one_a_line() -> None:
    for gap in ("\n", "\n\n"):
        article = read(f"Сенат • 26.03.2024\n{TITLE}\n\n{PROSE}\n\nТегтер:{gap}Сенат\nБюджет\nЗаң\n")
        assert (article.tags, paragraphs(article)) == (("Сенат", "Бюджет", "Заң"), [PROSE])


def test_a_credit_has_no_invisible_ends() -> None:
    photo = read(story(TITLE, "©\ufe0f Sputnik / Асқар", PROSE)).photo
    assert photo is not None
    assert photo.credit == "Sputnik / Асқар"


FURNITURE = (
    "26 Наурыз, 2024|26.03.2024|05.09.24|26 Наурыз|Бүгін, 10:23|45 рет|көрсетілді|2 мин|оқу үшін|Қараулар: 12"
    "|218|5 пікір|Фото: Сенат|© Сенат|Автор: Айгүл Сейіт|Автор:|Бөлісу|Telegram WhatsApp|Читайте также: Басқа"
    "|Abai.kz|Тегтер: а, б|https://example.kz/1|Эмбарго|Басты бет / Сенат|Басты бет|IMG_1.jpg|Views: 1.5K"
).split("|")
LINES = st.sampled_from(
    [*FURNITURE, "Сенат • 26 Наурыз, 2024", TITLE, FIRST, SECOND, "Спорт", "чвпвпа", "", ""]
)


@thoroughly
@given(st.lists(LINES | st.text(st.characters(), max_size=12), max_size=14).map("\n".join))
def test_furniture_is_never_a_title_and_nothing_breaks(text: str) -> None:
    try:
        article = read(text.encode("utf-8", "replace"))
    except RefusedError:
        return
    assert article.title not in FURNITURE
    assert article.title.strip()
    try:
        assert parse_dateline(article.title) is None
    except RefusedError:
        pytest.fail(f"a date for a title: {article.title}")


@thoroughly
@given(st.permutations(["45 рет", "2 мин", "Фото: Сенат", "5 пікір", "Бөлісу", "Авторы: Айгүл Сейіт"]))
def test_the_order_of_furniture_does_not_matter(lines: list[str]) -> None:
    article = read(story(TITLE, *lines, FIRST))
    assert (article.views, article.reading_minutes, article.byline) == (45, 2, "Айгүл Сейіт")
    assert article.photo is not None
    assert (article.photo.credit, paragraphs(article)) == ("Сенат", [FIRST])


# What a second adversary found: sections, hashtags, last lines, lines of the text that look like furniture.

OWN = f"Сенат • 26 Наурыз, 2024\n\n{TITLE}\n\n{PROSE}\n\n"
NO_STOPS = "Астанада жаңа көпір ашылды\nКөпірдің ұзындығы үш жүз метр\nҚұрылыс екі жылға созылды"
SPORT = "15.08.2024, 09:15\n\nКайрат выиграл Кубок страны\n\nКоманда победила в финале.\n"


@pytest.mark.parametrize(
    ("text", "section", "title"),
    [
        (f"Жаңалықтар\n27.04.2022\n{NO_STOPS}", "Жаңалықтар", "Астанада жаңа көпір ашылды"),
        (
            "Қоғам\n" + NO_STOPS.replace("\n", "\n27.04.2022\n", 1),
            "Қоғам",
            "Астанада жаңа көпір ашылды",
        ),
        (
            "جاڭالىقتار\n27 ءساۋىر 2022\nجاڭا كوپىر اشىلدى\nكوپىردىڭ ۇزىندىعى ءۇش ءجۇز مەتر",
            "جاڭالىقتار",
            "جاڭا كوپىر اشىلدى",
        ),
        ("Спорт\n5 сәуір 2024\nҚайрат жеңді\nКоманда 2:0 есебімен ұтты", "Спорт", "Қайрат жеңді"),
        ("Спорт\n27.04.2022\nЖеңіс біздікі!\nҚұрама чемпион!\nЖарайсыңдар!", "Спорт", "Жеңіс біздікі!"),
        (
            "Погода\n5 июня 2023\nСегодня в Астане ожидается дождь\nСиноптики обещают дождь.",
            "Погода",
            "Сегодня в Астане ожидается дождь",
        ),
        (
            "Тарифы\n5 июня 2023\n\nС 1 июля 2023 года вырастут цены на воду\n\nЦены вырастут на 12%.",
            "Тарифы",
            "С 1 июля 2023 года вырастут цены на воду",
        ),
        (f"Главная\nНовости\nСпорт\n{SPORT}", "Спорт", "Кайрат выиграл Кубок страны"),
        (f"Home\nNews\nSport\n{SPORT}", "Sport", "Кайрат выиграл Кубок страны"),
        (
            f"Экономика\nҚазақстан • 8 Қаңтар, 2024\n«Сапа» ма, әлде «сан» ба?\n{PROSE}\n{MORE}",
            "Қазақстан",
            "«Сапа» ма, әлде «сан» ба?",
        ),
        (f"#жолдау\n26.03.2024\nПрезидент Жолдау жариялады\n{PROSE}", None, "Президент Жолдау жариялады"),
        (
            f"Саясат\n26.03.2024\n#Жолдау2024\nПрезидент Жолдау жариялады\n{PROSE}",
            "Саясат",
            "Президент Жолдау жариялады",
        ),
    ],
)
def test_a_section_or_a_tag_above_the_title_is_not_it(text: str, section: str | None, title: str) -> None:
    article = read(text)
    assert (article.section, article.title) == (section, title)


@pytest.mark.parametrize(
    "text", [f"Жаңа кезең\n27.04.2022\n{NO_STOPS}", f"Саясат\n26.03.2024\n#Жолдау2024\n{PROSE}\n{MORE}"]
)
def test_a_section_that_nobody_knows_or_a_tag_alone_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="may both be it"):
        read(text)


@pytest.mark.parametrize(
    "line",
    [
        "Футбол, волейбол, шахмат секциялары да ашылды",
        "Мекенжай: Абай көшесі, 5",
        "Сенат, 2024",
        "олар ертең келеді деп күтілуде",
    ],
)
def test_a_last_line_that_is_no_row_of_tags_stays_in_the_text(line: str) -> None:
    article = read(f"{OWN}Бөлісу\n\n{line}")
    assert (article.tags, paragraphs(article)) == ((), [PROSE, line])
    assert line in article.warnings[0]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (f"{OWN}Видео\n\n{MORE}", [PROSE, "Видео", MORE]),
        (f"{OWN}Главная\n\n{MORE}", [PROSE, "Главная", MORE]),
        (
            f"Сенат • 26 Наурыз, 2024\n\n{TITLE}\n\nДайындау уақыты:\n40 минут\nКеректі заттар:\n{PROSE}",
            ["Дайындау уақыты:", "40 минут", "Керекті заттар:", PROSE],
        ),
        *[
            (f"{OWN}{label}{gap}Басқа мақала\n\nКіріспе бөлім\n\n{MORE}", [PROSE, "Кіріспе бөлім", MORE])
            for label in ("Оқи отырыңыз:", "Читайте также:")
            for gap in ("\n", "\n\n")
        ],
        (
            f"{OWN}Читайте также:\nБасқа мақала\nКіріспе бөлім\n{MORE}".replace("\n\n", "\n"),
            [PROSE, "Кіріспе бөлім", MORE],
        ),
        (f"{OWN}Айгүл СЕЙІТ,\n«Egemen Qazaqstan»\n\nМаңғыстау облысы", [PROSE]),
        (
            "Әдебиет • 26.03.2024\nМенің елім\nБір жол\nМенің елім\nЕкі жол\nМенің елім\nҮш жол",
            ["Бір жол", "Менің елім", "Екі жол", "Менің елім", "Үш жол"],
        ),
        (
            "Тарих\n27.04.2022\nСоғыс жылнамасы\n22 маусым 1941\nСоғыс басталды.\n9 мамыр 1945\nЖеңіс күні.",
            ["22 маусым 1941", "Соғыс басталды.", "9 мамыр 1945", "Жеңіс күні."],
        ),
    ],
)
def test_no_line_of_the_text_is_lost_in_its_midst(text: str, body: list[str]) -> None:
    assert paragraphs(read(text)) == body


def test_a_kind_of_photo_is_no_caption() -> None:
    photo = read(story(TITLE, "Иллюстративное фото: pixabay.com", PROSE)).photo
    assert photo is not None
    assert (photo.credit, photo.caption) == ("pixabay.com", None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (f"{TITLE}\nzakon.kz, 3 апреля 2024 г., 16:42\n{PROSE}", "2024-04-03T16:42:00"),
        (f"{TITLE}\nTue 16 Apr 2024 10.00 BST\n{PROSE}", "2024-04-16T10:00:00+01:00"),
        (f"{TITLE}\n\n" + f"{PROSE}\n\n" * 6 + "Опубликовано: 26.03.2024\nПросмотров: 44", DAY),
    ],
)
def test_a_date_line_may_name_its_site_or_zone_or_stand_last(text: str, day: str) -> None:
    article = read(text)
    assert (article.title, article.dateline.isoformat()) == (TITLE, day)
    assert set(paragraphs(article)) == {PROSE}


# Time. The limits are ten times what was measured: a pattern that goes wild needs minutes.

HEAD = f"Сенат • 26 Наурыз, 2024\n\n{TITLE}\n\n{FIRST}\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("а" * 500_000, id="one long word"),
        pytest.param("Сенат • 26 Наурыз, 2024 " + "45 рет " * 100_000, id="one line of counters"),
        pytest.param("26 Наурыз, 2024 " * 40_000, id="one line of dates"),
        *[
            pytest.param(HEAD + f"{line}\n" * 100_000, id=line)
            for line in ("аб вг", "45 рет", "Автор:", "27 Наурыз, 2024", "Айгүл СЕЙІТ", "чвпвпа", "1 1 1 1")
        ],
        pytest.param(HEAD + "".join(f"Эмбарго {n}\n" for n in range(100_000)), id="embargoes"),
        pytest.param(HEAD + "".join(f"Түзету: {n} емес, тағы {n}\n" for n in range(100_000)), id="notes"),
        pytest.param(HEAD + "".join(f"https://a.kz/{n}\n" for n in range(100_000)), id="addresses"),
        *[
            pytest.param(((piece * 199)[:199] + "\n") * 12 + HEAD, id=f"a row of {piece}")
            for piece in (
                "( ",
                "1 ",
                ". ",
                "• ",
                "/ ",
                "« ",
                "14:10 ",
                "2024 ",
                "фото ",
                "1.1.",
                "час ",
                "a,",
            )
        ],
    ],
)
def test_a_hostile_page_takes_no_longer_than_another(text: str) -> None:
    data = text.encode()
    started = process_time()
    with suppress(RefusedError):
        read(data)
    assert process_time() - started < 10


def test_the_seed_is_read_in_well_under_a_millisecond() -> None:
    data = SEED.read_bytes()
    times = []
    for _ in range(20):
        started = process_time()
        read(data)
        times.append(process_time() - started)
    assert min(times) < 0.001
