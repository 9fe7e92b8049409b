"""Search files for personal values in every form in which they may have been written."""

import quopri
import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

_ZLIB_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_MAX_INFLATED = 1_000_000


def traces(values: Iterable[str], files: Iterable[Path]) -> list[str]:
    """Return a sentence for each value that stands in one of the files, in whatever form."""
    wanted = [*values]
    return [
        f"{value} is in {file.name} as {form}"
        for file in files
        for value, form in _found(wanted, file.read_bytes())
    ]


def files_under(*folders: Path) -> list[Path]:
    """Return all files in these folders."""
    return sorted(file for folder in folders for file in folder.rglob("*") if file.is_file())


def _found(values: list[str], content: bytes) -> Iterator[tuple[str, str]]:
    contents = [content, *_inflated(content)]
    for value in values:
        for form, written in forms(value):
            if any(written in each for each in contents):
                yield value, form


def forms(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield each form in which `value` may be written, with its name."""
    plain = value.encode()
    yield "text", plain
    for encoding in ("utf-16-le", "utf-16-be"):
        yield encoding, value.encode(encoding)
    yield "quoted-printable", quopri.encodestring(plain)
    yield "URL", quote(value).encode()
    yield "JSON", value.encode("unicode_escape")
    yield "hex", plain.hex().encode()
    yield "HEX", plain.hex().upper().encode()
    for before in range(3):
        # What stands before shifts the digits. Those at both ends also depend on the neighbours.
        digits = b64encode(bytes(before) + plain)
        end = -4 if (before + len(plain)) % 3 else None
        yield "base64", digits[4 if before else 0 : end]


def _inflated(content: bytes) -> Iterator[bytes]:
    """Yield what each zlib or gzip stream in `content` begins with."""
    for found in _ZLIB_HEADER.finditer(content):
        stream = zlib.decompressobj(wbits=47)
        try:
            yield stream.decompress(content[found.start() : found.start() + _MAX_INFLATED])
        except zlib.error:
            continue
