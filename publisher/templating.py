"""One Jinja environment for pages and mail: the newsroom's templates first, the packaged ones behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache, partial
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    select_autoescape,
)

from publisher.errors import ConfigError
from publisher.resources import LOCALES, packaged_templates
from publisher.text.languages import direction


def build_environment(own_templates: Path, language: str) -> Environment:
    """Templates found in `own_templates` replace the packaged ones, one by one."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (own_templates, packaged_templates())]),
        autoescape=select_autoescape(["html", "html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["direction"] = direction
    environment.globals["text_language"] = language
    environment.filters["long_date"] = partial(_date, "long", language)
    environment.filters["full_date"] = partial(_date, "full", language)
    return environment


@lru_cache(maxsize=8)
def translations(language: str) -> Translations:
    """The messages of a language, from its readable catalogue; English needs none."""
    path = LOCALES / f"{language}.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


@contextmanager
def template_errors() -> Iterator[None]:
    """A template the newsroom wrote may be wrong; that is theirs to mend, and no bug of ours.

    Raises:
        ConfigError: a template is missing, cannot be parsed, or names something that is not there.
    """
    try:
        yield
    except TemplateError as error:
        name = getattr(error, "name", None) or "templates"
        line = getattr(error, "lineno", None)
        where = f"{name}:{line}" if line else name
        raise ConfigError.of(where, f"the template fails ({error})", "mend or remove it") from error


def _date(length: Literal["long", "full"], language: str, day: date) -> str:
    """A date in words. CLDR's narrow space is missing from mail fonts, so an ordinary one stands in."""
    return format_date(day, length, locale=Locale.parse(language, sep="-")).replace("\u202f", "\u00a0")
