"""Mail that comes to us: the answer to a code's mail says “this wasn't me”."""

from datetime import datetime
from email import message_from_bytes
from email.policy import compat32
from email.utils import getaddresses

from bot.mail.envelopes import Envelopes, Stands
from storage import codes
from storage.database import Database

LARGEST = 1_000_000
"""Bytes of an answer that are looked at. Only its headers matter."""

_AUTOMATIC = ("auto_reply", "bulk", "junk", "list")
"""What older out-of-office programs write as Precedence; nobody's own answer does."""

_NOBODY = ("<>", "<MAILER-DAEMON>")
"""The sender of what nobody wrote (RFC 5321, 4.5.5), and what Postfix's pipe makes of it."""


async def take(
    raw: bytes,
    database: Database,
    envelopes: Envelopes,
    now: datetime,
    recipients: tuple[str, ...] = (),
) -> None:
    """Do what a mail that came asks for: if it disowns an address, that is noted for good."""
    code_id = disowned(raw, envelopes, recipients)
    if code_id is not None:
        await database.transact(lambda c: codes.disown(c, code_id, now))


def disowned(raw: bytes, envelopes: Envelopes, recipients: tuple[str, ...] = ()) -> str | None:
    """Return the id of the code whose address this mail disowns, or None.

    `recipients` are those of the envelope; the headers are read where they name none of ours. What
    answered by itself says nothing (RFC 3834, section 5), nor does a report of a mail server.
    """
    # The newer policies read more, and stumble over some garbage; this one takes everything.
    message = message_from_bytes(raw[:LARGEST], policy=compat32)
    if str(message.get("Auto-Submitted", "no")).strip().lower() != "no":
        return None
    if str(message.get("Precedence", "")).strip().lower() in _AUTOMATIC:
        return None
    if str(message.get("Return-Path", "")).strip() in _NOBODY or "X-Autoreply" in message:
        return None
    if message.get_content_type() in ("multipart/report", "message/delivery-status"):
        return None
    named = [str(value) for value in message.get_all("To", []) + message.get_all("Cc", [])]
    candidates = (*recipients, *(address for _, address in getaddresses(named)))
    for address in candidates:
        match envelopes.read(address):
            case (Stands.CODE, code_id):
                return code_id
    return None
