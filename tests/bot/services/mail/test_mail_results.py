"""What became of attempts is written down, whatever the database does meanwhile."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.services.mail import mail_results
from bot.services.mail.mail_results import MailResults
from conversations.model.delivery import DeliveryEvent
from storage.engine.database import Database
from storage.mail.content import MailKind
from storage.mail.outcomes import MailOutcome
from tests.bot.services.mailroom import MailRoom


class Away(Exception):
    """The database does not answer."""


class Moody:
    """A database that fails as often as it is told, and counts what it is asked."""

    def __init__(self, database: Database, failures: int) -> None:
        self._database, self._failures = database, failures
        self.batches: list[int] = []

    async def transact(self, work: Callable[[Any], Any]) -> Any:
        self.batches.append(len(work.keywords["done"]))  # type: ignore[attr-defined]  # a partial
        if self._failures:
            self._failures -= 1
            raise Away
        return await self._database.transact(work)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_results, "RETRY_DELAYS", (0.0, 0.0, 0.0))


def outcome(number: int) -> MailOutcome:
    return MailOutcome(f"{number}", MailKind.LETTER, "lease", DeliveryEvent.TAKEN)


async def test_what_comes_meanwhile_is_written_at_once(room: MailRoom) -> None:
    database = Moody(room.database, failures=0)
    recorded = MailResults(database, room.vault, room.clock, lambda: 1)  # type: ignore[arg-type]  # it has what is needed
    await asyncio.gather(*(recorded.record(outcome(number)) for number in range(20)))
    assert database.batches == [20]


async def test_a_database_that_comes_back_loses_nothing(room: MailRoom) -> None:
    database = Moody(room.database, failures=4)
    recorded = MailResults(database, room.vault, room.clock, lambda: 1)  # type: ignore[arg-type]  # it has what is needed
    await asyncio.gather(*(recorded.record(outcome(number)) for number in range(3)))
    assert database.batches[:4] == [3, 1, 1, 1]
    assert sum(database.batches[4:]) == 3


async def test_a_database_that_stays_away_is_told(room: MailRoom) -> None:
    database = Moody(room.database, failures=99)
    recorded = MailResults(database, room.vault, room.clock, lambda: 1)  # type: ignore[arg-type]  # it has what is needed
    with pytest.raises(Away):
        await recorded.record(outcome(1))
    assert database.batches == [1, 1, 1]
