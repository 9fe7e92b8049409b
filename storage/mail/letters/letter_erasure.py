"""Erase what is stored of letters: of one whose consent was taken back, or of all of a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, or_, select

from storage import erasure_log
from storage.chats import consents
from storage.chats.consents import Consent
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.mail import opt_ins
from storage.mail.letters import actions as record
from storage.schema.tables import actions, outbox
from storage.schema.tally import Tally
from storage.stats import recount
from storage.stats.action_details import decrypt_details

_WAITING = ("queued", "deferred")


def erase_letter(
    connection: Connection, vault: Vault, person: PersonKeys, action: str, *, now: datetime
) -> list[Tally]:
    """Erase a letter that has left or failed, and record that its consent was taken back.

    Returns the changes that count the letter as erased. If the letter is being sent at this moment,
    its outcome is not recorded. Nothing happens if this person has no such action.
    """
    row = next(iter(record.find_sent(connection, vault, person, action)), None)
    if row is None:
        return []
    is_settled = row.encrypted_details is None
    language = ""
    if not is_settled:
        language = decrypt_details(vault, row.action, row.encrypted_details).language
    counted = erase_actions(connection, vault, _of_the_same_send(row))
    if row.round == 1:  # else the consent stands for the first letter
        refusal = Consent(consents.SEND, False, language, row.campaign)
        consents.add(connection, vault, row.person_key, refusal, now=now)
        opt_ins.end_all(connection, vault, row.person_key, row.campaign, language, now)
    erasure_log.add(connection, vault, [erasure_log.letter_erased(row)], now)
    return counted


def _of_the_same_send(row: Row[Any]) -> ColumnElement[bool]:
    """Return the condition of all letters of a Send. A person has several only in test mode."""
    if row.test:
        sent = row.submission or row.action
        return or_(actions.c.action == row.action, actions.c.submission == sent)
    mine = actions.c.person_key == row.person_key
    return and_(mine, actions.c.round == row.round, ~actions.c.test)


def erase_actions(connection: Connection, vault: Vault, which: ColumnElement[bool]) -> list[Tally]:
    """Delete the actions of `which` with their mail, and return the changes of figures.

    Letters that never left are no longer counted, the others are counted as erased.
    """
    acted = connection.execute(select(actions.c.action).where(which)).scalars().all()
    waits = (outbox.c.state.in_(_WAITING), ~outbox.c.possible_duplicate)
    own = select(outbox.c.action).where(outbox.c.action.in_(acted), *waits)
    waiting = connection.execute(own).scalars().all()
    withdrawn = [record.delete_action(connection, vault, action) for action in waiting]
    erased = recount.count_erased(connection, vault, which)
    of_them = or_(outbox.c.action.in_(acted), outbox.c.about.in_(acted))
    connection.execute(delete(outbox).where(of_them))
    these = actions.c.action.in_(acted)
    gone = delete(actions).where(these).returning(actions.c.person_key)
    consents.recheck(connection, connection.execute(gone).scalars().all())
    return [*erased, *(each for done in withdrawn if done for each in done.tallies)]
