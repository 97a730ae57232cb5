"""Bytes → Article. Pure: a reader knows neither path nor clock. One table chooses it by suffix."""

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

from publisher.errors import RefusedError
from publisher.model import Article, Origin

Reader = Callable[[bytes, Origin], Article]
"""Takes the file's bytes and what is known of the file; raises RefusedError."""

READERS: Mapping[str, str] = MappingProxyType(
    {
        ".txt": "newspaper:parse_newspaper",
        ".md": "markdown:parse_markdown",
        ".markdown": "markdown:parse_markdown",
        ".html": "html:parse_html",
        ".htm": "html:parse_html",
        ".json": "ninjs:parse_ninjs",
        ".eml": "eml:parse_eml",
        ".docx": "docx:parse_docx",
    }
)
"""Suffix to module and reader. Names, because a newsroom that writes text need not load what reads Word."""


def reader_for(suffix: str) -> Reader:
    """Choose by suffix, in any case.

    Raises:
        RefusedError: there is no reader for it.
    """
    try:
        module, name = READERS[suffix.lower()].split(":")
    except KeyError:
        what = f"the suffix «{suffix}» is not known" if suffix else "the file has no suffix"
        raise RefusedError(what, f"save the story as {' or '.join(READERS)}") from None
    reader: Reader = getattr(import_module(f"publisher.readers.{module}"), name)
    return reader
