"""Mail that comes to us: the answer to a code's mail says “this wasn't me”."""

from datetime import datetime
from email import message_from_bytes
from email.policy import compat32
from email.utils import getaddresses
from functools import partial

from sqlalchemy import Connection

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
    found = disowned(raw, envelopes, recipients)
    if found is not None:
        await database.transact(partial(_disown, found=found, now=now))


def _disown(connection: Connection, found: tuple[Stands, str], now: datetime) -> None:
    stands, id_ = found
    of_mailbox = stands is Stands.OWNER
    address = bytes.fromhex(id_) if of_mailbox else codes.mailed_to(connection, id_)
    if address is not None:
        codes.disown(connection, address, now)


def disowned(
    raw: bytes, envelopes: Envelopes, recipients: tuple[str, ...] = ()
) -> tuple[Stands, str] | None:
    """Return what stands for the address that this mail disowns, and its id; None if it does not.

    Some mail programs answer to the envelope's sender, so a code stands for its address as well,
    for as long as its row is kept. `recipients` are those of the envelope; the headers are read
    where they name none of ours. What answered by itself says nothing (RFC 3834, section 5), nor
    does a report of a mail server.
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
            case (Stands.OWNER | Stands.CODE, _) as found:
                return found
    return None
