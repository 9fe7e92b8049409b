"""Test mode: which campaigns are in it, what is wrong with live ones, and how one goes live.

A campaign is live once its file says test = false and an admin has confirmed it with
`actionbot campaign live`.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection

from bot.errors import CommandError
from bot.services.campaigns.published import PublishedCampaigns
from bot.services.core import Core
from bot.services.runner import repeat
from bot.settings.addresses import is_reserved
from bot.settings.mail_sections import MailSettings
from conversations.model.campaigns.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.admin import audit, campaign_modes
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

MODE_INTERVAL = 5.0
"""Seconds between two looks at the campaigns' modes."""


async def record_modes(core: Core, in_service: Mapping[str, Campaign], mail: MailSettings) -> None:
    """Store the mode of the loaded campaigns, and log those that are in test mode."""
    tests = {slug: mail.test or campaign.test for slug, campaign in in_service.items()}
    await core.database.transact(lambda c: campaign_modes.register(c, core.vault, tests))
    unconfirmed = await load_unconfirmed(core.database, core.vault)
    for slug in sorted(unconfirmed & tests.keys()):
        log.info("test mode", campaign=slug, reason=_reason(in_service[slug], mail))


def _reason(campaign: Campaign, mail: MailSettings) -> str:
    if mail.test:
        return "the settings say so"
    return "its file says so" if campaign.test else f"not confirmed: run {_confirm(campaign.slug)}"


def _confirm(slug: str) -> str:
    """Return the command that takes a campaign live."""
    return f"actionbot campaign live {slug}"


def find_mistakes(
    campaigns: Iterable[Campaign], mail: MailSettings, unconfirmed: frozenset[str]
) -> Iterator[Mistake]:
    """Yield the errors that keep `run` from starting, and warn of unconfirmed campaigns.

    `unconfirmed` are the campaigns that the database has in test mode.
    """
    for campaign in campaigns:
        if not mail.test and not campaign.test and campaign.slug in unconfirmed:
            problem = "Still in test mode: going live hasn't been confirmed."
            yield Mistake(problem, f"Run: {_confirm(campaign.slug)}", campaign.slug, is_error=False)
        test = mail.test or campaign.test or campaign.slug in unconfirmed
        yield from _target_mistakes(campaign, mail, test=test)


def _target_mistakes(campaign: Campaign, mail: MailSettings, *, test: bool) -> Iterator[Mistake]:
    for target in campaign.targets:
        where = f"{campaign.slug}, target {target.id}"
        if test and target.address.lower() == mail.test_address.lower():
            problem = "Test letters would go to this target: it has your test address."
            yield Mistake(problem, "Set another test_address under [mail].", where)
        if not test and is_reserved(target.address):
            problem = f"{target.address} reaches nobody: its domain is for examples and tests."
            fix = "Use the target's real address, or set test = true."
            yield Mistake(problem, fix, where)


async def find_errors(core: Core, mail: MailSettings, *in_service: Campaign) -> tuple[Mistake, ...]:
    """Return why these campaigns must not be loaded: a live one would write to nobody."""
    unconfirmed = await load_unconfirmed(core.database, core.vault)
    # In a thread: with thousands of targets it takes longer than the event loop may wait.
    found = await asyncio.to_thread(lambda: [*find_mistakes(in_service, mail, unconfirmed)])
    return tuple(each for each in found if each.is_error)


async def require_valid(core: Core, campaigns: PublishedCampaigns, mail: MailSettings) -> None:
    """Raise CommandError if a live campaign would write to nobody; refuse such edits later, too."""
    if is_error := await find_errors(core, mail, *campaigns.in_service.values()):
        raise CommandError(is_error)
    campaigns.refused = partial(find_errors, core, mail)


async def require_ready(
    database: Database, vault: Vault, campaign: Campaign, mail: MailSettings
) -> None:
    """Raise CommandError if the campaign can't go live now, or is live already."""
    if mail.test:
        raise CommandError(
            "The settings put all campaigns into test mode.",
            fix="Set test = false, restart the bot, then run this again.",
            where="mail.test",
        )
    if campaign.test:
        raise CommandError(
            "Its file still says test = true.",
            fix="Set test = false there, then run this again.",
            where=f"{campaign.slug}/campaign.toml test",
        )
    modes = await database.read(partial(campaign_modes.load, vault=vault))
    if modes.is_refused:
        raise CommandError(
            "The database's campaign modes were changed from outside, so they can't be trusted.",
            fix="Read what happened: actionbot doctor",
        )
    if campaign.slug not in modes.unconfirmed():
        raise CommandError("It isn't in test mode.", where=campaign.slug)
    is_error = tuple(_target_mistakes(campaign, mail, test=False))
    if is_error:
        raise CommandError(is_error)


def summary(campaign: Campaign) -> Iterator[str]:
    """Yield the lines that an admin should read before confirming that the campaign goes live."""
    yield f"Campaign:     {campaign.text(campaign.languages[0]).title} ({campaign.slug})"
    yield f"Organisation: {campaign.organisation}, {campaign.contact}"
    for target in campaign.targets:
        countries = ", ".join(target.for_countries) or "all other countries"
        name = target.name_in(campaign.languages[0])
        yield f"Target:       {name} <{target.address}>, for {countries}"
    yield f"Languages:    {', '.join(campaign.languages)}"
    opens, closes = (
        f"{at:%Y-%m-%d %H:%M %Z}" if at else "" for at in (campaign.opens, campaign.closes)
    )
    yield f"Letters:      from {opens or 'now'} until {closes or 'you close it'}"
    yield f"Deleted:      all personal data, after {campaign.keep_until}"


async def go_live(database: Database, vault: Vault, slug: str, now: datetime) -> int:
    """Take the campaign live for a command, and delete its test letters; return their number."""

    def work(connection: Connection) -> int:
        deleted = campaign_modes.go_live(connection, vault, slug)
        audit.add_command(connection, vault, "campaign live", now, slug)
        return deleted

    deleted = await database.transact(work)
    await database.discard_erased()
    return deleted


async def load_unconfirmed(database: Database, vault: Vault) -> frozenset[str]:
    """Return the campaigns in test mode that wait for an admin to confirm that they go live."""
    return await database.read(partial(campaign_modes.unconfirmed, vault=vault))


class ModeLog:
    """Logs when a campaign goes live or into test mode, in the chat or by a command."""

    def __init__(self, core: Core) -> None:
        """Compare with the modes of the first look."""
        self._core = core
        self._known: dict[str, bool] | None = None
        """For each campaign, whether it was in test mode at the last look."""

    async def run(self) -> None:
        """Look every few seconds until cancelled."""
        await repeat(self.run_once, MODE_INTERVAL)

    async def run_once(self) -> None:
        """Log what has changed since the last look."""
        read = partial(campaign_modes.load, vault=self._core.vault)
        modes = (await self._core.database.read(read)).by_campaign
        known, self._known = self._known, {slug: mode.test for slug, mode in modes.items()}
        for slug, tests in self._known.items():
            if known is not None and known.get(slug, tests) != tests:
                log.info("test mode" if tests else "campaign live", campaign=slug)
