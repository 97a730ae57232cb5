"""A file, or the files in a ZIP archive, as text. Nothing in them can make us hold more than the limit."""

import codecs
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from publisher.errors import RefusedError
from publisher.text.encodings import LEGACY, decode
from publisher.text.mailboxes import clean_name

MAX_BYTES = 64 << 20
"""Of all lists in a file: half a million rows."""
_SAMPLE = 1 << 16
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_AS_CSV = "save it as «CSV UTF-8»"
_BOMS = (  # UTF-32 first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One list: its name in the archive, or that of the file."""

    name: str
    data: bytes
    codec: str
    assumed: str | None
    """The encoding, if nothing in the bytes proves it."""

    @property
    def lines(self) -> int:
        """About how many lines it has."""
        return self.data.count(b"\n") + 1

    def text(self) -> io.TextIOWrapper:
        """Its text, with the line ends it has. What is damaged raises UnicodeDecodeError."""
        return io.TextIOWrapper(io.BytesIO(self.data), encoding=self.codec, newline="")


def open_sheets(name: str, data: bytes, *, limit: int = MAX_BYTES) -> Iterator[Sheet]:
    """The lists in a file: itself, or each CSV of a ZIP archive, by name.

    Raises:
        RefusedError: it is no list, too large, or its encoding cannot be known.
    """
    if data.startswith(_OLD_EXCEL):
        raise RefusedError("is an Excel workbook", _AS_CSV)
    if not data.startswith(_ZIP):
        yield _sheet(name, data, limit)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            left = limit
            for member in _members(archive):
                with archive.open(member) as file:
                    sheet = _sheet(f"{name}/{clean_name(member.filename)}", file.read(left + 1), left)
                left -= len(sheet.data)
                yield sheet
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise RefusedError(f"is a damaged ZIP archive ({error})", "download it again") from error
    except (NotImplementedError, RuntimeError) as error:  # packed in a strange way, or with a password
        raise RefusedError(f"is a ZIP archive that cannot be opened ({error})", "unpack it") from error


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    if "[Content_Types].xml" in archive.namelist():
        raise RefusedError("is an Excel workbook", _AS_CSV)
    found = [
        member
        for member in archive.infolist()
        if member.filename.casefold().endswith(".csv") and not member.filename.startswith("__MACOSX/")
    ]
    if not found:
        raise RefusedError("is a ZIP archive without a CSV file", "name the archive as it was downloaded")
    return sorted(found, key=lambda member: member.filename)


def _sheet(name: str, data: bytes, limit: int) -> Sheet:
    if len(data) > limit:
        raise RefusedError(f"holds more than {MAX_BYTES >> 20} MiB", "split it")
    if not data.strip():
        raise RefusedError(f"{name.rpartition('/')[2]} is empty", "export it again")
    codec, assumed = _codec(data)
    return Sheet(name=name, data=data, codec=codec, assumed=assumed)


def _codec(data: bytes) -> tuple[str, str | None]:
    """The codec, and its name if it was guessed."""
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return codec, None
    if b"\0" in data[:_SAMPLE]:
        return _wide(data), None
    try:
        data.decode()
    except UnicodeDecodeError as error:
        guessed = _guess(data)
        if guessed is None:
            line = data.count(b"\n", 0, error.start) + 1
            cause = f"is damaged, or in an encoding that cannot be known: line {line} is not UTF-8"
            raise RefusedError(cause, _AS_CSV) from error
        return next(codec for codec, name in LEGACY.items() if name == guessed), guessed
    return "utf-8", None


def _guess(data: bytes) -> str | None:
    with suppress(RefusedError):  # it speaks of places in the sample
        return decode(_sample(data)).guessed
    return None


def _wide(data: bytes) -> str:
    """UTF-16 or UTF-32 without a mark."""
    sample = data[:_SAMPLE]
    try:
        text = decode(sample).text
    except RefusedError as error:
        raise RefusedError("is binary, not text", _AS_CSV) from error
    return next(codec for codec in _WIDE if text.encode(codec) == sample)


def _sample(data: bytes) -> bytes:
    """Lines with letters beyond ASCII: they tell the encoding, and a guess over the whole file takes long."""
    lines: list[bytes] = []
    size = 0
    for line in io.BytesIO(data.replace(b"\r", b"\n")):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size >= _SAMPLE:
                break
    return b"".join(lines)[:_SAMPLE]
