"""The last word before a letter leaves while the settings put everything into test mode.

A letter that was reviewed live and was never tried becomes a test: it goes to the test address and
is not counted. One that was tried has its bytes, which name the target: it waits, until test mode
ends or its time is over, and is then honestly called not delivered.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, bindparam, select, text, update

from conversations.model.delivery import DeliveryEvent
from conversations.model.letter import Letter
from storage.crypto.vault import Vault
from storage.mail import outcomes
from storage.mail.actions import count_withdrawn
from storage.mail.outcomes import MailOutcome
from storage.mail.sending import ClaimedMail
from storage.schema.encryption import MAIL_CONTENT
from storage.schema.tables import LIVE, actions
from storage.schema.tables import outbox as mails
from storage.stats import tallies
from storage.stats.tallies import CountedAction

RECHECK_INTERVAL = timedelta(hours=1)
"""How long a letter that must not leave waits until it is looked at again."""

_COUNTED = (
    actions.c.campaign,
    actions.c.country,
    actions.c.language,
    actions.c.source,
    actions.c.at,
)
_SEAL = update(mails).where(mails.c.mail == bindparam("of"))


def redirect(
    connection: Connection,
    vault: Vault,
    claimed: Sequence[ClaimedMail],
    test_address: str,
    *,
    now: datetime,
) -> tuple[ClaimedMail, ...]:
    """Return what may leave of `claimed`, in the transaction of the claim."""
    leaving: list[ClaimedMail] = []
    diverted: list[ClaimedMail] = []
    for each in claimed:
        letter = each.content
        if not isinstance(letter, Letter) or letter.is_test:
            leaving.append(each)
        elif each.message is None:
            diverted.append(replace(each, content=replace(letter, test_address=test_address)))
        else:
            later = now + RECHECK_INTERVAL
            held = MailOutcome(each.mail, each.kind, each.lease, DeliveryEvent.PUT_OFF, later)
            outcomes.record(connection, [held], now=now)
    _freeze(connection, vault, diverted)
    return (*leaving, *diverted)


def _freeze(connection: Connection, vault: Vault, diverted: Sequence[ClaimedMail]) -> None:
    """Keep the letters as tests, and take back that they were counted."""
    for each in diverted:
        content = orjson.dumps(asdict(each.content))
        sealed = vault.encrypt(content, MAIL_CONTENT, row=each.mail.encode())
        connection.execute(_SEAL, {"of": each.mail, "encrypted_content": sealed})
    mine = mails.c.mail.in_([each.mail for each in diverted])
    query = (
        select(actions.c.action, *_COUNTED)
        .join(mails, mails.c.action == actions.c.action)
        .where(mine, text(LIVE))
    )
    rows = connection.execute(query).all()
    acted = actions.c.action.in_([row.action for row in rows])
    connection.execute(update(actions).where(acted).values(test=True))
    tallies.add(
        connection, [each for row in rows for each in count_withdrawn(CountedAction(*row[1:]))]
    )
