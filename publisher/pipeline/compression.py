"""Files compressed once, beside the file itself, instead of at each request of a reader."""

import zlib
from dataclasses import replace

from publisher.pipeline.group import Files, Group

GZIP = ".gz"
BROTLI = ".br"
_GZIP_LEVEL = 6
_GZIP_BITS = 31
"""A window of 32 KiB, with gzip's own header; it bears neither a time nor a name."""
_BROTLI_QUALITY = 5


def with_siblings(group: Group) -> Group:
    """The group, with the compressed siblings of each of its files."""
    siblings = (f"{path}{suffix}" for path in group.paths for suffix in (GZIP, BROTLI))
    return replace(group, paths=(*group.paths, *siblings), build=lambda: compress(group.build()))


def compress(files: Files) -> Files:
    """The files, each behind its siblings: readers that take those must not get the news last."""
    compressed: dict[str, bytes] = {}
    for path, data in files.items():
        compressed[path + GZIP] = gzip(data)
        compressed[path + BROTLI] = brotli(data)
        compressed[path] = data
    return compressed


def gzip(data: bytes) -> bytes:
    return zlib.compress(data, _GZIP_LEVEL, _GZIP_BITS)


def brotli(data: bytes) -> bytes:
    import brotli as library

    return bytes(library.compress(data, quality=_BROTLI_QUALITY))
