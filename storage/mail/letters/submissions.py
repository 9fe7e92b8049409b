"""Letters of one Send to several targets: what they share, and which of them counts their person.

People are counted once, under the leading letter of their first Send; reminders never lead. That is
an accepted one as soon as there is one. A letter that is deleted, or bounces, passes the lead on to
another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from conversations.core.facts import ActionTaken
from conversations.model.letters.delivery import LetterState
from storage.crypto.vault import Vault
from storage.schema.tables import LIVE, actions
from storage.schema.tables import outbox as mails
from storage.schema.tally import Tally
from storage.stats import tallies
from storage.stats.action_details import counted_action, decrypt_details

_OF_SUBMISSIONS = (
    select(actions.c.action, actions.c.submission, actions.c.leads, mails.c.state)
    .outerjoin(mails, mails.c.action == actions.c.action)
    .where(actions.c.submission.in_(bindparam("sent", expanding=True)), text(LIVE))
    .order_by(actions.c.action)
    .with_for_update(of=actions)
)
_SETTLED = (
    select(actions.c.action, actions.c.final_state, actions.c.leads)
    .where(
        actions.c.person_key == bindparam("person"),
        actions.c.campaign == bindparam("in"),
        actions.c.round == 1,
        actions.c.final_state.is_not(None),
        text(LIVE),
    )
    .order_by(actions.c.action)
    .with_for_update()
)
_SET_LEAD = update(actions).where(actions.c.action == bindparam("of"))
_HAS_LETTERS = select(actions.c.action).where(actions.c.submission == bindparam("sent")).limit(1)


def grouped(letters: Iterable[ActionTaken]) -> tuple[ActionTaken, ...]:
    """Return one action for each Send, with its other letters.

    Settled letters belong to the one Send of their person in the campaign, or to its reminders.
    """
    groups: dict[tuple[str, str], list[ActionTaken]] = {}
    for each in letters:
        place = each.campaign, (each.submission or each.action) if each.test else str(each.round)
        groups.setdefault(place, []).append(each)
    return tuple(map(_together, groups.values()))


def _together(letters: list[ActionTaken]) -> ActionTaken:
    """Return the first letter of a Send, with the others. A settled one comes last."""
    first, *others = sorted(
        letters,
        key=lambda each: (each.details is None, each.action != each.submission, each.action),
    )
    return replace(first, others=tuple(others))


def has_letters(connection: Connection, submission: str | None) -> bool:
    """Whether letters of a Send to several targets are left that are not settled."""
    found = submission and connection.execute(_HAS_LETTERS, {"sent": submission}).first()
    return bool(found)


def lead_accepted(connection: Connection, accepted: Sequence[Row[Any]]) -> set[str]:
    """Let an accepted letter of each Send lead; return which of the `accepted` actions do.

    Their new states are in the outbox already.
    """
    leading = {row.action for row in accepted if row.submission is None and row.leads}
    new = {row.action for row in accepted if row.submission is not None}
    sent = sorted({row.submission for row in accepted if row.submission is not None})
    rows = connection.execute(_OF_SUBMISSIONS, {"sent": sent}).all() if sent else ()
    for submission in sent:
        letters = [row for row in rows if row.submission == submission]
        # If there is none, the leading letter is settled, and was accepted.
        for leader in (row for row in letters if row.leads):
            if leader.action in new:
                leading.add(leader.action)
            elif leader.state != LetterState.ACCEPTED.value:
                follower = next(row.action for row in letters if row.action in new)
                _move(connection, leader.action, follower)
                leading.add(follower)
    return leading


def leave(
    connection: Connection, vault: Vault, row: Row[Any], *, bounced: bool = False
) -> tuple[bool, list[Tally]]:
    """Let another letter lead in place of this one, which is deleted, or `bounced` after it was
    accepted.

    Returns whether this letter still leads, and the changes of figures. A bounced one gives way to
    accepted letters only.
    """
    if row.submission is None or not row.leads or row.test:
        return row.leads, []
    letters = connection.execute(_OF_SUBMISSIONS, {"sent": [row.submission]}).all()
    accepted = LetterState.ACCEPTED.value
    for each in letters:
        if each.action != row.action and (each.state == accepted or not bounced):
            _move(connection, row.action, each.action)
            return False, []
    own = {"person": row.person_key, "in": row.campaign}
    for other in connection.execute(_SETTLED, own).all():
        if other.final_state == accepted or not bounced:
            _move(connection, row.action, other.action)
            return False, _passed_to_settled(vault, row, bounced=bounced)
    return True, []


def settle(connection: Connection, rows: Sequence[Row[Any]]) -> set[str]:
    """Let others lead in place of letters that are settled now, and return which of these lead.

    A letter that was accepted keeps the lead, and so does the last one of its Send.
    """
    leading = {row.action for row in rows if row.leads}
    gone = {row.action for row in rows}
    handing_on = [
        row
        for row in rows
        if row.leads and row.submission and row.state != LetterState.ACCEPTED.value
    ]
    if not handing_on:
        return leading
    sent = sorted({row.submission for row in handing_on})
    letters = connection.execute(_OF_SUBMISSIONS, {"sent": sent}).all()
    for row in handing_on:
        left = [
            each.action
            for each in letters
            if each.submission == row.submission and each.action not in gone
        ]
        if left:
            _move(connection, row.action, left[0])
            leading.remove(row.action)
    return leading


def _move(connection: Connection, leader: str, follower: str) -> None:
    values = [{"of": leader, "leads": False}, {"of": follower, "leads": True}]
    connection.execute(_SET_LEAD, values)


def _passed_to_settled(vault: Vault, row: Row[Any], *, bounced: bool) -> list[Tally]:
    """Return the changes that count the person under a settled letter, and no longer under `row`.

    With `bounced`, both letters are counted as accepted until now.
    """
    details = decrypt_details(vault, row.action, row.encrypted_details)
    leading = counted_action(row, details)
    following = replace(leading, leads=False)
    state = LetterState.ACCEPTED if bounced else None
    as_leader, as_follower = (
        [
            *tallies.count_action(each),
            *tallies.count_state(each.campaign, each.at, state, leads=each.leads),
        ]
        for each in (leading, following)
    )
    # One of them leads before and after, so that only what is settled changes.
    return [
        *(each._replace(more=0, settled=each.more) for each in as_leader),
        *(each._replace(more=0, settled=-each.more) for each in as_follower),
    ]
