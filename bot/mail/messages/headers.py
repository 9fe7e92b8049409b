"""Reading mail that anybody may have written: whatever it holds, nothing here raises or takes long.

The library's older policy is used, since the newer ones read more, and stumble over some garbage.
"""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses

MAX_MAIL_BYTES = 1_000_000
"""Bytes of a mail that are looked at."""

MAX_HEADER_BYTES = 65_536
"""Bytes in which its headers must end."""

_LONGEST = 2_000
_DEEPEST = 50
"""How deep parts may lie in parts: the library calls itself for each."""


def parse(raw: bytes) -> Message:
    """Return the mail in `raw`, as far as it is looked at; an empty one for what is no mail."""
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
    for _ in range(_DEEPEST):
        parts = [inner for part in parts for inner in subparts(part)]
        if not parts:
            return message
    return Message()


def subparts(part: Message) -> list[Message]:
    """Return the parts that lie in `part`."""
    payload = part.get_payload()
    found = payload if isinstance(payload, list) else []
    return [inner for inner in found if isinstance(inner, Message)]


def header_value(message: Message, name: str) -> str:
    """Return a header on one line; what has eight bits is read as UTF-8 (RFC 6532)."""
    wanted = name.lower()
    found = next((value for key, value in message.raw_items() if key.lower() == wanted), "")
    text = str(found)[:_LONGEST].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(text.split())


def decode_words(text: str) -> str:
    """Return a header's words with their encoding (RFC 2047) undone, as far as it can be."""
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError):
        return text


def addresses(message: Message, *names: str) -> list[tuple[str, str]]:
    """Return the names and addresses that stand in these headers."""
    found = [str(each)[: 5 * _LONGEST] for name in names for each in message.get_all(name, [])]
    try:
        return getaddresses(found)
    except RecursionError:
        return []  # a thousand brackets in brackets
