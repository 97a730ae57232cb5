"""Where in a page its story stands, and which dates stand there with it.

    tree → neighbours removed → headline → the element that holds the text → dates beside them

A page shows other stories too, with dates and comments of their own: what is not beside the headline or in
the text's own element is nobody's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from publisher.readers.body import ancestors, blocks, class_words, remove
from publisher.readers.fields import one_line
from publisher.text.dates import find_datelines, seems_date

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

SUFFIX = r"\s+[|–—•·:»/-]\s+"
HOLDERS = (
    "[itemprop=articleBody]",
    "article",
    "main, [role=main]",
    ".entry-content, .post-content, .post-body, .article-body, .article-text, .story-body, .story-text",
)
_NEIGHBOURS = "nav, aside, [role=navigation], [role=complementary], [itemprop=comment]"
_COMMENTS = frozenset("comment comments respond disqus".split())
_HEADINGS = "h1, h2, h3, .entry-title, .post-title"
_FOREIGN = frozenset(
    "related latest popular sidebar widget lenta ticker recommended recommend teaser teasers".split()
)
_DATES = frozenset("date dates dateline published pubdate datetime posted dt".split())
_CHANGED = frozenset("updated modified update".split())
_CHANGED_WORDS = re.compile(r"обновл|измен|updated|modified|жаңарт|өзгерт", re.IGNORECASE)
_LONG_LINK = 25
"""Characters: so long is another story's headline, and no author's name or section."""
_MANY, _FEW = 300, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The headline's element, the one that holds the text and its selector, and the one around both."""

    headline: "LexborNode | None"
    holder: "LexborNode | None"
    selector: str
    container: "LexborNode | None"


def find_place(tree: "LexborHTMLParser") -> Place:
    """Find the story; what belongs to others is taken out of the tree."""
    remove(tree.css(_NEIGHBOURS))
    # A body's own classes say whether its comments are open.
    remove(
        node
        for node in tree.css("[class*=omment], [id*=omment], [class*=respond], [class*=disqus]")
        if _COMMENTS.intersection(class_words(node))
        and node.tag not in {"html", "body", "main"}
        and not node.css_first("h1, [itemprop=articleBody]")
    )
    headline = _find_headline(tree)
    holder, selector = _find_holder(tree, headline)
    container = _container(tree, headline, holder)
    if holder is None and container is not None and container.tag != "body" and tree.body is not None:
        # The block around the headline is the story's if the page has little text elsewhere.
        holder = container if 2 * _prose(container) > _prose(tree.body) else None
    return Place(headline=headline, holder=holder, selector=selector, container=container)


def _prose(node: "LexborNode") -> int:
    return sum(len(p.text()) for p in node.css("p")[:_MANY])


def line_of(node: "LexborNode") -> str:
    return one_line(re.sub(r"\s+", " ", node.text()))


def _find_headline(tree: "LexborHTMLParser") -> "LexborNode | None":
    """The heading that the page's own titles name; a site's name may stand in the only `<h1>`."""
    if marked := tree.css_first("[itemprop=headline]"):
        return marked
    named = [line_of(node) for node in tree.css("head > title")[:1]]
    named += [
        one_line(node.attributes.get("content") or "") for node in tree.css('meta[property="og:title"]')[:1]
    ]
    headings = [(line_of(node), node) for node in tree.css(_HEADINGS)[:_MANY]]
    headings = [(text, node) for text, node in headings if 0 < len(text) < _MANY]
    for form in ("{0}", rf"{{0}}{SUFFIX}.+", rf".+(?:{SUFFIX}|:\s+){{0}}"):
        found = [
            (text, node)
            for text, node in headings
            if any(re.fullmatch(form.format(re.escape(text)), title) for title in named)
        ]
        if found:
            text, best = max(found, key=lambda pair: len(pair[0]))
            # «Headline | Newspaper», and the heading is the newspaper's name.
            at_the_end = form.startswith(".") and any(re.search(SUFFIX + re.escape(text), t) for t in named)
            return None if at_the_end and best.tag == "h1" and not _in_article(best) else best
    for selector in (".entry-title, .post-title", "article h1, main h1", "h1"):
        if node := tree.css_first(selector):
            return node
    return _first_line_of_word(tree)


def _first_line_of_word(tree: "LexborHTMLParser") -> "LexborNode | None":
    """Word's «Save as web page» knows no headings: the first line is one, above or below the date line."""
    if title := tree.css_first("p.MsoTitle"):
        return title
    lines = [node for node in tree.css("p.MsoNormal")[:20] if line_of(node)][:2]
    for node in lines:
        if not seems_date(text := line_of(node)):
            return node if len(text) < 200 and not text.endswith((".", ":", ";", ",")) else None
    return None


def _in_article(node: "LexborNode") -> bool:
    return bool({"entry", "post"}.intersection(class_words(node))) or any(
        up.tag == "article" for up in ancestors(node)
    )


def _find_holder(tree: "LexborHTMLParser", headline: "LexborNode | None") -> tuple["LexborNode | None", str]:
    """The element of the text: the one around the headline, else the one with the most text."""
    around = {node.mem_id for node in ancestors(headline)} if headline else set()
    for selector in HOLDERS:
        holders = tree.css(selector)
        own = [node for node in holders if node.mem_id in around and node.css_first("p, br, div")]
        if holders:
            return max(own or holders, key=_prose), selector
    return None, ""


def _container(
    tree: "LexborHTMLParser", headline: "LexborNode | None", holder: "LexborNode | None"
) -> "LexborNode | None":
    if headline is None:
        return holder or tree.body
    within = {headline.mem_id}
    for node in ancestors(headline):
        within.add(node.mem_id)
        if holder is None and (node.css_first("p") or node.tag == "body"):
            return node
        if holder is not None and (node.mem_id == holder.mem_id or _is_above(node, holder)):
            return node
    return tree.body


def _is_above(node: "LexborNode", inner: "LexborNode") -> bool:
    return any(up.mem_id == node.mem_id for up in ancestors(inner))


def find_dates(place: Place) -> tuple[str, ...]:
    """Texts that date the story, the most trusted first: marked up, in a class's name, alone in a line."""
    if place.container is None:
        return ()
    marked: list[str] = []
    named: list[str] = []
    for node in islice(_near(place, place.container), _FEW):
        values = node.attributes
        words = class_words(node)
        if values.get("itemprop") == "datePublished":
            marked.insert(0, values.get("content") or values.get("datetime") or line_of(node))
        elif _is_changed(values.get("itemprop"), words):
            continue
        elif value := values.get({"time": "datetime", "abbr": "title"}.get(node.tag or "", "-")):
            marked.append(value)
        elif len(text := line_of(node)) < 80 and not _CHANGED_WORDS.search(text):
            named.append(_only_date(text))
    return tuple(text for text in (*marked, *named, *_date_lines(place)) if text)


def _is_changed(name: str | None, words: Iterable[str]) -> bool:
    return name == "dateModified" or bool(_CHANGED.intersection(words) and "published" not in words)


def _near(place: Place, container: "LexborNode") -> Iterator["LexborNode"]:
    """Elements that may date the story: inside its own block, or beside its headline."""
    branches = list(_children(container))
    places = {branch.mem_id: at for at, branch in enumerate(branches)}
    head = _branch(places, place.headline)
    text = _branch(places, place.holder)
    selector = "[itemprop=datePublished], time[datetime], time[pubdate], abbr[title], [class]"
    for node in container.css(selector):
        if node.mem_id == container.mem_id:
            continue
        words = class_words(node)
        if node.tag not in {"time", "abbr"} and node.attributes.get("itemprop") != "datePublished":
            if not _DATES.intersection(words):
                continue
        elif node.tag == "abbr" and not _DATES.intersection(words):
            continue
        at = _branch(places, node)
        beside = head is None or at in {head, text} or (text is not None and head < (at or 0) < text)
        alone = at is not None and branches[at].css_first("a[href]") is None
        if (beside or alone) and not _is_foreign(node, place, container):
            yield node


def _children(node: "LexborNode") -> Iterator["LexborNode"]:
    child = node.first_child
    while child is not None:
        if child.tag not in {"-text", "-comment"}:
            yield child
        child = child.next


def _branch(places: dict[int, int], node: "LexborNode | None") -> int | None:
    if node is None:
        return None
    line = (node, *ancestors(node))
    return next((places[up.mem_id] for up in line if up.mem_id in places), None)


def _is_foreign(node: "LexborNode", place: Place, container: "LexborNode") -> bool:
    """Whether it stands in a list of other stories, in a footer, or beside another story's headline."""
    own = {up.mem_id for one in (place.headline, place.holder) if one for up in (one, *ancestors(one))}
    for height, up in enumerate(ancestors(node)):
        if up.mem_id == container.mem_id or up.mem_id in own:
            return False
        links = up.css("a[href]")[:20] if height < 2 else []
        if up.tag == "article" or _FOREIGN.intersection(class_words(up)):
            return True
        if any(len(line_of(link)) >= _LONG_LINK and "author" not in str(link.attributes) for link in links):
            return True
        if up.tag == "footer" and place.holder is None:
            return True
    return False


def _only_date(text: str) -> str:
    """«Астана, 26 марта 2024» is dated, where the page calls it a date line."""
    spans = find_datelines(text)
    if len(spans) == 1:
        return text[slice(*spans[0])]
    return text if seems_date(text) else ""


def _date_lines(place: Place) -> Iterator[str]:
    """Lines that are a date and nothing else, among the first of the story or next to its headline."""
    if place.container is None:
        return
    found = [block.text for block in islice(blocks(place.container), _FEW)]
    headline = line_of(place.headline) if place.headline else ""
    start = found.index(headline) if headline in found else -1
    lines = found[max(0, start - 1) : max(start, 0)] + found[start + 1 : start + 3]
    yield from (line for line in lines if len(line) < 60 and seems_date(line))
