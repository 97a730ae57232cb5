"""`publisher config …`."""

import typer

from publisher.cli.context import JsonOption, Setup, console, print_json
from publisher.errors import ConfigError

app = typer.Typer(help="Look after config.toml.\n\nExample: publisher config check", no_args_is_help=True)


@app.command()
def check(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Check config.toml: every problem at once, each with its dotted name.

    Example: publisher config check
    """
    setup: Setup = context.obj
    try:
        config = setup.config()
    except ConfigError as error:
        if as_json:
            print_json({"file": setup.config_path, "problems": error.problems})
        raise
    if as_json:
        print_json({"file": setup.config_path, "problems": []})
        return
    counts = f"{len(config.sections)} sections, {len(config.digests)} digests"
    console().print(f"{setup.config_path}: good ({counts}, transport {config.delivery.transport})")
