"""Stories as feeds and list pages write them: each is made once, and kept while it stands in one of them."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection

from publisher.config import Site
from publisher.feeds import FeedFormat, build_item, render_item
from publisher.model import StoredArticle
from publisher.pipeline.fingerprint import program_signature
from publisher.store import stories
from publisher.store.fragments import FragmentCache
from publisher.store.stories import Brief
from publisher.teasers import Teaser, build_teaser


class Fragments(msgspec.Struct, frozen=True, array_like=True):
    """One story in each form. Views of what the cache gave: copying them took longer than reading."""

    rss: memoryview
    atom: memoryview
    json: memoryview
    teaser: Teaser

    def of(self, format_: FeedFormat) -> memoryview:
        return {FeedFormat.RSS: self.rss, FeedFormat.ATOM: self.atom, FeedFormat.JSON: self.json}[format_]


_DECODER = msgspec.msgpack.Decoder(Fragments)


def make_fragments(site: Site, story: StoredArticle, titles: Mapping[str, str]) -> Fragments:
    """Serialise a story. `titles` maps section slugs."""
    item = build_item(site, story, titles)
    return Fragments(
        rss=memoryview(render_item(item, FeedFormat.RSS)),
        atom=memoryview(render_item(item, FeedFormat.ATOM)),
        json=memoryview(render_item(item, FeedFormat.JSON)),
        teaser=build_teaser(site, story, titles),
    )


class FragmentShelf:
    """The fragments of one run. What the cache holds need not be made; not even its text is loaded."""

    def __init__(
        self,
        connection: Connection,
        cache: FragmentCache,
        site: Site,
        titles: Mapping[str, str],
        *,
        rebuild: bool,
    ) -> None:
        self._connection = connection
        self._cache = cache
        self._site = site
        self._titles = titles
        self._common = repr((program_signature(), site))
        self._trusts_all = not rebuild
        self._made: set[int] = set()
        self._kept: set[int] = set()

    def keep(self, briefs: Iterable[Brief]) -> None:
        """These stories stand in a feed."""
        self._kept.update(brief.id for brief in briefs)

    def forget_others(self) -> None:
        """Of all stories that stand in no feed, the cache holds nothing any more."""
        self._cache.forget_all_but(self._kept)

    def take(self, briefs: Sequence[Brief]) -> list[Fragments]:
        """The fragments of these stories, in their order."""
        inputs = {brief.id: self._inputs(brief) for brief in briefs}
        trusted = {id_: each for id_, each in inputs.items() if self._trusts_all or id_ in self._made}
        found = dict(_decode(self._cache.load(trusted)))
        if missing := inputs.keys() - found.keys():
            made = self._make(missing)
            self._cache.save((id_, inputs[id_], msgspec.msgpack.encode(each)) for id_, each in made.items())
            self._made |= made.keys()
            found |= made
        return [found[brief.id] for brief in briefs]

    def make(self, briefs: Sequence[Brief]) -> list[Fragments]:
        """As `take`, for stories that are not wanted again soon."""
        made = self._make([brief.id for brief in briefs])
        return [made[brief.id] for brief in briefs]

    def _make(self, ids: Collection[int]) -> dict[int, Fragments]:
        if not ids:
            return {}
        found = stories.with_ids(self._connection, ids)
        return {story.id: make_fragments(self._site, story, self._titles) for story in found}

    def _inputs(self, brief: Brief) -> bytes:
        title = self._titles.get(brief.section or "", "")
        return hashlib.sha256(f"{self._common}\0{title}\0{brief.fingerprint}".encode()).digest()


def _decode(found: Mapping[int, bytes]) -> Iterable[tuple[int, Fragments]]:
    for article_id, data in found.items():
        try:
            yield article_id, _DECODER.decode(data)
        except msgspec.DecodeError:
            continue  # damaged, or of another version: it is made anew
