"""What `check` looks at without talking to anyone: settings and campaigns, and which are live."""

import asyncio
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.cli import campaign_mode, dkim_keys
from bot.errors import CommandError
from bot.settings import model
from bot.settings.model import Settings
from bot.settings.setting_origins import SettingPlace, SettingsSource, find
from bot.startup import open_present_database
from conversations.folder.loading import (
    FILE,
    SCHEMA,
    load,
    load_all,
    schema,
    stamp,
)
from conversations.model.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.admin import campaign_modes as kept

PATIENCE = 5.0
"""Seconds that a database has to tell which campaigns are in test mode."""

SKELETON = Path(__file__).parent / "skeleton"
_SLUG = re.compile(r"[a-z0-9-]{1,30}")


async def everything(
    environment: Mapping[str, str], patience: float = PATIENCE
) -> tuple[Mistake, ...]:
    """Return every mistake in settings and campaigns, and in the key that signs mail.

    A database that does not answer within `patience` seconds is as good as none.
    """
    source = find(environment)
    given, mistakes = Settings.read(source)
    if given is not None:
        mistakes = tuple(_in_signing(given, source))
    folder = model.campaigns_folder(environment)
    if folder is None:
        return mistakes
    loaded = load_all(folder)
    if not loaded:
        mend = "Make one: actionbot campaign new my-campaign"
        return (*mistakes, Mistake("There is no campaign.", mend, folder.name))
    mistakes = (*mistakes, *(mistake for each in loaded for mistake in each.mistakes))
    if given is None:
        return mistakes
    ready = [each.campaign for each in loaded if each.campaign]
    unconfirmed = await _unconfirmed(given, patience)
    return (
        *mistakes,
        *_unowned(given, ready),
        *campaign_mode.mistakes(ready, given.mail, unconfirmed),
    )


def _unowned(given: Settings, campaigns: Sequence[Campaign]) -> Iterator[Mistake]:
    """Yield which campaigns want letters to come from domains that the settings do not name."""
    for campaign in () if given.mail.own_domains else campaigns:
        if campaign.identity == "own":
            what = "No domain is known to be yours, so all go by relay."
            mend = "Name your domains in actionbot.toml: [mail] own_domains"
            yield Mistake(what, mend, f"{campaign.slug}/{FILE} identity", grave=False)


async def _unconfirmed(given: Settings, patience: float) -> frozenset[str]:
    """Return what the database holds in test mode. The doctor tells what is wrong with it."""
    try:
        async with asyncio.timeout(patience):
            database = await open_present_database(given)
            if database is None:
                return frozenset()
            try:
                return await database.read(kept.unconfirmed)
            finally:
                await database.close()
    except (CommandError, TimeoutError):
        return frozenset()


def _in_signing(given: Settings, source: SettingsSource) -> Iterator[Mistake]:
    """Yield what is wrong with the key that signs mail, where the settings name it."""
    try:
        dkim_keys.open_signer(given.mail)
    except CommandError as mistaken:
        where = source.where(SettingPlace("mail", "dkim_key"))
        yield from (replace(each, where=where) for each in mistaken.mistakes)


def check_slug(slug: str) -> str:
    """Return `slug` if it can name a campaign. Raises Mistaken."""
    if not _SLUG.fullmatch(slug):
        raise CommandError(
            f"“{slug}” is no short name.", mend="Use 1 to 30 of a-z, 0-9 and hyphens."
        )
    return slug


def make_campaign(folder: Path, slug: str) -> Path:
    """Make a campaign to start from; return its folder. Raises Mistaken."""
    home = folder / check_slug(slug)
    if home.exists():
        raise CommandError(f"{home} exists already.", mend="Choose another name.")
    shutil.copytree(SKELETON, home)
    file = home / "campaign.toml"
    content = file.read_text(encoding="utf-8")
    file.write_text(content.replace("my-campaign", slug), encoding="utf-8")
    (folder / SCHEMA).write_text(schema(), encoding="utf-8")
    return home


def load_campaign(folder: Path, slug: str) -> Campaign:
    """Return the campaign `slug`. Raises Mistaken, with every mistake in it."""
    _check_there(folder, slug)
    loaded = load(folder / slug)
    if loaded.campaign is None:
        raise CommandError(loaded.mistakes)
    return loaded.campaign


def stamp_translations(folder: Path, slug: str) -> tuple[Path, ...]:
    """Note in a campaign's translations that they are up to date; return which. Raises Mistaken."""
    _check_there(folder, slug)
    try:
        return stamp(folder / slug)
    except (KeyError, ValueError, TypeError):
        raise CommandError("Its file has mistakes.", mend="Type: actionbot check") from None


def _check_there(folder: Path, slug: str) -> None:
    if not (folder / slug / FILE).is_file():
        known = ", ".join(path.parent.name for path in sorted(folder.glob(f"*/{FILE}")))
        raise CommandError(f"There is no campaign “{slug}”.", mend=f"There are: {known or 'none'}")
