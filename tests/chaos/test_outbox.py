"""Killed at any moment over a full outbox: every letter leaves, and none twice unmarked."""

from pathlib import Path

from tests.chaos.outbox import broken, drain, fill
from tests.chaos.world import world

LETTERS = 300


async def test_killed_at_random_over_a_full_outbox(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=6) as stage:
        await fill(stage, LETTERS)
        kills = []
        await drain(stage, LETTERS, lambda _, killed: kills.append(killed))
        assert len(kills) >= 5
        assert await broken(stage, LETTERS) == []
