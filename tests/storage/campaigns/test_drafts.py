"""Drafts of campaigns: one for each, edited in turn, never overwritten unseen."""

import asyncio
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Connection, text, update
from sqlalchemy.util import await_only

from conversations.core.effects.campaigns import PublishCampaignDraft, SaveCampaignDraft
from conversations.folder.campaign_files import CampaignFiles
from conversations.model.campaigns.campaign_draft import DraftApproval, DraftEditor
from conversations.model.campaigns.versions import VersionOrigin
from storage.admin import authority
from storage.campaigns import drafts, versions
from storage.campaigns.drafts import SavedCampaignDraft
from storage.campaigns.versions import NewVersion
from storage.crypto.vault import DecryptionError, Vault
from storage.engine.database import Database
from storage.schema.tables import campaign_drafts as table

NOON = datetime(2019, 6, 20, 12, tzinfo=UTC)
ANN, BEN = DraftEditor("a1", "Ann"), DraftEditor("b2", "Ben")


_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Drafts:
    """The draft of a campaign, changed one transaction at a time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database, self.vault = database, vault

    async def save(
        self, text: str, by: DraftEditor = ANN, *, seen: str = "", base: int = 1
    ) -> bool:
        content = {"campaign.toml": b"", "en.md": text.encode()}
        effect = SaveCampaignDraft("river", content, base, seen, by.name, "en: title")
        save = partial(drafts.save, vault=self.vault, member=by.member, effect=effect, now=NOON)
        return await self.database.transact(save)

    async def find(self) -> SavedCampaignDraft | None:
        return await self.database.read(lambda c: drafts.find(c, self.vault, "river"))

    async def revision(self) -> str:
        found = await self.find()
        return found.revision if found else ""

    async def text(self) -> str | None:
        found = await self.find()
        return found.files.text("en.md")[0] if found else None

    async def approve(self, by: DraftEditor, seen: str) -> bool:
        return await self.database.transact(
            lambda c: drafts.approve(c, self.vault, "river", seen, by)
        )

    async def publish(self, seen: str, *, needs_approval: bool = False) -> bool:
        effect = PublishCampaignDraft("river", seen, "Ann", needs_approval)
        publish = partial(drafts.publish, vault=self.vault, member="a1", effect=effect, now=NOON)
        done = await self.database.transact(publish)
        await self.remember()
        return done

    async def publish_elsewhere(self, text: str, base: int) -> None:
        files = CampaignFiles("river", {"campaign.toml": b"", "en.md": text.encode()})
        new = NewVersion(files, base, VersionOrigin.FOLDER)
        await self.database.transact(lambda c: versions.publish(c, self.vault, new, NOON))
        await self.remember()

    async def remember(self) -> None:
        documents = await self.database.read(lambda c: authority.committed(c, self.vault))
        self.vault.trusted.advance(documents, None)

    async def newest(self) -> tuple[int, str, str] | None:
        found = await self.database.read(lambda c: versions.load_newest(c, self.vault, "river"))
        if found is None:
            return None
        return found.info.number, found.info.publisher, found.files.text("en.md")[0]


@pytest.fixture
def river(database: Database, vault: Vault) -> Drafts:
    return Drafts(database, vault)


async def test_two_people_edit_a_draft_in_turn(river: Drafts) -> None:
    assert await river.find() is None
    assert await river.save("ann's")
    assert await river.save("both", BEN, seen=await river.revision())
    found = await river.find()
    assert found is not None
    assert (found.files.text("en.md")[0], found.base, found.editors) == ("both", 1, (ANN, BEN))
    assert await river.save("again", ANN, seen=found.revision)
    assert (await river.find() or found).editors == (BEN, ANN)


async def test_a_change_that_was_not_seen_is_not_overwritten(river: Drafts) -> None:
    assert await river.save("ann's")
    seen = await river.revision()
    assert await river.save("ben's", BEN, seen=seen)
    assert not await river.save("ann's again", seen=seen)
    assert not await river.save("ann's again")
    assert await river.text() == "ben's"
    assert not await river.database.transact(lambda c: drafts.drop(c, "river", seen))
    latest = await river.revision()
    assert await river.database.transact(lambda c: drafts.drop(c, "river", latest))
    assert await river.find() is None


async def test_a_draft_is_published_on_its_base_only(river: Drafts) -> None:
    await river.save("first", base=0)
    assert await river.publish(await river.revision())
    assert await river.newest() == (1, "Ann", "first")
    assert await river.find() is None
    await river.save("ann's", base=1)
    await river.publish_elsewhere("a folder's", base=1)
    assert not await river.publish(await river.revision())
    assert await river.newest() == (2, "", "a folder's")
    assert await river.text() == "ann's"


async def test_an_approval_is_for_one_content(river: Drafts) -> None:
    await river.save("ann's", base=0)
    seen = await river.revision()
    assert not await river.publish(seen, needs_approval=True)
    assert await river.approve(BEN, seen)
    found = await river.find()
    assert found is not None
    assert found.approval == DraftApproval(found.digest, BEN)
    await river.save("changed", base=0, seen=seen)
    assert not await river.approve(BEN, seen)
    assert not await river.publish(await river.revision(), needs_approval=True)
    assert await river.approve(BEN, await river.revision())
    await river.database.transact(drafts.revoke_approvals)
    assert not await river.publish(await river.revision(), needs_approval=True)
    assert await river.approve(BEN, await river.revision())
    assert await river.publish(await river.revision(), needs_approval=True)
    assert await river.newest() == (1, "Ann", "changed")


async def test_the_state_stays_unless_it_is_given(river: Drafts, vault: Vault) -> None:
    effect = SaveCampaignDraft("river", {}, 0, "", "Ann", "page", {"page": ["one"]})
    await river.database.transact(lambda c: drafts.save(c, vault, "a1", effect, NOON))
    await river.save("text", base=0, seen=await river.revision())
    found = await river.find()
    assert found is not None
    assert found.state == {"page": ["one"]}


async def test_an_erased_person_is_no_longer_named(river: Drafts, vault: Vault) -> None:
    await river.save("ann's")
    await river.save("both", BEN, seen=await river.revision())
    await river.database.transact(lambda c: drafts.erase_editor(c, vault, "a1"))
    found = await river.find()
    assert found is not None
    assert (found.editors, await river.text()) == ((BEN,), "both")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_an_erasure_keeps_what_another_person_saves_meanwhile(
    river: Drafts, vault: Vault
) -> None:
    await river.save("ann's")
    content = {"campaign.toml": b"", "en.md": b"both"}
    seen = await river.revision()
    effect = SaveCampaignDraft("river", content, 1, seen, BEN.name, "en: title", {"asks": "title"})
    saved, goes_on = asyncio.Event(), asyncio.Event()

    def save(connection: Connection) -> None:
        drafts.save(connection, vault, BEN.member, effect, NOON)
        saved.set()
        await_only(goes_on.wait())

    saving = asyncio.create_task(river.database.transact(save))
    await saved.wait()
    erase = partial(drafts.erase_editor, vault=vault, member="a1")
    erasing = asyncio.create_task(river.database.transact(erase))
    while not await river.database.read(lambda c: c.execute(_WAITS).scalar()):
        pass
    goes_on.set()
    await asyncio.gather(saving, erasing)
    found = await river.find()
    assert found is not None
    assert (found.editors, found.state, await river.text()) == ((BEN,), {"asks": "title"}, "both")


async def test_nobody_slips_a_text_in(river: Drafts) -> None:
    await river.save("ann's")
    forged = update(table).values(encrypted_files=b"forged")
    await river.database.transact(lambda c: c.execute(forged))
    with pytest.raises(DecryptionError):
        await river.find()
