"""HTML of story bodies: made safe, and read back as plain text."""

import re
from collections.abc import Callable
from html import escape
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from publisher.errors import RefusedError
from publisher.model import Article
from publisher.text.characters import drop_illegal
from publisher.text.labels import correction_label

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
_SCHEMES = {"http", "https", "mailto"}
# A tag as nh3 writes it: every value stands in double quotes, and may hold «<» and «>».
_WRITTEN_TAG = re.compile(r"""<(/?)([a-z0-9]+)(?: [^\s=">]+="[^"]*")*>""")
_ADDRESSES = {("a", "href"), ("img", "src")}

_MAX_HTML = 1 << 20
_MAX_TAGS = 20_000
_MAX_DEPTH = 200
_LONG = 1 << 16
# Each attribute is compared with all others of its tag: 60,000 cost lexbor 6 s.
_CROWDED = re.compile(r"<[a-zA-Z][^\s<>]*+(?:\s++[^\s<>]++){500}")
_H1 = re.compile(r"<(/?)h1(?=[\s>])", re.IGNORECASE)
_TAG = re.compile(r"<(?:(!--)|(/?)([a-z][^\s/>]*))")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Elements that HTML ends by itself (WHATWG HTML, 13.1.2.4): a page of «<p>» without «</p>» is not deep.
_ENDED = frozenset(
    "html head body p li dt dd rt rp option optgroup thead tbody tfoot tr td th colgroup".split()
)
_RAW = frozenset("script style title textarea iframe noembed noframes xmp".split())
_FOREIGN = ("svg", "math")


class Page(NamedTuple):
    """Sanitised HTML, and the relative addresses that led nowhere."""

    html: str
    dropped: tuple[str, ...]


def sanitise(html: str) -> str:
    """Keep what a story needs; drop scripts, styles, frames, events, all schemes but http(s) and mailto."""
    return _sanitise(html, None)


def sanitise_page(html: str, base: str | None) -> Page:
    """As `sanitise`, for HTML of the page at `base`: relative addresses become absolute, or are dropped."""
    dropped: dict[str, None] = {}

    def resolve(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) not in _ADDRESSES:
            return value
        address = absolute(value, base)
        if address is None and not value.strip().startswith("#"):
            dropped[value.strip()] = None
        return address

    return Page(_sanitise(html, resolve), tuple(dropped))


def _sanitise(html: str, attribute_filter: Callable[[str, str, str], str | None] | None) -> str:
    import nh3

    clean = nh3.clean(
        _H1.sub(r"<\1h2", html),  # the page's own title is the only h1
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute_filter,
        url_schemes=set(_SCHEMES),
        link_rel=None,
        strip_comments=True,
    )
    # Last: a numeric reference in the source is a plain character only now.
    return drop_illegal(clean).strip()


def absolute(address: str, base: str | None) -> str | None:
    """The address seen from `base`; None when it leads nowhere, or where no story links to."""
    try:
        address = urljoin(base or "", address.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in _SCHEMES and (parts.netloc or parts.scheme == "mailto") else None


def check_bounds(html: str) -> None:
    """Make sure that no parser will choke: they need the square of the depth, in time and in memory.

    A short text can be deep (20,000 «<div>» cost lexbor 0.4 s, 250 KB of them nh3 4 s), and lxml cuts at 254.

    Raises:
        RefusedError: the HTML is larger, or nested deeper, than any story.
    """
    hint = "save the story alone, without the page around it"
    if len(html) > _MAX_HTML:
        raise RefusedError(f"the HTML is larger than {_MAX_HTML >> 20} MiB", hint)
    if html.count("<") > _MAX_TAGS:
        raise RefusedError(f"the HTML has more than {_MAX_TAGS} tags", hint)
    if len(html) > _LONG and _CROWDED.search(html):
        raise RefusedError("a tag of the HTML has more than 500 attributes", hint)
    if _is_deeper_than(_MAX_DEPTH, html):
        raise RefusedError(f"the HTML is nested more than {_MAX_DEPTH} deep", hint)


def _is_deeper_than(limit: int, html: str) -> bool:
    """Of a parser's own output this is exact; of sloppy HTML it is a fair guess."""
    stack: list[str] = []
    slips = position = 0
    html = html.lower()
    while match := _TAG.search(html, position):
        position = match.end()
        comment, closing, name = match[1], match[2], match[3]
        if comment or (name in _RAW and not closing and not any(tag in stack for tag in _FOREIGN)):
            end = html.find("-->" if comment else f"</{name}", position - 2)
            if end < 0:
                return False
            position = end + 1
        elif not closing and name not in _VOID | _ENDED:
            stack.append(name)
        elif name in stack:
            slips += name != stack[-1]
            del stack[len(stack) - 1 - stack[::-1].index(name) :]
        if len(stack) + slips // 2 > limit:
            return True
    return False


def wrap_tables(html: str, label: str) -> str:
    """Put each table of sanitised HTML into a box that scrolls, by keyboard too (WCAG 2.2, 1.4.10 and 2.1.1).

    The box is a group, no region: a story with three tables must not get three landmarks of one name.
    """
    if "<table" not in html:
        return html
    before = f'<div class="scroll" role="group" aria-label="{escape(label)}" tabindex="0">'

    def wrap(tag: re.Match[str]) -> str:
        closing, name = tag.groups()
        if name != "table":
            return tag[0]
        return f"{tag[0]}</div>" if closing else f"{before}{tag[0]}"

    return _WRITTEN_TAG.sub(wrap, html)


def paragraph(text: str) -> str:
    return f"<p>{escape(text, quote=False)}</p>"


def figure(source: str, *, alt: str, credit: str) -> str:
    """A picture with what is said of it."""
    caption = " · ".join(filter(None, (alt, credit)))
    below = f"<figcaption>{escape(caption, quote=False)}</figcaption>" if caption else ""
    return f'<figure><img src="{escape(source)}" alt="{escape(alt)}">{below}</figure>'


def right_to_left(html: str, language: str) -> str:
    return f'<div lang="{escape(language)}" dir="rtl">\n{html}\n</div>'


def correction_html(article: Article) -> str:
    """The story's correction note as a paragraph, labelled in the story's language; empty without a note."""
    if not article.correction:
        return ""
    label = correction_label(article.language)
    return f"<p><strong>{label}:</strong> {escape(article.correction, quote=False)}</p>"


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
