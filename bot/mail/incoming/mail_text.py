"""Read the text of an email: the parts that a reader sees, decoded, with HTML turned into text."""

import codecs
from collections.abc import Iterator
from email.message import Message

from bot.mail.incoming.html_text import html_to_text
from bot.mail.messages.headers import subparts

MAX_TEXT_LENGTH = 100_000
"""Characters of a text that are used."""

_WIDER_CHARSETS = {
    "ascii": "cp1252",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "shift_jis": "cp932",
}
"""Character sets that mailers use for more than is in them, and those that contain the rest."""

_UNUSABLE_CHARSETS = frozenset(
    ("idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
)
"""Python's codecs that no email uses; some take long."""


def readable_text(message: Message) -> str:
    """Return the text of an email; "" if there is none that can be read.

    Of alternatives, plain text is preferred to HTML. Attachments and attached emails are read only
    if there is nothing else.
    """
    for attached in (False, True):
        text = "\n\n".join(filter(None, (each.strip() for each in _texts(message, attached))))
        if text:
            return text[:MAX_TEXT_LENGTH]
    return ""


def decode_part(part: Message) -> str:
    """Return the text of a part, decoded from its character set as far as possible."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return _decode(payload, _charset(part))


def _texts(part: Message, attached: bool) -> Iterator[str]:
    if part.get_content_maintype() == "message" and not attached:
        return
    inner = subparts(part)
    if inner and part.get_content_type() == "multipart/alternative":
        yield _best(inner, attached)
    elif inner:
        for each in inner:
            yield from _texts(each, attached)
    elif part.get_content_maintype() == "multipart":
        yield decode_part(part)  # its parts can't be found: it is broken
    elif attached or part.get_content_disposition() != "attachment":
        if part.get_content_type() == "text/plain":
            yield decode_part(part)
        elif part.get_content_type() == "text/html":
            yield html_to_text(decode_part(part))


def _best(alternatives: list[Message], attached: bool) -> str:
    """Return the first alternative that has text: plain text, then HTML, then others."""
    order = {"text/plain": 0, "text/html": 1}
    for part in sorted(alternatives, key=lambda each: order.get(each.get_content_type(), 2)):
        text = "\n\n".join(_texts(part, attached)).strip()
        if text:
            return text
    return ""


def _charset(part: Message) -> str:
    """Return the name of Python's codec for the part; "" if it is unknown."""
    try:
        name = codecs.lookup(str(part.get_content_charset() or "")).name
    except (LookupError, ValueError):
        return ""
    return "" if name in _UNUSABLE_CHARSETS else _WIDER_CHARSETS.get(name, name)


def _decode(content: bytes, charset: str) -> str:
    """Decode `content`. Many mailers name a wrong character set; UTF-8 is unmistakable."""
    for codec in (charset, "utf-8"):
        if not codec:
            continue
        try:
            return content.decode(codec)
        except (ValueError, LookupError):
            continue
    try:
        return content.decode(charset or "cp1252", "replace")
    except (ValueError, LookupError):
        return content.decode("utf-8", "replace")
