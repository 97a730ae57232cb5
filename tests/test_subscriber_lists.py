"""Files with lists of readers: taken in, given out, and taken in again."""

import io
import signal
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Newsroom, make_newsroom
from hypothesis import example, given
from hypothesis import strategies as st
from test_operating import Desk
from test_run import wait_for

from publisher.errors import RefusedError
from publisher.lists import own
from publisher.lists.formats import ListFormat, Skipped, Unread
from publisher.lists.reading import Reading, read_lists
from publisher.lists.sheets import open_sheets
from publisher.lists.table import guard, unguard
from publisher.lists.writing import write_rows
from publisher.model import ListRow, SubscriptionState, SuppressionReason

SAMPLES = Path(__file__).parent / "subscriber_files"
ALMATY = ZoneInfo("Asia/Almaty")
MAILCHIMP = sorted(SAMPLES.glob("*_email_audience_export_*.csv"))
NAMES = "address;name\naigul@example.kz;Айгүл Серікқызы\ndana@example.kz;«Дана», редактор өңір\n"
"""As Excel writes it here."""


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom)


def imports(desk: Desk, data: str | bytes, options: str = "", *, code: int = 0, name: str = "r.csv") -> Any:
    """Import a file; what was said of each line."""
    path = desk.newsroom.root / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return desk.does(f"subscribers import {path} --json {options}", code=code).data


def outcomes(said: Any) -> dict[str, str]:
    return {line["address"]: line["outcome"] for line in said["lines"]}


def exported(desk: Desk, address: str) -> Any:
    return desk.does(f"subscribers export {address}").data


def listed(desk: Desk) -> dict[str, dict[str, Any]]:
    return {each["address"]: each for each in desk.does("subscribers list --json").data}


def read(data: bytes, name: str = "r.csv") -> list[Reading]:
    return [row for each in read_lists(name, data, ALMATY) for row in each.rows]


def mailchimp_archive(*, folder: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in MAILCHIMP:
            archive.write(path, folder + path.name)
        archive.writestr("__MACOSX/._subscribed.csv", b"\0\1\2")
    return file.getvalue()


# --- what spreadsheets write


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (NAMES.encode(), None),
        (NAMES.encode("utf-8-sig"), None),
        (NAMES.replace(";", "\t").encode("utf-16"), None),
        (NAMES.replace(";", "\t").encode("utf-16-le"), None),
        (NAMES.replace("\n", "\r").encode(), None),
        (f"sep=;\n{NAMES}".encode(), None),
        (NAMES.encode("kz1048"), "KZ-1048"),
        (NAMES.translate(str.maketrans("үқңө", "укно")).encode("cp1251"), "Windows-1251"),
        (NAMES.encode() + b"\x1a", None),
    ],
    ids=["UTF-8", "BOM", "UTF-16", "no BOM", "CR", "sep", "KZ-1048", "Windows-1251", "^Z"],
)
def test_a_spreadsheet_is_read_in_every_encoding_it_writes(data: bytes, remark: str | None) -> None:
    (sheet,) = read_lists("r.csv", data, ALMATY)
    rows = [row for row in sheet.rows if isinstance(row, ListRow)]
    assert [row.address for row in rows] == ["aigul@example.kz", "dana@example.kz"]
    plain = str.maketrans("үқңө", "укно") if remark == "Windows-1251" else {}
    assert [row.name for row in rows] == [
        each.translate(plain) for each in ("Айгүл Серікқызы", "«Дана», редактор өңір")
    ]
    assert [row.line for row in rows] == ([3, 4] if data.startswith(b"sep") else [2, 3])
    assert sheet.remarks == ((f"its encoding is taken to be {remark}",) if remark else ())


@pytest.mark.parametrize(
    "data",
    [
        'Name,Address,City\nАйгүл,aigul@example.kz,Алматы\n"Дана, редактор",dana@example.kz,\n',
        '  E-MAIL ;name\n aigul@example.kz ;  Айгүл\n\n;\ndana@example.kz;"Дана, редактор";;\n',
        'Email Address\tname\r\naigul@example.kz\tАйгүл\r\ndana@example.kz\t"Дана, редактор"\r\n',
    ],
)
def test_columns_stand_in_any_order_and_are_named_in_any_way(data: str) -> None:
    rows = [row for row in read(data.encode()) if isinstance(row, ListRow)]
    assert [(row.address, row.name) for row in rows] == [
        ("aigul@example.kz", "Айгүл"),
        ("dana@example.kz", "Дана, редактор"),
    ]


def test_one_address_a_line_is_a_list_too() -> None:
    assert [row.address for row in read("\ufeffaigul@example.kz\n\ndana@example.kz".encode())] == [
        "aigul@example.kz",
        "dana@example.kz",
    ]


def test_what_is_assumed_or_not_read_is_said(desk: Desk) -> None:
    path = desk.newsroom.root / "r.csv"
    path.write_bytes("email;аты;City\n".encode("kz1048") + NAMES.partition("\n")[2].encode("kz1048"))
    assert [
        line.partition("r.csv: ")[2] for line in desk.does(f"subscribers import {path}").err.splitlines()
    ] == [
        "its encoding is taken to be KZ-1048",
        "not read: «аты», «City»",
    ]


def test_every_column_of_ours_is_recorded(desk: Desk) -> None:
    said = imports(
        desk,
        "address,name,language,state,digest,consented_at,source,suppressed\n"
        "aigul@example.kz,Айгүл,ru-RU,confirmed,senat-daily,2024-03-26,form at the fair,\n"
        "bolat@example.kz,,,unsubscribed,,2023-01-01T10:00+05:00,,\n"
        "chingiz@example.kz,,,Pending,,,,\n"
        "dana@example.kz,,,subscribed,,26.03.2024,,complaint\n",
        "--language kk",
    )
    assert [line["outcome"] for line in said["lines"]] == ["added", "unsubscribed", "pending", "suppressed"]
    people = {name: exported(desk, f"{name}@example.kz") for name in ("aigul", "bolat", "chingiz", "dana")}
    facts = {name: person["subscriptions"][0] for name, person in people.items()}
    assert {name: fact["state"] for name, fact in facts.items()} == {
        "aigul": "confirmed",
        "bolat": "unsubscribed",
        "chingiz": "pending",
        "dana": "confirmed",
    }
    # A day begins at midnight in the newsroom; Almaty had moved to +05 three weeks before.
    midnight = datetime(2024, 3, 26, tzinfo=ALMATY).astimezone(UTC)
    assert datetime.fromisoformat(facts["aigul"]["consented_at"]) == midnight
    assert datetime.fromisoformat(facts["dana"]["consented_at"]) == midnight
    assert facts["bolat"]["consented_at"] == "2023-01-01T05:00:00Z"
    assert facts["chingiz"]["consented_at"] is None
    assert (facts["aigul"]["source"], facts["bolat"]["source"]) == ("form at the fair", "import of r.csv")
    assert (people["aigul"]["language"], people["bolat"]["language"]) == ("ru", "kk")
    assert people["dana"]["suppression"]["reason"] == "complaint"


REFUSED = {
    "nonsense,,,,,,": "is not an address",
    ",Айгүл,,,,,": "is not an address",
    "a@example.kz,,de,,,,": "write one of kk, ru, en",
    "a@example.kz,,,maybe,,,": "write one of subscribed, pending, confirmed, unsubscribed",
    "a@example.kz,,,,nosuch,,": "digests here: senat-daily",
    "a@example.kz,,,,,soon,": "write it as 2024-03-26",
    "a@example.kz,,,,,2024-02-30,": "does not exist",
    "a@example.kz,,,,,2100-01-01,": "lies in the future",
    "a@example.kz,,,,,,erased": "write one of hard, soft, complaint, operator",
    f"a@example.kz,{'я' * 1001},,,,,": "more than 1000 characters",
    'a@example.kz,"Айгүл\nСерікқызы",,,,,': "goes on over several lines",
}


def test_rows_that_cannot_be_read_are_named_and_the_others_taken_in(desk: Desk) -> None:
    lines = [*REFUSED, "dana@example.kz,,,,,,"]
    path = desk.newsroom.root / "r.csv"
    path.write_text("\n".join(("address,name,language,state,digest,consented_at,suppressed", *lines)))
    ran = desk.does(f"subscribers import {path} --json", code=1)
    assert (ran.data["added"], ran.data["refused"]) == (1, len(REFUSED))
    said = ran.err.splitlines()
    for number, (line, hint) in enumerate(zip(said, REFUSED.values(), strict=True), start=2):
        assert line.startswith(f"publisher: error: {path}:{number}: "), line
        assert hint in line
    assert [line["line"] for line in ran.data["lines"]] == [*range(2, 13), 14]
    assert listed(desk).keys() == {"dana@example.kz"}
    path.write_text("address\nnonsense\n")
    desk.does(f"subscribers import {path}", code=3)


def test_a_quote_that_is_not_closed_swallows_nobody_unseen(desk: Desk) -> None:
    data = 'address,city\na@example.kz,"Алматы\nb@example.kz,Астана\nc@example.kz,"Шымкент"\nd@example.kz,\n'
    said = imports(desk, data, code=1)
    assert [(line["line"], line["address"], line["outcome"]) for line in said["lines"]] == [
        (2, "a@example.kz", "refused"),
        (5, "d@example.kz", "added"),
    ]
    path = desk.newsroom.root / "r.csv"
    path.write_text(f'address,name\na@example.kz,\nb@example.kz,"{"c@example.kz,x" * 20_000}')
    ran = desk.does(f"subscribers import {path}", code=3)
    assert ran.out == "1 added\n"  # what stands before that place
    (line,) = ran.err.splitlines()
    assert line.startswith(f"publisher: error: {path}: is not CSV from line 3 on")
    assert "a@example.kz" in listed(desk)


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(2):
            with archive.open(f"subscribed_{number}.csv", "w") as member:
                for _ in range(40):
                    member.write(b"address\n" + b"\n" * (1 << 20))
    return file.getvalue()


def _with(names: dict[str, bytes], change: Callable[[bytes], bytes] = lambda data: data) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in names.items():
            archive.writestr(name, data)
    return change(file.getvalue())


def _with_password(data: bytes) -> bytes:
    """As if it had one: a flag in the member's two headers."""
    place, central = data.index(b"PK\x03\x04") + 6, data.index(b"PK\x01\x02") + 8
    return data[:place] + b"\1" + data[place + 1 : central] + b"\1" + data[central + 1 :]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\r\n \n", "is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "Excel workbook; save it as"),
        (_with({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "Excel workbook; save it as"),
        (_with({"readme.txt": b"no list"}), "without a CSV file"),
        (_with({"a.csv": b"address\n" + b"a@example.kz\n" * 9}, lambda data: data[:60]), "damaged ZIP"),
        (_with({"a.csv": b"address\na@b.kz"}, lambda d: d.replace(b"a@b", b"c@b")), "damaged ZIP"),
        (_with({"a.csv": b"address\na@b.kz"}, _with_password), "cannot be opened"),
        (_bomb(), "more than 64 MiB"),
        (b"address\n" + bytes(range(256)) * 9, "binary"),
        ("address,name\naigul@example.kz,Айгүл\n".encode()[:-2], "line 2 is not UTF-8"),
        (
            ("address,name\n" + "aigul@example.kz,Айгүл\n" * 9).encode().replace("г".encode(), b"\xff", 1),
            "line 2 is not UTF-8",
        ),
        (b"phone,name\n+77010000000,Dana\n", "no column «address» or «email»"),
    ],
    ids=[
        "empty",
        "blank",
        "old Excel",
        "Excel",
        "no list in it",
        "cut off",
        "changed inside",
        "password",
        "bomb",
        "binary",
        "cut in a letter",
        "a bad byte",
        "no addresses",
    ],
)
def test_a_file_that_is_no_list_is_one_clear_error(desk: Desk, data: Any, says: str) -> None:
    path = desk.newsroom.root / "r.csv"
    path.write_bytes(data)
    ran = desk.does(f"subscribers import {path}", code=3)
    assert ran.out == ""
    (line,) = ran.err.splitlines()
    assert line.startswith(f"publisher: error: {path}: ")
    assert says in line


# --- what other programs write


def test_the_readers_of_listmonk_are_taken_over(desk: Desk) -> None:
    said = imports(desk, (SAMPLES / "listmonk.csv").read_bytes(), name="subscribers.csv")
    assert outcomes(said) == {
        "aigul@example.kz": "added",
        "bolat@example.kz": "added",
        "chingiz@example.kz": "ignored",
        "dana@example.kz": "suppressed",
    }
    assert [line["reason"] for line in said["lines"]] == [None, None, "disabled in listmonk", None]
    aigul, bolat = (exported(desk, f"{name}@example.kz") for name in ("aigul", "bolat"))
    assert (aigul["language"], bolat["name"]) == ("ru", "Болат, редактор")
    (consent,) = aigul["subscriptions"]
    assert (
        consent["consented_at"] is None
    )  # it is not known when they said yes, only since when they were there
    assert consent["source"] == "import of subscribers.csv, in listmonk since 2021-05-01"
    assert exported(desk, "dana@example.kz")["suppression"]["reason"] == "operator"
    assert listed(desk).keys() == {"aigul@example.kz", "bolat@example.kz"}


@pytest.mark.parametrize("folder", ["", "lists/senat/"])
def test_the_archive_of_mailchimp_is_taken_over_whole(desk: Desk, folder: str) -> None:
    said = imports(desk, mailchimp_archive(folder=folder), name="audience.zip")
    assert [*outcomes(said).items()] == [  # what forbids comes first
        ("dana@example.kz", "suppressed"),
        ("chingiz@example.kz", "unsubscribed"),
        ("erlan@example.kz", "ignored"),
        ("aigul@example.kz", "added"),
        ("bolat@example.kz", "added"),
    ]
    assert {line["line"] for line in said["lines"]} == {2, 4}  # a note goes on over two lines
    assert f"audience.zip/{folder}{MAILCHIMP[0].name}" in said["lines"][0]["file"]
    facts = {name: exported(desk, f"{name}@example.kz") for name in ("aigul", "bolat", "chingiz", "dana")}
    assert facts["aigul"]["name"] == "Айгүл Серікқызы"
    consents = [facts[name]["subscriptions"][0]["consented_at"] for name in ("aigul", "bolat", "chingiz")]
    assert consents == ["2019-03-01T09:05:00Z", "2020-04-02T10:00:00Z", "2018-01-01T08:10:00Z"]
    assert facts["aigul"]["subscriptions"][0]["source"] == f"import of {MAILCHIMP[2].name}"
    assert facts["chingiz"]["subscriptions"][0]["changed_at"] == "2021-09-09T18:00:00Z"
    assert facts["dana"]["suppression"]["reason"] == "hard"
    # Whoever left there stays away, whatever another file says.
    again = imports(desk, "address\nchingiz@example.kz\ndana@example.kz\nerlan@example.kz\n")
    assert [line["outcome"] for line in again["lines"]] == ["unsubscribed earlier", "suppressed", "added"]


@pytest.mark.parametrize("path", MAILCHIMP, ids=lambda path: path.name.partition("_")[0])
def test_a_file_of_mailchimp_alone_is_known_by_its_name_or_its_columns(path: Path) -> None:
    kinds: dict[str, list[object]] = {
        "subscribed": [SubscriptionState.CONFIRMED, SubscriptionState.CONFIRMED],
        "unsubscribed": [SubscriptionState.UNSUBSCRIBED],
        "cleaned": [SuppressionReason.HARD],
        "nonsubscribed": ["never subscribed in Mailchimp"],
    }
    kind = path.name.partition("_")[0]
    data = path.read_bytes()

    def found(name: str) -> list[object]:
        return [
            row.reason
            if isinstance(row, Skipped)
            else isinstance(row, ListRow) and (row.state or row.suppressed)
            for row in read(data, name)
        ]

    assert found(path.name) == found(f"{kind.capitalize()} (1).csv") == kinds[kind]
    if kind in {"subscribed", "nonsubscribed"}:
        with pytest.raises(RefusedError, match="does not say who is in it; give it the name"):
            read(data, "renamed.csv")
    else:
        assert found("renamed.csv") == kinds[kind]


def test_a_format_that_is_asked_for_is_held_to(desk: Desk) -> None:
    path = desk.newsroom.root / "subscribed_members.csv"
    path.write_text("Email,First Name\naigul@example.kz,Айгүл\n")
    assert desk.does(f"subscribers import {path} --json").data["lines"][0]["outcome"] == "added"
    assert exported(desk, "aigul@example.kz")["name"] is None
    desk.does(f"subscribers import {path} --format mailchimp")
    assert exported(desk, "aigul@example.kz")["name"] == "Айгүл"
    assert "the status «» is unknown" in desk.does(f"subscribers import {path} --format listmonk", code=3).err


def test_what_listmonk_does_not_write_is_refused() -> None:
    head = "uuid,email,name,attributes,status"
    lines = ["{}", "[]", "[" * 50_000, "{", '"{""language"": 7, ""consented_at"": ""soon""}"']
    data = "\n".join(
        (head, *(f"u,a@example.kz,,{line},enabled" for line in lines), "u,b@example.kz,,{},lost")
    )
    rows = read(data.encode())
    assert [row.line for row in rows if isinstance(row, ListRow)] == [2]
    assert [row.cause.partition("«")[0].strip() for row in rows if isinstance(row, Unread)] == [
        "the attributes are no JSON object",
        "the attributes are no JSON",
        "the attributes are no JSON",
        "",
        "the status",
    ]


def test_a_refused_member_is_named_by_the_mail_address_and_not_by_the_postal_one() -> None:
    (row,) = read(b"Address,Email Address,LEID\nAbai 1,a@@example.kz,1\n", "subscribed.csv")
    assert isinstance(row, Unread)
    assert row.address == "a@@example.kz"


# --- what an import may change


def test_no_list_outweighs_a_reader(desk: Desk) -> None:
    desk.does(
        "subscribers add left@example.kz stays@example.kz back@example.kz chose@example.kz --language ru"
    )
    desk.does("subscribers remove left@example.kz")
    desk.does("suppressions add suppressed@example.kz")
    desk.does("subscribers add erased@example.kz")
    desk.does("subscribers erase erased@example.kz --yes")
    now = datetime.now(UTC)
    said = imports(
        desk,
        "address,name,language,state,unsubscribed_at\n"
        "left@example.kz,,,,\n"
        "suppressed@example.kz,,,,\n"
        "ERASED@example.kz,,,,\n"
        "stays@example.kz,,,unsubscribed,\n"
        f"back@example.kz,,,unsubscribed,{(now - timedelta(days=1)).isoformat()}\n"
        "chose@example.kz,Айгүл,kk,pending,\n"
        "new@example.kz,,,unsubscribed,\n"
        "new@example.kz,,,,\n",
    )
    assert [(line["outcome"], line["reason"]) for line in said["lines"]] == [
        ("unsubscribed earlier", None),
        ("suppressed", "nothing is sent there"),
        ("erased at their wish", "they come back only by themselves"),
        ("unsubscribed", None),
        ("already subscribed", f"said yes again on {now:%Y-%m-%d}"),
        ("already subscribed", None),
        ("unsubscribed", None),
        ("unsubscribed earlier", None),
    ]
    people = listed(desk)
    assert {address: each["subscriptions"]["senat-daily"] for address, each in people.items()} == {
        "left@example.kz": "unsubscribed",
        "suppressed@example.kz": "confirmed",
        "stays@example.kz": "unsubscribed",
        "back@example.kz": "confirmed",
        "chose@example.kz": "confirmed",
        "new@example.kz": "unsubscribed",
    }
    # What they chose stays; what nobody knew is filled in.
    assert (people["chose@example.kz"]["language"], people["chose@example.kz"]["name"]) == ("ru", "Айгүл")
    assert people["suppressed@example.kz"]["suppressed_at"]


def test_who_was_asked_and_stands_in_a_list_is_confirmed(desk: Desk) -> None:
    imports(desk, "address,state\na@example.kz,pending\nb@example.kz,pending\nc@example.kz,pending\n")
    said = imports(
        desk,
        "address,state,consented_at\na@example.kz,,2024-01-01\nb@example.kz,unsubscribed,\nc@example.kz,pending,\n",
    )
    assert [line["outcome"] for line in said["lines"]] == ["added", "pending", "pending"]
    (consent,) = exported(desk, "a@example.kz")["subscriptions"]
    assert (consent["state"], consent["consented_at"][:10]) == ("confirmed", "2023-12-31")  # in UTC


def test_a_consent_that_was_not_known_is_filled_in(desk: Desk) -> None:
    imports(desk, "a@example.kz\n")
    imports(desk, "address,consented_at,source\na@example.kz,2024-01-01T12:00Z,form\n")
    imports(desk, "address,consented_at,source\na@example.kz,2025-01-01T12:00Z,other\n")
    (consent,) = exported(desk, "a@example.kz")["subscriptions"]
    assert (consent["consented_at"], consent["source"]) == ("2024-01-01T12:00:00Z", "form")


def _books(desk: Desk) -> list[str]:
    with closing(sqlite3.connect(desk.database)) as database:
        tables = ("subscribers", "subscriptions", "suppressions")
        return [repr(row) for table in tables for row in database.execute(f"SELECT * FROM {table}")]  # noqa: S608


def test_an_import_may_be_repeated_and_tried_before(desk: Desk) -> None:
    path = desk.newsroom.root / "audience.zip"
    path.write_bytes(mailchimp_archive())
    desk.does("subscribers list")
    tried = desk.does(f"subscribers import {path} --dry-run -v")
    assert _books(desk) == []
    done = desk.does(f"subscribers import {path} --verbose")
    *lines, last = done.out.splitlines()
    assert tried.out.splitlines() == [*lines, f"Dry run, nothing was changed: {last}"]
    assert last == "2 added, 1 unsubscribed, 1 suppressed, 1 ignored"
    assert f"{path}/{MAILCHIMP[1].name}:2: erlan@example.kz: ignored (never subscribed in Mailchimp)" in lines
    before = _books(desk)
    again = desk.does(f"subscribers import {path}")
    assert again.out == "2 already subscribed, 1 unsubscribed earlier, 1 suppressed, 1 ignored\n"
    assert _books(desk) == before


def test_rows_without_a_digest_ask_for_one_if_there_are_several(desk: Desk) -> None:
    config = desk.newsroom.root / "config.toml"
    other = (
        config.read_text().partition("[[digests]]")[2].partition("\n[")[0].replace("senat-daily", "weekly")
    )
    config.write_text(f"{config.read_text()}\n[[digests]]{other}\n")
    path = desk.newsroom.root / "r.csv"
    path.write_text("address,digest\na@example.kz,weekly\nb@example.kz,\n")
    assert "digests here: senat-daily, weekly" in desk.does(f"subscribers import {path}", code=2).err
    desk.does(f"subscribers import {path} -d senat-daily")
    found = {address: list(each["subscriptions"]) for address, each in listed(desk).items()}
    assert found == {"a@example.kz": ["weekly"], "b@example.kz": ["senat-daily"]}
    only = desk.does("subscribers export --digest weekly").out.splitlines()
    assert [line.partition(",")[0] for line in only[1:]] == ["a@example.kz"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_import_that_is_stopped_goes_on_where_it_was(newsroom: Newsroom, number: signal.Signals) -> None:
    count = 40_000
    rows = "".join(f"r{n}@example.kz,Reader {n}\n" for n in range(count))
    (newsroom.root / "r.csv").write_text(f"address,name\n{rows}")
    desk = Desk(newsroom)

    def taken() -> int:
        if not desk.database.exists():
            return 0
        with closing(sqlite3.connect(desk.database)) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'allowances'").fetchone():
                return 0
            return int(database.execute("SELECT count(*) FROM subscriptions").fetchone()[0])

    with newsroom.start("subscribers", "import", "r.csv") as process:
        wait_for(lambda: taken() > 0)
        process.send_signal(number)
        said, _ = process.communicate(timeout=60)
    before = taken()
    assert 0 < before < count
    assert before % 1000 == 0
    if number is signal.SIGINT:
        assert process.returncode == 130
        assert said == (
            "publisher: stopped; what was taken in stays, and the next import goes on from there\n"
            f"{before} added\n"
        )
    else:
        assert process.returncode == -signal.SIGKILL
    done = desk.does(f"subscribers import {newsroom.root / 'r.csv'}")
    assert done.out == f"{count - before} added, {before} already subscribed\n"


# --- given out, and taken in again

TEXTS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), include_characters="=+-@'\"\t;,"),
    max_size=40,
).map(lambda text: " ".join(text.split()))
MOMENTS = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 — hypothesis adds the zone
    max_value=datetime(2026, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
ADDRESSES = st.from_regex(r"[a-z0-9=+'-][a-z0-9]{0,8}@[a-z]{1,9}\.kz", fullmatch=True)
ROWS = st.builds(
    ListRow,
    line=st.just(0),
    address=ADDRESSES,
    name=TEXTS.map(lambda text: text or None),
    language=st.sampled_from([None, "kk", "ru", "en"]),
    digest=st.just("senat-daily"),
    state=st.sampled_from(SubscriptionState),
    consented_at=st.none() | MOMENTS,
    source=TEXTS.map(lambda text: text or "form"),
    suppressed=st.sampled_from([None, *own._REASONS.values()]),  # noqa: SLF001
)


@given(st.lists(ROWS, max_size=5))
@example(
    [ListRow(line=0, address="=1+1@example.kz", name="'=cmd", digest="d", state=SubscriptionState.CONFIRMED)]
)
def test_what_is_written_is_read_back(rows: list[ListRow]) -> None:
    text = write_rows(rows, ListFormat.CSV)
    back = read(text.encode())
    assert not any(isinstance(row, Unread) for row in back)
    expected = [
        (row.address, row.name, row.language, row.state, row.consented_at, row.suppressed) for row in rows
    ]
    assert [
        (row.address, row.name, row.language, row.state, row.consented_at, row.suppressed)
        for row in back
        if isinstance(row, ListRow)
    ] == expected


@given(st.text(max_size=30))
@example("'=1")
@example("=1+1")
@example("\t=1")
@example("＝1")
def test_no_cell_is_a_formula_and_each_reads_back(cell: str) -> None:
    assert not guard(cell).startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert unguard(guard(cell)) == cell


def _fill(desk: Desk) -> None:
    imports(
        desk,
        "address,name,language,state,consented_at,unsubscribed_at,source,suppressed\n"
        "=1+1@example.kz,=HYPERLINK(1),ru,,2024-03-26T10:00:00.5+05:00,,@form,\n"
        'bolat@қазақстан.қаз,"Болат, «редактор»",,unsubscribed,2020-01-01,2021-01-01T00:00Z,"a ""fair""",\n'
        "chingiz@example.kz,,kk,pending,,,,\n"
        "dana@example.kz,'quoted',,,,,,hard\n"
        "erlan@example.kz,,,unsubscribed,,,,complaint\n",
    )


def test_an_export_is_taken_in_by_another_newsroom_whole(desk: Desk, tmp_path: Path) -> None:
    _fill(desk)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    desk.does(f"subscribers export --output {first}")
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.read_text().startswith("\ufeffaddress,name,")
    assert "\n'=1+1@example.kz,'=HYPERLINK(1),ru," in first.read_text()
    other = Desk(make_newsroom(tmp_path / "other"))
    said = other.does(f"subscribers import {first} --json").data
    assert (said["refused"], len(said["lines"])) == (0, 5)
    other.does(f"subscribers export --output {second}")
    assert second.read_bytes() == first.read_bytes()
    assert other.does("subscribers export").out == first.read_bytes().decode()
    rows = other.does("subscribers export --format json").data
    assert rows[0]["address"] == "=1+1@example.kz"
    assert rows == desk.does("subscribers export --format json").data
    unwritable = other.does(f"subscribers export --output {tmp_path}/no/such/../../first.csv/x", code=2)
    assert "cannot be written" in unwritable.err


@pytest.mark.parametrize("form", ["listmonk", "mailchimp"])
def test_only_those_who_get_letters_go_to_another_program(desk: Desk, tmp_path: Path, form: str) -> None:
    _fill(desk)
    path = tmp_path / "subscribed_members.csv"
    ran = desk.does(f"subscribers export --format {form} --output {path}")
    assert "4 subscriptions are left out" in ran.err
    other = Desk(make_newsroom(tmp_path / "other"))
    said = other.does(f"subscribers import {path} --json")
    assert (said.err, outcomes(said.data)) == ("", {"=1+1@example.kz": "added"})
    person = exported(other, "=1+1@example.kz")
    assert (person["name"], person["language"]) == ("=HYPERLINK(1)", "ru")
    assert person["subscriptions"][0]["consented_at"].startswith("2024-03-26T05:00:00")


@given(st.binary(max_size=300))
@example(b"PK\x03\x04")
@example(b'address\n"')
@example(b"\xff\xfe")
def test_whatever_the_bytes_are_they_are_read_or_refused(data: bytes) -> None:
    with suppress(RefusedError):
        assert all(row.line > 0 for row in read(data))


def test_an_archive_is_read_no_further_than_the_limit() -> None:
    data = _bomb()
    assert len(data) < 1 << 20
    with pytest.raises(RefusedError, match="more than"):
        list(open_sheets("a.zip", data, limit=1 << 16))
