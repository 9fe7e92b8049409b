"""Outcomes of attempts are recorded, even if the database fails for a while."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.services.mail import mail_results
from bot.services.mail.mail_results import MailResults
from conversations.model.letters.delivery import DeliveryEvent
from storage.engine.database import Database
from storage.mail.delivery.content import MailKind
from storage.mail.delivery.outcomes import MailOutcome
from tests.bot.services.mailroom import MailRoom


class Away(Exception):
    """The database works, but not with this."""


def full() -> OperationalError:
    """Return the error of a full disk."""
    return OperationalError(None, None, Exception("database or disk is full"))


class Moody:
    """A database that fails as often as a test wants, and counts the outcomes of each call."""

    def __init__(
        self, database: Database, failures: int, error: Callable[[], Exception] = Away
    ) -> None:
        self._database, self._failures, self._error = database, failures, error
        self.batches: list[int] = []

    async def transact(self, work: Callable[[Any], Any]) -> Any:
        self.batches.append(len(work.keywords["done"]))  # type: ignore[attr-defined]  # a partial
        if self._failures:
            self._failures -= 1
            raise self._error()
        return await self._database.transact(work)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_results, "RETRY_DELAYS", (0.0,))
    monkeypatch.setattr(mail_results, "MAX_TRIES", 3)


def outcome(number: int) -> MailOutcome:
    return MailOutcome(f"{number}", MailKind.LETTER, "lease", DeliveryEvent.TAKEN)


def results(room: MailRoom, database: Moody, failed: Callable[[], object] = list) -> MailResults:
    return MailResults(database, room.vault, room.clock, lambda: 1, failed)  # type: ignore[arg-type]  # it has what is needed


async def test_outcomes_that_arrive_together_are_written_in_one_transaction(room: MailRoom) -> None:
    database = Moody(room.database, failures=0)
    recorded = results(room, database)
    await asyncio.gather(*(recorded.record(outcome(number)) for number in range(20)))
    assert database.batches == [20]


async def test_outcomes_are_recorded_when_the_database_is_up_again(room: MailRoom) -> None:
    database = Moody(room.database, failures=4)
    recorded = results(room, database)
    await asyncio.gather(*(recorded.record(outcome(number)) for number in range(3)))
    assert database.batches[:4] == [3, 1, 1, 1]
    assert sum(database.batches[4:]) == 3


async def test_a_known_outcome_is_recorded_however_long_the_disk_is_full(room: MailRoom) -> None:
    database, failures = Moody(room.database, failures=60, error=full), list[int]()
    await results(room, database, lambda: failures.append(1)).record(outcome(1))
    assert (len(failures), len(database.batches)) == (60, 61)


async def test_an_outcome_that_a_working_database_refuses_is_given_up(room: MailRoom) -> None:
    database = Moody(room.database, failures=99)
    recorded = results(room, database)
    with pytest.raises(Away):
        await recorded.record(outcome(1))
    assert database.batches == [1, 1, 1]
