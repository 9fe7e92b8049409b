"""The bot is killed at random moments while many supporters write at once."""

from pathlib import Path

from tests.chaos.invariants import violations
from tests.chaos.world import world

PEOPLE = 25


async def test_killed_at_random_under_load(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=5) as stage:
        stage.add_supporters(PEOPLE)
        while len(stage.acting) > PEOPLE // 10:
            await stage.kill_after(stage.chance.randint(0, PEOPLE))
        await stage.finish()
        assert await violations(stage) == []
