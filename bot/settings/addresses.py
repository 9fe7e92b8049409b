"""Validate the addresses in settings: email addresses, domains and web servers."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator

from bot.settings.setting_origins import setting_error

TELEGRAM_API = "https://api.telegram.org"
"""Telegram's own Bot API server (Bot API, “Making requests”)."""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine (RFC 1122, section 3.2.1.3; RFC 6761, section 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


_RESERVED_TOP_LEVEL = frozenset(("example", "test", "invalid", "localhost"))
_RESERVED_DOMAINS = frozenset(("example.com", "example.net", "example.org"))


def is_reserved(address: str) -> bool:
    """Whether the domain of an email address is reserved for examples and tests.

    Mail there reaches nobody (RFC 2606, sections 2 and 3; RFC 6761, section 6).
    """
    labels = address.rpartition("@")[2].lower().rstrip(".").split(".")
    return labels[-1] in _RESERVED_TOP_LEVEL or ".".join(labels[-2:]) in _RESERVED_DOMAINS


def parse_mailbox(text: str) -> str:
    """Return the email address in `text`, its domain in ASCII. Raises ValueError."""
    try:
        checked = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise setting_error(
            "This isn't a valid email address.", "Write it like actions@example.org"
        ) from None
    return f"{checked.local_part}@{checked.ascii_domain.lower()}"


def domain_of(address: str) -> str:
    """Return the domain of an email address, in lower case."""
    return address.rpartition("@")[2].lower()


def parse_domain(text: str) -> str:
    """Return the domain in `text`, in ASCII. Raises ValueError."""
    try:
        return domain_of(parse_mailbox(f"token@{text.strip()}"))
    except ValueError:
        raise setting_error(
            "This isn't a valid domain.", "Write it like send.example.org"
        ) from None


def parse_web_server(url: str) -> str:
    """Return the URL of a web server that secrets may be sent to, without a trailing slash.

    It must use https://, or be on this machine. Raises ValueError.
    """
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise setting_error("This isn't a valid address.", "Check the host and port.") from None
    host = parts.hostname or ""
    if host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        return parts.geturl().rstrip("/")
    raise setting_error(
        "Secrets can't be sent to this address.",
        "Use https://…, or http:// for a server on this machine.",
    )


Domain = Annotated[str, AfterValidator(parse_domain)]
Mailbox = Annotated[str, AfterValidator(parse_mailbox)]
WebServer = Annotated[str, AfterValidator(parse_web_server)]
