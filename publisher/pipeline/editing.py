"""What an editor does with stories that are in the store already."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from publisher.config import Config
from publisher.errors import Problem, UsageError
from publisher.files import locked
from publisher.inbox.scan import scan
from publisher.inbox.standing import withdraw
from publisher.model import Withdrawal
from publisher.pipeline.fingerprint import site_fingerprint
from publisher.pipeline.output import OutputReport, update_output
from publisher.pipeline.pinging import ping_hub
from publisher.pipeline.publishing import Clock
from publisher.store import history
from publisher.store.articles import KnownArticle, update_articles
from publisher.store.engine import writing
from publisher.store.history import HiddenStory
from publisher.store.marks import note_change
from publisher.store.sources import is_canceled, load_sources


def find_story(config: Config, connection: Connection, name: str) -> KnownArticle:
    """The one story of that name: a public id or its first digits, a slug, an address, or a file's path.

    The path may be the one below the inbox, or one that leads there.

    Raises:
        UsageError: there is none, or more than one.
    """
    path = Path(name).resolve()
    below = path.is_relative_to(config.inbox.path.resolve())
    names = {name, str(path.relative_to(config.inbox.path.resolve()))} if below else {name}
    found = history.find_articles(connection, names)
    if not found:
        raise UsageError.of(name, "names no story", "publisher articles search WORDS shows ids")
    if len(found) > 1:
        ids = ", ".join(article.public_id.removeprefix("urn:uuid:") for article in found)
        raise UsageError.of(name, f"names {len(found)} stories", f"write more of the id: {ids}")
    return found[0]


def withdraw_story(config: Config, engine: Engine, name: str, *, clock: Clock) -> OutputReport:
    """Take a story back, at once: it leaves the feeds, its page says so, no edition will have it.

    Raises:
        UsageError: the name is no story's.
    """
    with locked(config.feeds.output):
        now = clock()
        with writing(engine) as connection:
            withdraw(connection, [find_story(config, connection, name)], Withdrawal.OPERATOR, now=now)
        return _bring_up_to_date(config, engine, now=now)


def restore_story(config: Config, engine: Engine, name: str, *, clock: Clock) -> OutputReport:
    """Undo a withdrawal by hand, or by a file that was removed. One that a file asks for stays.

    Raises:
        UsageError: the name is no story's.
    """
    with locked(config.feeds.output):
        now = clock()
        with writing(engine) as connection:
            story = find_story(config, connection, name)
            by = Withdrawal.CANCELED if is_canceled(connection, story.id) else None
            withdrawn_at = story.withdrawn_at if by else None
            update_articles(connection, [replace(story, withdrawn_at=withdrawn_at, withdrawal=by)])
            note_change(connection)
        return _bring_up_to_date(config, engine, now=now)


def _bring_up_to_date(config: Config, engine: Engine, *, now: datetime) -> OutputReport:
    report = update_output(config, engine, site_fingerprint(config), now=now)
    report.warnings += ping_hub(config, engine, now=now).warnings
    return report


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxState:
    """What lies in the inbox and is not to be seen, and why."""

    refused: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    """Stories that were taken in, with something mended or left open."""
    hidden: tuple[HiddenStory, ...]
    lone_images: tuple[str, ...]
    """Pictures that have no story of their name beside them."""
    waiting: tuple[str, ...]
    """Files that are new or changed since the last run."""


def inspect_inbox(config: Config, connection: Connection, *, now: datetime) -> InboxState:
    """Look, without reading or changing anything.

    Raises:
        ConfigError: the inbox is not there.
    """
    found = scan(config.inbox.path)
    sources = load_sources(connection)
    stamps = {path: source.signature for path, source in sources.items()}
    waiting = (file.path for file in found.files if stamps.get(file.path) != file.signature)
    return InboxState(
        refused=tuple(source.problem for source in sources.values() if source.problem),
        warnings=tuple(
            Problem(where=source.path, cause=warning, hint="look at the story")
            for source in sources.values()
            for warning in source.warnings or ()
        ),
        hidden=tuple(history.hidden_stories(connection, now=now)),
        lone_images=tuple(image.path for image in found.lone_images),
        waiting=tuple(waiting),
    )
