"""A Word document: the newspaper's layout with styles.

    zip → checks → mammoth (HTML) → blocks → the newspaper's reader → Article

The lines of the document are read as the newspaper's page is: date line, section, title, lead, credit.
Only two things are Word's own. The title is the first paragraph in the style Title or Heading 1, else the
document's title property if that is printed in the text too (people copy yesterday's file, and its properties
with it), else the first line, as in the newspaper. And the paragraphs keep their bold, links, lists and
tables. The date is the date line's: when a file was made or saved is no day of publication.
"""

import io
import re
import zipfile
import zlib
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import unescape

from publisher.errors import RefusedError
from publisher.model import Article, Origin
from publisher.readers.body import Block, fragment_blocks, make_body
from publisher.readers.correction import LINKS_LEFT_OUT, find_notes
from publisher.readers.fields import one_line, unique
from publisher.readers.newspaper import parse_newspaper

_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XML = (".xml", ".rels")
_MAX_UNPACKED = 32 << 20
_MAX_XML = 4 << 20
"""Of all XML parts: mammoth keeps about 100 times as much in memory."""
_MAX_RATIO = 200
_DOCTYPE = re.compile(rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E", re.IGNORECASE)
_TITLE = re.compile(r"<dc:title[^>]*>([^<]*)</dc:title>")
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"


def parse_docx(data: bytes, origin: Origin) -> Article:
    """Read one Word document.

    Raises:
        RefusedError: it is no .docx, a bomb, or a document without a title, a date line or text.
    """
    if data.startswith(_OLD_WORD):
        raise RefusedError(
            "it is an old .doc, or a document with a password", "save it as .docx without a password"
        )
    named, images = _open(data)
    html, pictures = _convert(data)
    found = fragment_blocks(html)
    title = next((block for block in found if block.tag == "h1" and block.text), None)
    title = title or next((block for block in found if named and block.text == named), None)
    lines = [title.text] if title else []
    lines += [block.text for block in found if block is not title and block.text]
    if not lines:
        raise RefusedError("there is no text in the document", "write the story and save it again")
    article: Article = parse_newspaper("\n\n".join(lines).encode(), origin)
    body = make_body(_marked(article, found), base=None)
    warnings = list(article.warnings)
    if pictures or images:
        warnings.append("the document's pictures are left out; put the picture beside the file")
    notes = find_notes(block.text for block in found)
    if article.correction and any("<a " in found[place].html for place in notes):
        warnings.append(LINKS_LEFT_OUT)
    return replace(article, body_html=body.html, warnings=unique((*warnings, *body.warnings)))


def _marked(article: Article, found: list[Block]) -> list[Block]:
    """The newspaper's paragraphs, each as Word had it if Word had more than a plain paragraph."""
    by_text = {block.text: block for block in found if not re.fullmatch(r"<p>[^<]*</p>", block.html)}
    return [by_text.get(block.text, block) for block in fragment_blocks(article.body_html)]


def _open(data: bytes) -> tuple[str, bool]:
    """Check the archive before it is unpacked; give the title property and whether there are pictures."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_sizes(archive.infolist(), len(data))
            xml = {name: archive.read(name) for name in archive.namelist() if name.endswith(_XML)}
            images = any(name.startswith("word/media/") for name in archive.namelist())
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise RefusedError("it is no Word document, or a damaged one", "save it as .docx again") from error
    if not any(name.startswith("word/") for name in xml):
        raise RefusedError("it is no Word document", "save it as .docx")
    if any(map(_DOCTYPE.search, xml.values())):
        # ECMA-376 part 2, 8.2.5.2: no document type declarations. Entities are bombs.
        raise RefusedError("its XML declares a document type", "save it again with Word")
    match = _TITLE.search(xml.get("docProps/core.xml", b"").decode("utf-8", "replace"))
    return one_line(unescape(match[1])) if match else "", images


def _check_sizes(parts: list[zipfile.ZipInfo], packed: int) -> None:
    hint = "is it a story? save the text alone"
    unpacked = sum(part.file_size for part in parts)
    if unpacked > _MAX_UNPACKED:
        raise RefusedError(f"unpacked it is larger than {_MAX_UNPACKED >> 20} MiB", hint)
    if unpacked > max(packed, 4096) * _MAX_RATIO:
        raise RefusedError("it unpacks to more than any document does", hint)
    if sum(part.file_size for part in parts if part.filename.endswith(_XML)) > _MAX_XML:
        raise RefusedError(f"its text is larger than {_MAX_XML >> 20} MiB", hint)
    if any(part.flag_bits & 1 for part in parts):
        raise RefusedError("it has a password", "save it without one")


def _convert(data: bytes) -> tuple[str, int]:
    """HTML, and how many pictures were left out. Nothing outside of the file is ever opened."""
    import mammoth  # type: ignore[import-untyped]  # costs 80 ms

    pictures = 0

    def drop(_: Any) -> list[Any]:
        nonlocal pictures
        pictures += 1
        return []

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(data),
            style_map=_STYLES,
            include_embedded_style_map=False,
            convert_image=drop,
            external_file_access=False,
        )
    except RecursionError:
        raise RefusedError("its parts are nested too deep", "save the text alone") from None
    except Exception as error:  # mammoth raises whatever its parsers raise
        raise RefusedError("Word's XML in it cannot be read", "open it in Word and save it again") from error
    return str(result.value), pictures
