"""Test mode and its end: what is live, what must not be, and the word that makes a campaign so."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

import structlog

from bot.errors import CommandError
from bot.services.housekeeping.campaign_watcher import CampaignWatcher
from bot.settings.addresses import is_reserved
from bot.settings.model import MailSettings
from conversations.model.campaign import Campaign
from conversations.model.mistakes import Mistake
from storage.admin import campaign_modes as kept
from storage.engine.database import Database

log = structlog.get_logger()


async def record_modes(
    database: Database, in_service: Mapping[str, Campaign], mail: MailSettings, now: datetime
) -> None:
    """Note which campaigns came into service, and log those that are in test mode."""
    tests = {slug: mail.test or campaign.test for slug, campaign in in_service.items()}
    await database.transact(lambda c: kept.register(c, tests, now=now))
    unconfirmed = await database.read(kept.unconfirmed)
    for slug in sorted(unconfirmed & tests.keys()):
        log.info("test mode", campaign=slug, reason=_reason(in_service[slug], mail))


def _reason(campaign: Campaign, mail: MailSettings) -> str:
    if mail.test:
        return "the settings say so"
    return "its file says so" if campaign.test else f"type: {_confirm(campaign.slug)}"


def _confirm(slug: str) -> str:
    return f"actionbot campaign live {slug}"


def find_mistakes(
    campaigns: Iterable[Campaign], mail: MailSettings, unconfirmed: frozenset[str]
) -> Iterator[Mistake]:
    """Yield what keeps `run` from starting, and which campaigns only wait for the last word."""
    for campaign in campaigns:
        if not mail.test and not campaign.test and campaign.slug in unconfirmed:
            what = "It stays in test mode: nobody has confirmed that it goes live."
            yield Mistake(what, f"Type: {_confirm(campaign.slug)}", campaign.slug, is_error=False)
        test = mail.test or campaign.test or campaign.slug in unconfirmed
        yield from _targets(campaign, mail, test=test)


def _targets(campaign: Campaign, mail: MailSettings, *, test: bool) -> Iterator[Mistake]:
    for target in campaign.targets:
        where = f"{campaign.slug}, target {target.id}"
        if test and target.address.lower() == mail.test_address.lower():
            what = "Letters in test mode would go to this target: it has the test address."
            yield Mistake(what, "Set another one: test_address under [mail].", where)
        if not test and is_reserved(target.address):
            what = f"{target.address} reaches nobody: its domain is for examples and tests."
            fix = "Write the target's own address, or test = true."
            yield Mistake(what, fix, where)


async def find_errors(
    database: Database, mail: MailSettings, *in_service: Campaign
) -> tuple[Mistake, ...]:
    """Return why these must not come into service: a live one would write to nobody."""
    unconfirmed = await database.read(kept.unconfirmed)
    return tuple(each for each in find_mistakes(in_service, mail, unconfirmed) if each.is_error)


async def require_valid(database: Database, campaigns: CampaignWatcher, mail: MailSettings) -> None:
    """Raise Mistaken where a live campaign would write to nobody, and let no edit do so later."""
    if is_error := await find_errors(database, mail, *campaigns.in_service.values()):
        raise CommandError(is_error)
    campaigns.refused = partial(find_errors, database, mail)


async def require_ready(database: Database, campaign: Campaign, mail: MailSettings) -> None:
    """Raise Mistaken where the campaign cannot go live now, or is live."""
    if mail.test:
        raise CommandError(
            "The settings put all campaigns into test mode.",
            fix="Write test = false, start the bot again, and then type this.",
            where="mail.test",
        )
    if campaign.test:
        raise CommandError(
            "Its file says that it is in test mode.",
            fix="Write test = false there, and then type this again.",
            where=f"{campaign.slug}/campaign.toml test",
        )
    if campaign.slug not in await database.read(kept.unconfirmed):
        raise CommandError("It is not in test mode.", where=campaign.slug)
    is_error = tuple(_targets(campaign, mail, test=False))
    if is_error:
        raise CommandError(is_error)


def summary(campaign: Campaign) -> Iterator[str]:
    """Yield what somebody should read before they say that the campaign goes live."""
    yield f"Campaign:     {campaign.text(campaign.languages[0]).title} ({campaign.slug})"
    yield f"Organisation: {campaign.organisation}, {campaign.contact}"
    for target in campaign.targets:
        countries = ", ".join(target.for_countries) or "all other countries"
        name = target.name_in(campaign.languages[0])
        yield f"Target:       {name} <{target.address}>, for {countries}"
    yield f"Languages:    {', '.join(campaign.languages)}"
    opens, closes = (f"{at:%Y-%m-%d %H:%M %Z}" if at else "" for at in _dates(campaign))
    yield f"Letters:      from {opens or 'now'} until {closes or 'it is ended'}"
    yield f"Erased:       everything personal, after {campaign.keep_until}"


def _dates(campaign: Campaign) -> tuple[datetime | None, datetime | None]:
    return campaign.opens, campaign.closes


async def go_live(database: Database, slug: str, now: datetime) -> int:
    """Make the campaign live and erase its tests; return how many there were."""
    erased = await database.transact(lambda c: kept.go_live(c, slug, now=now))
    await database.discard_erased()
    return erased
