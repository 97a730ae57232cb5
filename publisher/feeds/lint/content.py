"""The HTML of an entry, scanned for what readers drop, refuse or show wrongly.

A scan for tags, no parser: it is run on every story of every feed that is about to go live.
"""

import re
from collections.abc import Iterator
from html import unescape

from publisher.feeds.lint.finding import quote
from publisher.feeds.lint.rules import Rule

# A tag with attributes, or one that is wrong by itself: most stories have neither, and are done with then.
_SUSPECT = re.compile(r"<(?:[a-zA-Z][^\s/>]*[\s/]|(?i:[a-z]+:|script|style|i?frame|object|embed|applet))")
_START = re.compile(r"<(?:!--|([a-zA-Z][^\s/>]*))")
# Without nested repetition of what could be split in two ways: it must stay linear on any text.
_ATTRIBUTES = re.compile(r"""[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
_INVISIBLE = re.compile(r"[\x00-\x20]")
_CONTROL_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bceBCEfF]|1[0-9a-fA-F]|[fF]{3}[eEfF]))(?![0-9a-fA-F])"
)
_MARKUP = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|&(?:#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z]\w+);")

_RAW = frozenset({"script", "style", "iframe", "noscript", "textarea", "xmp"})
_FRAMES = frozenset({"iframe", "frame", "frameset", "object", "embed", "applet"})
_ADDRESSES = frozenset({"href", "src", "poster", "cite", "action", "data", "background", "longdesc"})
_REFUSED = frozenset({"javascript:", "vbscript:"})
SCRIPT_SCHEMES = _REFUSED | {"data:"}
"""What no link may lead to; a picture may hold its own data."""


def scheme_of(address: str) -> str:
    """The scheme with its colon, in lower case, as a browser sees it; empty for a relative address."""
    match = _SCHEME.match(_INVISIBLE.sub("", address))
    return match[0].lower() if match else ""


def has_markup(text: str) -> bool:
    """Whether a text that should be plain holds tags or references."""
    return _MARKUP.search(text) is not None


def scan(html: str, *, based: bool) -> dict[Rule, str]:
    """What is wrong with HTML content: rule to cause, each once.

    `based` says that relative addresses have a base which the feed names.
    """
    found: dict[Rule, str] = {}
    if _SUSPECT.search(html):
        for name, attributes in _tags(html):
            for rule, cause in _check_tag(name, attributes, based=based):
                found.setdefault(rule, cause)
    if "&#" in html and (match := _CONTROL_REFERENCE.search(html)):
        found[Rule.CHARACTER_ILLEGAL] = f"holds {quote(match[0])}, a control character"
    return found


def _tags(html: str) -> Iterator[tuple[str, str]]:
    """Each start tag: its name in lower case without a prefix, and its attributes as they are written."""
    position = 0
    while start := _START.search(html, position):
        if start[1] is None:
            position = html.find("-->", start.end())
            if position < 0:
                return
            continue
        end = _ATTRIBUTES.match(html, start.end())
        if end is None:  # it never ends: to a browser, all the rest is inside it
            return
        position = end.end()
        name = start[1].rpartition(":")[2].lower()
        yield name, html[start.end() : position - 1]
        if name in _RAW:
            close = html.find(f"</{start[1]}", position)
            if close < 0:
                return
            position = close


def _check_tag(name: str, attributes: str, *, based: bool) -> Iterator[tuple[Rule, str]]:
    if name == "script":
        yield Rule.CONTENT_SCRIPT, "holds a <script>"
    elif name in _FRAMES:
        yield Rule.CONTENT_FRAME, f"holds an <{name}>"
    elif name == "style":
        yield Rule.CONTENT_STYLE, "holds a <style> sheet"
    if not attributes.strip("/ "):
        return
    for match in _ATTRIBUTE.finditer(attributes):
        attribute, *values = match.groups()
        value = unescape(next((value for value in values if value is not None), ""))
        yield from _check_attribute(name, attribute.lower(), value, based=based)


def _check_attribute(tag: str, name: str, value: str, *, based: bool) -> Iterator[tuple[Rule, str]]:
    if name.startswith("on") and value:
        yield Rule.CONTENT_EVENT, f"holds the attribute {quote(name)}"
    elif name == "style":
        yield Rule.CONTENT_STYLE, "holds a style attribute"
    elif name in _ADDRESSES and (name != "data" or tag == "object"):
        scheme = scheme_of(value)
        refused = _REFUSED if name == "src" else SCRIPT_SCHEMES
        if scheme in refused:
            yield Rule.CONTENT_LINK, f"links {quote(value)}"
        elif not scheme and not based and value.strip() and not value.strip().startswith("#"):
            yield Rule.CONTENT_RELATIVE, f"holds the relative address {quote(value)}"
