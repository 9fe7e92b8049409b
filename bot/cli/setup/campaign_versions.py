"""Published campaigns for commands: load them, publish a folder, write one into a folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.cli.database import maintenance
from bot.clock import utc_now
from bot.errors import CommandError
from bot.services.campaigns import campaign_mode, folder
from bot.services.campaigns.published import load_newest, load_published
from bot.settings.model import Settings
from bot.startup import open_present_database, open_vault
from conversations.admin.change_words import say_changes
from conversations.folder.campaign_files import CAMPAIGN_FILE, CampaignFiles, read_folder
from conversations.folder.edits.changes import find_changes
from conversations.folder.edits.merging import merge
from conversations.folder.leftovers import find_leftovers
from conversations.folder.loading import load_campaign
from conversations.folder.loading import load_campaigns as load_folders
from conversations.folder.packed_files import content_hash, pack
from conversations.model.campaigns.campaign import Campaign
from conversations.model.campaigns.versions import VersionOrigin
from conversations.model.mistakes import Mistake
from conversations.text.html import plain
from conversations.text.wording import Wording
from storage.admin import audit
from storage.campaigns import versions
from storage.campaigns.versions import FolderState, Version
from storage.crypto.vault import Vault


@dataclass(frozen=True)
class Published:
    """What `publish` did."""

    number: int
    """The number of the newest version."""

    changes: tuple[str, ...]
    """What it changes, a line each; none of a campaign's first version."""


@dataclass(frozen=True)
class Pulled:
    """What `pull` did."""

    number: int
    """The number of the newest version."""

    changed: tuple[str, ...]
    """The files that were written or removed."""


async def load_campaigns(settings: Settings) -> Mapping[str, Campaign]:
    """Return the published campaigns, by slug; those of the folder if none was published.

    Raises CommandError with the mistakes in them.
    """
    loaded = {each.folder: each for each in load_folders(settings.campaigns.folder)}
    # Without a key file, opening the vault would create one.
    database = await open_present_database(settings) if settings.keys.file.exists() else None
    if database is not None:
        try:
            vault = await open_vault(settings, database)
            loaded = dict(await load_published(database, vault)) or loaded
        finally:
            await database.close()
    if wrong := tuple(each for one in loaded.values() for each in one.mistakes if each.is_error):
        raise CommandError(wrong)
    return {slug: each.campaign for slug, each in loaded.items() if each.campaign is not None}


async def open_finished(settings: Settings, slug: str) -> Campaign:
    """Publish what is new in a campaign's folder, and return the newest version.

    Raises CommandError with every mistake in it, and with every text that is the skeleton's.
    """
    home = settings.campaigns.folder / slug
    async with maintenance.open_store(settings) as (database, vault, clock):
        if (home / CAMPAIGN_FILE).is_file():
            loaded = load_campaign(home, clock().date())
            if loaded.campaign is None:
                raise CommandError(loaded.mistakes)
            state = await folder.publish(database, vault, home, loaded.files, clock())
            if why := tuple(each for each in folder.describe(state, slug) if each.is_error):
                raise CommandError(why)
        newest = await load_newest(database, vault, slug)
        known = await database.read(partial(versions.heads, vault=vault))
    if newest is None or newest.campaign is None:
        fix = f"Existing campaigns: {', '.join(sorted(known.by_campaign)) or 'none'}"
        raise CommandError(f"There is no campaign “{slug}”.", fix=fix)
    if leftovers := tuple(find_leftovers(newest.files, newest.campaign, is_error=True)):
        problem = "It can't go live with texts and values of the skeleton."
        raise CommandError((Mistake(problem, "Write your own, see below.", slug), *leftovers))
    return newest.campaign


async def publish(settings: Settings, slug: str) -> Published:
    """Publish the folder of a campaign. Raises CommandError."""
    home = settings.campaigns.folder / slug
    loaded = load_campaign(home, utc_now().date())
    if loaded.campaign is None:
        raise CommandError(loaded.mistakes)
    async with maintenance.open_store(settings) as (database, vault, clock):
        unconfirmed = await campaign_mode.load_unconfirmed(database, vault)
        found = campaign_mode.find_mistakes([loaded.campaign], settings.mail, unconfirmed)
        if errors := tuple(each for each in found if each.is_error):
            raise CommandError(errors)
        base = folder.read_base(home)
        work = partial(_publish, vault=vault, files=loaded.files, base=base, now=clock())
        state, number, before = await database.transact(work)
    if state is not FolderState.CURRENT:
        raise CommandError(tuple(folder.describe(state, slug)))
    folder.record_base(home, loaded.files)
    changes = find_changes(before.files, loaded.files) if before else ()
    return Published(
        number, tuple(map(plain, say_changes(Wording("en"), changes, as_in_files=True)))
    )


def _publish(
    connection: Connection, vault: Vault, files: CampaignFiles, base: str, now: datetime
) -> tuple[FolderState, int, Version | None]:
    """Publish a folder; return its state, the number of the newest version, and the former one."""
    before = versions.load_newest(connection, vault, files.name)
    origin = VersionOrigin.COMMAND
    state = versions.publish_folder(connection, vault, files, base, origin, now)
    audit.add_command(connection, vault, "campaign publish", now, files.name)
    head = versions.heads(connection, vault).by_campaign.get(files.name)
    return state, head.number if head else 0, before


async def pull(settings: Settings, slug: str, *, prefer: str = "") -> Pulled:
    """Write the newest version of a campaign into its folder, and keep what was changed there.

    Where both changed the same, `prefer` decides: "mine" or "newest". Raises CommandError, also for
    such a conflict without `prefer`.
    """
    home = settings.campaigns.folder / slug
    mine = read_folder(home)
    async with maintenance.open_store(settings) as (database, vault, _):
        work = partial(_read, vault=vault, mine=mine, recorded=folder.read_base(home))
        base, newest = await database.read(work)
    if newest is None:
        fix = f"Publish its folder: actionbot campaign publish {slug}"
        raise CommandError(f"No version of “{slug}” is published, or it isn't genuine.", fix=fix)
    if not mine.content:
        base = mine = CampaignFiles(slug, {})
    merged = merge(base, mine, newest.files)
    if merged.conflicts and not prefer:
        fix = f"Choose: actionbot campaign pull {slug} --mine, or --newest"
        problem = "It was changed here, and differently elsewhere."
        raise CommandError(
            tuple(Mistake(problem, fix, f"{slug}/{each}") for each in merged.conflicts)
        )
    if prefer == "newest":
        merged = merge(base, newest.files, mine)
    changed = _write(home, mine.content, merged.files.content)
    folder.record_base(home, newest.files)
    return Pulled(newest.info.number, changed)


def _read(
    connection: Connection, vault: Vault, mine: CampaignFiles, recorded: str
) -> tuple[CampaignFiles, Version | None]:
    """Return the version that a folder changes, empty if it is unknown, and the newest one."""
    hashes = versions.hashes(connection, mine.name)
    number = hashes.get(recorded) or hashes.get(content_hash(pack(mine)))
    base = versions.load(connection, vault, mine.name, number) if number else None
    newest = versions.load_newest(connection, vault, mine.name)
    return base.files if base else CampaignFiles(mine.name, {}), newest


def _write(home: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write the files that differ, remove those that are gone; return their names."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in changed:
        path = home / name
        if name not in after:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_bytes(after[name])
        new.replace(path)
    return tuple(sorted(changed))
