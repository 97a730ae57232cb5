"""`publisher config …`."""

from typing import TYPE_CHECKING

import typer

from publisher.cli.context import JsonOption, Setup, console, print_json
from publisher.errors import ConfigError

if TYPE_CHECKING:
    from publisher.config import Config

app = typer.Typer(help="Look after config.toml.\n\nExample: publisher config check", no_args_is_help=True)


@app.command()
def check(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Check config.toml: every problem at once, each with its dotted name.

    Example: publisher config check
    """
    setup: Setup = context.obj
    try:
        config = setup.config()
        _check_templates(config)
    except ConfigError as error:
        if as_json:
            print_json({"file": setup.config_path, "problems": error.problems})
        raise
    if as_json:
        print_json({"file": setup.config_path, "problems": []})
        return
    counts = f"sections: {len(config.sections)}, digests: {len(config.digests)}"
    console().print(f"{setup.config_path}: good ({counts}, transport: {config.delivery.transport})")


def _check_templates(config: "Config") -> None:
    """A letter's template that is missing would be noticed at its hour only.

    Raises:
        ConfigError: one is missing or cannot be parsed.
    """
    from publisher.templating import build_environment, template_errors

    environment = build_environment(config.templates, config.site.language)
    with template_errors():
        for digest in config.digests:
            for name in (digest.template, "correction"):
                environment.get_template(f"{name}.html.j2")
                environment.get_template(f"{name}.txt.j2")
