"""Whether a version of a campaign can be restored."""

from datetime import UTC, datetime

from bot.services.conversation.facts.version_facts import load_version
from conversations.admin.history import PublishedVersion
from conversations.folder.campaign_files import read_folder
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.versions import VersionOrigin
from conversations.model.mistakes import Mistake
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from storage.crypto.vault import Vault
from storage.engine.database import Database
from tests.conversations.play import OTHERS

NOBODY = Mistake("It writes to nobody.", where="river")


async def test_a_version_that_would_not_be_served_is_not_restored(
    database: Database, vault: Vault
) -> None:
    """The bot would not start with it."""

    async def find_errors(campaign: Campaign) -> tuple[Mistake, ...]:
        return (NOBODY,) if campaign.slug == "river" else ()

    first = NewVersion(read_folder(OTHERS / "river"), 0, VersionOrigin.COMMAND)
    now = datetime(2019, 6, 20, 12, tzinfo=UTC)
    await database.transact(lambda c: versions.publish(c, vault, first, now))
    found = await load_version(database, vault, PublishedVersion("river", 1), find_errors)
    assert found is not None
    assert found.mistakes == (NOBODY,)
