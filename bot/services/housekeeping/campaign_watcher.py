"""Reload campaigns when their files change.

A changed campaign replaces the old one if its files are correct. If they have mistakes, the old
campaign stays.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.services.runner import repeat
from conversations.folder.loading import LoadedCampaign, load_campaigns
from conversations.model.campaign import Campaign
from conversations.model.mistakes import Mistake

log = structlog.get_logger()

POLL_INTERVAL = 1.0
"""Seconds between two checks of the folder."""

Fingerprint = tuple[tuple[str, int, int], ...]
"""Path, modification time and size of each campaign file."""


class CampaignWatcher:
    """The campaigns of a folder, each as it was when its files were last correct."""

    def __init__(self, folder: Path, changed: Callable[[], Awaitable[None]]) -> None:
        """Load `folder`. After each reload, `changed` is called."""
        self._folder = folder
        self._changed = changed
        self.refused: Callable[[Campaign], Awaitable[tuple[Mistake, ...]]] | None = None
        """Returns why a changed campaign must not be loaded, or () if it may be."""
        self.in_service: Mapping[str, Campaign] = {}
        """The loaded campaigns by slug."""
        self.mistakes: tuple[Mistake, ...] = ()
        """The mistakes in the files as they are now."""
        self._fingerprint = _fingerprint(folder)
        self._apply(load_campaigns(folder))

    async def run(self) -> None:
        """Watch the folder until cancelled."""
        await repeat(self.run_once, POLL_INTERVAL)

    async def run_once(self) -> None:
        """Load the folder again if a file in it has changed."""
        fingerprint = await asyncio.to_thread(_fingerprint, self._folder)
        if fingerprint == self._fingerprint:
            return
        loaded = await asyncio.to_thread(load_campaigns, self._folder)
        self._apply(tuple([await self._without_refused(each) for each in loaded]))
        await self._changed()
        self._fingerprint = fingerprint  # last, so that a failure above is retried

    async def _without_refused(self, loaded: LoadedCampaign) -> LoadedCampaign:
        """Return `loaded`, without its campaign if that must not be loaded."""
        if loaded.campaign is None or self.refused is None:
            return loaded
        why = await self.refused(loaded.campaign)
        if not why:
            return loaded
        return replace(loaded, campaign=None, mistakes=(*loaded.mistakes, *why))

    def _apply(self, loaded: tuple[LoadedCampaign, ...]) -> None:
        """Replace the campaigns whose files are correct, and log the mistakes of the others.

        A campaign whose folder was removed stays, but is closed: letters may still wait for it.
        """
        correct = {each.campaign.slug: each.campaign for each in loaded if each.campaign}
        removed = self.in_service.keys() - {each.folder for each in loaded}
        closed = {slug: _closed(self.in_service[slug]) for slug in removed}
        self.in_service = {**self.in_service, **closed, **correct}
        unchanged = [
            Mistake(
                "The campaign stays in service as it was before.", where=each.folder, is_error=False
            )
            for each in loaded
            if each.campaign is None and each.folder in self.in_service
        ]
        self.mistakes = (
            *(mistake for each in loaded for mistake in each.mistakes),
            *unchanged,
            *(_folder_removed(slug) for slug in sorted(removed)),
        )
        for mistake in self.mistakes:
            level = log.error if mistake.is_error else log.info
            level("campaign file", where=mistake.where, mistake=mistake.problem)


def _closed(campaign: Campaign) -> Campaign:
    now = datetime.now(UTC)
    closes = min(campaign.closes or now, now)
    return campaign.model_copy(update={"closes": closes})


def _folder_removed(slug: str) -> Mistake:
    what = "Its folder is gone: it takes no new letters; those that wait still leave."
    return Mistake(what, "To open it again, put the folder back.", slug, is_error=False)


def _fingerprint(folder: Path) -> Fingerprint:
    found = []
    for path in sorted(folder.glob("*/*")):
        try:
            stat = path.stat()
        except OSError:
            continue  # removed since the folder was listed
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
