"""Open what all services need: Telegram, the database, the keys, the campaigns and the mail server.

Everything that is opened here is closed by the exit stack.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot import startup
from bot.errors import CommandError
from bot.mail.authentication import dkim_keys
from bot.mail.authentication.domains import DomainResolver
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.identification import MailLook
from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.transport import SmtpTransport
from bot.services.broadcasts.broadcast_sender import SENDER_LEASE
from bot.services.campaigns import campaign_mode
from bot.services.campaigns.published import PublishedCampaigns
from bot.services.core import Core
from bot.services.housekeeping.authority_watch import AuthorityWatch
from bot.services.recovery_gate import RECOVERY_GRACE
from bot.services.shared_clock import SharedClock
from bot.settings.model import Settings
from bot.telegram.client.pacing import Pacer
from bot.telegram.client.rate_gate import PAID, Limits
from bot.telegram.client.request import TelegramRequest
from bot.telegram.outbound import Messenger
from conversations.core.facts import Deployment
from conversations.model.mistakes import Mistake
from storage.admin.roster import Roster
from storage.crypto.trusted_state import state_file
from storage.crypto.vault import Vault

log = structlog.get_logger()


@dataclass(frozen=True)
class Options:
    """What is not in the settings, because only the demo, the commands and tests choose it."""

    clock: Callable[[], datetime] | None = None
    """Returns the time; None stands for that of the database's server."""
    domains: DomainResolver | None = None
    """Looks up mail domains; None asks DNS."""
    limits: Limits | None = None
    """Rates of messages to Telegram; None stands for Telegram's own limits."""
    lease: timedelta = SENDER_LEASE
    """How long another process waits for a silent sender of broadcasts."""
    grace: timedelta = RECOVERY_GRACE
    """How long after a start or an outage nothing is taken over from another process."""
    show_keys: Callable[[], bool] = lambda: False
    """Whether chats show catalogue keys instead of texts."""
    campaigns_changed: Callable[[], None] = lambda: None
    """Called after campaign files were reloaded."""
    real: bool = False
    """Whether campaigns whose targets have reserved addresses must not go live."""


@dataclass(frozen=True)
class TelegramClient:
    """The connection to the Bot API."""

    request: TelegramRequest
    username: str
    """The bot's username, without @."""
    pacer: Pacer
    messages: Messenger


@dataclass(frozen=True)
class MailClient:
    """The connection to the mail server."""

    envelopes: Envelopes
    domains: DomainResolver
    transport: SmtpTransport


@dataclass(frozen=True)
class Foundation:
    """What all services are built on."""

    settings: Settings
    options: Options
    core: Core
    campaigns: PublishedCampaigns
    roster: Roster
    authority_watch: AuthorityWatch
    telegram: TelegramClient
    mail: MailClient


async def open_foundation(
    settings: Settings, options: Options, stack: AsyncExitStack
) -> Foundation:
    """Open everything. Raises CommandError."""
    signer = dkim_keys.open_signer(settings.mail)
    await asyncio.to_thread(startup.use_own_wording, settings)
    telegram = await _open_telegram(settings, options, stack)
    core, campaigns = await _open_core(settings, options, telegram.username, stack)
    domains = options.domains or DomainResolver()
    envelopes = Envelopes(core.vault, settings.mail.domain)
    look = MailLook(
        settings.mail.from_ == "one", settings.mail.report_abuse, settings.mail.feedback_id
    )
    builder = MessageBuilder(
        envelopes, settings.mail.address, domains, settings.mail.own_domains, signer, look
    )
    pool = SmtpPool(parse_smtp_url(settings.smtp.url.get_secret_value()))
    stack.push_async_callback(pool.close)
    return Foundation(
        settings,
        options,
        core,
        campaigns,
        Roster(core.vault, core.clock, settings.telegram.admins, settings.telegram.campaigners),
        AuthorityWatch(core),
        telegram,
        MailClient(envelopes, domains, SmtpTransport(builder, pool)),
    )


async def _open_telegram(
    settings: Settings, options: Options, stack: AsyncExitStack
) -> TelegramClient:
    token, api = settings.telegram.token.get_secret_value(), settings.telegram.api
    request = TelegramRequest(token, api=api)
    await request.initialize()
    stack.push_async_callback(request.shutdown)
    pacer = Pacer(options.limits or (PAID if settings.telegram.paid_broadcast else Limits()))
    username = await startup.bot_name(request.bot)
    return TelegramClient(request, username, pacer, Messenger(request.bot, pacer))


async def _open_core(
    settings: Settings, options: Options, username: str, stack: AsyncExitStack
) -> tuple[Core, PublishedCampaigns]:
    async def campaigns_changed() -> None:
        await _record_modes(core, campaigns, settings)
        options.campaigns_changed()

    database = await startup.open_ready_database(settings)
    stack.push_async_callback(database.close)
    clock = options.clock or await SharedClock.of(database)
    vault: Vault = await startup.open_vault(settings, database, clock)
    folder = settings.campaigns.folder
    campaigns = PublishedCampaigns(database, vault, folder, clock, campaigns_changed)
    await campaigns.start()
    if not campaigns.in_service and not campaigns.unserved:
        _require_empty_folder(campaigns, settings)

    def deployment() -> Deployment:
        return Deployment(
            campaigns.in_service,
            username,
            settings.mail.address,
            settings.mail.test_address,
            settings.mail.test,
            options.show_keys(),
            campaigns.unserved,
            settings.figures.time_zone,
            settings.telegram.second_eyes_above,
            settings.telegram.second_eyes_campaigns,
            settings.telegram.paid_broadcast,
            settings.keys.backup_days,
            settings.mail.reads_replies,
        )

    core = Core(database, vault, deployment, clock)
    await _record_modes(core, campaigns, settings)
    return core, campaigns


async def _record_modes(core: Core, campaigns: PublishedCampaigns, settings: Settings) -> None:
    """Record which campaigns are in test mode."""
    await campaign_mode.record_modes(core, campaigns.in_service, settings.mail)


def _require_empty_folder(campaigns: PublishedCampaigns, settings: Settings) -> None:
    """Raise CommandError unless the first campaign is still to be made, which an admin can do in
    the chat: a missing folder is a mistake in the settings.
    """
    if campaigns.list_is_refused:
        raise CommandError((_refused_list(settings),))
    if campaigns.mistakes:
        raise CommandError(campaigns.mistakes)
    if not settings.campaigns.folder.is_dir():
        what = f"There is no campaign in {settings.campaigns.folder}."
        raise CommandError((Mistake(what, "Run: actionbot campaign new", "campaigns"),))
    log.info("no campaign yet: make one in the chat, with /campaigns")


def _refused_list(settings: Settings) -> Mistake:
    """Say that nothing trustworthy lists the published campaigns: neither database nor machine."""
    known = state_file(settings.keys.file)
    problem = (
        "The list of published campaigns in the database was changed from outside, and"
        f" {known.name} remembers none, so no campaign can be served."
    )
    fix = (
        f"Copy {known.name} from another machine to {known.parent}, or restore the database from a"
        " backup. Find out who can write to the database."
    )
    return Mistake(problem, fix, "database: table authority, row versions")
