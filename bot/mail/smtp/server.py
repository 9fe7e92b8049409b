"""Parse the URL of our mail server (`smtp.url` in the settings)."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Tls(StrEnum):
    """How a connection is encrypted, by the scheme of the URL."""

    IMPLICIT = "smtps"
    STARTTLS = "smtp"
    NONE = "smtp+plain"


class ServerUrlError(Exception):
    """The URL of the mail server can't be used; the text says why, without the password."""


@dataclass(frozen=True)
class SmtpServer:
    """Our mail server: where it is, and how to log in."""

    host: str
    port: int
    tls: Tls
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(url: str) -> SmtpServer:
    """Parse a URL: `smtps://…`, `smtp://…` (STARTTLS) or, on loopback, `smtp+plain://…`.

    Raises ServerUrlError.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        # The error's text would contain the password.
        raise ServerUrlError("The host name can't be read.") from None
    if parts.scheme not in set(Tls) or not parts.hostname:
        raise ServerUrlError("Write smtps://user:password@host:465, or smtp://…:587 for STARTTLS")
    if parts.path not in ("", "/") or "?" in url or "#" in url:
        raise ServerUrlError(
            "Write / ? # in a password as %2F %3F %23; nothing may follow the port."
        )
    tls = Tls(parts.scheme)
    if tls is Tls.NONE and parts.hostname not in _LOOPBACK:
        raise ServerUrlError("smtp+plain:// is for this machine only: use smtps:// or smtp://")
    try:
        port = parts.port
    except ValueError:
        raise ServerUrlError("The port isn't a number from 1 to 65535.") from None
    default_ports = {Tls.IMPLICIT: 465, Tls.STARTTLS: 587, Tls.NONE: 25}
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return SmtpServer(parts.hostname, port or default_ports[tls], tls, user, password)
