"""The bot, put together: the one place where every part meets the others."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from bot import metrics, startup
from bot.charts import drawing_process
from bot.errors import CommandError
from bot.logs import error_fields
from bot.mail.authentication import dkim_keys
from bot.mail.authentication.domains import DomainResolver
from bot.mail.incoming.imap import parse_imap_url
from bot.mail.incoming.inbound_mail import InboundMail
from bot.mail.incoming.mailbox_reader import MailboxReader
from bot.mail.messages.envelopes import Envelopes
from bot.mail.messages.message import MessageBuilder
from bot.mail.smtp.pool import SmtpPool
from bot.mail.smtp.server import parse_smtp_url
from bot.mail.smtp.transport import SmtpTransport
from bot.services.broadcasts.broadcast_progress import BroadcastProgress
from bot.services.broadcasts.broadcast_sender import LEASE, BroadcastSender
from bot.services.conversation import staff_handler
from bot.services.conversation.bounce_notices import BounceNotices
from bot.services.conversation.draft_editing import Albums, Rules
from bot.services.conversation.reply_sender import ReplySender
from bot.services.conversation.staff_handler import Staff
from bot.services.conversation.update_handler import ChatEvent, UpdateHandler
from bot.services.core import Core
from bot.services.housekeeping import campaign_mode
from bot.services.housekeeping.campaign_watcher import CampaignWatcher
from bot.services.housekeeping.retention import Retention
from bot.services.mail.mail_worker import MailWorker
from bot.services.monitoring.alert_mail import AlertMailer
from bot.services.monitoring.alert_sender import AlertSender
from bot.services.monitoring.anomaly_watch import AnomalyWatch
from bot.services.monitoring.digests import DigestSender
from bot.services.monitoring.full_database import FullDatabaseAlert
from bot.services.monitoring.heartbeat import Heartbeat
from bot.services.monitoring.reports import Reports
from bot.services.monitoring.watchdog import Machine, Watchdog
from bot.settings.addresses import is_reserved
from bot.settings.model import Settings
from bot.telegram import menus as bot_menus
from bot.telegram import webhook
from bot.telegram.broadcast_transport import BroadcastTransport
from bot.telegram.clock import seconds_off
from bot.telegram.inbound import Incoming, Malformed
from bot.telegram.outbound import Messenger
from bot.telegram.pacing import PAID, Limits, Pacer
from bot.telegram.polling import Poller
from bot.telegram.request import TelegramRequest
from bot.web import http_server
from bot.web.health import Health
from bot.web.http_server import WEBHOOK
from conversations.core.effects.base import Worker
from conversations.core.facts import Deployment
from conversations.model import roles
from conversations.model.mistakes import Mistake
from conversations.text import countries
from conversations.text.wording import (
    DEFAULT,
    Wording,
    match,
    offered,
)
from storage.admin.roles import Roster
from storage.broadcasts import ledger
from storage.chats import chats, updates
from storage.engine.database import Database

log = structlog.get_logger()

PENDING_UNDO = 10.0
"""Seconds that mail waits after a start with a webhook, so that a waiting Undo comes first."""


BREATH = 2.0
"""Seconds after which what broke is begun again."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class App:
    """The bot's parts. `open` puts them together."""

    settings: Settings
    database: Database
    campaigns: CampaignWatcher
    request: TelegramRequest
    answering: UpdateHandler
    telling: ReplySender
    alerting: AlertSender
    alarming: AlertMailer
    minding: Watchdog
    delivering: MailWorker
    sweeping: Retention
    returning: BounceNotices
    albums: Albums
    reception: InboundMail
    broadcasting: BroadcastSender
    progressing: BroadcastProgress
    health: Health
    roster: Roster
    digesting: DigestSender
    noticing: AnomalyWatch
    clock: Callable[[], datetime]
    deployment: Callable[[], Deployment]

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        domains: DomainResolver | None = None,
        limits: Limits | None = None,
        lease: timedelta = LEASE,
        show_keys: Callable[[], bool] = lambda: False,
        campaigns_changed: Callable[[], None] = lambda: None,
        real: bool = False,
    ) -> AsyncIterator["App"]:
        """Open everything, and close it at the end. Raises Mistaken.

        A `real` bot refuses to go live with targets that are examples.
        """
        signer = dkim_keys.open_signer(settings.mail)
        async with AsyncExitStack() as stack:
            request = TelegramRequest(
                settings.telegram.token.get_secret_value(), api=settings.telegram.api
            )
            await request.initialize()
            stack.push_async_callback(request.shutdown)
            username = await startup.bot_name(request)

            async def changed() -> None:
                await campaign_mode.record_modes(
                    database, campaigns.in_service, settings.mail, clock()
                )
                campaigns_changed()

            campaigns = await asyncio.to_thread(CampaignWatcher, settings.campaigns.folder, changed)
            if not campaigns.in_service:
                raise CommandError(campaigns.mistakes or _no_campaign(settings))
            database = await startup.open_ready_database(settings)
            stack.push_async_callback(database.close)
            vault = await startup.open_vault(settings, database)
            await campaign_mode.record_modes(database, campaigns.in_service, settings.mail, clock())
            courier = SmtpPool(parse_smtp_url(settings.smtp.url.get_secret_value()))
            stack.push_async_callback(courier.close)
            mailbox, test_address = settings.mail.address, settings.mail.test_address

            def deployment() -> Deployment:
                test = settings.mail.test
                return Deployment(
                    campaigns.in_service,
                    username,
                    mailbox,
                    test_address,
                    test,
                    show_keys(),
                    settings.figures.time_zone,
                )

            def unfit(slug: str) -> bool:
                targets = campaigns.in_service[slug].targets
                return real and any(is_reserved(target.address) for target in targets)

            envelopes = Envelopes(vault, settings.mail.domain)
            pacer = Pacer(limits or (PAID if settings.telegram.paid_broadcast else Limits()))
            voice, telegram = Messenger(request, pacer), settings.telegram
            roster = Roster(vault, telegram.admins, telegram.campaigners)
            rules = Rules(telegram.second_eyes_above, telegram.paid_broadcast)
            staff = Staff(vault, roster, pacer.state, unfit, envelopes.letter, rules)
            few = settings.figures.small_countries
            core = Core(database, vault, deployment, clock)
            reporting = Reports(core, drawing_process.draw, tell_few=few)
            telling = ReplySender(database, vault, deployment, voice, clock, reporting, staff)
            stack.push_async_callback(telling.part)
            alerting = AlertSender(core, voice, roster)

            def told() -> None:
                telling.poke()
                alerting.wake()

            domains = domains or DomainResolver()
            post = MessageBuilder(envelopes, mailbox, domains, settings.mail.own_domains, signer)
            hold = settings.mail.after_a_broken_connection == "hold"
            divert_to = test_address if settings.mail.test else ""
            carrier = SmtpTransport(post, courier)
            delivering = MailWorker(
                database, vault, carrier, clock, told, hold=hold, divert_to=divert_to
            )
            bulk = BroadcastTransport(request, pacer, deployment, paid=rules.paid)
            broadcasting = BroadcastSender(database, vault, bulk, clock, lease=lease)
            answering = UpdateHandler(
                database,
                vault,
                deployment,
                domains,
                telling,
                clock,
                {Worker.MAIL: delivering.poke, Worker.BROADCAST: broadcasting.poke},
                staff,
            )
            albums = Albums(database, vault, answering, clock)
            progressing = BroadcastProgress(database, vault, deployment, voice, clock, roster)
            digesting = DigestSender(core, voice, reporting, roster)
            noticing = AnomalyWatch(core)
            alarming = AlertMailer(core, carrier, settings.mail.alerts)
            minding = Watchdog(
                core,
                Machine(
                    mistakes=lambda: campaigns.mistakes,
                    clock_error=partial(seconds_off, telegram.api, clock),
                    database_file=settings.database.file,
                ),
                FullDatabaseAlert(core, voice, alarming, roster),
                alerting.wake,
            )
            returning = BounceNotices(database, vault, answering)
            reception = InboundMail(
                database,
                envelopes,
                mailbox,
                lambda: campaigns.in_service,
                clock,
                delivering.poke,
            )
            sweeping = Retention(database, clock)
            await asyncio.to_thread(countries.prepare)
            yield cls(
                settings,
                database,
                campaigns,
                request,
                answering,
                telling,
                alerting,
                alarming,
                minding,
                delivering,
                sweeping,
                returning,
                albums,
                reception,
                broadcasting,
                progressing,
                Health(database, clock),
                roster,
                digesting,
                noticing,
                clock,
                deployment,
            )

    async def run(self, *, answer: bool = True, work: bool = True) -> None:
        """Answer and work until cancelled. Raises Mistaken where it cannot begin."""
        polls = answer and self.settings.telegram.webhook_url is None
        if (polls or not self.database.replicas) and not await self.database.occupy():
            raise CommandError(
                "Another process of the bot is running on this database.",
                fix="Stop it first. Several at once need PostgreSQL and a webhook.",
                where="database.url",
            )
        if not self.database.replicas:
            await self.database.transact(chats.leave_all_floors)
            await self.database.transact(ledger.leave_all)
        # What is built for good, as the index of countries, is not looked through again: a full
        # collection of garbage would hold everybody up for 60 ms.
        gc.collect()
        gc.freeze()
        caught_up = asyncio.Event()
        if work:
            self.health.delivers(self.delivering)
        async with AsyncExitStack() as stack:
            await self._show_status(stack)
            listening = await self._listen(stack, caught_up) if answer else None
            async with asyncio.TaskGroup() as group:
                group.create_task(_steadily(self.campaigns.run))
                group.create_task(_steadily(self.minding.run))
                if self.settings.web.heartbeat_url is not None:
                    url = self.settings.web.heartbeat_url.get_secret_value()
                    looks = (self.health.missing, *((self._hooked,) if answer else ()))
                    beats = Heartbeat(url, *looks)
                    group.create_task(_steadily(beats.run))
                if listening:
                    group.create_task(listening)
                    group.create_task(_steadily(self.telling.run))
                    group.create_task(_steadily(self.alerting.run))
                    group.create_task(_steadily(self.returning.run))
                    group.create_task(_steadily(self.digesting.run))
                    group.create_task(_steadily(self.albums.run))
                    group.create_task(self.introduce())
                else:
                    caught_up.set()
                if work:
                    group.create_task(self._deliver(caught_up))
                    group.create_task(_steadily(self.sweeping.run))
                    group.create_task(_steadily(self.noticing.run))
                    group.create_task(_steadily(self.alarming.run))
                    group.create_task(_steadily(self.broadcasting.run))
                    group.create_task(_steadily(self.progressing.run))
                    if self.settings.mail.imap:
                        at = parse_imap_url(self.settings.mail.imap.get_secret_value())
                        group.create_task(_steadily(MailboxReader(at, self.reception).run))
                await asyncio.get_running_loop().create_future()

    async def introduce(self) -> None:
        """Bring menus in line: also those of who lost a role while nobody could tell Telegram."""
        try:
            menus = await self.database.transact(self.roster.menus)
            gone = await bot_menus.introduce(self.request, menus)
            await self.database.transact(partial(self.roster.forget_menus, gone=gone))
        except (SQLAlchemyError, OSError) as error:
            log.warning("menus stay as they are until the next start", **error_fields(error))

    async def handle(self, came: Incoming | Malformed) -> None:
        """Do with an update whatever is to be done; when this returns, it is done."""
        since = time.perf_counter()
        try:
            with self.health.in_hand():
                await self._handle(came)
        except Exception:
            metrics.AGAIN.inc()
            raise
        if isinstance(came, Malformed):
            metrics.MALFORMED.inc()
            return
        if came.sent is not None:
            self.minding.answered(came.sent)
        metrics.DONE.inc()
        metrics.TURN_SECONDS.observe(time.perf_counter() - since)

    async def _handle(self, came: Incoming | Malformed) -> None:
        match came:
            case Malformed(update_id, reason):
                log.warning("update is malformed", reason=reason)
                if update_id is not None:
                    await self._claim(update_id, poisoned=True)
            case Incoming(group=True):
                await self._leave(came)
            case Incoming(event=event) if event is not None:
                await self.answering.answer(
                    ChatEvent(
                        came.update_id,
                        came.chat,
                        came.profile,
                        event,
                        came.callback_id,
                        came.message_id,
                    )
                )

    async def first_admin(self) -> str | None:
        """Return a link that makes whoever opens it first the first admin, where there is none."""
        token = await staff_handler.first_admin(self.database, self.roster, self.clock())
        return roles.link(self.deployment().username, token) if token else None

    async def _listen(
        self, stack: AsyncExitStack, caught_up: asyncio.Event
    ) -> Coroutine[Any, Any, None]:
        """Open the ways in: the webhook where one is set, else polling. Return what goes on then.

        Raises Mistaken.
        """
        telegram, at = self.settings.telegram, self.settings.web
        if telegram.webhook_url is None or telegram.webhook_secret is None:
            poller = Poller(self.request, self.handle, caught_up=caught_up.set)
            self.health.polls(poller)
            log.info("listening", polling=True)
            return poller.run()
        word = telegram.webhook_secret.get_secret_value()
        receive = webhook.receiver(word, self.handle)
        port = await http_server.serve(
            stack, "port", at.host, at.port, {("POST", WEBHOOK): receive}
        )
        log.info("listening", polling=False, port=port)
        await startup.register(self.request, f"{telegram.webhook_url}{WEBHOOK}", word)
        return _after(PENDING_UNDO, caught_up)

    async def _show_status(self, stack: AsyncExitStack) -> None:
        """Serve health and metrics. Raises Mistaken."""
        at = self.settings.web
        exposition = metrics.Exposition(self.database, self.clock, lambda: self.delivering.rests)
        routes = http_server.status(self.health.missing, exposition)
        port = await http_server.serve(stack, "status_port", at.status_host, at.status_port, routes)
        log.info("status is served", port=port)

    async def _hooked(self) -> str | None:
        """Return what hinders Telegram in bringing updates, where it is to bring them, or None."""
        if (url := self.settings.telegram.webhook_url) is None:
            return None
        try:
            return await webhook.hindrance(self.request, f"{url}{WEBHOOK}", self.clock())
        except TelegramError as error:
            return f"Telegram does not answer ({type(error).__name__})"

    async def _claim(self, update_id: int, *, poisoned: bool) -> bool:
        now = self.clock()
        return await self.database.transact(
            lambda c: updates.claim(c, update_id, now, poisoned=poisoned)
        )

    async def _deliver(self, caught_up: asyncio.Event) -> None:
        """Deliver, once whatever waited before the start is answered: a waiting Undo wins."""
        await caught_up.wait()
        await _steadily(self.delivering.run)

    async def _leave(self, came: Incoming) -> None:
        """Say that the bot talks in private only, once, and leave the group."""
        if not await self._claim(came.update_id, poisoned=False):
            return
        language = match(came.profile.language, offered()) or DEFAULT
        deployment = self.deployment()
        words = Wording(language).label("group.private", username=deployment.username)
        with suppress(TelegramError):
            await self.request.call("sendMessage", chat_id=came.chat, text=words)
        with suppress(TelegramError):
            await self.request.call("leaveChat", chat_id=came.chat)


async def _after(seconds: float, event: asyncio.Event) -> None:
    await asyncio.sleep(seconds)
    event.set()


async def _steadily(run: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Go on for ever: what breaks, as when the database restarts, is begun again."""
    while True:
        try:
            await run()
        except Exception as error:
            log.error("broke, and begins again", **error_fields(error))
        await asyncio.sleep(BREATH)


def _no_campaign(settings: Settings) -> tuple[Mistake, ...]:
    folder = settings.campaigns.folder
    return (
        Mistake(f"There is no campaign in {folder}.", "Type: actionbot campaign new", "campaigns"),
    )
