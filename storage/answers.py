"""Answers to letters that came to an address of ours, on their way to whom they were meant for."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, exists, func, select

from storage import actions as record
from storage import outbox
from storage.outbox import Forward, MailKind
from storage.tables import actions, disowned
from storage.tables import outbox as mails
from storage.vault import Vault

MOST = 20
"""How many answers to one letter are passed on: whoever knows its address is no sender of ours."""


def pass_on(
    connection: Connection,
    vault: Vault,
    action: str,
    forward: Forward,
    *,
    to_supporter: bool,
    same: str,
    now: datetime,
) -> bool:
    """Queue an answer, and return whether it was; each is once, which `same` tells.

    It goes to the supporter where it should and their address was proved, else where `forward`
    says: no mail goes to an address that a stranger may have typed.
    """
    acted = select(actions).where(actions.c.action == action).with_for_update()
    row = connection.execute(acted).one_or_none()
    mail = vault.fingerprint("answer", same)[:16].hex()
    if row is None or connection.execute(select(mails.c.mail).where(mails.c.mail == mail)).first():
        return False
    count = select(func.count()).where(
        mails.c.about == action, mails.c.kind == MailKind.FORWARD.value
    )
    if connection.execute(count).scalar_one() >= MOST:
        return False
    unwanted = select(exists().where(disowned.c.address_key == row.address_key))
    details = record.opened(vault, action, row.sealed_details)
    if to_supporter and details.proved and not connection.execute(unwanted).scalar_one():
        forward = replace(forward, address=details.address)
    outbox.queue_about(connection, vault, row.person_key, row, forward, now=now, mail=mail)
    return True
