"""`publisher articles search`: what finds a story, and what does no harm."""

import json
import unicodedata

import pytest
from conftest import Newsroom, make_newsroom, story
from test_ingest import edit, markdown, publish
from typer.testing import CliRunner

from publisher.cli.app import app

SEED_TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
STORIES = {
    "Үкімет отырысы": "Үкіметте егін мәселесі қаралды. Айтысқа Мәжілістің төрайымы да қатысты.",
    "Қазан ұйымы": "Қазандағы жылу стансасы іске қосылды. Е-1 жолы, a_b кодысы және C++ тілі айтылды.",
    "Исі мұрнына жетті": "Иттер мен мысықтар көрмесі өтті.",
    "Йод тапшылығы": "Дәрігерлер йодталған тұз туралы айтты.",
    "Qazaqstan jańalyqtary": "Búgin Senatta jıyn ótti.",
    "قازاقستان جاڭالىقتارى": "سەناتتا جيىن ءوتتى، دەپ حابارلادى باسپا ءسوز قىزمەتى.",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Stories in three scripts, published once for the tests that only look."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("articles") / "newsroom")
    for number, (title, text) in enumerate(STORIES.items()):
        newsroom.drop(f"{number}.md", markdown(title, text))
    publish(newsroom)
    return newsroom


FOUND = {
    "сенат": {SEED_TITLE},
    "мәжіліс": {"Үкімет отырысы"},
    "МӘЖІЛІСТІҢ төрайым": {"Үкімет отырысы"},
    "мәжілістіңдер": set(),
    "қазан": {"Қазан ұйымы"},
    "ҮКІМЕТ": {"Үкімет отырысы"},
    "айт": {SEED_TITLE, "Үкімет отырысы", "Йод тапшылығы", "Қазан ұйымы"},
    "айт тұз": {"Йод тапшылығы"},
    "тұз айт": {"Йод тапшылығы"},
    "айт жоқсөз": set(),
    "йо": {SEED_TITLE, "Йод тапшылығы"},
    "ио": set(),  # й is a letter of its own
    "ит": {"Исі мұрнына жетті"},
    "qazaq SENAT": {"Qazaqstan jańalyqtary"},
    "jańa": {"Qazaqstan jańalyqtary"},
    "قازاق": {"قازاقستان جاڭالىقتارى"},
    "سەنات جيىن": {"قازاقستان جاڭالىقتارى"},
    "ماتى": set(),  # the beginning of a word, not its middle
    "жілістің": set(),
    # Signs that mean something to SQLite, or to a shell, are signs that nobody finds and nobody trips over.
    '"сенат"': {SEED_TITLE},
    '"': set(),
    '"сенат': {SEED_TITLE},
    "*": set(),
    "сенат*": {SEED_TITLE},
    "-сенат": {SEED_TITLE},
    "+тұз -айт": {"Йод тапшылығы"},
    "title:сенат": set(),
    "сенат OR тұз": set(),
    "NOT тұз": set(),
    "NEAR(сенат тұз)": set(),
    "^сенат": {SEED_TITLE},
    "сенат'; DROP TABLE articles; --": set(),
    "(сенат) {баспасөз}": {SEED_TITLE},
    "": set(),
    "  ": set(),
    "— …": set(),
    "сенат\u0001": {SEED_TITLE},
    "🙂": set(),
    "_": set(),
    "c++": {"Қазан ұйымы"},
    "е-1 жол": {"Қазан ұйымы"},
    "a_b": {"Қазан ұйымы"},
    "_сенат_": {SEED_TITLE},
    "сөз" * 2000: set(),
    unicodedata.normalize("NFD", "йод"): {"Йод тапшылығы"},  # as a Mac types it
    unicodedata.normalize("NFD", "jańa"): {"Qazaqstan jańalyqtary"},
}


def search(newsroom: Newsroom, *words: str) -> list[str]:
    """The titles of the stories that are found; the whole command, in this process."""
    config = str(newsroom.root / "config.toml")
    result = CliRunner().invoke(app, ["--config", config, "articles", "search", "--json", "--", *words])
    if result.exception:
        raise result.exception
    return [row["title"] for row in json.loads(result.output)]


@pytest.mark.parametrize(("query", "titles"), FOUND.items(), ids=[ascii(query[:12]) for query in FOUND])
def test_a_story_is_found_by_the_beginnings_of_its_words(
    published: Newsroom, query: str, titles: set[str]
) -> None:
    found = search(published, query)
    assert set(found) == titles
    assert len(found) == len(titles)


def test_several_words_may_stand_in_several_arguments(published: Newsroom) -> None:
    assert search(published, "айт", "тұз") == ["Йод тапшылығы"]
    assert search(published, "айт", "жоқсөз") == []


def test_what_is_found_is_a_table_or_a_sentence(published: Newsroom) -> None:
    ran = published.run("articles", "search", "айт", "--limit", "2")
    assert (ran.exit_code, ran.err) == (0, "")
    rows = [line for line in ran.out.splitlines() if "2024-03-26" in line]
    assert len(rows) == 2
    (row,) = published.run("articles", "search", "айт", "--limit", "1", "--json").data
    assert row.keys() == {"id", "slug", "title", "section", "published_at"}
    assert row["section"] == "senat"
    assert row["published_at"].startswith("2024-03-26T00:00:0")
    # The best match, and the same one, whatever the limit.
    assert row["id"].removeprefix("urn:uuid:")[:8] in rows[0]
    assert row["title"] in rows[0]
    ran = published.run("articles", "search", "жоқсөз")
    assert (ran.exit_code, ran.out, ran.err) == (0, "No story holds these words.\n", "")
    assert published.run("articles", "search", "жоқсөз", "--json").data == []
    for wrong in (("--limit", "0", "сенат"), ()):
        ran = published.run("articles", "search", *wrong)
        assert (ran.exit_code, ran.out) == (2, "")
        assert "Traceback" not in ran.err


def test_the_search_follows_corrections(newsroom: Newsroom) -> None:
    (path,) = newsroom.inbox.iterdir()
    publish(newsroom)
    assert search(newsroom, "екіжақты", "сенаторымен") == [SEED_TITLE]
    edit(path, "Тараптар екіжақты", "Тараптар көпжақты")
    edit(path, "сенаторымен кездесті", "сенаторын қабылдады")
    publish(newsroom)
    corrected = SEED_TITLE.replace("сенаторымен кездесті", "сенаторын қабылдады")
    for gone in ("екіжақты", "сенаторымен"):
        assert search(newsroom, gone) == []
    assert search(newsroom, "көпжақты", "қабылдады") == [corrected]
    # What is held or was taken back is still the newsroom's own, and an editor must find it.
    assert newsroom.run("articles", "withdraw", path.name).exit_code == 0
    assert search(newsroom, "көпжақты") == [corrected]


def test_the_search_finds_every_story_of_a_bulk_import(newsroom: Newsroom) -> None:
    for number in range(250):
        newsroom.drop(f"{number}.txt", story(f"Жиын {number}", f"Мұнда таңба{number} туралы айтылады."))
    assert publish(newsroom)["near_duplicates"] == []
    assert len(search(newsroom, "жиын")) == 20  # the limit, when nobody gives another
    ran = newsroom.run("articles", "search", "таңба", "--limit", "1000", "--json")
    assert {row["title"] for row in ran.data} == {f"Жиын {number}" for number in range(250)}
    newsroom.drop("one.txt", story("Тағы бір жиын", "Мұнда таңба999 туралы айтылады."))
    publish(newsroom)
    assert search(newsroom, "таңба999") == ["Тағы бір жиын"]
    assert search(newsroom, "таңба249") == ["Жиын 249"]


def test_a_search_in_a_newsroom_without_stories_finds_none(newsroom: Newsroom) -> None:
    assert search(newsroom, "сенат") == []
    assert newsroom.run("articles", "duplicates").out == "No two stories are nearly the same.\n"
