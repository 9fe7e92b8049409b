"""Redirection of live letters while the settings put everything into test mode.

A letter that was reviewed live and never tried becomes a test: it goes to the test address and is
not counted. The signed message of a letter that was tried names the target, so it waits until test
mode ends or it expires, and then counts as not delivered.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, bindparam, select, text, update

from conversations.model.letters.delivery import DeliveryEvent
from conversations.model.letters.letter import Letter
from storage.crypto.vault import Vault
from storage.mail.delivery import outcomes
from storage.mail.delivery.outcomes import MailOutcome
from storage.mail.delivery.sending import ClaimedMail
from storage.mail.letters import submissions
from storage.mail.letters.actions import count_withdrawn
from storage.schema.encryption import MAIL_CONTENT
from storage.schema.tables import LIVE, actions
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.action_details import counted_action, decrypt_details

RECHECK_INTERVAL = timedelta(hours=1)
"""How long a letter that must not leave waits before it is checked again."""

_SET_CONTENT = update(mails).where(mails.c.mail == bindparam("of"))
_SET_TEST = update(actions).where(actions.c.action == bindparam("of")).values(test=True)


def redirect(
    connection: Connection,
    vault: Vault,
    claimed: Sequence[ClaimedMail],
    test_address: str,
    *,
    now: datetime,
) -> tuple[ClaimedMail, ...]:
    """Return the claimed mail that may leave. Runs in the transaction of the claim."""
    leaving: list[ClaimedMail] = []
    redirected: list[ClaimedMail] = []
    for each in claimed:
        letter = each.content
        if not isinstance(letter, Letter) or letter.is_test:
            leaving.append(each)
        elif each.message is None:
            redirected.append(replace(each, content=replace(letter, test_address=test_address)))
        else:
            later = now + RECHECK_INTERVAL
            held = MailOutcome(each.mail, each.kind, each.lease, DeliveryEvent.PUT_OFF, later)
            outcomes.record(connection, vault, [held], now=now)
    _save_as_tests(connection, vault, redirected)
    return (*leaving, *redirected)


def _save_as_tests(connection: Connection, vault: Vault, redirected: Sequence[ClaimedMail]) -> None:
    """Save the letters as tests, and count them no longer."""
    for each in redirected:
        content = orjson.dumps(asdict(each.content))
        encrypted = vault.encrypt(content, MAIL_CONTENT, row=each.mail.encode())
        connection.execute(_SET_CONTENT, {"of": each.mail, "encrypted_content": encrypted})
    own = mails.c.mail.in_([each.mail for each in redirected])
    query = select(actions).join(mails, mails.c.action == actions.c.action).where(own, text(LIVE))
    rows = connection.execute(query).all()
    changes: list[Tally] = []
    for row in rows:
        details = decrypt_details(vault, row.action, row.encrypted_details)
        # After the letters before it: the lead may have come to this one.
        current = connection.execute(select(actions).where(actions.c.action == row.action)).one()
        leads, passed_on = submissions.leave(connection, vault, current)
        counted = replace(counted_action(row, details), leads=leads)
        changes += [*passed_on, *count_withdrawn(counted)]
        connection.execute(_SET_TEST, {"of": row.action})
    tallies.add(connection, changes)
