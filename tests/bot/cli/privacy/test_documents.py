"""`actionbot privacy`: what it prints is true under the settings and campaigns at hand."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.cli.privacy.section import Section
from bot.playground.demo import SAMPLES
from storage.retention.rules import RULES
from tests.bot.conftest import Type
from tests.bot.organisation import RIGHT, toml

CAMPAIGN = Path("campaigns/hong-kong/campaign.toml")


@pytest.fixture
def set_up(actionbot: Type) -> Type:
    """Return the function that runs commands, in a folder with settings and the sample campaign."""
    write()
    shutil.copytree(SAMPLES / "hong-kong", CAMPAIGN.parent)
    return actionbot


def write(**sections: dict[str, Any]) -> None:
    changed = {name: {**RIGHT.get(name, {}), **sections.get(name, {})} for name in RIGHT | sections}
    Path("actionbot.toml").write_text(toml(changed))


def edit(old: str, new: str) -> None:
    text = CAMPAIGN.read_text("utf-8")
    assert old in text
    CAMPAIGN.write_text(text.replace(old, new), "utf-8")


def rows(run: Type) -> list[list[str]]:
    """Return all rows of all tables."""
    outcome = run("privacy", "--json")
    assert (outcome.status, outcome.err) == (0, "")
    return [row for section in json.loads(outcome.out) for row in section["rows"]]


def test_a_record_and_an_assessment_are_printed(set_up: Type) -> None:
    outcome = set_up("privacy")
    assert (outcome.status, outcome.err) == (0, "")
    headings = [line for line in outcome.out.splitlines() if line.startswith("#")]
    assert headings == [
        "# Record of processing activities",
        "## Controller (30(1)(a))",
        "## Purposes, people and data (30(1)(b), (c))",
        "## Recipients and transfers (30(1)(d), (e))",
        "## Time limits for erasure (30(1)(f))",
        "## Security measures (30(1)(g), 32)",
        "# Data protection impact assessment: draft",
        "## Description (35(7)(a))",
        "## Necessity and proportionality (35(7)(b))",
        "## Risks to people, and measures (35(7)(c), (d))",
        "## Technical measures (35(7)(d))",
        "## Advice and decision",
    ]
    assert (
        "| Chief Executive, Government of Hong Kong (government), in hong-kong | the letter with"
        " the writer's name and country, and the email address unless it is hidden | Hong Kong,"
        " outside the European Economic Area | explicit consent, which names it (article 49(1)(a))"
        " [confirm] |" in outcome.out
    )
    assert "keep_until is 2029-09-30; settle_days is 7; archive is none." in outcome.out
    assert "| mail server mail.example |" in outcome.out
    for secret in ("hunter2", "ann:", RIGHT["telegram"]["token"]):
        assert secret not in outcome.out


def test_all_rules_of_retention_are_in_the_record(set_up: Type) -> None:
    printed = rows(set_up)
    assert [[rule.what, rule.term(), rule.why] for rule in RULES if rule.what] == [
        row for row in printed if row[0] in {rule.what for rule in RULES}
    ]


def test_the_settings_decide_what_is_a_measure_and_what_a_risk(set_up: Type) -> None:
    before = rows(set_up)
    assert ["keys age, and old ones are destroyed", "backup_days is 7"] in before
    assert not any("allow_letters" in cell for row in before for cell in row)
    write(
        keys={"backup_days": 3},
        database={
            "insecure_database": True,
            "url": "postgresql://bot:s3cret@db.example/bot",
        },
        telegram={**RIGHT["telegram"], "second_eyes_above": 9},
    )
    edit(
        "allow_letters_in_other_peoples_names = false",
        "allow_letters_in_other_peoples_names = true",
    )
    edit('at_risk = ["HK", "CN"]', "at_risk = []")
    edit('reply_to = "supporter"', 'reply_to = "organisation"')
    after = rows(set_up)
    assert ["keys age, and old ones are destroyed", "backup_days is 3"] in after
    assert ["colleagues approve broadcasts", "to more than 9 people"] in after
    assert [
        "database server db.example",
        "encrypted values only",
        "[where]",
        "[agreement]",
    ] in after
    assert "s3cret" not in str(after)
    risks = {row[0] for row in after}
    assert "hong-kong: letters are sent in other people's names" in risks
    assert "hong-kong: people at risk are not warned" in risks
    assert "Somebody between bot and database reads or changes the traffic" in risks
    assert not any("unless it is hidden" in cell for row in after for cell in row)


def test_a_name_cannot_add_a_cell(set_up: Type) -> None:
    edit('"Open Letters Hong Kong"', '"Open | Letters"')
    printed = set_up("privacy").out
    assert "| Open \\| Letters | people@open-letters-hk.example |" in printed


def test_a_value_cannot_add_a_row_or_a_heading() -> None:
    section = Section("A title", 2, ("One\n# Two",), ("name",), (("a\n| b",),))
    assert section.markdown() == "## A title\n\nOne # Two\n\n| name |\n|---|\n| a \\| b |\n"


def test_a_campaign_with_a_mistake_is_not_left_out_silently(set_up: Type) -> None:
    edit("keep_until = 2029-09-30", "")
    outcome = set_up("privacy")
    assert (outcome.status, outcome.out) == (2, "")
    assert "keep_until" in outcome.err


def test_what_a_campaign_asks_in_addition_is_named(set_up: Type) -> None:
    files = sorted(CAMPAIGN.parent.glob("*.md"))
    words = [f'{file.stem} = "River"' for file in files]
    texts = f"{{ {', '.join(words)} }}"
    question = (
        f'\n[[questions]]\nid = "river"\nkind = "number"\n'
        f"label = {texts}\ntext = {texts}\npurpose = {texts}\n"
    )
    CAMPAIGN.write_text(CAMPAIGN.read_text("utf-8") + question, "utf-8")
    for file in files:
        text = file.read_text("utf-8").replace(", nothing else", "").replace("只", "")
        file.write_text(text.replace("{country}", "{country}\n{river}"), "utf-8")
    found = rows(set_up)
    assert [row for row in found if row[0] == "River"] == [
        [
            "River",
            "supporters of hong-kong",
            "answer to “River”, optional",
            "explicit consent (articles 6(1)(a), 9(2)(a)) [confirm]",
        ]
    ]
    assert any(row[1].endswith(", and the answers to: River") for row in found)
    assert "In addition, hong-kong asks for: River." in set_up("privacy").out
