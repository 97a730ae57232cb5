"""Pictures beside stories: known by their bytes, kept by their digest."""

import hashlib
from pathlib import Path

from publisher.addresses import IMAGE_EXTENSIONS
from publisher.errors import RefusedError
from publisher.model import Image
from publisher.staging import Staging

_SIGNATURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
)
"""Offset, bytes, media type: the suffix of a picture is often wrong."""


def parse_image(data: bytes) -> Image:
    """What a picture is.

    Raises:
        RefusedError: it is none of the kinds that readers show.
    """
    for offset, mark, media_type in _SIGNATURES:
        if data[offset : offset + len(mark)] == mark:
            return Image(digest=hashlib.sha256(data).hexdigest(), media_type=media_type, size=len(data))
    raise RefusedError("it is no JPEG, PNG, GIF or WebP picture", "save it as one of these")


def kept_image(folder: Path, image: Image) -> Path:
    """Where the store keeps a picture: a story must not lose it with its file."""
    return folder / f"{image.digest}.{IMAGE_EXTENSIONS[image.media_type]}"


def keep_image(images: Staging, image: Image, data: bytes) -> None:
    """Put a picture into the store's folder, with the next commit.

    Raises:
        OutputError: the folder cannot be written.
    """
    images.add({kept_image(images.top, image).name: data})
