"""`actionbot campaign publish` and `pull`: a folder and the published versions, put together."""

import shutil
from pathlib import Path

import pytest

from tests.bot.conftest import Type
from tests.bot.organisation import RIGHT, toml
from tests.conversations.play import OTHERS

HERE, THERE = Path("campaigns/river"), Path("elsewhere/river")


@pytest.fixture(autouse=True)
def published(actionbot: Type) -> None:
    """A published campaign, in the folders of two machines."""
    tests = RIGHT | {"mail": RIGHT["mail"] | {"test": True, "test_address": "ann@send.example"}}
    Path("actionbot.toml").write_text(toml(tests))
    Path("elsewhere.toml").write_text(toml(tests | {"campaigns": {"folder": "elsewhere"}}))
    shutil.copytree(OTHERS / "river", HERE)
    actionbot("migrate")
    assert actionbot("campaign", "publish", "river").out == "Version 1 of river is published.\n"
    shutil.copytree(HERE, THERE)


def edit(home: Path, old: str, new: str) -> None:
    path = home / "campaign.toml"
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def edit_texts(home: Path, old: str, new: str) -> None:
    path = home / "en.md"
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new), encoding="utf-8")


def elsewhere(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("ACTIONBOT_CONFIG", "elsewhere.toml")
    return monkeypatch


def test_what_was_published_before_is_published_again_by_hand(actionbot: Type) -> None:
    edit(HERE, "goal = 3000", "goal = 5000")
    assert actionbot("campaign", "publish", "river").out == (
        "Version 2 of river is published.\n• campaign.toml, goal: 3000 → 5000\n"
    )
    assert actionbot("campaign", "publish", "river").out == "Version 2 of river is published.\n"
    edit(HERE, "goal = 5000", "goal = 3000")
    assert actionbot("campaign", "publish", "river").out == (
        "Version 3 of river is published.\n• campaign.toml, goal: 5000 → 3000\n"
    )


def test_mistakes_are_not_published(actionbot: Type) -> None:
    edit(HERE, "goal = 3000", "gaol = 3000")
    outcome = actionbot("campaign", "publish", "river")
    assert outcome.status == 2
    assert "river/campaign.toml:26 gaol: This key is not known." in outcome.err


def test_two_folders_are_put_together(actionbot: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(HERE, "goal = 3000", "goal = 5000")
    actionbot("campaign", "publish", "river")
    elsewhere(monkeypatch)
    edit_texts(THERE, "# Share\n", "# Share\n\nPlease.\n")
    outcome = actionbot("campaign", "publish", "river")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ river: This folder was changed, and so was the campaign elsewhere. Neither is lost.\n"
        "  → Get the newest one: actionbot campaign pull river. Your changes stay.\n",
    )
    assert actionbot("campaign", "pull", "river").out == (
        "Changed: river/campaign.toml\nThe folder has version 2 of river.\n"
    )
    assert "goal = 5000" in (THERE / "campaign.toml").read_text("utf-8")
    published = actionbot("campaign", "publish", "river").out
    assert published.startswith("Version 3 of river is published.\n• en.md, Share: ")


@pytest.mark.parametrize(("option", "goal"), [("--mine", "7000"), ("--newest", "5000")])
def test_what_both_changed_is_decided_by_hand(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch, option: str, goal: str
) -> None:
    edit(HERE, "goal = 3000", "goal = 5000")
    actionbot("campaign", "publish", "river")
    elsewhere(monkeypatch)
    edit(THERE, "goal = 3000", "goal = 7000")
    outcome = actionbot("campaign", "pull", "river")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ river/campaign.toml: goal: It was changed here, and differently elsewhere.\n"
        "  → Choose: actionbot campaign pull river --mine, or --newest\n",
    )
    assert "goal = 7000" in (THERE / "campaign.toml").read_text("utf-8")
    actionbot("campaign", "pull", "river", option)
    assert f"goal = {goal}" in (THERE / "campaign.toml").read_text("utf-8")
    assert actionbot("campaign", "publish", "river").status == 0


def test_a_machine_without_a_folder_gets_one(actionbot: Type) -> None:
    shutil.rmtree(HERE)
    actionbot("campaign", "pull", "river")
    assert sorted(path.name for path in HERE.iterdir()) == [
        ".version",
        "campaign.toml",
        "en.md",
        "picture.png",
        "pt.md",
    ]


def test_what_was_never_published_cannot_be_pulled(actionbot: Type) -> None:
    outcome = actionbot("campaign", "pull", "brook")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ No version of “brook” is published, or it isn't genuine.\n"
        "  → Publish its folder: actionbot campaign publish brook\n",
    )


def test_check_says_that_a_folder_is_behind(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(HERE, "goal = 3000", "goal = 5000")
    actionbot("campaign", "publish", "river")
    elsewhere(monkeypatch)
    said = actionbot("check").err
    assert "river: This folder is behind: a newer version was published elsewhere." in said
    assert "→ Get the newest one: actionbot campaign pull river" in said
    actionbot("campaign", "pull", "river")
    assert "This folder" not in actionbot("check").err
