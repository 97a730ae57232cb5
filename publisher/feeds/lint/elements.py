"""What the readers of RSS and Atom share: names, texts, and the elements that both borrow from each other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from publisher.feeds.lint.content import scheme_of
from publisher.feeds.lint.dates import Grammar, Stamp, read_stamp
from publisher.feeds.lint.document import Link
from publisher.feeds.lint.finding import Finding
from publisher.feeds.lint.rules import Rule

ATOM = "http://www.w3.org/2005/Atom"
XHTML = "http://www.w3.org/1999/xhtml"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
HISTORY = "{http://purl.org/syndication/history/1.0}"
XML = "{http://www.w3.org/XML/1998/namespace}"

Children = Mapping[str, Sequence[etree._Element]]  # noqa: SLF001 — lxml has no other name for it
"""Child elements by name: local for the format's own, {namespace}local for others. In document order."""


def children(parent: etree._Element, namespace: str) -> Children:
    """Sort the child elements; `namespace` is the format's own, empty for none."""
    own = f"{{{namespace}}}" if namespace else ""
    found: dict[str, list[etree._Element]] = defaultdict(list)
    for child in parent:
        found[str(child.tag).removeprefix(own)].append(child)
    return found


def namespace_of(element: etree._Element) -> str:
    return etree.QName(element).namespace or ""


def text_of(element: etree._Element) -> str:
    """All text below the element, without the space around it."""
    text = "".join(element.itertext()) if len(element) else element.text or ""
    return text.strip()


def first_text(found: Children, *names: str) -> str:
    """The text of the first element that has any."""
    for name in names:
        for element in found.get(name, ()):
            if text := text_of(element):
                return text
    return ""


def first_stamp(found: Children, names: Iterable[tuple[str, str, Grammar]]) -> Stamp | None:
    """The first date there is; each name comes with what to call it, and its grammar."""
    for name, called, grammar in names:
        if text := first_text(found, name):
            return read_stamp(called, text, grammar)
    return None


def is_based(element: etree._Element) -> bool:
    """Whether the element itself names an absolute base for the addresses in it."""
    return scheme_of(element.get(f"{XML}base", "")) in {"http:", "https:"}


def atom_links(found: Children, name: str, *, based: bool) -> dict[str, list[Link]]:
    """Links by relation, of the elements of that name."""
    links: dict[str, list[Link]] = defaultdict(list)
    for element in found.get(name, ()):
        rel = element.get("rel", "alternate")
        href = element.get("href", "").strip()
        links[rel].append(Link(name=f"link rel={rel}", href=href, based=based or is_based(element)))
    return links


def hrefs(links: Mapping[str, Sequence[Link]], rel: str) -> tuple[str, ...]:
    return tuple(link.href for link in links.get(rel, ()))


def check_history(found: Children, links: Mapping[str, Sequence[Link]]) -> Iterable[Finding]:
    """Whether an archive can be walked (RFC 5005). The oldest archive has none before it, and is right."""
    is_archive = f"{HISTORY}archive" in found
    if is_archive and "current" not in links:
        yield Rule.ARCHIVE_CURRENT.found("", "is an archive without a link to the current feed")
    if set(hrefs(links, "prev-archive")) & set(hrefs(links, "self")):
        yield Rule.ARCHIVE_LOOP.found("", "names itself as the archive before it")
    further = [rel for rel in ("prev-archive", "next-archive", "next", "previous") if rel in links]
    if f"{HISTORY}complete" in found and (is_archive or further):
        named = further[0] if further else "fh:archive"
        yield Rule.ARCHIVE_COMPLETE.found("", f"says that it is complete, and has {named}")
