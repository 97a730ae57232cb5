"""What two texts have in common: sketches for whole stories, spans for a correction."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.text.diffs import Change, diff_words
from publisher.text.sketches import SIZE, similarity, sketch

TEXTS = st.text(alphabet="абвәғқ .,\n-—«»1", max_size=60) | st.text(max_size=40)
WORDS = [f"сөз{number}" for number in range(400)]
STORY = " ".join(WORDS)


def parts(before: str, after: str, *changes: Change) -> str:
    return "".join(span.text for span in diff_words(before, after) if span.change in changes)


@given(TEXTS, TEXTS)
def test_a_diff_holds_both_texts_to_the_letter(before: str, after: str) -> None:
    assert parts(before, after, Change.SAME, Change.REMOVED) == before
    assert parts(before, after, Change.SAME, Change.ADDED) == after
    assert all(span.text for span in diff_words(before, after))


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {span.change for span in diff_words(text, text)} <= {Change.SAME}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("", "бір", "{+бір+}"),
        ("бір", "", "[-бір-]"),
        (
            "Тараптар екіжақты келісті.",
            "Тараптар көпжақты келісті.",
            "Тараптар [-екіжақты-]{+көпжақты+} келісті.",
        ),
        ("отырыс өтті", "отырыс бүгін өтті", "отырыс {+бүгін +}өтті"),
        ("Иә, келді", "Иә келді", "Иә[-,-] келді"),
        ("сенатор", "Сенатор", "[-сенатор-]{+Сенатор+}"),
        ("бір\n\nекі", "бір екі", "бір[-\n\n-]{+ +}екі"),
    ],
)
def test_a_diff_names_whole_words(before: str, after: str, expected: str) -> None:
    marks = {Change.SAME: ("", ""), Change.REMOVED: ("[-", "-]"), Change.ADDED: ("{+", "+}")}
    shown = "".join(text.join(marks[change]) for change, text in diff_words(before, after))
    assert shown == expected


@given(TEXTS, TEXTS)
def test_similarity_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    marks, others = sketch(one * 3), sketch(other * 3)
    alike = similarity(marks, others)
    assert 0 <= alike <= 1
    assert alike == similarity(others, marks)
    assert similarity(marks, marks) == (1 if marks else 0)
    assert len(marks) <= SIZE
    assert all(0 <= mark < 2**63 for mark in marks)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", 0),
        ("Қысқа хабар", 0),
        (" ".join(WORDS[:19]), 0),
        (" ".join(WORDS[:20]), 17),
        ("сөз " * 500, 1),
        (STORY, SIZE),
    ],
)
def test_a_sketch_is_as_large_as_the_text_has_groups_of_words(text: str, size: int) -> None:
    assert len(sketch(text)) == size


@pytest.mark.parametrize(
    ("other", "least", "most"),
    [
        pytest.param(STORY, 1, 1, id="the same"),
        pytest.param(STORY.upper(), 1, 1, id="letters"),
        pytest.param(", ".join(WORDS) + "!", 1, 1, id="marks"),
        pytest.param(STORY.replace("сөз200", "сез200"), 0.85, 1, id="a word corrected"),
        pytest.param(" ".join(WORDS[:360]), 0.75, 0.99, id="the end cut"),
        pytest.param(" ".join(WORDS[:200]), 0.3, 0.7, id="half of it"),
        pytest.param(" ".join(WORDS[200:] + WORDS[:200]), 0.85, 1, id="paragraphs moved"),
        pytest.param(" ".join(reversed(WORDS)), 0, 0, id="every word, in another order"),
        pytest.param(" ".join(f"басқа{word}" for word in WORDS), 0, 0, id="another text"),
    ],
)
def test_similarity_is_about_what_two_texts_share(other: str, least: float, most: float) -> None:
    assert least <= similarity(sketch(STORY), sketch(other)) <= most


def groups(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[at : at + 4]) for at in range(len(words) - 3)}


@pytest.mark.parametrize("edits", [0, 5, 15, 40, 120])
def test_the_estimate_is_near_the_truth(edits: int) -> None:
    chance = random.Random(edits)  # noqa: S311 — a test's own dice, the same each time
    words = WORDS.copy()
    for at in chance.sample(range(len(words)), edits):
        words[at] = f"өзге{at}"
    text = " ".join(words)
    one, other = groups(STORY), groups(text)
    truth = len(one & other) / len(one | other)
    # Four times the standard error, at most 1/(2√k): it is the same on every machine, so it holds or not.
    assert abs(similarity(sketch(STORY), sketch(text)) - truth) <= 4 / (2 * SIZE**0.5)
