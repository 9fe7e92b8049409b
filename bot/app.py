"""The bot, put together: the one place where every part meets the others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import text
from telegram.error import TelegramError

from bot.errors import Mistaken
from bot.mail.carrier import MailCarrier
from bot.mail.domains import Domains
from bot.mail.envelopes import Envelopes
from bot.mail.message import Post
from bot.mail.smtp import Courier, server
from bot.services.answering import Answering, Happened
from bot.services.delivering import Delivering
from bot.services.sweeping import Sweeping
from bot.services.telling import Telling
from bot.services.watching import Campaigns
from bot.settings import Settings
from bot.telegram import commands, webhook
from bot.telegram.inbound import Incoming, Malformed
from bot.telegram.outbound import Messenger
from bot.telegram.pacing import Limits, Pacer
from bot.telegram.polling import Poller
from bot.telegram.request import AiohttpRequest
from bot.web import WEBHOOK, WebServer
from conversations.known import House
from conversations.mistakes import Mistake
from conversations.wording import DEFAULT, Wording, match, offered
from storage import keys, migrations, updates
from storage.database import Database
from storage.engines import open_database
from storage.vault import Vault

log = structlog.get_logger()

PENDING_UNDO = 10.0
"""Seconds that mail waits after a start with a webhook, so that a waiting Undo comes first."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass
class App:
    """The bot's parts. `open` puts them together."""

    settings: Settings
    database: Database
    campaigns: Campaigns
    request: AiohttpRequest
    answering: Answering
    telling: Telling
    delivering: Delivering
    sweeping: Sweeping
    envelopes: Envelopes
    clock: Callable[[], datetime]
    house: Callable[[], House]

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        domains: Domains | None = None,
        limits: Limits | None = None,
        show_keys: Callable[[], bool] = lambda: False,
        campaigns_changed: Callable[[], None] = lambda: None,
    ) -> AsyncIterator["App"]:
        """Open everything, and close it at the end. Raises Mistaken."""
        async with AsyncExitStack() as stack:
            request = AiohttpRequest(
                settings.telegram.token.get_secret_value(), api=settings.telegram.api
            )
            await request.initialize()
            stack.push_async_callback(request.shutdown)
            username = await _username(request)
            campaigns = Campaigns(settings.campaigns.folder, campaigns_changed)
            if not campaigns.in_service:
                raise Mistaken(campaigns.mistakes or _no_campaign(settings))
            vault = Vault(open_keys(settings))
            database = await open_ready_database(settings)
            stack.push_async_callback(database.close)
            courier = Courier(server(settings.smtp.url.get_secret_value()))
            stack.push_async_callback(courier.close)
            mailbox = settings.mail.address

            def house() -> House:
                return House(campaigns.in_service, username, mailbox, show_keys())

            envelopes = Envelopes(vault, settings.mail.domain)
            pacer = Pacer(limits) if limits else Pacer()
            telling = Telling(database, vault, house, Messenger(request, pacer), clock)
            stack.push_async_callback(telling.idle)
            carrier = MailCarrier(Post(envelopes, mailbox), courier)
            delivering = Delivering(database, vault, carrier, clock, telling.poke)
            answering = Answering(
                database, vault, house, domains or Domains(), telling, clock, delivering.poke
            )
            sweeping = Sweeping(database, clock)
            yield cls(
                settings,
                database,
                campaigns,
                request,
                answering,
                telling,
                delivering,
                sweeping,
                envelopes,
                clock,
                house,
            )

    async def run(self, *, answer: bool = True, work: bool = True) -> None:
        """Answer and work until cancelled."""
        caught_up = asyncio.Event()
        async with asyncio.TaskGroup() as group, AsyncExitStack() as stack:
            group.create_task(self.campaigns.run())
            if answer:
                group.create_task(self.telling.run())
                await commands.introduce(self.request)
                await self._listen(group, stack, caught_up)
            else:
                caught_up.set()
            if work:
                group.create_task(self._deliver(caught_up))
                group.create_task(self.sweeping.run())
            await asyncio.get_running_loop().create_future()

    async def handle(self, came: Incoming | Malformed) -> None:
        """Do with an update whatever is to be done; when this returns, it is done."""
        match came:
            case Malformed(update_id, reason):
                log.warning("update is malformed", reason=reason)
                if update_id is not None:
                    await self._claim(update_id, poisoned=True)
            case Incoming(group=True):
                await self._leave(came)
            case Incoming(event=event) if event is not None:
                await self.answering.answer(
                    Happened(
                        came.update_id,
                        came.chat,
                        came.profile,
                        event,
                        came.callback_id,
                        came.message_id,
                    )
                )

    async def missing(self) -> str | None:
        """Return why the bot cannot serve at this moment, or None."""
        try:
            await self.database.read(lambda c: c.execute(text("SELECT 1 FROM chats LIMIT 1")).all())
        except Exception as error:
            return f"the database does not answer ({type(error).__name__})"
        return None

    async def _listen(
        self, group: asyncio.TaskGroup, stack: AsyncExitStack, caught_up: asyncio.Event
    ) -> None:
        """Take updates in: from the webhook where one is set, else by polling."""
        telegram, web = self.settings.telegram, self.settings.web
        secret = telegram.webhook_secret
        if telegram.webhook_url is None or secret is None:
            await stack.enter_async_context(WebServer(web.host, web.port, self.missing))
            poller = Poller(self.request, self.handle, caught_up=caught_up.set)
            group.create_task(poller.run())
            return
        word = secret.get_secret_value()
        receive = webhook.receiver(word, self.handle)
        await stack.enter_async_context(WebServer(web.host, web.port, self.missing, receive))
        await webhook.register(self.request, telegram.webhook_url + WEBHOOK, word)
        asyncio.get_running_loop().call_later(PENDING_UNDO, caught_up.set)

    async def _claim(self, update_id: int, *, poisoned: bool) -> bool:
        now = self.clock()
        return await self.database.transact(
            lambda c: updates.claim(c, update_id, now, poisoned=poisoned)
        )

    async def _deliver(self, caught_up: asyncio.Event) -> None:
        """Deliver, once whatever waited before the start is answered: a waiting Undo wins."""
        await caught_up.wait()
        await self.delivering.run()

    async def _leave(self, came: Incoming) -> None:
        """Say that the bot talks in private only, once, and leave the group."""
        if not await self._claim(came.update_id, poisoned=False):
            return
        language = match(came.profile.language, offered()) or DEFAULT
        house = self.house()
        words = Wording(language).label("group.private", username=house.username)
        with suppress(TelegramError):
            await self.request.call("sendMessage", chat_id=came.chat, text=words)
        with suppress(TelegramError):
            await self.request.call("leaveChat", chat_id=came.chat)


async def _username(request: AiohttpRequest) -> str:
    """Ask who the bot is. This alone must succeed. Raises Mistaken."""
    try:
        return str((await request.call("getMe"))["username"])
    except TelegramError as error:
        raise Mistaken(
            f"Telegram does not know this bot, or cannot be reached ({type(error).__name__}).",
            mend="Compare telegram.token with what @BotFather shows, and see to the network.",
            where="actionbot.toml telegram.token",
        ) from None


async def open_ready_database(settings: Settings) -> Database:
    """Open the database: one that is empty is made ready, an older one waits for `migrate`.

    Raises Mistaken.
    """
    url = settings.database.url.get_secret_value()
    try:
        stands = await asyncio.to_thread(migrations.current, url)
        if stands is None:
            await asyncio.to_thread(migrations.upgrade, url)
        elif stands != migrations.latest():
            raise Mistaken(
                "The database is of another version.",
                mend="Make a backup, then type: actionbot migrate",
                where="actionbot.toml database.url",
            )
        return await open_database(url)
    except OSError as error:
        raise Mistaken(
            f"The database cannot be opened ({type(error).__name__}).",
            mend="See that it runs, and that the address is right.",
            where="actionbot.toml database.url",
        ) from None


def open_keys(settings: Settings) -> keys.Keyring:
    """Return the keys, made at the first start. Raises Mistaken."""
    try:
        return keys.load_or_create(settings.keys.file)
    except keys.KeyFileError as error:
        raise Mistaken(str(error), where="actionbot.toml keys.file") from None
    except OSError as error:
        raise Mistaken(
            f"The key file can be neither read nor made ({type(error).__name__}).",
            mend="See that its folder is there and may be written to.",
            where="actionbot.toml keys.file",
        ) from None


def _no_campaign(settings: Settings) -> tuple[Mistake, ...]:
    folder = settings.campaigns.folder
    return (
        Mistake(f"There is no campaign in {folder}.", "Type: actionbot campaign new", "campaigns"),
    )
