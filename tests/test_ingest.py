"""The life of a story: files come, change, move and go; the story stays one story."""

import json
import re
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import SECTION_FILES, SEED, Newsroom, Ran, story

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))}


def publish(newsroom: Newsroom, *, exit_code: int = 0) -> Any:
    """Publish and give what --json says."""
    ran: Ran = newsroom.run("publish", "--json")
    assert ran.exit_code == exit_code, ran.err
    return ran.data


def total(report: Any, column: str) -> int:
    return sum(section[column] for section in report["sections"])


def items(newsroom: Newsroom, section: str = "all") -> dict[str, dict[str, Any]]:
    """The stories of a feed by title; a title that stands twice would hide a duplicate, so it fails."""
    found = json.loads((newsroom.feeds / section / "feed.json").read_bytes())["items"]
    by_title = {item["title"]: item for item in found}
    assert len(by_title) == len(found)
    return by_title


def only_item(newsroom: Newsroom, section: str = "all") -> dict[str, Any]:
    (item,) = items(newsroom, section).values()
    return item


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def markdown(title: str, text: str = "Жиында бірқатар мәселе қаралды.", **fields: str) -> str:
    front = {"title": title, "date": "2024-03-26", "section": "Сенат"} | fields
    # A JSON string is a YAML string too, whatever it holds.
    lines = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items())
    return f"---\n{lines}\n---\n\n{text}\n"


@pytest.fixture
def empty(newsroom: Newsroom) -> Newsroom:
    """A newsroom without the seed, where that would only be in the way."""
    (newsroom.inbox / SEED.name).unlink()
    return newsroom


def test_an_edit_is_an_update_of_the_same_story(newsroom: Newsroom) -> None:
    publish(newsroom)
    before = only_item(newsroom)
    edit(newsroom.inbox / SEED.name, "Тараптар екіжақты", "Тараптар көпжақты")
    # The title too: the link is made of it once and must not follow it.
    edit(newsroom.inbox / SEED.name, "сенаторымен кездесті", "сенаторын қабылдады")
    report = publish(newsroom)
    after = only_item(newsroom)
    assert (total(report, "new"), total(report, "updated")) == (0, 1)
    for key in ("id", "url", "date_published"):
        assert after[key] == before[key]
    assert datetime.fromisoformat(after["date_modified"]) > datetime.fromisoformat(before["date_modified"])
    assert after["title"].endswith("сенаторын қабылдады")
    assert "көпжақты" in after["content_html"]


def test_a_changed_view_counter_is_no_update(newsroom: Newsroom) -> None:
    publish(newsroom)
    before = newsroom.snapshot()
    edit(newsroom.inbox / SEED.name, "45 рет", "4512 рет")
    report = publish(newsroom)
    assert report["written"] == []
    assert (total(report, "new"), total(report, "updated")) == (0, 0)
    assert newsroom.snapshot() == before


def test_a_renamed_file_is_the_same_story(newsroom: Newsroom) -> None:
    publish(newsroom)
    before = newsroom.snapshot()
    target = newsroom.inbox / "2024" / "аты-өзгерген.txt"
    target.parent.mkdir()
    (newsroom.inbox / SEED.name).rename(target)
    report = publish(newsroom)
    assert total(report, "new") == 0
    assert newsroom.snapshot() == before


def test_a_copy_adds_nothing_until_it_is_edited(newsroom: Newsroom) -> None:
    publish(newsroom)
    original = only_item(newsroom)
    # Sorted before the original: the order of names must not decide which of the two is the copy.
    copy = newsroom.inbox / "000-copy.txt"
    shutil.copy(newsroom.inbox / SEED.name, copy)
    assert total(publish(newsroom), "new") == 0
    assert only_item(newsroom) == original

    edit(copy, "сенаторымен кездесті", "сенаторымен тағы кездесті")
    report = publish(newsroom)
    assert (total(report, "new"), total(report, "updated")) == (1, 0)
    after = items(newsroom)
    assert after.pop(original["title"]) == original
    (second,) = after.values()
    assert second["id"] != original["id"]
    assert second["url"] != original["url"]


def test_a_new_story_under_a_name_that_a_renamed_one_had_is_new(empty: Newsroom) -> None:
    path = empty.drop("today.txt", story("Бірінші жиын"))
    publish(empty)
    first = only_item(empty)
    path.rename(empty.inbox / "yesterday.txt")
    publish(empty)
    empty.drop("today.txt", story("Екінші жиын", "Мүлде басқа мәтін."))
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated")) == (1, 0)
    after = items(empty)
    assert after["Бірінші жиын"] == first
    assert after["Екінші жиын"]["id"] != first["id"]


def test_a_rename_and_a_new_story_under_the_old_name_may_come_in_one_run(empty: Newsroom) -> None:
    path = empty.drop("today.txt", story("Бірінші жиын"))
    publish(empty)
    first = only_item(empty)
    path.rename(empty.inbox / "yesterday.txt")
    empty.drop("today.txt", story("Екінші жиын", "Мүлде басқа мәтін."))
    publish(empty)
    after = items(empty)
    assert after["Бірінші жиын"] == first
    assert after["Екінші жиын"]["id"] != first["id"]


def test_a_story_outlives_a_spell_as_a_damaged_file(empty: Newsroom) -> None:
    stays = empty.drop("stays.txt", story("Бірінші жиын", "Бірінші мәтін."))
    moved = empty.drop("moves.txt", story("Екінші жиын", "Екінші мәтін."))
    publish(empty)
    moved = moved.rename(empty.inbox / "moved.txt")
    publish(empty)
    before, published = empty.snapshot(), items(empty)
    stays.write_bytes(b"")
    moved.write_bytes(b"")
    publish(empty, exit_code=1)
    assert empty.snapshot() == before
    stays.write_text(story("Бірінші жиын", "Бірінші мәтін түзетілді."))
    moved.write_text(story("Екінші жиын", "Екінші мәтін түзетілді."))
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated")) == (0, 2)
    after = items(empty)
    assert {title: item["id"] for title, item in after.items()} == {
        title: item["id"] for title, item in published.items()
    }
    assert all("түзетілді" in item["content_html"] for item in after.values())


def test_a_story_stays_without_its_file_and_knows_it_again(newsroom: Newsroom) -> None:
    publish(newsroom)
    before = newsroom.snapshot()
    (newsroom.inbox / SEED.name).unlink()
    assert total(publish(newsroom), "stories") == 1
    assert newsroom.snapshot() == before
    shutil.copy(SEED, newsroom.inbox / "came-back.txt")
    assert total(publish(newsroom), "new") == 0
    assert newsroom.snapshot() == before


def test_a_story_with_an_own_address_gets_it_as_link_and_no_page(empty: Newsroom) -> None:
    url = "https://egemen.kz/article/1-zhiyn"
    empty.drop("own.md", markdown("Өз мекенжайы бар", url=url))
    publish(empty)
    assert only_item(empty)["url"] == url
    assert empty.snapshot("feeds/stories") == {}


def test_a_story_of_the_future_is_held_until_its_date_is_mended(newsroom: Newsroom) -> None:
    newsroom.drop("day.txt", story("Болашақтағы жиын", "Бір.", date="26 Наурыз, 2100"))
    newsroom.drop("moment.md", markdown("Болашақтағы сәт", date="2100-03-26T10:00+05:00"))
    report = publish(newsroom)
    assert (total(report, "held"), total(report, "stories")) == (2, 1)
    assert report["waiting"] == {"senat-daily": 1}
    assert not [path for path, data in newsroom.snapshot().items() if "Болашақтағы".encode() in data]

    newsroom.drop("day.txt", story("Болашақтағы жиын", "Бір.", date="25 Наурыз, 2024"))
    report = publish(newsroom)
    assert (total(report, "held"), total(report, "stories")) == (1, 2)
    assert items(newsroom)["Болашақтағы жиын"]["date_published"].startswith("2024-03-25T")


def test_stories_of_one_day_without_times_have_times_of_their_own(empty: Newsroom) -> None:
    for number in range(3):
        empty.drop(f"{number}.txt", story(f"Жиын {number}", f"Мәтін {number}."))
    publish(empty)
    moments = {datetime.fromisoformat(item["date_published"]) for item in items(empty).values()}
    assert len(moments) == 3
    assert {f"{moment:%Y-%m-%d %z}" for moment in moments} == {"2024-03-26 +0500"}


def test_a_story_with_an_id_may_move_and_change_at_once(empty: Newsroom) -> None:
    path = empty.drop("a.md", markdown("Бірінші тақырып", id="kz-17"))
    publish(empty)
    before = only_item(empty)
    path.unlink()
    empty.drop("archive/b.md", markdown("Екінші тақырып", "Басқа мәтін.", id="kz-17"))
    report = publish(empty)
    assert (total(report, "new"), total(report, "updated")) == (0, 1)
    after = only_item(empty)
    assert after["title"] == "Екінші тақырып"
    for key in ("id", "url", "date_published"):
        assert after[key] == before[key]


def test_an_address_that_moves_to_https_is_the_same_story(empty: Newsroom) -> None:
    empty.drop("own.md", markdown("Мекенжай", url="http://egemen.kz/article/1"))
    publish(empty)
    before = only_item(empty)
    empty.drop("own.md", markdown("Мекенжай", url="https://egemen.kz/article/1/"))
    assert total(publish(empty), "new") == 0
    after = only_item(empty)
    assert after["url"] == "https://egemen.kz/article/1/"
    assert (after["id"], after["date_published"]) == (before["id"], before["date_published"])


def test_sections_go_where_the_config_says_or_become_their_own(empty: Newsroom) -> None:
    empty.drop("alias.txt", story("Бүркеншік", "Бір.", section="Парламент Сенаты"))
    empty.drop("case.txt", story("Бас әріп", "Екі.", section="СЕНАТ"))
    empty.drop("other.txt", story("Нарық", "Үш.", section="Экономика"))
    empty.drop("none.txt", "26 Наурыз, 2024\n\nАйдарсыз\n\nТөрт.\n")
    report = publish(empty)
    stories = {section["slug"]: section["stories"] for section in report["sections"]}
    assert stories == {"senat": 2, "ekonomika": 1, None: 1}
    assert items(empty, "senat").keys() == {"Бүркеншік", "Бас әріп"}
    assert items(empty, "ekonomika").keys() == {"Нарық"}
    assert items(empty).keys() == {"Бүркеншік", "Бас әріп", "Нарық", "Айдарсыз"}
    folders = {
        path.name: {file.name for file in path.iterdir()} for path in empty.feeds.iterdir() if path.is_dir()
    }
    assert folders.keys() == {"all", "senat", "ekonomika", "stories"}
    assert folders["ekonomika"] == SECTION_FILES


def test_a_new_alias_moves_stories_that_are_stored_already(newsroom: Newsroom) -> None:
    newsroom.drop("upper.txt", story("Палата жиыны", section="Жоғарғы палата"))
    report = publish(newsroom)
    (slug,) = {section["slug"] for section in report["sections"]} - {"senat"}
    before = only_item(newsroom, slug)
    newsroom.edit_config('"Парламент Сенаты"]', '"Парламент Сенаты", "Жоғарғы палата"]')
    report = publish(newsroom)
    after = items(newsroom, "senat")["Палата жиыны"]
    assert (after["id"], after["url"]) == (before["id"], before["url"])
    assert items(newsroom, slug) == items(newsroom, "senat")  # whoever reads the old feed goes on reading
    assert report["waiting"] == {"senat-daily": 2}
    assert total(report, "new") == 0


NASTY = [
    "../../etc",
    "..",
    ".",
    "/etc/passwd",
    "CON",
    "nul.txt",
    "all",
    "ALL",
    "stories",
    "…",
    "!!!",
    "a\\b",
    "C:\\Windows",
    "style.css",
    "index.html",
    "Сенат!",
    "%2e%2e%2fetc",
    "<script>alert(1)</script>",
    "]]>",
    "\u202eкері",
    "нөл\x00байт",
    "екі\nжол",
    "x" * 300,
    "ұ" * 300,
]


def test_no_section_name_leads_out_of_the_output_folder(empty: Newsroom) -> None:
    for number, section in enumerate(NASTY):
        empty.drop(f"{number}.md", markdown(f"Жиын {number}", f"Мәтін {number}.", section=section))
    before = _outside(empty)
    publish(empty)
    assert _outside(empty) == before
    assert items(empty).keys() == {f"Жиын {number}" for number in range(len(NASTY))}
    assert {path.suffix for path in (empty.feeds / "stories").iterdir()} == {".html"}
    folders = {path.name for path in empty.feeds.rglob("*") if path.is_dir()}
    assert not [name for name in folders if not SLUG.fullmatch(name) or name in DEVICES]
    assert publish(empty)["written"] == []


def _outside(newsroom: Newsroom) -> Mapping[str, bytes]:
    """Every file near the newsroom that publishing must leave alone."""
    near = Newsroom(newsroom.root.parent).snapshot(".")
    ours = tuple(f"{newsroom.root.name}/{folder}/" for folder in ("feeds", "state"))
    return {path: data for path, data in near.items() if not path.startswith(ours)}


def markdown_story(title: str, *fields: str, text: str = "Отырыс өтті.") -> str:
    head = "\n".join((f"title: {title}", "date: 2024-03-27", "section: Сенат", *fields))
    return f"---\n{head}\n---\n{text}\n"


def ids_by_title(newsroom: Newsroom, section: str = "all") -> dict[str, str]:
    items = json.loads((newsroom.feeds / section / "feed.json").read_bytes())["items"]
    return {item["title"]: item["id"] for item in items}


def test_an_address_that_is_corrected_or_added_makes_no_other_story(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown_story("Бір", "url: https://old.example.kz/typ0"))
    newsroom.drop("b.md", markdown_story("Екі", text="Екінші отырыс өтті."))
    newsroom.run("publish")
    before = ids_by_title(newsroom)
    newsroom.drop("a.md", markdown_story("Бір", "url: https://old.example.kz/typo"))
    newsroom.drop("b.md", markdown_story("Екі", "url: https://old.example.kz/b", text="Екінші отырыс өтті."))
    newsroom.run("publish")
    newsroom.drop("a.md", markdown_story("Бір", "url: https://old.example.kz/typo", "id: 7"))
    newsroom.run("publish")
    # Known by the corrected address now: it may be renamed and edited at once.
    (newsroom.inbox / "b.md").unlink()
    newsroom.drop("c.md", markdown_story("Екі", "url: https://old.example.kz/b", text="Түзетілді."))
    newsroom.run("publish")
    assert ids_by_title(newsroom) == before


def test_a_page_outlives_the_move_of_its_story_to_an_address_of_its_own(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown_story("Бір"))
    newsroom.run("publish")
    pages = {path.name for path in (newsroom.feeds / "stories").iterdir()}
    newsroom.drop("a.md", markdown_story("Бір", "url: https://old.example.kz/bir", text="Түзетілді."))
    newsroom.run("publish")
    assert {path.name for path in (newsroom.feeds / "stories").iterdir()} == pages
    page = next(path for path in (newsroom.feeds / "stories").iterdir() if path.name.startswith("bir-"))
    assert "Түзетілді." in page.read_text()
    assert '<link rel="canonical" href="https://old.example.kz/bir">' in page.read_text()


def test_a_new_story_under_the_name_of_one_taken_away_is_new(newsroom: Newsroom) -> None:
    path = newsroom.drop("today.md", markdown_story("Кешегі"))
    newsroom.run("publish")
    before = ids_by_title(newsroom)
    path.unlink()
    newsroom.run("publish")
    newsroom.drop("today.md", markdown_story("Бүгінгі", text="Басқа мәтін."))
    newsroom.run("publish")
    after = ids_by_title(newsroom)
    assert set(after) == {*before, "Бүгінгі"}
    assert after | before == after


def test_names_may_be_given_and_taken_any_number_of_times(newsroom: Newsroom) -> None:
    first = newsroom.drop("a.md", markdown_story("Бір", text="Бірінші."))
    newsroom.run("publish")
    first.rename(newsroom.inbox / "b.md")
    second = newsroom.drop("a.md", markdown_story("Екі", text="Екінші."))
    newsroom.run("publish")
    second.rename(newsroom.inbox / "c.md")
    newsroom.run("publish")
    newsroom.drop("c.md", markdown_story("Екі", text="Екінші, түзетілген."))
    newsroom.run("publish")
    newsroom.drop("a.md", markdown_story("Екі", text="Екінші."))
    newsroom.drop("z.md", markdown_story("Үш", text="Үшінші."))
    ran = newsroom.run("publish")
    assert ran.exit_code == 0, ran.err
    assert {"Бір", "Екі", "Үш"} <= set(ids_by_title(newsroom))


def test_a_copy_in_another_section_does_not_move_the_story(newsroom: Newsroom) -> None:
    newsroom.drop("a.md", markdown_story("Бір"))
    newsroom.run("publish")
    newsroom.drop("zcopy.md", markdown_story("Бір").replace("Сенат", "Спорт"))
    newsroom.run("publish")
    assert "Бір" in ids_by_title(newsroom, "senat")


def test_a_story_from_before_time_zones_does_not_hold_up_the_feeds(newsroom: Newsroom) -> None:
    newsroom.drop("old.md", markdown_story("Ескі").replace("2024-03-27", "1910-01-01"))
    ran = newsroom.run("publish")
    assert ran.exit_code == 0, ran.err
    assert "Ескі" in ids_by_title(newsroom)


def test_square_brackets_are_no_markup_at_the_terminal(newsroom: Newsroom) -> None:
    newsroom.drop("a.txt", story("Бір", section="[/b] [red]бөлім"))
    ran = newsroom.run("publish")
    assert ran.exit_code == 0, ran.err
    assert "[/b] [red]бөлім" in ran.out
    assert newsroom.run("subscribers", "add", "a@example.kz", "--name", "Ann [/x]").exit_code == 0
    assert "Ann [/x]" in newsroom.run("subscribers", "list").out
    assert "[/a]: was not subscribed" in newsroom.run("subscribers", "remove", "[/a]").out


def test_a_name_or_address_that_a_story_has_outgrown_is_free_for_another(newsroom: Newsroom) -> None:
    path = newsroom.drop("today.md", markdown_story("Бір", text="Бірінші."))
    newsroom.drop("b.md", markdown_story("Екі", "url: https://old.example.kz/typ0", text="Екінші."))
    newsroom.run("publish")
    newsroom.drop("today.md", markdown_story("Бір", "url: https://old.example.kz/bir", text="Бірінші."))
    newsroom.drop("b.md", markdown_story("Екі", "url: https://old.example.kz/typo", text="Екінші."))
    newsroom.run("publish")
    before = ids_by_title(newsroom)
    path.rename(newsroom.inbox / "yesterday.md")
    newsroom.drop("today.md", markdown_story("Үш", text="Үшінші."))
    newsroom.drop("d.md", markdown_story("Төрт", "url: https://old.example.kz/typ0", text="Төртінші."))
    ran = newsroom.run("publish")
    assert ran.exit_code == 0, ran.err
    after = ids_by_title(newsroom)
    assert set(after) == {*before, "Үш", "Төрт"}
    assert after | before == after
    assert len(set(after.values())) == len(after)
