"""Prepare a reply for forwarding: its content, made safe for any mail server."""

import re
from base64 import encodebytes
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO

from bot.mail.incoming.bounces import subject
from bot.mail.incoming.mail_text import readable_text
from bot.mail.messages.headers import MAX_MAIL_BYTES, addresses, decode_words, header_value
from bot.mail.messages.mime import one_line

_MAX_LINE_LENGTH = 998
"""RFC 5322, section 2.1.1."""

_MAX_NAME_LENGTH, _MAX_SUBJECT_LENGTH, _MAX_ADDRESS_LENGTH = 100, 500, 254
_MAX_THREAD_IDS = 20
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_ADDRESS = re.compile(r"[!#-;=?A-~]+@[A-Za-z0-9.-]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTENT_HEADERS = ("Content-Type", "Content-Transfer-Encoding", "Content-Language")


@dataclass(frozen=True)
class ForwardedReply:
    """A reply, ready to be forwarded."""

    author: str
    """The author's name."""

    reply_to: str
    """The author's address in ASCII; "" if there is none to reply to."""

    address: str
    """The author's address as it is written; "" if there is none."""

    subject: str

    thread: tuple[str, ...]
    """In-Reply-To and References."""

    headers: tuple[str, ...]
    """The headers that describe `content` (RFC 2045)."""

    content: str
    """The body, in ASCII."""


def prepare_reply(raw: bytes, message: Message, ours: str, note: str) -> ForwardedReply:
    """Prepare the email `raw`, of which `message` is the parsed form.

    Of an email that is too large, or can't be made safe, only the text is forwarded, below `note`.
    Replies to it never go to `ours`, our own domain.
    """
    author, reply_to, address = _author(message, ours)
    complete = _complete(raw, message) if len(raw) < MAX_MAIL_BYTES else None
    headers, content = complete or _text_only(message, note)
    title = subject(message)[:_MAX_SUBJECT_LENGTH]
    return ForwardedReply(author, reply_to, address, title, _thread(message), headers, content)


def _author(message: Message, ours: str) -> tuple[str, str, str]:
    """Return the author's name, the address to reply to, and the address as it is written."""
    found = [
        address
        for _, address in addresses(message, "Reply-To", "From", "Sender", "Return-Path")
        if "@" in address
        and len(address) <= _MAX_ADDRESS_LENGTH
        and address.rpartition("@")[2].lower() != ours.lower()
    ]
    usable = next(filter(None, map(_ascii_address, found)), "")
    written = one_line(found[0]) if found else ""
    names = [one_line(decode_words(name)) for name, _ in addresses(message, "From")]
    name = names[0] if names else ""
    return name[:_MAX_NAME_LENGTH] or (usable or written).partition("@")[0] or "?", usable, written


def _ascii_address(address: str) -> str:
    """Return an address in ASCII; "" if it has no such form (RFC 6531)."""
    local, _, domain = address.rpartition("@")
    try:
        written = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return ""
    return written if _ADDRESS.fullmatch(written) else ""


def _thread(message: Message) -> tuple[str, ...]:
    """Return In-Reply-To and References, folded, with the ids that are usable."""
    headers = []
    for name in ("In-Reply-To", "References"):
        ids = _MESSAGE_ID.findall(header_value(message, name))
        if ids:
            # RFC 5322, section 3.6.4: the first id is the root of the thread.
            kept = ids if len(ids) <= _MAX_THREAD_IDS else [ids[0], *ids[1 - _MAX_THREAD_IDS :]]
            headers.append(f"{name}: " + "\r\n ".join(kept))
    return tuple(headers)


def _complete(raw: bytes, message: Message) -> tuple[tuple[str, ...], str] | None:
    """Return the content with its headers, encoded if it has 8-bit text; None if that fails."""
    headers = _headers(message)
    body = _LINE_END.sub(b"\r\n", raw).partition(b"\r\n\r\n")[2]
    if headers is not None and _is_safe(body):
        return headers, body.decode("ascii")
    for part in message.walk():
        _encode(part)
    whole = write(message)
    if whole is None:
        return None
    headers, body = _headers(message), whole.partition(b"\r\n\r\n")[2]
    return (headers, body.decode("ascii")) if headers is not None and _is_safe(body) else None


def write(message: Message) -> bytes | None:
    """Return an email as bytes; None if that fails.

    The standard library cannot write everything that it can parse.
    """
    written = BytesIO()
    policy = compat32.clone(linesep="\r\n", max_line_length=None)
    try:
        BytesGenerator(written, mangle_from_=False, policy=policy).flatten(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return written.getvalue()


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
    """Return the text of the email, below `note`."""
    text = "\r\n".join(f"{note}\n\n{readable_text(message)}".splitlines()) + "\r\n"
    headers = (
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    )
    encoded = encodebytes(text.encode(errors="replace")).decode("ascii")
    return headers, encoded.replace("\n", "\r\n")
