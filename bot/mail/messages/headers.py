"""Parse incoming mail from strangers; no input makes these functions raise or take long.

The standard library's older policy (compat32) is used: the newer ones raise on some garbage.
"""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

MAX_MAIL_BYTES = 1_000_000
"""How much of an email is parsed."""

MAX_HEADER_BYTES = 65_536
"""The headers must end within this many bytes."""

_MAX_HEADER_LENGTH = 2_000
"""Characters of one header that are read."""

_MAX_NESTING = 50
"""Levels of nested parts: the standard library's parser is recursive."""


def parse(raw: bytes) -> Message:
    """Return the parsed beginning of an email; an empty message if `raw` is not an email."""
    if (
        not any(end in raw[:MAX_HEADER_BYTES] for end in (b"\r\n\r\n", b"\n\n", b"\r\r"))
        and len(raw) > MAX_HEADER_BYTES
    ):
        return Message()
    try:
        message = message_from_bytes(raw[:MAX_MAIL_BYTES], policy=compat32)
    except RecursionError:
        return Message()
    parts = [message]
    for _ in range(_MAX_NESTING):
        parts = [inner for part in parts for inner in subparts(part)]
        if not parts:
            return message
    return Message()


def subparts(part: Message) -> list[Message]:
    """Return the parts directly inside `part`."""
    payload = part.get_payload()
    found = payload if isinstance(payload, list) else []
    return [inner for inner in found if isinstance(inner, Message)]


def header_value(message: Message, name: str) -> str:
    """Return a header on one line; 8-bit text is read as UTF-8 (RFC 6532)."""
    wanted = name.lower()
    found = next((value for key, value in message.raw_items() if key.lower() == wanted), "")
    text = (
        str(found)[:_MAX_HEADER_LENGTH]
        .encode("utf-8", "surrogateescape")
        .decode("utf-8", "replace")
    )
    return " ".join(text.split())


def decode_words(text: str) -> str:
    """Return a header's text with encoded words (RFC 2047) decoded, as far as possible."""
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError):
        return text


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Return the names and addresses in these headers."""
    found = [
        str(each)[: 5 * _MAX_HEADER_LENGTH] for name in names for each in message.get_all(name, [])
    ]
    try:
        return getaddresses(found)
    except RecursionError:
        return []  # a thousand brackets in brackets
