"""The rules that every feed of the suite is held to: they refuse what is wrong, and nothing else."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from conftest import ROOT, Newsroom
from feed_rules import check_feed_file
from feedgen.feed import FeedGenerator

ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:x="https://example.org/x" xml:lang="kk">
  <id>urn:uuid:845455c8-097c-5ea4-af00-04969141e8ee</id>
  <title>Жаңалықтар</title>
  <subtitle type="html">Күн &lt;b&gt;жаңалықтары&lt;/b&gt;</subtitle>
  <updated>2024-03-26T10:00:00+05:00</updated>
  <author><name>Редакция</name><uri>https://example.org/</uri><email>a@example.org</email></author>
  <generator uri="https://example.org/g" version="1">g</generator>
  <icon>icon.png</icon>
  <link rel="self" type="application/atom+xml" href="https://example.org/atom.xml"/>
  <link href="https://example.org/"/>
  <x:plain>1</x:plain>
  <x:rich at="1"><x:inner/></x:rich>
  <entry xml:lang="ru">
    <id>tag:example.org,2024:1</id>
    <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Заң <em>2</em></div></title>
    <published>2024-03-26T09:59:59.5Z</published>
    <updated>2024-03-26T10:00:00+05:00</updated>
    <category term="a" scheme="https://example.org/s" label="A"/>
    <link rel="alternate" type="text/html" hreflang="ru" href="https://example.org/1"/>
    <link rel="enclosure" type="image/png" length="70" href="https://example.org/1.png"/>
    <content type="html">&lt;p&gt;Мәтін&lt;/p&gt;</content>
    <x:rich at="1"/>
  </entry>
  <entry>
    <id>tag:example.org,2024:2</id>
    <title>Екінші</title>
    <updated>2024-03-26T10:00:01+05:00</updated>
    <summary>Қысқаша</summary>
    <content src="https://example.org/2.pdf" type="application/pdf"/>
  </entry>
</feed>
"""
ENTRY_ID = "<id>tag:example.org,2024:1</id>"
CONTENT = '<content type="html">&lt;p&gt;Мәтін&lt;/p&gt;</content>'
SECOND = '<content src="https://example.org/2.pdf" type="application/pdf"/>'
AUTHOR = "<author><name>Редакция</name><uri>https://example.org/</uri><email>a@example.org</email></author>"

ATOM_FAULTS = {
    "it is cut off": ("</feed>\n", ""),
    "another namespace": ("www.w3.org/2005/Atom", "purl.org/atom/ns#"),
    "no id": ("<id>urn:uuid:845455c8-097c-5ea4-af00-04969141e8ee</id>", ""),
    "no title": ("<title>Жаңалықтар</title>", ""),
    "two titles": ("<title>Екінші</title>", "<title>Екінші</title><title>Екінші</title>"),
    "no updated": ("<updated>2024-03-26T10:00:01+05:00</updated>", ""),
    "a date without an offset": ("10:00:01+05:00", "10:00:01"),
    "a date in small letters": ("2024-03-26T09:59:59.5Z", "2024-03-26t09:59:59.5z"),
    "a date with white space": ("<published>2024", "<published> 2024"),
    "a date with the hour 24": ("T09:59:59.5Z", "T24:00:00Z"),
    "a day that never was": ("2024-03-26T09", "2024-02-30T09"),
    "an RSS date": ("2024-03-26T10:00:01+05:00", "Tue, 26 Mar 2024 10:00:01 +0500"),
    "nobody wrote it": (AUTHOR, ""),
    "an author without a name": ("<name>Редакция</name>", ""),
    "an author as RSS has it": (AUTHOR, "<author>a@example.org (Редакция)</author>"),
    "an e-mail address that is none": ("a@example.org", "example.org"),
    "a relative id": (ENTRY_ID, "<id>1</id>"),
    "an empty id": (ENTRY_ID, "<id/>"),
    "an id with white space": (ENTRY_ID, "<id> tag:example.org,2024:1 </id>"),
    "one id twice": (ENTRY_ID, "<id>tag:example.org,2024:2</id>"),
    "a link without an address": (' href="https://example.org/1"', ""),
    "an address with white space": ("https://example.org/1.png", "https://example.org/1 2.png"),
    "a length in words": ('length="70"', 'length="70 bytes"'),
    "a media type that is none": ('type="image/png"', 'type="png"'),
    "a language that is none": ('xml:lang="ru"', 'xml:lang="по-русски"'),
    "an attribute nobody defined": ('rel="self"', 'rel="self" isPermaLink="true"'),
    "an element nobody defined": ("<title>Екінші</title>", "<title>Екінші</title><pubDate>x</pubDate>"),
    "an element of another place": ("<icon>icon.png</icon>", "<published>2024-03-26T10:00:00Z</published>"),
    "metadata after an entry": ("</feed>", "<rights>Бізге</rights></feed>"),
    "an extension after an entry": ("</feed>", "<x:plain/></feed>"),
    "text between the elements": ("<entry>", "мәтін<entry>"),
    "a text type that is none": ('<title type="xhtml">', '<title type="CDATA">'),
    "a text type of content": ('<subtitle type="html">', '<subtitle type="text/html">'),
    "markup in a plain title": ("<title>Екінші</title>", "<title><b>Екінші</b></title>"),
    "markup in HTML": (CONTENT, '<content type="html"><p>Мәтін</p></content>'),
    "markup without a type": (CONTENT, "<content><x:p/></content>"),
    "XHTML without its div": (CONTENT, '<content type="xhtml">Мәтін</content>'),
    "XHTML of no namespace": ('<div xmlns="http://www.w3.org/1999/xhtml">', "<div>"),
    "content that is here and there": (SECOND, SECOND.replace("/>", ">Мәтін</content>")),
    "content there, of a text type": ('type="application/pdf"', 'type="html"'),
    "content there, without a summary": ("<summary>Қысқаша</summary>", ""),
    "content in Base64 that is none": (CONTENT, '<summary/><content type="image/png">!</content>'),
    "content in Base64, without a summary": (CONTENT, '<content type="image/png">QUJD</content>'),
    "content of many parts": (CONTENT, '<summary/><content type="multipart/mixed">QUJD</content>'),
    "neither content nor a link": (SECOND, ""),
    "two alternates of one kind": (ENTRY_ID, ENTRY_ID + '<link hreflang="ru" type="text/html" href="/2"/>'),
    "a category without a term": ('term="a" ', ""),
    "a category as RSS has it": (
        '<category term="a" scheme="https://example.org/s" label="A"/>',
        "<category>a</category>",
    ),
}

JSON_FEED: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Жаңалықтар",
    "home_page_url": "https://example.org/",
    "feed_url": "https://example.org/feed.json",
    "description": "Күн жаңалықтары",
    "user_comment": "x",
    "next_url": "https://example.org/archive/1/feed.json",
    "icon": "https://example.org/icon.png",
    "favicon": "https://example.org/favicon.png",
    "authors": [{"name": "Редакция", "url": "mailto:a@example.org"}, {"avatar": "https://example.org/a.png"}],
    "language": "kk-Latn",
    "expired": False,
    "hubs": [{"type": "WebSub", "url": "https://hub.example.org/"}],
    "_example": {"about": "https://example.org/extension", "items": [{"id": "1"}]},
    "items": [
        {
            "id": "urn:uuid:1",
            "url": "https://example.org/1",
            "external_url": "https://example.com/",
            "title": "Бірінші",
            "content_html": "<p>Мәтін</p>",
            "content_text": "Мәтін",
            "summary": "Қысқаша",
            "image": "https://example.org/1.png",
            "banner_image": "https://example.org/2.png",
            "date_published": "2024-03-26T10:00:00+05:00",
            "date_modified": "2024-03-26T05:00:00.25Z",
            "author": {"name": "Айгүл"},
            "authors": [{"name": "Айгүл"}],
            "tags": ["Сенат", ""],
            "language": "kk-Arab",
            "attachments": [
                {
                    "url": "https://example.org/1.mp3",
                    "mime_type": "audio/mpeg",
                    "title": "Дыбыс",
                    "size_in_bytes": 70,
                    "duration_in_seconds": 1.5,
                }
            ],
            "_example": {"explicit": False},
        },
        {"id": "2", "content_text": ""},
    ],
}

Edit = Callable[[dict[str, Any]], object]


def first(feed: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = feed["items"][0]
    return item


JSON_FAULTS: dict[str, Edit] = {
    "no version": lambda feed: feed.pop("version"),
    "another version": lambda feed: feed.update(version="https://jsonfeed.org/version/2"),
    "no title": lambda feed: feed.pop("title"),
    "no items": lambda feed: feed.pop("items"),
    "items in an object": lambda feed: feed.update(items={}),
    "a title that is no text": lambda feed: feed.update(title=None),
    "a relative address": lambda feed: feed.update(home_page_url="/"),
    "an address with white space": lambda feed: first(feed).update(url="https://example.org/a b"),
    "pages that go round": lambda feed: feed.update(next_url=feed["feed_url"]),
    "expired in words": lambda feed: feed.update(expired="false"),
    "an author that is a name": lambda feed: feed.update(authors=["Редакция"]),
    "an author without anything": lambda feed: feed.update(authors=[{}]),
    "authors in an object": lambda feed: feed.update(authors={"name": "Редакция"}),
    "an author's unknown key": lambda feed: feed["authors"][0].update(email="a@example.org"),
    "a language that is none": lambda feed: feed.update(language="kk_KZ"),
    "a hub without a type": lambda feed: feed["hubs"][0].pop("type"),
    "a key nobody defined": lambda feed: feed.update(link="https://example.org/"),
    "a misspelt key": lambda feed: first(feed).update(date_publish="2024-03-26T10:00:00Z"),
    "an extension without its underscore": lambda feed: feed.update(example={}),
    "an extension without a name": lambda feed: feed.update(_={}),
    "an extension named by a digit": lambda feed: feed.update(_1={}),
    "an extension that is no object": lambda feed: feed.update(_example=True),
    "a dot in an extension": lambda feed: feed["_example"].update({"a.b": 1}),
    "an underscore in an extension": lambda feed: feed["_example"].update({"_about": ""}),
    "an item without an id": lambda feed: first(feed).pop("id"),
    "an id that is a number": lambda feed: first(feed).update(id=1),
    "an empty id": lambda feed: first(feed).update(id=""),
    "one id twice": lambda feed: first(feed).update(id="2"),
    "an item without content": lambda feed: feed["items"][1].pop("content_text"),
    "an item that is a text": lambda feed: feed["items"].append("x"),
    "content that is no text": lambda feed: first(feed).update(content_html=["<p>"]),
    "a day without a time": lambda feed: first(feed).update(date_published="2024-03-26"),
    "a time without an offset": lambda feed: first(feed).update(date_published="2024-03-26T10:00:00"),
    "an RSS date": lambda feed: first(feed).update(date_modified="Tue, 26 Mar 2024 10:00:00 +0500"),
    "a time in seconds": lambda feed: first(feed).update(date_modified=1711429200),
    "tags in a text": lambda feed: first(feed).update(tags="a, b"),
    "a tag that is a number": lambda feed: first(feed).update(tags=[1]),
    "an attachment without an address": lambda feed: first(feed)["attachments"][0].pop("url"),
    "an attachment without a type": lambda feed: first(feed)["attachments"][0].pop("mime_type"),
    "a size in words": lambda feed: first(feed)["attachments"][0].update(size_in_bytes="70"),
    "a size below nothing": lambda feed: first(feed)["attachments"][0].update(size_in_bytes=-1),
    "an attachment's unknown key": lambda feed: first(feed)["attachments"][0].update(length=70),
}

JSON_BYTES = {
    "nothing": b"",
    "no JSON": b"<feed/>",
    "a list": b"[]",
    "cut off": json.dumps(JSON_FEED).encode()[:-1],
    "another encoding": json.dumps(JSON_FEED, ensure_ascii=False).encode("utf-16"),
    "a key twice": json.dumps(JSON_FEED).encode().replace(b'"id": "2"', b'"id": "2", "id": "3"'),
    "no number": json.dumps(JSON_FEED).encode().replace(b"1.5", b"NaN"),
}

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel>
  <title>Жаңалықтар</title><link>https://example.org/</link><description>Күн жаңалықтары</description>
  <item><title>Бірінші</title><guid isPermaLink="false">urn:uuid:1</guid>
    <pubDate>Tue, 26 Mar 2024 10:00:00 +0500</pubDate>
    <enclosure url="https://example.org/1.png" length="70" type="image/png"/></item>
  <item><description>Екінші</description><guid>https://example.org/2</guid></item>
</channel></rss>
"""
RSS_FAULTS = {
    "it is cut off": ("</rss>", ""),
    "another version": ('version="2.0"', 'version="0.91"'),
    "no channel": ("channel>", "kanal>"),
    "no title": ("<title>Жаңалықтар</title>", ""),
    "no link": ("<link>https://example.org/</link>", "<link/>"),
    "no description": ("<description>Күн жаңалықтары</description>", "<description> </description>"),
    "an item that says nothing": ("<description>Екінші</description>", ""),
    "no guid": ("<guid>https://example.org/2</guid>", ""),
    "one guid twice": ("<guid>https://example.org/2</guid>", '<guid isPermaLink="false">urn:uuid:1</guid>'),
    "a guid that is no address": ('<guid isPermaLink="false">', "<guid>"),
    "a date of Atom": ("Tue, 26 Mar 2024 10:00:00 +0500", "2024-03-26T10:00:00+05:00"),
    "an enclosure without a length": (' length="70"', ""),
}


# As other tools write them: their elements, in their order.
OTHERS = {
    "WordPress, Atom": """<?xml version="1.0" encoding="UTF-8"?><feed
 xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" xml:lang="ru-RU">
 <title type="text">Вести</title><subtitle type="text">Блог</subtitle>
 <updated>2024-03-26T05:00:00Z</updated>
 <link rel="alternate" type="text/html" href="https://example.org"/><id>https://example.org/feed/atom/</id>
 <link rel="self" type="application/atom+xml" href="https://example.org/feed/atom/"/>
 <generator uri="https://wordpress.org/" version="6.4">WordPress</generator>
 <entry><author><name>admin</name><uri>https://example.org</uri></author>
  <title type="html"><![CDATA[«Первая» &#8212; запись]]></title>
  <link rel="alternate" type="text/html" href="https://example.org/?p=1"/><id>https://example.org/?p=1</id>
  <updated>2024-03-26T05:00:00Z</updated><published>2024-03-26T05:00:00Z</published>
  <category scheme="https://example.org" term="Новости"/>
  <summary type="html"><![CDATA[Кратко]]></summary>
  <content type="html" xml:base="https://example.org/?p=1"><![CDATA[<p>Текст</p>]]></content>
  <link rel="replies" type="text/html" href="https://example.org/?p=1#comments" thr:count="2"/>
  <link rel="replies" type="application/atom+xml" href="https://example.org/?f=a&amp;p=1" thr:count="2"/>
  <thr:total>2</thr:total></entry></feed>""",
    "Blogger, Atom": """<feed xmlns='http://www.w3.org/2005/Atom'
 xmlns:openSearch='http://a9.com/-/spec/opensearchrss/1.0/' xmlns:gd='http://schemas.google.com/g/2005'>
 <id>tag:blogger.com,1999:blog-1</id><updated>2024-03-26T10:00:00.001+05:00</updated>
 <category term="сенат"/><title type='text'>Блог</title><subtitle type='html'></subtitle>
 <link rel='http://schemas.google.com/g/2005#feed' type='application/atom+xml' href='https://example.org/f'/>
 <link rel='http://pubsubhubbub.appspot.com/' href='https://hub.example.org/'/>
 <link rel='next' type='application/atom+xml' href='https://example.org/f?start=26'/>
 <author><name>Айгүл</name><email>noreply@example.org</email>
  <gd:image rel='https://schemas.google.com/g/2005#thumbnail' width='16' height='16' src='//e.org/a.png'/>
 </author><generator version='7.00' uri='http://www.blogger.com'>Blogger</generator>
 <openSearch:totalResults>1</openSearch:totalResults>
 <entry gd:etag='W/&quot;1&quot;'><id>tag:blogger.com,1999:blog-1.post-1</id>
  <published>2024-03-26T10:00:00+05:00</published><updated>2024-03-26T10:00:00+05:00</updated>
  <title type='text'></title><content type='html'>x</content>
  <link rel='edit' type='application/atom+xml' href='https://example.org/e'/></entry></feed>""",
    "GitHub, Atom": """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US">
 <id>tag:github.com,2008:/a/b/commits/main</id><link type="text/html" rel="alternate" href="https://example.org/c"/>
 <link type="application/atom+xml" rel="self" href="https://example.org/c.atom"/>
 <title>Recent Commits to b:main</title><updated>2024-03-26T05:00:00Z</updated>
 <entry><id>tag:github.com,2008:Grit::Commit/1</id>
  <link type="text/html" rel="alternate" href="https://example.org/c/1"/>
  <title>
        Mend it
    </title><updated>2024-03-26T05:00:00Z</updated>
  <media:thumbnail height="30" width="30" url="https://example.org/a.png"/>
  <author><name>aigul</name><uri>https://example.org/aigul</uri></author>
  <content type="html">&lt;pre&gt;Mend it&lt;/pre&gt;</content></entry></feed>""",
    "an entry alone, Atom": """<entry xmlns="http://www.w3.org/2005/Atom"><title>Бірінші</title>
 <id>urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a</id><updated>2024-03-26T05:00:00Z</updated>
 <author><name>Айгүл</name></author><content type="image/svg+xml"><svg xmlns="http://www.w3.org/2000/svg"/></content>
</entry>""",
    "Hugo, RSS": """<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Вести</title>
 <link>https://example.org/</link><description>Recent content on Вести</description>
 <generator>Hugo</generator><language>ru</language>
 <lastBuildDate>Tue, 26 Mar 2024 10:00:00 +0500</lastBuildDate>
 <atom:link href="https://example.org/index.xml" rel="self" type="application/rss+xml"/>
 <item><title>Первая</title><link>https://example.org/1/</link>
  <pubDate>Tue, 26 Mar 2024 10:00:00 +0500</pubDate><guid>https://example.org/1/</guid>
  <description>&lt;p&gt;Текст&lt;/p&gt;</description></item></channel></rss>""",
    "Micro.blog, JSON Feed": """{"version": "https://jsonfeed.org/version/1.1", "title": "Блог",
 "home_page_url": "https://example.org/", "feed_url": "https://example.org/feed.json",
 "_microblog": {"about": "https://example.org/about", "id": "1", "username": "aigul"},
 "items": [{"id": "1", "content_html": "<p>x</p>", "url": "https://example.org/1",
  "date_published": "2024-03-26T10:00:00+00:00", "author": {"name": "Айгүл", "_microblog": {"username": "a"}},
  "_microblog": {"is_favorite": false}}]}""",
}


@pytest.mark.parametrize("case", ATOM_FAULTS)
def test_an_atom_feed_with_one_fault_is_refused(case: str) -> None:
    assert check_feed_file("atom.xml", replaced(ATOM, *ATOM_FAULTS[case])) != []


@pytest.mark.parametrize("case", RSS_FAULTS)
def test_an_rss_feed_with_one_fault_is_refused(case: str) -> None:
    assert check_feed_file("rss.xml", replaced(RSS, *RSS_FAULTS[case])) != []


@pytest.mark.parametrize("case", JSON_FAULTS)
def test_a_json_feed_with_one_fault_is_refused(case: str) -> None:
    feed = json.loads(json.dumps(JSON_FEED))
    JSON_FAULTS[case](feed)
    assert feed != JSON_FEED
    assert check_feed_file("feed.json", json.dumps(feed).encode()) != []


@pytest.mark.parametrize("case", JSON_BYTES)
def test_what_is_no_json_is_refused(case: str) -> None:
    assert check_feed_file("feed.json", JSON_BYTES[case]) != []


def replaced(document: str, old: str, new: str) -> bytes:
    assert old in document
    return document.replace(old, new, 1).encode()


def test_the_feeds_that_the_faults_are_put_into_are_right() -> None:
    assert check_feed_file("atom.xml", ATOM.encode()) == []
    assert check_feed_file("rss.xml", RSS.encode()) == []
    assert check_feed_file("feed.json", json.dumps(JSON_FEED).encode()) == []


@pytest.mark.parametrize("case", OTHERS)
def test_the_right_feeds_of_other_tools_are_accepted(case: str) -> None:
    name = {"Atom": "atom.xml", "RSS": "rss.xml", "JSON Feed": "feed.json"}[case.rpartition(", ")[2]]
    assert check_feed_file(name, OTHERS[case].encode()) == []


def test_what_feedgen_writes_by_itself_is_accepted() -> None:
    feed = FeedGenerator()
    feed.load_extension("podcast")
    feed.id("https://example.org/")
    feed.title("Жаңалықтар")
    feed.description("Күн жаңалықтары")
    feed.author(name="Айгүл", email="aigul@example.org")
    feed.link(href="https://example.org/")
    for number in ("1", "2"):
        entry = feed.add_entry()
        entry.id(f"https://example.org/{number}")
        entry.guid(f"https://example.org/{number}", permalink=True)
        entry.title(number)
        entry.content("<p>Мәтін</p>", type="html")
        entry.published("2024-03-26T10:00:00+05:00")
        entry.enclosure(f"https://example.org/{number}.mp3", 70, "audio/mpeg")
    assert check_feed_file("atom.xml", feed.atom_str()) == []
    assert check_feed_file("rss.xml", feed.rss_str()) == []


SPOILING = """
import pytest
from conftest import make_newsroom

def spoil(feeds):
    (feeds / "senat").mkdir(parents=True)
    (feeds / "senat" / "atom.xml").write_text("<feed>")

@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    return make_newsroom(tmp_path_factory.mktemp("standing") / "newsroom")

def test_newsroom(newsroom):
    spoil(newsroom.feeds)

def test_by_hand(tmp_path):
    spoil(tmp_path / "public")

def test_on_purpose(newsroom):
    spoil(newsroom.feeds)
    newsroom.spoilt = "to see that nobody minds"

def test_standing(standing):
    spoil(standing.feeds)
"""


def test_a_command_that_leaves_a_broken_feed_fails_its_test(newsroom: Newsroom) -> None:
    assert newsroom.run("publish").exit_code == 0
    feed = newsroom.feeds / "senat" / "atom.xml"
    good = feed.read_bytes()
    feed.write_bytes(good.replace(b"<updated>", b"<updated>\n"))
    with pytest.raises(AssertionError, match=r"/feeds/senat/atom\.xml is no good feed:\n.*dateTime"):
        newsroom.run("status")
    feed.write_bytes(good)
    assert newsroom.run("status").exit_code == 0


def test_a_broken_feed_that_no_command_saw_fails_its_test(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("spoiling")  # not tmp_path: what is left there is held to the rules too
    (folder / "test_spoiling.py").write_text(SPOILING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", f"--basetemp={folder / 'made'}", folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed, 3 errors" in done.stdout.splitlines()[-1], done.stdout
    told = re.findall(r"^E +AssertionError: .*/made/(\S+) is no good feed:$", done.stdout, re.MULTILINE)
    assert told == [
        "test_newsroom0/newsroom/feeds/senat/atom.xml",
        "test_by_hand0/public/senat/atom.xml",
        "standing0/newsroom/feeds/senat/atom.xml",
    ]
