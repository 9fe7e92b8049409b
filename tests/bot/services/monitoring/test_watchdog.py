"""What the watchdog decides: database, files, clock and the delay of answers."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.services.core import Core
from bot.services.monitoring.checks import (
    AnswerDelay,
    WriteSpeed,
    campaign_mistakes,
    disk_space,
)
from bot.services.monitoring.full_database import FullDatabaseAlert
from bot.services.monitoring.watchdog import KINDS, Machine, Watchdog
from conversations.core.alerts import UpdatesTrouble
from conversations.model.mistakes import Mistake
from storage import database_health
from storage.admin import alerts
from storage.admin.roster import Roster
from storage.admin.sightings import Problem
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.storage.people import NOW

GB = 10**9


def after(**time: float) -> datetime:
    return NOW + timedelta(**time)


@pytest.mark.parametrize(
    ("total", "free", "left"),
    [
        (100 * GB, 5 * GB, None),
        (100 * GB, 5 * GB - 1, 4999),
        (GB, GB // 5, None),
        (GB, GB // 5 - 1, 199),
        (0, 0, 0),
    ],
)
def test_a_disk_is_nearly_full(total: int, free: int, left: int | None) -> None:
    assert disk_space(total, free) == (None if left is None else Problem(left))


def test_the_database_is_slow_when_the_median_write_is() -> None:
    speed = WriteSpeed()
    for seconds in (9, 9, 9, 0.1):
        speed.seconds.append(seconds)
        assert speed.check() is None
    speed.seconds.append(0.1)
    assert speed.check() == Problem()
    speed.seconds.append(0.1)
    assert speed.check() is None


def test_grave_mistakes_are_reported_by_campaign() -> None:
    found = campaign_mistakes(
        (
            Mistake("no goal", where="river/campaign.toml:3"),
            Mistake("worth knowing", where="lake", is_error=False),
            Mistake("no target", where="river/campaign.toml:9"),
            Mistake("reaches nobody", where="hill, target mayor"),
        )
    )
    assert found == {
        "river": Problem(2, "river/campaign.toml:3: no goal"),
        "hill": Problem(1, "hill, target mayor: reaches nobody"),
    }


def test_answers_are_late_when_the_median_is() -> None:
    delay = AnswerDelay(NOW)
    assert delay.check(after(minutes=9)) is None
    for seconds in (61, 2, 62):
        delay.answers.append((after(minutes=9), after(minutes=9, seconds=seconds)))
    assert delay.check(after(minutes=10)) == Problem(61)
    assert delay.check(after(minutes=11)) == Problem(61), "nobody wrote"
    delay.answers.append((after(minutes=12), after(minutes=12, seconds=60)))
    assert delay.check(after(minutes=12)) is None


def test_messages_from_before_the_start_are_caught_up_with() -> None:
    delay = AnswerDelay(NOW)
    delay.answers.append((after(hours=-9), after(seconds=50)))
    assert delay.check(after(seconds=59)) is None
    delay.answers += [(after(hours=-8), after(seconds=90)), (after(seconds=1), after(seconds=99))]
    assert delay.check(after(seconds=119)) == Problem(what="catching up")
    delay.answers.append((after(seconds=170), after(seconds=171)))
    assert delay.check(after(seconds=179)) is None


class Fixture:
    """A watchdog with a fake clock error and fake write times, and a database for its alerts."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.now = database, NOW
        self.off: float | None = 0.0
        self.limited = 0.0
        self.forged: tuple[str, ...] = ()
        self.mistakes: tuple[Mistake, ...] = ()
        self.unserved: frozenset[str] = frozenset()
        self.asked = 0
        self.times: Iterator[float] = repeat(0.0)
        unused: Any = None
        core = Core(database, vault, unused, lambda: self.now)
        self.watchdog = Watchdog(
            core,
            Machine(
                mistakes=lambda: self.mistakes,
                unserved=lambda: self.unserved,
                clock_error=self.clock_error,
                limited_for=lambda: self.limited,
                forged=lambda: self.forged,
                database_file=None,
                host="here",
                stopwatch=lambda: next(self.times),
            ),
            FullDatabaseAlert(core, unused, unused, Roster(vault, core.clock)),
        )

    async def clock_error(self) -> float | None:
        self.asked += 1
        return self.off

    async def looks(self, **time: float) -> set[str]:
        self.now += timedelta(**time)
        await self.watchdog.run_once()
        found = await self.database.read(lambda c: alerts.open_alerts(c, KINDS))
        return {kind.value for kind, _ in found}


async def test_a_wrong_clock_explains_late_answers(database: Database, vault: Vault) -> None:
    told = Fixture(database, vault)
    assert await told.looks() == set()
    assert told.asked == 1
    told.off = 31
    told.now = after(minutes=9)
    told.watchdog.answered(after(minutes=7))
    assert await told.looks() == {"late"}
    told.watchdog.answered(after(minutes=7))
    assert await told.looks(minutes=1) == {"clock"}
    told.off = None  # unknown: the last measurement counts
    assert await told.looks(minutes=10) == {"clock"}
    told.off = 30
    assert await told.looks(minutes=10) == set()
    assert told.asked == 4


async def test_slow_writes_raise_an_alert(database: Database, vault: Vault) -> None:
    told = Fixture(database, vault)
    told.times = iter([0, 1.5] * 5 + [0, 0.1] * 3)
    seen = [await told.looks(minutes=1) for _ in range(8)]
    assert seen == [set()] * 4 + [{"slow"}] * 3 + [set()]


async def test_a_limit_of_the_bot_raises_an_alert(database: Database, vault: Vault) -> None:
    told = Fixture(database, vault)
    told.limited = 7100.0
    assert await told.looks() == {"limited"}
    told.limited = 0.0
    assert await told.looks(minutes=1) == set()


async def test_a_campaign_that_is_not_served_raises_another_alert(
    database: Database, vault: Vault
) -> None:
    told = Fixture(database, vault)
    told.mistakes = (Mistake("no goal", where="river/campaign.toml:3"),)
    assert await told.looks() == {"files"}
    told.unserved = frozenset({"river"})
    assert await told.looks(minutes=1) == {"unserved"}
    told.mistakes = ()
    assert await told.looks(minutes=1) == set()


async def test_updates_that_do_not_arrive_raise_an_alert(database: Database, vault: Vault) -> None:
    told, trouble = Fixture(database, vault), [UpdatesTrouble.RIVAL]
    assert await told.looks() == set()
    told.watchdog.watch_updates(lambda: trouble[0] if trouble else None)
    assert await told.looks(minutes=1) == {"updates"}
    trouble.clear()
    assert await told.looks(minutes=1) == set()


def test_a_full_database_is_known_by_its_error_code(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "full.db")) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE things (thing)")
        with pytest.raises(sqlite3.OperationalError) as full:
            connection.execute("INSERT INTO things VALUES (zeroblob(99999))")
    assert database_health.is_full(full.value)
    assert database_health.is_full(OperationalError(None, None, full.value))
    assert not database_health.is_full(
        OperationalError(None, None, sqlite3.OperationalError("locked"))
    )
