"""The stage of each story: the same story on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.chat import Chat, Stage, staged


@pytest_asyncio.fixture
async def stage(database_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage without campaigns yet: `stage.opens(…)` comes first."""
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        yield stage


@pytest_asyncio.fixture
async def maria(stage: Stage) -> Chat:
    """A supporter, with the sample campaign in service."""
    stage.opens("hong-kong")
    return stage.person("Maria", "Silva")
