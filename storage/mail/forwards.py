"""Replies to letters that came to an address of the bot, and are forwarded."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from storage.crypto.vault import Vault
from storage.mail import codes
from storage.mail.address_keys import AddressKeys
from storage.mail.delivery import outbox
from storage.mail.delivery.content import Forward, MailKind
from storage.schema.tables import actions
from storage.schema.tables import outbox as mails
from storage.stats.action_details import decrypt_details

MAX_FORWARDS = 20
"""Number of replies to one letter that are forwarded in `FORWARDS_PERIOD`; others wait."""

FORWARDS_PERIOD = timedelta(days=1)
"""Period of the limit `MAX_FORWARDS`."""


class TooManyForwards(Exception):
    """Too many replies to one letter were forwarded lately: this one must wait.

    The limit stops mail loops, and people who abuse a letter's address.
    """


def queue(
    connection: Connection,
    vault: Vault,
    mail: str,
    forward: Forward,
    *,
    action: str | None,
    to_supporter: bool,
    same: str,
    now: datetime,
) -> None:
    """Queue a reply to `mail`, the letter of `action`, once for each value of `same`.

    If `to_supporter`, the reply goes to the supporter, unless the address was not proved or the
    action was erased; else to the address in `forward`. Raises TooManyForwards.
    """
    acted = select(actions).where(actions.c.action == action).with_for_update()
    row = connection.execute(acted).one_or_none() if action else None
    about = row.action if row else mail
    id_ = vault.keyed_hash("answer", same)[:16].hex()
    if connection.execute(select(mails.c.mail).where(mails.c.mail == id_)).first():
        return
    count = select(func.count()).where(
        mails.c.about == about,
        mails.c.kind == MailKind.FORWARD.value,
        mails.c.queued > now - FORWARDS_PERIOD,
    )
    if connection.execute(count).scalar_one() >= MAX_FORWARDS:
        raise TooManyForwards
    if row is not None and to_supporter:
        forward = _to_supporter(connection, vault, row, forward)
    place = {"campaign": row.campaign if row else "", "about": about}
    outbox.queue_about(connection, vault, forward, **place, now=now, mail=id_)


def _to_supporter(connection: Connection, vault: Vault, row: Row[Any], forward: Forward) -> Forward:
    details = decrypt_details(vault, row.action, row.encrypted_details).person
    address = AddressKeys.of(vault, details.address)
    if not details.proved or codes.is_disowned(connection, address):
        return forward
    return replace(forward, address=details.address)
