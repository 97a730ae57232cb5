"""config.toml: what is read from it, and what is said of every fault."""

from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from conftest import ROOT, Newsroom

from publisher.config import RESERVED_SLUGS, Config, SmtpSecurity, TransportKind, is_loopback, load_config
from publisher.errors import ConfigError, ExitCode, Problem
from publisher.web.app import ROUTES

GOOD = (ROOT / "config.toml").read_text()
URL = '"https://news.example.kz/"'
FROM = '"Сенат жаңалықтары <digest@news.example.kz>"'
SUBJECT = '"{title}, {date}"'
DAYS = '["mon", "tue", "wed", "thu", "fri", "sat", "sun"]'
SECOND_SECTION = '[[sections]]\nslug = "{}"\ntitle = "Екінші"\n\n[[digests]]'


def write(folder: Path, *edits: tuple[str, str]) -> Path:
    """The project's own config.toml with some parts replaced, each of which must be there."""
    text = GOOD
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path = folder / "config.toml"
    path.write_text(text)
    return path


def load(folder: Path, *edits: tuple[str, str]) -> Config:
    return load_config(write(folder, *edits), {})


def problems(folder: Path, *edits: tuple[str, str]) -> dict[str, Problem]:
    """What is wrong, by dotted name."""
    path = write(folder, *edits)
    with pytest.raises(ConfigError) as error:
        load_config(path, {})
    assert error.value.exit_code is ExitCode.USAGE
    assert all(problem.cause and problem.hint for problem in error.value.problems)
    prefix = f"{path}: "
    assert all(problem.where.startswith(prefix) for problem in error.value.problems)
    found = {problem.where.removeprefix(prefix): problem for problem in error.value.problems}
    assert len(found) == len(error.value.problems), "one fault is reported once"
    return found


# A config that is good


def test_the_projects_own_config_is_good() -> None:
    config = load_config(ROOT / "config.toml", {})
    assert config.root == ROOT
    assert config.site.id == "senat-news"
    assert config.site.title == "Сенат жаңалықтары"
    assert config.site.url == "https://news.example.kz/"
    assert config.site.timezone == ZoneInfo("Asia/Almaty")
    assert config.inbox.interval == 60
    assert config.feeds.limit == 50
    (section,) = config.sections
    assert (section.slug, section.title) == ("senat", "Сенат")
    assert section.aliases == ("Senate", "Парламент Сенаты")
    (digest,) = config.digests
    assert (digest.slug, digest.sections, digest.time) == ("senat-daily", ("senat",), time(8))
    assert len(digest.days) == 7
    assert config.delivery.transport is TransportKind.SPOOL
    assert config.delivery.sender.addr_spec == "digest@news.example.kz"
    assert config.delivery.sender.display_name == "Сенат жаңалықтары"
    assert config.delivery.reply_to.addr_spec == "redaksia@news.example.kz"
    assert config.delivery.smtp.security is SmtpSecurity.STARTTLS


def test_every_path_is_absolute_wherever_the_publisher_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    config = load_config(Path("config.toml"), {})
    assert config.inbox.path == tmp_path / "seeds"
    assert config.inbox.quarantine == tmp_path / "state" / "quarantine"
    assert config.feeds.output == tmp_path / "feeds"
    assert config.delivery.outbox == tmp_path / "outbox"
    assert config.templates == tmp_path / "templates"
    assert config.store_url == f"sqlite:///{tmp_path}/state/publisher.db"


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        ('output = "feeds"', 'output = "/srv/www"'),
        ("sqlite:///state/publisher.db", "sqlite:////var/lib/publisher.db"),
    )
    assert config.feeds.output == Path("/srv/www")
    assert config.store_url == "sqlite:////var/lib/publisher.db"


@pytest.mark.parametrize(
    ("written", "hub"),
    [
        ("", None),
        ("https://hub.example.com/", "https://hub.example.com/"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("https://news.example.kz/?push=hub&site=1", "https://news.example.kz/?push=hub&site=1"),
        ("https://қазақстан.қаз/хаб", "https://xn--80aaa0a6awh12ed.xn--80ao21a/%D1%85%D0%B0%D0%B1"),
    ],
)
def test_a_hub_is_any_address_on_the_web(tmp_path: Path, written: str, hub: str | None) -> None:
    assert load(tmp_path, ('hub = ""', f'hub = "{written}"')).feeds.hub == hub


def test_there_need_be_no_hub(tmp_path: Path) -> None:
    line = next(line for line in GOOD.splitlines() if line.startswith("hub ="))
    assert load(tmp_path, (line, "")).feeds.hub is None


@pytest.mark.parametrize(
    "written",
    ["hub", "ftp://hub.example.com/", "https://", "https://hub.example.com/?a b", "https://h.kz/#x"],
)
def test_a_hub_that_is_no_address_is_a_problem(tmp_path: Path, written: str) -> None:
    found = problems(tmp_path, ('hub = ""', f'hub = "{written}"'))
    assert found.keys() == {"feeds.hub"}
    assert written in found["feeds.hub"].cause
    assert "https://hub.example.com/" in found["feeds.hub"].hint


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://news.example.kz", "https://news.example.kz/"),
        ("https://news.example.kz/", "https://news.example.kz/"),
        ("https://example.kz/news//", "https://example.kz/news/"),
        ("http://localhost:8000/feeds", "http://localhost:8000/feeds/"),
        ("http://[::1]:8000", "http://[::1]:8000/"),
    ],
)
def test_the_sites_address_ends_with_one_slash(tmp_path: Path, written: str, url: str) -> None:
    assert load(tmp_path, (URL, f'"{written}"')).site.url == url


def test_secrets_come_from_the_environment_that_is_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISHER_SECRET", "of the process")
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", "of the process")
    path = write(tmp_path)
    without = load_config(path, {})
    assert (without.secret, without.delivery.smtp.password) == (None, "")
    given = load_config(path, {"PUBLISHER_SECRET": "s", "PUBLISHER_SMTP_PASSWORD": "p"})
    assert (given.secret, given.delivery.smtp.password) == ("s", "p")
    assert load_config(path, {"PUBLISHER_SECRET": ""}).secret is None


def test_a_config_of_the_required_keys_alone_is_good(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[site]\nid = "a"\ntitle = "b"\nurl = "https://example.kz"\nauthor = "c"\n'
        '[inbox]\npath = "in"\n[delivery]\nfrom = "a@example.kz"\n'
    )
    config = load_config(path, {})
    assert (config.sections, config.digests) == ((), ())
    assert config.site.timezone == ZoneInfo("UTC")
    assert config.inbox.quarantine == tmp_path / "state" / "quarantine"
    assert config.feeds.output == tmp_path / "feeds"
    assert config.delivery.outbox == tmp_path / "outbox"
    assert str(config.delivery.reply_to) == str(config.delivery.sender) == "a@example.kz"


def test_a_digest_takes_its_defaults(tmp_path: Path) -> None:
    start, end = GOOD.index('time = "08:00"'), GOOD.index("[delivery]")
    (digest,) = load(tmp_path, (GOOD[start:end], "")).digests
    assert (digest.time, len(digest.days), digest.template, digest.max_stories) == (time(8), 7, "digest", 20)
    assert digest.subject == "{title}, {date}"


@pytest.mark.parametrize(
    ("text", "clock"), [("00:00", time(0)), ("23:59", time(23, 59)), ("07:30:15", time(7, 30, 15))]
)
def test_a_time_of_day_may_have_seconds(tmp_path: Path, text: str, clock: time) -> None:
    assert load(tmp_path, ('"08:00"', f'"{text}"')).digests[0].time == clock


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("mail.example.kz", False),
        ("10.0.0.1", False),
        ("localhost.example.kz", False),
    ],
)
def test_mail_without_encryption_stays_on_the_loopback(tmp_path: Path, host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    edits = (('"localhost"', f'"{host}"'), ('security = "starttls"', 'security = "none"'))
    if loopback:
        assert load(tmp_path, *edits).delivery.smtp.security is SmtpSecurity.NONE
    else:
        assert "starttls" in problems(tmp_path, *edits)["delivery.smtp.security"].hint


# A config with one fault

FAULTS = [
    (
        "unknown key",
        "limit = 50",
        "limit = 50\nlimitt = 50",
        "feeds.limitt",
        ["not a known key", "did you mean 'limit'"],
    ),
    (
        "unknown key far from any",
        "limit = 50",
        "limit = 50\nzzz = 1",
        "feeds.zzz",
        ["not a known key", "limit, output"],
    ),
    ("unknown table", "[store]", "[stor]\n[store]", "stor", ["not a known key", "did you mean 'store'"]),
    ("secret in the file", 'username = ""', 'password = "x"', "delivery.smtp.password", ["not a known key"]),
    (
        "unknown section in a digest",
        '["senat"]',
        '["sanat"]',
        "digests[0].sections",
        ["'sanat'", "did you mean 'senat'"],
    ),
    (
        "section title for slug",
        '["senat"]',
        '["Сенат"]',
        "digests[0].sections",
        ["'Сенат'", "sections here: senat"],
    ),
    ("hour", '"08:00"', '"24:00"', "digests[0].time", ["'24:00'", '"08:00"']),
    ("minute", '"08:00"', '"08:60"', "digests[0].time", ["'08:60'", '"08:00"']),
    ("one-digit hour", '"08:00"', '"8:00"', "digests[0].time", ["'8:00'", '"08:00"']),
    ("words for a time", '"08:00"', '"таңертең"', "digests[0].time", ["'таңертең'"]),
    ("digits of another script", '"08:00"', '"0٨:00"', "digests[0].time", ["'0٨:00'", '"08:00"']),
    ("TOML time", '"08:00"', "08:00:00", "digests[0].time", ["a text in quotes"]),
    ("day", '["mon", "tue"', '["monday", "tue"', "digests[0].days", ["'monday'", "mon, tue"]),
    ("day in capitals", '["mon", "tue"', '["MON", "tue"', "digests[0].days", ["'MON'", "mon, tue"]),
    ("no days", DAYS, "[]", "digests[0].days", ["is empty"]),
    ("day that is a number", DAYS, "[1]", "digests[0].days", ["a list of texts"]),
    ("time zone", "Asia/Almaty", "Asia/Almata", "site.timezone", ["'Asia/Almata'", "Asia/Almaty"]),
    ("time zone by offset", "Asia/Almaty", "UTC+5", "site.timezone", ["'UTC+5'", "Asia/Almaty"]),
    ("time zone by path", "Asia/Almaty", "../../etc/passwd", "site.timezone", ["is no time zone"]),
    ("continent for time zone", "Asia/Almaty", "Asia", "site.timezone", ["'Asia'", "Asia/Almaty"]),
    ("no time zone", "Asia/Almaty", "", "site.timezone", ["Asia/Almaty"]),
    ("address without scheme", URL, '"news.example.kz"', "site.url", ["'news.example.kz'", "https://"]),
    ("address of another scheme", URL, '"ftp://news.example.kz/"', "site.url", ["ftp", "https://"]),
    ("address without host", URL, '"https:///feeds"', "site.url", ["https://"]),
    ("address with a query", URL, '"https://news.example.kz/?a=b"', "site.url", ["?a=b"]),
    ("address with a fragment", URL, '"https://news.example.kz/#a"', "site.url", ["#a"]),
    ("address that cannot be parsed", URL, '"http://[::1"', "site.url", ["http://[::1"]),
    ("address with a space", URL, '"https://news example.kz/"', "site.url", ["news example"]),
    ("address with a wrong port", URL, '"https://news.example.kz:feeds/"', "site.url", [":feeds"]),
    ("no address", URL, '""', "site.url", ["is empty"]),
    (
        "language",
        'language = "kk"',
        'language = "kz"',
        "site.language",
        ["'kz'", "kk, ru, en", "did you mean 'kk'"],
    ),
    ("number for text", '"Egemen Qazaqstan"', "5", "site.author", ["is 5", "a text in quotes"]),
    ("text for number", "limit = 50", 'limit = "50"', "feeds.limit", ["'50'", "a whole number"]),
    ("fraction for number", "limit = 50", "limit = 50.0", "feeds.limit", ["50.0", "a whole number"]),
    ("bool for number", "interval = 60", "interval = true", "inbox.interval", ["True", "a whole number"]),
    ("text for list", '["senat"]', '"senat"', "digests[0].sections", ["'senat'", "a list"]),
    ("list for table", "[store]\n", "[[store]]\n", "store", ["a table"]),
    ("zero", "interval = 60", "interval = 0", "inbox.interval", ["is 0", "from 1 to 86400"]),
    (
        "below zero",
        "max_stories = 20",
        "max_stories = -1",
        "digests[0].max_stories",
        ["is -1", "from 1 to 100"],
    ),
    ("too many", "limit = 50", "limit = 1001", "feeds.limit", ["is 1001", "from 1 to 1000"]),
    ("no port", "port = 587", "port = 65536", "delivery.smtp.port", ["is 65536", "from 1 to 65535"]),
    (
        "duplicate section",
        "[[digests]]",
        SECOND_SECTION.format("senat"),
        "sections[1].slug",
        ["'senat'", "twice"],
    ),
    (
        "capitals in a slug",
        "[[digests]]",
        SECOND_SECTION.format("Qogam"),
        "sections[1].slug",
        ["'Qogam'", "a-z"],
    ),
    ("path in a slug", "[[digests]]", SECOND_SECTION.format("../x"), "sections[1].slug", ["'../x'", "a-z"]),
    ("no slug", "[[digests]]", SECOND_SECTION.format(""), "sections[1].slug", ["is empty"]),
    ("empty subject", SUBJECT, '""', "digests[0].subject", []),
    ("subject field", SUBJECT, '"{titel}"', "digests[0].subject", ["{titel}", "{title}"]),
    ("subject attribute", SUBJECT, '"{title.__class__}"', "digests[0].subject", ["{title}"]),
    ("subject without name", SUBJECT, '"{}"', "digests[0].subject", ["{title}"]),
    ("subject with an open brace", SUBJECT, '"{title"', "digests[0].subject", ["{title}"]),
    ("subject with a format", SUBJECT, '"{title:abc}"', "digests[0].subject", ["{title}"]),
    ("subject with a width", SUBJECT, '"{count:>999999999}"', "digests[0].subject", ["{count}"]),
    ("subject with a conversion", SUBJECT, '"{title!x}"', "digests[0].subject", ["{title}"]),
    ("line break in a subject", SUBJECT, '"a\\nBcc: b"', "digests[0].subject", ["line break"]),
    (
        "transport",
        '"spool" ',
        '"spol" ',
        "delivery.transport",
        ["'spol'", "spool, smtp", "did you mean 'spool'?"],
    ),
    ("security", '"starttls"', '"ssl"', "delivery.smtp.security", ["'ssl'", "starttls, tls, none"]),
    ("from without address", FROM, '"Сенат"', "delivery.from", ["'Сенат'", "<box@example.kz>"]),
    ("from without domain", FROM, '"digest"', "delivery.from", ["'digest'", "<box@example.kz>"]),
    ("from with two dots", FROM, '"a..b@example.kz"', "delivery.from", ["a..b@example.kz"]),
    ("from with a last dot", FROM, '"a.@example.kz"', "delivery.from", ["a.@example.kz"]),
    ("from with an empty label", FROM, '"a@example..kz"', "delivery.from", ["a@example..kz"]),
    ("from that begins with a dot", FROM, '"a@.kz"', "delivery.from", ["a@.kz"]),
    ("from beyond ASCII", FROM, '"сенат@example.kz"', "delivery.from", ["сенат@example.kz"]),
    ("from with a backslash", FROM, '"a\\\\b@example.kz"', "delivery.from", ["<box@example.kz>"]),
    ("two in from", FROM, '"a@example.kz, b@example.kz"', "delivery.from", ["b@example.kz"]),
    ("no from", FROM, '""', "delivery.from", ["is empty"]),
    ("line break in from", FROM, '"A\\nBcc: b <a@example.kz>"', "delivery.from", ["line break"]),
    ("reply to", '"redaksia@news.example.kz"', '"redaksia"', "delivery.reply_to", ["'redaksia'"]),
    (
        "line break in a title",
        '"Сенат жаңалықтары"\n',
        '"Сенат\\nжаңалықтары"\n',
        "site.title",
        ["line break"],
    ),
    ("line break in an alias", '["Senate"', '["Sen\\nate"', "sections[0].aliases", []),
    ("NUL in a path", '"seeds"', '"se\\u0000eds"', "inbox.path", ["control character"]),
    ("blank title", '"Egemen Qazaqstan"', '"  "', "site.author", ["is empty"]),
    ("missing key", 'id = "senat-news"', "", "site.id", ["is missing"]),
    ("missing from", f"from = {FROM}", "", "delivery.from", ["is missing"]),
    ("missing slug", 'slug = "senat-daily"', "", "digests[0].slug", ["is missing"]),
    ("no inbox", 'path = "seeds"', 'path = ""', "inbox.path", ["is empty"]),
    ("no output", 'output = "feeds"', 'output = ""', "feeds.output", ["is empty"]),
    ("no outbox", 'outbox = "outbox"', 'outbox = ""', "delivery.outbox", ["is empty"]),
    ("no quarantine", '"state/quarantine"', '""', "inbox.quarantine", ["is empty"]),
    ("template by path", '"digest" ', '"../digest" ', "digests[0].template", ["'../digest'"]),
    (
        "another database",
        '"sqlite:///state/publisher.db"',
        '"mysql://x/y"',
        "store.url",
        ["mysql", "sqlite:///"],
    ),
    ("no database", '"sqlite:///state/publisher.db"', '"sqlite:///"', "store.url", ["sqlite:///state"]),
]


@pytest.mark.parametrize(
    ("old", "new", "where", "words"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS]
)
def test_a_fault_is_named_with_its_place_and_its_mend(
    tmp_path: Path, old: str, new: str, where: str, words: list[str]
) -> None:
    found = problems(tmp_path, (old, new))
    assert list(found) == [where]
    assert not [word for word in words if word not in str(found[where])]


@pytest.mark.parametrize("slug", sorted({"all", *RESERVED_SLUGS}))
def test_a_folder_of_the_publishers_own_is_no_section(tmp_path: Path, slug: str) -> None:
    found = problems(tmp_path, ("[[digests]]", SECOND_SECTION.format(slug)))
    assert list(found) == ["sections[1].slug"]
    assert f"'{slug}'" in found["sections[1].slug"].cause


def test_two_digests_of_one_name_are_refused(tmp_path: Path) -> None:
    start, end = GOOD.index("[[digests]]"), GOOD.index("[delivery]")
    found = problems(tmp_path, ("[delivery]", GOOD[start:end] + "[delivery]"))
    assert list(found) == ["digests[1].slug"]


def test_a_problem_says_nothing_of_the_programs_inside(tmp_path: Path) -> None:
    found = problems(
        tmp_path, ('"spool" ', '"spol" '), ('"starttls"', '"startls"'), ('language = "kk"', 'language = "kz"')
    )
    assert not [problem for problem in found.values() if "<" in str(problem)]


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        ('id = "senat-news"', ""),
        (URL, '"news.example.kz"'),
        ("interval = 60", "interval = true"),
        ("limit = 50", "limit = 0\nlimitt = 50"),
        ('["senat"]', '["sanat"]'),
        ('"08:00"', '"8"'),
        (SUBJECT, '"{x}"'),
        ('"spool" ', '"pigeon" '),
        ("port = 587", "port = 0"),
    )
    assert set(found) == {
        "site.id",
        "site.url",
        "inbox.interval",
        "feeds.limit",
        "feeds.limitt",
        "digests[0].sections",
        "digests[0].time",
        "digests[0].subject",
        "delivery.transport",
        "delivery.smtp.port",
    }


def test_an_empty_config_names_every_key_it_needs(tmp_path: Path) -> None:
    found = problems(tmp_path, (GOOD, ""))
    assert set(found) == {"site.id", "site.title", "site.url", "site.author", "inbox.path", "delivery.from"}


# A file that is no config


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"[site\n", id="open bracket"),
        pytest.param(b'[site]\nid = "a"\nid = "b"\n', id="key twice"),
        pytest.param(b"site:\n  id: a\n", id="YAML"),
        pytest.param("[site]\ntitle = 'Сенат'\n".encode("cp1251"), id="another encoding"),
        pytest.param(b"\x00\x01", id="binary"),
        pytest.param(b"x = " + b"[" * 5000, id="deep nesting"),
        pytest.param(b"x = " + b"9" * 5000, id="endless number"),
    ],
)
def test_a_file_that_is_not_toml_is_one_problem(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as error:
        load_config(path, {})
    (problem,) = error.value.problems
    assert problem.where == str(path)
    assert "is not valid TOML" in problem.cause
    assert "\n" not in str(problem)


def test_the_line_of_a_toml_mistake_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, ("limit = 50", "limit 50"))
    line = GOOD[: GOOD.index("limit = 50")].count("\n") + 1
    with pytest.raises(ConfigError, match=f"line {line}"):
        load_config(path, {})


def test_a_missing_file_is_one_problem(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "config.toml", {})
    (problem,) = error.value.problems
    assert problem.where == str(tmp_path / "config.toml")
    assert "No such file" in problem.cause
    assert "--config" in problem.hint


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, {})


# On the command line


def test_config_check_says_good(newsroom: Newsroom) -> None:
    done = newsroom.run("config", "check")
    assert (done.exit_code, done.err) == (0, "")
    assert "good" in done.out
    assert "config.toml" in done.out


def test_config_check_answers_in_json(newsroom: Newsroom) -> None:
    assert newsroom.run("config", "check", "--json").data == {"file": "config.toml", "problems": []}


def test_config_check_prints_a_line_for_every_problem(newsroom: Newsroom) -> None:
    newsroom.edit_config(URL, '"news.example.kz"')
    newsroom.edit_config("limit = 50", "limit = 0")
    newsroom.edit_config('"08:00"', '"8:00"')
    done = newsroom.run("config", "check")
    assert (done.exit_code, done.out) == (2, "")
    lines = done.err.splitlines()
    assert [line.split(": ")[:4] for line in lines] == [
        ["publisher", "error", "config.toml", where]
        for where in ("site.url", "feeds.limit", "digests[0].time")
    ]


def test_config_check_of_a_missing_file_names_it(newsroom: Newsroom) -> None:
    done = newsroom.run("--config", "other.toml", "config", "check")
    assert (done.exit_code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith("publisher: error: other.toml: ")


@pytest.mark.parametrize(
    "command", [("publish",), ("digest", "preview"), ("status",), ("subscribers", "list")]
)
def test_nothing_is_made_with_a_config_that_is_bad(newsroom: Newsroom, command: tuple[str, ...]) -> None:
    newsroom.edit_config("limit = 50", "limit = 0")
    before = sorted(newsroom.root.rglob("*")), newsroom.snapshot(".")
    done = newsroom.run(*command)
    assert (done.exit_code, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith("publisher: error: config.toml: feeds.limit: ")
    assert (sorted(newsroom.root.rglob("*")), newsroom.snapshot(".")) == before


def test_a_fault_is_data_too(newsroom: Newsroom) -> None:
    newsroom.edit_config("limit = 50", "limmit = 50")
    ran = newsroom.run("config", "check", "--json")
    assert ran.exit_code == 2
    (problem,) = ran.data["problems"]
    assert problem["where"] == "config.toml: feeds.limmit"
    assert "did you mean 'limit'" in problem["hint"]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('"state/quarantine"', '"seeds/refused"', "inbox.quarantine"),
        ('output = "feeds"', 'output = "seeds"', "feeds.output"),
        ('outbox = "outbox"', 'outbox = "seeds/out"', "delivery.outbox"),
        ("sqlite:///state/", "sqlite:///seeds/", "store.url"),
    ],
)
def test_nothing_is_written_into_the_inbox(tmp_path: Path, old: str, new: str, where: str) -> None:
    found = problems(tmp_path, (old, new))
    assert list(found) == [where]
    assert found[where].cause == "lies inside the inbox"


def test_no_section_may_stand_where_the_web_answers() -> None:
    assert ROUTES <= RESERVED_SLUGS
