"""A composition as mail: HTML with inlined styles, plain text, subject."""

import re

from jinja2 import Environment

from publisher.addresses import edition_path, preferences_url, unsubscribe_url
from publisher.config import Site
from publisher.digest.compose import Composition
from publisher.model import EditionText
from publisher.templating import template_errors

UNSUBSCRIBE_MARK = "UNSUBSCRIBE-TOKEN"
UNSUBSCRIBE_TOKEN = f"{UNSUBSCRIBE_MARK}-{'x' * 36}"
"""Stands in the frozen edition where each recipient's own token goes; as long as a token is."""

_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)


def render(site: Site, composition: Composition, environment: Environment, *, language: str) -> EditionText:
    """Render the digest's templates in a language, which the environment's texts are in too.

    Styles are inlined once an edition, never once a recipient.

    Raises:
        ConfigError: a template is missing or wrong.
    """
    digest = composition.digest
    context = {
        "site": site,
        "digest": digest,
        "edition": composition,
        "language": language,
        # A letter is read again in its own language, whatever the browser's is.
        "view_url": f"{site.url}{edition_path(digest.slug, composition.local_date)}?lang={language}",
        "unsubscribe_url": unsubscribe_url(site.url, digest.slug, UNSUBSCRIBE_TOKEN),
        "preferences_url": preferences_url(site.url, digest.slug, UNSUBSCRIBE_TOKEN),
    }
    with template_errors():
        html = environment.get_template(f"{digest.template}.html.j2").render(context)
        text = environment.get_template(f"{digest.template}.txt.j2").render(context)
    return EditionText(
        language=language,
        subject=_subject(composition, environment),
        html=inline_styles(html),
        text=tidy(text),
    )


def _subject(composition: Composition, environment: Environment) -> str:
    digest = composition.digest
    subject = digest.subject.format(
        title=digest.title,
        date=environment.filters["long_date"](composition.local_date),
        first=composition.stories[0].title if composition.stories else "",
        count=len(composition.stories) + composition.more,
    )
    return " ".join(subject.split()) or digest.title  # «{first}» of an edition without stories


def inline_styles(html: str) -> str:
    """Copy the styles onto the elements; the sheet stays for dark mode and narrow screens."""
    from premailer import Premailer  # 90 ms: only when a digest is made

    inlined = str(
        Premailer(
            html,
            allow_network=False,
            keep_style_tags=True,
            strip_important=False,
            remove_classes=False,
            disable_validation=True,
        ).transform()
    )
    # It drops the doctype, and without one mail clients lay out as browsers did in 1998.
    doctype = _DOCTYPE.match(html)
    return f"{doctype[0].strip()}\n{inlined}" if doctype and not _DOCTYPE.match(inlined) else inlined


def tidy(text: str) -> str:
    """No more than one empty line together."""
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"
