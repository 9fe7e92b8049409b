"""Write email headers and bodies as bytes.

RFC 5322 for the headers, RFC 2047 for names outside ASCII, RFC 2045 for the body. Addresses are
ASCII: RFC 2047, section 5, forbids encoded words in them.

The standard library's `EmailMessage` is not used: it splits long names outside ASCII so that extra
spaces appear, leaves unencoded what merely looks like an encoded word, and is fifteen times slower.
"""

import re
import unicodedata
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable
from email.header import Header
from email.utils import quote
from hashlib import sha256

_MAX_ENCODED_LINE = 76
"""Characters in a line of an encoded body (RFC 2045, sections 6.7 and 6.8)."""

_PLAIN_TEXT = re.compile(r"[ -~]{0,200}")
"""Header text that needs no encoding."""

_PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_MAX_ADDRESS_LENGTH, _MAX_LOCAL_LENGTH = 254, 64

_ATOMS = re.compile(r"[\w !#$%&'*+/=?^`{|}~-]*", re.ASCII)
"""A name that needs no quotes (RFC 5322, section 3.2.3)."""


def text_message(headers: Iterable[str], body: str, language: str) -> bytes:
    """Return an email with a plain text body, in the shorter of quoted-printable and Base64."""
    encoding, content = _encode_text(body)
    lines = (
        *headers,
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        f"Content-Transfer-Encoding: {encoding}",
        f"Content-Language: {one_line(language)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii") + content


def multipart_message(
    headers: Iterable[str], text: str, html: str, attachments: Iterable[tuple[str, str]]
) -> bytes:
    """Return an email with a text, the same in HTML if there is any, and attachments.

    RFC 2046, sections 5.1.3 and 5.1.4. `attachments` are types and contents in Base64. Files are
    named by number and type.
    """
    body = _text_part("plain", text)
    if html:
        body = _multipart("alternative", [body, _text_part("html", html)])
    files = [
        "\r\n".join(
            (
                f"Content-Type: {content_type}",
                "Content-Disposition: attachment;",
                f' filename="attachment-{number}.{content_type.partition("/")[2]}"',
                "Content-Transfer-Encoding: base64",
                "",
                content,
            )
        )
        for number, (content_type, content) in enumerate(attachments, 1)
    ]
    whole = _multipart("mixed", [body, *files]) if files else body
    return "\r\n".join((*headers, "MIME-Version: 1.0", whole)).encode("ascii")


def _text_part(subtype: str, text: str) -> str:
    encoding, content = _encode_text(text)
    lines = (
        f'Content-Type: text/{subtype}; charset="utf-8"',
        f"Content-Transfer-Encoding: {encoding}",
        "",
        content.decode("ascii"),
    )
    return "\r\n".join(lines)


def _multipart(subtype: str, parts: list[str]) -> str:
    """Return parts below a Content-Type. Its boundary is a hash, so that no part contains it."""
    boundary = f"=_{sha256(''.join(parts).encode()).hexdigest()[:32]}"
    inner = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"'
    return f"{head}\r\n\r\n{inner}--{boundary}--\r\n"


def _encode_text(body: str) -> tuple[str, bytes]:
    """Return the transfer encoding of a text, and the encoded text."""
    text = b"\n".join(body.rstrip("\r\n").encode().splitlines()) + b"\n"
    encoding, content = "quoted-printable", b2a_qp(text).replace(b"\n", b"\r\n")
    # RFC 2045, section 6.8: line breaks are CRLF before Base64, too.
    lines_end_in_crlf = text.replace(b"\n", b"\r\n")
    # `b2a_qp` writes lines that are too long if a line of the text ends with a space.
    if _base64_size(lines_end_in_crlf) < len(content) or _longest_line(content) > _MAX_ENCODED_LINE:
        encoding, content = "base64", encodebytes(lines_end_in_crlf).replace(b"\n", b"\r\n")
    return encoding, content


def _base64_size(content: bytes) -> int:
    """Return the size in Base64: four characters for three bytes, and CRLF after each 57 bytes."""
    return 4 * -(-len(content) // 3) + 2 * -(-len(content) // 57)


def _longest_line(content: bytes) -> int:
    return max(map(len, content.split(b"\r\n")))


def mailbox_header(header: str, name: str, address: str) -> str:
    """Return a header with a name and an address; the address is on its own line after a name."""
    shown = one_line(name)
    if not _PLAIN_TEXT.fullmatch(shown) or "=?" in shown:
        phrase = _encoded_words(header, shown)
    elif _ATOMS.fullmatch(shown):
        phrase = shown
    else:
        phrase = f'"{quote(shown)}"'
    return (
        f"{header}: {phrase}\r\n <{one_line(address)}>"
        if phrase
        else f"{header}: {one_line(address)}"
    )


def is_plain_address(address: str) -> bool:
    """Whether an address can be put into headers and envelopes, and is read alike by everyone.

    It is a dot-atom and a domain in ASCII (RFC 5321, sections 4.1.2 and 4.5.3.1). Some programs
    decode what looks like an encoded word, which RFC 2047 (section 5) forbids in addresses: they
    read `=?utf-8?q?=40evil.example=00?=@x.example` as an address at evil.example.
    """
    local, _, _ = address.rpartition("@")
    return (
        _PLAIN_ADDRESS.fullmatch(address) is not None
        and "=?" not in address
        and len(local) <= _MAX_LOCAL_LENGTH
        and len(address) <= _MAX_ADDRESS_LENGTH
    )


def recipient_header(name: str, address: str) -> str:
    """Return the To header. It names nobody if the address is not plain; it can't be sent then."""
    if not is_plain_address(address):
        return "To: undisclosed-recipients:;"
    return mailbox_header("To", name, address)


def reply_header(name: str, address: str) -> tuple[str, ...]:
    """Return the Reply-To header; none for an address that is not plain."""
    return (mailbox_header("Reply-To", name, address),) if is_plain_address(address) else ()


def subject_header(text: str) -> str:
    """Return the Subject header."""
    shown = one_line(text)
    is_plain = _PLAIN_TEXT.fullmatch(shown) and "=?" not in shown
    return f"Subject: {shown if is_plain else _encoded_words('Subject', shown)}"


def _encoded_words(header: str, text: str) -> str:
    """Return `text` as encoded words of at most 75 characters (RFC 2047)."""
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def one_line(text: str) -> str:
    """Return `text` as one line without control characters, so that it cannot add a header.

    The standard library alone is not enough: Python before 3.11.10 has CVE-2024-6923.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    visible = (
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in text
    )
    return " ".join("".join(visible).split())
