"""From a file's bytes to a story, or to the reason why there is none."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import SAMPLES, SEED, story
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from publisher.errors import RefusedError
from publisher.model import Article, Origin
from publisher.readers import READERS, reader_for
from publisher.readers.markdown import parse_markdown
from publisher.readers.newspaper import parse_newspaper

# The same examples on every run: a suite that fails on some days only is a suite nobody trusts.
thoroughly = settings(max_examples=200, deadline=None, derandomize=True, database=None)

EXPECTED: dict[str, dict[str, Any]] = {
    row["file"]: row for row in map(json.loads, (SAMPLES / "EXPECTED.jsonl").read_text().splitlines())
}
SEED_TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
FURNITURE = ("көрсетілді", "оқу үшін", "Фото:", "45 рет", "2 мин")


ORIGIN = Origin(language="kk", written_at=datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Asia/Almaty")))
"""What the readers are told of every file here."""


def newspaper(text: str | bytes) -> Article:
    return parse_newspaper(text if isinstance(text, bytes) else text.encode(), ORIGIN)


def markdown(text: str | bytes) -> Article:
    return parse_markdown(text if isinstance(text, bytes) else text.encode(), ORIGIN)


def sample(name: str) -> Article:
    return newspaper((SAMPLES / name).read_bytes())


def blocks(article: Article) -> list[str]:
    """The tags of the body's blocks, in order; a text outside of every block is a defect."""
    tags = []
    for node in html.fragments_fromstring(article.body_html):
        assert not isinstance(node, str), article.body_html
        assert not (node.tail or "").strip(), article.body_html
        tags.append(str(node.tag))
    return tags


def strings(article: Article) -> Iterator[str]:
    for owner in (article, article.photo):
        for field in fields(owner) if owner else ():
            value = getattr(owner, field.name)
            yield from [value] if isinstance(value, str) else value if isinstance(value, tuple) else []


def assert_xml_can_carry(article: Article) -> None:
    for text in strings(article):
        etree.Element("text").text = text
        text.encode()


# The newspaper's page


def test_the_seed_is_read_whole() -> None:
    article = newspaper(SEED.read_bytes())
    assert article.title == SEED_TITLE
    assert article.dateline.day == date(2024, 3, 26)
    assert article.dateline.clock is None
    assert article.section == "Сенат"
    assert article.language == "kk"
    assert article.views == 45
    assert article.reading_minutes == 2
    assert article.photo is not None
    assert article.photo.credit == "Сенаттың баспасөз қызметі"
    assert article.photo.caption == SEED_TITLE
    assert article.lead.startswith("Сенат Төрағасы Мәулен Әшімбаев АҚШ Конгресінің сенаторы")
    assert article.lead.endswith("баспасөз қызметіне сілтеме жасап.")
    assert (article.byline, article.tags, article.source_id, article.url) == (None, (), None, None)


def test_the_seeds_body_is_its_paragraphs_with_the_quotation_apart() -> None:
    article = newspaper(SEED.read_bytes())
    assert blocks(article) == ["p", "p", "blockquote", "p", "p", "p"]
    assert article.body_html.count("<p>") == 6
    assert article.body_html.startswith("<p>Былтыр қыркүйек айында")
    assert article.body_html.endswith("бейіл екенін атап өтті.</p>")
    (quotation,) = html.fragments_fromstring(article.body_html)[2:3]
    assert not isinstance(quotation, str)
    assert quotation.text_content().startswith("«Екі елдің Президенттері")
    assert quotation.text_content().endswith("деді Мәулен Әшімбаев.")


def test_nothing_of_the_pages_furniture_is_left_in_the_seed() -> None:
    article = newspaper(SEED.read_bytes())
    assert not [words for words in FURNITURE if words in article.lead + article.body_html]
    assert SEED_TITLE not in article.lead + article.body_html


@pytest.mark.parametrize(
    "name",
    [
        "01_egemen_president_nocredit.txt",
        "03_egemen_alttext_noise.txt",
        "04_ar_egemen_2017.txt",
        "06_ar_egemen_gov.txt",
    ],
)
def test_a_page_of_another_day_is_read_as_it_should_be(name: str) -> None:
    expected = EXPECTED[name]
    article = sample(name)
    assert article.title == expected["title"]
    assert article.section == expected["section"]
    assert article.dateline.isoformat() == expected["date"]
    assert article.views == expected["views"]
    assert article.language == {"kk-Cyrl": "kk"}.get(expected["lang"], expected["lang"])
    assert article.lead == expected.get("lead", article.lead)
    assert article.lead
    if "paras" in expected:
        assert blocks(article) == ["p"] * expected["paras"]
    assert not [words for words in ("көрсетілді", "كورسەتىلدى", "оқу үшін") if words in article.body_html]


def test_a_page_without_a_credit_has_a_caption_only() -> None:
    article = sample("01_egemen_president_nocredit.txt")
    assert article.photo is not None
    assert (article.photo.caption, article.photo.credit) == (article.title, None)


@pytest.mark.parametrize(
    ("name", "minutes"), [("01_egemen_president_nocredit.txt", 1), ("04_ar_egemen_2017.txt", 15)]
)
def test_the_reading_time_is_kept_in_either_script(name: str, minutes: int) -> None:
    assert sample(name).reading_minutes == minutes


@pytest.mark.parametrize(
    "name",
    [
        "50_seed_bom.txt",
        "51_seed_crlf.txt",
        "52_seed_utf16.txt",
        "54_seed_kz1048.txt",
        "59_seed_controls.txt",
    ],
)
def test_the_seed_in_another_dress_is_the_same_story(name: str) -> None:
    assert replace(sample(name), warnings=()) == newspaper(SEED.read_bytes())


def test_another_view_count_changes_nothing_else() -> None:
    before, after = newspaper(SEED.read_bytes()), sample("61_seed_views_changed.txt")
    assert after.views != before.views
    assert list(strings(after)) == list(strings(before))


def test_a_correction_is_seen_where_the_name_stands_only() -> None:
    before, after = newspaper(SEED.read_bytes()), sample("63_seed_correction.txt")
    assert after.body_html != before.body_html
    assert after.lead != before.lead
    assert (after.title, after.dateline, after.photo) == (before.title, before.dateline, before.photo)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("\ufeff", "", id="a byte-order mark alone"),
        pytest.param("\u200b\n\u00ad", "there is no title", id="nothing anyone can see"),
        pytest.param("Сенат • 26 Наурыз, 2024\n", "there is no title", id="a date line alone"),
        pytest.param("Сенат • 26 Наурыз, 2024\n\nТақырып\n", "there is no text", id="a title alone"),
        pytest.param(
            "Сенат • 26 Наурыз, 2024\n\nТақырып\n\n45 рет\nкөрсетілді\n2 мин\nоқу үшін\nФото: Сенат\n",
            "there is no text",
            id="a title and furniture",
        ),
        pytest.param("Сенат • 26 Наурыз, 2024\n\nТақырып\n\nТақырып\n", "there is no text", id="two titles"),
        pytest.param("Тақырып\n\nМәтін бар.\n", "there is no date line", id="no date"),
        pytest.param("Сенат • 26 Наурыз\n\nТақырып\n\nМәтін бар.\n", "there is no date line", id="no year"),
        pytest.param(story("Тақырып", date="31 Ақпан, 2024"), "does not exist", id="impossible date"),
        pytest.param(story("Тақырып", date="30.02.2024"), "does not exist", id="impossible number"),
        pytest.param(story("Тақырып", date="24.01.2020, 25:33"), "does not exist", id="impossible hour"),
        pytest.param(
            "Сенат • 26 Наурыз, 2024\n\nЖиында бірқатар мәселе қаралды.\n\nОтырыс ертең жалғасады.\n",
            "there is no title",
            id="a sentence for a title",
        ),
        pytest.param(
            "Сенат • 26 Наурыз, 2024\n\n" + "а" * 251 + "\n\nМәтін.\n", "there is no title", id="too long"
        ),
    ],
)
def test_a_page_that_is_no_story_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        newspaper(text)
    assert words in refusal.value.cause
    assert refusal.value.hint


def test_a_date_line_deep_in_the_text_is_no_date_line() -> None:
    text = "Тақырып\n\n" + "Мәтін бар.\n" * 12 + "26 Наурыз, 2024\n"
    with pytest.raises(RefusedError, match="there is no date line"):
        newspaper(text)


def test_the_first_date_line_counts_and_later_ones_stay_in_the_text() -> None:
    article = newspaper(story("Тақырып", "27 Наурыз, 2024", "Мәтін бар."))
    assert article.dateline.day == date(2024, 3, 26)
    assert "27 Наурыз, 2024" in article.body_html


@pytest.mark.parametrize(
    ("line", "day", "clock", "section"),
    [
        ("26 Наурыз, 2024", date(2024, 3, 26), None, None),
        ("Сенат | 26.03.2024, 10:15", date(2024, 3, 26), time(10, 15), "Сенат"),
        ("Парламент Сенаты • 26 марта 2024", date(2024, 3, 26), None, "Парламент Сенаты"),
    ],
)
def test_a_date_line_is_read_with_or_without_a_section(
    line: str, day: date, clock: time | None, section: str | None
) -> None:
    article = newspaper(f"{line}\n\nТақырып\n\nМәтін бар.\n")
    assert (article.dateline.day, article.dateline.clock, article.section) == (day, clock, section)


def test_a_story_without_a_lead_and_photo_is_a_story() -> None:
    article = newspaper(story("Тақырып", "Бірінші.", "Екінші."))
    assert (article.title, article.lead, article.photo) == ("Тақырып", "", None)
    assert article.body_html == "<p>Бірінші.</p>\n<p>Екінші.</p>"


def test_furniture_words_inside_a_sentence_belong_to_the_story() -> None:
    sentence = "Фильм 45 рет көрсетілді, ал оны оқу үшін 2 мин жеткілікті."
    assert sentence in newspaper(story("Тақырып", sentence)).body_html


def test_markup_in_a_page_is_text() -> None:
    article = newspaper(story("A < B & C", "<script>alert(1)</script> & <b>қалың</b>"))
    assert article.title == "A < B & C"
    assert article.body_html == "<p>&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;қалың&lt;/b&gt;</p>"


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("«Бұл өте маңызды қадам болды», деді ол.", "blockquote"),
        ("“Бұл өте маңызды қадам болды”, деді ол.", "blockquote"),
        ("«Самұрық» қоры былтырғы жұмысының қорытындысын жариялады.", "p"),
        ("Ол «бұл өте маңызды қадам болды» деді.", "p"),
    ],
)
def test_only_a_paragraph_of_someones_words_is_a_quotation(text: str, tag: str) -> None:
    assert blocks(newspaper(story("Тақырып", text))) == [tag]


@pytest.mark.parametrize(
    ("line", "views"),
    [("1 234 рет көрсетілді", 1234), ("591 رەت", 591), ("12\u00a0345 рет", 12345), ("0 рет", 0)],
)
def test_the_view_counter_is_a_number(line: str, views: int) -> None:
    assert newspaper(story("Тақырып", line, "Мәтін бар.")).views == views


@pytest.mark.parametrize("digits", [25, 5000])
def test_a_counter_beyond_any_number_does_not_stop_the_press(digits: int) -> None:
    try:
        article = newspaper(story("Тақырып", "9" * digits + " рет", "Мәтін бар."))
    except RefusedError:
        return
    # What SQLite can keep.
    assert article.views is None or article.views < 2**63


# Markdown

HEAD = "---\ntitle: Тақырып\ndate: 2024-03-26\n"


def with_fields(*lines: str, body: str = "Мәтін бар.") -> str:
    return HEAD + "".join(f"{line}\n" for line in lines) + f"---\n{body}\n"


def test_front_matter_gives_every_field() -> None:
    article = markdown(
        "---\n"
        "title: 'Сенат: отырыс'\n"
        "date: 2024-03-26T10:00+06:00\n"
        "lead: Қысқаша\n"
        "section: Сенат\n"
        "author: Айгүл Серік\n"
        "language: kk\n"
        "photo_caption: Отырыс\n"
        "photo_credit: Сенат\n"
        "tags: [сенат, заң]\n"
        "id: 42\n"
        "url: https://example.kz/1\n"
        "---\n\n"
        "Бір **екі**.\n\n> Үш\n\n- төрт\n"
    )
    assert article.title == "Сенат: отырыс"
    assert article.dateline.isoformat() == "2024-03-26T10:00:00+06:00"
    assert (article.lead, article.section, article.byline) == ("Қысқаша", "Сенат", "Айгүл Серік")
    assert article.language == "kk"
    assert article.photo is not None
    assert (article.photo.caption, article.photo.credit) == ("Отырыс", "Сенат")
    assert article.tags == ("сенат", "заң")
    assert (article.source_id, article.url) == ("42", "https://example.kz/1")
    assert blocks(article) == ["p", "blockquote", "ul"]
    assert "<strong>екі</strong>" in article.body_html


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("author: NO", "byline", "NO"),
        ("author: yes", "byline", "yes"),
        ("author: 12:30", "byline", "12:30"),
        ("author: 007", "byline", "007"),
        ("author: 1e3", "byline", "1e3"),
        ("author: ~", "byline", "~"),
        ("byline: Айгүл", "byline", "Айгүл"),
        ("AUTHOR: Айгүл", "byline", "Айгүл"),
        ("author: ''", "byline", None),
        ("author: [a, b]", "byline", None),
        ("author: !!python/object/apply:os.system [id]", "byline", None),
        ("id: NO", "source_id", "NO"),
        ("id: 2024-03-26", "source_id", "2024-03-26"),
        ("category: Сенат", "section", "Сенат"),
        ("description: Қысқаша", "lead", "Қысқаша"),
        ("summary: |\n  Бір\n  екі", "lead", "Бір екі"),
        ('lead: "а\\u00adб\\u200bв\\0г\\ud800д"', "lead", "абвгд"),
        ("lead: и\u0306", "lead", "й"),
        ("canonical: http://example.kz/a", "url", "http://example.kz/a"),
        ("url: ''", "url", None),
        ("tags: [а, 'б, в']", "tags", ("а", "б, в")),
        ("tags: а, б ,, в", "tags", ("а", "б", "в")),
        ("tags:\n- 1\n- NO", "tags", ("1", "NO")),
        ("tags: []", "tags", ()),
        ("tags:", "tags", ()),
        ("tags: {a: b}", "tags", ()),
        ("draft: false", "title", "Тақырып"),
        ("draft: no", "title", "Тақырып"),
    ],
)
def test_a_front_matter_value_stays_the_text_it_is(line: str, field: str, value: object) -> None:
    assert getattr(markdown(with_fields(line)), field) == value


@pytest.mark.parametrize(
    ("written", "day", "clock"),
    [
        ("2024-03-26", date(2024, 3, 26), None),
        ("2024-03-26 10:00", date(2024, 3, 26), time(10)),
        ("'2024-03-26T10:00'", date(2024, 3, 26), time(10)),
        ("26 Наурыз, 2024", date(2024, 3, 26), None),
        ("26.03.2024, 10:15", date(2024, 3, 26), time(10, 15)),
    ],
)
def test_a_front_matter_date_may_be_iso_or_as_printed(written: str, day: date, clock: time | None) -> None:
    article = markdown(f"---\ntitle: Тақырып\ndate: {written}\n---\nМәтін\n")
    assert (article.dateline.day, article.dateline.clock) == (day, clock)


def test_a_date_time_keeps_its_offset() -> None:
    clock = markdown("---\ntitle: Т\ndate: 2024-03-26T10:00+06:00\n---\nМәтін\n").dateline.clock
    assert clock is not None
    assert clock.utcoffset() == timedelta(hours=6)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "is empty", id="empty"),
        pytest.param("---\n---\n", "there is no title", id="empty front matter"),
        pytest.param(f"{HEAD}{BOMB}---\nМәтін\n", "aliases", id="alias bomb"),
        pytest.param(with_fields("lead: 'ашық"), "not valid YAML (line 4)", id="unterminated quote"),
        pytest.param(with_fields("tags: [а, б"), "not valid YAML (line", id="unterminated list"),
        pytest.param(with_fields("lead: а: б"), "not valid YAML (line 4)", id="second colon"),
        pytest.param(with_fields("\tlead: а"), "not valid YAML (line 4)", id="tab"),
        pytest.param(with_fields("lead: " + "[" * 5000), "not valid YAML", id="deep nesting"),
        pytest.param(with_fields('lead: "\\UFFFFFFFF"'), "not valid YAML", id="escape beyond Unicode"),
        pytest.param("---\n- а\n- б\n---\nМәтін\n", "not a list of", id="a list"),
        pytest.param("---\nmere words\n---\nМәтін\n", "not a list of", id="mere words"),
        pytest.param("---\ndate: 2024-03-26\n---\nМәтін\n", "there is no title", id="no title"),
        pytest.param(
            "---\ntitle: []\ndate: 2024-03-26\n---\nМәтін\n", "there is no title", id="list for title"
        ),
        pytest.param("---\ntitle: Тақырып\n---\nМәтін\n", "there is no date", id="no date"),
        pytest.param("Мәтін ғана\n", "there is no title", id="no front matter"),
        pytest.param("# Тақырып\n\nМәтін\n", "there is no date", id="no front matter but a title"),
        pytest.param("---\ntitle: Т\ndate: 2024-02-30\n---\nМәтін\n", "does not exist", id="impossible day"),
        pytest.param(
            "---\ntitle: Т\ndate: 31 Ақпан, 2024\n---\nМәтін\n", "does not exist", id="impossible date"
        ),
        pytest.param("---\ntitle: Т\ndate: бір күні\n---\nМәтін\n", "cannot be read", id="no such date"),
        pytest.param("---\ntitle: Т\ndate: 9999-12-31T24:00\n---\nМәтін\n", "", id="the end of time"),
        pytest.param(with_fields(body=""), "there is no text", id="no text"),
        pytest.param(with_fields(body="# Тақырып"), "there is no text", id="a heading alone"),
        pytest.param(with_fields("url: example.kz/a"), "not a web address", id="address without scheme"),
        pytest.param(with_fields("url: javascript:alert(1)"), "not a web address", id="script address"),
        pytest.param(with_fields("url: https://a b"), "not a web address", id="address with a space"),
        pytest.param(
            with_fields("url: 'https://[x'"), "not a web address", id="address that cannot be parsed"
        ),
    ],
)
def test_a_markdown_file_that_is_no_story_is_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        markdown(text)
    assert words in refusal.value.cause
    assert refusal.value.hint


def test_front_matter_that_never_ends_is_called_that() -> None:
    # «There is no title» would send the editor looking at a title that stands there.
    with pytest.raises(RefusedError) as refusal:
        markdown(f"{HEAD}\nМәтін бар.\n")
    assert "front matter" in refusal.value.cause


def test_a_space_after_the_dashes_does_not_hide_the_front_matter() -> None:
    assert markdown("--- \ntitle: Тақырып\ndate: 2024-03-26\n---\t\nМәтін\n").title == "Тақырып"


def test_a_control_character_in_the_front_matter_is_dropped_as_everywhere() -> None:
    assert markdown(with_fields("lead: а\u0001б\u000bв")).lead == "аб в"


def test_front_matter_may_end_with_the_file_and_have_any_line_ends() -> None:
    text = "\ufeff---\r\ntitle: Тақырып\r\ndate: 2024-03-26\r\nlead: Қысқаша\r\n---"
    article = markdown(text)
    assert (article.title, article.lead, article.body_html) == ("Тақырып", "Қысқаша", "")


def test_a_rule_in_the_text_is_no_front_matter() -> None:
    article = markdown(with_fields(body="Бір\n\n---\n\nекі: үш\n\n---\n\nтөрт"))
    assert blocks(article) == ["p", "hr", "p", "hr", "p"]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("# Сенат отырысы", "Сенат отырысы"),
        ("# Сенат отырысы #", "Сенат отырысы"),
        ("#\tСенат\u00a0отырысы", "Сенат отырысы"),
        ("# C# тілі", "C# тілі"),
        ("# Тіл: C#", "Тіл: C#"),
        ("# *Сенат* [отырысы](https://example.kz/)", "Сенат отырысы"),
        ("# Сенат &amp; Мәжіліс", "Сенат & Мәжіліс"),
    ],
)
def test_the_title_may_be_the_first_heading(heading: str, title: str) -> None:
    article = markdown(f"---\ndate: 2024-03-26\n---\n\n{heading}\n\nМәтін бар.\n")
    assert article.title == title
    assert article.body_html == "<p>Мәтін бар.</p>"


def test_a_heading_that_repeats_the_title_is_not_printed_twice() -> None:
    assert markdown(with_fields(body="# Тақырып\n\nМәтін бар.")).body_html == "<p>Мәтін бар.</p>"


def test_a_first_heading_that_is_not_the_title_is_not_lost() -> None:
    article = markdown(with_fields(body="# Күн тәртібі\n\nМәтін бар."))
    assert article.title == "Тақырып"
    assert "Күн тәртібі" in article.body_html


def test_a_later_heading_of_the_first_level_stays_a_block() -> None:
    article = markdown(with_fields(body="Бір.\n\n# Күн тәртібі\n\nЕкі."))
    tags = blocks(article)
    assert len(tags) == 3
    assert tags[1] in {"h2", "h3", "p"}


@pytest.mark.parametrize(
    ("body", "gone"),
    [
        ("<script>alert(1)</script>", "<script"),
        ('<b onclick="alert(1)">қалың</b>', "<b"),
        ("[а](javascript:alert(1))", "href"),
        ("[а](data:text/html,x)", "href"),
        ("<iframe src='https://example.kz/'></iframe>", "<iframe"),
        ("<!-- құпия -->", "<!--"),
        ("![а](javascript:alert(1))", "<img"),
    ],
)
def test_raw_html_and_scripts_are_not_passed_through(body: str, gone: str) -> None:
    assert gone not in markdown(with_fields(body=f"Мәтін {body}\n\n{body}")).body_html


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("а\n\n    б", "<pre><code>б\n</code></pre>"),
        ("- а\n  - б", "<ul>\n<li>а\n<ul>\n<li>б</li>"),
        ("| а | б |\n|---|---|\n| в | г |", "<td>в</td>"),
        ("~~а~~", "<s>а</s>"),
        ("[а](https://example.kz/)", '<a href="https://example.kz/">а</a>'),
        ("а\u00adб\u200bв\u0001г", "<p>абвг</p>"),
        ("№ 5 и\u0306", "<p>№ 5 й</p>"),
        ("а\\\nб", "а<br>"),
        ("а  \nб", "а<br>"),
    ],
    ids=[
        "code",
        "nested list",
        "table",
        "strike",
        "link",
        "invisible",
        "NFC",
        "break",
        "break by two spaces",
    ],
)
def test_markdown_means_what_it_means_everywhere(body: str, part: str) -> None:
    assert part in markdown(with_fields(body=body)).body_html


@pytest.mark.parametrize("entity", ["&#0;", "&#1;", "&#11;", "&#12;", "&#xD800;", "&#xFFFE;", "&#x110000;"])
def test_an_entity_cannot_smuggle_in_what_xml_cannot_carry(entity: str) -> None:
    assert_xml_can_carry(markdown(with_fields(body=f"а{entity}б [в](https://a.kz/{entity} 'г{entity}')")))


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ("Мәулен Әшімбаев кездесті", "kk"),
        ("Комитет объявил перерыв", "ru"),
        ("سەناتورىمەن كەزدەستى", "kk-Arab"),
    ],
)
def test_the_language_is_detected_unless_it_is_named(body: str, language: str) -> None:
    text = f"---\ntitle: '1'\ndate: 2024-03-26\n---\n{body}\n"
    assert markdown(text).language == language
    assert markdown(text.replace("date:", "lang: en\ndate:")).language == "en"


def test_a_language_that_is_no_language_tag_is_not_passed_on() -> None:
    # It would go into xml:lang and <html lang> as it is.
    try:
        language = markdown(with_fields("language: english please")).language
    except RefusedError:
        return
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", language)


# Which reader


@pytest.mark.parametrize("suffix", [".txt", ".TXT", ".Txt"])
def test_a_text_file_is_a_newspaper_page_in_any_case(suffix: str) -> None:
    assert reader_for(suffix) is parse_newspaper


@pytest.mark.parametrize("suffix", [".md", ".MD", ".Md"])
def test_a_markdown_file_is_known_in_any_case(suffix: str) -> None:
    assert reader_for(suffix) is parse_markdown


@pytest.mark.parametrize(
    ("suffix", "words"),
    [(".pdf", "«.pdf» is not known"), (".rtf", "«.rtf»"), ("txt", "«txt»"), ("", "no suffix")],
)
def test_a_file_without_a_reader_is_refused(suffix: str, words: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        reader_for(suffix)
    assert words in refusal.value.cause
    assert all(known in refusal.value.hint for known in READERS)


# Whatever is dropped into the inbox

SEED_MARKDOWN = with_fields(
    "lead: Қысқаша",
    "tags: [а, б]",
    'author: "А\\u049a"',
    "url: https://example.kz/",
    body="# Тақырып\n\nБір *екі* [үш](https://example.kz/ 'т') &amp; &#1178;\n\n> төрт\n\n1. бес\n",
).encode()
PIECES = [
    *(
        "\n",
        "\n\n",
        "---\n",
        "# ",
        "> ",
        "- ",
        "    ",
        "`",
        "*",
        "[",
        "](",
        ")",
        "|",
        "<script>",
        "&#12;",
        "&#1;",
    ),
    *(
        "title: Т\n",
        "date: 2024-03-26\n",
        "&a ",
        "*a",
        "!!int ",
        '"\\U',
        "FFFFFFFF",
        '"',
        "'",
        "%",
        "\\",
        "\t",
    ),
    *(
        "Сенат • 26 Наурыз, 2024\n",
        "45 рет\n",
        "2 мин\n",
        "Фото: ",
        "31 Ақпан, 2024\n",
        "«",
        "»",
        "\x0c",
        "\ud800",
    ),
]
any_text = st.lists(st.sampled_from(PIECES) | st.text(st.characters(), max_size=8), max_size=20).map("".join)


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """A good file with some bytes flipped, a piece put in, and an end cut off."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(0, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    at = draw(st.integers(0, len(data)))
    data[at:at] = draw(st.binary(max_size=6) | any_text.map(lambda text: text.encode("utf-8", "replace")))
    start = draw(st.just(0) | st.integers(0, len(data)))
    return bytes(data[start : draw(st.just(len(data)) | st.integers(start, len(data)))])


def files(whole: bytes) -> st.SearchStrategy[bytes]:
    return damaged(whole) | st.binary() | any_text.map(lambda text: text.encode("utf-8", "surrogatepass"))


@thoroughly
@given(files(SEED.read_bytes()) | any_text.map(lambda text: story(text).encode("utf-8", "replace")))
def test_a_newspaper_page_is_read_or_refused_whatever_it_holds(data: bytes) -> None:
    try:
        article = newspaper(data)
    except RefusedError:
        return
    assert_xml_can_carry(article)


@thoroughly
@given(
    files(SEED_MARKDOWN)
    | any_text.map(lambda text: with_fields(body=text).encode("utf-8", "replace"))
    | any_text.map(lambda text: with_fields(text).encode("utf-8", "replace"))
)
@example(with_fields(body="> " * 1000).encode())
@example(with_fields(body="- " * 1000).encode())
@example(with_fields(body="[" * 2000).encode())
def test_a_markdown_file_is_read_or_refused_whatever_it_holds(data: bytes) -> None:
    try:
        article = markdown(data)
    except RefusedError:
        return
    assert_xml_can_carry(article)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_every_sample_is_read_or_refused(path: Path) -> None:
    try:
        article = newspaper(path.read_bytes())
    except RefusedError as refusal:
        reason = f"{refusal.cause}{refusal.hint}"
    else:
        reason = article.title + article.body_html
        assert_xml_can_carry(article)
    assert reason
