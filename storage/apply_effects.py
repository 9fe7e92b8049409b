"""Apply the effects of an answer, in the transaction that saves its journey."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from conversations.core.effects import Effect
from storage import erasure_log, panic
from storage.admin import audit
from storage.admin import effects as admin
from storage.broadcasts import effects as broadcasts
from storage.campaigns import effects as campaigns
from storage.chats import effects as chats
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.erasure import people
from storage.mail import effects as mail
from storage.stats import effects as stats
from storage.stats import tallies
from storage.transaction import Transaction

DOMAINS = (
    chats.HANDLERS,
    admin.HANDLERS,
    stats.HANDLERS,
    mail.HANDLERS,
    broadcasts.HANDLERS,
    campaigns.HANDLERS,
    people.HANDLERS,
    panic.HANDLERS,
)
"""All handlers. A test proves that each effect has exactly one."""

_HANDLERS = {effect: handle for domain in DOMAINS for effect, handle in domain.by_class.items()}


def apply(
    connection: Connection,
    vault: Vault,
    person: PersonKeys,
    effects: Sequence[Effect],
    *,
    now: datetime,
    turn_id: str = "",
    who: str = "",
) -> None:
    """Apply all effects, in order. The chat of the person has a row already.

    Mail that is queued carries `turn_id`, the answer's id in the logs. `who` is the name of the
    person, for the audit log. Raises actions.Duplicate and StaleAnswer.
    """
    transaction = Transaction(connection, vault, person, now, turn_id)
    for effect in effects:
        _HANDLERS[type(effect)](effect, transaction)
        if entry := effect.audit():
            audit.add(connection, vault, person.staff, who, entry, now)
    erasure_log.add(connection, vault, transaction.erased, now)
    # Last, because all transactions write these rows: each should lock them only briefly.
    tallies.add(connection, transaction.counted)
