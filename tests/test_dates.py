"""Dates as pages print them: every one is read as it is meant, or not at all."""

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publisher.errors import RefusedError
from publisher.text.dates import find_datelines, parse_dateline, seems_date
from publisher.text.months import month_number

thoroughly = settings(max_examples=300, deadline=None, derandomize=True, database=None)

ALMATY = ZoneInfo("Asia/Almaty")
WRITTEN_AT = datetime(2026, 11, 23, 14, 0, tzinfo=ALMATY)
MARCH_26 = "2024-03-26"

ABSOLUTE = [
    ("26 Наурыз, 2024", MARCH_26),
    ("26 нау. 2024", MARCH_26),
    ("2024 жылғы 26 наурыз", MARCH_26),
    ("2024 ж. 26 наурыз", MARCH_26),
    ("26-ншы наурыз 2024", MARCH_26),
    ("26 наурызда 2024 жыл", MARCH_26),
    ("26 наурыз 2024 ж., сейсенбі күні", MARCH_26),
    ("26 қазанда 2024", "2024-10-26"),
    ("26 маусым 2024", "2024-06-26"),
    ("26.03.2024 ж.", MARCH_26),
    ("26.03.2024 ж., сағат 14:10", f"{MARCH_26}T14:10:00"),
    ("26 наурыз 2024, 14:10-да", f"{MARCH_26}T14:10:00"),
    ("26.03.2024, 09.40", f"{MARCH_26}T09:40:00"),
    ("26 наурыз 2024, 09.40", f"{MARCH_26}T09:40:00"),
    ("05.09.2024, 9:40", "2024-09-05T09:40:00"),
    ("24.01.2020, 11:33", "2020-01-24T11:33:00"),
    ("26-03-2024", MARCH_26),
    ("2024/03/26", MARCH_26),
    ("2024.03.26", MARCH_26),
    ("01.09.2022", "2022-09-01"),
    ("26 Naýryz, 2024", MARCH_26),
    ("2019 jylǵy 5 qyrkúıekte", "2019-09-05"),
    ("26 nauryz 2024", MARCH_26),
    ("1 qañtarda 2022", "2022-01-01"),
    ("26 nawrız 2024", MARCH_26),
    ("26 ناۋرىز، 2024", MARCH_26),
    ("26 ناۋرىز, 2024", MARCH_26),
    ("15-ناۋرىز 2026", "2026-03-15"),
    ("2027 -جىلى 15-ناۋرىز", "2027-03-15"),
    ("2026-جىلعى 15-ناۋرىزدا", "2026-03-15"),
    ("سەنبى, 12 قازان 2024", "2024-10-12"),
    ("27 ءساۋىر, 2022 ساعات 14:10", "2022-04-27T14:10:00"),
    ("٢٦.٠٣.٢٠٢٤, ٩:٤٠", f"{MARCH_26}T09:40:00"),
    ("26 марта 2024 г., 12:20", f"{MARCH_26}T12:20:00"),
    ("26 марта 2024 года в 12:20", f"{MARCH_26}T12:20:00"),
    ("26 мар. 2024, 10:15", f"{MARCH_26}T10:15:00"),
    ("Вторник, 26-го марта 2024 года", MARCH_26),
    ("14 December 2021, 18:37", "2021-12-14T18:37:00"),
    ("March 26, 2024", MARCH_26),
    ("26th of March 2024", MARCH_26),
    ("Mar 26 2024 at 9:40 am", f"{MARCH_26}T09:40:00"),
    ("Mar 26 2024 at 9:40 pm", f"{MARCH_26}T21:40:00"),
    ("Mar 26, 2024, 12:05 a.m.", f"{MARCH_26}T00:05:00"),
    ("2024-03-26T10:00+06:00", f"{MARCH_26}T10:00:00+06:00"),
    ("2024-03-26 10:00:00Z", f"{MARCH_26}T10:00:00+00:00"),
    ("2024-03-26T10:15", f"{MARCH_26}T10:15:00"),
    ("2024-03-26T10:15:00", f"{MARCH_26}T10:15:00"),
    ("2024-03-26 10:15:00 +0500", f"{MARCH_26}T10:15:00+05:00"),
    ("26.03.2024 10:15 (GMT+5)", f"{MARCH_26}T10:15:00+05:00"),
    ("26.03.2024 10:15 (UTC +05:00)", f"{MARCH_26}T10:15:00+05:00"),
    ("26.03.2024 10:15 +05:00", f"{MARCH_26}T10:15:00+05:00"),
    ("26 March 2024, 10:15 GMT", f"{MARCH_26}T10:15:00+00:00"),
    ("Tue 26 Mar 2024 10.15 GMT", f"{MARCH_26}T10:15:00+00:00"),
    ("Tue 26 Mar 2024 10.15 BST", f"{MARCH_26}T10:15:00+01:00"),
    ("26 March 2024, 10:15 BST", f"{MARCH_26}T10:15:00+01:00"),
    ("March 26, 2024 10:15 AM GMT+5", f"{MARCH_26}T10:15:00+05:00"),
    ("26 naurız 2024", MARCH_26),
    ("1 sáuir 2024", "2024-04-01"),
    ("1 säuir 2024", "2024-04-01"),
    ("3 jeltoqsan 2024 j.", "2024-12-03"),
    ("Бүгін, 26 наурыз 2024, 10:23", f"{MARCH_26}T10:23:00"),
    # The day of the week is wrong; the date is still what is printed.
    ("жұма, 26 наурыз 2024", MARCH_26),
]
RELATIVE = [
    ("Бүгін, 10:23", "2026-11-23T10:23:00"),
    ("Бүгін", "2026-11-23"),
    ("Бүгiн, 10:23", "2026-11-23T10:23:00"),  # a Latin i
    ("Бүгiн 2026, 13:08", "2026-11-23T13:08:00"),
    ("Бүгін, 23 қараша 10:00", "2026-11-23T10:00:00"),
    ("Бүгін, 14:04", "2026-11-23T14:04:00"),
    ("Кеше", "2026-11-22"),
    ("Кеше, 21:05", "2026-11-22T21:05:00"),
    ("Кеше, сағат 21:05-те", "2026-11-22T21:05:00"),
    ("Сегодня, 10:23", "2026-11-23T10:23:00"),
    ("Вчера в 21:05", "2026-11-22T21:05:00"),
    ("Today at 9:40 am", "2026-11-23T09:40:00"),
    ("Yesterday", "2026-11-22"),
    ("Büğın, 10:23", "2026-11-23T10:23:00"),
    ("Bugin", "2026-11-23"),
    ("Keshe, 21:05", "2026-11-22T21:05:00"),
    ("بۇگىن", "2026-11-23"),
    ("كەشە، 21:05", "2026-11-22T21:05:00"),
    ("2 сағат бұрын", "2026-11-23T12:00:00"),
    ("5 минут бұрын", "2026-11-23T13:55:00"),
    ("3 часа назад", "2026-11-23T11:00:00"),
    ("час назад", "2026-11-23T13:00:00"),
    ("2 hours ago", "2026-11-23T12:00:00"),
    ("15 сағат бұрын", "2026-11-22T23:00:00"),
    ("3 күн бұрын", "2026-11-20"),
]
NO_DATES = [
    "05.09.24",
    "26 Наурыз, 24",
    "26 Наурыз",
    "Бүгін Сенатта отырыс өтті",
    "Ертең",
    "14:10",
    "26 қазандық 2024",
    "26 Қазақстан 2024",
    "маусым 2024",
    "1234 наурыз 2024",
    "26.03.2024 45.70",
    "26.03.2024 26.03.2024",
    "сағат 26.03.2024",
    "2 сағат бұрын 10:00",
    "1.5 сағат бұрын",
    "Құрылтай 26 наурыз 2024 жылы өтті",
    "26 de março 2024",
    "26.03.2024 GMT+5",
    "26.03.2024 10:15-11:15",
]
REFUSED = [
    ("13.25.2024", "does not exist"),
    ("30.02.2024", "does not exist"),
    ("26 Наурыз 2024, 25:00", "does not exist"),
    ("26.03.2024 13:40 pm", "does not exist"),
    ("26.03.2024 10:15 GMT+25", "does not exist"),
    ("Бүгін 2025, 13:08", "contradicts"),
    ("Бүгін, 22 қараша", "contradicts"),
    ("Бүгін, 14:06", "contradicts"),
    ("Сегодня, 23:59", "contradicts"),
]


@pytest.mark.parametrize(("text", "iso"), ABSOLUTE)
def test_a_date_says_the_same_whenever_its_file_was_written(text: str, iso: str) -> None:
    for written_at in (None, WRITTEN_AT):
        dateline = parse_dateline(text, written_at)
        assert dateline is not None
        assert (dateline.isoformat(), dateline.printed) == (iso, None)


@pytest.mark.parametrize(("text", "iso"), RELATIVE)
def test_a_day_in_words_is_counted_from_the_files_own_time_and_marked(text: str, iso: str) -> None:
    dateline = parse_dateline(f" {text} ", WRITTEN_AT)
    assert dateline is not None
    assert (dateline.isoformat(), dateline.printed) == (iso, text)
    assert parse_dateline(text) is None


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_whole_date_is_not_made_one(text: str) -> None:
    assert parse_dateline(text, WRITTEN_AT) is None


@pytest.mark.parametrize(("text", "words"), REFUSED)
def test_a_date_that_cannot_be_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refusal:
        parse_dateline(text, WRITTEN_AT)
    assert text in refusal.value.cause
    assert refusal.value.hint


def test_hours_are_counted_across_the_night_when_almaty_changed_its_clocks() -> None:
    # 2024-03-01 00:00 +06 became 2024-02-29 23:00 +05: an hour came twice.
    dateline = parse_dateline("2 сағат бұрын", datetime(2024, 3, 1, 0, 30, tzinfo=ALMATY))
    assert dateline is not None
    assert dateline.isoformat() == "2024-02-29T23:30:00"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("05.09.2024, 9:40 218", ["05.09.2024, 9:40"]),
        ("2393 5 پىكىر 27 ءساۋىر, 2022 ساعات 14:10", ["27 ءساۋىر, 2022 ساعات 14:10"]),
        ("Сенат • 26 Наурыз, 2024 • 45 рет", ["26 Наурыз, 2024"]),
        ("26 Наурыз, 2024 2015", ["26 Наурыз, 2024"]),
        ("Бүгін 2026, 13:08Бүгін 2026, 13:08", ["Бүгін 2026, 13:08", "Бүгін 2026, 13:08"]),
        ("Сенат | 2 сағат бұрын", ["2 сағат бұрын"]),
        ("12 26.03.2024", ["26.03.2024"]),
        ("2015 26 Наурыз 2024", []),  # a date and a counter, but which is the year?
        ("С5+1 саммиті", []),
        ("26 Наурыз • 45 рет", []),
    ],
)
def test_a_date_is_found_among_counters(line: str, found: list[str]) -> None:
    assert [line[start:stop] for start, stop in find_datelines(line)] == found


@pytest.mark.parametrize(
    ("text", "seems"),
    [
        ("26 Наурыз", True),
        ("05.09.24", True),
        ("сейсенбі", True),
        ("26.03.2024", True),
        ("Сенат", False),
        ("2024", False),
        ("Наурыз мейрамы", False),
    ],
)
def test_half_a_date_is_known_as_such(text: str, *, seems: bool) -> None:
    assert seems_date(text) is seems


@pytest.mark.parametrize(
    ("word", "number"),
    [("наурызындағы", 3), ("маусымда", 6), ("қазаннан", 10), ("қазандық", None), ("Қазақстан", None)],
)
def test_only_a_case_ending_may_follow_a_month(word: str, number: int | None) -> None:
    assert month_number(word) == number


PIECES = (
    "0 1 26 31 2024 2026 2101 ٢٦ 9:40 25:00 09.40 . / - , • | жылы сағат ші наурыз маусымда naýryz ناۋرىز "
    "march am pm Бүгін Кеше today бұрын ago hours сағат 2024-03-26T10:00Z 30.02.2024 05.09.24"
).split()


@thoroughly
@given(st.lists(st.sampled_from([*PIECES, " ", " "]) | st.characters(), max_size=14).map("".join))
@example("1" * 5000)
def test_any_text_is_read_refused_or_left_alone(text: str) -> None:
    with suppress(RefusedError):
        dateline = parse_dateline(text, WRITTEN_AT)
        assert dateline is None or date(1900, 1, 1) <= dateline.day <= date(2100, 12, 31)
    for start, stop in find_datelines(text):
        with suppress(RefusedError):
            assert parse_dateline(text[start:stop], WRITTEN_AT)
    seems_date(text)


@thoroughly
@given(st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 31)), st.integers(0, 1439))  # noqa: DTZ001
def test_a_clock_of_today_is_never_later_than_the_file(written: datetime, minute: int) -> None:
    clock = time(minute // 60, minute % 60)
    with suppress(RefusedError):
        dateline = parse_dateline(f"Бүгін, {clock:%H:%M}", written.replace(tzinfo=ALMATY))
        assert dateline is not None
        assert datetime.combine(dateline.day, clock) <= written + timedelta(minutes=5)
