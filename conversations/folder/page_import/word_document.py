"""Read a Word document (.docx): a zip archive with XML, ISO/IEC 29500-1.

The file may come from anybody. Nothing is unpacked to a folder, only three parts are read, each as
a stream with a limit, and a document type declaration, which could define entities, is refused.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from xml.parsers import expat

from conversations.folder.broken_archive import BROKEN_ARCHIVE
from conversations.folder.page_import.paragraphs import PageError, Paragraph
from conversations.folder.page_import.word_parts import DocumentPart, ListsPart, Part, StylesPart

MAX_ENTRIES = 2_000
"""The most files in the archive; a document with many pictures has some hundred."""

MAX_PART_BYTES = 3_000_000
"""The largest part that is read, unpacked. A long page has a tenth of that."""

MAX_ELEMENTS = 100_000
"""The most elements in a part; a long page has a tenth of that."""

_CHUNK = 256 * 1024
_MAX_DEPTH = 200
"""How deeply elements may be nested: expat keeps each open one in memory."""

_ENTRY = b"PK\x01\x02"
"""The signature of an entry in the archive's directory."""

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
"""How a .doc begins, and a .docx with a password."""

_DOCUMENT = re.compile(r"word/document\d*\.xml")
_STYLES = "word/styles.xml"
_LISTS = "word/numbering.xml"
_ENCRYPTED = 0x1


def read_word(content: bytes) -> Iterator[Paragraph]:
    """Yield the paragraphs of a Word document. Raises PageError."""
    if content.startswith(_OLD_FORMAT):
        problem = "This is an old .doc, or it has a password."
        raise PageError(problem, "Save it as .docx without a password.")
    if content.count(_ENTRY) > MAX_ENTRIES:
        raise PageError("There are too many files in this document.", "Save it again in Word.")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = {each.filename: each for each in archive.infolist()}
            name = next((name for name in sorted(parts) if _DOCUMENT.fullmatch(name)), None)
            if name is None:
                raise _broken()
            document = DocumentPart(*_formats(archive, parts))
            _parse(archive, parts[name], document)
            return iter(document.paragraphs)
    except (*BROKEN_ARCHIVE, expat.ExpatError):
        raise _broken() from None


def _formats(
    archive: zipfile.ZipFile, parts: Mapping[str, zipfile.ZipInfo]
) -> tuple[StylesPart, ListsPart]:
    """Return the styles and lists of a document; it may have none."""
    styles, lists = StylesPart(), ListsPart()
    if _STYLES in parts:
        _parse(archive, parts[_STYLES], styles)
    if _LISTS in parts:
        _parse(archive, parts[_LISTS], lists)
    return styles, lists


def _broken() -> PageError:
    return PageError("This isn't a valid Word document.", "Open it in Word, and save it as .docx.")


def _too_large() -> PageError:
    problem = f"Unpacked, this is over {MAX_PART_BYTES // 1_000_000} MB or too complex."
    return PageError(problem, "Copy its text into a .txt file.")


def _parse(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, part: Part) -> None:
    """Read one part of the archive. Raises PageError, or what `read_word` expects."""
    # Only these two are unpacked piece by piece.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _broken()
    if entry.flag_bits & _ENCRYPTED:
        raise PageError("This document has a password.", "Save it without a password.")
    if entry.file_size > MAX_PART_BYTES:
        raise _too_large()
    parser = _parser(part)
    size = 0
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            # The size in the directory may be a lie.
            size += len(chunk)
            if size > MAX_PART_BYTES:
                raise _too_large()
            parser.Parse(chunk, False)
    parser.Parse(b"", True)


def _parser(part: Part) -> expat.XMLParserType:
    """Return a parser that passes elements and text to `part`."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = elements = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > _MAX_DEPTH:
            raise _broken()
        if elements > MAX_ELEMENTS:
            raise _too_large()
        part.start(name, attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        part.end(name)

    def refuse(*_: object) -> None:
        raise _broken()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = part.text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser
