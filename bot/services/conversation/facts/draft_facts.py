"""Loads a campaign's draft, and what an edit makes of it, outside of the transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from conversations.editing.changes.block_codes import text_code
from conversations.editing.draft import CampaignDraft, Draft, EditRefused, Elsewhere
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.edits.changes import find_changes
from conversations.folder.edits.merging import merge
from conversations.folder.edits.short_texts import note_changes, read_short_texts
from conversations.folder.loading import load_files
from conversations.folder.packed_files import content_hash, pack
from conversations.model.campaigns.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.campaigns import drafts, versions
from storage.campaigns.drafts import SavedCampaignDraft
from storage.campaigns.versions import Version
from storage.crypto.vault import Vault
from storage.engine.database import Database

FindErrors = Callable[[Campaign], Awaitable[tuple[Mistake, ...]]]
"""Returns why a campaign must not be served, although its files have no errors."""


@dataclass(frozen=True)
class _Stored:
    """What the database has of a campaign."""

    draft: SavedCampaignDraft | None
    base: Version | None
    """The version that the draft changes, if it is still stored; without a draft, the newest."""
    newest: Version | None


class DraftLoader:
    """Loads drafts of campaigns."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        find_errors: FindErrors,
        clock: Callable[[], datetime],
    ) -> None:
        """`find_errors` knows the settings, and which campaigns are live."""
        self._database = database
        self._vault = vault
        self._find_errors = find_errors
        self._clock = clock

    async def load(self, request: CampaignDraft) -> Draft | None:
        """Return a draft, or what the request's edit makes of it; None if there is none."""
        read = partial(_read, vault=self._vault, slug=request.campaign)
        stored = await self._database.read(read)
        if stored.draft is None and stored.newest is None and request.edit is None:
            return None
        draft = await asyncio.to_thread(_describe, request, stored, self._clock().date())
        campaign = draft.loaded.campaign
        if campaign is None or not (errors := await self._find_errors(campaign)):
            return draft
        loaded = replace(draft.loaded, mistakes=(*errors, *draft.loaded.mistakes))
        return replace(draft, loaded=loaded)


def _read(connection: Connection, vault: Vault, slug: str) -> _Stored:
    draft = drafts.find(connection, vault, slug)
    newest = versions.load_newest(connection, vault, slug)
    if draft is None or (newest is not None and newest.info.number == draft.base):
        return _Stored(draft, newest, newest)
    return _Stored(draft, versions.load(connection, vault, slug, draft.base), newest)


def _describe(request: CampaignDraft, stored: _Stored, today: date) -> Draft:
    """Apply the edit, and load what it makes of the campaign."""
    saved, newest = stored.draft, stored.newest
    nothing = CampaignFiles(request.campaign, {})
    based_on = stored.base.files if stored.base else nothing
    before = saved.files if saved else based_on
    files, refused = before, None
    if request.edit is not None:
        try:
            files = note_changes(before, request.edit.apply(before))
        except EditRefused as why:
            refused = why
    texts = read_short_texts(files)
    draft = Draft(
        loaded=load_files(files, today),
        base=saved.base if saved else newest.info.number if newest else 0,
        changes=find_changes(based_on, files) if files.content else (),
        texts=texts,
        text_codes={text_code(each): each for each in texts.every},
        elsewhere=_elsewhere(saved, based_on, files, newest),
        refused=refused,
    )
    if saved is None:
        return draft
    approval = saved.approval
    approved = approval is not None and approval.content == content_hash(pack(files))
    return replace(
        draft,
        revision=saved.revision,
        editors=saved.editors,
        state=saved.state,
        approval=approval if approved else None,
    )


def _elsewhere(
    saved: SavedCampaignDraft | None,
    based_on: CampaignFiles,
    files: CampaignFiles,
    newest: Version | None,
) -> Elsewhere | None:
    """Return what was published since the draft was begun; None if nothing was."""
    if saved is None or newest is None or newest.info.number == saved.base:
        return None
    changes = find_changes(based_on, newest.files)
    return Elsewhere(newest.info, changes, merge(based_on, files, newest.files))
