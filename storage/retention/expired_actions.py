"""Actions past the day until which they may be kept, and their letters that still wait."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from conversations.model.letters.delivery import LetterState
from storage.chats.consents import OF_LETTERS
from storage.mail.letters import cancellation
from storage.retention.rule import Moment
from storage.schema.tables import actions, consents
from storage.schema.tables import outbox as mails
from storage.stats import recount, tallies

_TIME_TO_TELL = timedelta(days=1)
"""How long an expired action is kept at most, so that its chat shows what became of the letter."""

_IS_LETTER = mails.c.action == actions.c.action
_WAITS = and_(
    mails.c.state.in_((LetterState.QUEUED.value, LetterState.DEFERRED.value)),
    ~mails.c.possible_duplicate,
)


def unsendable(at: Moment) -> ColumnElement[bool]:
    """Return the condition of letters that wait past the day until which they may be kept."""
    past = select(actions.c.action).where(actions.c.keep_until < tallies.day(at.now))
    return and_(mails.c.action.in_(past), _WAITS)


def cancel_unsendable(at: Moment, which: ColumnElement[bool]) -> int:
    """Cancel these letters, so that their chats are told. Return how many there were."""
    letters = at.connection.execute(select(mails.c.mail).where(which)).scalars().all()
    cancellation.cancel_letters(at.connection, letters, now=at.now)
    return len(letters)


def expired(at: Moment) -> ColumnElement[bool]:
    """Return the condition of expired actions, but for those whose chat must be told first."""
    lately = mails.c.changed >= at.now - _TIME_TO_TELL
    untold = or_(_WAITS, and_(mails.c.shown_status < mails.c.status, lately))
    waits = exists().where(_IS_LETTER, untold)
    return and_(actions.c.keep_until < tallies.day(at.now), ~waits)


def erase(at: Moment, which: ColumnElement[bool]) -> int:
    """Erase these actions with their consents and mail; return how many there were.

    Figures stay, since they name nobody.
    """
    rows = at.connection.execute(select(actions.c.action, actions.c.person_key).where(which)).all()
    past = [row.action for row in rows]
    of_them = actions.c.action.in_(past)
    # A person has another key in each campaign.
    given = consents.c.person_key.in_([row.person_key for row in rows])
    at.connection.execute(delete(consents).where(given, consents.c.kind.in_(OF_LETTERS)))
    # Lock the letters, so that none changes its state between counting and deletion.
    at.connection.execute(select(mails.c.mail).where(mails.c.action.in_(past)).with_for_update())
    counted = recount.count_erased(at.connection, at.vault, of_them)
    at.connection.execute(
        delete(mails).where(or_(mails.c.action.in_(past), mails.c.about.in_(past)))
    )
    at.connection.execute(delete(actions).where(of_them))
    tallies.add(at.connection, counted)
    return len(past)
