"""Bytes to findings: the format is told by the bytes; then its reader and the checks of all formats run."""

from collections.abc import Collection
from datetime import datetime

from lxml import etree

from publisher.feeds.lint.atom import read_atom
from publisher.feeds.lint.common import check_document
from publisher.feeds.lint.document import Document
from publisher.feeds.lint.elements import ATOM, XHTML
from publisher.feeds.lint.finding import Finding, quote
from publisher.feeds.lint.json_feed import is_json_feed, read_json_feed
from publisher.feeds.lint.rss import RDF, read_rss
from publisher.feeds.lint.rules import Rule
from publisher.feeds.lint.source import UnreadableError, open_feed


def lint_feed(data: bytes, *, now: datetime, urls: Collection[str] = ()) -> list[Finding]:
    """What is wrong with a feed, in the order in which it is written; never raises, whatever the bytes are.

    `urls` are the addresses it was fetched from, if it was: the feed should name one of them as its own.
    """
    document, findings = read_feed(data)
    if document:
        findings += check_document(document, now=now, urls=urls)
    return findings


def read_feed(data: bytes) -> tuple[Document | None, list[Finding]]:
    """The feed, unless it cannot be read, and what its own format finds wrong with it."""
    findings: list[Finding] = []
    try:
        opened = open_feed(data, findings)
    except UnreadableError as error:
        return None, [*findings, error.finding]
    document: Document | None = None
    if isinstance(opened, dict):
        if is_json_feed(opened):
            document = read_json_feed(opened)
        else:
            findings.append(Rule.NOT_A_FEED.found("", "is JSON, but no JSON Feed"))
    else:
        document = _read_xml(opened, findings)
    return document, findings + (document.findings if document else [])


def _read_xml(root: etree._Element, findings: list[Finding]) -> Document | None:
    name = etree.QName(root)
    if root.tag == f"{{{ATOM}}}feed":
        return read_atom(root)
    if name.localname == "rss" or root.tag == f"{{{RDF}}}RDF":
        if document := read_rss(root):
            return document
        findings.append(Rule.NOT_A_FEED.found("", "is RSS without a channel"))
    elif name.localname == "feed":
        namespace = quote(name.namespace or "")
        findings.append(Rule.VERSION_WRONG.found("", f"is a feed of the namespace {namespace}, not Atom 1.0"))
    elif name.namespace == XHTML:
        findings.append(Rule.HTML_PAGE.found("", "is an XHTML page, no feed"))
    else:
        findings.append(
            Rule.NOT_A_FEED.found("", f"is XML, but no feed: it is {quote(f'<{name.localname}>')}")
        )
    return None
