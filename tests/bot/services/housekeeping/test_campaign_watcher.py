"""A campaign folder that changes while the bot runs."""

import asyncio
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.services.housekeeping import campaign_watcher
from bot.services.housekeeping.campaign_watcher import CampaignWatcher
from conversations.folder.loading import LoadedCampaign, load_campaigns
from conversations.model.campaign import Campaign
from conversations.model.mistakes import Mistake
from tests.conversations.play import OTHERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(OTHERS / "river", tmp_path / "campaigns" / "river")
    return tmp_path / "campaigns"


async def nothing() -> None:
    pass


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "river" / "campaign.toml"
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def told(campaigns: CampaignWatcher) -> list[tuple[str, str]]:
    return [(each.where, each.problem) for each in campaigns.mistakes if "pt" not in each.problem]


async def test_a_change_is_loaded_and_reported_once(folder: Path) -> None:
    changes: list[str] = []

    async def changed() -> None:
        changes.append("changed")

    campaigns = CampaignWatcher(folder, changed)
    edit(folder, "goal = 3000", "goal = 31000")
    await campaigns.run_once()
    await campaigns.run_once()
    assert campaigns.in_service["river"].goal == 31000
    assert changes == ["changed"]


async def test_a_new_folder_opens_a_campaign(folder: Path) -> None:
    campaigns = CampaignWatcher(folder, nothing)
    shutil.copytree(folder / "river", folder / "brook")
    path = folder / "brook" / "campaign.toml"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace('slug = "river"', 'slug = "brook"'), encoding="utf-8")
    await campaigns.run_once()
    assert sorted(campaigns.in_service) == ["brook", "river"]


async def test_a_campaign_with_mistakes_does_not_replace_the_former_one(folder: Path) -> None:
    campaigns = CampaignWatcher(folder, nothing)
    former = campaigns.in_service["river"]
    edit(folder, "goal = 3000", "gaol = 3000")
    with capture_logs() as logs:
        await campaigns.run_once()
    assert campaigns.in_service["river"] == former
    wrong = ("river/campaign.toml:26 gaol", "This key is not known.")
    stays = ("river", "The campaign stays in service as it was before.")
    assert told(campaigns) == [wrong, stays]
    assert [(each["log_level"], each["where"], each["mistake"]) for each in logs] == [
        ("error", *wrong),
        ("info", *stays),
    ]
    edit(folder, "gaol = 3000", "goal = 3000")
    await campaigns.run_once()
    assert told(campaigns) == []


async def test_a_campaign_that_must_not_be_loaded_is_reported(folder: Path) -> None:
    async def refused(campaign: Campaign) -> tuple[Mistake, ...]:
        return (Mistake("It writes to nobody.", where="river"),) if campaign.goal == 1 else ()

    campaigns = CampaignWatcher(folder, nothing)
    campaigns.refused = refused
    edit(folder, "goal = 3000", "goal = 1")
    await campaigns.run_once()
    assert campaigns.in_service["river"].goal == 3000
    stays = ("river", "The campaign stays in service as it was before.")
    assert told(campaigns) == [("river", "It writes to nobody."), stays]
    edit(folder, "goal = 1", "goal = 20000")
    await campaigns.run_once()
    assert (campaigns.in_service["river"].goal, told(campaigns)) == (20000, [])


async def test_a_campaign_whose_folder_is_removed_is_closed_and_stays(
    folder: Path,
) -> None:
    campaigns = CampaignWatcher(folder, nothing)
    shutil.move(folder / "river", folder.parent / "river")
    await campaigns.run_once()
    gone = campaigns.in_service["river"]
    assert not gone.is_open(datetime.now(UTC))
    assert gone.contact == "gente@amigos-do-amieiro.example"
    assert told(campaigns) == [
        ("river", "Its folder is gone: it takes no new letters; those that wait still leave.")
    ]
    shutil.move(folder.parent / "river", folder / "river")
    await campaigns.run_once()
    assert campaigns.in_service["river"].is_open(datetime.now(UTC))


async def test_loading_does_not_block_the_event_loop(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaigns = CampaignWatcher(folder, nothing)
    goes_on = threading.Event()

    def slowly(folder: Path) -> tuple[LoadedCampaign, ...]:
        assert goes_on.wait(20), "the loop waited for the disk"
        return load_campaigns(folder)

    monkeypatch.setattr(campaign_watcher, "load_campaigns", slowly)
    edit(folder, "goal = 3000", "goal = 1")
    looking = asyncio.create_task(campaigns.run_once())
    await asyncio.sleep(0)
    goes_on.set()
    await looking
    assert campaigns.in_service["river"].goal == 1
