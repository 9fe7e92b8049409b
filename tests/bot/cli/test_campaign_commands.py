"""`actionbot campaign` and `check`: new campaigns, and mistakes in settings and campaigns."""

import json
from pathlib import Path

import pytest

from tests.bot.conftest import Type
from tests.bot.organisation import RIGHT, toml


def test_a_new_campaign_has_no_mistake(actionbot: Type, tmp_path: Path) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    made = actionbot("campaign", "new", "save-the-river")
    home = tmp_path / "campaigns" / "save-the-river"
    assert made.out == f"Created {home}. Write its texts, then run: actionbot check\n"
    assert sorted(path.name for path in home.iterdir()) == ["campaign.toml", "en.md"]
    assert (home.parent / "campaign.schema.json").is_file()
    checked = actionbot("check")
    assert checked.status == 0
    assert [line for line in checked.err.splitlines() if not line.startswith("  → ")] == [
        "! save-the-river/campaign.toml:6 organisation: This is still the skeleton's value.",
        "! save-the-river/campaign.toml:7 contact: This is still the skeleton's value.",
        "! save-the-river/campaign.toml:8 official_page: This is still the skeleton's value.",
        "! save-the-river/campaign.toml:9 privacy_policy: This is still the skeleton's value.",
        "! save-the-river/campaign.toml:36 first target (minister): address: "
        "This is still the skeleton's value.",
        *(
            f"! save-the-river/en.md:{line}: “{heading}” still contains the skeleton's text."
            for heading, line in (
                *(("Title", 5), ("Story", 9), ("More", 15), ("Ask", 19), ("Subject", 23)),
                *(("Letter", 27), ("Demands", 42), ("Who is responsible", 51)),
                ("Recipient", 59),
            )
        ),
    ]
    assert checked.out == ("Settings and campaigns are fine, apart from these remarks: 14.\n")


def test_campaigns_are_checked_without_settings(actionbot: Type, tmp_path: Path) -> None:
    made = actionbot("campaign", "new", "river")
    command = f"actionbot check --campaigns {tmp_path / 'campaigns'}"
    assert made.out.endswith(f"Write its texts, then run: {command}\n")
    checked = actionbot(*command.split()[1:])
    said = "The campaigns are fine, apart from these remarks: 14.\n"
    assert (checked.status, checked.out) == (0, said)
    file = Path("campaigns/river/campaign.toml")
    file.write_text(file.read_text().replace("keep_until = 2029-10-31", "keep_until = 2020-12-31"))
    checked = actionbot("check", "--campaigns", "campaigns", "--json")
    (mistake,) = [each for each in json.loads(checked.out) if each["grave"]]
    assert (checked.status, mistake) == (
        2,
        {
            "what": "This day is in the past: all personal data would be deleted at once.",
            "fix": "Choose a later day. If the campaign is over, move its folder away.",
            "where": "river/campaign.toml:12 keep_until",
            "grave": True,
        },
    )


def test_a_campaign_with_the_texts_of_the_skeleton_does_not_go_live(actionbot: Type) -> None:
    Path("actionbot.toml").write_text(toml(RIGHT))
    actionbot("campaign", "new", "river")
    actionbot("migrate")
    file = Path("campaigns/river/campaign.toml")
    file.write_text(
        file.read_text()
        .replace("test = true", "test = false")
        .replace("organisation.example", "river.alt")
        .replace("Your organisation", "River")
        .replace("minister@government.example", "minister@government.alt")
    )
    outcome = actionbot("campaign", "live", "river", "--yes")
    assert outcome.status == 2
    assert [line for line in outcome.err.splitlines() if line.startswith("✗")] == [
        "✗ river: It can't go live with texts and values of the skeleton.",
        *(
            f"✗ river/en.md:{line}: “{heading}” still contains the skeleton's text."
            for heading, line in (
                *(("Title", 5), ("Story", 9), ("More", 15), ("Ask", 19), ("Subject", 23)),
                *(("Letter", 27), ("Demands", 42), ("Who is responsible", 51), ("Recipient", 59)),
            )
        ),
    ]


@pytest.mark.parametrize("slug", ["River", "a_b", "", "x" * 31, "../up"])
def test_a_name_that_no_link_can_carry_is_refused(actionbot: Type, slug: str) -> None:
    outcome = actionbot("campaign", "new", slug)
    assert outcome.status == 2
    assert outcome.err == (
        f"✗ “{slug}” isn't a valid short name.\n  → Use 1 to 30 of a-z, 0-9 and hyphens.\n"
    )
    assert not Path("campaigns").exists()


def test_a_campaign_is_not_written_over(actionbot: Type) -> None:
    actionbot("campaign", "new", "river")
    texts = Path("campaigns/river/en.md")
    texts.write_text("mine")
    assert actionbot("campaign", "new", "river").status == 2
    assert texts.read_text() == "mine"


def test_check_tells_every_mistake_in_settings_and_campaigns_at_once(actionbot: Type) -> None:
    Path("actionbot.toml").write_text("[telegram]\ntokn = 'x'\n[web]\nport = 'y'\n")
    actionbot("campaign", "new", "river")
    file = Path("campaigns/river/campaign.toml")
    file.write_text(file.read_text().replace('country = "GB"', 'country = "Gb"'))
    outcome = actionbot("check")
    assert outcome.status == 2
    assert [line for line in outcome.err.splitlines() if line.startswith("✗")] == [
        "✗ actionbot.toml:1 telegram.token: This is missing.",
        "✗ actionbot.toml:2 telegram.tokn: Unknown setting.",
        "✗ actionbot.toml smtp.url: This is missing.",
        "✗ actionbot.toml mail.address: This is missing.",
        "✗ actionbot.toml:4 web.port: This isn't a valid whole number.",
        "✗ river/campaign.toml:37 first target (minister): country: This has the wrong format.",
    ]
    assert "  → Add it under [smtp], or set ACTIONBOT_SMTP__URL" in outcome.err.splitlines()
    as_json = actionbot("check", "--json")
    assert as_json.status == 2
    assert json.loads(as_json.out)[1] == {
        "what": "Unknown setting.",
        "fix": "Did you mean token?",
        "where": "actionbot.toml:2 telegram.tokn",
        "grave": True,
    }


def test_check_tells_where_no_letter_can_come_from_its_supporter(actionbot: Type) -> None:
    write_settings("")
    actionbot("campaign", "new", "river")
    file = Path("campaigns/river/campaign.toml")
    file.write_text(file.read_text().replace('# identity = "relay"', 'identity = "own"'))
    outcome = actionbot("check")
    told = (
        "! river/campaign.toml identity: "
        "No domain is listed as yours, so all letters are sent as with “relay”."
    )
    assert outcome.status == 0
    assert told in outcome.err.splitlines()
    write_settings('own_domains = ["members.example"]\n')
    assert told not in actionbot("check").err.splitlines()


def write_settings(mail: str) -> None:
    Path("actionbot.toml").write_text(
        '[telegram]\ntoken = "123456:a-token-of-nobody-at-all"\n'
        '[smtp]\nurl = "smtps://mail.example"\n'
        f'[mail]\naddress = "actions@send.example"\n{mail}'
    )


def test_stamp_says_which_campaigns_there_are(actionbot: Type) -> None:
    actionbot("campaign", "new", "river")
    outcome = actionbot("campaign", "stamp", "rivers")
    assert outcome.err == "✗ There is no campaign “rivers”.\n  → Existing campaigns: river\n"
    assert outcome.status == 2


def test_stamp_marks_a_translation_as_up_to_date(actionbot: Type) -> None:
    actionbot("campaign", "new", "river")
    file = Path("campaigns/river/campaign.toml")
    file.write_text(file.read_text().replace('languages = ["en"]  ', 'languages = ["en", "de"]'))
    original = Path("campaigns/river/en.md").read_text()
    edited = file.read_text().replace('{ en = "Min', '{ de = "Ministerin", en = "Min')
    file.write_text(edited)
    Path("campaigns/river/de.md").write_text(original)
    Path("actionbot.toml").write_text(toml(RIGHT))
    stale = "river/de.md: Not stamped yet."
    assert stale in actionbot("check").err
    assert actionbot("campaign", "stamp", "river").out == "Marked as up to date: de.md\n"
    assert stale not in actionbot("check").err
    again = actionbot("campaign", "stamp", "river").out
    assert again == "All translations were already marked.\n"
