"""The composition root: build the bot's services from the settings, and run them."""

import asyncio
import gc
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics, startup
from bot.assembly.broadcasts import BroadcastServices, build_broadcasts
from bot.assembly.conversation import (
    ConversationServices,
    build_conversation,
    build_fact_loader,
    build_reply_sender,
)
from bot.assembly.foundation import Foundation, Options, open_foundation
from bot.assembly.mail import MailServices, build_mail
from bot.assembly.monitoring import (
    MonitoringServices,
    build_heartbeat,
    build_monitoring,
    build_reports,
)
from bot.assembly.profile import show_profile
from bot.assembly.wake_ups import connect_wake_ups
from bot.errors import CommandError
from bot.logs import error_fields
from bot.services.campaigns import campaign_mode
from bot.services.core import Core
from bot.services.housekeeping.clock_keeper import ClockKeeper
from bot.services.housekeeping.erasure_copy import ErasureCopy
from bot.services.housekeeping.key_rotation import KeyRotation
from bot.services.housekeeping.retention import Retention
from bot.services.housekeeping.role_notices import RoleNotices
from bot.services.housekeeping.row_order import RowOrder
from bot.services.housekeeping.settling import Settling
from bot.services.housekeeping.unused_data import UnusedDataQuestions
from bot.services.runner import repeat
from bot.services.shared_clock import SharedClock
from bot.settings.model import Settings
from bot.telegram.updates.inbound import IncomingUpdate, MalformedUpdate
from bot.telegram.updates.polling import Poller
from bot.telegram.updates.webhook_watch import WEBHOOK
from bot.update_intake import UpdateIntake
from bot.web.bind_errors import bind_errors
from bot.web.counter_server import CounterServer
from bot.web.health import Health
from bot.web.status_server import StatusServer
from conversations.model import roles
from conversations.text import links
from storage.broadcasts import lease
from storage.chats import leases

log = structlog.get_logger()

UNDO_GRACE = 10.0
"""Seconds that mail waits after a start with a webhook, so that an Undo that waits comes first."""


class Service(Protocol):
    """A part of the bot that runs until it is cancelled."""

    async def run(self) -> None:
        """Run until cancelled."""


@dataclass
class App:
    """The bot's services. `open` builds them, and `run` runs them."""

    base: Foundation
    conversation: ConversationServices
    mail: MailServices
    broadcasts: BroadcastServices
    monitoring: MonitoringServices
    health: Health
    """The health checks that /readyz and the heartbeat run."""
    intake: UpdateIntake
    """Handles each update, from polling or from the webhook."""

    @property
    def core(self) -> Core:
        """The database, the keys, the deployment and the time."""
        return self.base.core

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings, options: Options | None = None) -> AsyncIterator["App"]:
        """Open everything, and close it at the end. Raises CommandError."""
        async with AsyncExitStack() as stack:
            base = await open_foundation(settings, options or Options(), stack)
            reports, facts = build_reports(base), build_fact_loader(base)
            monitoring = build_monitoring(base, reports)
            reply_sender = build_reply_sender(base, reports, facts, stack)
            mail, broadcasts = build_mail(base), build_broadcasts(base)
            conversation = build_conversation(base, facts, reply_sender)
            connect_wake_ups(base, conversation, mail, broadcasts, monitoring)
            health = Health(base.core.database, base.core.clock)
            intake = UpdateIntake(
                base.core,
                base.telegram.request,
                conversation.update_handler,
                health,
                monitoring.watchdog,
            )
            yield cls(base, conversation, mail, broadcasts, monitoring, health, intake)

    async def run(
        self,
        *,
        answer: bool = True,
        work: bool = True,
        started: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Run the services until cancelled. Raises CommandError where they cannot start.

        `answer`: answer updates. `work`: send mail and broadcasts, and do the housekeeping.
        `started` is called once nothing can keep the services from starting any more.
        """
        await self._claim_database(answer=answer)
        # What was loaded stays for good. Without this, a full garbage collection would stop
        # everything for 60 ms. To collect now would take as long, and would free 1 MB.
        gc.freeze()
        gc.enable()
        caught_up = asyncio.Event()
        if answer:
            self.health.watch_limit(self.base.telegram.pacer.limited_for)
        if work:
            self.health.watch_mail(self.mail.worker)
        async with AsyncExitStack() as stack:
            await self._serve_status(stack)
            listening = await self._listen(stack, caught_up) if answer else None
            async with asyncio.TaskGroup() as group:
                for service in self._services(answer=answer, work=work):
                    # Most services repeat their own work. This restarts those that do not.
                    group.create_task(repeat(service.run, 0))
                if listening:
                    group.create_task(listening)
                    group.create_task(self.set_menus())
                    group.create_task(asyncio.to_thread(links.load_suffixes))
                else:
                    caught_up.set()
                if work:
                    group.create_task(self._probe_mail_server())
                    group.create_task(self._send_mail(caught_up))
                if started is not None:
                    await started()
                await asyncio.get_running_loop().create_future()

    async def set_menus(self) -> None:
        """Set the menus of commands in Telegram, also of people who have lost a role."""
        await show_profile(self.base)

    async def first_admin(self) -> str | None:
        """Return a link that makes its first visitor an admin; None where there is an admin."""
        core = self.core
        token = secrets.token_hex(16)
        invite = partial(self.base.roster.invite_first_admin, token=token, now=core.clock())
        invited = await core.database.transact(invite)
        return roles.link(core.deployment().username, token) if invited else None

    def _services(self, *, answer: bool, work: bool) -> Iterator[Service]:
        """Yield the services to run, but for the mail worker, which starts later."""
        yield self.core.database.wake_ups
        yield self.base.campaigns
        yield self.base.authority_watch
        if isinstance(self.core.clock, SharedClock):
            yield ClockKeeper(self.core.database, self.core.clock, self.mail.worker.wake)
        yield campaign_mode.ModeLog(self.core)
        yield self.monitoring.watchdog
        keys = self.base.settings.keys
        yield KeyRotation(self.core, keys.file, keys.backup_days, reencrypts=work)
        yield ErasureCopy(self.core.database, self.core.vault, keys.file)
        watch = self.monitoring.webhook_watch if answer else None
        if heartbeat := build_heartbeat(self.base, self.health, watch):
            yield heartbeat
        if watch is not None:
            yield watch
        if answer and self.base.settings.telegram.webhook_url is None:
            web = self.base.settings.web
            yield CounterServer(self.core, web.host, web.port)
        if answer:
            yield self.conversation.reply_sender
            yield self.conversation.albums
            yield self.conversation.bounce_notices
            yield self.conversation.chat_clearing
            yield self.conversation.scheduled_messages
            yield self.monitoring.alert_sender
            yield self.monitoring.digest_sender
        if work:
            yield RoleNotices(self.core, self.base.telegram.messages, self.base.roster)
            yield UnusedDataQuestions(self.core, self.base.telegram.messages)
            yield Retention(self.core.database, self.core.vault, self.core.clock)
            yield RowOrder(self.core)
            yield Settling(self.core.database, self.core.vault, self.core.clock)
            yield self.mail.letter_changes
            yield self.monitoring.anomaly_watch
            yield self.monitoring.alert_mailer
            yield self.broadcasts.sender
            yield self.broadcasts.progress
            if self.mail.mailbox_reader is not None:
                yield self.mail.mailbox_reader

    async def _claim_database(self, *, answer: bool) -> None:
        """Make sure that this process may use the database. Raises CommandError."""
        database = self.core.database
        polls = answer and self.base.settings.telegram.webhook_url is None
        is_only_sender = polls or not database.multi_process
        if is_only_sender and not await database.lock_exclusively():
            raise CommandError(
                "Another process of the bot is running on this database.",
                fix="Stop it first. Several at once need PostgreSQL and a webhook.",
                where="database.url",
            )
        # A lease that is left where no other process can be is that of a process that crashed.
        if is_only_sender:
            await database.transact(leases.release_all_leases)
        if not database.multi_process:
            await database.transact(lease.release_all)

    async def _listen(
        self, stack: AsyncExitStack, caught_up: asyncio.Event
    ) -> Coroutine[Any, Any, None]:
        """Start to receive updates, by the webhook if the settings have one, else by polling.

        Return a coroutine to run: it sets `caught_up` when the updates that waited are handled.
        Raises CommandError.
        """
        settings, request = self.base.settings, self.base.telegram.request
        telegram, web = settings.telegram, settings.web
        if telegram.webhook_url is None or telegram.webhook_secret is None:
            poller = Poller(request, self._handle_polled, caught_up=caught_up.set)
            self.health.watch_polls(poller)
            self.monitoring.watchdog.watch_updates(poller.lasting_trouble)
            log.info("listening", polling=True)
            return poller.run()
        # Imported here: a bot that polls does not need aiohttp, which takes 9 MB.
        from bot.telegram.updates import webhook
        from bot.web import http_server
        from bot.web.public_counters import PublicCounters

        secret = telegram.webhook_secret.get_secret_value()
        reply_sender = self.conversation.reply_sender
        handle = partial(self.intake.handle, by_webhook=True)
        receiver = webhook.receiver(secret, handle, lambda: reply_sender.has_room)
        routes = {("POST", WEBHOOK): receiver, **PublicCounters(self.core).routes}
        listening = await stack.enter_async_context(AsyncExitStack())
        port = await http_server.serve(listening, "port", web.host, web.port, routes)
        log.info("listening", polling=False, port=port)
        await startup.register(request.bot, f"{telegram.webhook_url}{WEBHOOK}", secret)
        if self.monitoring.webhook_watch is not None:
            self.health.watch_webhook(self.monitoring.webhook_watch)
            self.monitoring.watchdog.watch_updates(self.monitoring.webhook_watch.lasting_trouble)
        return _listen_until_cancelled(listening, caught_up)

    async def _handle_polled(self, update: IncomingUpdate | MalformedUpdate) -> None:
        """Handle an update from a poll. Polling pauses while too many answers wait to be sent."""
        await self.conversation.reply_sender.wait_for_room()
        await self.intake.handle(update)

    async def _serve_status(self, stack: AsyncExitStack) -> None:
        """Serve health checks and metrics. Raises CommandError."""
        core, web = self.core, self.base.settings.web
        page = metrics.MetricsPage(core.database, core.clock, lambda: self.mail.worker.is_paused)
        where = (web.status_host, web.status_port)
        with bind_errors("status_port", *where):
            server = StatusServer(*where, self.health.problem, page)
            await stack.enter_async_context(server)
        log.info("status is served", port=server.port)

    async def _probe_mail_server(self) -> None:
        """Log in to the mail server once, so that a wrong password shows at the start."""
        try:
            await self.mail.worker.probe_server(self.base.mail.transport.probe)
        except (SQLAlchemyError, OSError) as error:
            log.warning("mail server not tested", **error_fields(error))

    async def _send_mail(self, caught_up: asyncio.Event) -> None:
        """Send mail once the updates that waited at the start are handled: one may be an Undo."""
        await caught_up.wait()
        await self.mail.worker.run()


async def _listen_until_cancelled(listening: AsyncExitStack, caught_up: asyncio.Event) -> None:
    """Set `caught_up` after UNDO_GRACE. When cancelled, close `listening` first of all: what
    Telegram sends then goes to another process.
    """
    async with listening:
        await asyncio.sleep(UNDO_GRACE)
        caught_up.set()
        await asyncio.get_running_loop().create_future()
