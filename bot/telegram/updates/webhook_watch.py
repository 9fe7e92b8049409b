"""Registers the webhook, and watches that Telegram delivers updates to it.

Anybody who has the token can set another webhook, or delete ours. Telegram does not report that, so
this asks every minute (Bot API, getWebhookInfo).
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from telegram import Bot, WebhookInfo
from telegram.error import TelegramError

from bot.logs import error_fields
from bot.services.runner import repeat
from bot.telegram.updates.inbound import ALLOWED_UPDATES
from bot.telegram.updates.poll_faults import fault_of
from conversations.core.alerts import UpdatesTrouble

log = structlog.get_logger()

CHECK_INTERVAL = 60.0
"""Seconds between two checks."""

WEBHOOK = "/telegram"
"""The path of the webhook."""

MAX_CONNECTIONS = 40
"""How many updates Telegram may post at the same time: 1 to 100."""

RECENT_FAILURE = timedelta(minutes=2)
"""How long a failed delivery counts as a problem."""

MAX_TROUBLE = 180.0
"""Seconds for which checks may find the same trouble, one after the other."""

_NO_INFO = (AttributeError, KeyError, OverflowError, OSError, TypeError, ValueError)
"""What the library raises where an answer is not a WebhookInfo."""


async def register(bot: Bot, url: str, secret: str) -> None:
    """Have Telegram post updates to `url`; `secret` is 1 to 256 of ``[A-Za-z0-9_-]``.

    Raises what the methods of `telegram.Bot` raise.
    """
    await bot.set_webhook(
        url,
        secret_token=secret,
        max_connections=MAX_CONNECTIONS,
        allowed_updates=ALLOWED_UPDATES,
    )


class WebhookWatch:
    """Checks every minute that Telegram posts updates to our webhook, and registers it again."""

    def __init__(self, bot: Bot, url: str, secret: str, clock: Callable[[], datetime]) -> None:
        """Watch `url`, which is registered with `secret`."""
        self._bot = bot
        self._url = url
        self._secret = secret
        self._clock = clock
        self._problem: str | None = None
        self._trouble: UpdatesTrouble | None = None
        """What kind of trouble the last check found."""
        self._since = time.monotonic()
        """When a check found this for the first time."""

    async def run(self) -> None:
        """Check until cancelled."""
        await repeat(self.run_once, CHECK_INTERVAL)

    async def run_once(self) -> None:
        """Check once, and register the webhook again if somebody changed it."""
        try:
            self._problem, trouble = await self._check()
        except TelegramError as error:
            fault = fault_of(error)
            self._problem, trouble = fault.value, fault.trouble
            log.warning("webhook not checked", reason=self._problem, **error_fields(error))
        except _NO_INFO as error:
            self._problem = "Telegram's answer to getWebhookInfo cannot be read"
            trouble = UpdatesTrouble.AWAY
            log.warning("webhook not checked", reason=self._problem, **error_fields(error))
        if trouble is not self._trouble:
            self._trouble, self._since = trouble, time.monotonic()

    async def delivery_problem(self) -> str | None:
        """Return why updates did not arrive at the last check, or None."""
        return self._problem

    def lasting_trouble(self) -> UpdatesTrouble | None:
        """Return what has kept updates from arriving for MAX_TROUBLE, or None."""
        return self._trouble if time.monotonic() - self._since >= MAX_TROUBLE else None

    async def lasting_problem(self) -> str | None:
        """Return that somebody keeps changing the webhook, or None.

        Failed deliveries do not count: a process that is not ready may get no requests at all, so
        it would never be ready again.
        """
        if self.lasting_trouble() is not UpdatesTrouble.RIVAL:
            return None
        return (
            "another program keeps changing the bot's webhook: stop it, or get a new token from"
            " @BotFather"
        )

    async def _check(self) -> tuple[str | None, UpdatesTrouble | None]:
        info = await self._bot.get_webhook_info()
        failed = self._failed_delivery(info)
        changed = _change(info, self._url)
        if changed or _is_refused(failed):
            await register(self._bot, self._url, self._secret)
            log.warning("webhook registered again", reason=changed or failed)
        if info.url != self._url:
            return changed, UpdatesTrouble.RIVAL
        return changed or failed, UpdatesTrouble.UNDELIVERED if failed else None

    def _failed_delivery(self, info: WebhookInfo) -> str | None:
        failed = info.last_error_date
        recent = failed is not None and self._clock() - failed < RECENT_FAILURE
        if not (recent and info.pending_update_count):
            return None
        reason = f" ({info.last_error_message})" if info.last_error_message else ""
        return f"Telegram cannot deliver updates{reason}"


def _change(info: WebhookInfo, url: str) -> str | None:
    """Return what somebody changed in the webhook, or None."""
    if not info.url:
        return "somebody removed the webhook"
    if info.url != url:
        return "somebody set another webhook"
    if set(info.allowed_updates or ()) != set(ALLOWED_UPDATES):
        return "somebody set the webhook for other updates"
    return None


def _is_refused(failure: str | None) -> bool:
    """Return whether our server answered 403: somebody set our URL with another secret."""
    return failure is not None and "403" in failure
