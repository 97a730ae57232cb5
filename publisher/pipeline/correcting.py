"""story → correction → those who were told it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from publisher.config import Config, Digest
from publisher.digest import Correction, Facts, lint, render_correction, site_paths
from publisher.errors import EditionError, Problem
from publisher.model import OPEN_DELIVERY_STATES, Edition, EditionState, EditionText, StoredArticle
from publisher.pipeline.editing import find_story
from publisher.pipeline.operating import check_goes_out, correction_of, name_of
from publisher.pipeline.sending import SENDERS, settle_dead_senders
from publisher.pipeline.waiting import find_digest
from publisher.store import editions, history, operations, stories
from publisher.store.deliveries import count_deliveries
from publisher.store.engine import writing
from publisher.store.outputs import known_paths
from publisher.templating import build_environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A correction with its readers in the books."""

    edition: Edition
    told: Edition
    added: int
    """Readers who were not in its books before."""
    coming: int
    """Deliveries of the edition that told the story that have not ended: who gets it later needs this too."""
    says_note: bool
    """Whether the letter has the note that was given; it was fixed when the correction was first sent."""


def correct_story(
    config: Config,
    engine: Engine,
    slug: str,
    name: str,
    *,
    day: date | None,
    note: str | None,
    now: datetime,
) -> Corrected:
    """Freeze the correction of a story as it stands now, or go on with it; add who has been told it since.

    `day` is that of the edition which told the story; None when that does not matter.

    Raises:
        UsageError: there is no such digest or story.
        ConfigError: a template is wrong.
        EditionError: nobody was told the story, it has no note, or its correction is held or canceled.
    """
    digest = find_digest(config, slug)
    settle_dead_senders(engine, config.root / SENDERS, now=now)  # what one was sending may have arrived
    # One transaction: two that correct the same revision make one correction.
    with writing(engine) as connection:
        story = stories.with_id(connection, find_story(config, connection, name).id)
        told = _telling_edition(connection, digest, story, day)
        occasion = f"{correction_of(story.id)}{story.revision}"
        every = editions.list_editions(connection, digest=digest.slug)
        edition = next((each for each in every if each.occasion == occasion), None)
        if edition:
            check_goes_out(edition)
            edition_id = edition.id
        else:
            text = note or _own_note(connection, story, told)
            correction = Correction(note=text, story=story, told_on=told.local_date)
            texts = _render(config, digest, correction, editions.load_texts(connection, told.id))
            _look_through(config, connection, texts, name=f"{digest.slug} {occasion}")
            edition_id = operations.freeze_correction(
                connection,
                told=told,
                local_date=now.astimezone(digest.timezone).date(),
                occasion=occasion,
                texts=texts,
                now=now,
            )
        return _add_readers(connection, edition_id, told, note=note, now=now)


def _telling_edition(
    connection: Connection, digest: Digest, story: StoredArticle, day: date | None
) -> Edition:
    found = operations.find_telling(connection, digest.slug, story.id)
    if found is None:
        raise EditionError.of(
            _name(story),
            f"no edition of {digest.slug} has told it",
            "publisher digest show lists its stories",
        )
    edition_id, told = found
    edition = editions.with_id(connection, edition_id)
    if day not in {None, edition.local_date}:
        raise EditionError.of(_name(story), f"was not told on {day}", f"but on {edition.local_date}")
    if not told:
        raise EditionError.of(
            _name(story),
            f"the edition of {edition.local_date} only counted it in “and N more”",
            "nobody was told it",
        )
    return edition


def _own_note(connection: Connection, story: StoredArticle, told: Edition) -> str:
    """The note of the story's file, if readers were told the story before it stood there."""
    note = story.article.correction
    if not note:
        raise EditionError.of(
            _name(story),
            "has no correction note",
            "add correction: to its file and publish, or say --note TEXT",
        )
    revisions = history.load_revisions(connection, story.id)
    if told.frozen_at >= min(each.seen_at for each in revisions if each.article.correction == note):
        raise EditionError.of(
            _name(story),
            f"stood corrected already when {told.local_date} told it",
            "--note TEXT says what else was wrong",
        )
    return note


def _render(
    config: Config, digest: Digest, correction: Correction, languages: Iterable[str]
) -> list[EditionText]:
    return [
        render_correction(
            config.site,
            digest,
            correction,
            build_environment(config.templates, language),
            language=language,
        )
        for language in languages
    ]


def _look_through(
    config: Config, connection: Connection, letters: Iterable[EditionText], *, name: str
) -> None:
    """What a correction got wrong would need another one.

    Raises:
        EditionError: with everything that is wrong.
    """
    problems: list[Problem] = []
    for letter in letters:
        paths = known_paths(connection, site_paths(letter, config.site.url))
        facts = Facts(name=name, site_url=config.site.url, stories=(), more_url=None, paths=paths)
        problems += lint(letter, facts)
    if problems:
        raise EditionError(problems)


def _add_readers(
    connection: Connection, edition_id: int, told: Edition, *, note: str | None, now: datetime
) -> Corrected:
    added = operations.add_correction_recipients(connection, edition_id, told=told, now=now)
    counts = count_deliveries(connection, [edition_id, told.id])
    coming = counts.get(told.id, {})
    if not counts.get(edition_id):
        raise EditionError.of(name_of(told), "nobody has got it yet", "there is nobody to correct it for")
    texts = editions.load_texts(connection, edition_id).values()
    return Corrected(
        edition=editions.with_id(connection, edition_id),
        told=told,
        added=added,
        coming=sum(coming.get(state, 0) for state in OPEN_DELIVERY_STATES)
        if told.state is not EditionState.CANCELED
        else 0,
        says_note=not note or all(note in text.text for text in texts),
    )


def _name(story: StoredArticle) -> str:
    return story.public_id.removeprefix("urn:uuid:")
