"""Killed at any moment while a hundred people write at once."""

from pathlib import Path

from tests.chaos.holds import broken
from tests.chaos.world import world


async def test_killed_at_random_under_load(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=5) as stage:
        stage.crowd(100)
        while len(stage.acting) > 10:
            await stage.dies_after(stage.chance.randint(0, 150))
        await stage.finishes()
        assert await broken(stage) == []
