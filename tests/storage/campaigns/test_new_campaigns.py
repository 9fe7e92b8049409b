"""Campaigns that are being made: each person sees their own; creating one starts test mode."""

from datetime import UTC, datetime

import pytest

from conversations.core.effects import Effect
from conversations.core.effects.new_campaigns import (
    CreateCampaign,
    DropNewCampaign,
    SaveNewCampaign,
)
from conversations.model.campaigns.versions import VersionOrigin
from storage import apply_effects
from storage.admin import campaign_modes
from storage.campaigns import drafts, versions
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.transaction import StaleAnswer

NOON = datetime(2019, 6, 20, 12, tzinfo=UTC)
ANN, BEN = 1001, 1002
FILES = {"campaign.toml": b"slug = 'owls'", "en.md": b"# Label"}


class Makers:
    """What two people save of new campaigns, one transaction at a time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault

    async def apply(self, effect: Effect, person: int = ANN) -> None:
        keys = PersonKeys(self.vault, person)
        await self.database.transact(
            lambda c: apply_effects.apply(
                c, self.vault, keys, (effect,), now=NOON, turn_id="t", who="w"
            )
        )

    async def found(self, person: int = ANN) -> tuple[str, str, dict[str, object]] | None:
        """Return id, revision and state of what a person saved."""
        member = PersonKeys(self.vault, person).staff.hex()
        found = await self.database.read(lambda c: drafts.find_new(c, self.vault, member))
        return (found[0], found[1].revision, dict(found[1].state)) if found else None


@pytest.fixture
def makers(database: Database, vault: Vault) -> Makers:
    return Makers(database, vault)


async def test_each_person_has_a_campaign_of_their_own(makers: Makers) -> None:
    await makers.apply(SaveNewCampaign("+a1", "", "Ann", {"page": "parts"}))
    assert await makers.found(BEN) is None
    found = await makers.found()
    assert found is not None and found[0] == "+a1" and found[2] == {"page": "parts"}
    await makers.apply(SaveNewCampaign("+a1", found[1], "Ann", {"page": "ready"}))
    with pytest.raises(StaleAnswer):
        await makers.apply(SaveNewCampaign("+a1", found[1], "Ann", {"page": "begin"}))
    again = await makers.found()
    assert again is not None and again[2] == {"page": "ready"}
    assert await makers.database.read(drafts.campaigns) == ()
    await makers.apply(DropNewCampaign("+a1", again[1]))
    assert await makers.found() is None


async def test_a_campaign_is_created_in_test_mode(makers: Makers) -> None:
    await makers.apply(SaveNewCampaign("+a1", "", "Ann", {}))
    found = await makers.found()
    assert found is not None
    await makers.apply(CreateCampaign("owls", FILES, "+a1", found[1], "Ann"))
    assert await makers.found() is None
    vault = makers.vault
    version = await makers.database.read(lambda c: versions.load_newest(c, vault, "owls"))
    assert version is not None
    assert (version.info.number, version.info.origin) == (1, VersionOrigin.CHAT)
    assert (version.info.publisher, version.files.content) == ("Ann", FILES)
    modes = await makers.database.read(lambda c: campaign_modes.load(c, vault))
    assert modes.of("owls").test


async def test_a_campaign_that_exists_is_not_created_again(makers: Makers) -> None:
    for id_, person in (("+a1", ANN), ("+b2", BEN)):
        await makers.apply(SaveNewCampaign(id_, "", "x", {}), person)
    first, second = await makers.found(ANN), await makers.found(BEN)
    assert first is not None and second is not None
    await makers.apply(CreateCampaign("owls", FILES, "+a1", first[1], "Ann"))
    with pytest.raises(StaleAnswer):
        await makers.apply(CreateCampaign("owls", FILES, "+b2", second[1], "Ben"), BEN)
    assert await makers.found(BEN) is not None
