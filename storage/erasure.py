"""Erasure of a person at their request."""

from sqlalchemy import Connection, delete, select, update

from conversations.core.effects.journey import ErasePerson
from storage.broadcasts import drafts, recipients
from storage.crypto.person_keys import PersonKeys
from storage.mail import actions as record
from storage.schema.tables import (
    actions,
    consents,
    outbox,
    subscriptions,
)
from storage.schema.tables import chats as chats_table
from storage.schema.tally import Tally
from storage.stats import digests, recount
from storage.transaction import EffectHandlers, Transaction

HANDLERS = EffectHandlers()

_WAITING = ("queued", "deferred")


@HANDLERS.handles(ErasePerson)
def _erase_person(effect: ErasePerson, transaction: Transaction) -> None:
    transaction.count(erase(transaction.connection, transaction.person))


def erase(connection: Connection, person: PersonKeys) -> list[Tally]:
    """Erase a person's details, actions, consents, subscriptions and waiting mail.

    Returns the changes of figures: letters that never left are no longer counted, the others are
    counted as erased. A letter that is being sent at this moment cannot be stopped, and its outcome
    is not recorded. The chat keeps what the confirmation needs. Hashes of codes stay for two days,
    or erasure would lift the limits. A role stays, since it does not belong to the supporter.
    """
    waits = (outbox.c.state.in_(_WAITING), ~outbox.c.possible_duplicate)
    own = select(outbox.c.action).where(outbox.c.person_key == person.chat, *waits)
    waiting = connection.execute(own.where(outbox.c.action.is_not(None))).scalars().all()
    withdrawn = [record.withdraw(connection, person.chat, action) for action in waiting]
    erased = recount.count_erased(connection, actions.c.person_key == person.chat)
    for table in (outbox, actions, consents):
        connection.execute(delete(table).where(table.c.person_key == person.chat))
    subscribed = subscriptions.c.person_key == person.subscriptions
    connection.execute(delete(subscriptions).where(subscribed))
    recipients.erase_recipient(connection, person.subscriptions)
    drafts.erase_author(connection, person.staff)
    digests.delete_for(connection, person.staff)
    connection.execute(
        update(chats_table)
        .where(chats_table.c.person_key == person.chat)
        .values(language="", zone="", encrypted_details=None)
    )
    return [*erased, *(each for done in withdrawn if done for each in done.tallies)]
