"""Fixtures that every test may ask for, and which tests are slow."""

import gc
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import lost_errors
from tests.databases import _sqlite_without_fsync, database, database_url, server, template, vault
from tests.reviews import machine_made, machine_made_index

__all__ = [
    "_sqlite_without_fsync",
    "database",
    "database_url",
    "machine_made",
    "machine_made_index",
    "server",
    "template",
    "vault",
]

# How long an example takes says more of the machine than of the code.
settings.register_profile("actionbot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("actionbot")

lost_errors.watch()

TESTS = Path(__file__).parent
SLOW = (
    TESTS / "chaos",
    TESTS / "peers",
    TESTS / "test_benchmarks.py",
    TESTS / "bot" / "cli" / "privacy",
    TESTS / "bot" / "cli" / "test_bounce.py",
    TESTS / "bot" / "cli" / "test_signals.py",
    TESTS / "bot" / "cli" / "test_team.py",
    TESTS / "bot" / "playground" / "test_history.py",
    TESTS / "bot" / "services" / "housekeeping" / "test_campaign_mode.py",
    TESTS / "bot" / "test_running.py",
    TESTS / "safety" / "test_busy_run.py",
    TESTS / "safety" / "test_stolen_database.py",
    TESTS / "bot" / "services" / "conversation" / "test_separate_chats.py",
)
"""Tests that start a browser or another mail server, wait for real processes and limits, kill
processes, or run benchmarks.
"""


STORIES = TESTS / "stories"
SLOW_ON_POSTGRESQL = (STORIES, TESTS / "safety", TESTS / "bot" / "cli")
"""Folders whose tests run on PostgreSQL with the slow tests only: they lean little on the engine,
and the tests of storage always run on both.
"""

STORIES_ON_BOTH_ENGINES = (
    STORIES / "broadcasts" / "test_approval.py",
    STORIES / "staff" / "test_authority.py",
    STORIES / "broadcasts" / "test_broadcasting.py",
    STORIES / "letters" / "test_fate.py",
    STORIES / "privacy" / "test_my_data.py",
    STORIES / "journey" / "test_proof.py",
    STORIES / "operations" / "test_restoring.py",
    STORIES / "letters" / "test_settling.py",
    STORIES / "broadcasts" / "test_waiting.py",
)
"""Dialogues that lean on leases, queues and transactions: these run on both engines at once."""

EVERY_LANGUAGE = STORIES / "journey" / "test_every_language.py"
FAST_LANGUAGES = ("ar", "de", "hi", "zh-Hant")
"""Languages in which the fast tests go through a whole conversation: four scripts."""


def _is_in(path: Path, places: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place in places)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests: `make test` leaves them to `make test-slow`."""
    for item in items:
        path = item.path
        leans_little = _is_in(path, SLOW_ON_POSTGRESQL) and path not in STORIES_ON_BOTH_ENGINES
        on_postgresql = leans_little and "postgresql" in item.name
        language = item.name.rpartition("[")[2].rstrip("]").partition("-")[2]
        is_rare = path == EVERY_LANGUAGE and language not in FAST_LANGUAGES
        if on_postgresql or is_rare or _is_in(path, SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None]:
    """Fail the test if an error got lost, also in the teardown of its fixtures."""
    yield
    gc.collect(1)  # tasks and their exceptions refer to each other; a whole collection takes 0.1 s
    if lost := lost_errors.take():
        pytest.fail("\n".join(lost), pytrace=False)
