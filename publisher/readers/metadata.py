"""What a web page says of its story apart from the text: JSON-LD, then OpenGraph and meta, then microdata.

schema.org/NewsArticle, ogp.me (article), WHATWG HTML 5 (microdata, time). Each source gives the same facts;
for each fact the first source that knows it is believed.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import chain
from typing import TYPE_CHECKING, Any

from publisher.readers.fields import one_line
from publisher.readers.place import SUFFIX, Place, find_dates, line_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_STORIES = frozenset(
    "NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReviewNewsArticle Article BlogPosting".split()
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_BY = re.compile(r"(?:by|автор(?:ы|лар)?|авторы)\b[\s:]*(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What one source says. Dates are texts yet, in order of trust; addresses may be relative."""

    titles: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    bylines: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    credits: tuple[str, ...] = ()
    corrections: tuple[str, ...] = ()
    body: str = ""


def read_metadata(tree: "LexborHTMLParser", place: Place) -> tuple[list[Facts], tuple[str, ...]]:
    """All sources, the most trusted first, and what was wrong with them."""
    graph, warnings = _json_ld(tree)
    open_graph, micro = _open_graph(tree, place), _microdata(tree, place)
    titles = {*open_graph.titles, *micro.titles}
    # A page may describe its neighbours too: the one that it is about carries its title.
    graph.sort(key=lambda facts: not titles.intersection(facts.titles))
    return [*graph[:1], open_graph, micro], warnings


def _json_ld(tree: "LexborHTMLParser") -> tuple[list[Facts], tuple[str, ...]]:
    found: list[Facts] = []
    warnings: tuple[str, ...] = ()
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            value = json.loads(script.text(), strict=False)
        except (ValueError, RecursionError):
            warnings = ("the page's JSON-LD is broken and was not read",)
            continue
        found += [_story_facts(item) for item in _items(value) if _STORIES.intersection(_types(item))]
    return found, warnings


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    """The things a JSON-LD document describes: one, a list, or a @graph."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item
            graph = item.get("@graph")
            yield from (node for node in graph if isinstance(node, dict)) if isinstance(graph, list) else ()


def _types(item: Mapping[str, Any]) -> set[str]:
    return {re.split(r"[/#:]", text)[-1] for text in _texts(item.get("@type"))}


def _story_facts(item: Mapping[str, Any]) -> Facts:
    images = [image for image in _list(item.get("image")) if isinstance(image, dict)][:1]
    return Facts(
        titles=_texts(item.get("headline")) or _texts(item.get("name")),
        dates=_texts(item.get("datePublished")),  # dateModified is no day of publication
        sections=_texts(item.get("articleSection")),
        tags=_split(_texts(item.get("keywords"))),
        bylines=tuple(chain.from_iterable(map(_person, _list(item.get("author"))))),
        languages=_texts(item.get("inLanguage"), "alternateName", "name"),
        urls=(*_texts(item.get("url")), *_texts(item.get("mainEntityOfPage"), "@id", "url")),
        descriptions=_texts(item.get("description")),
        captions=tuple(text for image in images for text in _texts(image.get("caption"))),
        credits=tuple(
            text
            for image in images
            for key in ("creditText", "author", "creator", "copyrightHolder")
            for text in _texts(image.get(key), "name")
        ),
        corrections=_texts(item.get("correction"), "text", "description"),
        body=next((text for text in _list(item.get("articleBody")) if isinstance(text, str)), ""),
    )


def _person(author: Any) -> tuple[str, ...]:
    """An author's name. The newspaper itself, which many pages name, is nobody's byline."""
    if isinstance(author, dict) and _types(author) - {"Person"}:
        return ()
    return _texts(author, "name")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: Any, *names: str) -> tuple[str, ...]:
    """Texts in a value, which may be one or many; of an object, the first of the named ones."""
    texts = []
    for item in _list(value):
        for name in names if isinstance(item, dict) else ():
            if isinstance(item.get(name), str):
                texts.append(item[name])
                break
        if isinstance(item, str):
            texts.append(item)
    # Many sites escape for HTML what stands in a script, where HTML knows no entities.
    return _clean(_ENTITY.sub(lambda match: unescape(match[0]), text) for text in texts)


def _clean(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(text for text in (one_line(text or "") for text in texts) if text)


def _split(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in re.split("[,;]", text) if part.strip())


def _open_graph(tree: "LexborHTMLParser", place: Place) -> Facts:
    metas: dict[str, list[str]] = {}
    for node in tree.css("meta[content]"):
        name = node.attributes.get("property") or node.attributes.get("name") or ""
        metas.setdefault(name.lower(), []).append(node.attributes.get("content") or "")

    def texts(*names: str) -> tuple[str, ...]:
        return _clean(text for name in names for text in metas.get(name, ()))

    site = texts("og:site_name")
    headline = _headline(place)
    heading = _clean(node.text() for node in tree.css("head > title")[:1])
    return Facts(
        titles=tuple(
            _without_site(title, site, headline) for title in (*texts("og:title"), *headline, *heading)
        ),
        dates=texts("article:published_time", "datepublished", "dc.date.issued", "dcterms.issued", "pubdate"),
        sections=texts("article:section"),
        tags=texts("article:tag") or _split(texts("news_keywords", "keywords")),
        bylines=tuple(
            name for name in texts("article:author", "author") if name not in site and "//" not in name
        ),
        languages=_clean(node.attributes.get("lang") for node in tree.css("html[lang]")),
        urls=(
            *_clean(node.attributes.get("href") for node in tree.css("link[rel=canonical]")),
            *texts("og:url"),
        ),
        descriptions=texts("og:description", "description"),
    )


def _headline(place: Place) -> tuple[str, ...]:
    return _clean([line_of(place.headline)]) if place.headline else ()


def _without_site(title: str, sites: Iterable[str], headline: Iterable[str]) -> str:
    """«Headline | Newspaper» is the headline, where the page says what either of them is called."""
    for text in headline:
        if re.fullmatch(rf"{re.escape(text)}{SUFFIX}.+|.+(?:{SUFFIX}|:\s+){re.escape(text)}", title):
            return text
    for site in sites:
        if match := re.fullmatch(rf"(.+?){SUFFIX}{re.escape(site)}", title):
            return match[1]
    return title


def _microdata(tree: "LexborHTMLParser", place: Place) -> Facts:
    def texts(selector: str) -> tuple[str, ...]:
        return _clean(map(_said, tree.css(selector)))

    return Facts(
        titles=_headline(place),
        dates=find_dates(place),
        sections=texts("[itemprop=articleSection]"),
        tags=_split(texts("[itemprop=keywords]")),
        bylines=texts("[itemprop=author] [itemprop=name]")
        or tuple(
            _BY.sub("", name, count=1) if _BY.match(name) else name
            for name in texts("[itemprop=author], a[rel=author]") or texts(".byline .author, .byline")[:1]
        ),
        descriptions=texts("[itemprop=description]"),
        captions=texts("figure [itemprop=caption]"),
        credits=texts("figure [itemprop=creditText], figure [itemprop=copyrightHolder]"),
    )


def _said(node: "LexborNode") -> str:
    """What an element says to machines, else to people (microdata values: WHATWG HTML, 5.2.4)."""
    values = node.attributes
    return values.get("content") or values.get("datetime") or re.sub(r"\s+", " ", node.text())
