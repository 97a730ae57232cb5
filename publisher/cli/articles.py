"""`publisher articles …`."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from publisher.cli.context import (
    JsonOption,
    config_of,
    console,
    now,
    print_json,
    print_problem,
    print_warning,
    store_of,
)
from publisher.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.text import Text
    from sqlalchemy import Engine

    from publisher.config import Config
    from publisher.model import Article
    from publisher.pipeline.output import OutputReport
    from publisher.store.history import PastRevision

app = typer.Typer(
    help="Find stories, see what changed in them, take them back.\n\n"
    "Example: publisher articles search сенат",
    no_args_is_help=True,
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="A public id or its first digits, a slug, an address, or the file's path."
    ),
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many.")]


@app.command()
def show(
    context: typer.Context,
    name: Name,
    *,
    history: Annotated[
        bool, typer.Option("--history", help="Every revision, with what it changed, word by word.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a story as it is stored.

    Example: publisher articles show 5c9351a6 --history
    """
    from publisher.pipeline.editing import find_story
    from publisher.store.engine import reading
    from publisher.store.history import load_revisions, source_paths

    config = config_of(context)
    with reading(store_of(context, config)) as connection:
        story = find_story(config, connection, name)
        revisions = list(load_revisions(connection, story.id))
        files = source_paths(connection, story.id)
    if as_json:
        shown = revisions if history else revisions[-1:]
        print_json({"story": story, "files": files, "revisions": shown})
        return
    out = console()
    zone = config.site.timezone
    rows = {
        "Id": story.public_id,
        "Section": story.section or "—",
        "Published": f"{story.published_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "Updated": f"{story.updated_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        "Revision": str(story.revision),
        "Views": "—" if story.views is None else str(story.views),
        "Files": ", ".join(files) or "—",
        "Held": story.held or "",
        "Withdrawn": story.withdrawal or "",
    }
    for heading, value in rows.items():
        if value:
            out.print(f"{heading + ':':11}{value}", soft_wrap=True)
    out.print()
    if history:
        _print_history(revisions, config)
    else:
        out.print(_plain(revisions[-1].article), soft_wrap=True)


def _plain(article: "Article") -> str:
    """The story as text: what a reader reads."""
    from publisher.text.labels import correction_label
    from publisher.text.markup import plain_paragraphs

    note = article.correction and f"{correction_label(article.language)}: {article.correction}"
    paragraphs = plain_paragraphs(article.body_html)
    return "\n\n".join(filter(None, (article.title, article.lead, note, *paragraphs)))


def _print_history(revisions: "list[PastRevision]", config: "Config") -> None:
    out, before = console(), ""
    for revision in revisions:
        seen_at = revision.seen_at.astimezone(config.site.timezone)
        out.print(f"Revision {revision.number}, {seen_at:%Y-%m-%d %H:%M:%S}")
        after = _plain(revision.article)
        out.print(_diff(before, after) if before else after, soft_wrap=True)
        out.print()
        before = after


def _diff(before: str, after: str) -> "Text":
    """Removed words in [-red-], added ones in {+green+}, as `git diff --word-diff` writes them."""
    from rich.text import Text

    from publisher.text.diffs import Change, diff_words

    if before == after:
        return Text("(the text did not change)")
    marks = {Change.REMOVED: ("[-", "-]", "red"), Change.ADDED: ("{+", "+}", "green")}
    text = Text()
    for change, words in diff_words(before, after):
        left, right, style = marks.get(change, ("", "", ""))
        text.append(f"{left}{words}{right}", style=style)
    return text


@app.command()
def search(
    context: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORDS...")],
    *,
    limit: Limit = 20,
    as_json: JsonOption = False,
) -> None:
    """Find stories that hold all these words, or longer words that begin with them.

    Example: publisher articles search сенат әшімбаев
    """
    from publisher.store.engine import reading
    from publisher.store.search import find

    config = config_of(context)
    engine = store_of(context, config)
    _index(engine)
    with reading(engine) as connection:
        found = find(connection, " ".join(words), limit=limit)
    rows = [
        {
            "id": story.public_id,
            "slug": story.slug,
            "title": story.article.title,
            "section": story.section,
            "published_at": story.published_at.astimezone(config.site.timezone),
        }
        for story in found
    ]
    if as_json:
        print_json(rows)
    else:
        _print_found(rows)


def _print_found(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table("Id", "Date", "Section", "Title")
    for row in rows:
        title, day = row["title"], f"{row['published_at']:%Y-%m-%d}"
        table.add_row(row["id"].removeprefix("urn:uuid:")[:8], day, row["section"] or "—", title)
    console().print(table if rows else "No story holds these words.")


def _index(engine: "Engine") -> None:
    """Bring the index up to date. After a bulk import that takes a while, once."""
    from publisher.store.engine import reading, writing
    from publisher.store.search import count_pending, index_pending

    with reading(engine) as connection:
        pending = count_pending(connection)
    batches = range(0, pending, 500)
    if pending > 1000 and sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import track

        batches = track(batches, "Indexing", console=Console(stderr=True), transient=True)  # type: ignore[assignment]
    for _ in batches:
        with writing(engine) as connection:
            index_pending(connection, limit=500)


@app.command()
def duplicates(context: typer.Context, *, limit: Limit = 100, as_json: JsonOption = False) -> None:
    """List pairs of stories that are nearly the same. Nothing is ever dropped for it.

    Example: publisher articles duplicates
    """
    from publisher.store.engine import reading
    from publisher.store.search import near_duplicates

    config = config_of(context)
    engine = store_of(context, config)
    _index(engine)
    with reading(engine) as connection:
        pairs = near_duplicates(connection, limit=limit)
    if as_json:
        print_json(pairs)
        return
    out = console()
    for pair in pairs:
        one, other = (value.removeprefix("urn:uuid:")[:8] for value in (pair.public_id, pair.other_public_id))
        out.print(
            f"{pair.similarity:.0%}  {one} «{pair.title}»  {other} «{pair.other_title}»", soft_wrap=True
        )
    if not pairs:
        out.print("No two stories are nearly the same.")


@app.command()
def withdraw(context: typer.Context, name: Name) -> None:
    """Take a story back, at once. Its file may stay; only `restore` brings the story back.

    Example: publisher articles withdraw 5c9351a6
    """
    from publisher.pipeline.editing import withdraw_story

    _change(context, name, withdraw_story, "withdrawn")


@app.command()
def restore(context: typer.Context, name: Name) -> None:
    """Undo a withdrawal.

    Example: publisher articles restore 5c9351a6
    """
    from publisher.pipeline.editing import restore_story

    _change(context, name, restore_story, "restored")


def _change(context: typer.Context, name: str, change: "Callable[..., OutputReport]", done: str) -> None:
    config = config_of(context)
    report = change(config, store_of(context, config), name, clock=now)
    console().print(f"{name}: {done}, {len(report.written)} files written.")
    for warning in report.warnings:
        print_warning(f"{warning.where}: {warning.cause}")
    for problem in report.blocked:
        print_problem(problem)
    if report.blocked:
        raise typer.Exit(ExitCode.SOME_REFUSED)
