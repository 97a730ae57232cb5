"""From embargo to withdrawal: when a story may be seen, what becomes of it later, and what is kept of it."""

import json
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import SEED, Newsroom, story
from test_ingest import edit, items, markdown, publish, total

from publisher.identity import mint_public_id, path_key

ALMATY = ZoneInfo("Asia/Almaty")
SEED_TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"
NOT_AVAILABLE = "Бұл мақала қолжетімсіз."
MINTED = ("id", "url", "date_published")
"""What a story keeps, whatever is done to it."""


@pytest.fixture
def empty(newsroom: Newsroom) -> Newsroom:
    (newsroom.inbox / SEED.name).unlink()
    return newsroom


def about(title: str) -> str:
    """The text of the story of that title."""
    return f"Бұл жерде «{title}» туралы айтылады."


def as_markdown(title: str, **fields: str) -> str:
    return markdown(title, about(title), **fields)


def as_text(title: str, *lines: str) -> str:
    return "\n\n".join(("Сенат • 26 Наурыз, 2024", *lines, title, about(title), "Отырыс ертең жалғасады.\n"))


def as_ninjs(title: str, **fields: str) -> str:
    item = {
        "uri": f"urn:newsml:example.kz:{title}",
        "type": "text",
        "language": "kk",
        "section": "Сенат",
        "firstcreated": "2024-03-26T09:00:00+05:00",
        "headline": title,
        "body_html": f"<p>{about(title)}</p>",
    }
    return json.dumps(item | fields, ensure_ascii=False)


def local(moment: datetime) -> str:
    """As a Kazakh newspaper prints it."""
    return f"{moment.astimezone(ALMATY):%d.%m.%Y, %H:%M:%S}"


def iso(moment: datetime) -> str:
    return moment.astimezone(ALMATY).isoformat(timespec="seconds")


@dataclass(frozen=True)
class Embargoed:
    """One way to write an embargo into a file."""

    suffix: str
    write: Callable[[str, str], str]
    moment: Callable[[datetime], str] = iso


EMBARGOES = {
    "md": Embargoed(".md", lambda title, until: as_markdown(title, embargo=until)),
    "txt": Embargoed(".txt", lambda title, until: as_text(title, f"Эмбарго: {until}"), local),
    "ninjs": Embargoed(".json", lambda title, until: as_ninjs(title, embargoed=until)),
}


def hidden(newsroom: Newsroom) -> dict[str, dict[str, Any]]:
    """What `publisher inbox` lists as not to be seen, by title."""
    ran = newsroom.run("inbox", "--json")
    assert ran.exit_code == 0, ran.err
    return {row["title"]: row for row in ran.data["hidden"]}


def where_it_shows(newsroom: Newsroom, words: str) -> list[str]:
    """The files of the output that hold these words."""
    return [path for path, data in newsroom.snapshot().items() if words.encode() in data]


def page_of(newsroom: Newsroom, item: dict[str, Any]) -> str:
    name = str(item["url"]).rpartition("/")[2]
    return (newsroom.feeds / "stories" / name).read_text()


def assert_gone(newsroom: Newsroom, item: dict[str, Any]) -> None:
    """In no feed and on no list, and its own page says only that it is not to be had."""
    assert where_it_shows(newsroom, item["title"]) == []
    tombstones = {f"{folder}/{name}" for folder in ("senat", "all") for name in ("atom.xml", "feed.json")}
    assert set(where_it_shows(newsroom, item["id"])) <= tombstones
    assert item["id"] not in [each["id"] for each in items(newsroom).values()]
    page = page_of(newsroom, item)
    assert NOT_AVAILABLE in page
    assert about(item["title"]) not in page


def test_an_embargo_holds_a_story_back_and_one_that_cannot_be_read_for_good(empty: Newsroom) -> None:
    now = datetime.now(UTC)
    for form, way in EMBARGOES.items():
        empty.drop(f"past{way.suffix}", way.write(f"Өткен {form}", way.moment(now - timedelta(hours=1))))
        empty.drop(f"future{way.suffix}", way.write(f"Келер {form}", way.moment(now + timedelta(days=2))))
        empty.drop(f"unread{way.suffix}", way.write(f"Бұлдыр {form}", "жексенбіге дейін"))
    empty.drop("day.md", as_markdown("Бүгінге дейін", embargo=f"{now.astimezone(ALMATY):%Y-%m-%d}"))
    empty.drop("status.md", as_markdown("Беймәлім күй", status="embargoed until noon"))
    report = publish(empty)
    assert (total(report, "stories"), total(report, "held")) == (3, 8)
    assert report["waiting"] == {"senat-daily": 3}
    assert items(empty).keys() == items(empty, "senat").keys() == {f"Өткен {form}" for form in EMBARGOES}
    for word in ("Келер", "Бұлдыр", "Бүгінге дейін", "Беймәлім күй"):
        assert where_it_shows(empty, word) == []
    assert len(empty.snapshot("feeds/stories")) == 3
    listed = hidden(empty)
    assert len(listed) == 8
    for form, way in EMBARGOES.items():
        future, unread = listed[f"Келер {form}"], listed[f"Бұлдыр {form}"]
        assert (future["path"], future["held"]) == (f"future{way.suffix}", None)
        assert abs(datetime.fromisoformat(future["due_at"]) - now - timedelta(days=2)) < timedelta(seconds=1)
        assert (unread["path"], unread["held"]) == (f"unread{way.suffix}", "withheld")
    assert listed["Беймәлім күй"]["held"] == "withheld"
    # A day without an hour must be over.
    due = datetime.fromisoformat(listed["Бүгінге дейін"]["due_at"]).astimezone(ALMATY)
    assert (due.hour, due.minute, due.date() > now.astimezone(ALMATY).date()) == (0, 0, True)
    said = empty.run("inbox").out
    assert re.search(r"future\.txt: «Келер txt» waits until \d{4}-\d\d-\d\d \d\d:\d\d", said)
    assert "unread.txt: «Бұлдыр txt» withheld" in said


def test_an_embargo_ends_without_anybody_touching_the_file(empty: Newsroom) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=4)).replace(microsecond=0)
    for form, way in EMBARGOES.items():
        empty.drop(f"story{way.suffix}", way.write(f"Жиын {form}", way.moment(until)))
    assert total(publish(empty), "held") == 3
    assert items(empty) == {}
    time.sleep(max(0, (until - datetime.now(UTC)).total_seconds()))
    report = publish(empty)
    assert (total(report, "stories"), report["unchanged"]) == (3, 3)
    assert report["waiting"] == {"senat-daily": 3}
    # A story is as old as it has been public: dated before its embargo, it would stand deep in the feed.
    moments = {datetime.fromisoformat(item["date_published"]) for item in items(empty).values()}
    assert moments == {until}
    assert publish(empty)["written"] == []


@dataclass(frozen=True)
class Way:
    """A way to hide a story that is published: what the file says before and meanwhile."""

    name: str
    seen: str
    unseen: str
    column: str


WAYS = [
    Way("e.md", as_markdown("Эмбарго"), as_markdown("Эмбарго", embargo="2100-01-01T00:00Z"), "held"),
    Way("e.txt", as_text("Мәтін түрінде"), as_text("Мәтін түрінде", "Эмбарго: 01.01.2100, 10:00"), "held"),
    Way("e.json", as_ninjs("Агенттік"), as_ninjs("Агенттік", embargoed="2100-01-01T00:00:00Z"), "held"),
    Way("u.md", as_markdown("Түсініксіз"), as_markdown("Түсініксіз", embargo="кейін"), "held"),
    Way("w.md", as_markdown("Ұсталған", status="usable"), as_markdown("Ұсталған", status="withheld"), "held"),
    Way("w.json", as_ninjs("Ұстау"), as_ninjs("Ұстау", pubstatus="withheld"), "held"),
    Way("d.md", as_markdown("Нобай", draft="false"), as_markdown("Нобай", draft="true"), "held"),
    Way("c.md", as_markdown("Жойылған"), as_markdown("Жойылған", status="canceled"), "withdrawn"),
    Way("c.json", as_ninjs("Жою"), as_ninjs("Жою", pubstatus="canceled"), "withdrawn"),
    Way(
        "empty.json",
        as_ninjs("Мәтінсіз"),
        json.dumps({"uri": "urn:newsml:example.kz:Мәтінсіз", "pubstatus": "canceled"}),
        "withdrawn",
    ),
]


def test_a_published_story_may_be_hidden_and_shown_again_by_its_file(empty: Newsroom) -> None:
    for way in WAYS:
        empty.drop(way.name, way.seen)
    empty.drop("other.md", as_markdown("Қалған жиын"))
    publish(empty)
    before = items(empty)
    assert len(before) == len(WAYS) + 1
    for way in WAYS:
        empty.drop(way.name, way.unseen)
    report = publish(empty)
    columns = Counter(way.column for way in WAYS)
    assert (total(report, "held"), total(report, "withdrawn")) == (columns["held"], columns["withdrawn"])
    assert items(empty) == {"Қалған жиын": before["Қалған жиын"]}
    for title, item in before.items():
        if title != "Қалған жиын":
            assert_gone(empty, item)
    assert hidden(empty).keys() == before.keys() - {"Қалған жиын"}
    # An edition holds what may be seen, and nothing else.
    assert report["waiting"] == {"senat-daily": 1}
    assert empty.run("subscribers", "add", "a@example.kz").exit_code == 0
    assert empty.run("digest", "send", "--json").data["stories"] == 1

    for way in WAYS:
        empty.drop(way.name, way.seen)
    report = publish(empty)
    after = items(empty)
    assert {title: [item[key] for key in MINTED] for title, item in after.items()} == {
        title: [item[key] for key in MINTED] for title, item in before.items()
    }
    assert total(report, "new") == 0
    assert all(NOT_AVAILABLE not in page_of(empty, item) for item in after.values())
    assert report["waiting"] == {"senat-daily": len(WAYS)}
    tomorrow = str((datetime.now(ALMATY) + timedelta(days=1)).date())
    assert empty.run("digest", "send", "--date", tomorrow, "--json").data["stories"] == len(WAYS)


def test_a_story_that_was_never_seen_leaves_no_trace_and_may_still_be_dated(empty: Newsroom) -> None:
    empty.drop("held.md", as_markdown("Ұсталған", status="withheld", date="2024-03-20"))
    empty.drop("gone.json", as_ninjs("Жойылған", pubstatus="canceled"))
    report = publish(empty)
    assert (total(report, "stories"), total(report, "held"), total(report, "withdrawn")) == (0, 1, 1)
    assert empty.snapshot("feeds/stories") == {}
    assert where_it_shows(empty, "Ұсталған") + where_it_shows(empty, "Жойылған") == []
    assert hidden(empty)["Жойылған"]["withdrawal"] == "canceled"
    empty.drop("held.md", as_markdown("Ұсталған", date="2024-03-22"))
    empty.drop("gone.json", as_ninjs("Жойылған"))
    publish(empty)
    assert items(empty).keys() == {"Ұсталған", "Жойылған"}
    assert items(empty)["Ұсталған"]["date_published"].startswith("2024-03-22T")


@pytest.fixture
def withdrawing(newsroom: Newsroom) -> Newsroom:
    """A newsroom whose stories go with their files."""
    newsroom.edit_config('deletions = "keep"', 'deletions = "withdraw"')
    return newsroom


def test_a_story_goes_with_its_last_file_and_comes_back_with_it(withdrawing: Newsroom) -> None:
    newsroom = withdrawing
    newsroom.drop("renamed.txt", story("Аты өзгерген", about("Аты өзгерген")))
    newsroom.drop("twice.txt", story("Екі нұсқа", about("Екі нұсқа")))
    newsroom.drop("copy/twice.txt", story("Екі нұсқа", about("Екі нұсқа")))
    newsroom.drop("own.md", as_markdown("Бірінші нұсқа", id="kz-1"))
    newsroom.drop("refused.txt", "")
    publish(newsroom, exit_code=1)
    before = items(newsroom)
    assert before.keys() == {SEED_TITLE, "Аты өзгерген", "Екі нұсқа", "Бірінші нұсқа"}

    for name in (SEED.name, "twice.txt", "refused.txt", "own.md"):
        (newsroom.inbox / name).unlink()
    (newsroom.inbox / "renamed.txt").rename(newsroom.inbox / "new-name.txt")
    report = publish(newsroom)
    assert (total(report, "stories"), total(report, "withdrawn")) == (2, 2)
    gone = {SEED_TITLE, "Бірінші нұсқа"}
    assert items(newsroom) == {title: item for title, item in before.items() if title not in gone}
    for title in gone:
        assert_gone(newsroom, before[title])
    assert report["waiting"] == {"senat-daily": 2}
    listed = hidden(newsroom)
    assert {title: (row["path"], row["withdrawal"]) for title, row in listed.items()} == dict.fromkeys(
        gone, (None, "file")
    )

    shutil.copy(SEED, newsroom.inbox / "back-again.txt")
    newsroom.drop("other.md", as_markdown("Екінші нұсқа", id="kz-1"))
    report = publish(newsroom)
    assert (total(report, "new"), total(report, "withdrawn")) == (0, 0)
    after = items(newsroom)
    corrected, taken_back = after.pop("Екінші нұсқа"), before.pop("Бірінші нұсқа")
    assert [corrected[key] for key in MINTED] == [taken_back[key] for key in MINTED]
    assert after == before
    assert report["waiting"] == {"senat-daily": 4}
    assert NOT_AVAILABLE not in page_of(newsroom, before[SEED_TITLE])


def test_an_inbox_that_was_emptied_at_once_withdraws_nothing(withdrawing: Newsroom) -> None:
    newsroom = withdrawing
    for number in range(12):
        newsroom.drop(f"{number:02}.txt", story(f"Жиын {number}", about(str(number))))
    publish(newsroom)
    before = newsroom.snapshot()
    parked = newsroom.root / "parked"
    newsroom.inbox.rename(parked)
    newsroom.inbox.mkdir()
    for _ in range(2):  # said until somebody does something about it
        ran = newsroom.run("publish")
        assert ran.exit_code == 1
        (line,) = ran.err.splitlines()
        assert line.startswith("publisher: error: ")
        assert "the files of 13 stories have gone at once; none was withdrawn" in line
    assert newsroom.snapshot() == before
    newsroom.inbox.rmdir()
    parked.rename(newsroom.inbox)

    # Ten may go without a question; and with "keep" for one run any number, whose stories stay for good.
    for number in range(10):
        (newsroom.inbox / f"{number:02}.txt").unlink()
    report = publish(newsroom)
    assert (total(report, "stories"), total(report, "withdrawn")) == (3, 10)
    assert items(newsroom).keys() == {SEED_TITLE, "Жиын 10", "Жиын 11"}
    newsroom.edit_config('deletions = "withdraw"', 'deletions = "keep"')
    for path in newsroom.inbox.glob("1*.txt"):
        path.unlink()
    publish(newsroom)
    newsroom.edit_config('deletions = "keep"', 'deletions = "withdraw"')
    report = publish(newsroom)
    assert (total(report, "stories"), total(report, "withdrawn")) == (3, 10)


def digits(item: dict[str, Any], length: int = 8) -> str:
    return str(item["id"]).removeprefix("urn:uuid:")[:length]


def test_an_editor_takes_a_story_back_by_any_of_its_names(empty: Newsroom) -> None:
    for title in ("Бірінші", "Екінші"):
        empty.drop(f"2024/{title}.txt", story(title, about(title)))
    empty.drop("own.md", as_markdown("Үшінші", url="https://egemen.kz/article/17"))
    publish(empty)
    before = items(empty)
    one, two, own = (before[title] for title in ("Бірінші", "Екінші", "Үшінші"))
    slug = two["url"].rpartition("/")[2].removesuffix(".html")
    for name in (digits(one, 6), slug, own["url"]):
        ran = empty.run("articles", "withdraw", name)
        assert (ran.exit_code, ran.err) == (0, "")
        assert name in ran.out
    assert items(empty) == {}
    for item in (one, two):
        assert_gone(empty, item)

    # Neither an edit of the file nor its going and coming brings back what an editor took.
    edit(empty.inbox / "2024/Бірінші.txt", about("Бірінші"), "Түзетілген мәтін осы.")
    (empty.inbox / "2024/Екінші.txt").rename(empty.inbox / "жаңа аты.txt")
    report = publish(empty)
    assert (total(report, "stories"), total(report, "withdrawn")) == (0, 3)
    assert report["waiting"] == {"senat-daily": 0}
    assert items(empty) == {}
    assert [row["withdrawal"] for row in hidden(empty).values()] == ["operator"] * 3

    for name in (one["url"], "жаңа аты.txt", own["id"]):
        ran = empty.run("articles", "restore", name)
        assert ran.exit_code == 0, ran.err
    after = items(empty)
    assert {title: [item[key] for key in MINTED] for title, item in after.items()} == {
        title: [item[key] for key in MINTED] for title, item in before.items()
    }
    assert "Түзетілген мәтін осы." in after["Бірінші"]["content_html"]


def test_a_path_may_be_written_as_the_shell_completes_it(newsroom: Newsroom) -> None:
    publish(newsroom)
    ran = newsroom.run("articles", "show", f"seeds/{SEED.name}", "--json")
    assert ran.exit_code == 0, ran.err
    assert ran.data["files"] == [SEED.name]


def test_what_an_editor_took_back_stays_so_whoever_took_it_back_before(withdrawing: Newsroom) -> None:
    newsroom = withdrawing
    newsroom.drop("canceled.md", as_markdown("Жойылған", status="canceled"))
    publish(newsroom)
    (newsroom.inbox / SEED.name).unlink()
    publish(newsroom)
    ids = {title: digits(row | {"id": row["public_id"]}) for title, row in hidden(newsroom).items()}
    assert ids.keys() == {SEED_TITLE, "Жойылған"}
    for name in ids.values():
        assert newsroom.run("articles", "withdraw", name).exit_code == 0
    shutil.copy(SEED, newsroom.inbox)
    newsroom.drop("canceled.md", as_markdown("Жойылған", status="usable"))
    publish(newsroom)
    assert items(newsroom) == {}


def _namesakes() -> tuple[str, str]:
    """Two file names whose stories' ids begin with the same four digits."""
    seen: dict[str, str] = {}
    for number in count():
        name = f"{number}.md"
        start = mint_public_id("senat-news", path_key(name)).removeprefix("urn:uuid:")[:4]
        if start in seen:
            return seen[start], name
        seen[start] = name
    raise AssertionError


def test_a_name_that_is_no_storys_or_two_stories_changes_nothing(newsroom: Newsroom) -> None:
    names = _namesakes()
    for name in names:
        newsroom.drop(name, as_markdown(f"Жиын {name}"))
    publish(newsroom)
    before = newsroom.snapshot()
    first, second = (digits(items(newsroom)[f"Жиын {name}"], 36) for name in names)
    for command in ("withdraw", "show"):
        ran = newsroom.run("articles", command, first[:4])
        assert (ran.exit_code, ran.out) == (2, "")
        (line,) = ran.err.splitlines()
        assert line.startswith(f"publisher: error: {first[:4]}: names 2 stories; ")
        assert first in line
        assert second in line
    for name in ("no-such-story", "%", ""):
        ran = newsroom.run("articles", "withdraw", name)
        assert (ran.exit_code, ran.out) == (2, "")
        (line,) = ran.err.splitlines()
        assert "names no story; publisher articles search WORDS shows ids" in line
    assert newsroom.snapshot() == before


def test_a_correction_is_kept_beside_what_it_corrects(newsroom: Newsroom) -> None:
    path = newsroom.inbox / SEED.name
    publish(newsroom)
    before = items(newsroom)[SEED_TITLE]
    edit(path, "Тараптар екіжақты", "Тараптар көпжақты")
    publish(newsroom)
    after = items(newsroom)[SEED_TITLE]
    assert [after[key] for key in MINTED] == [before[key] for key in MINTED]
    assert after["date_modified"] > before["date_modified"]
    # Somebody read it: that is no edit, and nothing that a reader sees.
    files = newsroom.snapshot()
    edit(path, "45 рет", "4512 рет")
    report = publish(newsroom)
    assert (report["written"], total(report, "updated")) == ([], 0)
    assert newsroom.snapshot() == files
    # A corrected credit is a revision, but the text is as old as it was.
    edit(path, "Сенаттың баспасөз қызметі", "Парламент баспасөз қызметі")
    assert total(publish(newsroom), "updated") == 1
    assert items(newsroom)[SEED_TITLE] == after

    data = newsroom.run("articles", "show", SEED.name, "--history", "--json").data
    assert (data["story"]["revision"], data["story"]["views"]) == (3, 4512)
    assert data["files"] == [SEED.name]
    assert [revision["number"] for revision in data["revisions"]] == [1, 2, 3]
    leads = [revision["article"]["lead"] for revision in data["revisions"]]
    assert ["екіжақты" in lead for lead in leads] == [True, False, False]
    assert data["revisions"][0]["seen_at"] < data["revisions"][1]["seen_at"]
    shown = newsroom.run("articles", "show", digits(before), "--history").out
    assert "Тараптар [-екіжақты-]{+көпжақты+} парламентаралық" in shown
    assert shown.count("[-") == shown.count("{+") == 1
    assert "(the text did not change)" in shown
    assert re.search(r"^Revision: +3$", shown, re.MULTILINE)
    assert re.search(r"^Views: +4512$", shown, re.MULTILINE)


LONG = (
    "Сенат Төрағасы жиында сөз сөйлеп, елдегі экономикалық ахуал мен алдағы жоспарлар туралы баяндады",
    "Депутаттар бюджет жобасын талқылап, өңірлердегі ауызсу мен жол мәселесін шешуді Үкіметке тапсырды",
    "Отырыс соңында палата мүшелері бірқатар заң жобасын қарап, ратификациялау туралы шешім қабылдады",
    "Келесі жалпы отырыс сәуір айының ортасында өтеді деп жоспарланып отыр, деп хабарлады баспасөз қызметі",
)


def test_stories_that_are_nearly_the_same_are_reported_and_both_stay(empty: Newsroom) -> None:
    empty.drop("a.txt", story("Палата отырысы өтті", *LONG))
    empty.drop("same.txt", story("Палата отырысы өтті", *LONG))
    empty.drop("other.txt", story("Мүлде басқа", *(line[::-1] for line in LONG)))
    report = publish(empty)
    assert (total(report, "stories"), report["near_duplicates"]) == (2, [])
    again = [LONG[0].replace("ахуал", "жағдай"), *LONG[1:]]
    empty.drop("b.txt", story("Палата отырысы аяқталды", *again))
    said = empty.run("publish", "--dry-run").out
    assert re.search(
        r"Nearly the same \(\d\d%\): «Палата отырысы аяқталды» and «Палата отырысы өтті»\.", said
    )
    (pair,) = publish(empty)["near_duplicates"]
    found = items(empty)
    assert found.keys() == {"Палата отырысы өтті", "Палата отырысы аяқталды", "Мүлде басқа"}
    assert (pair["title"], pair["other_title"]) == ("Палата отырысы аяқталды", "Палата отырысы өтті")
    assert pair["public_id"] == found[pair["title"]]["id"]
    assert pair["other_public_id"] == found[pair["other_title"]]["id"]
    assert 0.6 <= pair["similarity"] < 1
    (line,) = empty.run("articles", "duplicates").out.splitlines()
    for words in (
        pair["title"],
        pair["other_title"],
        *(digits(found[pair[key]]) for key in ("title", "other_title")),
    ):
        assert words in line

    # Rewritten, it is no duplicate any more.
    empty.drop("b.txt", story("Палата отырысы аяқталды", *(f"Жаңа сөз: {line[::-1]}" for line in LONG[:1])))
    report = publish(empty)
    assert (total(report, "updated"), report["near_duplicates"]) == (1, [])
    assert empty.run("articles", "duplicates", "--json").data == []


def test_two_near_duplicates_of_one_run_are_reported_once_the_later_first(empty: Newsroom) -> None:
    empty.drop("a.txt", story("Палата отырысы өтті", *LONG))
    empty.drop("b.txt", story("Палата отырысы аяқталды", *LONG))
    pairs = publish(empty)["near_duplicates"]
    assert [(pair["title"], pair["other_title"]) for pair in pairs] == [
        ("Палата отырысы аяқталды", "Палата отырысы өтті")
    ]


def test_a_section_nobody_configured_holds_its_stories_until_somebody_does(newsroom: Newsroom) -> None:
    newsroom.edit_config('unknown_sections = "make"', 'unknown_sections = "hold"')
    newsroom.drop("typo.txt", story("Қате айдар", section="Сенатт"))
    newsroom.drop("new.txt", story("Нарық жаңалығы", about("Нарық"), section="Экономика"))
    newsroom.drop("none.txt", "26 Наурыз, 2024\n\nАйдарсыз жиын\n\nОтырыс бүгін өтті.\n")
    newsroom.drop("typo.md", as_markdown("Ұсталған да", section="Сенатт", status="withheld"))
    report = publish(newsroom)
    assert items(newsroom).keys() == {SEED_TITLE, "Айдарсыз жиын"}
    assert total(report, "held") == 3
    assert where_it_shows(newsroom, "Қате айдар") + where_it_shows(newsroom, "Нарық") == []
    folders = {path.name for path in newsroom.feeds.iterdir() if path.is_dir()}
    assert folders == {"all", "senat", "stories"}
    assert {row["slug"] for row in report["sections"]} == {"senat", None}
    assert hidden(newsroom)["Қате айдар"]["held"] == "section"
    assert "typo.txt: «Қате айдар» held: its section is not configured" in newsroom.run("inbox").out

    newsroom.edit_config('"Парламент Сенаты"]', '"Парламент Сенаты", "Сенатт"]')
    report = publish(newsroom)
    assert report["unchanged"] == 5
    assert items(newsroom, "senat").keys() == {SEED_TITLE, "Қате айдар"}
    assert report["waiting"] == {"senat-daily": 2}
    # What its file holds back, no alias sets free.
    held = {title: row["held"] for title, row in hidden(newsroom).items()}
    assert held == {"Ұсталған да": "withheld", "Нарық жаңалығы": "section"}

    newsroom.edit_config('unknown_sections = "hold"', 'unknown_sections = "make"')
    publish(newsroom)
    assert items(newsroom, "ekonomika").keys() == {"Нарық жаңалығы"}


def set_time(path: Path, moment: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=ALMATY).timestamp()
    os.utime(path, (at, at))


def test_today_is_the_day_the_file_was_written(empty: Newsroom) -> None:
    for name, when in (("today", "Бүгін, 10:23"), ("yesterday", "Кеше, 10:23"), ("day", "Бүгін")):
        path = empty.drop(f"{name}.txt", story(f"Жиын {name}", about(name), date=when))
        set_time(path, "2024-03-26 12:00")
    publish(empty)
    before = items(empty)
    assert {title: item["date_published"] for title, item in before.items()} == {
        "Жиын today": "2024-03-26T10:23:00+05:00",
        "Жиын yesterday": "2024-03-25T10:23:00+05:00",
        "Жиын day": "2024-03-26T00:00:00+05:00",
    }
    files = empty.snapshot()
    for path in empty.inbox.iterdir():
        set_time(path, "2024-05-02 18:30")
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated"), report["written"]) == (0, 0, [])
    assert empty.snapshot() == files
    # Nor does an edit on a later day move it.
    for path in empty.inbox.iterdir():
        edit(path, "туралы айтылады", "жайында айтылады")
        set_time(path, "2024-05-03 18:30")
    assert total(publish(empty), "updated") == 3
    after = items(empty)
    assert {title: item["date_published"] for title, item in after.items()} == {
        title: item["date_published"] for title, item in before.items()
    }


def test_a_file_touched_in_the_morning_does_not_contradict_the_hour_it_names(empty: Newsroom) -> None:
    path = empty.drop("today.txt", story("Бүгінгі жиын", date="Бүгін, 10:23"))
    set_time(path, "2024-03-26 12:00")
    publish(empty)
    before = empty.snapshot()
    set_time(path, "2024-03-27 09:00")  # restored from a backup, say: the bytes are the same
    publish(empty)
    assert empty.snapshot() == before
