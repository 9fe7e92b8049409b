"""`actionbot languages`: what it lists, exports and records."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from conversations.text import languages
from conversations.text.catalogues import LOCALES, SUPPORTERS, keys
from tests.bot.conftest import Type
from tests.reviews import forget_reviews
from tests.stage import SAMPLES

TOTAL = len(keys(LOCALES / "en" / "supporters.po"))


@pytest.fixture(autouse=True)
def _our_texts(machine_made: None) -> Iterator[None]:
    yield
    languages.use_folders(LOCALES)


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    """The sample campaign, in a folder where commands look for campaigns."""
    shutil.copytree(SAMPLES / "hong-kong", tmp_path / "campaigns" / "hong-kong")
    return tmp_path / "campaigns"


def test_each_language_is_listed(actionbot: Type, campaigns: Path) -> None:
    rows = {row["tag"]: row for row in json.loads(actionbot("languages", "--json").out)}
    assert next(iter(rows)) == "en"
    assert set(rows) == set(languages.index().languages)
    assert rows["de"] == {
        "tag": "de",
        "name": "Deutsch",
        "percent": {"supporters": 100, "staff": 100},
        "review": "none",
        "safety_reviewed": 0,
        "safety_texts": len(languages.index().safety),
        "campaigns": {"hong-kong": {"offered": "unreviewed", "bot_language": "en"}},
    }


def test_the_table_says_who_can_choose_a_language(actionbot: Type, campaigns: Path) -> None:
    said = actionbot("languages").out
    assert "Checked by" in said
    (german,) = (line for line in said.splitlines() if line.startswith("de "))
    assert german.rstrip().split("  ")[-1].strip() == "no: not checked"
    note = "Where people are at risk, a campaign offers these only if accept_unreviewed lists them."
    assert note in " ".join(said.split())
    assert "After a check: actionbot languages reviewed TAG --by NAME" in said


def test_where_people_are_at_risk(actionbot: Type, campaigns: Path) -> None:
    """An unreviewed language isn't offered, unless the campaign accepts it."""
    file = campaigns / "hong-kong" / "campaign.toml"
    content = file.read_text("utf-8").split("\n")
    content = [line for line in content if not line.startswith("accept_unreviewed")]
    first = next(n for n, line in enumerate(content) if line.startswith("slug"))
    file.write_text(
        "\n".join([*content[:first], 'accept_unreviewed = ["fr", "it"]', *content[first:]])
    )
    rows = json.loads(actionbot("languages", "--json").out)
    offered = {row["tag"]: row["campaigns"]["hong-kong"]["offered"] for row in rows}
    assert offered["de"] == "unreviewed"
    assert offered["es"] == "unreviewed"
    assert offered["fr"] == "whole"
    assert offered["it"] == "bot only"
    assert offered["en"] == "whole"


def test_a_language_of_its_own(actionbot: Type, campaigns: Path, tmp_path: Path) -> None:
    """An organisation exports Swahili, translates it, has it checked, and offers it."""
    made = actionbot("languages", "export", "sw")
    file = tmp_path / "wording" / "sw" / "supporters.po"
    assert made.out == f"Created {file}. Change it, then run: actionbot check\n"
    assert actionbot("languages", "export", "sw").status == 2
    assert actionbot("languages", "export", "sw", "all.po").status == 0
    content = file.read_text("utf-8").replace(
        'msgid "button.back"\nmsgstr ""', 'msgid "button.back"\nmsgstr "Rudi"'
    )
    file.write_text(content, "utf-8")
    said = actionbot("languages", "reviewed", "sw", "--by", "Asha", "--key", "button.back")
    assert said.out == (
        f"Recorded in {file}: Asha has checked 1 text.\nNot checked yet: {TOTAL - 1}\n"
    )
    assert "# Reviewed by Asha: " in file.read_text("utf-8")
    rows = {row["tag"]: row for row in json.loads(actionbot("languages", "--json").out)}
    assert rows["sw"]["percent"] == {"supporters": 100 // TOTAL, "staff": 0}
    assert rows["sw"]["campaigns"]["hong-kong"]["offered"] == "incomplete"


def test_safety_texts_are_recorded_alone(actionbot: Type, tmp_path: Path) -> None:
    file = tmp_path / "wording" / "sw" / "supporters.po"
    file.parent.mkdir(parents=True)
    texts = {"button.back": "Rudi", "code.not_a_code": "Sio msimbo", "warning.stopped": "Basi"}
    file.write_text(
        "\n".join(f'msgid "{key}"\nmsgstr "{text}"\n' for key, text in texts.items()), "utf-8"
    )
    assert texts.keys() & languages.index().safety == {"code.not_a_code", "warning.stopped"}
    said = actionbot("languages", "reviewed", "sw", "--by", "Asha", "--safety")
    assert said.out == (
        f"Recorded in {file}: Asha has checked 2 texts.\nNot checked yet: {TOTAL - 2}\n"
    )
    rows = {row["tag"]: row for row in json.loads(actionbot("languages", "--json").out)}
    assert (rows["sw"]["safety_reviewed"], rows["sw"]["review"]) == (2, "none")


def test_a_review_is_recorded_in_our_own_catalogues(actionbot: Type, tmp_path: Path) -> None:
    """A contributor does this, as CONTRIBUTING.md says."""
    ours = tmp_path / "locales"
    shutil.copytree(LOCALES, ours)
    file = ours / "de" / "supporters.po"
    forget_reviews(file)
    said = actionbot(
        "languages", "reviewed", "de", "--by", "Uwe", "--key", "button.back", "--folder", str(ours)
    )
    assert said.out == (
        f"Recorded in {file}: Uwe has checked 1 text.\nNot checked yet: {TOTAL - 1}\n"
    )
    assert "# Reviewed by Uwe: " in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("export german", "german: This isn't a language."),
        ("reviewed de --by Uwe --key button.sent", "button.sent: There is no such text in it."),
        ("reviewed fr --by Uwe", "There is no such file."),
    ],
)
def test_mistakes(actionbot: Type, tmp_path: Path, words: str, problem: str) -> None:
    actionbot("languages", "export", "de")
    outcome = actionbot("languages", *words.split())
    assert outcome.status == 2
    assert problem in outcome.err


def test_check_names_a_mistake_in_own_wording(actionbot: Type, campaigns: Path) -> None:
    file = campaigns.parent / "wording" / "de" / f"{SUPPORTERS}.po"
    file.parent.mkdir(parents=True)
    file.write_text('msgid "button.use"\nmsgstr "Verwenden"\n', "utf-8")
    outcome = actionbot("check", "--campaigns", "campaigns")
    assert outcome.status == 2
    assert (
        "✗ wording/de/supporters.po:1: “button.use” lacks the placeholder {name}.\n"
        "  → Put it where the value belongs.\n"
    ) in outcome.err
