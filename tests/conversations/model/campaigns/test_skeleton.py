"""The texts of a new campaign are recognised wherever they are left."""

import shutil
from pathlib import Path

import pytest

from conversations.folder.campaign_files import CampaignFiles, read_folder
from conversations.folder.leftovers import find_leftovers
from conversations.folder.loading import load_campaign, load_files
from conversations.folder.new_campaign import SKELETON, Template, new_campaign
from conversations.model.campaigns.skeleton import ENGLISH, INSTRUCTIONS, skeleton_texts
from tests.conversations.play import HONG_KONG, RIVER


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


@pytest.mark.parametrize("template", Template)
def test_each_template_is_a_campaign_with_every_text_to_replace(template: Template) -> None:
    loaded = load_files(new_campaign("river", "en", template))
    assert [each for each in loaded.mistakes if each.is_error] == []
    assert loaded.campaign is not None
    (target,) = loaded.campaign.targets
    assert (target.id, target.kind) == {
        Template.GOVERNMENT: ("minister", "government"),
        Template.COMPANY: ("company", "company"),
        Template.REPRESENTATIVE: ("representative", "government"),
    }[template]
    assert [each.name for each in skeleton_texts(loaded.campaign)] == [
        *("organisation", "contact", "official_page", "privacy_policy", "targets.0.address"),
        *INSTRUCTIONS,
    ]


@pytest.mark.parametrize("template", Template)
def test_in_another_language_the_english_texts_of_a_template_are_leftovers(
    template: Template,
) -> None:
    campaign = load_files(new_campaign("river", "pt", template)).campaign
    assert campaign is not None
    assert campaign.languages == campaign.targets[0].languages == ("pt",)
    found = [each.name for each in skeleton_texts(campaign) if each.language == "pt"]
    assert found == [*INSTRUCTIONS, *(name for name in ENGLISH if name not in INSTRUCTIONS)]


def test_leftovers_are_named_with_their_line(new: Path) -> None:
    campaign = load_campaign(new).campaign
    assert campaign is not None
    found = [each for each in find_leftovers(read_folder(new), campaign, is_error=True)]
    assert found[0].where == "my-campaign/campaign.toml:6 organisation"
    assert found[4].where == "my-campaign/campaign.toml:36 first target (minister): address"
    assert found[-1].where == "my-campaign/en.md:59"
    assert all(each.is_error and each.problem and each.fix for each in found)


def test_each_single_english_sentence_is_found() -> None:
    files = new_campaign("river", "pt")
    written = {name: files.content[name].decode() for name in files.content}
    sentences = [each for kept in (*ENGLISH.values(), *INSTRUCTIONS.values()) for each in kept]
    for name, kept in ENGLISH.items():
        for sentence in kept:
            text = written["pt.md"].replace("**", "")
            for other in sentences:
                text = text if other == sentence else text.replace(other, "As nossas palavras.")
            content = {**files.content, "pt.md": text.encode()}
            campaign = load_files(CampaignFiles("river", content)).campaign
            assert campaign is not None
            assert [each.name for each in skeleton_texts(campaign) if each.language] == [name]


def test_finished_campaigns_have_none() -> None:
    assert [*skeleton_texts(HONG_KONG), *skeleton_texts(RIVER)] == []
