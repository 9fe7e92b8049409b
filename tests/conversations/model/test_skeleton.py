"""The texts of a new campaign are recognised wherever they are left."""

import shutil
from pathlib import Path

import pytest

from conversations.folder.campaign_files import read_folder
from conversations.folder.leftovers import find_leftovers
from conversations.folder.loading import load_campaign
from conversations.model.skeleton import INSTRUCTIONS, skeleton_texts
from tests.conversations.play import HONG_KONG, RIVER

SKELETON = Path(__file__).parents[3] / "bot" / "cli" / "setup" / "skeleton"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SKELETON, tmp_path / "my-campaign"))


def test_every_text_to_replace_is_found_in_a_new_campaign(new: Path) -> None:
    campaign = load_campaign(new).campaign
    assert campaign is not None
    assert [each.name for each in skeleton_texts(campaign)] == [
        *("organisation", "contact", "official_page", "privacy_policy", "targets.0.address"),
        *INSTRUCTIONS,
    ]


def test_each_single_instruction_is_found(new: Path) -> None:
    """Somebody may replace one of two sentences."""
    original = (new / "en.md").read_text(encoding="utf-8").replace("**", "")
    for name, instructions in INSTRUCTIONS.items():
        for kept in instructions:
            text = original
            for others in INSTRUCTIONS.values():
                for other in others:
                    text = text.replace(other, other if other == kept else "Our own words.")
            (new / "en.md").write_text(text, encoding="utf-8")
            campaign = load_campaign(new).campaign
            assert campaign is not None
            found = [each.name for each in skeleton_texts(campaign) if each.language]
            assert found == [name], kept


def test_leftovers_are_named_with_their_line(new: Path) -> None:
    campaign = load_campaign(new).campaign
    assert campaign is not None
    found = [each for each in find_leftovers(read_folder(new), campaign, is_error=True)]
    assert found[0].where == "my-campaign/campaign.toml:6 organisation"
    assert found[4].where == "my-campaign/campaign.toml:36 first target (minister): address"
    assert found[-1].where == "my-campaign/en.md:59"
    assert all(each.is_error and each.problem and each.fix for each in found)


def test_finished_campaigns_have_none() -> None:
    assert [*skeleton_texts(HONG_KONG), *skeleton_texts(RIVER)] == []
