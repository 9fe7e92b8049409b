"""docs/campaigns.md, held to what the code knows."""

import re
from pathlib import Path

import pytest

from conversations.folder.checks.text_checks import RICH_NAMES
from conversations.folder.formats.markdown_sections import (
    NOTICE,
    PLAIN,
    RICH,
    SEVERAL,
)
from conversations.folder.loading import load_campaign
from conversations.model.campaigns.campaign import CampaignFile
from conversations.model.campaigns.campaign_questions import OwnQuestion
from conversations.model.campaigns.targets import Target
from conversations.model.letters.letter import LETTER_PLACEHOLDERS

GUIDE = (Path(__file__).parents[3] / "docs" / "campaigns.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_example_has_no_mistake(tmp_path: Path) -> None:
    home = tmp_path / "save-the-river"
    home.mkdir()
    (home / "campaign.toml").write_text(block("toml"), encoding="utf-8")
    (home / "en.md").write_text(block("markdown"), encoding="utf-8")
    loaded = load_campaign(home)
    assert loaded.mistakes == ()
    assert loaded.campaign


def test_the_example_has_every_key() -> None:
    example = block("toml")
    keys = (
        *CampaignFile.model_fields,
        *Target.model_fields,
        *OwnQuestion.model_fields,
    )
    assert [
        key for key in keys if not re.search(rf"^(# )?(\[\[|\[|\[\w+\.)?{key}\b", example, re.M)
    ] == []


@pytest.mark.parametrize("model", [CampaignFile, Target, OwnQuestion])
def test_every_key_is_described(
    model: type[CampaignFile] | type[Target] | type[OwnQuestion],
) -> None:
    described = set(
        re.findall(r"`([\w\[\]]+)`", "".join(re.findall(r"^\| (`.*?) \|", GUIDE, re.M)))
    )
    blocks = ("targets", "questions")
    known = {f"[[{key}]]" if key in blocks else key for key in model.model_fields}
    assert known - described == set()


def test_nothing_is_described_that_is_not_there() -> None:
    first = re.findall(r"^\| (`[a-z\[].*?) \|", GUIDE, re.MULTILINE)
    described = {name.strip("[]") for cell in first for name in re.findall(r"`([\w\[\]]+)`", cell)}
    assert described == {
        *CampaignFile.model_fields,
        *Target.model_fields,
        *OwnQuestion.model_fields,
    }


def test_the_defaults_are_those_of_the_model() -> None:
    for name, field in CampaignFile.model_fields.items():
        if isinstance(field.default, bool | int):
            (row,) = re.findall(rf"^\| `{name}` \|.*\| (.*?) \|$", GUIDE, re.MULTILINE)
            assert row.strip("`") == str(field.default).lower()


def test_every_heading_and_placeholder_is_described() -> None:
    headings = {f"`# {each}`" for each in (*PLAIN, *RICH, *SEVERAL, "Notice")}
    parts = {f"`## {each}`" for each in NOTICE}
    placeholders = {f"`{{{each}}}`" for each in (*RICH_NAMES, *LETTER_PLACEHOLDERS)}
    assert [each for each in headings | parts | placeholders if each not in GUIDE] == []
