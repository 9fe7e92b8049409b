"""Take updates from Telegram to the service that handles them."""

import time
from contextlib import suppress

import structlog
from telegram.error import TelegramError

from bot import metrics
from bot.logs import LogThrottle
from bot.services.conversation.answer import ChatEvent
from bot.services.conversation.update_handler import UpdateHandler
from bot.services.core import Core
from bot.services.monitoring.watchdog import Watchdog
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates.inbound import IncomingUpdate, MalformedUpdate
from bot.web.health import Health
from conversations.text.languages import DEFAULT, match, offered
from conversations.text.wording import Wording
from storage.chats import updates

log = structlog.get_logger()


class UpdateIntake:
    """Handles each update once, whether it came by polling or by the webhook."""

    def __init__(
        self,
        core: Core,
        request: TelegramRequest,
        update_handler: UpdateHandler,
        health: Health,
        watchdog: Watchdog,
    ) -> None:
        """Hand the events of private chats to `update_handler`."""
        self._core = core
        self._request = request
        self._update_handler = update_handler
        self._health = health
        self._watchdog = watchdog
        self._malformed = LogThrottle()

    async def handle(
        self, update: IncomingUpdate | MalformedUpdate, *, by_webhook: bool = False
    ) -> str | None:
        """Handle an update: when this returns, it is done and must not come again.

        Returns the id of a press that the response to the webhook shall acknowledge; None if the
        bot does so by a call of its own.
        Raises what the database raises; the update must come again then.
        """
        started = time.perf_counter()
        try:
            with self._health.processing():
                press = await self._handle(update, by_webhook)
        except Exception:
            metrics.UPDATES_RETRIED.inc()
            raise
        if isinstance(update, MalformedUpdate):
            metrics.UPDATES_MALFORMED.inc()
            return None
        if update.sent is not None:
            self._watchdog.answered(update.sent)
        metrics.UPDATES_DONE.inc()
        metrics.TURN_SECONDS.observe(time.perf_counter() - started)
        return press

    async def _handle(
        self, update: IncomingUpdate | MalformedUpdate, by_webhook: bool
    ) -> str | None:
        match update:
            case MalformedUpdate(update_id, reason):
                if count := self._malformed.count():
                    log.warning("malformed update", reason=reason, count=count)
                if update_id is not None:
                    await self._claim(update_id, poisoned=True)
            case IncomingUpdate(group=True):
                await self._leave(update)
            case IncomingUpdate(event=event) if event is not None:
                pressed = update.callback_id
                happened = ChatEvent(
                    update.update_id,
                    update.chat,
                    update.profile,
                    event,
                    pressed,
                    by_webhook and pressed is not None,
                    update.message_id,
                    update.topic,
                )
                return pressed if await self._update_handler.answer(happened) else None
        return None

    async def _claim(self, update_id: int, *, poisoned: bool) -> bool:
        """Mark the update as done. Return False if it was done before."""
        now = self._core.clock()
        return await self._core.database.transact(
            lambda c: updates.claim(c, update_id, now, failed=poisoned)
        )

    async def _leave(self, update: IncomingUpdate) -> None:
        """Leave a group or a channel. A group is told that the bot talks in private chats only.

        A channel is told nothing: its subscribers would read that as the channel's own post.
        """
        if not await self._claim(update.update_id, poisoned=False):
            return
        if not update.channel:
            language = match(update.profile.language, offered()) or DEFAULT
            username = self._core.deployment().username
            text = Wording(language).label("group.private", username=username)
            with suppress(TelegramError):
                await self._request.bot.send_message(update.chat, text)
        with suppress(TelegramError):
            await self._request.bot.leave_chat(update.chat)
