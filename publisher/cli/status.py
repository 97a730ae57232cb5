"""`publisher status`."""

from typing import TYPE_CHECKING, Any

import typer

from publisher.cli.context import JsonOption, config_of, console, now, print_json, store_of
from publisher.cli.edition_view import as_data
from publisher.model import DeliveryState, EditionKind, EditionState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Engine

    from publisher.config import Config
    from publisher.model import Edition


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
        what = f"{_name(edition)} ({_counts(edition)})"
        out.print(f"Not finished: {what}; publisher run goes on, or {edition['command']}.", soft_wrap=True)
    for edition in data["held_editions"]:
        reason = "; ".join((edition["reason"] or "").splitlines())
        what = f"{_name(edition)} ({_counts(edition)}): {reason}"
        out.print(f"Held: {what}; {edition['command']} lets it go on.", soft_wrap=True)
    for edition in data["unknown"]:
        count = edition["deliveries"][DeliveryState.UNKNOWN]
        what = f"{count} of {_name(edition)} may have arrived or not"
        out.print(f"Unknown: {what}; {edition['command']} sends again.", soft_wrap=True)
    if data["unknown_answers"]:
        what = f"{data['unknown_answers']} letters that answer readers may have arrived or not"
        out.print(f"Unknown: {what}; the readers may ask again.", soft_wrap=True)


def _name(edition: dict[str, Any]) -> str:
    correction = " (correction)" if edition["kind"] is EditionKind.CORRECTION else ""
    return f"{edition['digest']} of {edition['date']}{correction}"


def _counts(edition: dict[str, Any]) -> str:
    return ", ".join(f"{count} {state}" for state, count in edition["deliveries"].items())


def _collect(config: "Config", engine: "Engine") -> dict[str, Any]:
    from publisher.pipeline.operating import FRESH
    from publisher.store import letters, stories
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
            **_editions(connection, at),
            "unknown_answers": letters.count_unknown(connection, since=at - FRESH),
        }


def _digests(config: "Config", connection: "Connection", at: "datetime") -> "Iterator[dict[str, Any]]":
    from publisher.digest import next_slot, slot_at
    from publisher.pipeline.waiting import count_waiting
    from publisher.store import editions, subscribers
    from publisher.store.deliveries import count_deliveries

    confirmed = subscribers.count_confirmed(connection)
    waiting = count_waiting(config, connection, now=at)
    for digest in config.digests:
        found = editions.list_editions(connection, digest=digest.slug)
        last = next((edition for edition in found if _went_out(edition)), None)
        yield {
            "slug": digest.slug,
            "subscribers": confirmed.get(digest.slug, 0),
            "waiting": waiting[digest.slug],
            "next": slot_at(digest, next_slot(digest, now=at)).astimezone(digest.timezone),
            "last": last.local_date if last else None,
            "deliveries": count_deliveries(connection, [last.id]).get(last.id, {}) if last else {},
        }


def _went_out(edition: "Edition") -> bool:
    """Whether it is a digest's letter of the day; one that was held goes out yet."""
    regular = edition.kind is EditionKind.REGULAR
    return regular and edition.state not in {EditionState.EMPTY, EditionState.CANCELED}


def _editions(connection: "Connection", at: "datetime") -> dict[str, list[dict[str, Any]]]:
    """What an operator should look at first, each with the command that goes on with it."""
    from publisher.pipeline.operating import FRESH, what_to_do
    from publisher.store import editions, operations
    from publisher.store.deliveries import count_deliveries

    found = editions.list_editions(connection)
    unknown = operations.with_unknown(connection, since=at - FRESH)
    groups = {
        "unfinished": ("send", [each for each in found if each.state is EditionState.FROZEN]),
        "held_editions": ("resume", [each for each in found if each.state is EditionState.HELD]),
        "unknown": ("resend-unknown", [each for each in found if each.id in unknown]),
    }
    ids = {edition.id for _, group in groups.values() for edition in group}
    counts = count_deliveries(connection, ids)
    return {
        name: [
            as_data(edition, counts.get(edition.id, {})) | {"command": what_to_do(connection, edition, verb)}
            for edition in group
        ]
        for name, (verb, group) in groups.items()
    }
