"""Serves the newest version of each campaign, and publishes what changes in the campaign folder.

    folder ──correct, and changes the newest version──▶ database ──genuine──▶ in service

A version whose files have mistakes, or that was changed from outside, does not replace the one
before it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from bot.services.runner import repeat
from conversations.folder.campaign_files import CampaignFiles
from conversations.folder.loading import LoadedCampaign, load_campaigns, load_files
from conversations.folder.packed_files import content_hash, pack
from conversations.model.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.campaigns import versions
from storage.campaigns.versions import FolderState, Head
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

POLL_INTERVAL = 1.0
"""Seconds between two checks of the folder and of the database."""

BASE_FILE = ".version"
"""A file in a campaign's folder: the content hash of the version that the folder changes."""

Fingerprint = tuple[tuple[str, int, int], ...]
"""Path, modification time and size of each campaign file."""

_STAYS = "The campaign stays in service as it was before."


class PublishedCampaigns:
    """The campaigns in service: the newest version of each that can be served."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        folder: Path,
        clock: Callable[[], datetime],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        """Nothing is in service before `start`. After each change, `changed` is called."""
        self._database = database
        self._vault = vault
        self._folder = folder
        self._clock = clock
        self._changed = changed
        self.refused: Callable[[Campaign], Awaitable[tuple[Mistake, ...]]] | None = None
        """Returns why a changed campaign must not be loaded, or () if it may be."""
        self.in_service: Mapping[str, Campaign] = {}
        """The campaigns that are served, by slug."""
        self._heads: Mapping[str, Head] = {}
        """The version of each campaign that was looked at last."""
        self._in_folder: tuple[Mistake, ...] = ()
        self._in_versions: Mapping[str, tuple[Mistake, ...]] = {}
        self._fingerprint: Fingerprint | None = None
        self._wake = asyncio.Event()

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes in the folder as it is now, and in versions that can't be served."""
        return (
            *self._in_folder,
            *(mistake for each in self._in_versions.values() for mistake in each),
        )

    def wake(self) -> None:
        """Look for new versions now rather than after the interval."""
        self._wake.set()

    async def start(self) -> None:
        """Publish what is new in the folder, and load the newest versions."""
        await self._publish_folder()
        await self._follow()

    async def run(self) -> None:
        """Watch the folder and the database until cancelled."""
        await repeat(self.run_once, POLL_INTERVAL, self._wake)

    async def run_once(self) -> None:
        """Publish what has changed in the folder, and load what was published since."""
        is_published = await self._publish_folder()
        is_loaded = await self._follow()
        if is_published or is_loaded:
            await self._changed()

    async def _publish_folder(self) -> bool:
        """Publish the campaigns whose files have changed; return whether any file has."""
        fingerprint = await asyncio.to_thread(_fingerprint, self._folder)
        if fingerprint == self._fingerprint:
            return False
        loaded = await asyncio.to_thread(load_campaigns, self._folder)
        found: list[Mistake] = []
        for each in loaded:
            found += [*each.mistakes, *await self._publish(each)]
        self._in_folder = tuple(found)
        _log(self._in_folder)
        self._fingerprint = fingerprint  # last, so that a failure above is retried
        return True

    async def _publish(self, loaded: LoadedCampaign) -> tuple[Mistake, ...]:
        """Publish a campaign of the folder, if it is correct; return why it was not published."""
        slug, served = loaded.folder, loaded.folder in self.in_service
        stays = (Mistake(_STAYS, where=slug, is_error=False),) if served else ()
        if loaded.campaign is None:
            return stays
        if served and (why := await self._why_refused(loaded.campaign)):
            return (*why, *stays)
        home = self._folder / slug
        base = await asyncio.to_thread(read_base, home)
        publish = partial(
            versions.publish_folder,
            vault=self._vault,
            files=loaded.files,
            base=base,
            now=self._clock(),
        )
        state = await self._database.transact(publish)
        if state is FolderState.CURRENT:
            await asyncio.to_thread(record_base, home, loaded.files)
        return tuple(describe_state(state, slug))

    async def _why_refused(self, campaign: Campaign) -> tuple[Mistake, ...]:
        return () if self.refused is None else await self.refused(campaign)

    async def _follow(self) -> bool:
        """Load the versions that were published since the last look; return whether any was."""
        heads = await self._database.read(partial(versions.heads, vault=self._vault))
        new = [slug for slug, head in heads.by_campaign.items() if self._heads.get(slug) != head]
        for slug in new:
            campaign, mistakes = await self._load(slug)
            if campaign is not None:
                self.in_service = {**self.in_service, slug: campaign}
            self._in_versions = {**self._in_versions, slug: mistakes}
            _log(mistakes)
            self._heads = {**self._heads, slug: heads.by_campaign[slug]}
        return bool(new)

    async def _load(self, slug: str) -> tuple[Campaign | None, tuple[Mistake, ...]]:
        """Return the newest version of a campaign, or None and why it can't be served."""
        version = await self._database.read(
            partial(versions.load_newest, vault=self._vault, slug=slug)
        )
        if version is None:
            problem = "Its newest version was changed from outside, so it isn't served."
            return None, (Mistake(problem, "Restore the database from a backup.", slug),)
        loaded = await asyncio.to_thread(load_files, version.files)
        if loaded.campaign is None:
            return None, tuple(each for each in loaded.mistakes if each.is_error)
        if slug in self.in_service and (why := await self._why_refused(loaded.campaign)):
            return None, why
        return loaded.campaign, ()


def read_base(home: Path) -> str:
    """Return the content hash of the version that a campaign folder changes; "" if unknown."""
    try:
        return (home / BASE_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def record_base(home: Path, files: CampaignFiles) -> None:
    """Record that `files` are the version that a campaign folder changes from now on.

    Where the folder can't be written to, nothing is recorded: changes of it are still published
    while no other place publishes any.
    """
    hashed = content_hash(pack(files))
    if read_base(home) != hashed:
        try:
            (home / BASE_FILE).write_text(f"{hashed}\n", encoding="ascii")
        except OSError:
            log.info("version of a campaign folder not recorded", where=home.name)


def describe_state(state: FolderState, slug: str) -> Iterator[Mistake]:
    """Yield what is wrong if a folder is not the newest version of its campaign."""
    pull = f"Get the newest one: actionbot campaign pull {slug}"
    if state is FolderState.BEHIND:
        problem = "This folder is behind: a newer version was published elsewhere."
        yield Mistake(problem, pull, slug, is_error=False)
    elif state is FolderState.CONFLICT:
        problem = "This folder was changed, and so was the campaign elsewhere. Neither is lost."
        yield Mistake(problem, f"{pull}, which keeps your changes.", slug)
    elif state is FolderState.UNTRUSTED:
        problem = "The database's list of versions was changed from outside: nothing is published."
        yield Mistake(problem, "Read what happened: actionbot doctor", slug)


def _log(mistakes: tuple[Mistake, ...]) -> None:
    for mistake in mistakes:
        level = log.error if mistake.is_error else log.info
        level("campaign file", where=mistake.where, mistake=mistake.problem)


def _fingerprint(folder: Path) -> Fingerprint:
    found = []
    for path in sorted(folder.glob("*/*")):
        if path.name.startswith("."):
            continue
        try:
            stat = path.stat()
        except OSError:
            continue  # removed since the folder was listed
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
