"""stories → letters: an edition's text in every language, made to fit, and what is wrong with it."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from publisher.config import Config, Digest
from publisher.digest import Composition, compose, facts_of, is_too_large, lint, render, site_paths
from publisher.errors import Problem
from publisher.model import EditionText, StoredArticle
from publisher.store.outputs import known_paths
from publisher.templating import build_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The letters of an edition, before it is frozen."""

    shown: int
    """How many of the stories stand in them."""
    letters: tuple[EditionText, ...]
    """One for each language, in the order asked for."""
    problems: tuple[Problem, ...]
    """What keeps them from being sent."""


def draft(
    config: Config,
    connection: Connection,
    digest: Digest,
    stories: Sequence[StoredArticle],
    *,
    more: int,
    local_date: date,
    languages: Collection[str],
) -> Draft:
    """Render the stories, of which there are `more`. Letters that are too large show fewer.

    Raises:
        ConfigError: a template is missing or wrong.
    """
    desk = _Desk(config, digest, stories, more=more, local_date=local_date, languages=languages)
    shown = _how_many_fit(desk, len(stories))
    composition, letters = desk.compose(shown), desk.render(shown)
    problems: list[Problem] = []
    for letter in letters:
        paths = known_paths(connection, site_paths(letter, config.site.url))
        problems += lint(letter, facts_of(composition, site_url=config.site.url, paths=paths))
    return Draft(shown=shown, letters=letters, problems=tuple(problems))


def _how_many_fit(desk: "_Desk", stories: int) -> int:
    """As many stories as fit; all of them if not even one does, for then it is not they that are too long."""

    def is_large(shown: int) -> bool:
        return any(map(is_too_large, desk.render(shown)))

    if stories < 2 or not is_large(stories):
        return stories
    return bisect_left(range(1, stories), True, key=is_large) or stories  # noqa: FBT003 — the value looked for


class _Desk:
    """Makes the letters with any number of the stories."""

    def __init__(
        self,
        config: Config,
        digest: Digest,
        stories: Sequence[StoredArticle],
        *,
        more: int,
        local_date: date,
        languages: Collection[str],
    ) -> None:
        self._site = config.site
        self._digest = digest
        self._stories = stories
        self._more = more
        self._local_date = local_date
        self._titles = {section.slug: section.title for section in config.sections}
        self._environments = {
            language: build_environment(config.templates, language) for language in languages
        }
        self._made: dict[int, tuple[EditionText, ...]] = {}

    def compose(self, shown: int) -> Composition:
        return compose(
            self._site,
            self._digest,
            self._stories[:shown],
            more=self._more + len(self._stories) - shown,
            local_date=self._local_date,
            titles=self._titles,
        )

    def render(self, shown: int) -> tuple[EditionText, ...]:
        if shown not in self._made:
            composition = self.compose(shown)
            self._made[shown] = tuple(
                render(self._site, composition, environment, language=language)
                for language, environment in self._environments.items()
            )
        return self._made[shown]
