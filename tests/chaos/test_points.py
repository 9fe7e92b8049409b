"""Killed in the worst second, again and again: nothing lost, nothing done twice."""

from pathlib import Path

from tests.chaos.holds import broken
from tests.chaos.wire import Point
from tests.chaos.world import world

HITS = 2


async def test_killed_at_each_point(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=4) as stage:
        async for _ in stage.dies_at_each_point(HITS):
            pass
        assert await broken(stage) == []
        assert stage.hits == dict.fromkeys(Point, HITS)
