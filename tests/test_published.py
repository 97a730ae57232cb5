"""Published files over HTTP: conditions, codings, paths, republishing, slow clients. All on real sockets."""

import asyncio
import gzip
import itertools
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
from conftest import make_newsroom, story
from hypothesis import given
from hypothesis import strategies as st
from mail_server import free_port
from playwright.sync_api import sync_playwright
from screenshots import CHROMIUM_FLAGS
from served import Reply, Served, at_own_port, serving, workers_of

from publisher.files import write_atomically
from publisher.web.conditional import parse_http_date

FEED = "senat/rss.xml"
HUB = "https://hub.example.com/"
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
Fields = Sequence[tuple[str, str]]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site at the root of its name, with a picture and a hub."""
    made = make_newsroom(tmp_path_factory.mktemp("published") / "newsroom")
    at_own_port(made)
    made.edit_config('hub = ""', f'hub = "{HUB}"')
    made.edit_config("archives = false", "archives = true")
    made.edit_config("limit = 50", "limit = 1 ")
    made.drop("meeting.txt", story("Отырыс өтті"))
    made.drop("meeting.gif", PIXEL)
    # Nobody answers at the hub's name: the ping may fail.
    assert made.run("publish").exit_code in {0, 1}
    with serving(made) as served:
        yield served


def ask(site: Served, path: str, *fields: tuple[str, str], method: str = "GET", host: str = "") -> Reply:
    """One request with these header fields and no others but Host; the path goes out as it is."""
    where = urlsplit(site.url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=20)
    connection._validate_path = lambda _: None  # type: ignore[attr-defined]  # noqa: SLF001 — we send bad ones
    try:
        connection.putrequest(method, where.path + path, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", host or where.netloc), *fields):
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def tag_of(site: Served, path: str = FEED, coding: str = "identity") -> str:
    tag = ask(site, path, ("Accept-Encoding", coding)).headers["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{32}(-gzip|-br)?"', tag)
    return str(tag)


def modified_at(site: Served) -> datetime:
    return parsedate_to_datetime(ask(site, FEED).headers["Last-Modified"])


@pytest.mark.parametrize(
    "listed",
    [
        '"{}"',
        'W/"{}"',
        '"other", "{}"',
        'W/"other" ,W/"{}","more"',
        '"with, comma", "{}"',
        ', ,"{}"',
        '"{}-gzip"',
        'W/"{}-gzip"',
        '"{}-br"',
        "*",
    ],
)
def test_who_has_the_newest_version_gets_304(site: Served, listed: str) -> None:
    full = ask(site, FEED)
    reply = ask(site, FEED, ("If-None-Match", listed.format(tag_of(site).strip('"'))))
    assert (reply.status, reply.body) == (304, b"")
    assert "Content-Length" not in reply.headers
    assert "Content-Type" not in reply.headers
    for name in ("Cache-Control", "Vary", "Last-Modified"):
        assert reply.headers[name] == full.headers[name], name


@pytest.mark.parametrize("listed", ['"other"', "{}", '"{}', '"{}x"', '"{}-zstd"', "", 'w/"{}x"', "**"])
def test_who_has_another_version_gets_the_newest(site: Served, listed: str) -> None:
    reply = ask(site, FEED, ("If-None-Match", listed.format(tag_of(site).strip('"'))))
    assert reply.status == 200
    assert reply.body == (site.newsroom.feeds / FEED).read_bytes()


def test_a_304_names_the_tag_by_which_the_reader_has_it(site: Served) -> None:
    for coding in ("identity", "gzip", "br"):
        tag = tag_of(site, coding=coding)
        for accepted in ("identity", "gzip", "br"):
            reply = ask(site, FEED, ("If-None-Match", f'W/{tag}, "x"'), ("Accept-Encoding", accepted))
            assert (reply.status, reply.headers["ETag"]) == (304, tag)


def test_lines_of_one_name_are_one_list(site: Served) -> None:
    reply = ask(site, FEED, ("If-None-Match", '"other"'), ("if-none-match", tag_of(site)))
    assert reply.status == 304


@pytest.mark.parametrize(("days", "status"), [(-1, 200), (0, 304), (1, 304), (36_500, 304)])
def test_dates_are_read_in_all_three_formats(site: Served, days: int, status: int) -> None:
    at = modified_at(site) + timedelta(days=days)
    dates = [format_datetime(at, usegmt=True), at.strftime("%a %b ") + f"{at.day:2} {at:%H:%M:%S %Y}"]
    if abs(days) < 1000:
        dates.append(at.strftime("%A, %d-%b-%y %H:%M:%S GMT"))
    for date in dates:
        assert ask(site, FEED, ("If-Modified-Since", date)).status == status, date


@pytest.mark.parametrize(("years", "status"), [(49, 304), (51, 200)])
def test_two_digits_are_a_year_at_most_fifty_years_ahead(site: Served, years: int, status: int) -> None:
    year = (datetime.now(UTC).year + years) % 100
    assert ask(site, FEED, ("If-Modified-Since", f"Sunday, 01-Mar-{year:02} 00:00:00 GMT")).status == status


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "2126-11-25T10:00:00Z",
        "Wed, 25 Nov 2126 10:00:00",
        "Wed, 25 Nov 2126 10:00:00 +0500",
        "Wed, 25 Nov 2126 25:00:00 GMT",
        "Wed, 31 Feb 2126 10:00:00 GMT",
        "Wed, 25 Қар 2126 10:00:00 GMT".encode().decode("latin-1"),
        "Wed, 25 Nov 2126 10:00:00 GMT, Wed, 25 Nov 2126 10:00:00 GMT",
        "99999999999",
    ],
)
def test_a_malformed_date_is_ignored(site: Served, date: str) -> None:
    assert ask(site, FEED, ("If-Modified-Since", date)).status == 200
    assert ask(site, FEED, ("If-Unmodified-Since", date)).status == 200


@given(st.integers(0, 4_102_444_800))
def test_every_date_is_read_back(at: int) -> None:
    date = datetime.fromtimestamp(at, UTC)
    for text in (
        formatdate(at, usegmt=True),
        date.strftime("%a %b ") + f"{date.day:2} {date:%H:%M:%S %Y}",
        date.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
    ):
        assert parse_http_date(text, lambda: date) == at


OLD, NEW = "Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"If-None-Match": '"other"', "If-Modified-Since": NEW}, 200),
        ({"If-None-Match": "{tag}", "If-Modified-Since": OLD}, 304),
        ({"If-Match": "{tag}"}, 200),
        ({"If-Match": '"other", {tag}'}, 200),
        ({"If-Match": "*"}, 200),
        ({"If-Match": "W/{tag}"}, 412),
        ({"If-Match": '"other"'}, 412),
        ({"If-Match": ""}, 412),
        ({"If-Unmodified-Since": NEW}, 200),
        ({"If-Unmodified-Since": OLD}, 412),
        ({"If-Match": "{tag}", "If-Unmodified-Since": OLD}, 200),
        ({"If-Match": "{tag}", "If-None-Match": "{tag}"}, 304),
        ({"If-Match": '"other"', "If-None-Match": "{tag}"}, 412),
        ({"If-Unmodified-Since": OLD, "If-Modified-Since": NEW}, 412),
        ({"If-Unmodified-Since": NEW, "If-Modified-Since": NEW}, 304),
    ],
)
def test_conditions_are_looked_at_in_their_order(site: Served, fields: dict[str, str], status: int) -> None:
    # RFC 9110, 13.2.2
    tag = tag_of(site)
    told = [(name, value.replace("{tag}", tag)) for name, value in fields.items()]
    for method in ("GET", "HEAD"):
        reply = ask(site, FEED, *told, method=method)
        assert reply.status == status
        assert ("ETag" in reply.headers) == (status != 412)


@pytest.mark.parametrize("path", [FEED, "", "style.css", "no/such/page", "senat", "images/{picture}"])
@pytest.mark.parametrize("coding", ["identity", "br"])
def test_head_is_get_without_the_body(site: Served, path: str, coding: str) -> None:
    path = path.format(picture=picture_of(site))
    get, head = (ask(site, path, ("Accept-Encoding", coding), method=method) for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (get.status, b"")
    assert [item for item in head.headers.items() if item[0] != "date"] == [
        item for item in get.headers.items() if item[0] != "date"
    ]
    assert int(head.headers["Content-Length"]) == len(get.body) > 0


def picture_of(site: Served) -> str:
    (picture,) = (site.newsroom.feeds / "images").iterdir()
    return picture.name


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0.001", "br"),
        ("gzip ; q=0.5 ,br; q=0.4", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0, *", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("gzip, *;q=0", "gzip"),
        ("identity;q=0, gzip", "gzip"),
        ("identity;q=0, *", "br"),
        ("identity;q=0", None),
        ("identity, gzip;q=0.5", None),
        ("deflate, zstd", None),
        ("gzip;q=2", None),
        ("gzip;q=x, br;level=1", None),
        ("gzip" + ", x" * 100, "gzip"),
    ],
)
def test_the_coding_is_the_best_that_the_reader_takes(
    site: Served, accepted: str | None, coding: str | None
) -> None:
    reply = ask(site, FEED, *([] if accepted is None else [("Accept-Encoding", accepted)]))
    assert (reply.status, reply.headers["Content-Encoding"]) == (200, coding)
    assert reply.headers["Vary"] == "accept, accept-encoding"
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    plain = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}[coding](reply.body)
    assert plain == (site.newsroom.feeds / FEED).read_bytes()
    suffix = f"-{coding}" if coding else ""
    assert reply.headers["ETag"] == f'"{sha256(plain).hexdigest()[:32]}{suffix}"'


def test_a_picture_is_sent_as_it_is_and_kept_for_ever(site: Served) -> None:
    reply = ask(site, f"images/{picture_of(site)}", ("Accept-Encoding", "gzip, br"))
    assert reply.body == PIXEL
    assert reply.headers["Content-Type"] == "image/gif"
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not {"vary", "content-encoding"} & {name.lower() for name in reply.headers}


def test_a_large_picture_arrives_whole(site: Served) -> None:
    data = os.urandom(3_000_000)
    with published(site, "images/large.jpg", data):
        for method, body in (("GET", data), ("HEAD", b"")):
            reply = ask(site, "images/large.jpg", method=method)
            assert (reply.status, reply.body == body) == (200, True)
            assert reply.headers["ETag"] == f'"{sha256(data).hexdigest()[:32]}"'
            assert reply.headers["Content-Length"] == "3000000"


@contextmanager
def published(site: Served, name: str, data: bytes) -> Iterator[Path]:
    """A file that lies in the output folder for a while."""
    path = site.newsroom.feeds / name
    write_atomically(path, data)
    try:
        yield path
    finally:
        path.unlink()


def test_a_range_is_ignored(site: Served) -> None:
    for fields in ([("Range", "bytes=0-9")], [("Range", "bytes=0-9"), ("If-Range", tag_of(site))]):
        reply = ask(site, FEED, *fields)
        assert (reply.status, reply.headers["Accept-Ranges"]) == (200, "none")
        assert reply.body == (site.newsroom.feeds / FEED).read_bytes()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get"])
def test_files_can_only_be_read(site: Served, method: str) -> None:
    for path in (FEED, "no/such/page"):
        reply = ask(site, path, method=method)
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD")


def test_options_says_what_can_be_done(site: Served) -> None:
    reply = ask(site, FEED, method="OPTIONS")
    assert (reply.status, reply.headers["Allow"], reply.body) == (204, "GET, HEAD", b"")


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("senat/rss.xml", "application/rss+xml; charset=utf-8"),
        ("senat/atom.xml", "application/atom+xml; charset=utf-8"),
        ("senat/feed.json", "application/feed+json"),
        ("senat/archive/1/atom.xml", "application/atom+xml; charset=utf-8"),
        ("feeds.opml", "text/x-opml; charset=utf-8"),
        ("news-sitemap.xml", "application/xml; charset=utf-8"),
        ("robots.txt", "text/plain; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
        ("senat/", "text/html; charset=utf-8"),
        ("senat/index.html", "text/html; charset=utf-8"),
        ("style.css", "text/css; charset=utf-8"),
        ("copy.js", "text/javascript; charset=utf-8"),
    ],
)
def test_every_kind_has_its_media_type(site: Served, path: str, media_type: str) -> None:
    reply = ask(site, path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, media_type)
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    is_for_programs = "+" in media_type or "opml" in media_type
    assert reply.headers["Access-Control-Allow-Origin"] == ("*" if is_for_programs else None)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml; charset=utf-8"),
        ("application/rss+xml, application/xml;q=0.9", "application/rss+xml; charset=utf-8"),
        ("*/*", "application/rss+xml; charset=utf-8"),
    ],
)
def test_a_browser_gets_a_feed_as_what_it_can_show(site: Served, accept: str, media_type: str) -> None:
    reply = site.ask("senat/rss.xml", headers={"Accept": accept})
    assert reply.headers["Content-Type"] == media_type
    assert reply.headers["Vary"] == "accept, accept-encoding"
    # The bytes are the same, and so is their tag.
    assert reply.headers["ETag"] == site.ask("senat/rss.xml").headers["ETag"]


def test_a_live_feed_names_its_hub_and_itself(site: Served) -> None:
    for name in ("rss.xml", "atom.xml", "feed.json"):
        self_link = f'<{site.url}senat/{name}>; rel="self"'
        assert ask(site, f"senat/{name}").headers["Link"] == f'<{HUB}>; rel="hub", {self_link}'
    for path in ("senat/archive/1/rss.xml", "senat/", "feeds.opml"):
        assert ask(site, path).headers["Link"] is None


@pytest.mark.parametrize(
    ("path", "method", "fields", "status"),
    [
        ("", "GET", (), 200),
        ("", "GET", (("If-None-Match", "*"),), 304),
        ("", "GET", (("If-Match", '"other"'),), 412),
        (FEED, "GET", (), 200),
        ("senat", "GET", (), 308),
        ("no/such/page", "GET", (), 404),
        ("", "POST", (), 405),
        ("", "OPTIONS", (), 204),
    ],
)
def test_every_answer_is_safe_and_sets_no_cookie(
    site: Served, path: str, method: str, fields: Fields, status: int
) -> None:
    reply = ask(site, path, *fields, method=method)
    assert reply.status == status
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Set-Cookie"] is None
    assert reply.headers["Strict-Transport-Security"] is None  # the site is http
    if status in {304, 404} or (path, status) == ("", 200):
        policy = reply.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in policy
        assert reply.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "geolocation=()" in reply.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "../config.toml",
        "%2e%2e/config.toml",
        "senat/../../config.toml",
        "senat/../style.css",
        "..%2fconfig.toml",
        "./style.css",
        "/style.css",
        "senat//rss.xml",
        "senat/rss.xml/",
        "senat\\rss.xml",
        "senat%5crss.xml",
        "style.css%00",
        "%00/style.css",
        "%0astyle.css",
        "style.css%20",
        "senat%252frss.xml",
        ".hidden/page.html",
        "senat/.page.html",
        ".style.css",
        "senat/rss.xml.gz",
        "senat/rss.xml.br",
        "notes.bak",
        "notes",
        "%ff.html",
        "%ed%a0%80.html",
        "a" * 300 + ".html",
        "a/" * 3000 + "a.html",
        "outside.html",
        "folder.html",
        "fifo.html",
        "outside/config.html",
        "loop.html",
    ],
)
def test_nothing_else_is_shown(site: Served, path: str) -> None:
    feeds = site.newsroom.feeds
    for name in (".hidden/page.html", "senat/.page.html", ".style.css", "notes.bak", "notes"):
        write_atomically(feeds / name, b"hidden")
    outside = site.newsroom.root / "elsewhere"
    write_atomically(outside / "config.html", b"outside")
    links = {"outside.html": outside / "config.html", "outside": outside, "loop.html": feeds / "loop.html"}
    for name, target in links.items():
        (feeds / name).unlink(missing_ok=True)
        (feeds / name).symlink_to(target)
    (feeds / "folder.html").mkdir(exist_ok=True)
    if not (feeds / "fifo.html").exists():
        os.mkfifo(feeds / "fifo.html")
    reply = ask(site, path)
    assert reply.status == 404
    assert reply.body == (feeds / "404.html").read_bytes()
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_link_within_the_folder_is_followed_until_it_leads_out(site: Served) -> None:
    with published(site, "linked.css", b"p {}") as target:
        link = target.with_name("link.css")
        link.symlink_to(target)
        assert ask(site, "link.css").body == b"p {}"
        link.unlink()
        link.symlink_to(site.newsroom.root / "elsewhere.css")
        (site.newsroom.root / "elsewhere.css").write_bytes(b"q {}")
        assert ask(site, "link.css").status == 404
        link.unlink()


def test_a_folder_leads_to_its_slash_whatever_the_host_says(site: Served) -> None:
    port = urlsplit(site.url).port
    for path, location in (("senat", "/senat/"), ("senat?utm=a&b=%0d%0ac", "/senat/?utm=a&b=%0d%0ac")):
        reply = ask(site, path, ("X-Forwarded-Host", "evil.example"), host=f"localhost:{port}")
        assert (reply.status, reply.headers["Location"]) == (308, location)
    assert ask(site, "all").status == 404  # its page is the site's own
    assert ask(site, "images").status == 404


def test_what_is_missing_is_said_in_words_if_there_is_no_page_for_it(site: Served) -> None:
    page = site.newsroom.feeds / "404.html"
    away = page.rename(page.with_name("away.html"))
    try:
        reply = ask(site, "no/such/page")
        assert (reply.status, reply.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")
    finally:
        away.rename(page)


def test_what_is_published_is_seen_at_once(site: Served) -> None:
    newsroom = site.newsroom
    before = ask(site, FEED, ("Accept-Encoding", "br"))
    newsroom.run("publish")
    assert ask(site, FEED, ("If-None-Match", before.headers["ETag"])).status == 304
    newsroom.drop("late.txt", story("Кешкі отырыс", date="27 Наурыз, 2024"))
    newsroom.run("publish")
    reply = ask(site, FEED, ("If-None-Match", before.headers["ETag"]))
    assert reply.status == 200
    assert "Кешкі отырыс" in reply.text
    assert ask(site, "nothing-yet.html").status == 404
    with published(site, "nothing-yet.html", b"<p>something</p>"):
        assert ask(site, "nothing-yet.html").body == b"<p>something</p>"
    assert ask(site, "nothing-yet.html").status == 404


def test_a_file_of_the_future_was_modified_now(site: Served) -> None:
    # RFC 9110, 8.8.2.1
    with published(site, "future.css", b"p {}") as path:
        os.utime(path, (4_102_444_800, 4_102_444_800))
        reply = ask(site, "future.css")
        last_modified = parsedate_to_datetime(reply.headers["Last-Modified"])
        assert last_modified <= parsedate_to_datetime(reply.headers["Date"])
        assert ask(site, "future.css", ("If-Modified-Since", reply.headers["Last-Modified"])).status == 304


def test_a_site_below_a_path_answers_there_and_only_there(tmp_path: Path) -> None:
    newsroom = make_newsroom(tmp_path / "newsroom")
    port = free_port()
    # Its readers come by https, through a proxy; this machine asks as the proxy does.
    newsroom.edit_config('url = "https://news.example.kz/"', f'url = "https://127.0.0.1:{port}/жаңалық/"')
    newsroom.edit_config("port = 8000", f"port = {port}")
    assert newsroom.run("publish").exit_code == 0
    root = "%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B"
    with serving(newsroom) as served:
        top = replace(served, url=f"http://127.0.0.1:{port}/")
        reply = ask(top, f"{root}/{FEED}")
        assert reply.headers["Link"] == f'<https://127.0.0.1:{port}/{root}/{FEED}>; rel="self"'
        assert reply.headers["Strict-Transport-Security"].startswith("max-age=")
        assert ask(top, f"{root}/").body == (newsroom.feeds / "index.html").read_bytes()
        assert ask(top, f"{root}?a=b").headers["Location"] == f"/{root}/?a=b"
        assert ask(top, f"{root}/senat").headers["Location"] == f"/{root}/senat/"
        for path in (FEED, "", "senat", f"{root}{FEED}", f"{root}/{root}/{FEED}"):
            assert ask(top, path).status == 404, path
        _cannot_be_read(top, root)


def _cannot_be_read(top: Served, root: str) -> None:
    """A process that may open no more files says so; it does not fall over."""
    where = urlsplit(top.url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=20)
    connection.request("GET", f"/{root}/style.css")
    assert connection.getresponse().read()
    (pid,) = workers_of(top.process.pid)
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    try:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (1, limits[1]))
        connection.request("GET", f"/{root}/copy.js")
        reply = connection.getresponse()
        assert (reply.status, reply.headers["Retry-After"]) == (503, "10")
        assert reply.read()
        assert top.process.stdout
        said = os.read(top.process.stdout.fileno(), 65_536).decode()
        assert re.search(
            r"^publisher: error: .*/copy\.js: cannot be read \(Too many open files\); ", said, re.MULTILINE
        )
        assert "Traceback" not in said
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    connection.request("GET", f"/{root}/copy.js")
    assert connection.getresponse().status == 200
    connection.close()


def test_an_address_that_is_taken_is_said(site: Served) -> None:
    ran = site.newsroom.run("serve")
    assert ran.exit_code == 3
    assert re.search(
        r"^publisher: error: 127\.0\.0\.1:\d+: cannot be listened at \(Address already in use\); ",
        ran.err,
        re.MULTILINE,
    )


class KeenReader:
    """keen_reader.py, reading the feed, and what it tells when it is stopped."""

    def __init__(self, site: Served, reads: int, pause: float = 0) -> None:
        self._told = tempfile.TemporaryFile("w+")  # noqa: SIM115 — closed below; a pipe would fill
        self._process = subprocess.Popen(
            [
                sys.executable,
                Path(__file__).with_name("keen_reader.py"),
                *map(str, (urlsplit(site.url).port, f"/{FEED}", reads, pause)),
            ],
            stdin=subprocess.PIPE,
            stdout=self._told,
        )

    @property
    def is_reading(self) -> bool:
        return self._process.poll() is None

    def let_go(self) -> None:
        """It may stop when it has read enough."""
        assert self._process.stdin
        self._process.stdin.close()

    def told(self) -> dict[str, Any]:
        with self._told as told:
            assert self._process.wait(30) == 0
            told.seek(0)
            return dict(json.load(told))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def test_100_000_reads_during_500_republishes_are_each_of_one_whole_version(site: Served) -> None:
    feed = site.newsroom.feeds / FEED
    original = feed.read_bytes()
    head, end, tail = original.rpartition(b"</channel>")
    tags = {tag_of(site)}
    readers = [KeenReader(site, 50_000) for _ in range(2)]
    versions = 0
    try:
        while any(reader.is_reading for reader in readers):
            versions += 1
            padding = "x" * (20_000 + versions * 37 % 5000)
            data = head + f"<!-- {versions} {padding} -->".encode() + end + tail
            write_atomically(feed, data)
            tag = f'"{sha256(data).hexdigest()[:32]}"'
            tags.add(tag)
            assert tag_of(site) == tag  # at once
            if versions == 500:
                for reader in readers:
                    reader.let_go()
            time.sleep(0.02)
        told = [reader.told() for reader in readers]
    finally:
        for reader in readers:
            reader.kill()
        write_atomically(feed, original)
    assert versions >= 500
    for each in told:
        assert each["faults"] == []
        assert each["reads"] >= 50_000
        assert {re.sub('-(gzip|br)"', '"', tag) for tag in each["etags"]} <= tags
        assert len(each["etags"]) > 500


ESTABLISHED = "01"


class Crowd:
    """Slow clients, and for how long the server bears with them."""

    def __init__(self, site: Served, picture: str) -> None:
        self._port = urlsplit(site.url).port
        begin = f" HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
        self._first = {  # what they say at once
            "header": f"GET /{FEED}{begin}X: ",
            "body": f"POST /subscribe{begin}{form}",
            "answer": f"GET /{picture}{begin}\r\n",
        }
        self.borne: dict[str, list[float]] = {kind: [] for kind in self._first}
        """Seconds until a client saw that it was cut."""
        self.longest_held = 0.0
        """Seconds since the first of those came who take in nothing, and whom the server has not given up."""
        self._came: dict[int, float] = {}

    async def stay(self, clients: int, seconds: float) -> None:
        """So many, a third of each kind; who sees that it was cut comes again."""
        kinds = itertools.islice(itertools.cycle(self._first), clients)
        crowd = [asyncio.create_task(self._come_again(kind)) for kind in kinds]
        await asyncio.sleep(seconds)
        held = (self._came[port] for port in self._peers() & self._came.keys())
        self.longest_held = time.monotonic() - min(held, default=time.monotonic())
        for task in crowd:
            task.cancel()
        for outcome in await asyncio.gather(*crowd, return_exceptions=True):
            assert isinstance(outcome, asyncio.CancelledError), outcome

    async def _come_again(self, kind: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with socket.socket() as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.settimeout(0)
                await loop.sock_connect(connection, ("127.0.0.1", self._port))
                await loop.sock_sendall(connection, self._first[kind].encode())
                came = time.monotonic()
                if kind == "answer":
                    self._came[connection.getsockname()[1]] = came
                    await asyncio.Event().wait()
                with suppress(ConnectionError):
                    await self._drip(connection)
                self.borne[kind].append(time.monotonic() - came)

    async def _drip(self, connection: socket.socket) -> None:
        """Send a byte now and then, until there is an answer or none will come."""
        loop = asyncio.get_running_loop()
        while True:
            await loop.sock_sendall(connection, b"x")
            with suppress(TimeoutError):
                await asyncio.wait_for(loop.sock_recv(connection, 1000), 2)
                return

    def _peers(self) -> set[int]:
        """The ports of those to whom the server holds a connection."""
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return {
            int(peer[-4:], 16)
            for _, here, peer, state, *_ in rows
            if int(here[-4:], 16) == self._port and state == ESTABLISHED
        }


def test_500_slow_clients_are_cut_and_hold_nobody_up(site: Served) -> None:
    with published(site, "images/large.jpg", os.urandom(3_000_000)):
        crowd = Crowd(site, "images/large.jpg")
        reader = KeenReader(site, 100, pause=0.005)
        try:
            asyncio.run(crowd.stay(500, 34))
            reader.let_go()
            told = reader.told()
        finally:
            reader.kill()
    assert told["faults"] == []
    assert told["reads"] > 1000
    assert told["p99"] < 100
    # A header has 10 seconds to come, a form too; of an answer, something must be taken in every 30.
    for kind in ("header", "body"):
        assert 9 < max(crowd.borne[kind]) < 14, kind
    assert crowd.longest_held < 32


@pytest.mark.browser
def test_pages_work_under_their_policy(site: Served, chromium: Path) -> None:
    (story_page, *_) = (site.newsroom.feeds / "stories").iterdir()
    said: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        page = browser.new_page()
        page.on("console", lambda message: said.append(f"{message.location['url']}: {message.text}"))
        page.on("requestfailed", lambda request: said.append(request.url))
        for path in ("", "senat/", f"stories/{story_page.name}", "senat/subscribe.html"):
            answer = page.goto(site.url + path)
            assert answer
            assert answer.headers["content-security-policy"].startswith("default-src 'self'")
            styles = page.evaluate("document.styleSheets[0].cssRules.length")
            assert styles > 10, path
        assert page.locator("button").first.is_visible()  # copy.js shows it
        browser.close()
    assert [line for line in said if "/favicon.ico: " not in line] == []
