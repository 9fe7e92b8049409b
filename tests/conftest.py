"""Fixtures that every test may ask for, and which tests are slow."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.databases import _sqlite_without_fsync, database, database_url, server, template, vault

__all__ = ["_sqlite_without_fsync", "database", "database_url", "server", "template", "vault"]

# How long an example takes says more of the machine than of the code.
settings.register_profile("actionbot", deadline=None)
settings.load_profile("actionbot")

TESTS = Path(__file__).parent
SLOW = (
    TESTS / "chaos",
    TESTS / "peers",
    TESTS / "test_benchmarks.py",
    TESTS / "bot" / "cli" / "test_signals.py",
    TESTS / "safety" / "test_busy_run.py",
    TESTS / "bot" / "services" / "conversation" / "test_separate_chats.py",
)
"""Tests that start a browser or another mail server, wait for real processes and limits, kill
processes, or run benchmarks.
"""


STORIES = TESTS / "stories"
ABOUT_WORDS = (
    STORIES / "test_typed_answers.py",
    STORIES / "test_questions.py",
    STORIES / "test_panels.py",
    STORIES / "test_refusals.py",
    STORIES / "test_languages.py",
)
"""Conversations about words, which no database sees. On PostgreSQL they run with the slow tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests: `make test` leaves them to `make test-slow`."""
    for item in items:
        on_postgresql = item.path in ABOUT_WORDS and "[postgresql" in item.name
        if on_postgresql or any(item.path.is_relative_to(place) for place in SLOW):
            item.add_marker(pytest.mark.slow)
