"""`publisher status`."""

from typing import TYPE_CHECKING, Any

import typer

from publisher.cli.context import JsonOption, config_of, console, now, print_json, store_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from publisher.config import Config


def status(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show what is published, what is refused, and how the digests stand.

    Example: publisher status --json
    """
    config = config_of(context)
    data = _collect(config, store_of(context, config))
    if as_json:
        print_json(data)
        return
    out = console()
    out.print(f"Stories: {data['stories']} published, {data['held']} held until their time.")
    out.print(f"Refused files: {len(data['refused'])}")
    for problem in data["refused"]:
        out.print(f"  {problem}")
    for digest in data["digests"]:
        last = digest["last"]
        counts = ", ".join(f"{count} {state}" for state, count in digest["deliveries"].items())
        out.print(
            f"{digest['slug']}: subscribers {digest['subscribers']}, stories waiting {digest['waiting']}, "
            f"next {digest['next']:%Y-%m-%d %H:%M}, last {f'{last} ({counts})' if last else 'none'}."
        )

    for edition in data["unfinished"]:
        counts = ", ".join(f"{count} {state}" for state, count in edition["deliveries"].items())
        out.print(f"Not finished: {edition['digest']} of {edition['date']} ({counts}); digest send goes on.")


def _collect(config: "Config", engine: "Engine") -> dict[str, Any]:
    from publisher.store import stories
    from publisher.store.engine import reading
    from publisher.store.sources import load_sources

    at = now()
    with reading(engine) as connection:
        sections = stories.count_by_section(connection, now=at)
        refused = [source.problem for source in load_sources(connection).values() if source.problem]
        return {
            "stories": sum(section.stories for section in sections),
            "held": sum(section.held for section in sections),
            "refused": refused,
            "digests": list(_digests(config, connection, at)),
            "unfinished": list(_unfinished(connection)),
        }


def _digests(config: "Config", connection: "Connection", at: "datetime") -> "Iterator[dict[str, Any]]":
    from publisher.digest import next_slot, slot_at
    from publisher.model import EditionState
    from publisher.pipeline.waiting import count_waiting
    from publisher.store import editions, subscribers
    from publisher.store.deliveries import count_deliveries

    confirmed = subscribers.count_confirmed(connection)
    waiting = count_waiting(config, connection, now=at)
    for digest in config.digests:
        found = editions.list_editions(connection, digest=digest.slug)
        last = next((edition for edition in found if edition.state is not EditionState.EMPTY), None)
        yield {
            "slug": digest.slug,
            "subscribers": confirmed.get(digest.slug, 0),
            "waiting": waiting[digest.slug],
            "next": slot_at(digest, next_slot(digest, now=at)).astimezone(digest.timezone),
            "last": last.local_date if last else None,
            "deliveries": count_deliveries(connection, [last.id]).get(last.id, {}) if last else {},
        }


def _unfinished(connection: "Connection") -> "Iterator[dict[str, Any]]":
    """Editions that are frozen and not done: what an operator should look at first."""
    from publisher.model import EditionState
    from publisher.store import editions
    from publisher.store.deliveries import count_deliveries

    frozen = editions.list_editions(connection, state=EditionState.FROZEN)
    counts = count_deliveries(connection, [edition.id for edition in frozen])
    for edition in frozen:
        deliveries = counts.get(edition.id, {})
        yield {"digest": edition.digest, "date": edition.local_date, "deliveries": deliveries}
