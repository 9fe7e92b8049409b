"""States of letters that their chats do not show yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, or_, select, update

from conversations.core.facts import CopyState
from conversations.journey.letters.letter_status import StatusFacts
from conversations.model.letters.delivery import LEFT_STATES, LetterState
from storage.admin import campaign_modes
from storage.admin.campaign_modes import Mode, Modes
from storage.chats import reachable
from storage.crypto import campaign_keys
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.columns import is_among, numbered
from storage.mail.delivery import mail_outages, outcomes
from storage.mail.delivery.outbox import (
    decrypt_chat,
    decrypt_status_message,
    encrypt_status_message,
)
from storage.mail.delivery.pauses import ALL_SENDING
from storage.schema.server_replies import read_reply
from storage.schema.tables import (
    actions,
    pauses,
)
from storage.schema.tables import outbox as mails
from storage.stats.action_details import ActionDetails, decrypt_details, decrypt_number

_IS_UNSHOWN = mails.c.shown_status < mails.c.status
_ALL = select(
    mails,
    actions.c.encrypted_number,
    actions.c.encrypted_details,
    actions.c.test,
    actions.c.copy_state,
    actions.c.keep_until,
    actions.c.submission,
    exists().where(pauses.c.campaign.in_((mails.c.lane, ALL_SENDING))).label("paused"),
    mail_outages.IS_OPEN.label("stuck"),
).join(actions, actions.c.action == mails.c.action)
SENDING_SHOWN_AFTER = timedelta(seconds=1)
"""How long a letter is being sent when its chat shows that: most take less, and show the result."""

_WAITING = (
    select(mails.c.mail, mails.c.encrypted_chat)
    .where(_IS_UNSHOWN, mails.c.encrypted_chat.is_not(None))
    .where(
        or_(
            mails.c.state != LetterState.SENDING.value,
            mails.c.changed <= bindparam("sending_since", type_=mails.c.changed.type),
        )
    )
    .order_by(mails.c.changed, mails.c.mail)
)
_OF_SENT = _ALL.where(actions.c.submission.in_(bindparam("sent", expanding=True))).order_by(
    mails.c.target
)
_SETTLED = select(actions).where(
    actions.c.person_key.in_(bindparam("keys", expanding=True)),
    actions.c.final_state.is_not(None),
    actions.c.round == 1,
    ~actions.c.test,
)
_RECORD_SHOWN = update(mails).where(
    mails.c.mail == bindparam("of"), mails.c.shown_status < bindparam("below")
)


@dataclass(frozen=True)
class UnsentStatus:
    """A letter whose current state its chat does not show yet."""

    mail: str
    """Id of the letter's mail."""

    status: int
    """Version of the state."""

    message: int | None
    """Telegram message id of the message to edit; None: send a new one."""

    language: str
    facts: StatusFacts

    others: tuple[StatusFacts, ...] = ()
    """The letters of the same Send to other targets, which one message shows together."""

    other_mails: tuple[tuple[str, int], ...] = ()
    """Ids of their mails, with the versions of their states."""

    @property
    def has_left(self) -> bool:
        """Whether a letter has left, or never will."""
        return any(each.state in LEFT_STATES for each in (self.facts, *self.others))


def unshown_in_chat(
    connection: Connection, vault: Vault, person: PersonKeys
) -> tuple[UnsentStatus, ...]:
    """Return the letters whose state the person's chat does not show yet, oldest first.

    Those of one Send are shown together, if one of them changed.
    """
    keys = campaign_keys.keys_of_person(connection, vault, person)
    rows = connection.execute(_of_chat(len(keys)), numbered("key", keys)).all()
    modes = campaign_modes.load(connection, vault) if rows else Modes({})
    sent = {row.submission for row in rows if row.submission}
    together = connection.execute(_OF_SENT, {"sent": sorted(sent)}).all() if sent else ()
    settled = connection.execute(_SETTLED, {"keys": keys}).all() if sent else ()
    groups: dict[str, list[Row[Any]]] = {}
    for row in (*together, *(row for row in rows if not row.submission)):
        groups.setdefault(row.submission or row.action, []).append(row)
    # In the order in which they were sent.
    order = dict.fromkeys(row.submission or row.action for row in rows)
    return tuple(
        _unsent(vault, groups[each], settled, mode=modes.of(groups[each][0].campaign))
        for each in order
    )


@cache
def _of_chat(campaigns: int) -> Select[Any]:
    """Return the statement for a person with keys in so many campaigns."""
    is_own = is_among(actions.c.person_key, "key", campaigns)
    return _ALL.where(is_own, _IS_UNSHOWN).order_by(mails.c.queued)


def chats_with_unshown(
    connection: Connection, vault: Vault, *, now: datetime, limit: int = 100
) -> tuple[int, ...]:
    """Return up to `limit` chats that do not show the current state of all their letters.

    A letter that is being sent counts after SENDING_SHOWN_AFTER. Chats that are paused, or in which
    somebody catches up, are left out: however many they are, the others are found.
    """

    def waiting(row: Row[Any]) -> int:
        return decrypt_chat(vault, row.mail, row.encrypted_chat)

    query = _WAITING.params(sending_since=now - SENDING_SHOWN_AFTER)
    return reachable.find(connection, vault, query, waiting, now=now, limit=limit)


def record_shown(
    connection: Connection, vault: Vault, shown: UnsentStatus, message: int | None
) -> None:
    """Record that the Telegram message `message` shows these states."""
    mails_shown = ((shown.mail, shown.status), *shown.other_mails)
    rows = [
        {
            "of": mail,
            "below": status,
            "shown_status": status,
            "encrypted_status_message": encrypt_status_message(vault, mail, message),
        }
        for mail, status in mails_shown
    ]
    connection.execute(_RECORD_SHOWN, rows)


def _unsent(
    vault: Vault, rows: Sequence[Row[Any]], settled: Sequence[Row[Any]], *, mode: Mode
) -> UnsentStatus:
    """Return what is shown of the letters of one Send; `settled` are all of the person."""
    first, *others = rows
    before = [row for row in settled if row.campaign == first.campaign and first.submission]
    details = decrypt_details(vault, first.action, first.encrypted_details)
    known = (decrypt_status_message(vault, row.mail, row.encrypted_status_message) for row in rows)
    return UnsentStatus(
        first.mail,
        first.status,
        next((message for message in known if message is not None), None),
        details.language,
        _facts(vault, first, details, mode=mode),
        (
            *(_facts(vault, row, details, mode=mode) for row in others),
            *(_settled_facts(row) for row in before if not first.test),
        ),
        tuple((row.mail, row.status) for row in others if row.shown_status < row.status),
    )


def _settled_facts(row: Row[Any]) -> StatusFacts:
    state = LetterState(row.final_state)
    return StatusFacts(row.action, row.campaign, state, not_before=row.at, changed=row.at)


def _facts(vault: Vault, row: Row[Any], details: ActionDetails, *, mode: Mode) -> StatusFacts:
    return StatusFacts(
        action=row.submission or row.action,
        campaign=row.campaign,
        state=outcomes.shown_state(row),
        not_before=row.not_before,
        changed=row.changed,
        number=decrypt_number(vault, row.action, row.encrypted_number),
        reply=read_reply(row),
        confirmed=row.confirmed is not None,
        copy=row.copy_state == CopyState.KEPT.value and not row.test,
        given_up=row.state == LetterState.UNKNOWN.value and row.possible_duplicate,
        held=row.held,
        paused=row.paused,
        stuck=row.stuck,
        closed=mode.closed,
        exempt=row.target in mode.exempt,
        test=row.test,
        target=row.target,
        keep_until=date.fromisoformat(row.keep_until),
        hides_address=details.hides_address,
        clear_after=details.clear_after,
    )
