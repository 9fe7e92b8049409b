"""Prepare a reply for forwarding: its content, made safe for any mail server."""

import re
from base64 import encodebytes
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO

from bot.mail.incoming.bounces import subject
from bot.mail.messages.headers import MAX_MAIL_BYTES, addresses, decode_words

_MAX_LINE_LENGTH = 998
"""RFC 5322, section 2.1.1."""

_MAX_TEXT_LENGTH = 100_000
_MAX_NAME_LENGTH, _MAX_SUBJECT_LENGTH = 100, 500
_ADDRESS = re.compile(r"[!#-;=?A-~]+@[A-Za-z0-9.-]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTENT_HEADERS = ("Content-Type", "Content-Transfer-Encoding", "Content-Language")


@dataclass(frozen=True)
class ForwardedReply:
    """A reply, ready to be forwarded."""

    author: str
    """The author's name."""

    reply_to: str
    """The author's address; "" if there is none to reply to."""

    subject: str

    headers: tuple[str, ...]
    """The headers that describe `content` (RFC 2045)."""

    content: str
    """The body, in ASCII."""


def prepare_reply(raw: bytes, message: Message, ours: str, note: str) -> ForwardedReply:
    """Prepare the email `raw`, of which `message` is the parsed form.

    Of an email that is too large, or can't be made safe, only the text is forwarded, below `note`.
    Replies to it never go to `ours`, our own domain.
    """
    author, address = _author(message, ours)
    complete = _complete(raw, message) if len(raw) < MAX_MAIL_BYTES else None
    headers, content = complete or _text_only(message, note)
    return ForwardedReply(author, address, subject(message)[:_MAX_SUBJECT_LENGTH], headers, content)


def _author(message: Message, ours: str) -> tuple[str, str]:
    """Return the author's name, and the address to reply to."""
    found = [
        address
        for _, address in addresses(message, "Reply-To", "From")
        if _ADDRESS.fullmatch(address)
        and len(address) <= 254
        and address.rpartition("@")[2].lower() != ours.lower()
    ]
    address = found[0] if found else ""
    names = [decode_words(name).strip() for name, _ in addresses(message, "From")]
    name = names[0] if names else ""
    return name[:_MAX_NAME_LENGTH] or address.partition("@")[0] or "?", address


def _complete(raw: bytes, message: Message) -> tuple[tuple[str, ...], str] | None:
    """Return the content with its headers, encoded if it has 8-bit text; None if that fails."""
    headers = _headers(message)
    body = _LINE_END.sub(b"\r\n", raw).partition(b"\r\n\r\n")[2]
    if headers is not None and _is_safe(body):
        return headers, body.decode("ascii")
    for part in message.walk():
        _encode(part)
    written = BytesIO()
    policy = compat32.clone(linesep="\r\n", max_line_length=None)
    try:
        BytesGenerator(written, mangle_from_=False, policy=policy).flatten(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # the standard library cannot write everything that it can parse
    headers, body = _headers(message), written.getvalue().partition(b"\r\n\r\n")[2]
    return (headers, body.decode("ascii")) if headers is not None and _is_safe(body) else None


def _headers(message: Message) -> tuple[str, ...] | None:
    """Return the headers that describe the content; None if they can't be sent safely."""
    found = []
    for name in _CONTENT_HEADERS:
        if name in message:
            line = f"{name}: {' '.join(str(message[name]).split())}"
            if not line.isascii() or not line.isprintable() or len(line) > _MAX_LINE_LENGTH:
                return None
            found.append(line)
    return tuple(found)


def _is_safe(body: bytes) -> bool:
    lines = body.split(b"\r\n")
    return body.isascii() and b"\0" not in body and max(map(len, lines)) <= _MAX_LINE_LENGTH


def _encode(part: Message) -> None:
    """Encode a part in Base64 (RFC 2045, section 6.8), so that it is ASCII with short lines."""
    if part.is_multipart():
        if "Content-Transfer-Encoding" in part:
            part.replace_header("Content-Transfer-Encoding", "7bit")
        return
    payload = part.get_payload(decode=True)
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    content = payload if isinstance(payload, bytes) else b""
    part.set_payload(encodebytes(content).decode("ascii"))


def _text_only(message: Message, note: str) -> tuple[tuple[str, ...], str]:
    """Return the first plain text of the email, below `note`."""
    text_part = ""
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not part.is_multipart():
            text_part = _decode(part)
            break
    text = "\r\n".join(f"{note}\n\n{text_part}".splitlines()) + "\r\n"
    headers = (
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    )
    encoded = encodebytes(text.encode(errors="replace")).decode("ascii")
    return headers, encoded.replace("\n", "\r\n")


def _decode(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")[:_MAX_TEXT_LENGTH]
    except LookupError:
        return payload.decode("utf-8", "replace")[:_MAX_TEXT_LENGTH]
