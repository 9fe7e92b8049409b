"""Test mode and its end, as an organisation types it."""

import json
import sqlite3
from contextlib import closing

import pytest

from bot.settings.addresses import is_reserved
from storage.schema.encryption import AUTHORITY
from tests.bot.organisation import Organisation, hears, presses, walks_to_the_end
from tests.vaults import vault_of

TESTS = "tests@letters.example"
RESERVED = "chief-executive@government-hk.example"
TARGET = "chief-executive@government-hk.alt"
SUMMARY = f"""\
Campaign:     Stand up for people's rights in Hong Kong (hong-kong)
Organisation: Open Letters Hong Kong, people@open-letters-hk.example
Target:       Chief Executive, Government of Hong Kong <{TARGET}>, for all other countries
Languages:    en, zh-Hant, zh-Hans, es, fr, pt, ru, ar
Letters:      from now until you close it
Deleted:      all personal data, after 2029-09-30
"""


def edit(organisation: Organisation, old: str, new: str) -> None:
    file = organisation.folder / "campaigns" / "hong-kong" / "campaign.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def says_test(organisation: Organisation) -> None:
    organisation.sets(mail={"test_address": TESTS})
    edit(organisation, "goal = 20000\n", "goal = 20000\ntest = true\n")


def says_live(organisation: Organisation) -> None:
    edit(organisation, "test = true\n", "")


def in_test_mode(organisation: Organisation) -> dict[str, bool]:
    """Return whether each campaign is in test mode, as the database says."""
    with closing(sqlite3.connect(organisation.folder / "actionbot.db")) as connection:
        query = "SELECT encrypted_content FROM authority WHERE name = 'modes'"
        (content,) = connection.execute(query).fetchone()
    vault = vault_of(organisation.folder / "actionbot.keys")
    modes = json.loads(vault.decrypt(content, AUTHORITY, row=b"modes"))["content"]
    return {slug: mode["test"] for slug, mode in modes.items()}


@pytest.mark.parametrize(
    "address",
    [
        *("a@b.example", "a@example", "a@b.test", "a@b.invalid", "a@localhost", "a@b.localhost"),
        *("a@example.com", "a@mail.example.net", "a@EXAMPLE.org", "a@b.Example."),
    ],
)
def test_a_reserved_domain_reaches_nobody(address: str) -> None:
    assert is_reserved(address)


@pytest.mark.parametrize(
    "address",
    ["a@example.de", "a@counterexample.org", "example@b.org", "a@example.co", "a@test.gov.hk"],
)
def test_any_other_domain_may_reach_somebody(address: str) -> None:
    assert not is_reserved(address)


async def test_a_live_campaign_that_writes_to_nobody_is_refused(organisation: Organisation) -> None:
    edit(organisation, TARGET, RESERVED)
    said = (
        f"✗ hong-kong, target chief-executive: {RESERVED} reaches nobody: its domain is for"
        " examples and tests.\n  → Use the target's real address, or set test = true.\n"
    )
    for command in ("run", "work", "check"):
        outcome = await organisation.types(command)
        assert (outcome.status, outcome.err.endswith(said)) == (2, True), outcome.err
    says_test(organisation)
    async with organisation.running("run"):
        pass
    organisation.sets(mail={"test": True})
    says_live(organisation)
    async with organisation.running("run"):
        pass


async def test_a_bot_that_runs_takes_in_no_edit_that_writes_to_nobody(
    organisation: Organisation,
) -> None:
    async with organisation.running("run") as running:
        edit(organisation, TARGET, RESERVED)
        await running.logs("reaches nobody")
        await running.logs("stays in service as it was before")


async def test_a_test_address_that_is_the_targets_is_refused(organisation: Organisation) -> None:
    organisation.sets(mail={"test": True, "test_address": TARGET})
    outcome = await organisation.types("run")
    assert outcome.status == 2
    assert outcome.err.endswith(
        "✗ hong-kong, target chief-executive: Test letters would go to this target: it has your"
        " test address.\n  → Set another test_address under [mail].\n"
    )


async def test_a_campaign_goes_live_beside_a_bot_that_runs(organisation: Organisation) -> None:
    says_test(organisation)
    maria = organisation.telegram.add_person(771_177, "Maria", "Silva")
    pedro = organisation.telegram.add_person(771_178, "Pedro")
    inbox = organisation.inbox
    async with organisation.running("run") as running:
        await walks_to_the_end(maria, organisation, "maria@mail.example")
        refused = await organisation.types("campaign", "live", "hong-kong", "--yes")
        assert (refused.status, refused.err) == (
            2,
            "✗ hong-kong/campaign.toml test: Its file still says test = true.\n"
            "  → Set test = false there, then run this again.\n",
        )
        says_live(organisation)
        await running.logs("not confirmed: run actionbot campaign live")
        checked = await organisation.types("check")
        assert (checked.status, checked.err) == (
            0,
            "! hong-kong: Still in test mode: going live hasn't been confirmed.\n"
            "  → Run: actionbot campaign live hong-kong\n",
        )
        no = await organisation.types("campaign", "live", "hong-kong", piped=b"n\n")
        assert (no.status, in_test_mode(organisation)) == (1, {"hong-kong": True})
        assert no.out.startswith(SUMMARY)
        assert no.out.endswith("Still in test mode.\n")
        yes = await organisation.types("campaign", "live", "hong-kong", piped=b"y\n")
        assert (yes.status, in_test_mode(organisation)) == (0, {"hong-kong": False})
        assert yes.out.endswith("hong-kong is live. Test letters deleted: 1\n")
        assert '"event":"campaign live"' in yes.err
        await running.logs('"event":"campaign live"')
        again = await organisation.types("campaign", "live", "hong-kong")
        assert (again.status, again.err) == (2, "✗ hong-kong: It isn't in test mode.\n")
        await walks_to_the_end(pedro, organisation, "pedro@mail.example")
        figures = json.loads((await organisation.types("export", "--json")).out)
    letters = [mail.recipients for mail in inbox.mails if "X-Report-Abuse" in mail.message]
    assert letters == [(TESTS,), (TARGET,)]
    assert [each["count"] for each in figures if each["value"] == "accepted"] == [1]


async def test_a_campaign_cannot_go_live_while_the_settings_say_test(
    organisation: Organisation,
) -> None:
    organisation.sets(mail={"test": True})
    async with organisation.running("run") as running:
        assert any('"reason":"the settings say so"' in line for line in running.log)
        outcome = await organisation.types("campaign", "live", "hong-kong", "--yes")
    assert (outcome.status, outcome.err) == (
        2,
        "✗ mail.test: The settings put all campaigns into test mode.\n"
        "  → Set test = false, restart the bot, then run this again.\n",
    )
    organisation.sets(mail={"test": False})
    edit(organisation, TARGET, RESERVED)
    outcome = await organisation.types("campaign", "live", "hong-kong", "--yes")
    assert (outcome.status, "reaches nobody" in outcome.err) == (2, True)
    edit(organisation, RESERVED, TARGET)
    published = await organisation.types("campaign", "publish", "hong-kong")  # again
    assert published.status == 0, published.err
    outcome = await organisation.types("campaign", "live", "hong-kong", "--yes")
    assert (outcome.status, outcome.out) == (
        0,
        f"{SUMMARY}hong-kong is live. Test letters deleted: 0\n",
    )


async def test_a_campaign_that_is_not_there_or_broken_does_not_go_live(
    organisation: Organisation,
) -> None:
    outcome = await organisation.types("campaign", "live", "hong-kong", "--yes")
    assert (outcome.status, outcome.err.startswith("✗ There is no database yet.")) == (2, True)
    async with organisation.running("run"):
        pass
    outcome = await organisation.types("campaign", "live", "rivers", "--yes")
    said = "✗ There is no campaign “rivers”.\n  → Existing campaigns: hong-kong\n"
    assert (outcome.status, outcome.err) == (2, said)
    edit(organisation, "goal = 20000", "gaol = 20000")
    outcome = await organisation.types("campaign", "live", "hong-kong", "--yes")
    assert (outcome.status, "gaol: This key is not known." in outcome.err) == (2, True)


async def test_the_file_is_taken_in_while_the_bot_runs(organisation: Organisation) -> None:
    """Test mode begins within seconds, and its mark is the first thing that people read."""
    maria = organisation.telegram.add_person(771_177, "Maria", "Silva")
    async with organisation.running("run") as running:
        assert in_test_mode(organisation) == {"hong-kong": False}
        says_test(organisation)
        await running.logs('"event":"test mode"')
        assert in_test_mode(organisation) == {"hong-kong": True}
        maria.start("hong-kong")
        await hears(
            maria, "TEST MODE: the letter goes to actions@send.example, not to Chief Executive"
        )
        await presses(maria, "Write the letter")
        await presses(maria, "Continue")
