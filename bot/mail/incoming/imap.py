"""A mailbox on an IMAP server (RFC 3501), in which mail for us lies between other mail.

Everything here waits for the server, and is called in a thread. Nothing is changed in the mailbox,
but for mails that are done with: they are deleted, one by one. What people must see is flagged.
"""

import imaplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.mail.messages.headers import MAX_HEADER_BYTES
from bot.settings.addresses import is_loopback

REPLY_TIMEOUT = 20.0
"""Seconds that the server has for each answer."""

CONNECT_TIMEOUT = 8.0
"""Seconds for a connection, which nothing cuts short: less than an end of the bot waits."""

SEARCH_WINDOW = timedelta(days=26)
"""How old a mail may be: less than it is known which answers were passed on, since some stay."""

_WRITE = "Write imaps://user:password@host:993/INBOX"

ImapError = imaplib.IMAP4.error
"""What a server that refuses, or breaks off, raises; its words may hold anything."""


class MailboxUrlError(Exception):
    """The address of the mailbox cannot be used; the text says why, without the password."""


@dataclass(frozen=True)
class ImapAccount:
    """Whose mailbox, and where. Without `tls` it is on this machine."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


def parse_imap_url(url: str) -> ImapAccount:
    """Return the mailbox at `imaps://…` or, on loopback, `imap+plain://…`.

    Raises MailboxUrlError.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MailboxUrlError(_WRITE) from None
    if parts.scheme not in ("imaps", "imap+plain") or not parts.hostname:
        raise MailboxUrlError(_WRITE)
    if "?" in url or "#" in url:
        raise MailboxUrlError("Write / ? # in a password as %2F %3F %23.")
    if parts.scheme == "imap+plain" and not is_loopback(parts.hostname):
        raise MailboxUrlError("imap+plain:// is for this machine only: use imaps://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    if not user or not password:
        raise MailboxUrlError(_WRITE)
    if not all(text.isascii() and text.isprintable() for text in (user, password, folder)):
        raise MailboxUrlError("User, password and folder are letters, digits and signs of ASCII.")
    tls = parts.scheme == "imaps"
    return ImapAccount(parts.hostname, port or (993 if tls else 143), tls, user, password, folder)


class Mailbox:
    """The mailbox, open. Methods raise Error or OSError where the server does not do its part."""

    def __init__(self, account: ImapAccount, trust: ssl.SSLContext | None = None) -> None:
        """Prepare for `account`; nothing is opened yet."""
        self._account = account
        self._trust = trust
        self._server: imaplib.IMAP4 | None = None
        self._can: frozenset[str] = frozenset()
        self.validity = b""
        """With another one, all ids mean other mails (RFC 3501, 2.3.1.1)."""

    def open(self) -> None:
        """Log in and look into the folder."""
        at = self._account
        if at.tls:
            trust = self._trust or ssl.create_default_context()
            trust.minimum_version = ssl.TLSVersion.TLSv1_2
            self._server = imaplib.IMAP4_SSL(
                at.host, at.port, ssl_context=trust, timeout=CONNECT_TIMEOUT
            )
        else:
            self._server = imaplib.IMAP4(at.host, at.port, timeout=CONNECT_TIMEOUT)
        self._server.sock.settimeout(REPLY_TIMEOUT)
        self._server.login(_quoted(at.user), at.password)
        # Who is not in yet may be told less (RFC 3501, 7.2.1), and imaplib remembers that alone.
        (can, *_) = _must(self._server.capability())
        self._can = frozenset((can or b"").decode("ascii", "replace").upper().split())
        _must(self._server.select(_quoted(at.folder)))
        (validity,) = self._server.response("UIDVALIDITY")[1] or [None]
        self.validity = validity if isinstance(validity, bytes) else b""

    def mails(self, above: int) -> list[int]:
        """Return the ids of the mails after `above` that are not older than `LOOKS_BACK`."""
        _, day, month, year, *_ = format_datetime(datetime.now(UTC) - SEARCH_WINDOW).split()
        asked = f"UID {above + 1}:* UNDELETED SINCE {day}-{month}-{year}"
        (found, *_) = _must(self._uid("SEARCH", asked))
        # The last mail is always named, even if its id is not above.
        return sorted(each for each in map(int, (found or b"").split()) if each > above)

    def head(self, mail: int) -> bytes:
        """Return a mail's headers; none, where it is gone."""
        return self._fetch(mail, f"BODY.PEEK[HEADER]<0.{MAX_HEADER_BYTES}>")

    def whole(self, mail: int, most: int) -> bytes:
        """Return a mail, at most so many bytes of it."""
        return self._fetch(mail, f"BODY.PEEK[]<0.{most}>")

    def remove(self, mail: int) -> None:
        """Delete a mail, and no other one that somebody has marked (UIDPLUS, RFC 4315)."""
        _must(self._uid("STORE", str(mail), "+FLAGS.SILENT", r"(\Seen \Deleted)"))
        if "UIDPLUS" in self._can:
            _must(self._uid("EXPUNGE", str(mail)))

    def set_aside(self, mail: int) -> None:
        """Mark a mail for people to look at."""
        _must(self._uid("STORE", str(mail), "+FLAGS.SILENT", r"(\Flagged)"))

    def close(self) -> None:
        """Log out."""
        if self._server is not None:
            self._server.logout()

    def cut(self) -> None:
        """End the connection at once: whoever waits for an answer is let go."""
        if self._server is not None:
            with suppress(OSError):
                self._server.sock.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                self._server.sock.close()

    def _fetch(self, mail: int, what: str) -> bytes:
        parts = _must(self._uid("FETCH", str(mail), f"({what})"))
        found = [part[1] for part in parts if isinstance(part, tuple)]
        return found[0] if found else b""

    def _uid(self, command: str, *words: str) -> tuple[str, list[Any]]:
        if self._server is None:
            raise ImapError
        return self._server.uid(command, *words)


def _must(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise ImapError
    return data


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
