"""Sign emails with DKIM (RFC 6376), so that receivers can tell that they are from our domain.

RSA with SHA-256 (RFC 8301, section 3.1), relaxed/relaxed canonicalization. The signature breaks if
the body or one of `SIGNED_HEADERS` changes, or if another header with such a name is added.
"""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

SIGNED_HEADERS = (
    *("From", "Reply-To", "Sender", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language"),
    "Feedback-ID",
)
"""The signed headers. Missing ones are signed as missing, so that nobody can add them."""

_FOLD = "\r\n\t"
_LINE_WIDTH = 72
"""Characters on a line; with its fold, a line has at most 78 (RFC 5322, section 2.1.1)."""

_KEYS = tuple((name, name.lower().encode()) for name in SIGNED_HEADERS)
_PADDING, _HASH = PKCS1v15(), SHA256()

_SPACE = re.compile(rb"[ \t]{2,}|\t")


@dataclass(frozen=True)
class DkimSigner:
    """Signs emails with a key whose public half is in DNS."""

    key: RSAPrivateKey = field(repr=False)

    selector: str
    """The public key is at `selector`._domainkey.`domain`."""

    def sign(self, message: bytes, domain: str, now: datetime) -> bytes:
        """Return `message` with a DKIM-Signature header for `domain` added at the top.

        The message must be ASCII with CRLF line ends, as it is sent. Otherwise servers could change
        it on the way: raises ValueError.
        """
        if not message.isascii() or not ends_lines_with_crlf(message):
            raise ValueError("only ASCII messages with CRLF line ends can be signed")
        headers, body = _split(message)
        names, signed = _headers_to_sign(headers)
        digest = b64encode(sha256(relaxed_body(body)).digest()).decode()
        tags = (
            "v=1; a=rsa-sha256; c=relaxed/relaxed;",
            f"d={domain};",
            f"s={self.selector}; t={int(now.timestamp())};",
            f"h={_folded_names(names)};",
            f"bh={digest};",
            "b=",
        )
        header = f"DKIM-Signature: {_FOLD.join(tags)}"
        # The signature header is signed last, with an empty b= and no line end (section 3.7).
        signed.append(relaxed_field(header.encode("ascii")).removesuffix(b"\r\n"))
        signature = self.key.sign(b"".join(signed), _PADDING, _HASH)
        encoded = b64encode(signature).decode()
        lines = (encoded[at : at + _LINE_WIDTH] for at in range(0, len(encoded), _LINE_WIDTH))
        return f"{header}{_FOLD.join(lines)}\r\n".encode("ascii") + message


def ends_lines_with_crlf(message: bytes) -> bool:
    """Whether all line ends are CRLF. Counting is twenty times as fast as searching."""
    return message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n")


def relaxed_field(line: bytes) -> bytes:
    """Return a header in relaxed canonical form (RFC 6376, section 3.4.2), with CRLF."""
    name, _, value = line.partition(b":")
    unfolded = _collapse_spaces(value.replace(b"\r\n", b"")).strip(b" ")
    return _lower_name(name) + b":" + unfolded + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Return a body in relaxed canonical form (RFC 6376, section 3.4.4)."""
    tidy = _collapse_spaces(body).replace(b" \r\n", b"\r\n").rstrip(b" \r\n")
    return tidy + b"\r\n" if tidy else b""


def _collapse_spaces(text: bytes) -> bytes:
    """Return `text` with one space for each run of whitespace; the test first is faster."""
    return _SPACE.sub(b" ", text) if b"  " in text or b"\t" in text else text


def _split(message: bytes) -> tuple[dict[bytes, list[bytes]], bytes]:
    """Return the unfolded headers by lower-case name, and the body."""
    head, _, body = message.partition(b"\r\n\r\n")
    headers: dict[bytes, list[bytes]] = defaultdict(list)
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t")
    for line in unfolded.split(b"\r\n"):
        headers[_lower_name(line.partition(b":")[0])].append(line)
    return headers, body


def _lower_name(written: bytes) -> bytes:
    return written.rstrip(b" \t").lower()


def _headers_to_sign(headers: dict[bytes, list[bytes]]) -> tuple[tuple[str, ...], list[bytes]]:
    """Return the header names to list in the signature, and the header lines to sign.

    Each name is listed once more than it occurs, so that none can be added (section 8.15). Of
    several headers with one name, the last is signed first (section 5.4.2).
    """
    names: list[str] = []
    signed: list[bytes] = []
    for name, key in _KEYS:
        lines = headers.get(key, [])
        names += [name] * (len(lines) + 1)
        signed += [relaxed_field(line) for line in reversed(lines)]
    return tuple(names), signed


@lru_cache
def _folded_names(names: tuple[str, ...]) -> str:
    """Return the names with colons between them, folded. Few different lists occur: cached."""
    return _FOLD.join(_name_lines(names))


def _name_lines(names: Iterable[str]) -> Iterator[str]:
    """Yield lines of names separated by colons; each line but the last ends with a colon."""
    line = ""
    for name in names:
        if line and len(line) + len(name) >= _LINE_WIDTH:
            yield line
            line = ""
        line += f"{name}:"
    yield line.removesuffix(":")
