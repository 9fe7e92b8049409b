"""Fixtures for dialogue tests: the stage, a supporter and a campaigner, on each database."""

from collections.abc import AsyncIterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio

from bot.services.campaigns import published
from bot.services.conversation.facts import draft_facts, new_campaign_facts, version_facts
from conversations.folder import loading
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import LoadedCampaign, load_files
from conversations.text import catalogues
from conversations.text.catalogues import LOCALES, Entries
from tests.chat import Chat
from tests.stage import Stage, staged
from tests.stories.campaigners import appoint

_LOADERS = (loading, published, draft_facts, new_campaign_facts, version_facts)
_loaded: dict[tuple[object, ...], LoadedCampaign] = {}
_our_texts = cache(catalogues.load)


def _load_files(files: CampaignFiles, today: date | None = None) -> LoadedCampaign:
    """Load a campaign, from a cache if the files are the same: the bot restarts at each step."""
    key = (today, files.name, *sorted(files.content.items()))
    if key not in _loaded:
        _loaded[key] = load_files(files, today)
    return _loaded[key]


def _load_texts(language: str, part: str) -> Entries:
    """Read texts, from a cache if they are our own: each test shows them in menus."""
    load = _our_texts if catalogues.folders() == (LOCALES,) else _our_texts.__wrapped__
    return load(language, part)


@pytest.fixture(autouse=True)
def _machine_made(machine_made: None) -> None:
    """In dialogues, no native speaker has checked a translation."""


@pytest_asyncio.fixture
async def stage(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A stage without campaigns: call `stage.opens(…)` first."""
    for loader in _LOADERS:
        monkeypatch.setattr(loader, "load_files", _load_files)
    monkeypatch.setattr(catalogues, "load", _load_texts)
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
