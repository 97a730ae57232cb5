"""What an edition tells, in which order and language, and what keeps it from being sent."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import Newsroom, Ran, make_newsroom
from hypothesis import example, given
from hypothesis import strategies as st
from in_process import run_here
from mail_server import mail_server, parse

from publisher.digest import UNSUBSCRIBE_TOKEN, Story, is_too_large, lint, site_paths
from publisher.digest.lint import MAX_HTML, Facts
from publisher.model import EditionText
from publisher.text.keywords import has_keyword

TODAY = datetime.now(ZoneInfo("Asia/Almaty")).date()
TOMORROW = TODAY + timedelta(days=1)
NOTHING_NEW = {
    "kk": "Бұл жолы жаңа мақала жоқ.",
    "ru": "На этот раз новых статей нет.",
    "en": "There is nothing new this time.",
}


@dataclass(frozen=True)
class Desk:
    """A newsroom without stories, and an editor."""

    newsroom: Newsroom

    def does(self, command: str, *, code: int = 0) -> Ran:
        ran = run_here(self.newsroom.root, command)
        assert ran.exit_code == code, (command, ran.out, ran.err)
        return ran

    def drop(self, title: str, *, text: str = "Жиын өтті.", **more: str) -> None:
        """A file; its name is the title."""
        head = {"title": title, "date": "2024-03-26T10:00+05:00", "section": "Сенат"} | more
        lines = "\n".join(f"{key}: {value}" for key, value in head.items())
        self.newsroom.drop(f"{title}.md", f"---\n{lines}\n---\n\n{text}\n")

    def publish(self, title: str, **more: str) -> None:
        self.drop(title, **more)
        self.does("publish")

    def configure(self, *lines: str) -> None:
        """Keys of the digest, before its template."""
        self.newsroom.edit_config('template = "digest"', "\n".join((*lines, 'template = "digest"')))

    def preview(self, options: str = "", *, code: int = 0) -> str:
        """The text of the letter that would be sent now."""
        folder = self.newsroom.root / "preview"
        self.does(f"digest preview --output {folder} {options}", code=code)
        return (folder / "senat-daily.txt").read_text()

    def told(self) -> list[str]:
        """Titles of the letter that would be sent now, in its order."""
        titles = {path.stem for path in self.newsroom.inbox.iterdir()}
        return [line for line in self.preview().splitlines() if line in titles]

    @property
    def waiting(self) -> int:
        return int(self.does("status --json").data["digests"][0]["waiting"])

    def letters(self) -> dict[str, EmailMessage]:
        """What arrived, by reader."""
        found = [parse(path.read_bytes()) for path in (self.newsroom.root / "outbox" / "new").glob("*.eml")]
        letters = {str(letter["To"]): letter for letter in found}
        assert len(letters) == len(found)
        return letters

    def sql(self, statement: str) -> None:
        with closing(sqlite3.connect(self.newsroom.root / "state" / "publisher.db")) as database:
            database.execute(statement)
            database.commit()


def new_desk(root: Path) -> Desk:
    newsroom = make_newsroom(root)
    for path in newsroom.inbox.iterdir():
        path.unlink()
    return Desk(newsroom)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return new_desk(tmp_path / "newsroom")


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


# --- which stories

BUDGET, SENATE, INFLECTED, LATIN, PEOPLE = (
    "Бюджет талқыланды",
    "СЕНАТ отырысы өтті",
    "Сенаттың жаңа мүшесі",
    "İRİ jañalyq",
    "Қоғам жаңалығы",
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Five stories that no edition has told; one is of another section."""
    desk = new_desk(tmp_path_factory.mktemp("shelf") / "newsroom")
    desk.newsroom.edit_config("[[digests]]", '[[sections]]\nslug = "qogham"\ntitle = "Қоғам"\n\n[[digests]]')
    desk.drop(BUDGET, tags="[Бюджет, Салық]")
    desk.drop(SENATE, lead="Отырысқа Қаржы министрі келді.")
    desk.drop(INFLECTED, tags="[Бюджеттер]")
    desk.drop(LATIN)
    desk.drop(PEOPLE, section="Қоғам", tags="[Бюджет]")
    desk.does("publish")
    return desk


ALL = {BUDGET, SENATE, INFLECTED, LATIN}


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], ALL),
        (["tags = []", "keywords = []", 'since = ""'], ALL),
        (['tags = ["Бюджет"]'], {BUDGET}),
        (['tags = ["Салық", "Бюджеттер"]'], {BUDGET, INFLECTED}),
        (['keywords = ["сенат"]'], {SENATE}),
        (['keywords = ["ҚАРЖЫ  министрі"]'], {SENATE}),
        (['keywords = ["iri", "келді."]'], {LATIN, SENATE}),
        (['tags = ["Бюджет"]', 'keywords = ["сенаттың"]'], {BUDGET, INFLECTED}),
        (['keywords = ["енат", "100%"]'], set()),
        ([f'since = "{TODAY - timedelta(days=1)}"'], ALL),
        ([f'since = "{TODAY + timedelta(days=2)}"'], set()),
        ([f'since = "{TODAY + timedelta(days=2)}"', 'keywords = ["сенат"]'], set()),
    ],
)
def test_a_digest_tells_what_its_settings_name(shelf: Desk, lines: list[str], told: set[str]) -> None:
    path = shelf.newsroom.root / "config.toml"
    before = path.read_text()
    try:
        shelf.configure(*lines, 'when_empty = "send"')
        path.write_text(path.read_text().replace('when_empty = "skip" ', "# "))
        assert set(shelf.told()) == told
        assert shelf.waiting == len(told)
    finally:
        path.write_text(before)


def test_a_story_of_a_day_before_since_is_old_news_in_the_digests_own_zone(desk: Desk) -> None:
    desk.publish("Жаңалық")
    # 23:30 of the 9th in Almaty is the 10th already in Auckland.
    desk.sql("UPDATE articles SET public_since = '2026-11-09 18:30:00.000000'")
    desk.configure('since = "2026-11-10"')
    assert desk.waiting == 0
    desk.configure('timezone = "Pacific/Auckland"')
    assert desk.waiting == 1


@given(st.sampled_from(["сенат", "ҚАРЖЫ", "Ёлка", "iñir", "мәжіліс отырысы"]), st.data())
@example("İRİ", None)
def test_a_keyword_is_found_in_any_case_and_never_inside_a_word(
    word: str, data: st.DataObject | None
) -> None:
    if data:
        word = "".join(data.draw(st.sampled_from([letter.lower(), letter.upper()])) for letter in word)
    for text in (word, f"«{word}», деді", f"Бүгін {word}.", f"а\n{word}\nб"):
        assert has_keyword([word.swapcase(), "жоқ"], text)
    for text in (f"{word}ы", f"ә{word}", f"{word}2", word[:-1]):
        assert not has_keyword([word], text)


def test_a_story_whose_page_could_not_be_written_waits_for_it(desk: Desk) -> None:
    desk.newsroom.feeds.mkdir()
    (desk.newsroom.feeds / "stories").touch()
    desk.drop("Беті жоқ мақала")
    desk.does("publish", code=1)
    assert desk.waiting == 0
    (desk.newsroom.feeds / "stories").unlink()
    desk.does("publish")
    assert desk.waiting == 1


# --- order, more, late


def test_the_order_decides_what_is_shown_and_the_rest_counts_as_told(desk: Desk) -> None:
    for day, title in enumerate(("бірінші", "екінші", "үшінші", "төртінші"), start=1):
        desk.drop(title, date=f"2024-03-0{day}T10:00+05:00")
    desk.does("publish")
    desk.newsroom.edit_config("max_stories = 20", "max_stories = 2")
    assert desk.told() == ["төртінші", "үшінші"]
    desk.newsroom.edit_config('order = "newest"', 'order = "most_read"')
    desk.sql(
        "UPDATE articles SET views ="
        " CASE strftime('%d', published_at) WHEN '01' THEN 7 WHEN '02' THEN 7 WHEN '03' THEN 50 END"
    )
    assert desk.told() == ["үшінші", "екінші"]  # of two that were read as often, the newer
    desk.does("subscribers add aigul@example.kz")
    desk.does("digest send")
    text = body(desk.letters()["aigul@example.kz"], "plain")
    assert text.index("үшінші") < text.index("екінші")
    assert "тағы 2 мақала: https://news.example.kz/senat/" in text
    assert desk.waiting == 0
    shown = desk.does("digest show --json").data
    assert [story["title"] for story in shown["told"]] == ["үшінші", "екінші"]
    assert {story["title"] for story in shown["counted"]} == {"бірінші", "төртінші"}


def test_what_comes_late_or_waits_for_its_time_is_told_by_the_next_edition(desk: Desk) -> None:
    desk.does("subscribers add aigul@example.kz")
    later = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M+00:00}"
    desk.drop("Эмбарго", embargo=f'"{later}"')
    desk.publish("Алғашқы")
    assert desk.told() == ["Алғашқы"]
    desk.does("digest send")
    desk.publish("Кешіккен", date="2023-02-01T10:00+05:00")
    assert "2 new" not in desk.does("digest send").out
    for column in ("published_at", "updated_at", "embargo_at"):  # its time has come
        desk.sql(f"UPDATE articles SET {column} = '2024-06-01' WHERE embargo_at IS NOT NULL")  # noqa: S608
    desk.does("publish --rebuild")
    assert desk.told() == ["Эмбарго", "Кешіккен"]
    desk.does(f"digest send --date {TOMORROW}")
    assert desk.waiting == 0
    titles = [
        [story["title"] for story in desk.does(f"digest show --date {day} --json").data["told"]]
        for day in (TODAY, TOMORROW)
    ]
    assert titles == [["Алғашқы"], ["Эмбарго", "Кешіккен"]]


# --- nothing new


def test_a_day_without_news_is_skipped_or_sent_with_a_line_that_says_so(desk: Desk) -> None:
    for number, language in enumerate(NOTHING_NEW):
        desk.does(f"subscribers add r{number}@example.kz --language {language}")
    desk.does("publish")
    assert "no new story; nothing is sent" in desk.does("digest send").out
    assert desk.does("digest list --json").data == []
    desk.newsroom.edit_config('when_empty = "skip"', 'when_empty = "send"')
    desk.newsroom.edit_config('"{title}, {date}"', '"{first}"')
    assert NOTHING_NEW["kk"] in desk.preview()
    desk.does("digest send")
    for letter, said in zip(
        (desk.letters()[f"r{number}@example.kz"] for number in range(3)), NOTHING_NEW.values(), strict=True
    ):
        assert letter["Subject"] == "Сенат: күн жаңалықтары"
        assert said in body(letter, "plain")
        assert said in body(letter, "html")
        assert "0 " not in body(letter, "plain").split("---")[0].replace(f"{TODAY.year} ", "")
    (edition,) = desk.does("digest list --json").data
    assert (edition["state"], edition["stories"], edition["deliveries"]) == ("done", 0, {"sent": 3})
    assert "already sent" in desk.does("digest send").out


# --- backfill


def test_an_archive_is_in_the_feeds_and_in_no_digest(desk: Desk) -> None:
    desk.publish("Белгілі")
    desk.drop("Мұрағат", date="2014-03-26T10:00+05:00")
    foretold = desk.does("publish --backfill --dry-run --json").data
    report = desk.does("publish --backfill --json").data
    assert foretold | {"dry_run": False} == report
    assert report["waiting"] == {"senat-daily": 1}  # the one that was known before
    assert "Мұрағат" in (desk.newsroom.feeds / "senat" / "rss.xml").read_text()
    assert desk.told() == ["Белгілі"]
    # An edit is no news, however it comes in; nor does the option change what is known.
    desk.publish("Мұрағат", date="2014-03-26T10:00+05:00", text="Түзетілген мәтін.")
    assert "Түзетілген" in (desk.newsroom.feeds / "senat" / "rss.xml").read_text()
    desk.drop("Белгілі", text="Басқа мәтін.")
    desk.does("publish --backfill")
    assert desk.told() == ["Белгілі"]
    desk.publish("Жаңа")
    assert set(desk.told()) == {"Белгілі", "Жаңа"}
    assert "neither" in desk.does("publish --watch --backfill", code=2).err


# --- languages


def test_every_reader_gets_the_letter_in_the_language_they_want(desk: Desk) -> None:
    desk.publish("Отырыс өтті")
    wants = {"a@example.kz": "", "b@example.kz": "--language ru", "c@example.kz": "--language kk"}
    for address, option in wants.items():
        desk.does(f"subscribers add {address} {option}")
    desk.does("subscribers add d@example.kz --language en")
    desk.sql("UPDATE subscribers SET suppressed_at = '2024-01-01' WHERE address = 'd@example.kz'")
    desk.does("subscribers add e@example.kz --language ru")
    desk.does("subscribers remove e@example.kz")
    listed = desk.does("subscribers list --json").data
    assert [reader["language"] for reader in listed] == [None, "ru", "kk", "en", "ru"]
    assert desk.does("digest send --json").data["deliveries"] == {"sent": 3, "suppressed": 1}
    letters = desk.letters()
    assert {address: letter["Content-Language"] for address, letter in letters.items()} == {
        "a@example.kz": "kk",
        "b@example.kz": "ru",
        "c@example.kz": "kk",
    }
    assert "қараша" in (subject := str(letters["a@example.kz"]["Subject"])) or str(TODAY.year) in subject
    html = body(letters["b@example.kz"], "html")
    assert html.startswith('<!doctype html>\n<html lang="ru" dir="ltr"')
    assert "1 новая статья" in html
    assert '<h1 class="name" lang="kk"' in html
    assert str(letters["b@example.kz"]["Subject"]).endswith(f"{TODAY.year} г.")
    with closing(sqlite3.connect(desk.newsroom.root / "state" / "publisher.db")) as database:
        made = [row[0] for row in database.execute("SELECT language FROM edition_texts ORDER BY language")]
    assert made == ["kk", "ru"]  # nobody who is written to wants English
    # Somebody who is known may ask for another language, and keeps it when added again without one.
    desk.does("subscribers add a@example.kz --language en")
    desk.does("subscribers add a@example.kz --name Айгүл")
    known = desk.does("subscribers list --json").data[0]
    assert (known["name"], known["language"]) == ("Айгүл", "en")


def test_a_digest_may_have_a_language_and_a_zone_of_its_own(desk: Desk) -> None:
    desk.publish("Отырыс өтті")
    desk.configure('language = "en"', 'timezone = "Pacific/Kiritimati"')
    desk.does("subscribers add a@example.kz")
    desk.does("digest send")
    there = datetime.now(ZoneInfo("Pacific/Kiritimati"))
    (edition,) = desk.does("digest list --json").data
    assert edition["date"] in {f"{there:%Y-%m-%d}", f"{there - timedelta(minutes=1):%Y-%m-%d}"}
    assert f"{there:%B}" in edition["subject"]
    assert "1 новая статья" in desk.preview("--language ru") or "новых" in desk.preview("--language ru")
    assert "write one of kk, ru, en" in desk.does("digest preview --language de", code=2).err
    assert "write one of kk, ru, en" in desk.does("subscribers add b@example.kz --language de", code=2).err


# --- the lint

SITE = "https://news.example.kz/"
STORY = Story(
    title="Сенат <отырысы>",
    summary="Шаблонда {{ атау }} тұрады: https://news.example.kz/old.",
    url=f"{SITE}stories/a.html",
    language="kk",
    section="Сенат",
    published_at=datetime(2024, 3, 26, tzinfo=UTC),
    reading_minutes=None,
    page="stories/a.html",
)
OWN = replace(STORY, title="Басқа", url=f"{SITE}2024/03/b", page=None, summary="")
FACTS = Facts(
    name="senat-daily 2024-03-26",
    site_url=SITE,
    stories=(STORY, OWN),
    more_url=f"{SITE}senat/",
    paths={"index.html", "senat/index.html", "stories/a.html", "images/a.jpg"},
)
UNSUBSCRIBE = f"{SITE}unsubscribe/senat-daily/{UNSUBSCRIBE_TOKEN}"
GOOD = EditionText(
    language="kk",
    subject="Сенат",
    html=f"""<!doctype html>
<html><head><style>@media screen {{ p {{ color: red }} }}</style></head><body>
<p><a href="{STORY.url}">Сенат &lt;отырысы&gt;</a> Шаблонда {{{{ атау }}}} тұрады: https://news.example.kz/old.</p>
<p><a href="{OWN.url}">Басқа</a> <a href="mailto:a@example.kz">a</a> <a href="http://other.kz">b</a></p>
<p><img src="{SITE}images/a.jpg" alt="" width="1" height="200"></p>
<p><a href="{SITE}senat/#top">1</a> <a href="{SITE[:-1]}">site</a> <a href="{UNSUBSCRIBE}">U</a></p>
</body></html>""",
    text=f"""Сенат
  <отырысы> {STORY.url}
Шаблонда {{{{ атау }}}} тұрады: https://news.example.kz/old.
Басқа: {OWN.url}
{SITE}senat/ ({SITE}). {UNSUBSCRIBE}
""",
)


def with_html(old: str, new: str) -> EditionText:
    assert old in GOOD.html
    return replace(GOOD, html=GOOD.html.replace(old, new))


def with_text(old: str, new: str) -> EditionText:
    assert old in GOOD.text
    return replace(GOOD, text=GOOD.text.replace(old, new))


def test_a_good_letter_has_no_findings() -> None:
    assert lint(GOOD, FACTS) == []  # where a story leads to in its own words is the newsroom's affair
    assert site_paths(GOOD, SITE) == {*FACTS.paths, "old", "2024/03/b"}


@pytest.mark.parametrize(
    ("letter", "causes"),
    [
        (with_html("</body>", "x" * MAX_HTML), ["the HTML has 75"]),
        (replace(GOOD, text=" \n"), ["there is no text part", "text part has no link to unsubscribe"]),
        (with_text("<отырысы>", ""), ["does not name «Сенат <отырысы>»"]),
        (with_text(OWN.url, "жоқ"), [f"does not link to {OWN.url}"]),
        (with_text(f"{SITE}senat/", ""), [f"does not link to {SITE}senat/"]),
        (with_html(f"{SITE}senat/#top", f"{SITE}sanat/?a=1"), ["sanat/?a=1 leads nowhere"]),
        (with_html(f"{SITE}senat/#top", "http://NEWS.example.kz/%73anat"), ["%73anat leads nowhere"]),
        (with_text("Басқа:", f"Басқа: {SITE}gone.html,"), ["gone.html leads nowhere"]),
        (with_html("http://other.kz", "/senat/"), ["/senat/ is no address"]),
        (with_html("http://other.kz", "//other.kz/"), ["//other.kz/ is no address"]),
        (with_html("http://other.kz", "javascript:a()"), ["javascript:a() is no address"]),
        (with_html("http://other.kz", ""), ["an empty address is no address"]),
        (with_html("http://other.kz", "https://["), ["https://[ is no address"]),
        (with_html(f"{SITE}images/a.jpg", "cid:1"), ["cid:1 is no address"]),
        (with_html(f"{SITE}images/a.jpg", f"{SITE}images/b.jpg"), ["images/b.jpg leads nowhere"]),
        (with_html(' alt=""', ""), ["images/a.jpg has no alt text"]),
        (with_html('height="200"', 'height="1"'), ["images/a.jpg is a tracking pixel"]),
        (with_html('width="1" height="200"', 'style="Width:0px;height: 1px"'), ["is a tracking pixel"]),
        (with_html("<p><a", "<p>{{ name }}<a"), ["the HTML holds «{{»"]),
        (with_text("Басқа", "Басқа {% if %}"), ["the text part holds «{%»"]),
        (replace(GOOD, subject="{{ date }}"), ["the subject holds «{{»"]),
        (replace(GOOD, subject="а" * 251), ["the subject has 251 characters"]),
        (replace(GOOD, subject="a\tb"), ["the subject holds a control character"]),
        (replace(GOOD, subject=" "), ["the subject is empty"]),
        (with_html(UNSUBSCRIBE, SITE), ["the HTML has no link to unsubscribe"]),
        (with_text(UNSUBSCRIBE, UNSUBSCRIBE[:-9]), ["text part has no link", "text part cuts the link"]),
        (with_html(">U<", f">{UNSUBSCRIBE[:-9]}<"), ["the HTML cuts the link to unsubscribe"]),
        (replace(GOOD, html=""), ["the HTML has no link to unsubscribe"]),
    ],
)  # fmt: skip
def test_a_faulty_letter_is_found_out(letter: EditionText, causes: list[str]) -> None:
    problems = lint(letter, FACTS)
    assert len(problems) == len(causes), problems
    for problem, cause in zip(problems, causes, strict=True):
        assert cause in problem.cause
        assert problem.where == "senat-daily 2024-03-26 (kk)"


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_the_lint_takes_any_letter(subject: str, html: str, text: str) -> None:
    letter = EditionText(language="kk", subject=subject, html=html, text=text)
    assert lint(letter, FACTS)


@pytest.fixture
def faulty(desk: Desk) -> Desk:
    """The newsroom has broken its own template."""
    desk.publish("Отырыс өтті")
    desk.does("subscribers add a@example.kz")
    desk.does("subscribers add b@example.kz --language ru")
    templates = desk.newsroom.root / "templates"
    templates.mkdir()
    (templates / "digest.html.j2").write_text(
        '<html><body><a href="{{ site.url }}gone">{{ edition.stories[0].title }}</a>'
        '<img src="https://pixel.kz/a.gif"><a href="{{ unsubscribe_url }}">U</a></body></html>'
    )
    return desk


FAULTS = ("gone leads nowhere; publish first, or mend the template", "pixel.kz/a.gif has no alt text")


def test_a_faulty_letter_holds_its_edition_and_goes_out_once_it_is_mended(faulty: Desk) -> None:
    found = faulty.does(f"digest preview --output {faulty.newsroom.root}/p", code=1)
    assert len(found.err.splitlines()) == 2
    held = faulty.does("digest send", code=1)
    assert len(held.err.splitlines()) == 4  # in two languages
    assert "held; nobody gets it" in held.out
    status = faulty.does("status").out
    (edition,) = faulty.does("digest list --json").data
    for fault in FAULTS:
        for said in (found.err, held.err, status, edition["reason"]):
            assert fault in said
    assert (edition["state"], edition["deliveries"]) == ("held", {"pending": 2})
    assert not (faulty.newsroom.root / "outbox").exists()
    again = faulty.does("digest send", code=3)
    assert "is held" in again.err
    assert again.err.count("\n") == 1
    faulty.does(f"digest cancel senat-daily --date {TODAY} --yes")
    assert faulty.waiting == 1
    (faulty.newsroom.root / "templates" / "digest.html.j2").unlink()
    assert faulty.does("digest send --json").data["deliveries"] == {"sent": 2}


def test_a_faulty_letter_is_sent_as_it_is_when_the_operator_says_so(faulty: Desk) -> None:
    data = faulty.does("digest send --json", code=1).data
    assert (data["state"], data["handled"], data["done"]) == ("held", 0, False)
    faulty.does("digest resume senat-daily")
    assert faulty.does("digest send --json").data["deliveries"] == {"sent": 2}
    assert "gone" in body(faulty.letters()["a@example.kz"], "html")


# --- size


def test_a_letter_that_is_too_large_shows_as_many_stories_as_fit(desk: Desk) -> None:
    lead = "Отырыста бюджет қаралды. " * 80  # 3.6 KB
    for number in range(1, 31):
        desk.drop(f"Мақала {number:02}", date=f"2024-03-{number:02}T10:00+05:00", lead=lead)
    desk.does("publish")
    desk.newsroom.edit_config("max_stories = 20", "max_stories = 25")
    told = desk.told()
    assert told == [f"Мақала {number:02}" for number in range(30, 30 - len(told), -1)]
    assert 10 < len(told) < 25
    html = (desk.newsroom.root / "preview" / "senat-daily.html").read_text()
    assert len(html.encode()) <= MAX_HTML
    assert len(html.encode()) + 2 * len(lead.encode()) > MAX_HTML  # another would not fit
    assert f"тағы {30 - len(told)} мақала" in html
    desk.does("subscribers add a@example.kz")
    desk.does("subscribers add b@example.kz --language ru")
    desk.does("digest send")
    shown = desk.does("digest show --json").data
    assert abs(len(shown["told"]) - len(told)) <= 1  # in every language the same
    assert len(shown["told"]) + len(shown["counted"]) == 30
    for letter in desk.letters().values():
        assert body(letter, "plain").count("Мақала ") == len(shown["told"])


def test_one_story_that_is_too_large_holds_the_edition(desk: Desk) -> None:
    desk.publish("Ұзақ", lead="ә" * MAX_HTML)
    desk.publish("Қысқа")
    desk.newsroom.edit_config('order = "newest"', 'order = "most_read"')
    desk.sql("UPDATE articles SET views = 9 WHERE id = 1")
    desk.does("subscribers add a@example.kz")
    assert "mail clients cut beyond 75000" in desk.does("digest send", code=1).err
    assert len(desk.does("digest show --json", code=1).data["told"]) == 2


def test_only_the_html_is_measured() -> None:
    assert not is_too_large(replace(GOOD, html="ә" * 37_500, text="ә" * 100_000))
    assert is_too_large(replace(GOOD, html="ә" * 37_501))


# --- a test letter


@pytest.fixture
def tried(desk: Desk) -> Iterator[Desk]:
    """Nothing that a test letter does may be in the books."""
    desk.publish("Отырыс өтті")
    desk.does("subscribers add a@example.kz")
    yield desk
    assert desk.does("digest list --json").data == []
    assert desk.waiting == 1
    assert [reader["address"] for reader in desk.does("subscribers list --json").data] == ["a@example.kz"]


@pytest.mark.parametrize(
    ("option", "mark", "words"),
    [
        ("", "[сынақ] ", "1 жаңа мақала"),
        ("--language ru", "[проба] ", "1 новая статья"),
        ("--language en", "[test] ", "1 new story"),
    ],
)
def test_a_test_letter_is_marked_and_counts_nowhere(tried: Desk, option: str, mark: str, words: str) -> None:
    ran = tried.does(f"digest send senat-daily --to editor@example.kz {option} --json")
    assert (ran.data["state"], ran.data["problems"]) == ("sent", [])
    (letter,) = tried.letters().values()
    assert letter["To"] == "editor@example.kz"
    assert str(letter["Subject"]).startswith(f"{mark}Сенат: күн жаңалықтары")
    assert str(letter["Message-ID"]).startswith("<test.")
    assert words in body(letter, "plain")
    # Readers have numbers from 1.
    assert "/unsubscribe/senat-daily/0000000000." in str(letter["List-Unsubscribe"])


def test_a_test_letter_that_is_asked_for_twice_comes_twice_through_the_mail_server(tried: Desk) -> None:
    tried.newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
    tried.newsroom.edit_config('security = "starttls"', 'security = "none"')
    with mail_server() as (received, port):
        tried.newsroom.edit_config("port = 587", f"port = {port}")
        for _ in range(2):
            tried.does("digest send --to editor@example.kz")
        received.replies = {"editor@example.kz": "451 4.7.1 greylisted"}
        later = tried.does("digest send --to editor@example.kz", code=1)
    assert "deferred (451 4.7.1 greylisted" in later.out
    assert received.recipients == ["editor@example.kz"] * 2
    first, second = received.messages
    assert first["Message-ID"] != second["Message-ID"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--to nobody", "--to: «nobody» is not an address"),
        ("--language ru", "--language goes with --to"),
        ("--to a@example.kz --language de", "write one of kk, ru, en"),
        ("--to a@example.kz --date 2020-01-01", "is no day of the week to come"),
    ],
)
def test_a_test_letter_that_cannot_be_is_refused(tried: Desk, options: str, said: str) -> None:
    assert said in tried.does(f"digest send {options}", code=2).err


def test_a_test_letter_shows_a_frozen_edition_or_what_would_come_now(desk: Desk) -> None:
    desk.publish("Бүгінгі")
    desk.does("subscribers add a@example.kz")
    desk.does("subscribers add b@example.kz --language ru")
    desk.does("digest send")
    desk.publish("Ертеңгі")
    before = desk.does("digest list --json").data
    for options, title, language in (
        ("--to x@example.kz", "Ертеңгі", "kk"),
        (f"--to y@example.kz --date {TODAY}", "Бүгінгі", "kk"),
        (f"--to z@example.kz --date {TODAY} --language ru", "Бүгінгі", "ru"),
    ):
        desk.does(f"digest send {options}")
        letter = desk.letters()[options.split()[1]]
        assert title in body(letter, "plain")
        assert letter["Content-Language"] == language
    assert desk.does("digest list --json").data == before
    assert desk.waiting == 1


def test_a_test_letter_of_a_faulty_edition_is_sent_and_its_faults_are_said(faulty: Desk) -> None:
    ran = faulty.does("digest send --to x@example.kz", code=1)
    assert all(fault in ran.err for fault in FAULTS)
    assert set(faulty.letters()) == {"x@example.kz"}
