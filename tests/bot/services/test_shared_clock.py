"""The clock of each process shows the time of the database's server."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.services.shared_clock import SharedClock
from storage.engine.database import Database
from tests.storage.people import NOW

HOUR = timedelta(hours=1)


class Server:
    """A database that has the time, and takes a while to say it."""

    multi_process = True

    def __init__(self) -> None:
        self.time, self.seconds, self.delay = NOW, 1000.0, 0.0

    def stopwatch(self) -> float:
        return self.seconds

    def passes(self, seconds: float) -> None:
        self.seconds += seconds
        self.time += timedelta(seconds=seconds)

    async def read(self, _: Callable[[Any], Any]) -> datetime:
        self.passes(self.delay / 2)
        read = self.time
        self.passes(self.delay / 2)
        return read


async def test_it_shows_the_time_of_the_server() -> None:
    server = Server()
    clock = SharedClock(server.stopwatch)
    await clock.set(server)  # type: ignore[arg-type]  # it has what is needed
    assert clock() == NOW
    server.passes(7)
    assert clock() == NOW + timedelta(seconds=7)


async def test_a_slow_answer_is_as_old_as_half_the_time_it_took() -> None:
    server = Server()
    server.delay = 2.0
    clock = SharedClock(server.stopwatch)
    await clock.set(server)  # type: ignore[arg-type]  # it has what is needed
    assert clock() == server.time


async def test_an_answer_that_takes_too_long_moves_it_only_at_first() -> None:
    server = Server()
    clock = SharedClock(server.stopwatch)
    await clock.set(server)  # type: ignore[arg-type]  # it has what is needed
    server.delay, server.time = 4.0, NOW + HOUR
    assert await clock.set(server) == timedelta()  # type: ignore[arg-type]  # it has what is needed
    assert clock() == NOW + timedelta(seconds=4)


async def test_setting_it_reports_how_far_it_was_moved() -> None:
    server = Server()
    clock = SharedClock(server.stopwatch)
    await clock.set(server)  # type: ignore[arg-type]  # it has what is needed
    server.time += HOUR
    assert await clock.set(server) == HOUR  # type: ignore[arg-type]  # it has what is needed
    server.passes(12)
    server.time -= HOUR
    assert await clock.set(server) == -HOUR  # type: ignore[arg-type]  # it has what is needed
    assert clock() == NOW + timedelta(seconds=12)


async def test_both_engines_have_a_time(database: Database) -> None:
    clock, before = SharedClock(), datetime.now(UTC)
    moved = await clock.set(database)
    assert abs(moved) < timedelta(seconds=5)
    assert abs(clock() - before) < timedelta(seconds=5)
