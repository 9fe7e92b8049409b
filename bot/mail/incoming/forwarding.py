"""Prepare a reply for forwarding: its text, and if the campaign allows it, more of its content.

Anyone can write to a letter's sender address. What the supporter gets from our address contains
nothing that runs, loads something or hides who wrote it.
"""

import re
from base64 import encodebytes
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email.message import Message

from bot.mail.incoming.bounces import subject
from bot.mail.incoming.mail_text import decode_part, readable_text
from bot.mail.messages.headers import addresses, header_value, subparts

_MAX_SUBJECT_LENGTH, _MAX_ADDRESS_LENGTH, _MAX_LOCAL_LENGTH = 150, 254, 64
_MAX_HTML_LENGTH = 50_000
_MAX_THREAD_IDS = 20
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_ADDRESS = re.compile(r"[!#-;=?A-~]+@[A-Za-z0-9.-]+")
_SHOWN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(\.[\w-]+)+")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Controls, and marks that change the direction of the text after them (Unicode standard 9)."""

_TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4"),
    *("hr", "i", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody"),
    *("td", "th", "thead", "tr", "u", "ul"),
}
_SCHEMES = {"http", "https", "mailto"}

_ATTACHMENTS = {
    "application/pdf": b"%PDF-",
    "image/gif": b"GIF8",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
"""Types of attachments that are forwarded, and how their content begins.

Others can run programs or load something from elsewhere: HTML, SVG, Office documents, emails.
"""


@dataclass(frozen=True)
class ForwardedReply:
    """A reply, ready to be forwarded."""

    address: str
    """The author's address as it is written; "" if there is none that can be shown."""

    reply_to: str
    """The author's address in ASCII; "" if there is none to reply to."""

    subject: str

    thread: tuple[str, ...]
    """In-Reply-To and References."""

    text: str

    html: str = ""
    """The text with its format, without images, styles, scripts and forms."""

    attachments: tuple[tuple[str, str], ...] = ()
    """The type (RFC 2046) and the content in Base64 of each attachment."""

    is_incomplete: bool = False
    """Whether attachments are left out."""


def prepare_reply(message: Message, ours: Collection[str], *, full: bool) -> ForwardedReply:
    """Prepare an email. With `full`, format and attachments are kept where they do no harm.

    `ours` are domains of the bot and of the organisation. Answers never go there, and an author who
    claims to write from there is not named: we say that the organisation did not write.
    """
    reply_to, address = _author(message, ours)
    files = list(_attachments(message))
    kept = [_attachment(part) for part in files] if full else []
    harmless = tuple(each for each in kept if each is not None)
    return ForwardedReply(
        address=address,
        reply_to=reply_to,
        subject=_UNPRINTABLE.sub("", subject(message))[:_MAX_SUBJECT_LENGTH],
        thread=_thread(message),
        text=_UNPRINTABLE.sub("", readable_text(message).replace("\r\n", "\n")),
        html=_html(message) if full else "",
        attachments=harmless,
        is_incomplete=len(harmless) < len(files),
    )


def _author(message: Message, ours: Collection[str]) -> tuple[str, str]:
    """Return the address to reply to, and the author's address as it is written."""
    found = [
        address
        for _, address in addresses(message, "Reply-To", "From", "Sender", "Return-Path")
        if "@" in address and len(address) <= _MAX_ADDRESS_LENGTH and not _is_at(address, ours)
    ]
    usable = next(filter(None, map(_ascii_address, found)), "")
    written = next((each for each in found if _is_shown(each)), "")
    return usable, written


def _is_at(address: str, domains: Collection[str]) -> bool:
    """Whether an address is at one of these domains, or below it."""
    domain = f".{address.rpartition('@')[2].lower()}"
    return any(domain.endswith(f".{each.lower()}") for each in domains)


def _is_shown(address: str) -> bool:
    """Whether an address may stand in a sentence of ours: a quoted one may contain any words."""
    local = address.rpartition("@")[0]
    return len(local) <= _MAX_LOCAL_LENGTH and _SHOWN_ADDRESS.fullmatch(address) is not None


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


def _leaves(part: Message) -> Iterator[Message]:
    """Yield the parts that contain no other parts. Attached emails are not opened."""
    inner = subparts(part)
    if not inner or part.get_content_maintype() == "message":
        yield part
        return
    for each in inner:
        yield from _leaves(each)


def _is_body(part: Message) -> bool:
    is_text = part.get_content_type() in ("text/plain", "text/html")
    return is_text and part.get_content_disposition() != "attachment"


def _attachments(message: Message) -> Iterator[Message]:
    return (part for part in _leaves(message) if not _is_body(part))


def _attachment(part: Message) -> tuple[str, str] | None:
    """Return the type and the content of an attachment; None if it may do harm.

    Its name is left out: it is the author's, and mail programs open a file by its name.
    """
    content_type = part.get_content_type()
    content = part.get_payload(decode=True) if content_type in _ATTACHMENTS else None
    if not isinstance(content, bytes) or not content.startswith(_ATTACHMENTS[content_type]):
        return None
    return content_type, encodebytes(content).decode("ascii").replace("\n", "\r\n")


def _html(message: Message) -> str:
    """Return the first text in HTML, sanitised; "" if there is none."""
    import nh3  # here, since it takes 2 MB

    bodies = (each for each in _leaves(message) if _is_body(each))
    found = next((each for each in bodies if each.get_content_type() == "text/html"), None)
    if found is None:
        return ""
    # nh3 takes time that grows with the square of the depth: a second for 25,000 nested tags.
    html = _UNPRINTABLE.sub("", decode_part(found)[:_MAX_HTML_LENGTH])
    attributes = {"a": {"href"}}
    return nh3.clean(html, tags=_TAGS, attributes=attributes, url_schemes=_SCHEMES).strip()
