"""The campaigns in service: a changed folder is taken in, a broken one leaves the old as it was."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from conversations.folder.loading import LoadedCampaign, load_campaigns
from conversations.model.campaign import Campaign
from conversations.model.mistakes import Mistake

log = structlog.get_logger()

_PAUSE = 1.0

Fingerprint = tuple[tuple[str, int, int], ...]


class CampaignWatcher:
    """The campaigns of a folder, as they were when they were last right."""

    def __init__(self, folder: Path, changed: Callable[[], Awaitable[None]]) -> None:
        """Read `folder`; call `changed` after each time that it was read again."""
        self._folder = folder
        self._changed = changed
        self.refused: Callable[[Campaign], Awaitable[tuple[Mistake, ...]]] | None = None
        """Tells why a campaign that was edited must not come into service."""
        self.in_service: Mapping[str, Campaign] = {}
        self.mistakes: tuple[Mistake, ...] = ()
        self._seen = _fingerprint(folder)
        self._take(load_campaigns(folder))

    async def run(self) -> None:
        """Watch the folder, for ever."""
        while True:
            await asyncio.sleep(_PAUSE)
            await self.look()

    async def look(self) -> None:
        """Read the folder again if anything in it has changed."""
        seen = await asyncio.to_thread(_fingerprint, self._folder)
        if seen == self._seen:
            return
        loaded = await asyncio.to_thread(load_campaigns, self._folder)
        self._take(tuple([await self._examined(each) for each in loaded]))
        await self._changed()
        self._seen = seen  # last: where that failed, it is done again

    async def _examined(self, loaded: LoadedCampaign) -> LoadedCampaign:
        """Return what was loaded, without a campaign that must not come into service."""
        if loaded.campaign is None or self.refused is None:
            return loaded
        why = await self.refused(loaded.campaign)
        if not why:
            return loaded
        return replace(loaded, campaign=None, mistakes=(*loaded.mistakes, *why))

    def _take(self, loaded: tuple[LoadedCampaign, ...]) -> None:
        """Put what is right into service. What is broken stays as it was. What is gone from the
        folder takes no letters any more, but stays: letters may still wait for it.
        """
        fresh = {each.campaign.slug: each.campaign for each in loaded if each.campaign}
        gone = self.in_service.keys() - {each.folder for each in loaded}
        closed = {slug: _closed(self.in_service[slug]) for slug in gone}
        self.in_service = {**self.in_service, **closed, **fresh}
        stays = [
            Mistake(
                "The campaign stays in service as it was before.", where=each.folder, is_error=False
            )
            for each in loaded
            if each.campaign is None and each.folder in self.in_service
        ]
        self.mistakes = (
            *(mistake for each in loaded for mistake in each.mistakes),
            *stays,
            *(_missed(slug) for slug in sorted(gone)),
        )
        for mistake in self.mistakes:
            tell = log.error if mistake.is_error else log.info
            tell("campaign file", where=mistake.where, mistake=mistake.problem)


def _closed(campaign: Campaign) -> Campaign:
    now = datetime.now(UTC)
    closes = min(campaign.closes or now, now)
    return campaign.model_copy(update={"closes": closes})


def _missed(slug: str) -> Mistake:
    what = "Its folder is gone: it takes no new letters; those that wait still leave."
    return Mistake(what, "To open it again, put the folder back.", slug, is_error=False)


def _fingerprint(folder: Path) -> Fingerprint:
    """Return what tells that a file has changed: path, time and size."""
    found = []
    for path in sorted(folder.glob("*/*")):
        try:
            stat = path.stat()
        except OSError:
            continue  # gone between listing and looking
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
