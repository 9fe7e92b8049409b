"""Serves the newest version of each campaign, and publishes what changes in the campaign folder.

    folder ──settled, correct, and changes the newest version──▶ database ──genuine──▶ in service

A folder that changes while the bot runs is published once it has not changed for SETTLE_TIME.

A version whose files have mistakes, or that was changed from outside, does not replace the one that
is in service. A process that starts does not fall back to an older version, since the newest may
correct an address or warn of a danger: supporters and admins read that the campaign is unavailable.

Each answer reads the number of the newest list of versions with what it needs anyway, so that no
process answers with an older version than another one did.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from bot.services.campaigns import folder
from bot.services.runner import repeat
from conversations.folder.loading import LoadedCampaign, load_campaigns, load_files
from conversations.model.campaigns.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.admin.authority import Document
from storage.campaigns import versions
from storage.campaigns.versions import Head
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

POLL_INTERVAL = 1.0
"""Seconds between two checks of the folder and of the database."""

SETTLE_TIME = 3.0
"""For how many seconds the folder must not have changed. A campaign is saved file by file, and half
of a change may be free of mistakes.
"""

Fingerprint = tuple[tuple[str, int, int], ...]
"""Path, modification time and size of each campaign file."""

_FILES, _BASES = "*/[!.]*", f"*/{folder.BASE_FILE}"
"""The campaign files in the folder of all campaigns, and what records the version they change."""


class NewerVersions(Exception):
    """Versions were published that this process has not loaded: `follow` does."""


_UNREADABLE = "This release of the bot can't read its newest version, so the campaign isn't served."
_NEWER = "Start the newer release again, or publish a version that this one can read."
_STAYS = "The campaign stays in service as it was before."


class PublishedCampaigns:
    """The campaigns in service: the newest version of each that can be served."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        home: Path,
        clock: Callable[[], datetime],
        changed: Callable[[], Awaitable[None]],
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is in service before `start`. `home` is the folder of all campaign folders.

        After each change, `changed` is called. `stopwatch` returns seconds.
        """
        self._database = database
        self._vault = vault
        self._home = home
        self._clock = clock
        self._changed = changed
        self._stopwatch = stopwatch
        self.refused: Callable[[Campaign], Awaitable[tuple[Mistake, ...]]] | None = None
        """Returns why a changed campaign must not be loaded, or () if it may be."""
        self.in_service: Mapping[str, Campaign] = {}
        """The campaigns that are served, by slug."""
        self._heads: Mapping[str, Head] = {}
        """The version of each campaign that was looked at last."""
        self.list_is_refused = False
        """Whether the database holds no acceptable list of versions although there must be one."""
        self._generation = 0
        """The generation of the list of versions that was looked at last."""
        self._following = asyncio.Lock()
        self._checked: Mapping[str, LoadedCampaign] = {}
        """What the folder held last, by slug."""
        self._in_folder: tuple[Mistake, ...] = ()
        self._in_versions: Mapping[str, tuple[Mistake, ...]] = {}
        self._fingerprint: Fingerprint | None = None
        self._bases: Fingerprint = ()
        """The state of the files that record which version a folder changes."""
        self._seen: tuple[Fingerprint, float] = ((), 0.0)
        """A changed state of the folder that is not published yet, and when it was first seen."""
        self._wake = asyncio.Event()

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes in the folder as it is now, and in versions that can't be served."""
        return (
            *self._in_folder,
            *(mistake for each in self._in_versions.values() for mistake in each),
        )

    @property
    def unserved(self) -> frozenset[str]:
        """The published campaigns that are not served: their newest version can't be."""
        return frozenset(self._heads.keys() - self.in_service.keys())

    def wake(self) -> None:
        """Look for new versions now rather than after the interval."""
        self._wake.set()

    async def start(self) -> None:
        """Publish what is new in the folder, and load the newest versions."""
        await self._publish_home()
        await self._follow()

    async def publish_now(self) -> None:
        """Publish the folder as it is, settled or not, and load what was published since."""
        await self._take_over(await self._publish_home())

    async def run(self) -> None:
        """Watch the folder and the database until cancelled."""
        await repeat(self.run_once, POLL_INTERVAL, self._wake)

    async def run_once(self) -> None:
        """Publish what has changed in the folder and settled; load what was published since."""
        await self._take_over(await self._has_settled() and await self._publish_home())

    async def _take_over(self, is_published: bool) -> None:
        """Load what was published since the last look, and report whether anything changed."""
        is_loaded = await self._follow()
        if is_published or is_loaded:
            await self._changed()

    def require_newest(self, listed: Document) -> None:
        """Raise NewerVersions unless the document of versions is the one that was loaded last."""
        if listed.generation != self._generation:
            raise NewerVersions

    async def follow(self) -> None:
        """Load what was published since the last look at the database."""
        if await self._follow():
            await self._changed()

    async def _has_settled(self) -> bool:
        """Whether the folder has not changed for SETTLE_TIME, or not since it was published."""
        fingerprint = await asyncio.to_thread(_fingerprint, self._home, _FILES)
        if fingerprint == self._fingerprint:
            return True
        seen, since = self._seen
        if fingerprint != seen:
            self._seen = (fingerprint, self._stopwatch())
            return False
        return self._stopwatch() - since >= SETTLE_TIME

    async def _publish_home(self) -> bool:
        """Publish the campaigns whose files have changed; return whether any file has."""
        fingerprint = await asyncio.to_thread(_fingerprint, self._home, _FILES)
        bases = await asyncio.to_thread(_fingerprint, self._home, _BASES)
        if (fingerprint, bases) == (self._fingerprint, self._bases):
            return False
        loaded = await asyncio.to_thread(load_campaigns, self._home)
        after = await asyncio.to_thread(_fingerprint, self._home, _FILES)
        if after != fingerprint and self._fingerprint is not None:
            return False  # it changed while it was read, so it has not settled
        found: list[Mistake] = []
        for each in loaded:
            found += [*each.mistakes, *await self._publish(each)]
        self._in_folder = tuple(found)
        _log(self._in_folder)
        self._bases = await asyncio.to_thread(_fingerprint, self._home, _BASES)
        self._fingerprint = fingerprint  # last, so that a failure above is retried
        return True

    async def _publish(self, loaded: LoadedCampaign) -> tuple[Mistake, ...]:
        """Publish a campaign of the folder, if it is correct; return why it was not published."""
        slug, served = loaded.folder, loaded.folder in self.in_service
        self._checked = {**self._checked, slug: loaded}
        stays = (Mistake(_STAYS, where=slug, is_error=False),) if served else ()
        if loaded.campaign is None:
            return stays
        if served and (why := await self.why_refused(loaded.campaign)):
            return (*why, *stays)
        state = await folder.publish(
            self._database, self._vault, self._home / slug, loaded.files, self._clock()
        )
        return tuple(folder.describe(state, slug))

    async def why_refused(self, campaign: Campaign) -> tuple[Mistake, ...]:
        """Return why a campaign must not be served although its files have no errors."""
        return () if self.refused is None else await self.refused(campaign)

    async def _follow(self) -> bool:
        """Load the versions that were published since the last look; return whether any was."""
        async with self._following:
            heads = await self._database.read(partial(versions.heads, vault=self._vault))
            found = heads.by_campaign
            new = [slug for slug, head in found.items() if self._heads.get(slug) != head]
            for slug in new:
                campaign, mistakes = await self._load(slug)
                if campaign is not None:
                    self.in_service = {**self.in_service, slug: campaign}
                self._in_versions = {**self._in_versions, slug: mistakes}
                _log(mistakes)
                self._heads = {**self._heads, slug: found[slug]}
            self._generation = heads.generation
            self.list_is_refused = heads.is_refused
        return bool(new)

    async def _load(self, slug: str) -> tuple[Campaign | None, tuple[Mistake, ...]]:
        """Return the newest version of a campaign, or None and why it can't be served."""
        loaded = await load_newest(self._database, self._vault, slug, self._checked.get(slug))
        if loaded is None:
            problem = "Its newest version was changed from outside, so it isn't served."
            return None, (Mistake(problem, "Restore the database from a backup.", slug),)
        if loaded.campaign is None:
            errors = tuple(each for each in loaded.mistakes if each.is_error)
            is_served = slug in self.in_service
            return None, errors if is_served else (Mistake(_UNREADABLE, _NEWER, slug), *errors)
        if slug in self.in_service and (why := await self.why_refused(loaded.campaign)):
            return None, why
        return loaded.campaign, ()


async def load_published(database: Database, vault: Vault) -> Mapping[str, LoadedCampaign]:
    """Return the newest version of each campaign, by slug, without those that aren't genuine."""
    heads = await database.read(partial(versions.heads, vault=vault))
    found = {slug: await load_newest(database, vault, slug) for slug in heads.by_campaign}
    return {slug: loaded for slug, loaded in found.items() if loaded is not None}


async def load_newest(
    database: Database, vault: Vault, slug: str, checked: LoadedCampaign | None = None
) -> LoadedCampaign | None:
    """Return the newest version of a campaign; None if there is none, or it isn't genuine.

    `checked` is a campaign that was loaded before: equal files are not loaded again.
    """
    version = await database.read(partial(versions.load_newest, vault=vault, slug=slug))
    if version is None:
        return None
    if checked is not None and checked.files == version.files:
        return checked
    return await asyncio.to_thread(load_files, version.files)


def _log(mistakes: tuple[Mistake, ...]) -> None:
    for mistake in mistakes:
        level = log.error if mistake.is_error else log.info
        level("campaign file", where=mistake.where, mistake=mistake.problem)


def _fingerprint(home: Path, pattern: str) -> Fingerprint:
    found = []
    for path in sorted(home.glob(pattern)):
        try:
            stat = path.stat()
        except OSError:
            continue  # removed since the folder was listed
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
