"""The commands, put together."""

from pathlib import Path
from typing import Annotated

import typer

from publisher import __version__
from publisher.cli import (
    articles,
    bounces,
    config,
    digest,
    editions,
    feeds,
    inbox,
    publish,
    resend,
    run,
    serve,
    status,
    subscriber_files,
    subscriber_persons,
    subscribers,
    suppressions,
)
from publisher.cli.context import Setup

app = typer.Typer(
    name="publisher",
    help="A newsroom's publisher: article files in; feeds, pages and a daily digest out.\n\n"
    "Example: publisher publish && publisher digest preview",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:  # noqa: FBT001 — Typer calls it so
    if value:
        typer.echo(f"publisher {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    context: typer.Context,
    config_path: Annotated[
        Path, typer.Option("--config", "-c", envvar="PUBLISHER_CONFIG", help="The newsroom's settings.")
    ] = Path("config.toml"),
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = Setup(config_path)


app.command("publish")(publish.publish)
app.command("inbox")(inbox.inbox)
app.command("run")(run.run)
app.command("serve")(serve.serve)
app.command("status")(status.status)
app.add_typer(articles.app, name="articles")
app.add_typer(digest.app, name="digest")
digest.app.command("show")(editions.show)
digest.app.command("hold")(editions.hold)
digest.app.command("resume")(editions.resume)
digest.app.command("cancel")(editions.cancel)
digest.app.command("resend-unknown")(resend.resend_unknown)
digest.app.command("correct")(resend.correct)
app.add_typer(subscribers.app, name="subscribers")
subscribers.app.command("import")(subscriber_files.import_)
subscribers.app.command("export")(subscriber_files.export)
subscribers.app.command("erase")(subscriber_persons.erase)
app.add_typer(bounces.app, name="bounces")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(feeds.app, name="feeds")
app.add_typer(config.app, name="config")
