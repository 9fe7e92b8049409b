"""Fixtures for dialogue tests: the stage, a supporter and a campaigner, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.services.campaigns import published
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import LoadedCampaign, load_campaigns, load_files
from tests.chat import Chat, Stage, staged
from tests.stories.campaigners import appoint

_loaded: dict[tuple[object, ...], tuple[LoadedCampaign, ...]] = {}
_versions: dict[tuple[object, ...], LoadedCampaign] = {}


def _load(folder: Path) -> tuple[LoadedCampaign, ...]:
    """Load campaigns, from a cache if the files are the same: the bot restarts at each step."""
    files = sorted(file for file in folder.glob("*/*") if file.is_file())
    key = tuple((str(file.relative_to(folder)), file.read_bytes()) for file in files)
    if key not in _loaded:
        _loaded[key] = load_campaigns(folder)
    return _loaded[key]


def _load_files(files: CampaignFiles) -> LoadedCampaign:
    """Load a campaign, from a cache if the files are the same."""
    key = (files.name, *sorted(files.content.items()))
    if key not in _versions:
        _versions[key] = load_files(files)
    return _versions[key]


@pytest.fixture(autouse=True)
def _machine_made(machine_made: None) -> None:
    """In dialogues, no native speaker has checked a translation."""


@pytest_asyncio.fixture
async def stage(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A stage without campaigns: call `stage.opens(…)` first."""
    monkeypatch.setattr(published, "load_campaigns", _load)
    monkeypatch.setattr(published, "load_files", _load_files)
    folder = tmp_path / "stage"
    folder.mkdir()
    async with staged(database_url, folder) as stage:
        yield stage


@pytest_asyncio.fixture
async def maria(stage: Stage) -> Chat:
    """A supporter, with the sample campaign open."""
    stage.opens("hong-kong")
    return stage.person("Maria", "Silva")


@pytest.fixture
def olga(stage: Stage) -> Chat:
    """A campaigner, with the sample campaign open."""
    stage.opens("hong-kong")
    olga = stage.person("Olga")
    appoint(stage, olga)
    return olga
