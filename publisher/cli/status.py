"""`publisher status`."""

from typing import TYPE_CHECKING, Any

import typer

from publisher.cli.context import JsonOption, config_of, console, now, print_json, store_of

if TYPE_CHECKING:
    from publisher.config import Config


def status(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Show what is published, what is refused, and how the digests stand.

    Example: publisher status --json
    """
    config = config_of(context)
    data = _collect(config)
    if as_json:
        print_json(data)
        return
    out = console()
    out.print(f"Stories: {data['stories']} published, {data['held']} held until their time.")
    out.print(f"Refused files: {len(data['refused'])}")
    for problem in data["refused"]:
        out.print(f"  {problem}", markup=False)
    for digest in data["digests"]:
        last = digest["last"]
        counts = ", ".join(f"{count} {state}" for state, count in digest["deliveries"].items())
        out.print(
            f"{digest['slug']}: {digest['subscribers']} subscribers, {digest['waiting']} stories waiting, "
            f"next {digest['next']:%Y-%m-%d %H:%M}, last {f'{last} ({counts})' if last else 'none'}."
        )


def _collect(config: "Config") -> dict[str, Any]:
    from publisher.digest import next_slot, slot_at
    from publisher.errors import Problem
    from publisher.model import EditionState
    from publisher.pipeline import count_waiting
    from publisher.store import articles, editions, reading, subscribers
    from publisher.store.deliveries import count_deliveries
    from publisher.store.sources import load_sources

    at, zone = now(), config.site.timezone
    with reading(store_of(config)) as connection:
        sections = articles.count_by_section(connection, now=at)
        sources = load_sources(connection).values()
        confirmed = subscribers.count_confirmed(connection)
        waiting = count_waiting(config, connection, now=at)
        digests = []
        for digest in config.digests:
            sent = (
                edition
                for edition in editions.list_editions(connection, digest=digest.slug)
                if edition.state is not EditionState.EMPTY
            )
            last = next(sent, None)
            counts = count_deliveries(connection, [last.id]) if last else {}
            digests.append(
                {
                    "slug": digest.slug,
                    "subscribers": confirmed.get(digest.slug, 0),
                    "waiting": waiting[digest.slug],
                    "next": slot_at(digest, next_slot(digest, zone, now=at), zone).astimezone(zone),
                    "last": last.local_date if last else None,
                    "deliveries": counts.get(last.id, {}) if last else {},
                }
            )
    return {
        "stories": sum(section.stories for section in sections),
        "held": sum(section.held for section in sections),
        "refused": [
            Problem(where=source.path, cause=source.cause, hint=source.hint or "")
            for source in sources
            if source.cause
        ],
        "digests": digests,
    }
