"""Erase what is stored of one letter, because its supporter took back the consent."""

from datetime import datetime

from sqlalchemy import Connection, delete, or_

from storage.chats import consents
from storage.chats.consents import Consent
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail import actions as record
from storage.schema.tables import actions, outbox
from storage.schema.tally import Tally
from storage.stats import recount
from storage.stats.action_details import decrypt_details


def erase_letter(
    connection: Connection, vault: Vault, person: PersonKeys, action: str, *, now: datetime
) -> list[Tally]:
    """Erase a letter that has left or failed, and record that its consent was taken back.

    Returns the changes that count the letter as erased. If the letter is being sent at this moment,
    its outcome is not recorded. Nothing happens if this person has no such action.
    """
    row = record.find_own(connection, vault, person, action)
    if row is None:
        return []
    is_settled = row.encrypted_details is None
    language = "" if is_settled else decrypt_details(vault, action, row.encrypted_details).language
    counted = recount.count_erased(connection, vault, actions.c.action == action)
    mails = or_(outbox.c.action == action, outbox.c.about == action)
    connection.execute(delete(outbox).where(mails))
    connection.execute(delete(actions).where(actions.c.action == action))
    refusal = Consent(consents.SEND, False, language, row.campaign)
    consents.add(connection, vault, row.person_key, refusal, now=now)
    return counted
