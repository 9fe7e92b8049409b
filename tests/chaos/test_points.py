"""Killed in the worst second, again and again: nothing lost, nothing done twice."""

from itertools import cycle
from pathlib import Path

from tests.chaos.holds import broken
from tests.chaos.wire import Point
from tests.chaos.world import world

HITS = 10


async def test_killed_at_each_point(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=4) as stage:
        for point in cycle(Point):
            if min(stage.hits[each] for each in Point) == HITS:
                break
            most = 2 if point is Point.DOTTED else 5
            await stage.dies_at(point, stage.chance.randint(1, most), crowd=4)
        await stage.finishes()
        assert await broken(stage) == []
        assert stage.hits == dict.fromkeys(Point, HITS)
