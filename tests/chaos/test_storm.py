"""A short storm: everything fails at once, and nothing is lost, done twice or misreported."""

from pathlib import Path

import pytest

from tests.chaos.storm.play import play
from tests.chaos.storm.telegram import StormTelegram
from tests.chaos.world import world

PEOPLE, SECONDS = 15, 20.0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_storm(database_url: str, tmp_path: Path) -> None:
    async with world(database_url, tmp_path, seed=8, server=StormTelegram) as stage:
        result = await play(stage, PEOPLE, SECONDS, lambda *_: None)
        assert result.violations == [], result.summary
