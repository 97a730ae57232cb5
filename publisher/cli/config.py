"""`publisher config …`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from publisher.cli.context import JsonOption, Setup, config_of, console, print_json
from publisher.errors import ConfigError, Problem, UsageError

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
        _check_files(config)
    except ConfigError as error:
        if as_json:
            print_json({"file": setup.config_path, "problems": error.problems})
        raise
    if as_json:
        print_json({"file": setup.config_path, "problems": []})
        return
    counts = f"sections: {len(config.sections)}, digests: {len(config.digests)}"
    console().print(f"{setup.config_path}: good ({counts}, transport: {config.delivery.transport})")


@app.command()
def dkim(
    context: typer.Context,
    selector: Annotated[str, typer.Argument(help="The key's name in the DNS, as news2026.")],
    *,
    ed25519: Annotated[
        bool, typer.Option("--ed25519", help="Short and quick; many receivers want an RSA key beside it.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="state/dkim/SELECTOR.pem if left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key that signs letters (DKIM), and say what to write into the DNS and into config.toml.

    A key that is there is never overwritten.

    Example: publisher config dkim news2026
    """
    from publisher.delivery.dkim_keys import dns_strings, dns_value, make_key
    from publisher.text.mailboxes import wire_domain

    config = config_of(context)
    _check_selector(selector)
    path = output or config.root / "state" / "dkim" / f"{selector}.pem"
    pem = make_key(ed25519=ed25519)
    _write_key(path, pem)
    domain, value = wire_domain(config.delivery.sender.domain), dns_value(pem)
    name, strings = f"{selector}._domainkey.{domain}", dns_strings(value)
    block = _config_block(config, selector, path)
    if as_json:
        record = {"name": name, "type": "TXT", "value": value, "strings": strings}
        print_json({"file": path, "record": record, "config": block})
        return
    quoted = " ".join(f'"{string}"' for string in strings)
    text = f"{path}: written. Keep it secret.\n\nInto the DNS of {domain}:\n\n{name}. TXT {quoted}\n"
    console().print(f"{text}\nInto config.toml, once the DNS has it:\n\n{block}", soft_wrap=True)


def _check_selector(selector: str) -> None:
    from publisher.config.delivery import SELECTOR

    if not SELECTOR.fullmatch(selector):
        raise UsageError.of("SELECTOR", f"is {selector!r}", "write a name for the DNS, as news2026")


def _write_key(path: Path, pem: bytes) -> None:
    from publisher.files import write_once

    try:
        write_once(path, pem, mode=0o600)
    except FileExistsError as error:
        raise UsageError.of(
            path, "is there already", "take another selector, or another file with --output"
        ) from error
    except OSError as error:
        hint = "name another file with --output"
        raise UsageError.of(path, f"cannot be written ({error.strerror})", hint) from error


def _config_block(config: "Config", selector: str, path: Path) -> str:
    import json  # of these characters, TOML and JSON write texts alike

    absolute = path.absolute()
    inside = absolute.is_relative_to(config.root)
    key = str(absolute.relative_to(config.root) if inside else absolute)
    written = json.dumps(key, ensure_ascii=False)
    return f'[[delivery.dkim]]\nselector = "{selector}"\nkey = {written}'


def _check_files(config: "Config") -> None:
    """What the config names and a digest needs: missing, it would be noticed at the digest's hour only.

    Raises:
        ConfigError: every problem.
    """
    from publisher.delivery.dkim_keys import load_signers

    problems: list[Problem] = []
    try:
        _check_templates(config)
    except ConfigError as error:
        problems += error.problems
    try:
        load_signers(config.delivery.dkim)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)


def _check_templates(config: "Config") -> None:
    """Find and parse every digest's templates.

    Raises:
        ConfigError: one is missing or wrong.
    """
    from publisher.templating import build_environment, template_errors

    environment = build_environment(config.templates, config.site.language)
    with template_errors():
        for digest in config.digests:
            for name in (digest.template, "correction"):
                environment.get_template(f"{name}.html.j2")
                environment.get_template(f"{name}.txt.j2")
