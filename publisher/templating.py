"""One Jinja environment for pages and mail: the newsroom's templates first, the packaged ones behind them."""

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
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, select_autoescape

from publisher.text.languages import direction
from publisher.text.markup import plain_paragraphs

_HERE = Path(__file__).parent


def packaged_templates() -> Path:
    """In an installed package the templates lie inside it; in a checkout, at the top."""
    inside = _HERE / "templates"
    return inside if inside.is_dir() else _HERE.parent / "templates"


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
    environment.install_gettext_translations(_translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["direction"] = direction
    environment.filters["long_date"] = partial(_date, "long", language)
    environment.filters["full_date"] = partial(_date, "full", language)
    environment.filters["first_paragraph"] = lambda html: next(iter(plain_paragraphs(html)), "")
    environment.filters["paragraphs"] = plain_paragraphs
    return environment


def _date(length: Literal["long", "full"], language: str, day: date) -> str:
    """A date in words. CLDR's narrow space is missing from mail fonts, so an ordinary one stands in."""
    return format_date(day, length, locale=Locale.parse(language, sep="-")).replace("\u202f", "\u00a0")


@lru_cache(maxsize=8)
def _translations(language: str) -> Translations:
    """The messages of a language, from its readable catalogue; English needs none."""
    path = _HERE / "locales" / f"{language}.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)
