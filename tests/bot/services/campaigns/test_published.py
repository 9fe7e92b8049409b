"""A campaign folder that changes while the bot runs, and versions published elsewhere."""

import asyncio
import shutil
import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, update
from structlog.testing import capture_logs

from bot.services.campaigns import published
from bot.services.campaigns.folder import BASE_FILE, record_base
from bot.services.campaigns.published import SETTLE_TIME, PublishedCampaigns
from conversations.folder.campaign_files import CampaignFiles, read_folder
from conversations.folder.loading import LoadedCampaign, load_campaigns
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.versions import VersionInfo, VersionOrigin
from conversations.model.mistakes import Mistake
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion, Refusal, Version
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.schema.tables import campaign_versions
from tests.conversations.play import OTHERS

NOW = datetime(2019, 6, 20, 12, tzinfo=UTC)
STAYS = ("river", "The campaign stays in service as it was before.")


async def nothing() -> None:
    pass


class Machine:
    """A machine with a campaign folder, or without one."""

    def __init__(self, database: Database, vault: Vault, folder: Path) -> None:
        self.database, self.vault, self.folder = database, vault, folder
        self.changes = 0
        self.seconds = 0.0
        self.campaigns = PublishedCampaigns(
            database, vault, folder, lambda: NOW, self._changed, lambda: self.seconds
        )

    async def _changed(self) -> None:
        self.changes += 1

    def edit(self, old: str, new: str) -> None:
        path = self.folder / "river" / "campaign.toml"
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new), encoding="utf-8")

    async def looks(self, *after: float) -> None:
        """Look for changes now, and again after so many seconds: until the folder has settled."""
        await self.campaigns.run_once()
        for seconds in after or (SETTLE_TIME,):
            self.seconds += seconds
            await self.campaigns.run_once()

    async def newest(self) -> Version:
        read = partial(versions.load_newest, vault=self.vault, slug="river")
        newest = await self.database.read(read)
        assert newest is not None
        return newest

    async def edits_in_the_chat(self, old: bytes, new: bytes) -> VersionInfo | Refusal:
        """Publish a change of the newest version, as the chat does."""
        newest = await self.newest()
        content = dict(newest.files.content)
        content["campaign.toml"] = content["campaign.toml"].replace(old, new)
        files = CampaignFiles("river", content)
        version = NewVersion(files, newest.info.number, VersionOrigin.CHAT, "Olga")
        publish = partial(versions.publish, vault=self.vault, new=version, now=NOW)
        return await self.database.transact(publish)

    @property
    def goal(self) -> int | None:
        return self.campaigns.in_service["river"].goal

    @property
    def told(self) -> list[tuple[str, str]]:
        found = self.campaigns.mistakes
        return [(each.where, each.problem) for each in found if "pt" not in each.problem]

    @property
    def base(self) -> str:
        return (self.folder / "river" / BASE_FILE).read_text("ascii").strip()


@pytest.fixture
async def machine(database: Database, vault: Vault, tmp_path: Path) -> Machine:
    shutil.copytree(OTHERS / "river", tmp_path / "campaigns" / "river")
    machine = Machine(database, vault, tmp_path / "campaigns")
    await machine.campaigns.start()
    return machine


async def another(machine: Machine, tmp_path: Path) -> Machine:
    """Start another machine, with a copy of the folder as it is now."""
    shutil.copytree(machine.folder, tmp_path / "another")
    other = Machine(machine.database, machine.vault, tmp_path / "another")
    await other.campaigns.start()
    return other


# --- the folder -----------------------------------------------------------------------------------


async def test_a_change_is_published_and_reported_once(machine: Machine) -> None:
    machine.edit("goal = 3000", "goal = 31000")
    await machine.looks()
    await machine.looks()
    assert machine.goal == 31000
    assert machine.changes == 1


async def test_a_change_is_published_once_the_folder_has_settled(machine: Machine) -> None:
    """A campaign is saved file by file. Half of that may be correct, and must not be public."""
    machine.edit("goal = 3000", "goal = 31000")
    await machine.looks(2)
    texts = machine.folder / "river" / "en.md"
    texts.write_text(f"{texts.read_text('utf-8')}\n", "utf-8")
    await machine.looks(1, 1)
    assert (machine.goal, machine.changes) == (3000, 0)
    await machine.looks(1)
    assert (machine.goal, machine.changes) == (31000, 1)
    newest = await machine.newest()
    assert (newest.info.number, newest.files.text("en.md")[0][-2:]) == (2, "\n\n")


async def test_mistakes_of_a_folder_that_is_being_saved_are_not_reported(machine: Machine) -> None:
    machine.edit("goal = 3000", "gaol = 3000")
    await machine.looks(1)
    assert machine.told == []
    machine.edit("gaol = 3000", "goal = 4000")
    await machine.looks()
    assert (machine.goal, machine.told) == (4000, [])


async def test_a_new_folder_opens_a_campaign(machine: Machine) -> None:
    shutil.copytree(machine.folder / "river", machine.folder / "brook")
    path = machine.folder / "brook" / "campaign.toml"
    content = path.read_text(encoding="utf-8")
    path.write_text(content.replace('slug = "river"', 'slug = "brook"'), encoding="utf-8")
    await machine.looks()
    assert sorted(machine.campaigns.in_service) == ["brook", "river"]


async def test_a_campaign_with_mistakes_does_not_replace_the_former_one(machine: Machine) -> None:
    machine.edit("goal = 3000", "gaol = 3000")
    with capture_logs() as logs:
        await machine.looks()
    assert machine.goal == 3000
    wrong = ("river/campaign.toml:26 gaol", "This key is not known.")
    assert machine.told == [wrong, STAYS]
    assert [(each["log_level"], each["where"], each["mistake"]) for each in logs] == [
        ("error", *wrong),
        ("info", *STAYS),
    ]
    machine.edit("gaol = 3000", "goal = 3000")
    await machine.looks()
    assert machine.told == []


async def test_a_campaign_that_must_not_be_loaded_is_reported(machine: Machine) -> None:
    async def refused(campaign: Campaign) -> tuple[Mistake, ...]:
        return (Mistake("It writes to nobody.", where="river"),) if campaign.goal == 1 else ()

    machine.campaigns.refused = refused
    machine.edit("goal = 3000", "goal = 1")
    await machine.looks()
    assert machine.goal == 3000
    assert machine.told == [("river", "It writes to nobody."), STAYS]
    machine.edit("goal = 1", "goal = 20000")
    await machine.looks()
    assert (machine.goal, machine.told) == (20000, [])


async def test_a_campaign_whose_folder_is_removed_stays(machine: Machine) -> None:
    shutil.move(machine.folder / "river", machine.folder.parent / "river")
    await machine.looks()
    assert machine.campaigns.in_service["river"].is_open(NOW)
    assert machine.told == []


async def test_loading_does_not_block_the_event_loop(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def slowly(folder: Path) -> tuple[LoadedCampaign, ...]:
        assert goes_on.wait(20), "the loop waited for the disk"
        return load_campaigns(folder)

    monkeypatch.setattr(published, "load_campaigns", slowly)
    machine.edit("goal = 3000", "goal = 1")
    looking = asyncio.create_task(machine.looks())
    await asyncio.sleep(0)
    goes_on.set()
    await looking
    assert machine.goal == 1


# --- versions from elsewhere ----------------------------------------------------------------------


async def test_a_machine_without_a_folder_follows_the_newest_version(
    machine: Machine, tmp_path: Path
) -> None:
    replica = Machine(machine.database, machine.vault, tmp_path / "nowhere")
    await replica.campaigns.start()
    assert replica.goal == 3000
    machine.edit("goal = 3000", "goal = 5000")
    await machine.looks()
    await replica.looks()
    assert (replica.goal, replica.changes) == (5000, 1)


async def test_a_look_that_finds_nothing_new_is_one_query(machine: Machine) -> None:
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        if not statement.startswith("PRAGMA"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    await machine.campaigns.run_once()
    event.remove(Engine, "before_cursor_execute", note)
    assert len(statements) == 1


async def test_two_machines_with_different_folders_do_not_alternate(
    machine: Machine, tmp_path: Path
) -> None:
    other = await another(machine, tmp_path)
    other.edit("goal = 3000", "goal = 5000")
    await other.looks()
    for _ in range(3):
        machine.edit("", "")  # writes the file again
        await machine.looks()
        await other.looks()
    assert (machine.goal, other.goal) == (5000, 5000)
    behind = "This folder is behind: a newer version was published elsewhere."
    assert (machine.told, other.told) == ([("river", behind)], [])


async def test_a_change_in_the_chat_is_never_overwritten_by_a_folder(machine: Machine) -> None:
    await machine.edits_in_the_chat(b"goal = 3000", b"goal = 7000")
    machine.edit("goal = 3000", "goal = 5000")
    await machine.looks()
    assert machine.goal == 7000
    both = "This folder was changed, and so was the campaign elsewhere. Neither is lost."
    assert machine.told == [("river", both)]
    assert read_folder(machine.folder / "river").text("campaign.toml")[0].count("goal = 5000") == 1


async def test_a_folder_that_keeps_its_own_changes_is_published_once_its_base_is_the_newest(
    machine: Machine,
) -> None:
    await machine.edits_in_the_chat(b"goal = 3000", b"goal = 7000")
    machine.edit("goal = 3000", "goal = 5000")
    await machine.looks()
    newest = await machine.newest()
    record_base(machine.folder / "river", newest.files)  # as `campaign pull --mine` does
    await machine.looks()
    assert (machine.goal, machine.told) == (5000, [])


async def test_a_chat_edit_and_a_folder_change_at_the_same_time_both_stay(
    machine: Machine, tmp_path: Path
) -> None:
    """Whichever comes first is published, and the other one is kept."""
    replica = Machine(machine.database, machine.vault, tmp_path / "nowhere")
    await replica.campaigns.start()
    machine.edit("goal = 3000", "goal = 5000")
    chat, *_ = await asyncio.gather(
        machine.edits_in_the_chat(b"goal = 3000", b"goal = 7000"),
        machine.looks(),
        replica.looks(),
    )
    await machine.looks()
    await replica.looks()
    text = read_folder(machine.folder / "river").text("campaign.toml")[0]
    assert "goal = 5000" in text
    if isinstance(chat, VersionInfo):
        both = "This folder was changed, and so was the campaign elsewhere. Neither is lost."
        assert (replica.goal, machine.told) == (7000, [("river", both)])
    else:  # the author reads what is published, and puts both together
        assert chat is Refusal.OUTDATED
        assert (replica.goal, machine.told) == (5000, [])
    assert machine.goal == replica.goal


async def test_a_folder_that_cannot_be_written_to_publishes_as_well(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> int:
        raise PermissionError

    (machine.folder / "river" / BASE_FILE).unlink()
    machine.edit("goal = 3000", "goal = 5000")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", refuses)
        await machine.looks()
    assert machine.goal == 5000


async def test_a_version_that_was_changed_from_outside_is_not_served(machine: Machine) -> None:
    await machine.edits_in_the_chat(b"goal = 3000", b"goal = 7000")

    def forge(connection: Connection) -> None:
        connection.execute(update(campaign_versions).values(files=b"{}"))

    await machine.database.transact(forge)
    await machine.looks()
    assert machine.goal == 3000
    why = "Its newest version was changed from outside, so it isn't served."
    assert machine.told[-1] == ("river", why)


async def test_a_version_of_another_release_with_mistakes_leaves_the_former_one(
    machine: Machine,
) -> None:
    await machine.edits_in_the_chat(b"goal = 3000", b"gaol = 3000")
    await machine.looks()
    assert machine.goal == 3000
    assert [problem for _, problem in machine.told] == ["This key is not known."]
    assert machine.campaigns.unserved == frozenset()


async def test_a_process_that_cannot_read_the_newest_version_serves_no_older_one(
    machine: Machine, tmp_path: Path
) -> None:
    await machine.edits_in_the_chat(b"goal = 3000", b"gaol = 3000")
    replica = Machine(machine.database, machine.vault, tmp_path / "nowhere")
    await replica.campaigns.start()
    assert not replica.campaigns.in_service
    assert replica.campaigns.unserved == frozenset({"river"})
    assert replica.told[0] == (
        "river",
        "This release of the bot can't read its newest version, so the campaign isn't served.",
    )
    await machine.edits_in_the_chat(b"gaol = 3000", b"goal = 4000")
    await replica.campaigns.run_once()
    assert (replica.goal, replica.campaigns.unserved, replica.told) == (4000, frozenset(), [])
