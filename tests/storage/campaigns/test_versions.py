"""Published versions of campaigns: whoever writes to the database can't change what is served."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.packed_files import content_hash, pack
from conversations.model.campaigns.versions import VersionInfo, VersionOrigin
from storage.admin import authority
from storage.campaigns import versions
from storage.campaigns.versions import KEPT_VERSIONS, FolderState, NewVersion, Refusal
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import authority as authority_table
from storage.schema.tables import campaign_versions as table

NOON = datetime(2019, 6, 20, 12, tzinfo=UTC)


def river(text: str) -> CampaignFiles:
    return CampaignFiles("river", {"campaign.toml": b"", "en.md": text.encode()})


class Campaigns:
    """The versions in a database, changed one transaction at a time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault

    async def publish(
        self,
        text: str,
        base: int,
        origin: VersionOrigin = VersionOrigin.CHAT,
        publisher: str = "Ann",
    ) -> VersionInfo | Refusal:
        new = NewVersion(river(text), base, origin, publisher)
        at = NOON + timedelta(minutes=base)
        done = await self.database.transact(lambda c: versions.publish(c, self.vault, new, at))
        documents = await self.database.read(lambda c: authority.committed(c, self.vault))
        self.vault.trusted.advance(documents, None)
        return done

    async def folder(
        self, text: str, base: str = "", origin: VersionOrigin = VersionOrigin.FOLDER
    ) -> FolderState:
        """Publish a folder with `text`, which says that it changes the version with text `base`."""
        publish = partial(
            versions.publish_folder,
            vault=self.vault,
            files=river(text),
            base=content_hash(pack(river(base))) if base else "",
            origin=origin,
            now=NOON,
        )
        return await self.database.transact(publish)

    async def newest(self) -> str | None:
        """Return the text that supporters see."""
        found = await self.database.read(lambda c: versions.load_newest(c, self.vault, "river"))
        return found.files.text("en.md")[0] if found else None

    async def text(self, number: int) -> str | None:
        found = await self.database.read(lambda c: versions.load(c, self.vault, "river", number))
        return found.files.text("en.md")[0] if found else None

    async def history(self) -> list[tuple[int, str, str]]:
        found = await self.database.read(lambda c: versions.history(c, self.vault, "river"))
        return [(each.number, each.origin, each.publisher) for each in found]


@pytest.fixture
def campaigns(database: Database, vault: Vault) -> Campaigns:
    return Campaigns(database, vault)


async def test_the_newest_version_is_served(campaigns: Campaigns) -> None:
    assert await campaigns.newest() is None
    first = await campaigns.publish("Save the river.", 0, VersionOrigin.FOLDER, "")
    assert isinstance(first, VersionInfo)
    assert (first.number, first.base, first.at) == (1, 0, NOON)
    await campaigns.publish("Save our river.", 1)
    assert await campaigns.newest() == "Save our river."
    assert await campaigns.text(1) == "Save the river."
    assert await campaigns.history() == [(2, "chat", "Ann"), (1, "folder", "")]


async def test_a_change_of_an_older_version_is_refused(campaigns: Campaigns) -> None:
    await campaigns.publish("one", 0)
    await campaigns.publish("two", 1)
    assert await campaigns.publish("mine", 1) is Refusal.OUTDATED
    assert await campaigns.publish("mine", 0) is Refusal.OUTDATED
    assert await campaigns.newest() == "two"


async def test_a_folder_publishes_new_files_once(campaigns: Campaigns) -> None:
    assert await campaigns.folder("one") is FolderState.CURRENT
    assert await campaigns.folder("two") is FolderState.CURRENT
    assert await campaigns.folder("two") is FolderState.CURRENT
    assert await campaigns.history() == [(2, "folder", ""), (1, "folder", "")]
    assert await campaigns.folder("one") is FolderState.BEHIND, "the folder of another machine"
    await campaigns.folder("one", origin=VersionOrigin.COMMAND)
    assert await campaigns.folder("one") is FolderState.CURRENT
    assert await campaigns.newest() == "one"


async def test_a_folder_never_takes_the_place_of_what_was_edited_in_the_chat(
    campaigns: Campaigns,
) -> None:
    await campaigns.folder("one")
    await campaigns.publish("edited", 1)
    assert await campaigns.folder("mine") is FolderState.CONFLICT
    assert await campaigns.folder("mine", base="one") is FolderState.CONFLICT
    assert await campaigns.folder("mine", base="unknown") is FolderState.CONFLICT
    assert await campaigns.newest() == "edited"
    assert await campaigns.folder("both", base="edited") is FolderState.CURRENT
    assert await campaigns.newest() == "both"


async def test_only_the_last_fifty_can_be_read(campaigns: Campaigns) -> None:
    for number in range(KEPT_VERSIONS + 2):
        await campaigns.publish(f"text {number}", number)
    assert len(await campaigns.history()) == KEPT_VERSIONS
    assert await campaigns.text(2) is None
    assert await campaigns.text(3) == "text 2"
    assert await campaigns.folder("text 0") is FolderState.BEHIND


@pytest.mark.parametrize(
    "change",
    [
        {"files": b"x"},
        {"content_hash": "0" * 64},
        {"origin": "command"},
        {"origin": "nowhere"},
        {"at": NOON - timedelta(days=1)},
        {"encrypted_publisher": b"x" * 100},
        {"base": 7},
        {"digest": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_version_that_was_changed_from_outside_is_not_served(
    campaigns: Campaigns, change: dict[str, object]
) -> None:
    await campaigns.publish("one", 0)
    await campaigns.publish("two", 1)

    def forge(connection: Connection) -> None:
        connection.execute(update(table).where(table.c.number == 2).values(**change))

    await campaigns.database.transact(forge)
    assert await campaigns.newest() is None
    assert await campaigns.text(1) == "one"


async def test_an_older_version_cannot_take_the_place_of_the_newest(campaigns: Campaigns) -> None:
    await campaigns.publish("write to the ministry", 0)
    await campaigns.publish("write to the company", 1)

    def swap(connection: Connection) -> None:
        old = connection.execute(select(table).where(table.c.number == 1)).mappings().one()
        connection.execute(delete(table))
        connection.execute(insert(table), {**old, "number": 2})

    await campaigns.database.transact(swap)
    assert await campaigns.newest() is None


async def test_a_list_of_yesterday_is_not_believed(campaigns: Campaigns) -> None:
    def stored(connection: Connection) -> list[dict[str, object]]:
        return [dict(each) for each in connection.execute(select(authority_table)).mappings()]

    await campaigns.publish("one", 0)
    before = await campaigns.database.read(stored)
    await campaigns.publish("two", 1)

    def roll_back(connection: Connection) -> None:
        connection.execute(delete(authority_table))
        connection.execute(insert(authority_table), before)

    await campaigns.database.transact(roll_back)
    assert await campaigns.newest() == "two"
    assert await campaigns.publish("three", 2) is Refusal.UNTRUSTED
    assert await campaigns.folder("three") is FolderState.UNTRUSTED
