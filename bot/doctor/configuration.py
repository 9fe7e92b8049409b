"""Find every mistake in settings and campaigns, without a network: what `actionbot check` does."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot.clock import utc_now
from bot.errors import CommandError
from bot.mail.authentication import dkim_keys
from bot.services.campaigns import campaign_mode, folder
from bot.settings import model, secret_files
from bot.settings.model import Settings
from bot.settings.sections import wording_beside
from bot.settings.setting_origins import SettingPlace, SettingsSource, read_source
from bot.startup import open_present_database, open_vault
from conversations.folder import own_wording
from conversations.folder.campaign_files import CAMPAIGN_FILE
from conversations.folder.leftovers import find_leftovers
from conversations.folder.loading import LoadedCampaign, load_campaigns
from conversations.model.campaigns.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.campaigns import versions
from storage.campaigns.versions import FolderState
from storage.crypto.vault import Vault
from storage.engine.database import Database

DATABASE_TIMEOUT = 5.0
"""Seconds that the database may take to say which campaigns are in test mode."""


async def find_mistakes(
    environment: Mapping[str, str], database_timeout: float = DATABASE_TIMEOUT
) -> tuple[Mistake, ...]:
    """Return every mistake in settings, campaigns and the key that signs mail.

    If the database does not answer within `database_timeout` seconds, what it would say is
    left out: `doctor` reports what is wrong with it.
    """
    source = read_source(environment)
    settings, mistakes = Settings.read(source)
    if settings is not None:
        readable = secret_files.find_readable(settings, source.file)
        mistakes = (*_signing_mistakes(settings, source), *readable)
    files = model.campaign_settings(environment)
    if files is None:
        return mistakes
    loaded = load_campaigns(files.folder, utc_now().date())
    mistakes = (
        *mistakes,
        *_campaign_mistakes(files.folder, loaded),
        *_wording_mistakes(files.wording_folder),
    )
    campaigns = [each.campaign for each in loaded if each.campaign]
    if settings is None or not campaigns:
        return mistakes
    correct = [each for each in loaded if each.campaign]
    known = await _ask_database(settings, correct, database_timeout)
    return (
        *mistakes,
        *_missing_own_domains(settings, campaigns),
        *campaign_mode.find_mistakes(campaigns, settings.mail, known.unconfirmed),
        *(each for slug, state in known.folders.items() for each in folder.describe(state, slug)),
    )


def find_campaign_mistakes(folder: Path) -> tuple[Mistake, ...]:
    """Return every mistake in the campaigns of `folder`, and in the wording beside it.

    No settings are needed.
    """
    loaded = load_campaigns(folder, utc_now().date())
    return (*_campaign_mistakes(folder, loaded), *_wording_mistakes(wording_beside(folder)))


def _campaign_mistakes(folder: Path, loaded: Sequence[LoadedCampaign]) -> Iterator[Mistake]:
    """Yield the mistakes in campaign files, and what is left of the skeleton in them."""
    if not loaded:
        fix = "Create one: actionbot campaign new my-campaign"
        yield Mistake("There is no campaign.", fix, folder.name)
    for each in loaded:
        yield from each.mistakes
        if each.campaign is not None:
            yield from find_leftovers(each.files, each.campaign, is_error=False)


def _wording_mistakes(folder: Path | None) -> tuple[Mistake, ...]:
    return own_wording.find_mistakes(folder) if folder else ()


def _missing_own_domains(settings: Settings, campaigns: Sequence[Campaign]) -> Iterator[Mistake]:
    """Warn about each campaign with identity = "own" if the settings list no domains."""
    if settings.mail.own_domains:
        return
    for campaign in campaigns:
        if campaign.identity == "own":
            problem = "No domain is listed as yours, so all letters are sent as with “relay”."
            fix = "List your domains in actionbot.toml: [mail] own_domains"
            where = f"{campaign.slug}/{CAMPAIGN_FILE} identity"
            yield Mistake(problem, fix, where, is_error=False)


@dataclass(frozen=True)
class _Known:
    """What the database says of campaigns."""

    unconfirmed: frozenset[str] = frozenset()
    """The campaigns in test mode."""

    folders: Mapping[str, FolderState] = field(default_factory=dict)
    """How folders stand to the published versions, by slug; without those to be published."""


async def _ask_database(
    settings: Settings, loaded: Sequence[LoadedCampaign], timeout_seconds: float
) -> _Known:
    """Return what the database says of the campaigns; nothing if it cannot be read."""
    try:
        async with asyncio.timeout(timeout_seconds):
            database = await open_present_database(settings)
            if database is None:
                return _Known()
            try:
                if not settings.keys.file.exists():  # opening the vault would create it
                    return _Known()
                vault = await open_vault(settings, database)
                unconfirmed = await campaign_mode.load_unconfirmed(database, vault)
                states = {
                    each.folder: await _compare(database, vault, settings.campaigns.folder, each)
                    for each in loaded
                }
            finally:
                await database.close()
    except (CommandError, TimeoutError):
        return _Known()
    return _Known(unconfirmed, {slug: state for slug, state in states.items() if state})


async def _compare(
    database: Database, vault: Vault, home: Path, loaded: LoadedCampaign
) -> FolderState | None:
    base = folder.read_base(home / loaded.folder)
    compare = partial(versions.compare_folder, vault=vault, files=loaded.files, base=base)
    return await database.read(compare)


def _signing_mistakes(settings: Settings, source: SettingsSource) -> Iterator[Mistake]:
    """Yield what is wrong with the key that signs mail, if the settings name one."""
    try:
        dkim_keys.open_signer(settings.mail)
    except CommandError as error:
        where = source.where(SettingPlace("mail", "dkim_key"))
        yield from (replace(each, where=where) for each in error.mistakes)
