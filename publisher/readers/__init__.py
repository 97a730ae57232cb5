"""Bytes → Article. Pure: a reader knows neither path nor clock. One table chooses it by suffix."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from publisher.errors import RefusedError
from publisher.model import Article, Origin
from publisher.readers.markdown import parse_markdown
from publisher.readers.newspaper import parse_newspaper

Reader = Callable[[bytes, Origin], Article]
"""Takes the file's bytes and what is known of the file; raises RefusedError."""

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        ".txt": parse_newspaper,
        ".md": parse_markdown,
    }
)


def reader_for(suffix: str) -> Reader:
    """Choose by suffix, in any case.

    Raises:
        RefusedError: there is no reader for it.
    """
    try:
        return READERS[suffix.lower()]
    except KeyError:
        what = f"the suffix «{suffix}» is not known" if suffix else "the file has no suffix"
        raise RefusedError(what, f"save the story as {' or '.join(READERS)}") from None
