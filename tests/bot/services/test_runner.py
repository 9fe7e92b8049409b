"""The loop that runs a service's work: intervals, wake-ups, failures and the end."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.services import runner
from bot.services.runner import repeat


class Work:
    """Counts its runs, fails in those that are named, and lets a test wait for a run."""

    def __init__(self, *failures: int) -> None:
        self.failures = failures
        self.runs = 0
        self.ran = asyncio.Condition()

    async def run_once(self) -> None:
        async with self.ran:
            self.runs += 1
            self.ran.notify_all()
        if self.runs in self.failures:
            raise ConnectionError("postgresql://ann:hunter2@db")

    async def until(self, runs: int) -> None:
        async with asyncio.timeout(30), self.ran:
            await self.ran.wait_for(lambda: self.runs >= runs)


async def test_work_runs_again_after_the_interval() -> None:
    work = Work()
    task = asyncio.create_task(repeat(work.run_once, 0.01))
    await work.until(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_wake_up_runs_work_at_once() -> None:
    work, wake = Work(), asyncio.Event()
    task = asyncio.create_task(repeat(work.run_once, 3600, wake))
    await work.until(1)
    for runs in (2, 3):
        wake.set()
        await work.until(runs)
    task.cancel()


async def test_a_wake_up_during_a_run_is_not_lost() -> None:
    wake, runs, done = asyncio.Event(), 0, asyncio.Event()

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            wake.set()
        else:
            done.set()

    task = asyncio.create_task(repeat(work, 3600, wake))
    async with asyncio.timeout(30):
        await done.wait()
    task.cancel()


async def test_a_failure_is_logged_with_its_location_and_work_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "RETRY_DELAY", 0.01)
    work = Work(1, 2)
    with capture_logs() as logs:
        task = asyncio.create_task(repeat(work.run_once, 3600))
        await work.until(3)
        task.cancel()
    assert [line.pop("where").startswith("bot/services/runner.py:") for line in logs] == [True] * 2
    failed = {
        "event": "service failed",
        "service": "Work.run_once",
        "error": "ConnectionError",
        "log_level": "error",
    }
    assert logs == [failed, failed]
