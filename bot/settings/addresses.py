"""The kinds of address that an organisation writes into its settings, each with its rule."""

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator

from bot.settings.setting_origins import setting_error

TELEGRAM_API = "https://api.telegram.org"
"""Where Telegram answers bots (Bot API, “Making requests”)."""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine itself (RFC 1122, 3.2.1.3; RFC 6761, 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


_RESERVED = frozenset(("example", "test", "invalid", "localhost"))
_EXAMPLES = frozenset(("example.com", "example.net", "example.org"))


def is_reserved(address: str) -> bool:
    """Whether mail to `address` can reach nobody: its domain is for examples and tests (RFC 2606,
    sections 2 and 3; RFC 6761, section 6).
    """
    labels = address.rpartition("@")[2].lower().rstrip(".").split(".")
    return labels[-1] in _RESERVED or ".".join(labels[-2:]) in _EXAMPLES


def parse_mailbox(text: str) -> str:
    """Return the mail address in `text`, its domain in ASCII."""
    try:
        checked = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except EmailNotValidError:
        raise setting_error(
            "This is no mail address.", "Write it like actions@example.org"
        ) from None
    return f"{checked.local_part}@{checked.ascii_domain.lower()}"


def domain_of(address: str) -> str:
    """Return the domain of a mail address."""
    return address.rpartition("@")[2].lower()


def parse_domain(text: str) -> str:
    """Return the domain that stands in `text`, in ASCII."""
    try:
        return domain_of(parse_mailbox(f"token@{text.strip()}"))
    except ValueError:
        raise setting_error("This is no domain.", "Write it like send.example.org") from None


def parse_web_server(url: str) -> str:
    """Return the address of a server on the web that secrets may go to, without a last slash."""
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        raise setting_error("This is no address.", "See that host and port are right.") from None
    host = parts.hostname or ""
    if host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        return parts.geturl().rstrip("/")
    raise setting_error(
        "This is no address that secrets may go to.",
        "Write https://…, or http:// with a server on this machine.",
    )


Domain = Annotated[str, AfterValidator(parse_domain)]
Mailbox = Annotated[str, AfterValidator(parse_mailbox)]
WebServer = Annotated[str, AfterValidator(parse_web_server)]
