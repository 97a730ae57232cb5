"""The body of a story, out of HTML: its blocks, without the page's furniture.

    HTML → bounds → tree → furniture removed → blocks → repetitions removed → sanitised

Every format that carries HTML goes this way: pages, ninjs, mail, Word.
"""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from publisher.readers.fields import one_line
from publisher.text.characters import clean, read_string
from publisher.text.markup import check_bounds, paragraph, sanitise_page

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_FURNITURE = """
script, style, noscript, template, iframe, object, embed, form, button, input, select, textarea, svg,
nav, aside, footer, dialog, audio, video, canvas, [hidden], [aria-hidden=true], [role=navigation],
.tags, .comments, #comments, .pagination, .views, .print-only, .gmail_signature, .moz-signature
"""
"""What stands in a page but is no part of any story in it."""
_FURNITURE_WORDS = frozenset(
    "share shares sharing sharer sharedaddy addtoany social socials soc related recommend recommended "
    "recommendation recommendations also readalso breadcrumb breadcrumbs advert adverts advertisement "
    "advertising banner banners subscribe subscription newsletter".split()
)
_PLAIN_WORDS = frozenset(
    "a s the block blocks box bar button buttons btn btns link links icon icons list item items wrap wrapper "
    "container inner outer panel section widget area top bottom left right side post posts news article "
    "articles entry story stories content page single material materials read media network networks "
    "form title head header heading row col group nav menu main mobile desktop holder place zone".split()
)
"""What such a name may hold besides: «share-buttons» is furniture, «banner-text» is not."""
_ALL_WORDS = _FURNITURE_WORDS | _PLAIN_WORDS
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 blockquote ul ol table figure pre hr".split())
_BLOCK_INSIDE = ",".join((*sorted(_BLOCKS), "div", "section", "article"))
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big br cite code del dfn em font i img ins kbd label mark q s samp small span "
    "strike strong sub sup time tt u var wbr".split()
)
_BREAKS = re.compile(r"(?:<br>\s*){2,}")
_LOST_PICTURE = re.compile(r"<img(?![^>]* src=)[^>]*>")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|&(?:#\d+|[a-zA-Z]+);")
_EMPTY = re.compile(r"<(p|figure)>\s*</\1>\n?")
_SPACE = re.compile(r"[ \t\r\n]+")
_RIM = re.compile(r"^(<[^>]+>) | (?=</\w+>$)")


class Block(NamedTuple):
    """One block of a story. `text` is clean and on one line."""

    tag: str
    html: str
    text: str


class Body(NamedTuple):
    html: str
    text: str
    warnings: tuple[str, ...]


def parse_tree(html: str) -> "LexborHTMLParser":
    """The tree of an HTML document or fragment.

    Raises:
        RefusedError: it is larger or deeper than any story.
    """
    from selectolax.lexbor import LexborHTMLParser

    check_bounds(html)
    tree = LexborHTMLParser(html)
    check_bounds(tree.html or "")  # what the parser made of it
    return tree


def remove(nodes: Iterable["LexborNode"]) -> None:
    """Take nodes out of their tree, each once: an inner one goes with the outer one."""
    found = {node.mem_id: node for node in nodes}
    outermost = [node for node in found.values() if not any(up.mem_id in found for up in ancestors(node))]
    for node in outermost:
        node.decompose()


def ancestors(node: "LexborNode") -> Iterator["LexborNode"]:
    up = node.parent
    while up is not None:
        yield up
        up = up.parent


def class_words(node: "LexborNode") -> list[str]:
    """The words in the names of a node's classes."""
    return [word for name in _class_names(node) for word in name]


def _class_names(node: "LexborNode") -> list[list[str]]:
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}".split()
    return [[word for word in re.split(r"[-_\d]+", name.lower()) if word] for name in names]


def _is_furniture(node: "LexborNode") -> bool:
    return any(
        not _FURNITURE_WORDS.isdisjoint(name) and _ALL_WORDS.issuperset(name) for name in _class_names(node)
    )


def remove_furniture(node: "LexborNode") -> None:
    named = (inner for inner in node.css("[class], [id]") if _is_furniture(inner))
    remove(inner for inner in (*node.css(_FURNITURE), *named) if inner.mem_id != node.mem_id)


def fragment_blocks(html: str) -> list[Block]:
    """The blocks of HTML that is a story's body and nothing else.

    Raises:
        RefusedError: it is larger or deeper than any story.
    """
    body = parse_tree(html).body
    if body is None:
        return []
    remove_furniture(body)
    return list(blocks(body))


def blocks(node: "LexborNode") -> Iterator[Block]:
    """The blocks of text below a node, in order; loose text becomes paragraphs, wrappers vanish."""
    run: list[str] = []
    for piece in _pieces(node):
        if piece is not None and piece.tag not in _BLOCKS:
            run.append(piece.html or "")
            continue
        yield from _paragraphs("".join(run))
        run = []
        if piece is not None:
            yield from _block(piece)
    yield from _paragraphs("".join(run))


def _pieces(node: "LexborNode") -> Iterator["LexborNode | None"]:
    """Blocks and inline nodes, wherever they lie; None where a wrapper begins or ends."""
    child = node.first_child
    while child is not None:
        tag = child.tag or ""
        if tag == "table" and child.css_first("table table, [role=presentation]"):
            inner = True  # a table for the looks, as in mails
        else:
            inner = tag not in _BLOCKS and tag != "-text" and not _is_inline(child)
        if tag != "-comment":
            if inner:
                yield None
                yield from _pieces(child)
                yield None
            else:
                yield child
        child = child.next


def _is_inline(node: "LexborNode") -> bool:
    return node.tag in _INLINE and node.css_first(_BLOCK_INSIDE) is None


def _paragraphs(html: str) -> Iterator[Block]:
    """Paragraphs of a run of text, where two line breaks end one."""
    if not html.strip():
        return
    for part in _BREAKS.split(html):
        for node in _parse_fragment(f"<p>{part.removeprefix('<br>')}</p>"):
            yield from _block(node)


def _parse_fragment(html: str) -> list["LexborNode"]:
    from selectolax.lexbor import LexborHTMLParser

    return LexborHTMLParser(html).css("body > p")


def _block(node: "LexborNode") -> Iterator[Block]:
    html = node.html or ""
    apart = " " if node.tag in {"ul", "ol", "table"} or "<br" in html else ""  # words that tags keep apart
    text = one_line(_SPACE.sub(" ", node.text(separator=apart)))
    if text or node.tag == "hr" or node.css_first("img"):
        if node.tag != "pre" and "<pre" not in html:
            html = _RIM.sub(r"\1", _SPACE.sub(" ", html))
        yield Block(node.tag or "", html, text)


def plain_text(text: str) -> str:
    """A text without markup: providers put HTML where a standard says text."""
    return " ".join(block.text for block in fragment_blocks(text)) if _MARKUP.search(text) else text


def text_blocks(text: str) -> list[Block]:
    """The paragraphs of plain text: apart by empty lines, or a line each where there are none."""
    text = clean(text)
    parts = text.split("\n\n") if "\n\n" in text else text.split("\n")
    lines = (" ".join(part.split()) for part in parts)
    return [Block("p", paragraph(line), line) for line in lines if line]


def make_body(found: Iterable[Block], *, base: str | None, without: Iterable[str] = ()) -> Body:
    """The sanitised body; blocks that only repeat one of the texts in `without` are left out."""
    repeated = {text.casefold() for text in without if text}
    kept = [block for block in found if block.text.casefold() not in repeated or not block.text]
    while kept and kept[0].tag == "hr":
        kept.pop(0)
    html, warnings = read_string("\n".join(block.html for block in kept), layout=True)
    html, dropped = sanitise_links(html, base)
    return Body(html, "\n".join(block.text for block in kept), (*warnings, *dropped))


def sanitise_links(html: str, base: str | None) -> tuple[str, tuple[str, ...]]:
    """Sanitised HTML whose addresses are absolute, and which addresses and pictures are left out."""
    page = sanitise_page(html, base)
    warnings: tuple[str, ...] = ()
    if page.dropped:
        some = ", ".join(page.dropped[:3]) + (" …" if len(page.dropped) > 3 else "")
        warnings = (f"relative addresses lead nowhere without the page's own: {some}",)
    html, pictures = _LOST_PICTURE.subn("", page.html)
    if pictures:
        warnings = (*warnings, f"{pictures} pictures without a web address are left out")
        html = _EMPTY.sub("", html)
    return html.strip(), warnings
