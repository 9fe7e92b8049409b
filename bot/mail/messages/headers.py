"""Parse incoming mail from strangers; no input makes these functions raise or take long.

The standard library's older policy (compat32) is used: the newer ones raise on some garbage.
"""

import re
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from weakref import WeakKeyDictionary

MAX_MAIL_BYTES = 1_000_000
"""How much of an email is parsed, long attachments aside."""

MAX_RECEIVED_BYTES = 36_000_000
"""How much of an email is read: providers accept up to 25 MB of files, a third more as Base64."""

MAX_HEADER_BYTES = 65_536
"""The headers must end within this many bytes."""

_MAX_HEADER_LENGTH = 2_000
"""Characters of one header that are read."""

_ENCODED_LINES = re.compile(rb"(?:^[A-Za-z0-9+/=]{40,998}+\r?\n)++", re.MULTILINE)
_MAX_ENCODED_BYTES = 400_000
"""Of a longer part in Base64, only so much is parsed, so that text after attachments is found."""

_MAX_NESTING = 50
"""Levels of nested parts: the standard library's parser is recursive."""

_SPLIT: WeakKeyDictionary[Message, dict[tuple[str, ...], list[tuple[str, str]]]] = (
    WeakKeyDictionary()
)
"""The addresses in headers of each email in use: headers are read many times, and may be long."""


def parse(raw: bytes) -> Message:
    """Return the parsed beginning of an email; an empty message if `raw` is not an email."""
    if (
        not any(end in raw[:MAX_HEADER_BYTES] for end in (b"\r\n\r\n", b"\n\n", b"\r\r"))
        and len(raw) > MAX_HEADER_BYTES
    ):
        return Message()
    try:
        message = message_from_bytes(_shortened(raw), policy=compat32)
    except RecursionError:
        return Message()
    parts = [message]
    for _ in range(_MAX_NESTING):
        parts = [inner for part in parts for inner in subparts(part)]
        if not parts:
            return message
    return Message()


def _shortened(raw: bytes) -> bytes:
    """Return the beginning of an email; if the email is large, without most of its attachments."""
    if len(raw) > MAX_MAIL_BYTES:
        raw = _ENCODED_LINES.sub(_first_lines, raw)
    return raw[:MAX_MAIL_BYTES]


def _first_lines(lines: re.Match[bytes]) -> bytes:
    begin, end = lines.span()
    if end - begin <= _MAX_ENCODED_BYTES:
        return lines[0]
    kept = lines.string[begin : begin + _MAX_ENCODED_BYTES]
    return kept[: kept.rfind(b"\n") + 1]


def subparts(part: Message) -> list[Message]:
    """Return the parts directly inside `part`."""
    # Of other parts, the standard library decodes the payload here, and raises for odd charsets.
    payload = part.get_payload() if part.is_multipart() else []
    found = payload if isinstance(payload, list) else []
    return [inner for inner in found if isinstance(inner, Message)]


def header_value(message: Message, name: str) -> str:
    """Return a header on one line; 8-bit text is read as UTF-8 (RFC 6532)."""
    wanted = name.lower()
    found = next((value for key, value in message.raw_items() if key.lower() == wanted), "")
    return " ".join(_decode_bytes(str(found)[:_MAX_HEADER_LENGTH]).split())


def decode_words(text: str) -> str:
    """Return a header's text with encoded words (RFC 2047) decoded, as far as possible."""
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, HeaderParseError):
        return text


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Return the names and addresses in these headers."""
    values = tuple(
        _decode_bytes(str(value)[: 5 * _MAX_HEADER_LENGTH])
        for name in names
        for key, value in message.raw_items()
        if key.lower() == name.lower()
    )
    split = _SPLIT.setdefault(message, {})
    if values not in split:
        try:
            split[values] = getaddresses([*values])
        except RecursionError:
            split[values] = []  # a thousand brackets in brackets
    return split[values]


def _decode_bytes(text: str) -> str:
    """Decode the 8-bit text in a header: UTF-8 (RFC 6532), or what old mailers wrote."""
    raw = text.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except ValueError:
        return raw.decode("cp1252", "replace")
