"""The lint: what it finds in broken feeds and not in good ones, and what holds a feed of ours back."""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Newsroom, make_newsroom, story
from feeds_of_others import ATOM, GOOD, JSON, RSS, RSS_091, RSS_1
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.addresses import FeedFormat
from publisher.feeds.lint import Finding, Level, check_feed, lint_feed
from publisher.feeds.lint.rules import Rule

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(500) + b"\xff\xd9"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
GATE_RULES = {"format-other", "stories-lost", "story-redated"}


def lint(data: str | bytes, *urls: str, now: datetime = NOW) -> list[Finding]:
    return lint_feed(data.encode() if isinstance(data, str) else data, now=now, urls=urls)


def rules(findings: list[Finding]) -> list[str]:
    return sorted({finding.rule for finding in findings})


@pytest.mark.parametrize("name", GOOD)
def test_a_good_feed_of_others_is_good(name: str) -> None:
    assert lint(GOOD[name]) == []


@dataclass(frozen=True)
class Broken:
    """A good feed with one part replaced, and the rules that it breaks then."""

    feed: str
    old: str
    new: str
    rules: tuple[str, ...]

    @property
    def text(self) -> str:
        assert self.old in self.feed
        return self.feed.replace(self.old, self.new, 1)


def broken(feed: str, old: str, new: str, *found: str) -> Broken:
    return Broken(feed, old, new, found)


BROKEN = {
    # The file
    "RSS breaks off": broken(RSS, RSS[900:], "", "truncated"),
    "JSON breaks off": broken(JSON, JSON[500:], "", "truncated"),
    "a tag is not closed": broken(RSS, "</title>", "", "not-well-formed"),
    "an ampersand is not escaped": broken(RSS, "&amp;", "&", "not-well-formed"),
    "something stands before the XML": broken(RSS, "<?xml", "\n<?xml", "not-well-formed"),
    "JSON with a comma too many": broken(JSON, '"language": "en",', '"language": "en",,', "not-well-formed"),
    "XML that is no feed": broken(RSS, RSS, "<urlset><url/></urlset>", "not-a-feed"),
    "JSON that is no feed": broken(JSON, JSON, '{"name": "publisher"}', "not-a-feed"),
    "a message of the server": broken(RSS, RSS, "Warning: mysql_connect()", "not-a-feed"),
    "RSS without a channel": broken(RSS, RSS, '<rss version="2.0"/>', "not-a-feed"),
    "a web page": broken(RSS, RSS, "<!-- x -->\n<!doctype HTML><title>404</title>", "html-page"),
    "a web page in XML": broken(RSS, RSS, '<x:html xmlns:x="http://www.w3.org/1999/xhtml"/>', "html-page"),
    "nothing": broken(RSS, RSS, " \n", "empty"),
    "a control character": broken(RSS, "bear", "be\x0bar", "character-illegal"),
    "a reference to a control character": broken(RSS, "bear", "be&#11;ar", "character-illegal"),
    "such a reference in the content": broken(RSS, "<p>The", "<p>&#x1F;The", "character-illegal"),
    "such an escape in JSON": broken(JSON, "A bear", r"A b\u000bear", "character-illegal"),
    "a character read in a wrong encoding": broken(RSS, "bear", "bear\x92s", "character-control"),
    "a character that was lost": broken(RSS, "bear", "be\ufffdr", "character-lost"),
    "a name that HTML has": broken(RSS, "&amp;", "&nbsp;", "doctype"),
    "a name that the DOCTYPE might have": broken(RSS_091, "Snow", "Snow&nbsp;", "doctype"),
    "an encoding that does not exist": broken(RSS, "UTF-8", "UTF-88", "encoding-unknown"),
    "an encoding that is none": broken(RSS, "UTF-8", "base64", "encoding-unknown"),
    "an encoding of Python's own": broken(RSS, "UTF-8", "punycode", "encoding-unknown"),
    "UTF-8 that is declared as UTF-16": broken(RSS, "UTF-8", "UTF-16", "encoding-wrong"),
    "UTF-8 that is declared as Latin-1": broken(RSS_091, "old", "café", "encoding-wrong"),
    "Atom 0.3": broken(ATOM, "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#", "version-wrong"),
    "JSON Feed 2": broken(JSON, "version/1.1", "version/2", "version-wrong"),
    "RSS 3": broken(RSS, 'version="2.0"', 'version="3.0"', "version-odd"),
    "RSS in a namespace": broken(RSS, "<rss ", '<rss xmlns="http://backend.userland.com/rss2" ', "namespace"),
    # The feed
    "Atom without an id": broken(ATOM, "<id>tag:post.example.com,2024:feed</id>", "", "feed-id-missing"),
    "a feed without a title": broken(RSS, "<title>The Mountain Post</title>", "", "feed-title-missing"),
    "a feed with an empty title": broken(JSON, '"The Mountain Post"', '""', "feed-title-missing"),
    "RSS without a link": broken(RSS, "<link>https://post.example.com/</link>", "", "feed-link-missing"),
    "RSS without a description": broken(
        RSS, "<description>News from the mountains</description>", "", "feed-description-missing"
    ),
    "Atom without updated": broken(
        ATOM, "<updated>2024-03-26T11:00:00Z</updated>", "", "feed-updated-missing"
    ),
    "Atom without its page": broken(
        ATOM, '<link href="https://post.example.com/"/>', "", "feed-page-missing"
    ),
    "JSON without its page": broken(
        JSON, '"home_page_url": "https://post.example.com/",', "", "feed-page-missing"
    ),
    "no link to itself": broken(ATOM, 'rel="self"', 'rel="via"', "self-missing"),
    "RSS without a language": broken(RSS, "<language>en</language>", "", "language-missing"),
    "Atom without a language": broken(ATOM, ' xml:lang="en"', "", "language-missing"),
    "a language as programs write it": broken(RSS, ">en<", ">en_US.UTF-8<", "language-form"),
    "Atom without authors": broken(ATOM, "<author><name>Ben</name></author>", "", "author-missing"),
    "the oldest first": broken(RSS, "25 Mar 2024 09:00 EST", "27 Mar 2024 09:00 EST", "order"),
    "an archive that leads nowhere": broken(ATOM, "<entry>", "<fh:archive/><entry>", "archive-current"),
    "an archive that says it is all": broken(
        RSS,
        "<item>",
        '<fh:complete/><atom:link rel="prev-archive" href="https://x.example/"/><item>',
        "archive-complete",
    ),
    "an archive before itself": broken(
        RSS,
        "<item>",
        '<atom:link rel="prev-archive" href="https://post.example.com/rss.xml"/><item>',
        "archive-loop",
    ),
    "a tombstone without a time": broken(ATOM, ' when="2024-03-20T08:00:00Z"', "", "tombstone"),
    "JSON without items": broken(JSON, '"items": [', '"itemz": [', "items-missing"),
    "an item that is no object": broken(JSON, '"items": [', '"items": ["news",', "type-wrong"),
    "a title that is no text": broken(JSON, '"Snow & ice on the pass"', "7", "type-wrong"),
    # An entry
    "Atom without an entry's id": broken(ATOM, "<id>tag:post.example.com,2024:1</id>", "", "id-missing"),
    "an id that is no IRI": broken(ATOM, "tag:post.example.com,2024:1<", "17<", "id-form"),
    "JSON without an id": broken(JSON, '"id": "1"', '"_id": "1"', "id-missing"),
    "an id that is a number": broken(JSON, '"id": "1"', '"id": 1', "id-not-string"),
    "RDF without about": broken(
        RSS_1, '<item rdf:about="https://post.example.com/snow">', "<item>", "id-missing"
    ),
    "RSS with neither guid nor link": broken(
        RSS,
        "<link>https://post.example.com/bear</link>\n<guid>https://post.example.com/bear</guid>",
        "",
        "id-missing",
        "unlinked",
    ),
    "RSS without a guid": broken(RSS, "<guid>https://post.example.com/bear</guid>", "", "guid-missing"),
    "an id twice": broken(RSS, 'isPermaLink="false">post-2', ">https://post.example.com/bear", "id-twice"),
    "a guid that is no address": broken(RSS, 'isPermaLink="false"', 'isPermaLink="true"', "guid-no-url"),
    "a guid that does not say so": broken(RSS, ' isPermaLink="false"', "", "guid-no-url"),
    "Atom without a title": broken(ATOM, "<title>A bear was seen</title>", "", "title-missing"),
    "Atom with an empty title": broken(ATOM, "A bear was seen</title>", "</title>", "untitled"),
    "RSS without a title": broken(RSS, "<title>A bear was seen</title>", "", "untitled"),
    "RSS with nothing to read": broken(
        RSS_091,
        RSS_091[RSS_091.index("<title>Snow") : RSS_091.index("</item>")],
        "<link>https://post.example.com/snow</link>",
        "title-missing",
    ),
    "a tag in a title": broken(RSS, "A bear", "A &lt;b>bear&lt;/b>", "title-markup"),
    "a reference in a title": broken(JSON, "Snow & ice", "Snow &#38; ice", "title-markup"),
    "a type that Atom does not know": broken(
        ATOM, '<title type="html">', '<title type="text/html">', "text-type"
    ),
    "XHTML without its namespace": broken(ATOM, ' xmlns="http://www.w3.org/1999/xhtml"', "", "xhtml-div"),
    "Atom without a link": broken(ATOM, '<link href="https://post.example.com/snow"/>', "", "unlinked"),
    "Atom without a link and content": broken(
        ATOM,
        ATOM[ATOM.index('<link href="seen.html"/>') : ATOM.index("</entry>\n</feed>")],
        "",
        "link-missing",
    ),
    "RDF without a link": broken(RSS_1, "<link>https://post.example.com/snow</link>", "", "link-missing"),
    "JSON without a url": broken(JSON, '"url": "https://post.example.com/bear",', "", "unlinked"),
    "a relative link": broken(RSS, ">https://post.example.com/snow<", ">/snow<", "link-relative"),
    "a link without a scheme": broken(
        RSS, ">https://post.example.com/snow<", ">post.example.com/snow<", "link-relative"
    ),
    "a link that no base completes": broken(
        ATOM, ' xml:base="https://post.example.com/bears/"', "", "content-relative", "link-relative"
    ),
    "a relative picture in JSON": broken(
        JSON, '"url": "https://post.example.com/snow"', '"image": "/snow.jpg"', "link-relative", "unlinked"
    ),
    "a link that is a script": broken(
        RSS, ">https://post.example.com/snow<", ">java\nscript:alert(1)<", "link-scheme"
    ),
    "a link with a space": broken(RSS, "example.com/snow<", "example.com/snow and ice<", "link-form"),
    "a link without a host": broken(
        RSS, "<link>https://post.example.com/snow<", "<link>https:/snow<", "link-form"
    ),
    "Atom without an entry's updated": broken(
        ATOM, "<updated>2024-03-25T09:00:00Z</updated>", "", "updated-missing"
    ),
    "RSS without a date": broken(RSS, "<pubDate>25 Mar 2024 09:00 EST</pubDate>", "", "undated"),
    "JSON without a date": broken(JSON, ',\n"date_published": "2024-03-25T09:00:00Z"', "", "undated"),
    "an ISO date in RSS": broken(RSS, "25 Mar 2024 09:00 EST", "2024-03-25T09:00:00Z", "date-form"),
    "a date without a zone": broken(RSS, "09:00 EST", "09:00", "date-form"),
    "a Russian date": broken(RSS, "25 Mar", "25 марта", "date-form"),
    "a day that does not exist": broken(RSS, "25 Mar", "31 Feb", "date-form"),
    "an RFC 822 date in Atom": broken(
        ATOM, ">2024-03-26T11:00:00Z<", ">Tue, 26 Mar 2024 11:00:00 GMT<", "date-form"
    ),
    "an Atom date without seconds": broken(ATOM, "11:00:00Z", "11:00Z", "date-form"),
    "a JSON date without a time": broken(JSON, "2024-03-25T09:00:00Z", "2024-03-25", "date-form"),
    "a year of two digits": broken(RSS, "25 Mar 2024", "25 Mar 24", "date-short-year"),
    "a Tuesday that was a Friday": broken(
        RSS, "Tue, 26 Mar 2024 10:30", "Fri, 26 Mar 2024 10:30", "date-weekday"
    ),
    "a story of next year": broken(
        RSS, "Tue, 26 Mar 2024 10:30:00 +0500", "26 Mar 2027 10:30:00 +0500", "date-future"
    ),
    "a feed of next year": broken(
        ATOM, "<updated>2024-03-26T11:00:00Z", "<updated>2027-03-26T11:00:00Z", "date-future"
    ),
    "two dates": broken(RSS, "<dc:creator>", "<dc:date>2024-03-26</dc:date><dc:creator>", "date-twice"),
    "updated before it was published": broken(
        ATOM, "<published>2024-03-25T09", "<published>2024-03-25T10", "dates-crossed"
    ),
    "two updated at once": broken(
        ATOM, "2024-03-26T11:30:00+05:00", "2024-03-25T09:00:00.5-00:00", "dates-crossed", "updated-twice"
    ),
    "an enclosure without an address": broken(
        RSS, 'url="https://post.example.com/snow.jpg"', "", "enclosure-url"
    ),
    "an attachment without an address": broken(
        JSON, '"url": "https://post.example.com/snow.mp3", ', "", "enclosure-url"
    ),
    "an enclosure without a length": broken(RSS, ' length="2048"', "", "enclosure-length"),
    "an enclosure of two kilobytes": broken(RSS, '"2048"', '"2 KB"', "enclosure-length"),
    "an attachment of two kilobytes": broken(JSON, "2048", '"2 KB"', "enclosure-length"),
    "an enclosure without a type": broken(RSS, ' type="image/jpeg"', "", "enclosure-type"),
    "an attachment without a type": broken(JSON, '"mime_type": "audio/mpeg", ', "", "enclosure-type"),
    "two enclosures": broken(
        RSS,
        "<enclosure",
        '<enclosure url="https://post.example.com/a.jpg" length="0" type="image/jpeg"/><enclosure',
        "enclosures",
    ),
    "an author without an address": broken(RSS, "ann@post.example.com (Ann)", "Ann", "author-form"),
    "JSON without content": broken(JSON, '"content_text"', '"text"', "content-missing"),
    "the content before the description": broken(
        RSS,
        "<description>The pass is closed.</description>",
        "<content:encoded>No.</content:encoded><description>Yes.</description>",
        "content-order",
    ),
    "a script": broken(RSS, "<p>The", "<script>track()</script><p>The", "content-script"),
    "a script with a prefix": broken(
        ATOM, "<p>It", '<h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script><p>It', "content-script"
    ),
    "an event": broken(RSS, "<p>The", "<p title='>' OnClick = alert(1)>The", "content-event"),
    "an event behind a slash": broken(RSS, "<p>The", "<svg/onload=alert(1)><p>The", "content-event"),
    "a script in a link": broken(RSS, "<p>The", '<a href=" &#106;avascript:alert(1)">The', "content-link"),
    "data in a link": broken(JSON, "<p>The", "<a href='data:text/html,x'>The", "content-link"),
    "a relative link in the content": broken(
        RSS, "https://post.example.com/pass", "/pass", "content-relative"
    ),
    "a picture without a scheme": broken(
        JSON, "<p>The", "<img src='//x.example/a.png'><p>The", "content-relative"
    ),
    "a frame": broken(RSS, "<p>The", '<iframe src="https://x.example/"></iframe><p>The', "content-frame"),
    "a style sheet": broken(RSS, "<p>The", "<style>p > a { top: 0 }</style><p>The", "content-style"),
    "a style attribute": broken(JSON, "<p>The", "<p style='top: 0'>The", "content-style"),
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_feed_breaks_these_rules_and_no_others(case: Broken) -> None:
    assert rules(lint(case.text)) == sorted(case.rules)


def test_every_rule_has_a_feed_that_breaks_it() -> None:
    covered = {rule for case in BROKEN.values() for rule in case.rules}
    elsewhere = GATE_RULES | {"large", "too-large", "byte-order-mark", "self-elsewhere"}
    assert covered | elsewhere == {rule.id for rule in Rule}
    assert not covered & elsewhere


def test_a_finding_says_where_what_and_how_to_mend() -> None:
    (entry,) = lint(
        RSS.replace("<title>Snow", "<title>Snow \u202e and " + "ice " * 20).replace("post-2<", "<")
    )
    assert entry == Finding(
        rule="guid-missing",
        level=Level.WARNING,
        place='entry 1 "Snow � and ice ice ice ice ice ice ice…"',
        cause="has no guid",
        hint="give it a <guid>: without one, an edited link makes it a new story",
    )
    assert str(entry.at("rss.xml")).startswith('rss.xml: entry 1 "Snow')
    (line,) = lint(RSS.replace("&amp;", "&"))
    assert (line.level, line.place) == (Level.ERROR, "line 12")
    (json_line,) = lint(JSON.replace('"language": "en",', ""","language": en","""))
    assert (json_line.rule, json_line.place) == ("not-well-formed", "line 6")
    (whole,) = lint(RSS.replace("<language>en</language>", ""))
    assert (whole.place, str(whole.at("rss.xml"))) == ("", f"rss.xml: {whole.cause}; {whole.hint}")


def test_size_matters() -> None:
    padding = "<!--" + " " * 1_000_000 + "-->\n"
    assert rules(lint(padding + RSS[RSS.index("<rss") :])) == ["large"]
    assert rules(lint(b" " * (20 << 20) + b"<")) == ["too-large"]
    many = b"<item/>" * 100_000
    for crowd in (
        b"<rss version='2.0'><channel>" + many + b"</channel></rss>",
        ("<rss version='2.0'><channel>" + many.decode() + "</channel></rss>").encode("utf-16"),
        b"<rss version='2.0'><channel><item>" + b"<category/>" * 600_000 + b"</item></channel></rss>",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"1," * 100_000 + b"1]}",
    ):
        assert "too-large" in rules(lint(crowd))


def test_json_has_no_byte_order_mark_and_no_encoding_but_utf8() -> None:
    assert rules(lint(b"\xef\xbb\xbf" + JSON.encode())) == ["byte-order-mark"]
    assert rules(lint(JSON.encode("utf-16"))) == ["encoding-wrong"]


def test_the_rest_of_a_feed_with_broken_bytes_is_checked_too() -> None:
    for feed in (RSS, JSON):
        data = feed.replace("2024-03-25T09", "09").replace("25 Mar 2024", "Mar").encode()
        found = lint(data.replace(b"bear was", b"b\xd0\xffear was"))
        assert rules(found) == ["date-form", "encoding-wrong"]
        assert next(finding.place for finding in found if finding.rule == "encoding-wrong").startswith(
            "line "
        )


def test_a_fetched_feed_should_name_where_it_was_fetched_from() -> None:
    own = "https://post.example.com/rss.xml"
    assert rules(lint(RSS, "https://elsewhere.example.com/feed")) == ["self-elsewhere"]
    assert lint(RSS, own) == []
    assert lint(RSS, "https://short.example.com/", own) == []


def test_a_clock_may_be_a_little_wrong() -> None:
    for ahead, found in ((timedelta(minutes=4), []), (timedelta(minutes=6), ["date-future"])):
        at = (NOW + ahead).isoformat().replace("+00:00", "Z")
        assert rules(lint(ATOM.replace("2024-03-26T11:00:00Z", at))) == found


def test_newest_first_goes_by_either_date() -> None:
    """RFC 4287 says of neither that it decides."""
    by_update = ATOM.replace("<published>2024-03-25T09:00:00Z", "<published>2024-03-25T08:00:00Z")
    by_update = by_update.replace(
        "<published>2024-03-26T10:30:00.25+05:00", "<published>2024-03-24T10:30:00Z"
    )
    assert lint(by_update) == []
    neither = by_update.replace("2024-03-25T09:00:00Z</updated>", "2024-03-26T09:00:00Z</updated>")
    assert rules(lint(neither)) == ["order"]


@pytest.mark.parametrize(
    "name",
    ["<!DOCTYPE", "<!--" + "-" * 200_000 + "x--><!DOCTYPE", "<?x ?>\n<!DOCTYPE"],
    ids=["", "far", "behind"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_nothing_that_a_stranger_declares_is_expanded(name: str, encoding: str) -> None:
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 40))
    bomb = f'{name} rss SYSTEM "a>[\'b" [<!ENTITY e0 "boom">{steps}]><rss version="2.0" x="&e39;">&e39;</rss>'
    assert rules(lint(bomb.encode(encoding))) == ["doctype"]


def test_nothing_that_a_stranger_declares_is_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for doctype in (
            f'<!DOCTYPE rss SYSTEM "{url}">',
            f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{url}">]>',
            f'<!DOCTYPE rss [<!ENTITY % x SYSTEM "{url}"> %x;]>',
            f'<?xml-stylesheet href="{url}"?><!DOCTYPE rss SYSTEM "file:///etc/passwd">',
        ):
            found = lint(RSS.replace("<rss", f"{doctype}<rss", 1).replace("A bear", "A &x; bear"))
            assert rules(found) == ["doctype"]
        with pytest.raises(BlockingIOError):
            server.accept()


def test_depth_is_bounded() -> None:
    assert rules(lint(RSS.replace("A bear", "<b>" * 100_000))) == ["not-well-formed"]
    assert rules(lint('{"items":' + "[" * 100_000)) == ["not-well-formed"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "part", ["<a '", '<a "', "<a b=\"c' ", "<!--", "<script", "&#", "<a\n", "</", "<![CDATA["]
)
def test_content_of_any_shape_takes_no_time(part: str) -> None:
    text = part * 50_000
    assert lint(JSON.replace("A bear", text.replace('"', r"\"").replace("\n", " "))) == []
    json = JSON.replace("<p>The", text.replace('"', r"\"").replace("\n", " "))
    assert "not-well-formed" not in rules(lint(json))


def is_printable(finding: Finding) -> bool:
    return all(text.isprintable() for text in (finding.place, finding.cause, finding.hint))


REAL = [*GOOD.values()]
RULE_IDS = {rule.id for rule in Rule}


@settings(deadline=None, derandomize=True, database=None)
@given(st.binary())
def test_any_bytes_have_findings(data: bytes) -> None:
    found = lint(data)
    assert found
    assert all(is_printable(finding) and finding.rule in RULE_IDS for finding in found)


@settings(max_examples=600, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(REAL), st.data())
def test_a_mutated_feed_never_stops_the_lint(feed: bytes, data: st.DataObject) -> None:
    words = st.sampled_from(
        [
            b"<",
            b">",
            b"&",
            b'"',
            b"\\u000",
            b"]]>",
            b"null",
            b"-1e999",
            b"[",
            b"{}",
            b"9999-12-31T23:59:59-23:59",
            b"\0",
        ]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(feed)))
        length = data.draw(st.sampled_from([0, 1, 2, 10, 100, len(feed)]))
        put = data.draw(words | st.binary(max_size=4) | st.just(feed[start : start + length] * 2))
        feed = feed[:start] + put + feed[start + length :]
    assert all(is_printable(finding) and finding.rule in RULE_IDS for finding in lint(feed))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """All that our feeds can hold: every language, a picture, a correction, a withdrawn story, tags."""
    newsroom = make_newsroom(tmp_path_factory.mktemp("lint") / "newsroom")
    newsroom.edit_config("tags = []", 'tags = ["Бюджет"]')
    newsroom.drop("қазақша.jpg", JPEG)
    newsroom.drop("қазақша.txt", story("Бюджет қаралды", "Мәтін.", date="1 Сәуір, 2024"))
    front = "---\ntitle: Комитет обсудил бюджет\ndate: 2024-04-02T10:00+05:00\ntags: [Бюджет]\n---\n\n"
    newsroom.drop("по-русски.md", f"{front}Читайте [на сайте](https://news.example.kz/) и [рядом](/map).\n")
    newsroom.drop("arabic.txt", story("سەنات كوميتەتى بيۋدجەت تۇسىمدەرىن قارادى", "كوميتەت تالقىلاندى."))
    newsroom.drop("gone.txt", story("Қате жаңалық", date="3 Сәуір, 2024"))
    assert newsroom.run("publish").exit_code == 0
    newsroom.drop("қазақша.txt", story("Бюджет қабылданды", "Жаңа мәтін.", date="1 Сәуір, 2024"))
    assert newsroom.run("articles", "withdraw", "gone.txt").exit_code == 0
    assert newsroom.run("publish").exit_code == 0
    return newsroom


def own_feeds(newsroom: Newsroom) -> dict[str, bytes]:
    names = {format_.filename for format_ in FeedFormat}
    return {path: data for path, data in newsroom.snapshot().items() if Path(path).name in names}


def test_our_own_feeds_have_no_findings_at_all(published: Newsroom) -> None:
    feeds = own_feeds(published)
    assert {"all/rss.xml", "senat/atom.xml", "tags/byudzhet/feed.json"} <= feeds.keys()
    now = datetime.now(UTC)
    found = {path: lint(data, f"https://news.example.kz/{path}", now=now) for path, data in feeds.items()}
    assert {path: findings for path, findings in found.items() if findings} == {}


def test_our_own_feeds_of_every_real_file_have_no_errors(newsroom: Newsroom) -> None:
    for folder in ("samples", "layouts", "formats"):
        for path in (Path(__file__).parent / folder).iterdir():
            if path.suffix not in {".golden", ".jsonl"}:
                newsroom.drop(f"{folder}-{path.name}", path.read_bytes())
    assert newsroom.run("publish").exit_code == 1  # some are there to be refused
    feeds, now = own_feeds(newsroom), datetime.now(UTC)
    assert len(feeds) > 30
    found = [finding for data in feeds.values() for finding in lint(data, now=now)]
    # The newspaper gave two of them the same minute.
    assert {(finding.rule, finding.level) for finding in found} == {("updated-twice", Level.WARNING)}


class TestGate:
    """What holds back a new version of a feed of ours."""

    def check(
        self,
        data: bytes,
        previous: bytes | None,
        known: set[str] | None = None,
        format_: FeedFormat = FeedFormat.ATOM,
    ) -> list[str]:
        return rules(
            check_feed(data, previous, format_, known=lambda _: known or set(), now=datetime.now(UTC))
        )

    @pytest.mark.parametrize("format_", FeedFormat)
    def test_a_good_feed_passes(self, published: Newsroom, format_: FeedFormat) -> None:
        good = (published.feeds / "senat" / format_.filename).read_bytes()
        assert self.check(good, None, format_=format_) == []
        assert self.check(good, good, format_=format_) == []
        assert self.check(good, b"<torn", format_=format_) == []

    def test_a_torn_feed_does_not(self) -> None:
        assert self.check(ATOM.encode()[:-20], None) == ["truncated"]

    def test_a_feed_of_another_format_does_not(self) -> None:
        assert self.check(RSS.encode(), None) == ["format-other"]

    def test_a_story_twice_does_not(self) -> None:
        entry = ATOM[ATOM.index("<entry") : ATOM.index("</entry>") + 8]
        assert self.check(ATOM.replace(entry, entry * 2).encode(), None) == ["id-twice"]

    def test_a_story_from_the_future_does_not(self) -> None:
        later = ATOM.replace("2024-03-26T", "2124-03-26T").encode()
        assert self.check(later, None) == ["date-future"]

    def test_a_warning_keeps_nothing_back(self) -> None:
        assert self.check(ATOM.replace(' xml:lang="en"', "").encode(), ATOM.encode()) == []

    def test_a_lost_story_does_not_unless_the_store_knows_it(self) -> None:
        before, one = ATOM.encode(), "tag:post.example.com,2024:1"
        without = ATOM[: ATOM.rindex("<entry")] + "</feed>"
        assert self.check(without.encode(), before) == ["stories-lost"]
        assert self.check(without.encode(), before, {one}) == []
        asked: list[set[str]] = []

        def known(ids: Collection[str]) -> set[str]:
            asked.append(set(ids))
            return set()

        check_feed(without.encode(), before, FeedFormat.ATOM, known=known, now=NOW)
        assert asked == [{one}]

    def test_an_empty_feed_does_not_after_one_with_stories(self) -> None:
        empty = ATOM[: ATOM.index("<entry")].replace("<title>", "<author/><title>") + "</feed>"
        assert self.check(empty.encode(), ATOM.encode()) == ["stories-lost"]
        assert self.check(empty.encode(), empty.encode()) == []

    @pytest.mark.parametrize(
        ("format_", "feed", "old", "new"),
        [
            (FeedFormat.ATOM, ATOM, "<published>2024-03-25T09", "<published>2024-03-25T08"),
            (FeedFormat.RSS, RSS, "10:30:00 +0500", "10:30:01 +0500"),
            (FeedFormat.JSON, JSON, '"date_published": "2024-03-25T09', '"date_published": "2024-03-24T09'),
        ],
    )
    def test_a_story_with_another_date_does_not(
        self, format_: FeedFormat, feed: str, old: str, new: str
    ) -> None:
        assert old in feed
        assert self.check(feed.replace(old, new).encode(), feed.encode(), format_=format_) == [
            "story-redated"
        ]

    def test_the_same_instant_in_another_zone_is_no_other_date(self) -> None:
        moved = RSS.replace("10:30:00 +0500", "11:30:00 +0600")
        assert self.check(moved.encode(), RSS.encode(), format_=FeedFormat.RSS) == []


def test_a_feed_that_is_held_back_says_why_and_how_to_mend(newsroom: Newsroom) -> None:
    assert newsroom.run("publish").exit_code == 0
    path = newsroom.feeds / "all/atom.xml"
    before = path.read_bytes().replace(b"<published>2024-03-26", b"<published>2024-03-25")
    path.write_bytes(before)
    newsroom.drop("new.txt", story("Жаңа жиын", section="Қоғам"))
    ran = newsroom.run("publish")
    assert ran.exit_code == 1
    (line,) = ran.err.splitlines()
    assert line.startswith(
        'publisher: error: all/atom.xml: entry 2 "Мәулен Әшімбаев АҚШ Конгресі сенаторыме…": was'
    )
    assert "; the last good version stays; give it back its date" in line
    assert path.read_bytes() == before
