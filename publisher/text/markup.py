"""HTML of story bodies: made safe, and read back as plain text."""

from html import escape

import nh3

from publisher.model import Article
from publisher.text.characters import drop_illegal

_TAGS = frozenset(
    "a abbr b blockquote br cite code del em figcaption figure h2 h3 h4 h5 h6 hr i img ins li mark ol p pre "
    "q s small strong sub sup table tbody td tfoot th thead time tr u ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "img": {"src", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "time": {"datetime"},
    "*": {"lang", "dir"},
}


def sanitise(html: str) -> str:
    """Keep what a story needs; drop scripts, styles, frames, events, all schemes but http(s) and mailto."""
    clean = nh3.clean(
        html.replace("<h1>", "<h2>").replace("</h1>", "</h2>"),  # the page's own title is the only h1
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    # Last: a numeric reference in the source is a plain character only now.
    return drop_illegal(clean).strip()


def paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>"


def quotation(text: str) -> str:
    return f"<blockquote>{paragraph(text)}</blockquote>"


def plain_paragraphs(html: str) -> list[str]:
    """The text of each block of sanitised HTML, in order, white space folded."""
    if not html.strip():
        return []
    from lxml.html import fragments_fromstring  # costs 30 ms, and most commands never need it

    blocks: list[str] = []
    for node in fragments_fromstring(html):
        text = node if isinstance(node, str) else node.text_content()
        if folded := " ".join(text.split()):
            blocks.append(folded)
    return blocks


def summarise(article: Article) -> str:
    """What stands for the story where it is not told whole: its lead, else its first paragraph."""
    return article.lead or next(iter(plain_paragraphs(article.body_html)), "")
