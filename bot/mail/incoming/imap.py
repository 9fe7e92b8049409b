"""Access a mailbox on an IMAP server (RFC 3501), which may also contain other people's mail.

All methods block, so they are called in threads. Emails are only fetched, deleted one by one after
they have been processed, or flagged for people.
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
"""Seconds to wait for each reply of the server."""

CONNECT_TIMEOUT = 8.0
"""Seconds to connect. Connecting can't be interrupted, so this is less than a shutdown waits."""

SEARCH_WINDOW = timedelta(days=26)
"""Older emails are ignored.

It is shorter than the time for which forwarded replies are remembered, so that none that is left
in the mailbox is forwarded twice.
"""

_URL_FORMAT = "Write imaps://user:password@host:993/INBOX"

ImapError = imaplib.IMAP4.error
"""Raised if the server refuses a command or disconnects; its text may contain anything."""


class MailboxUrlError(Exception):
    """The URL of the mailbox can't be used; the text says why, without the password."""


@dataclass(frozen=True)
class ImapAccount:
    """A mailbox on an IMAP server."""

    host: str
    port: int

    tls: bool
    """False only for a server on this machine."""

    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"


def parse_imap_url(url: str) -> ImapAccount:
    """Parse the URL of a mailbox: `imaps://…` or, on this machine, `imap+plain://…`.

    Raises MailboxUrlError.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise MailboxUrlError(_URL_FORMAT) from None
    if parts.scheme not in ("imaps", "imap+plain") or not parts.hostname:
        raise MailboxUrlError(_URL_FORMAT)
    if "?" in url or "#" in url:
        raise MailboxUrlError("Write / ? # in a password as %2F %3F %23.")
    if parts.scheme == "imap+plain" and not is_loopback(parts.hostname):
        raise MailboxUrlError("imap+plain:// is for this machine only: use imaps://")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    folder = unquote(parts.path.removeprefix("/")) or "INBOX"
    if not user or not password:
        raise MailboxUrlError(_URL_FORMAT)
    if not all(text.isascii() and text.isprintable() for text in (user, password, folder)):
        raise MailboxUrlError("User, password and folder must be printable ASCII.")
    tls = parts.scheme == "imaps"
    return ImapAccount(parts.hostname, port or (993 if tls else 143), tls, user, password, folder)


class Mailbox:
    """A connection to a mailbox. Methods raise ImapError or OSError if the server fails."""

    def __init__(self, account: ImapAccount, trust: ssl.SSLContext | None = None) -> None:
        """Create the object without connecting.

        `trust` are the accepted certificate authorities, by default those of the system.
        """
        self._account = account
        self._trust = trust
        self._server: imaplib.IMAP4 | None = None
        self._capabilities: frozenset[str] = frozenset()
        self.validity = b""
        """UIDVALIDITY: if it changes, all ids are new (RFC 3501, section 2.3.1.1)."""

    def open(self) -> None:
        """Connect, log in and select the folder."""
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
        # Before the log-in, a server may list fewer (RFC 3501, 7.2.1); imaplib keeps only those.
        (listed, *_) = _must(self._server.capability())
        self._capabilities = frozenset((listed or b"").decode("ascii", "replace").upper().split())
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

    def fetch_headers(self, mail: int) -> bytes:
        """Return an email's headers; b"" if it is gone."""
        return self._fetch(mail, f"BODY.PEEK[HEADER]<0.{MAX_HEADER_BYTES}>")

    def fetch(self, mail: int, max_bytes: int) -> bytes:
        """Return the first `max_bytes` bytes of an email."""
        return self._fetch(mail, f"BODY.PEEK[]<0.{max_bytes}>")

    def remove(self, mail: int) -> None:
        """Delete an email, but no other that someone has marked as deleted (UIDPLUS, RFC 4315)."""
        _must(self._uid("STORE", str(mail), "+FLAGS.SILENT", r"(\Seen \Deleted)"))
        if "UIDPLUS" in self._capabilities:
            _must(self._uid("EXPUNGE", str(mail)))

    def flag(self, mail: int) -> None:
        """Flag an email for people."""
        _must(self._uid("STORE", str(mail), "+FLAGS.SILENT", r"(\Flagged)"))

    def close(self) -> None:
        """Log out."""
        if self._server is not None:
            self._server.logout()

    def abort(self) -> None:
        """Close the connection at once; a thread that waits for a reply gets an error."""
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


def _must(reply: tuple[str, list[Any]]) -> list[Any]:
    status, data = reply
    if status != "OK":
        raise ImapError
    return data


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
