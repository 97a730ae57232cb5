"""Feeds as other programs write them: small, whole, and right. The tests of the lint break them."""

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:fh="http://purl.org/syndication/history/1.0">
<channel>
<title>The Mountain Post</title>
<link>https://post.example.com/</link>
<description>News from the mountains</description>
<language>en</language>
<atom:link rel="self" href="https://post.example.com/rss.xml" type="application/rss+xml"/>
<lastBuildDate>Tue, 26 Mar 2024 11:00:00 GMT</lastBuildDate>
<item>
<title>Snow &amp; ice on the pass</title>
<link>https://post.example.com/snow</link>
<guid isPermaLink="false">post-2</guid>
<pubDate>Tue, 26 Mar 2024 10:30:00 +0500</pubDate>
<dc:creator>Ann</dc:creator>
<description>The pass is closed.</description>
<content:encoded><![CDATA[<p>The <a href="https://post.example.com/pass">pass</a> is closed.</p>
<!-- <script>nobody runs this</script> -->
<p><img src="data:image/gif;base64,R0lGOD"/><a href="#note">*</a></p>]]></content:encoded>
<enclosure url="https://post.example.com/snow.jpg" length="2048" type="image/jpeg"/>
</item>
<item>
<title>A bear was seen</title>
<link>https://post.example.com/bear</link>
<guid>https://post.example.com/bear</guid>
<pubDate>25 Mar 2024 09:00 EST</pubDate>
<author>ann@post.example.com (Ann)</author>
<description>&lt;p&gt;It was &lt;b&gt;big&lt;/b&gt;.&lt;/p&gt;</description>
</item>
</channel>
</rss>
"""

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xmlns:fh="http://purl.org/syndication/history/1.0"
      xmlns:at="http://purl.org/atompub/tombstones/1.0">
<id>tag:post.example.com,2024:feed</id>
<title>The Mountain Post</title>
<updated>2024-03-26T11:00:00Z</updated>
<link rel="self" href="https://post.example.com/atom.xml"/>
<link href="https://post.example.com/"/>
<at:deleted-entry ref="tag:post.example.com,2024:0" when="2024-03-20T08:00:00Z"/>
<entry>
<id>tag:post.example.com,2024:2</id>
<title type="html">Snow &amp;amp; &lt;i>ice&lt;/i></title>
<published>2024-03-26T10:30:00.25+05:00</published>
<updated>2024-03-26T11:30:00+05:00</updated>
<author><name>Ann</name></author>
<link href="https://post.example.com/snow"/>
<link rel="enclosure" href="https://post.example.com/snow.jpg" type="image/jpeg"/>
<summary>The pass is closed.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>It is <b>closed</b>.</p></div></content>
</entry>
<entry xml:base="https://post.example.com/bears/">
<id>tag:post.example.com,2024:1</id>
<title>A bear was seen</title>
<published>2024-03-25T09:00:00Z</published>
<updated>2024-03-25T09:00:00Z</updated>
<author><name>Ben</name></author>
<link href="seen.html"/>
<content type="html">&lt;p>&lt;a href="map.html">Here&lt;/a>&lt;/p></content>
</entry>
</feed>
"""

JSON = """{
"version": "https://jsonfeed.org/version/1.1",
"title": "The Mountain Post",
"home_page_url": "https://post.example.com/",
"feed_url": "https://post.example.com/feed.json",
"language": "en",
"items": [
{
"id": "2",
"url": "https://post.example.com/snow",
"title": "Snow & ice on the pass",
"content_html": "<p>The pass is closed.<\\/p>",
"date_published": "2024-03-26T10:30:00+05:00",
"date_modified": "2024-03-26T11:30:00+05:00",
"attachments": [
{"url": "https://post.example.com/snow.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 2048}
]
},
{
"id": "1",
"url": "https://post.example.com/bear",
"content_text": "A bear was seen: it is not in the least \\\\u0000.",
"date_published": "2024-03-25T09:00:00Z"
}
]
}
"""

RSS_1 = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
         xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel rdf:about="https://post.example.com/rdf">
<title>The Mountain Post</title>
<link>https://post.example.com/</link>
<description>News from the mountains</description>
<dc:language>en</dc:language>
<atom:link rel="self" href="https://post.example.com/rdf"/>
<items><rdf:Seq><rdf:li resource="https://post.example.com/snow"/></rdf:Seq></items>
</channel>
<item rdf:about="https://post.example.com/snow">
<title>Snow</title>
<link>https://post.example.com/snow</link>
<description>The pass is closed.</description>
<dc:date>2024-03-26</dc:date>
</item>
</rdf:RDF>
"""

RSS_091 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss-0.91.dtd">
<rss version="0.91" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>The Mountain Post, old pages</title>
<link>https://post.example.com/</link>
<description>News from the mountains</description>
<language>en-us</language>
<atom:link rel="self" href="https://post.example.com/rss091"/>
<item>
<title>Snow</title>
<link>https://post.example.com/snow</link>
<description>The pass is closed.</description>
</item>
</channel>
</rss>
"""

JSON_1 = """{
"version": "https://jsonfeed.org/version/1",
"title": "The Mountain Post",
"home_page_url": "https://post.example.com/",
"feed_url": "https://post.example.com/feed.json",
"items": [
{"id": "1", "url": "https://post.example.com/1", "content_text": "Snow.",
"date_published": "2024-03-26T10:30:00z"}
]
}
"""

GOOD = {
    "RSS 2.0": RSS.encode(),
    "RSS 2.0 with a byte-order mark": b"\xef\xbb\xbf" + RSS.encode(),
    "RSS 2.0 in UTF-16": RSS.replace("UTF-8", "UTF-16").encode("utf-16"),
    "RSS 2.0 in KZ-1048": RSS.replace("UTF-8", "kz-1048").replace("Ann", "Әсем").encode("kz1048"),
    "RSS 1.0": RSS_1.encode(),
    "RSS 0.91 in Latin-1, with the DOCTYPE it had": RSS_091.replace("old", "caf\u00e9").encode("latin-1"),
    "Atom": ATOM.encode(),
    "JSON Feed 1.1": JSON.encode(),
    "JSON Feed 1.0": JSON_1.encode(),
}
