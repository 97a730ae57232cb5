"""`publisher config …`."""

import typer

from publisher.cli.context import JsonOption, Setup, config_of, console, print_json

app = typer.Typer(help="Look after config.toml.\n\nExample: publisher config check", no_args_is_help=True)


@app.command()
def check(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Check config.toml: every problem at once, each with its dotted name.

    Example: publisher config check
    """
    config = config_of(context)
    setup: Setup = context.obj
    if as_json:
        print_json({"file": setup.config_path, "problems": []})
        return
    counts = f"{len(config.sections)} sections, {len(config.digests)} digests"
    console().print(f"{setup.config_path}: good ({counts}, transport {config.delivery.transport})")
