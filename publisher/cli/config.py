"""`publisher config …`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.context import JsonOption, Setup, config_of, console, print_json
from publisher.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from publisher.config import Config

app = typer.Typer(
    help="Look after config.toml, and make keys.\n\nExample: publisher config check", no_args_is_help=True
)


@app.command()
def check(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """Check config.toml: every problem at once, each with its dotted name.

    Example: publisher config check
    """
    setup: Setup = context.obj
    try:
        config = setup.config()
        _check_templates(config)
        _check_keys(config)
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


def _check_keys(config: "Config") -> None:
    """A key that cannot be used would be noticed at the digest's hour only.

    Raises:
        ConfigError: a DKIM key is missing or cannot be used.
    """
    if config.delivery.dkim:
        from publisher.delivery.dkim import load_signer

        for key in config.delivery.dkim:
            load_signer(key)


@app.command()
def dkim(
    context: typer.Context,
    selector: Annotated[str, typer.Argument(help="A name for the key in the DNS, as news2026.")],
    *,
    ed25519: Annotated[
        bool,
        typer.Option("--ed25519", help="A short key; keep one of RSA beside it, which all servers know."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the key goes; dkim-SELECTOR.pem if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key that signs the mail (DKIM), and say what the DNS and config.toml must hold.

    Example: publisher config dkim news2026
    """
    from publisher.config import SELECTOR
    from publisher.delivery.dkim import make_key, record_name
    from publisher.text.mailboxes import wire_domain

    if not SELECTOR.fullmatch(selector):
        raise UsageError.of(
            "SELECTOR", f"{selector!r} is no name for the DNS", "use letters, digits, hyphens"
        )
    domain = wire_domain(config_of(context).delivery.sender.domain)
    path = output or Path(f"dkim-{selector}.pem")
    pem, value = make_key(ed25519=ed25519)
    _write_secret(path, pem)
    name = record_name(domain, selector)
    block = f'[[delivery.dkim]]\nselector = "{selector}"\nkey = "{path}"\n'
    if as_json:
        print_json({"key": path, "name": name, "value": value, "config": block})
        return
    # One string of a TXT record holds 255 bytes (RFC 1035, 3.3.14).
    strings = " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))
    sys.stdout.write(f"The key is in {path}. Keep it secret.\n\n")
    sys.stdout.write(f"For the DNS:\n{name}. IN TXT {strings}\n\nFor config.toml:\n{block}")


def _write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner reads.

    Raises:
        UsageError: it is there already, or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError as error:
        raise UsageError.of(path, "is there already", "name another file with --output") from error
    except OSError as error:
        raise UsageError.of(
            path, f"cannot be written ({error.strerror})", "name another with --output"
        ) from error
