"""The bot is killed at the worst moments: nothing is lost, and nothing is done twice."""

from pathlib import Path

from tests.chaos.invariants import violations
from tests.chaos.telegram import Point
from tests.chaos.world import world

HITS = 2


async def test_killed_at_each_point(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=4) as stage:
        async for _ in stage.kill_at_each_point(HITS):
            pass
        assert await violations(stage) == []
        assert stage.hits == dict.fromkeys(Point, HITS)
