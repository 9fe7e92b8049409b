"""Forms with files (RFC 7578), as the Bot API takes uploads ("Sending files")."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import orjson

File = tuple[str, bytes | IO[bytes], str]
"""Name, content and media type, as in python-telegram-bot."""

_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})
"""How browsers write these in names (HTML, "Multipart form data")."""


@dataclass(frozen=True)
class Form:
    """A form as it is sent."""

    media_type: str
    body: bytes


def encode(fields: Mapping[str, Any], files: Mapping[str, File]) -> Form:
    """Return a form. Values of fields that are no texts are written as JSON."""
    boundary = secrets.token_hex(16)
    parts: list[bytes] = []
    for name, value in fields.items():
        text = value.encode() if isinstance(value, str) else orjson.dumps(value)
        parts.append(_part(boundary, name, "\r\n", text))
    for name, (filename, content, media_type) in files.items():
        kind = f'; filename="{filename.translate(_ESCAPES)}"\r\nContent-Type: {media_type}\r\n'
        data = content if isinstance(content, bytes) else content.read()
        parts.append(_part(boundary, name, kind, data))
    parts.append(f"--{boundary}--\r\n".encode())
    return Form(f"multipart/form-data; boundary={boundary}", b"".join(parts))


def _part(boundary: str, name: str, rest_of_head: str, content: bytes) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name.translate(_ESCAPES)}"'
    return b"%b%b\r\n%b\r\n" % (head.encode(), rest_of_head.encode(), content)
