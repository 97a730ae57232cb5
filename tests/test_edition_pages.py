"""The archive of editions on the web, and the language its pages are in."""

import pytest

from publisher.web.languages import choose_language


@pytest.mark.parametrize(
    ("query", "accept_language", "language"),
    [
        (None, None, "kk"),
        ("", "", "kk"),
        ("ru", None, "ru"),
        ("ru", "en", "ru"),
        ("RU", "en", "ru"),
        ("kk-Latn", "en", "kk"),
        ("de", "en", "en"),
        ("de", None, "kk"),
        ("r", "en", "en"),
        (None, "ru", "ru"),
        (None, "ru-RU", "ru"),
        (None, "RU-ru", "ru"),
        (None, "kk-Latn, ru;q=0.9", "kk"),
        (None, "kk-Arab-CN;q=0.7,ru;q=0.5", "kk"),
        (None, "en-GB,en;q=0.9,ru;q=0.8", "en"),
        (None, "ru;q=0.8, en;q=0.9", "en"),
        (None, "ru, en", "ru"),
        (None, "en, ru", "en"),
        (None, "de, fr;q=0.9", "kk"),
        (None, "de, fr;q=0.9, ru;q=0.1", "ru"),
        (None, "*", "kk"),
        (None, "de, *;q=0.5", "kk"),
        (None, "en;q=0.5, *", "kk"),
        (None, "kk;q=0, *;q=0.1", "ru"),
        (None, "kk;q=0, *;q=0.1, en;q=0.2", "en"),
        (None, "*;q=0", "kk"),
        (None, "ru;q=0", "kk"),
        (None, "ru;q=0, en;q=0.001", "en"),
        (None, "kk-Latn;q=0.2, kk;q=0.8, ru;q=0.5", "kk"),
        (None, "ru ; q = 0.3 ,\ten;q=0.4", "en"),
        (None, "ru;q=1.000, en;q=1.", "ru"),
        (None, "ru;q=2, en;q=0.1", "en"),
        (None, "ru;q=nan, en;q=0.1", "en"),
        (None, "ru;q=-1, en;q=0.1", "en"),
        (None, "ru;level=1, en;q=0.1", "en"),
        (None, ",,;q=1,ru", "ru"),
        (None, "рус, \udcff, en", "en"),
        (None, "rus, en;q=0.2", "en"),
    ],
)
def test_a_page_answers_in_the_language_that_is_liked_best(
    query: str | None, accept_language: str | None, language: str
) -> None:
    assert choose_language(query, accept_language, "kk") == language


def test_the_languages_of_a_long_header_are_weighed_in_no_time() -> None:
    assert choose_language(None, "ru;" * 5000 + "," + "q=" * 5000 + "," + "a-" * 5000 + ",en", "kk") == "en"
