"""Commands as they are typed: what they print, and their exit status."""

import asyncio
import errno
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from bot.cli import processes
from bot.errors import CommandError
from bot.playground import demo
from tests.bot.conftest import Type
from tests.bot.organisation import RIGHT, TOKEN, Organisation, toml

COMMANDS = (
    *("demo", "init", "run", "work", "check", "doctor", "migrate", "keys", "keys dkim"),
    *("export", "recount", "purge", "backup", "restore", "bounce", "privacy"),
    *("archive", "archive new-key", "archive export", "archive open"),
    *("campaign", "campaign new", "campaign stamp", "campaign live"),
    *("campaign publish", "campaign pull"),
    *("languages", "languages export", "languages reviewed"),
)
NEED_SETTINGS = (
    *("run", "work", "migrate", "keys", "keys dkim", "export", "purge", "privacy"),
    "backup copy.db",
    "restore copy.db",
    "campaign live river",
    "campaign publish river",
    "campaign pull river",
    "archive export records.txt",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(actionbot: Type, command: str) -> None:
    outcome = actionbot(*command.split(), "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert f"actionbot {command}" in outcome.out


def test_the_help_names_every_command(actionbot: Type) -> None:
    said = actionbot("--help").out
    assert [command for command in COMMANDS if f" {command.split()[0]} " not in said] == []


def test_the_help_lists_first_what_is_needed_first(actionbot: Type) -> None:
    lines = actionbot("--help").out.splitlines()
    listed = [found[1] for line in lines if (found := re.match(r"│ (\w+) ", line))]
    assert listed[:5] == ["demo", "init", "check", "doctor", "run"]


def test_the_help_breaks_lines_at_the_edge_only(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.strip() for line in actionbot("bounce", "--help").out.splitlines()]
    assert "longer counted. A reply to a code email means “this wasn't me”; other replies" in lines


@pytest.mark.parametrize("command", NEED_SETTINGS)
def test_without_settings_a_command_says_how_to_begin(actionbot: Type, command: str) -> None:
    outcome = actionbot(*command.split())
    said = "✗ actionbot.toml: No settings found here.\n  → Run: actionbot init\n"
    assert (outcome.status, outcome.out, outcome.err) == (2, "", said)


@pytest.mark.parametrize(("options", "has_history"), [((), True), (("--empty",), False)])
def test_the_demo_has_a_history_unless_it_is_to_be_empty(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], has_history: bool
) -> None:
    started = []

    def playground(*_: object, with_history: bool) -> None:
        started.append(with_history)
        raise OSError

    monkeypatch.setattr(demo, "playground", playground)
    assert actionbot("demo", "--port", "0", *options).status == 2
    assert started == [has_history]


def test_the_version_is_printed(actionbot: Type) -> None:
    outcome = actionbot("--version")
    assert (outcome.status, outcome.out) == (0, f"actionbot {version('actionbot')}\n")


def test_shells_can_complete_commands(actionbot: Type) -> None:
    assert "--install-completion" in actionbot("--help").out
    completed = subprocess.run(  # noqa: S603 - our own program
        [Path(sys.executable).with_name("actionbot")],
        env={
            **os.environ,
            "_ACTIONBOT_COMPLETE": "complete_bash",
            "COMP_WORDS": "actionbot do",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert completed.stdout.split() == ["doctor"]


def test_a_file_that_cannot_be_used_is_no_unexpected_error(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: object) -> None:
        raise PermissionError(errno.EACCES, "no", "campaigns")

    monkeypatch.setattr("bot.doctor.configuration.find_mistakes", refused)
    outcome = actionbot("check")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ campaigns: You have no permission to use it.\n"
        "  → Check its owner and mode (ls -l), and run this as the bot's user.\n",
    )


def test_an_unknown_command_is_refused(actionbot: Type) -> None:
    outcome = actionbot("nonsense")
    assert outcome.status == 2
    assert "No such command" in outcome.err


def test_what_should_not_happen_shows_no_words_and_no_traceback(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ExceptionGroup("many", [ValueError(f"the token is {TOKEN}")])

    monkeypatch.setattr("bot.doctor.configuration.find_mistakes", broken)
    outcome = actionbot("check")
    assert outcome.status == 1
    assert outcome.err.startswith("✗ Unexpected error: ValueError in bot/cli/main.py:")
    assert TOKEN not in outcome.err


def test_a_mistake_among_several_tasks_is_told_as_such(
    actionbot: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mistaken(_: object) -> None:
        raise ExceptionGroup("many", [CommandError("What.", fix="Mend.", where="here")])

    monkeypatch.setattr("bot.doctor.configuration.find_mistakes", mistaken)
    outcome = actionbot("check")
    assert (outcome.status, outcome.err) == (2, "✗ here: What.\n  → Mend.\n")


def test_the_bot_runs_on_uvloop() -> None:
    loops: list[str] = []

    async def look() -> None:
        loops.append(type(asyncio.get_running_loop()).__module__)

    processes.run_service(look())
    assert loops == ["uvloop"]


# --- campaigns and check ------------------------------------------------------------------------


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


# --- doctor -------------------------------------------------------------------------------------


async def test_the_doctor_finds_no_fault(organisation: Organisation) -> None:
    async with organisation.running("run"):
        outcome = await organisation.types("doctor")
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    assert lines[0] == "✓ settings and campaigns: No mistakes found."
    assert "✓ token: The bot is @action_bot." in lines
    assert "✓ keys: They match the database." in lines
    assert [line for line in lines if line.startswith("✗")] == []
    assert "! picture: The bot has no picture." in lines
    assert lines[-1] == "Problems: 0. Warnings: 6."


async def test_the_doctor_makes_neither_database_nor_keys(organisation: Organisation) -> None:
    before = sorted(path.name for path in organisation.folder.iterdir())
    outcome = await organisation.types("doctor")
    assert outcome.status == 0
    assert sorted(path.name for path in organisation.folder.iterdir()) == before
    await organisation.types("migrate")
    outcome = await organisation.types("doctor")
    assert outcome.status == 0
    assert not (organisation.folder / "actionbot.keys").exists()


async def test_the_doctor_sends_a_letter_to_try(organisation: Organisation) -> None:
    outcome = await organisation.types("doctor", "--send", "ann@mailbox.example")
    assert outcome.status == 0
    (mail,) = organisation.inbox.mails
    assert mail.recipients == ("ann@mailbox.example",)
    assert str(mail.message["Subject"]).startswith("[TEST] ")


async def test_the_doctor_tells_everything_that_is_wrong(organisation: Organisation) -> None:
    organisation.sets(
        telegram={"token": TOKEN},
        smtp={"url": "smtp+plain://ann:hunter2@127.0.0.1:9"},
        database={"url": "sqlite:///no/such/folder.db"},
    )
    outcome = await organisation.types("doctor", "--json")
    found = json.loads(outcome.out)
    assert outcome.status == 1
    bad = [each for each in found if each["well"] == "bad"]
    assert [each["what"] for each in bad] == ["token", "database", "mail server"]
    assert all(each["fix"] for each in bad)
    assert [secret for secret in (TOKEN, "hunter2") if secret in outcome.out + outcome.err] == []


def test_the_doctor_stops_where_settings_are_missing(actionbot: Type) -> None:
    outcome = actionbot("doctor")
    assert outcome.status == 1
    assert outcome.out.splitlines()[:2] == [
        "✗ settings and campaigns (actionbot.toml): No settings found here.",
        "  → Run: actionbot init",
    ]


def test_a_command_is_spared_what_it_does_not_need() -> None:
    """A mail server may start `bounce` many times a minute."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, bot.cli.main; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    spared = {"sqlalchemy", "alembic", "aiohttp", "telegram", "matplotlib", "cryptography"}
    spared |= {"rapidfuzz", "conversations.core.buttons"}
    assert spared & {*told.stdout.split()} == set()
