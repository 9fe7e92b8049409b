"""Whether a person may send a target a reminder: keyed hashes find the letters, settled or not."""

from sqlalchemy import Connection, bindparam, func, select, text

from conversations.core.fact_requests import MayRemind
from conversations.model.letters.delivery import REACHED_NOBODY, LetterState
from conversations.model.letters.reminder_letters import ROUND
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.schema.tables import LIVE, actions
from storage.schema.tables import outbox as mails

_STATE = (
    select(func.coalesce(actions.c.final_state, mails.c.state))
    .outerjoin(mails, mails.c.action == actions.c.action)
    .where(actions.c.person_target_key == bindparam("key"), text(LIVE))
)
_LEFT = (LetterState.ACCEPTED, LetterState.UNKNOWN)


def may_remind(connection: Connection, vault: Vault, person: PersonKeys, asked: MayRemind) -> bool:
    """Whether the person's first letter to a target left, and no reminder of it did or still may.

    The letters of a discreet chat that was cleared are not found.
    """
    key = campaign_keys.find_all(connection, vault).get(asked.campaign)
    if key is None:
        return False
    first, reminder = (
        _state(connection, person.target(key, asked.target, each)) for each in (1, ROUND)
    )
    return first in _LEFT and (reminder is None or reminder in REACHED_NOBODY)


def _state(connection: Connection, key: bytes) -> LetterState | None:
    state = connection.execute(_STATE, {"key": key}).scalar_one_or_none()
    return None if state is None else LetterState(state)
