"""Loads a published version and what it changed, outside of the transaction of an answer."""

import asyncio
from functools import partial

from sqlalchemy import Connection

from bot.services.conversation.facts.draft_facts import FindErrors
from conversations.admin.history import PublishedVersion, VersionDetails
from conversations.folder.edits.changes import find_changes
from conversations.folder.loading import load_files
from storage.campaigns import versions
from storage.campaigns.versions import Version
from storage.crypto.vault import Vault
from storage.engine.database import Database


async def load_version(
    database: Database, vault: Vault, request: PublishedVersion, find_errors: FindErrors
) -> VersionDetails | None:
    """Return a version; None if it isn't stored, or was changed from outside.

    Its files are read and compared in a thread, which takes about a tenth of a second.
    `find_errors` knows the settings, and which campaigns are live.
    """
    version, before, newest = await database.read(partial(_read, vault=vault, request=request))
    if version is None:
        return None
    loaded = await asyncio.to_thread(load_files, version.files)
    errors = [each for each in loaded.mistakes if each.is_error]
    if loaded.campaign is not None:
        errors += await find_errors(loaded.campaign)
    changes = await asyncio.to_thread(find_changes, before.files, version.files) if before else None
    content = version.files.content
    return VersionDetails(version.info, newest, changes, content, tuple(errors))


def _read(
    connection: Connection, vault: Vault, request: PublishedVersion
) -> tuple[Version | None, Version | None, int]:
    """Return the version, the one that it changed, and the number of the newest."""
    slug = request.campaign
    version = versions.load(connection, vault, slug, request.number)
    before = version and versions.load(connection, vault, slug, version.info.base)
    head = versions.heads(connection, vault).by_campaign.get(slug)
    return version, before, head.number if head else 0
