"""Letters that answer a reader: one thing to say, one thing to do."""

from collections.abc import Sequence

from jinja2 import Environment

from publisher.addresses import confirm_url, preferences_url
from publisher.config import Digest, Site
from publisher.digest.render import UNSUBSCRIBE_TOKEN, inline_styles, tidy
from publisher.model import EditionKind, EditionText
from publisher.templating import template_errors, translations


def render_notice(
    site: Site, kind: EditionKind, digests: Sequence[Digest], environment: Environment, *, language: str
) -> EditionText:
    """Render `KIND.html.j2` and `KIND.txt.j2` in a language, which the environment's texts are in too.

    `digests` are those the letter is about; it opens the settings by the first.

    Raises:
        ConfigError: a template is missing or wrong.
    """
    if kind is EditionKind.CONFIRMATION:
        url = confirm_url(site.url, UNSUBSCRIBE_TOKEN)
    else:
        url = preferences_url(site.url, digests[0].slug, UNSUBSCRIBE_TOKEN)
    context = {"site": site, "digests": digests, "language": language, "url": url}
    with template_errors():
        html = environment.get_template(f"{kind}.html.j2").render(context)
        text = environment.get_template(f"{kind}.txt.j2").render(context)
    return EditionText(
        language=language,
        subject=_subject(kind, digests, language),
        html=inline_styles(html),
        text=tidy(text),
    )


def _subject(kind: EditionKind, digests: Sequence[Digest], language: str) -> str:
    gettext = translations(language).gettext
    subject = {
        EditionKind.CONFIRMATION: gettext("Please confirm: %(title)s"),
        EditionKind.REMINDER: gettext("Your subscription: %(title)s"),
        EditionKind.GOODBYE: gettext("You have unsubscribed: %(title)s"),
    }[kind]
    titles = ", ".join(digest.title for digest in digests)
    return " ".join((subject % {"title": titles}).split())
