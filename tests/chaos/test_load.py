"""Killed at any moment while many people write at once."""

from pathlib import Path

from tests.chaos.holds import broken
from tests.chaos.world import world

PEOPLE = 25


async def test_killed_at_random_under_load(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=5) as stage:
        stage.crowd(PEOPLE)
        while len(stage.acting) > PEOPLE // 10:
            await stage.dies_after(stage.chance.randint(0, PEOPLE))
        await stage.finishes()
        assert await broken(stage) == []
