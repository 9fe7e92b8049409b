"""A scheduled message is claimed once: a crash loses it, and never repeats it."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update

from conversations.core.effects.admin import PauseAll, ResumeAll
from conversations.core.effects.journey import MarkBlocked, ScheduleReminder
from conversations.core.effects.letters import AskAboutAnswer, RecordAnswer, Withdraw
from conversations.model.scheduled import AnswerKind, AskedAbout, ScheduledMessage
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import answers, due_messages
from storage.schema.tables import answers as answers_table
from storage.schema.tables import outbox, scheduled_messages
from tests.storage.people import AHMED, MARIA, NOW, acts, after, sends

REMIND = ScheduleReminder("river", 1, "en")
ACTION = "1" * 32
ASK = AskAboutAnswer(ACTION, "ministry", 14, given=True, language="en")


def claims(
    connection: Connection, vault: Vault, unserved: frozenset[str] = frozenset(), **later: float
) -> tuple[ScheduledMessage | None, ...]:
    """Return what is claimed of the messages that are due so much later."""
    now = NOW + timedelta(**later)
    due = due_messages.find_due(connection, now)
    return tuple(due_messages.claim(connection, vault, id_, now, unserved) for id_ in due)


def asks_about_an_answer(connection: Connection, vault: Vault, state: str = "accepted") -> None:
    acts(connection, vault, MARIA, sends())
    acts(connection, vault, MARIA, ASK)
    connection.execute(update(outbox).values(state=state))


async def test_a_reminder_is_claimed_once(database: Database, vault: Vault) -> None:
    def work(c: Connection) -> None:
        acts(c, vault, MARIA, REMIND)
        assert claims(c, vault, minutes=59) == ()
        (claimed,) = claims(c, vault, minutes=75)
        assert claimed is not None
        assert (claimed.chat, claimed.campaign, claimed.language) == (MARIA, "river", "en")
        assert claims(c, vault, minutes=75) == ()
        due_messages.put_back(c, vault, claimed, due=after(minutes=80))
        assert claims(c, vault, minutes=79) == ()
        (again,) = claims(c, vault, minutes=81)
        assert again is not None and again.chat == MARIA

    await database.transact(work)


async def test_whom_no_reminder_reaches(database: Database, vault: Vault) -> None:
    def work(c: Connection) -> None:
        acts(c, vault, MARIA, REMIND)
        acts(c, vault, AHMED, PauseAll())
        assert claims(c, vault, minutes=75) == (None,), "it waits while all sending is paused"
        acts(c, vault, AHMED, ResumeAll())
        assert claims(c, vault, hours=5) == (None,), "it is too late"
        acts(c, vault, MARIA, REMIND, MarkBlocked(blocked=True))
        assert claims(c, vault, minutes=75) == ()

    await database.transact(work)


async def test_what_is_due_waits_while_its_campaign_is_not_served(
    database: Database, vault: Vault
) -> None:
    river = frozenset({"river"})

    def work(c: Connection) -> None:
        acts(c, vault, MARIA, REMIND)
        assert claims(c, vault, river, minutes=75) == (None,)
        assert claims(c, vault, minutes=75) == (), "it makes room for other messages"
        assert claims(c, vault, river, minutes=91) == (None,)
        (claimed,) = claims(c, vault, minutes=106)
        assert claimed is not None and claimed.chat == MARIA
        acts(c, vault, MARIA, REMIND)
        assert claims(c, vault, river, minutes=75) == (None,)
        assert claims(c, vault, river, hours=4, minutes=20) == (None,), "it is too late"
        assert claims(c, vault, hours=5) == ()
        asks_about_an_answer(c, vault)
        assert claims(c, vault, river, days=14) == (None,)
        (asked,) = claims(c, vault, days=14, minutes=15)
        assert asked is not None and asked.target == "ministry"

    await database.transact(work)


async def test_a_question_waits_for_its_letter(database: Database, vault: Vault) -> None:
    def work(c: Connection) -> None:
        asks_about_an_answer(c, vault, "deferred")
        assert claims(c, vault, days=14) == (None,)
        c.execute(update(outbox).values(state="accepted"))
        assert claims(c, vault, days=14) == ()
        (claimed,) = claims(c, vault, days=15)
        assert claimed is not None
        assert (claimed.target, claimed.sent_on) == ("ministry", NOW.date())
        assert claims(c, vault, days=15) == ()

    await database.transact(work)


@pytest.mark.parametrize("state", ["bounced", "failed"])
async def test_no_question_about_a_letter_that_did_not_arrive(
    database: Database, vault: Vault, state: str
) -> None:
    def work(c: Connection) -> None:
        asks_about_an_answer(c, vault, state)
        assert claims(c, vault, days=14) == (None,)
        assert c.execute(select(scheduled_messages)).all() == []

    await database.transact(work)


async def test_no_question_about_a_withdrawn_letter(database: Database, vault: Vault) -> None:
    def work(c: Connection) -> None:
        asks_about_an_answer(c, vault, "queued")
        acts(c, vault, MARIA, Withdraw(ACTION))
        assert c.execute(select(scheduled_messages)).all() == []

    await database.transact(work)


async def test_only_the_asked_person_can_answer(database: Database, vault: Vault) -> None:
    def work(c: Connection) -> None:
        asks_about_an_answer(c, vault)
        (row,) = c.execute(select(scheduled_messages)).all()
        maria, ahmed = PersonKeys(vault, MARIA), PersonKeys(vault, AHMED)
        assert answers.find_open(c, vault, maria, row.message) is None, "nobody was asked yet"
        claims(c, vault, days=14)
        assert answers.find_open(c, vault, maria, row.message) == AskedAbout("river", "ministry")
        assert answers.find_open(c, vault, ahmed, row.message) is None
        acts(
            c,
            vault,
            MARIA,
            RecordAnswer(row.message, AnswerKind.REAL),
            now=NOW + timedelta(days=45),
        )
        (answer,) = c.execute(select(answers_table)).all()
        assert (answer.campaign, answer.target, answer.value) == ("river", "ministry", "real")
        assert answers.find_open(c, vault, maria, row.message) is None

    await database.transact(work)
