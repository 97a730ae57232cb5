"""Editions and their messages, as they lie in the outbox."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import idna
import pytest
from conftest import ROOT, Newsroom, story
from mail_server import mail_server, parse

from publisher.config import WEEKDAYS, Digest, load_config
from publisher.digest import latest_slot, next_slot, slot_at

READERS = ("aigul@example.kz", "bolat@example.kz", "chingiz@example.kz")
TITLE = "Мәулен Әшімбаев АҚШ Конгресі сенаторымен кездесті"


@pytest.fixture
def ready(newsroom: Newsroom) -> Newsroom:
    """The seed is published and three readers have subscribed."""
    assert newsroom.run("publish").exit_code == 0
    assert newsroom.run("subscribers", "add", *READERS).exit_code == 0
    return newsroom


def outbox(newsroom: Newsroom) -> list[Path]:
    return sorted((newsroom.root / "outbox" / "new").glob("*.eml"))


def outbox_messages(newsroom: Newsroom) -> list[EmailMessage]:
    return [parse(path.read_bytes()) for path in outbox(newsroom)]


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


def test_every_subscriber_gets_the_edition_once(ready: Newsroom) -> None:
    first = ready.run("digest", "send", "senat-daily", "--json")
    assert first.exit_code == 0
    assert first.data["deliveries"] == {"sent": 3}
    assert first.data["done"] is True
    assert sorted(str(message["To"]) for message in outbox_messages(ready)) == sorted(READERS)
    before = ready.snapshot("outbox")
    again = ready.run("digest", "send", "senat-daily")
    assert again.exit_code == 0
    assert "already sent" in again.out
    assert ready.snapshot("outbox") == before


def test_the_next_edition_holds_only_what_is_new(ready: Newsroom) -> None:
    assert ready.run("digest", "send").exit_code == 0
    # Dated long before the first edition: what counts is that no edition has had it.
    ready.drop("late.txt", story("Кешіккен жаңалық", date="1 Ақпан, 2023"))
    assert ready.run("publish").exit_code == 0
    same_day = ready.run("digest", "send")
    assert "1 new story waits for the next edition" in same_day.out
    assert len(outbox(ready)) == 3
    tomorrow = datetime.now(ZoneInfo("Asia/Almaty")).date() + timedelta(days=1)
    assert ready.run("digest", "send", "--date", str(tomorrow)).exit_code == 0
    assert len(outbox(ready)) == 6
    newest = [message for message in outbox_messages(ready) if "Кешіккен" in part(message, "plain")]
    assert len(newest) == 3
    for message in newest:
        assert TITLE not in part(message, "plain")
        assert TITLE not in part(message, "html")
    listed = ready.run("digest", "list", "--json").data
    assert [(edition["stories"], edition["state"]) for edition in listed] == [(1, "done"), (1, "done")]


def test_a_message_is_what_mail_clients_and_providers_ask_for(ready: Newsroom) -> None:
    assert ready.run("digest", "send").exit_code == 0
    ids = set()
    for path in outbox(ready):
        raw = path.read_bytes()
        assert b"\r\n" in raw
        assert not re.search(rb"(?<!\r)\n|\r(?!\n)", raw)
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        message = parse(raw)
        assert not message.defects
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert all(part["Content-Transfer-Encoding"] == "base64" for part in message.iter_parts())
        unsubscribe = str(message["List-Unsubscribe"])
        assert re.fullmatch(
            r"<https://news\.example\.kz/unsubscribe/senat-daily/[\w.-]{54}>, <mailto:[^>]+>", unsubscribe
        )
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["List-Id"] == "<senat-daily.news.example.kz>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Content-Language"] == "kk"
        assert str(message["From"]) == "Сенат жаңалықтары <digest@news.example.kz>"
        assert "қараша" in str(message["Subject"]) or re.search(r"20\d\d", str(message["Subject"]))
        link = unsubscribe.split(">", maxsplit=1)[0].strip("<")
        assert link in part(message, "html")
        assert link in part(message, "plain")
        ids.add(message["Message-ID"])
    assert len(ids) == 3


def test_the_digest_tells_the_story_in_both_parts(ready: Newsroom) -> None:
    assert ready.run("digest", "send").exit_code == 0
    message = outbox_messages(ready)[0]
    html, text = part(message, "html"), part(message, "plain")
    for words in (TITLE, "Сенат Төрағасы Мәулен Әшімбаев", "2 мин оқу", "1 жаңа мақала", "Толық оқу"):
        assert words in html
        assert words in text
    assert "Жазылудан бас тарту" in html
    assert 'lang="kk"' in html
    assert "prefers-color-scheme: dark" in html
    assert "<img" not in html
    assert len(html.encode()) < 75_000


def test_a_message_sent_again_is_the_same_to_the_byte(ready: Newsroom) -> None:
    assert ready.run("digest", "send").exit_code == 0
    before = ready.snapshot("outbox")
    for path in outbox(ready):
        path.unlink()
    # As if the books had been lost just after the sending, and the newsroom had been renamed since.
    with closing(sqlite3.connect(ready.root / "state" / "publisher.db")) as database:
        database.execute("UPDATE deliveries SET state = 'pending'")
        database.execute("UPDATE editions SET state = 'frozen'")
        database.commit()
    ready.edit_config('title = "Сенат жаңалықтары"', 'title = "Басқа атау"')
    assert ready.run("digest", "send").exit_code == 0
    assert ready.snapshot("outbox") == before


def test_a_title_corrected_after_freezing_does_not_change_the_edition(ready: Newsroom) -> None:
    assert ready.run("digest", "send").exit_code == 0
    seed = next(ready.inbox.iterdir())
    seed.write_text(seed.read_text().replace("кездесті", "жүздесті"))
    assert ready.run("publish", "--json").data["waiting"] == {"senat-daily": 0}


def test_who_left_after_the_freeze_gets_nothing(newsroom: Newsroom) -> None:
    assert newsroom.run("publish").exit_code == 0
    newsroom.run("subscribers", "add", *READERS)
    newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
    newsroom.edit_config('security = "starttls"', 'security = "none"')
    newsroom.edit_config("port = 587", "port = 1")
    down = newsroom.run("digest", "send")
    assert down.exit_code == 3
    assert "localhost:1: mail cannot be handed over" in down.err
    assert newsroom.run("subscribers", "remove", READERS[1]).exit_code == 0
    with mail_server() as (received, port):
        newsroom.edit_config("port = 1\n", f"port = {port}\n")
        sent = newsroom.run("digest", "send", "--json")
    assert sent.exit_code == 0
    assert sent.data["deliveries"] == {"sent": 2, "suppressed": 1}
    assert sorted(received.recipients) == [READERS[0], READERS[2]]


def test_a_long_day_is_cut_at_the_maximum_and_the_rest_is_not_mailed_tomorrow(newsroom: Newsroom) -> None:
    newsroom.edit_config("max_stories = 20", "max_stories = 2")
    for number in range(4):
        newsroom.drop(f"{number}.txt", story(f"Жаңалық {number}", date=f"{number + 1} Сәуір, 2024"))
    newsroom.run("publish")
    newsroom.run("subscribers", "add", READERS[0])
    assert newsroom.run("digest", "send", "--json").data["stories"] == 5
    (message,) = outbox_messages(newsroom)
    assert "тағы 3 мақала" in part(message, "plain")
    assert part(message, "plain").count("Толық оқу") == 2
    assert newsroom.run("status", "--json").data["digests"][0]["waiting"] == 0


def test_a_preview_freezes_nothing(ready: Newsroom) -> None:
    first = ready.run("digest", "preview", "senat-daily")
    assert first.exit_code == 0
    files = ready.snapshot("preview")
    assert set(files) == {"senat-daily.html", "senat-daily.txt", "senat-daily.eml"}
    assert TITLE in files["senat-daily.html"].decode()
    assert TITLE in files["senat-daily.txt"].decode()
    assert parse(files["senat-daily.eml"])["To"] == "reader@example.com"
    assert ready.run("status", "--json").data["digests"][0]["waiting"] == 1
    assert outbox(ready) == []


def test_the_digest_speaks_the_language_of_the_site(ready: Newsroom) -> None:
    ready.edit_config('language = "kk" ', 'language = "ru" ')
    assert ready.run("digest", "preview").exit_code == 0
    text = ready.snapshot("preview")["senat-daily.txt"].decode()
    assert "1 новая статья" in text
    assert "2 мин чтения" in text
    assert "26 марта 2024" in text
    ready.edit_config('language = "ru" ', 'language = "en" ')
    assert ready.run("digest", "preview").exit_code == 0
    text = ready.snapshot("preview")["senat-daily.txt"].decode()
    assert "1 new story" in text
    assert "March 26, 2024" in text


def test_a_mail_server_that_says_later_or_never_is_believed(ready: Newsroom) -> None:
    ready.edit_config('transport = "spool"', 'transport = "smtp"')
    ready.edit_config('security = "starttls"', 'security = "none"')
    with mail_server() as (received, port):
        ready.edit_config("port = 587", f"port = {port}")
        received.replies = {READERS[0]: "550 no such box", READERS[1]: "451 try again later"}
        sent = ready.run("digest", "send", "--json")
        assert sent.exit_code == 1
        assert sent.data["deliveries"] == {"bounced": 1, "deferred": 1, "sent": 1}
        assert sent.data["done"] is False
        assert received.recipients == [READERS[2]]
        # Sending again at once tries nobody: the one is gone, the other's time has not come.
        assert ready.run("digest", "send", "--json").data["handled"] == 0


def test_mail_goes_out_encrypted_and_with_the_password_from_the_environment(ready: Newsroom) -> None:
    ready.edit_config('transport = "spool"', 'transport = "smtp"')
    ready.edit_config('username = ""', 'username = "digest"')
    with mail_server(password="сыр") as (received, port):
        ready.edit_config("port = 587", f"port = {port}")
        wrong = ready.run("digest", "send", PUBLISHER_SMTP_PASSWORD="wrong")
        assert wrong.exit_code == 3
        assert f"localhost:{port}: mail cannot be handed over" in wrong.err
        assert wrong.err.count("\n") == 1
        assert received.raw == []
        sent = ready.run("digest", "send", "--json", PUBLISHER_SMTP_PASSWORD="сыр")
        assert sent.data["deliveries"] == {"sent": 3}
    assert sorted(received.recipients) == sorted(READERS)


def _through(newsroom: Newsroom, port: int) -> None:
    newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
    newsroom.edit_config('security = "starttls"', 'security = "none"')
    newsroom.edit_config("port = 587", f"port = {port}")


def test_a_server_that_always_says_later_is_given_up_in_the_end(ready: Newsroom) -> None:
    ready.run("subscribers", "remove", *READERS[1:])
    with mail_server() as (received, port):
        _through(ready, port)
        received.replies = {READERS[0]: "451 greylisted"}
        assert ready.run("digest", "send", "--json").data["deliveries"] == {"deferred": 1}
        # As if five days had passed (RFC 5321, 4.5.4.1).
        with closing(sqlite3.connect(ready.root / "state" / "publisher.db")) as database:
            database.execute("UPDATE deliveries SET due_at = '2020-01-01 00:00:00.000000'")
            database.execute("UPDATE editions SET frozen_at = '2020-01-01 00:00:00.000000'")
            database.commit()
        last = ready.run("digest", "send", "--json")
    assert last.data["deliveries"] == {"expired": 1}
    assert last.data["done"] is True


def test_a_refused_sender_is_nobodys_bounce(ready: Newsroom) -> None:
    with mail_server(password="сыр") as (_received, port):
        _through(ready, port)
        # No username: the server wants STARTTLS and AUTH before it takes a sender.
        ran = ready.run("digest", "send")
    assert ran.exit_code == 3
    assert "no mail is taken from us (530 Must issue a STARTTLS command first)" in ran.err
    (edition,) = ready.run("digest", "list", "--json").data
    assert edition["deliveries"] == {"pending": 3}
    (unfinished,) = ready.run("status", "--json").data["unfinished"]
    assert unfinished["deliveries"] == {"pending": 3}


def test_a_kazakh_domain_is_written_in_ascii(ready: Newsroom) -> None:
    ready.edit_config("https://news.example.kz/", "https://жаңалық.қаз/күн сайын/".replace(" ", "-"))
    ready.edit_config("digest@news.example.kz", "digest@жаңалық.қаз")
    ready.edit_config("redaksia@news.example.kz", "redaksia@жаңалық.қаз")
    assert ready.run("publish").exit_code == 0
    assert ready.run("digest", "send").exit_code == 0
    message = outbox_messages(ready)[0]
    host = idna.encode("жаңалық.қаз").decode()
    assert message["List-Id"] == f"<senat-daily.{host}>"
    assert str(message["List-Unsubscribe"]).isascii()
    assert f"https://{host}/%D0%BA" in part(message, "plain")


@pytest.mark.parametrize("text", ["{{ nothing_there }}", "{% if %}"])
def test_a_template_that_fails_is_one_line(ready: Newsroom, text: str) -> None:
    (ready.root / "templates").mkdir()
    (ready.root / "templates" / "digest.txt.j2").write_text(text)
    ran = ready.run("digest", "preview")
    assert ran.exit_code == 2
    assert ran.err.count("\n") == 1
    assert "the template fails" in ran.err
    assert ready.run("digest", "send").exit_code == 2
    assert ready.run("digest", "list", "--json").data == []


def test_a_template_that_is_missing_is_a_fault_of_the_config(ready: Newsroom) -> None:
    ready.edit_config('template = "digest"', 'template = "nope"')
    ran = ready.run("config", "check")
    assert ran.exit_code == 2
    assert "nope.html.j2: the template fails" in ran.err


@pytest.mark.parametrize("day", ["2020-01-01", "2100-01-01"])
def test_an_edition_of_a_mistyped_year_is_not_made(ready: Newsroom, day: str) -> None:
    ran = ready.run("digest", "send", "--date", day)
    assert ran.exit_code == 2
    assert f"--date: {day} is no day of the week to come" in ran.err
    assert ready.run("digest", "list", "--json").data == []


def _digest(zone: str, time: str, days: tuple[str, ...] = WEEKDAYS) -> Digest:
    (digest,) = load_config(ROOT / "config.toml", {}).digests
    hour = datetime.strptime(time, "%H:%M").time()  # noqa: DTZ007 — a time of day
    return replace(digest, timezone=ZoneInfo(zone), time=hour, days=days)


@pytest.mark.parametrize(
    ("zone", "year"),
    [
        ("Asia/Almaty", 2023),  # +06 to +05 on 1 March 2024
        ("Europe/Berlin", 2023),
        ("America/New_York", 2023),
        ("Australia/Lord_Howe", 2023),  # half an hour
        ("America/Sao_Paulo", 2017),  # the clocks skipped midnight
    ],
)
@pytest.mark.parametrize("time", ["00:00", "02:30", "08:00", "23:45"])
def test_every_local_date_has_one_slot_through_all_clock_changes(zone: str, year: int, time: str) -> None:
    digest = _digest(zone, time)
    seen: list[date] = []
    now = datetime(year, 9, 1, tzinfo=UTC)
    while now < datetime(year + 1, 5, 1, tzinfo=UTC):
        slot = latest_slot(digest, now=now)
        assert slot is not None
        assert slot_at(digest, slot) <= now < slot_at(digest, next_slot(digest, now=now))
        if not seen or seen[-1] != slot:
            seen.append(slot)
        now += timedelta(hours=11)
    days = (seen[-1] - seen[0]).days
    assert seen == [seen[0] + timedelta(days=n) for n in range(days + 1)]


def test_a_digest_keeps_to_its_days() -> None:
    digest = _digest("Asia/Almaty", "08:00", ("mon", "fri"))
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
    assert latest_slot(digest, now=now) == date(2026, 11, 23)
    assert next_slot(digest, now=now) == date(2026, 11, 27)
