"""Correction notes: where a newsroom may write one, where readers see it, and what it never touches."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from conftest import SEED, Newsroom, story
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from old_stores import take_back
from test_formats import MAIL, linked, page, word
from test_ingest import edit, items, markdown, only_item, publish, total

from publisher.identity import content_hash, revision_hash
from publisher.model import Article, Dateline, Image, Origin, Photo, PubStatus
from publisher.readers import reader_for
from publisher.text.markup import correction_html, plain_paragraphs

ORIGIN = Origin(language="kk", written_at=datetime(2026, 11, 23, 14, tzinfo=ZoneInfo("Asia/Almaty")))
HEAD = "Сенат • 26 Наурыз, 2024"
TITLE = "Сенат бюджет туралы заңды қабылдады"
FIRST = "Сенат депутаттары бюджет туралы заңды екінші оқылымда қарады."
SECOND = "Отырыста бірқатар мәселе талқыланды, деп хабарлады баспасөз қызметі."
NOTE = "мақалада отырыс 25 наурызда өтті деп қате жазылған еді."
LINE = f"Түзету: {NOTE}"


@pytest.fixture
def empty(newsroom: Newsroom) -> Newsroom:
    (newsroom.inbox / SEED.name).unlink()
    return newsroom


def read(suffix: str, data: str | bytes) -> Article:
    return reader_for(suffix)(data if isinstance(data, bytes) else data.encode(), ORIGIN)


def text(*blocks: str) -> Article:
    return read(".txt", "\n\n".join((HEAD, TITLE, *blocks)))


def body(*paragraphs: str) -> str:
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


# What readers see


def test_a_note_stands_above_the_text_on_the_page_and_in_every_feed(empty: Newsroom) -> None:
    empty.drop("a.txt", story(TITLE, "Лид емес абзац.", "Екінші абзац.", f"Түзету: 5 < 6 & {NOTE}"))
    publish(empty)
    note = f"5 < 6 & {NOTE}"
    escaped = f"<p><strong>Түзету:</strong> 5 &lt; 6 &amp; {NOTE}</p>"
    item = only_item(empty)
    assert item["content_html"] == f"{escaped}\n{body('Лид емес абзац.', 'Екінші абзац.')}"
    assert item["summary"] == "Лид емес абзац."
    for name in ("rss.xml", "atom.xml"):
        (entry,) = feedparser.parse((empty.feeds / "senat" / name).read_bytes(), sanitize_html=False).entries
        assert entry.content[0].value == item["content_html"]
    (path,) = (empty.feeds / "stories").iterdir()
    tree = html.document_fromstring(path.read_bytes())
    (aside,) = tree.cssselect("aside.correction")
    assert aside.text_content() == f"Түзету: {note}"
    assert [node.text for node in tree.cssselect("aside.correction + p")] == ["Лид емес абзац."]
    (schema,) = tree.cssselect('script[type="application/ld+json"]')
    assert json.loads(schema.text or "")["correction"] == {"@type": "CorrectionComment", "text": note}
    assert note in empty.run("articles", "show", "a.txt").out
    # What the page says, the reader of pages understands.
    again = read(".html", path.read_bytes())
    assert (again.correction, again.body_html) == (note, body("Лид емес абзац.", "Екінші абзац."))


def test_a_note_stands_below_the_lead_and_is_no_news_for_the_digest(empty: Newsroom) -> None:
    empty.drop("a.md", markdown("Жиын", "Мәтін.", lead="Лид.", correction=NOTE))
    publish(empty)
    (path,) = (empty.feeds / "stories").iterdir()
    (aside,) = html.document_fromstring(path.read_bytes()).cssselect("p.lead + aside.correction")
    assert NOTE in aside.text_content()
    empty.run("digest", "preview", "senat-daily")
    preview = (empty.root / "preview/senat-daily.html").read_text()
    assert "Лид." in preview
    assert NOTE not in preview


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("kk", "Түзету"),
        ("kk-Latn", "Tüzetu"),
        ("kk-Arab", "تۇزەتۋ"),
        ("ru", "Исправление"),
        ("en", "Correction"),
        ("en-GB", "Correction"),
        ("de", "Correction"),
    ],
)
def test_a_feed_labels_the_note_in_the_storys_language(language: str, label: str) -> None:
    article = replace(text(FIRST, LINE), language=language)
    assert correction_html(article) == f"<p><strong>{label}:</strong> {NOTE}</p>"


def test_the_page_labels_the_note_in_the_sites_language(newsroom: Newsroom) -> None:
    edit(newsroom.root / "config.toml", 'language = "kk"', 'language = "ru"')
    edit(newsroom.inbox / SEED.name, "Былтыр қыркүйек", f"{LINE}\n\nБылтыр қыркүйек")
    publish(newsroom)
    (path,) = (newsroom.feeds / "stories").iterdir()
    (label,) = html.document_fromstring(path.read_bytes()).cssselect("aside.correction strong")
    assert (label.text, label.get("lang"), label.get("dir")) == ("Исправление:", "ru", "ltr")
    assert only_item(newsroom)["content_html"].startswith("<p><strong>Түзету:</strong>")


def test_a_story_without_a_note_shows_none(newsroom: Newsroom) -> None:
    publish(newsroom)
    (path,) = (newsroom.feeds / "stories").iterdir()
    page = path.read_text()
    assert "<aside" not in page
    assert "CorrectionComment" not in page
    assert "<strong>" not in only_item(newsroom)["content_html"]


# What a note does to a story


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, NOTE), (NOTE, "Күні қате еді."), (NOTE, None)],
    ids=["it appears", "it changes", "it goes"],
)
def test_a_note_is_an_edit_of_the_same_story(empty: Newsroom, before: str | None, after: str | None) -> None:
    def drop(note: str | None) -> None:
        empty.drop("a.md", markdown("Жиын", **({"correction": note} if note else {})))

    drop(before)
    publish(empty)
    old = only_item(empty)
    drop(after)
    report = publish(empty)
    new = only_item(empty)
    assert (total(report, "new"), total(report, "updated")) == (0, 1)
    for key in ("id", "url", "date_published"):
        assert new[key] == old[key]
    assert datetime.fromisoformat(new["date_modified"]) > datetime.fromisoformat(old["date_modified"])
    assert (before or "") in old["content_html"]
    assert (after or "") in new["content_html"]
    assert new["content_html"].startswith("<p><strong>Түзету:</strong>") == (after is not None)
    shown = empty.run("articles", "show", "a.md", "--history", "--json").data["revisions"]
    assert [revision["article"]["correction"] for revision in shown] == [before, after]
    told = empty.run("articles", "show", "a.md", "--history").out
    assert "Revision 2" in told
    assert "(the text did not change)" not in told


def test_what_stories_without_a_note_are_told_apart_by_is_what_it_always_was() -> None:
    """A store written before there were notes holds these digests."""
    plain = Article(
        title="Сенат отырысы өтті",
        dateline=Dateline(day=date(2024, 3, 26)),
        language="kk",
        body_html="<p>Жиында бірқатар мәселе қаралды.</p>",
    )
    full = replace(
        plain,
        dateline=Dateline(day=date(2024, 3, 26), clock=time(10, 23), printed="Бүгін, 10:23"),
        lead="Депутаттар жиналды.",
        section="Сенат",
        byline="Айгүл Серікқызы",
        photo=Photo(caption="Жиын", credit="Сенат"),
        tags=("бюджет", "заң"),
        views=45,
        reading_minutes=2,
        source_id="17",
        url="https://example.kz/17",
        image=Image(digest="ab" * 32, media_type="image/jpeg", size=3),
        status=PubStatus.WITHHELD,
        embargo=Dateline(day=date(2024, 3, 27)),
    )
    assert hashes(plain) == (
        "f19c9bc3085fc76d0b0d6d686305d5c6179df26e67d0ee1247f0bc6d8dcf37b6",
        "380905efd145f75bafea66a81e89d9aa571f88b21fe6a1a8b761c27137a554e6",
    )
    assert hashes(full) == (
        "64307a0aa4cb147c3ed85d3c3e5c1fb223d2d87774c9d6cb5db8bd37455bca67",
        "3ecd4c0fb69465f7378893e519534998f8afddd764a6b732427ac370626bfdd7",
    )
    for article in (plain, full):
        noted = replace(article, correction=NOTE)
        assert not set(hashes(noted)) & set(hashes(article))
        assert hashes(replace(noted, correction="Басқа.")) != hashes(noted)


def hashes(article: Article) -> tuple[str, str]:
    content = content_hash(article)
    return content, revision_hash(article, content)


def test_a_store_of_the_revision_before_keeps_its_stories_as_they_are(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown("Жиын"))
    publish(newsroom)
    before, rows = newsroom.snapshot(), stored(newsroom)
    take_back(newsroom.root / "state/publisher.db", "0002")
    with closing(sqlite3.connect(newsroom.root / "state/publisher.db")) as database:
        database.execute("UPDATE sources SET signature = '', digest = NULL")  # every file is read once more
        database.execute("DELETE FROM marks")
        database.commit()
    report = publish(newsroom)
    assert (total(report, "stories"), total(report, "new"), total(report, "updated")) == (2, 0, 0)
    assert newsroom.snapshot() == before
    assert stored(newsroom) == rows
    newsroom.drop("a.md", markdown("Жиын", correction=NOTE))
    assert total(publish(newsroom), "updated") == 1
    assert NOTE in items(newsroom)["Жиын"]["content_html"]


def stored(newsroom: Newsroom) -> list[Any]:
    with closing(sqlite3.connect(newsroom.root / "state/publisher.db")) as database:
        articles = database.execute(
            "SELECT public_id, slug, published_at, updated_at, revision, content_hash, revision_hash "
            "FROM articles ORDER BY id"
        )
        return [*articles, *database.execute("SELECT title, body_html, correction FROM revisions")]


# The newspaper's text: which line is a note


@pytest.mark.parametrize(
    "label",
    [
        "Түзету:",
        "ТҮЗЕТУ:",
        "Түзету :",
        "Түзету：",
        "Түзету енгізілді:",
        "Түзетілді:",
        "Редакцияның түзетуі:",
        "Исправление:",
        "Исправлено:",
        "Поправка:",
        "Correction:",
        "CORRECTION:",
        "Corrected:",
        "Túzetý:",
        "Tüzetu:",
        "Tüzetu engızıldı:",
        "تۇزەتۋ:",
        "تۇزەتۋ ەنگىزىلدى:",
    ],
)
def test_a_labelled_line_at_either_end_of_the_text_is_a_note(label: str) -> None:
    for blocks in ((f"{label} {NOTE}", FIRST, SECOND), (FIRST, SECOND, f"{label} {NOTE}")):
        article = text(*blocks)
        assert (article.correction, article.title) == (NOTE, TITLE)
        assert article.body_html == body(FIRST, SECOND)


def test_a_note_may_be_long_and_needs_no_full_stop() -> None:
    long = " ".join([NOTE] * 8)
    for note in (long, "отырыс 26 наурызда өткен", "دۇرىسى 26 ناۋرىز ەكەن"):
        for blocks in ((f"Түзету: {note}", FIRST, SECOND), (FIRST, SECOND, f"Түзету: {note}")):
            article = text(*blocks)
            assert (article.correction, article.body_html) == (note, body(FIRST, SECOND))


@pytest.mark.parametrize(
    "line",
    [
        "Түзету",
        "Түзету:",
        "Түзету: —",
        "Түзету: жоқ",
        "Түзету: 26.03.2024, 10:00",
        "Түзету енгізілді: 26 Наурыз, 2024",
        "Түзету: Айгүл Серікқызы",
        "Correction: Aigul Serik",
        "Түзету: депутаттар мынаны ұсынды:",
        "Поправка: нужна ли она?",
        "Түзету – бұл заңға енгізілетін өзгеріс.",
        "Түзету туралы: депутаттар ұсыныс айтты.",
        "Заңға түзету: депутаттар ұсыныс айтты.",
        "«Түзету: қате жазылған», деді депутат.",
        "– Түзету: қате жазылған, деді депутат.",
        "Түзету: " + "сөз " * 300 + "бітті.",
        "Corrections officers: two were hurt.",
    ],
)
def test_a_doubtful_line_stays_in_the_text(line: str) -> None:
    for blocks in ((line, FIRST, SECOND), (FIRST, SECOND, line)):
        article = text(*blocks)
        assert (article.correction, article.title) == (None, TITLE)
    assert f"<p>{line}</p>" in text(FIRST, line, SECOND).body_html


def test_a_label_amid_the_text_is_somebodys_turn_to_speak() -> None:
    other = "Түзету: екінші бапқа тағы бір сөз қосылады."
    assert text(FIRST, LINE, SECOND).body_html == body(FIRST, LINE, SECOND)
    # One of them amid the text: then all are the text's own, a list of amendments.
    for blocks in (
        (FIRST, other, SECOND, LINE),
        (LINE, FIRST, other, SECOND),
        (LINE, FIRST, other, SECOND, LINE),
    ):
        article = text(*blocks)
        assert (article.correction, article.body_html) == (None, body(*blocks))
    for introduced in (("Депутаттар ұсынды:", LINE), (FIRST, "Депутаттар ұсынған түзетулер:", LINE)):
        assert text(*introduced).body_html == body(*introduced)


def test_several_notes_are_one_in_their_order() -> None:
    other = "Тағы бір есім қате жазылған."
    for blocks in ((FIRST, SECOND, LINE, f"Түзету: {other}"), (LINE, FIRST, SECOND, f"Түзету: {other}")):
        article = text(*blocks)
        assert (article.correction, article.body_html) == (f"{NOTE} {other}", body(FIRST, SECOND))


def test_a_title_that_begins_so_is_a_title() -> None:
    for title in ("Түзету", "Түзету: Сенат отырысы кейінге қалдырылды", "Поправка: депутаты спорят"):
        for header in ((HEAD, title), (title, "26 Наурыз, 2024"), (HEAD, title, FIRST, title)):
            article = read(".txt", "\n\n".join((*header, FIRST, SECOND)))
            assert (article.title, article.correction) == (title, None)


def test_a_note_and_nothing_else_is_the_text() -> None:
    assert text(LINE).body_html == body(LINE)
    assert text(LINE).correction is None


OWN_LINES = (FIRST, SECOND, LINE, "Түзету: екінші бапқа тағы бір сөз қосылады.", "Түзету: жоқ", "Түзетулер:")


@given(st.lists(st.sampled_from(OWN_LINES), min_size=1, max_size=7), st.sampled_from(["\n", "\n\n"]))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_nothing_of_a_text_is_lost_whatever_it_holds(lines: list[str], gap: str) -> None:
    article = read(".txt", f"{HEAD}\n\n{TITLE}\n\n{gap.join(lines)}\n")
    told = [*plain_paragraphs(article.body_html), article.correction or ""]
    for line in lines:
        words = line.removeprefix("Түзету: ")
        assert sum(text.count(words) for text in told) == lines.count(line)


SEED_LAYOUT = (
    *("45 рет\nкөрсетілді\n2 мин\nоқу үшін", FIRST, TITLE, "Фото: Сенат", SECOND),
    *("Отырыс ертең жалғасады.", "Автор: Айгүл Сейіт", "Тегтер: сенат, бюджет", "Бөлісу"),
)


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 6, 7, 8, 9])
def test_the_rest_of_a_page_is_read_as_without_the_note(place: int) -> None:
    without = text(*SEED_LAYOUT)
    assert (without.lead, without.views, without.byline) == (FIRST, 45, "Айгүл Сейіт")
    article = text(*SEED_LAYOUT[:place], LINE, *SEED_LAYOUT[place:])
    assert article == replace(without, correction=NOTE)


@pytest.mark.parametrize(
    "blocks",
    [
        (FIRST, SECOND, "Айгүл СЕЙІТ,\n«Egemen Qazaqstan»", LINE),
        (FIRST, SECOND, LINE, "Айгүл СЕЙІТ,\n«Egemen Qazaqstan»"),
        (LINE, "Айгүл СЕЙІТ,", FIRST, SECOND),
        ("Айгүл СЕЙІТ,", LINE, FIRST, SECOND),
    ],
    ids=["below", "above", "above, at the title", "below, at the title"],
)
def test_a_note_at_the_signature_leaves_it_a_signature(blocks: tuple[str, ...]) -> None:
    article = text(*blocks)
    assert (article.correction, article.byline) == (NOTE, "Айгүл СЕЙІТ")
    assert article.body_html == body(FIRST, SECOND)


def test_a_note_is_neither_a_tag_nor_a_link_to_another_story() -> None:
    for label in ("Тегтер:", "Тегтер: сенат\n", "Читайте также:", "Читайте также: Басқа мақала"):
        article = text(FIRST, SECOND, f"{label}\nТүзету: отырыс 26 наурызда өткен")
        assert (article.correction, article.body_html) == ("отырыс 26 наурызда өткен", body(FIRST, SECOND))


def test_a_note_is_found_where_no_blank_lines_are() -> None:
    for lines in ((LINE, FIRST, SECOND), (FIRST, SECOND, LINE)):
        article = read(".txt", "\n".join((HEAD, TITLE, *lines)))
        assert (article.correction, article.body_html) == (NOTE, body(FIRST, SECOND))


# The other formats


@pytest.mark.parametrize(
    ("field", "note"),
    [
        (f"correction: {json.dumps(NOTE)}", NOTE),
        (f"Corrections: {json.dumps(NOTE)}", NOTE),
        (f"correction_note: {json.dumps(NOTE)}", NOTE),
        (f"erratum: {json.dumps(NOTE)}", NOTE),
        (f"correction: {json.dumps(LINE)}", NOTE),
        ("correction: 'Бір, екі. '", "Бір, екі."),
        ("correction: |\n  Бірінші жол.\n\n  Екінші жол.", "Бірінші жол. Екінші жол."),
        ("corrections:\n- Бір, екі.\n- 'Correction: Үш.'", "Бір, екі. Үш."),
        ("correction: Ай &amp; күн.", "Ай & күн."),
        *(
            (f"correction: {nothing}", None)
            for nothing in ("", "''", "[]", "null", "~", "false", "yes", "NO")
        ),
    ],
)
def test_front_matter_may_hold_a_note(field: str, note: str | None) -> None:
    article = read(".md", f"---\ntitle: Жиын\ndate: 2024-03-26\n{field}\n---\n\nМәтін.\n")
    assert (article.correction, article.body_html, article.warnings) == (note, "<p>Мәтін.</p>", ())


def test_a_note_that_is_no_text_is_left_out_and_said() -> None:
    for field in ("correction:\n  text: Қате", "corrections: [[Қате], Бар]"):
        article = read(".md", f"---\ntitle: Жиын\ndate: 2024-03-26\n{field}\n---\n\nМәтін.\n")
        (warning,) = article.warnings
        assert article.correction is None
        assert "hold no single text: correction" in warning


@pytest.mark.parametrize(
    ("value", "note"),
    [
        (NOTE, NOTE),
        ({"@type": "CorrectionComment", "text": NOTE}, NOTE),
        ({"@type": "CorrectionComment", "description": NOTE, "url": "https://example.kz/c"}, NOTE),
        ({"@type": "CorrectionComment", "text": f"<p>{NOTE}</p>\n<p>Тағы.</p>"}, f"{NOTE} Тағы."),
        ([{"text": "Бірінші."}, "Correction: Екінші.", {"text": "Бірінші."}], "Бірінші. Екінші."),
        ("https://example.kz/corrections/1", None),
        ({"@type": "CorrectionComment", "@id": "#c1"}, None),
        ({"text": 5}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_page_tells_machines_of_a_note(value: Any, note: str | None) -> None:
    article = read(
        ".html", page("<h1>Тақырып</h1><article><p>Мәтін.</p></article>", linked(correction=value))
    )
    assert (article.correction, article.body_html) == (note, "<p>Мәтін.</p>")


def test_a_note_that_a_page_prints_too_is_told_once() -> None:
    for printed in (NOTE, LINE, f"<b>Түзету:</b> {NOTE}"):
        source = f"<h1>Тақырып</h1><article><p>Мәтін.</p><p>{printed}</p></article>"
        article = read(".html", page(source, linked(correction=NOTE)))
        assert (article.correction, article.body_html) == (NOTE, "<p>Мәтін.</p>")
    alone = page(f"<h1>Тақырып</h1><article><p>{NOTE}</p></article>", linked(correction=NOTE))
    assert read(".html", alone).body_html == body(NOTE)


def test_a_note_in_a_mail_is_its_first_paragraph_or_its_last() -> None:
    for blocks in ((LINE, FIRST, SECOND), (FIRST, SECOND, LINE)):
        for head, mail in (
            ("", "\n\n".join(blocks)),
            ("Content-Type: text/html; charset=utf-8\n", body(*blocks)),
        ):
            article = read(".eml", f"{MAIL}{head}\n{mail}\n")
            assert (article.correction, article.body_html) == (NOTE, body(FIRST, SECOND))
    kept = ((FIRST, LINE, SECOND), (LINE,), (FIRST, "Түзетулер:", LINE), (LINE, FIRST, LINE, SECOND))
    for paragraphs in kept:
        article = read(".eml", MAIL + "\n" + "\n\n".join(paragraphs) + "\n")
        assert (article.correction, article.body_html) == (None, body(*paragraphs))


def test_only_a_paragraph_of_a_mail_is_a_note() -> None:
    head = f"{MAIL}Content-Type: text/html; charset=utf-8\n\n"
    article = read(".eml", f"{head}<p>{FIRST}</p><h2>{LINE}</h2>")
    assert (article.correction, LINE in article.body_html) == (None, True)
    article = read(".eml", f"{head}<p>{FIRST}</p><p>Түзету: <a href='https://a.kz/'>{NOTE}</a></p>")
    assert (article.correction, article.body_html) == (NOTE, body(FIRST))
    assert any("its links are left out" in warning for warning in article.warnings)


def test_a_note_in_a_document_is_its_first_paragraph_or_its_last() -> None:
    for blocks in ((LINE, FIRST, SECOND), (FIRST, SECOND, LINE)):
        article = read(".docx", word(HEAD, TITLE, *blocks))
        assert (article.correction, article.body_html) == (NOTE, body(FIRST, SECOND))
    assert read(".docx", word(HEAD, TITLE, FIRST, LINE, SECOND)).body_html == body(FIRST, LINE, SECOND)


def test_a_link_in_a_documents_note_is_left_out_and_said() -> None:
    def linked_line(line: str) -> str:
        return f'<w:p><w:hyperlink w:anchor="a"><w:r><w:t>{line}</w:t></w:r></w:hyperlink></w:p>'

    article = read(".docx", word(HEAD, TITLE, FIRST, linked_line(LINE)))
    assert (article.correction, article.body_html) == (NOTE, body(FIRST))
    assert any("its links are left out" in warning for warning in article.warnings)
    # A link elsewhere is no link of the note, whatever its words.
    article = read(".docx", word(HEAD, TITLE, linked_line("отырыс"), FIRST, LINE))
    assert article.correction == NOTE
    assert not any("its links are left out" in warning for warning in article.warnings)


def test_an_editors_note_of_a_wire_is_no_note_to_readers() -> None:
    """The standard has no property for corrections, and `ednote` is not for publication."""
    item = {
        "uri": "urn:example:1",
        "type": "text",
        "headline": TITLE,
        "firstcreated": "2024-03-26T09:00:00+05:00",
        "body_html": body(FIRST, SECOND),
        "ednote": f"CORRECTION: {NOTE}",
    }
    article = read(".json", json.dumps(item))
    assert article.correction is None
    assert NOTE not in str(article)


def test_every_format_that_may_hold_a_note_is_published_with_it(empty: Newsroom) -> None:
    dropped: dict[str, str | bytes] = {
        "a.txt": story("Жиын а", FIRST, LINE),
        "b.md": markdown("Жиын б", SECOND, correction=NOTE),
        "c.html": page("<h1>Тақырып</h1><article><p>Мәтін бар.</p></article>", linked(correction=NOTE)),
        "d.eml": f"{MAIL.replace('Тақырып', 'Хат')}\nХаттың мәтіні.\n\n{LINE}\n",
        "e.docx": word(HEAD, "Құжат", "Құжаттың мәтіні.", LINE),
    }
    for name, data in dropped.items():
        empty.drop(name, data)
    publish(empty)
    found = items(empty)
    assert set(found) == {"Жиын а", "Жиын б", "Тақырып", "Хат", "Құжат"}
    for item in found.values():
        assert item["content_html"].startswith(f"<p><strong>Түзету:</strong> {NOTE}</p>\n")
        assert item["content_html"].count(NOTE) == 1
