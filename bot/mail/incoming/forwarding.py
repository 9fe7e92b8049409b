"""An answer that came to us → what is passed on of it: its content, safe for any mail server."""

import re
from base64 import encodebytes
from dataclasses import dataclass
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO

from bot.mail.incoming.bounces import subject
from bot.mail.messages.headers import MAX_MAIL_BYTES, addresses, decode_words

_LONGEST_LINE = 998
"""RFC 5322, section 2.1.1."""

_MOST_TEXT = 100_000
_MOST_NAME, _MOST_SUBJECT = 100, 500
_ADDRESS = re.compile(r"[!#-;=?A-~]+@[A-Za-z0-9.-]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_WHAT_IT_IS = ("Content-Type", "Content-Transfer-Encoding", "Content-Language")


@dataclass(frozen=True)
class ForwardedReply:
    """What is passed on. `headers` describe `content` (RFC 2045), which is ASCII."""

    author: str
    reply_to: str
    subject: str
    headers: tuple[str, ...]
    content: str


def prepare_reply(raw: bytes, message: Message, ours: str, note: str) -> ForwardedReply:
    """Return what is passed on of `raw`, which `message` is read from.

    What is too large, or cannot be made safe, is passed on as its text, under `note`. Answers
    never go to `ours`, our own domain.
    """
    author, address = _author(message, ours)
    kept = _whole(raw, message) if len(raw) < MAX_MAIL_BYTES else None
    headers, content = kept or _text(message, note)
    return ForwardedReply(author, address, subject(message)[:_MOST_SUBJECT], headers, content)


def _author(message: Message, ours: str) -> tuple[str, str]:
    """Return the name of who wrote it, and the address that answers may go to."""
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
    return name[:_MOST_NAME] or address.partition("@")[0] or "?", address


def _whole(raw: bytes, message: Message) -> tuple[tuple[str, ...], str] | None:
    """Return headers and bytes as they came; what has eight bits is encoded first."""
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
        return None  # the library cannot write all that it has read
    headers, body = _headers(message), written.getvalue().partition(b"\r\n\r\n")[2]
    return (headers, body.decode("ascii")) if headers is not None and _is_safe(body) else None


def _headers(message: Message) -> tuple[str, ...] | None:
    """Return the headers that describe the content; None where they cannot be sent."""
    found = []
    for name in _WHAT_IT_IS:
        if name in message:
            line = f"{name}: {' '.join(str(message[name]).split())}"
            if not line.isascii() or not line.isprintable() or len(line) > _LONGEST_LINE:
                return None
            found.append(line)
    return tuple(found)


def _is_safe(body: bytes) -> bool:
    lines = body.split(b"\r\n")
    return body.isascii() and b"\0" not in body and max(map(len, lines)) <= _LONGEST_LINE


def _encode(part: Message) -> None:
    """Give a part that has eight bits, or too long lines, an encoding of seven (RFC 2045, 6.8)."""
    if part.is_multipart():
        if "Content-Transfer-Encoding" in part:
            part.replace_header("Content-Transfer-Encoding", "7bit")
        return
    payload = part.get_payload(decode=True)
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    content = payload if isinstance(payload, bytes) else b""
    part.set_payload(encodebytes(content).decode("ascii"))


def _text(message: Message, note: str) -> tuple[tuple[str, ...], str]:
    """Return the first text of the mail, under `note`."""
    said = ""
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not part.is_multipart():
            said = _read(part)
            break
    text = "\r\n".join(f"{note}\n\n{said}".splitlines()) + "\r\n"
    headers = (
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    )
    encoded = encodebytes(text.encode(errors="replace")).decode("ascii")
    return headers, encoded.replace("\n", "\r\n")


def _read(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), "replace")[:_MOST_TEXT]
    except LookupError:
        return payload.decode("utf-8", "replace")[:_MOST_TEXT]
