"""A correction as mail: to readers who were told a story with an error."""

from dataclasses import dataclass
from datetime import date

from jinja2 import Environment

from publisher.addresses import preferences_url, story_url, unsubscribe_url
from publisher.config import Digest, Site
from publisher.digest.render import UNSUBSCRIBE_TOKEN, inline_styles, tidy
from publisher.model import EditionText, StoredArticle
from publisher.templating import template_errors, translations
from publisher.text.markup import summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What was wrong in a story that a digest told."""

    note: str
    """Plain text, without a label."""
    story: StoredArticle
    told_on: date
    """Of the edition that told it."""


def render_correction(
    site: Site, digest: Digest, correction: Correction, environment: Environment, *, language: str
) -> EditionText:
    """Render the correction's templates in a language, which the environment's texts are in too.

    Raises:
        ConfigError: a template is missing or wrong.
    """
    article = correction.story.article
    context = {
        "site": site,
        "digest": digest,
        "language": language,
        "note": correction.note,
        "told_on": correction.told_on,
        "story": {
            "title": article.title,
            "summary": summarise(article),
            "url": story_url(site, correction.story),
            "language": article.language,
        },
        "unsubscribe_url": unsubscribe_url(site.url, digest.slug, UNSUBSCRIBE_TOKEN),
        "preferences_url": preferences_url(site.url, digest.slug, UNSUBSCRIBE_TOKEN),
    }
    with template_errors():
        html = environment.get_template("correction.html.j2").render(context)
        text = environment.get_template("correction.txt.j2").render(context)
    subject = translations(language).gettext("Correction: %(title)s") % {"title": article.title}
    return EditionText(
        language=language, subject=" ".join(subject.split()), html=inline_styles(html), text=tidy(text)
    )
