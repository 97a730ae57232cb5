"""`publisher inbox`."""

from typing import TYPE_CHECKING

import typer

from publisher.cli.context import JsonOption, config_of, console, now, print_json, store_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from publisher.store.history import HiddenStory


def inbox(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """List what is held back, and why: refused files, held and withdrawn stories, pictures without a story.

    Example: publisher inbox --json
    """
    from publisher.pipeline.editing import inspect_inbox
    from publisher.store.engine import reading

    config = config_of(context)
    with reading(store_of(context, config)) as connection:
        state = inspect_inbox(config, connection, now=now())
    if as_json:
        print_json(state)
        return
    zone = config.site.timezone
    sections = (
        ("Refused", [str(problem) for problem in state.refused]),
        ("Held or withdrawn", [_hidden_line(story, zone) for story in state.hidden]),
        ("Taken in, but look", [f"{warning.where}: {warning.cause}" for warning in state.warnings]),
        ("Pictures without a story of their name", list(state.lone_images)),
        ("Not read yet", list(state.waiting)),
    )
    out = console()
    for heading, lines in sections:
        if lines:
            out.print(f"{heading}: {len(lines)}")
        for line in lines:
            out.print(f"  {line}", soft_wrap=True)
    if not any(lines for _, lines in sections):
        out.print("Nothing is held back.")


def _hidden_line(story: "HiddenStory", zone: "ZoneInfo") -> str:
    from publisher.model import Hold, Withdrawal

    reasons = {
        Hold.WITHHELD: "withheld: its file says so, or gives an embargo that cannot be read",
        Hold.SECTION: "held: its section is not configured; add it, or an alias, to config.toml",
        Withdrawal.FILE: "withdrawn: its file was removed",
        Withdrawal.CANCELED: "withdrawn: a file says so",
        Withdrawal.OPERATOR: "withdrawn by hand; publisher articles restore brings it back",
    }
    decided = story.withdrawal or story.held
    if decided:
        reason = reasons[decided]
    elif story.due_at:
        reason = f"waits until {story.due_at.astimezone(zone):%Y-%m-%d %H:%M}"
    return f"{story.path or story.public_id.removeprefix('urn:uuid:')[:8]}: «{story.title}» {reason}"
