"""The keys of an archive as texts that people copy: a slip in one is noticed."""

import base64
import binascii
import hashlib

PUBLIC_PREFIX, PRIVATE_PREFIX = "archive-public-", "archive-private-"

KEY_SIZE = 32
"""Bytes of a key (X25519, RFC 7748)."""

_CHECKSUM_SIZE = 4
"""Bytes of SHA-256 that follow a key: any 32 bytes are a key, so a slip would go unnoticed."""


class ArchiveKeyError(ValueError):
    """A text is not a key of an archive."""


def write_key(prefix: str, key: bytes) -> str:
    """Return the key as a text that begins with `prefix`."""
    checked = key + hashlib.sha256(prefix.encode() + key).digest()[:_CHECKSUM_SIZE]
    return prefix + base64.urlsafe_b64encode(checked).decode()


def read_key(prefix: str, text: str) -> bytes:
    """Return the key in a text that begins with `prefix`. Raises ArchiveKeyError."""
    if not text.startswith(prefix):
        raise ArchiveKeyError(f"a key of this kind begins with {prefix}")
    try:
        checked = base64.b64decode(text[len(prefix) :], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArchiveKeyError("the key is mistyped or incomplete") from error
    key = checked[:KEY_SIZE]
    if len(checked) != KEY_SIZE + _CHECKSUM_SIZE or write_key(prefix, key) != text:
        raise ArchiveKeyError("the key is mistyped or incomplete")
    return key
