"""A campaign folder and the published versions: publish it, and record which version it changes."""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.packed_files import content_hash, pack
from conversations.model.campaigns.versions import VersionOrigin
from conversations.model.mistakes import Mistake
from storage.campaigns import versions
from storage.campaigns.versions import FolderState
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

BASE_FILE = ".version"
"""A file in a campaign's folder: the content hash of the version that the folder changes."""


async def publish(
    database: Database, vault: Vault, home: Path, files: CampaignFiles, now: datetime
) -> FolderState:
    """Publish the files of the folder `home`, if they are new and change the newest version."""
    base = await asyncio.to_thread(read_base, home)
    work = partial(
        versions.publish_folder,
        vault=vault,
        files=files,
        base=base,
        origin=VersionOrigin.FOLDER,
        now=now,
    )
    state = await database.transact(work)
    if state is FolderState.CURRENT:
        await asyncio.to_thread(record_base, home, files)
    return state


def read_base(home: Path) -> str:
    """Return the content hash of the version that a campaign folder changes; "" if unknown."""
    try:
        return (home / BASE_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def record_base(home: Path, files: CampaignFiles) -> None:
    """Record that a campaign folder changes the version with these `files` from now on.

    Where the folder can't be written to, nothing is recorded: its changes are still published
    while no other place publishes any.
    """
    hashed = content_hash(pack(files))
    if read_base(home) != hashed:
        try:
            (home / BASE_FILE).write_text(f"{hashed}\n", encoding="ascii")
        except OSError:
            log.info("version of a campaign folder not recorded", where=home.name)


def describe(state: FolderState, slug: str) -> Iterator[Mistake]:
    """Yield what is wrong if a folder is not the newest version of its campaign."""
    pull = f"Get the newest one: actionbot campaign pull {slug}"
    if state is FolderState.BEHIND:
        problem = "This folder is behind: a newer version was published elsewhere."
        yield Mistake(problem, pull, slug, is_error=False)
    elif state is FolderState.CONFLICT:
        problem = "This folder was changed, and so was the campaign elsewhere. Neither is lost."
        yield Mistake(problem, f"{pull}. Your changes stay.", slug)
    elif state is FolderState.UNTRUSTED:
        problem = "The database's list of versions was changed from outside: nothing is published."
        yield Mistake(problem, "Read what happened: actionbot doctor", slug)
