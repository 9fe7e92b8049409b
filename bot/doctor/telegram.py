"""Telegram: does it know the bot, where does it bring updates, and what time is it there?"""

from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from telegram import WebhookInfo
from telegram.error import TelegramError

from bot.doctor.finding import (
    CHECK_TIMEOUT,
    CheckContext,
    Finding,
    Status,
    check_failed,
)
from bot.errors import CommandError
from bot.settings.addresses import TELEGRAM_API
from bot.settings.model import TelegramSettings
from bot.startup import bot_name
from bot.telegram.clock import seconds_off
from bot.telegram.inbound import ALLOWED_UPDATES
from bot.telegram.request import TelegramRequest
from bot.web.http_server import WEBHOOK

WEBHOOK_PORTS = (443, 80, 88, 8443)
"""Where Telegram reaches a webhook (Bot API, setWebhook, notes)."""

_RECENT = 3600
"""Seconds for which trouble with the webhook is news."""

_MANY = 100
"""Updates that wait, from which on something holds them up."""

_ODD, _WRONG = 5, 60
"""Seconds that the clock may be off before it is told, and before codes and leases suffer."""


async def token(settings: TelegramSettings) -> tuple[Finding, ...]:
    """Ask who the bot is."""
    return (await check_token(settings.token.get_secret_value(), settings.api),)


async def check_token(token: str, api: str) -> Finding:
    """Ask the server at `api` which bot has `token`."""
    request = TelegramRequest(token, api=api, read_timeout=CHECK_TIMEOUT)
    await request.initialize()
    try:
        return Finding("token", Status.GOOD, f"The bot is @{await bot_name(request.bot)}.")
    except CommandError as mistaken:
        return check_failed("token", mistaken)
    finally:
        await request.shutdown()


async def webhook(settings: TelegramSettings, tools: CheckContext) -> tuple[Finding, ...]:
    """Compare the settings with what Telegram has noted (Bot API, getWebhookInfo)."""
    request = TelegramRequest(settings.token.get_secret_value(), api=settings.api)
    await request.initialize()
    try:
        info = await request.bot.get_webhook_info()
    except TelegramError as error:
        seen = f"Telegram did not say where it brings updates ({type(error).__name__})."
        return (Finding("webhook", Status.WARNING, seen, fix="See what is said of the token."),)
    finally:
        await request.shutdown()
    if settings.webhook_url is None:
        return (_polling(info),)
    return compare_webhook(settings, info, tools.clock())


def _polling(info: WebhookInfo) -> Finding:
    """Return what is to be said where the bot polls."""
    if url := info.url:
        return Finding(
            "webhook",
            Status.BAD,
            f"The settings have none, but Telegram brings updates to {_host(url)}.",
            "While one is set nobody can poll. The bot takes it away when it starts, and whoever "
            "has set it hears nothing more.",
            "If another program has this token, make a bot of its own for one of the two.",
        )
    return Finding("webhook", Status.GOOD, f"None is set: the bot polls. {_waiting(info)}")


def compare_webhook(
    settings: TelegramSettings, info: WebhookInfo, now: datetime
) -> tuple[Finding, ...]:
    """Return everything that is amiss with the webhook, or that nothing is."""
    wanted = f"{settings.webhook_url}{WEBHOOK}"
    found = [*_unreachable(settings), *_noted(wanted, info)]
    if info.url == wanted:
        found += _brought(info, now)
    if found:
        return tuple(found)
    return (Finding("webhook", Status.GOOD, f"Telegram brings updates to it. {_waiting(info)}"),)


def _unreachable(settings: TelegramSettings) -> list[Finding]:
    """Return what Telegram would refuse. A server of one's own takes any address."""
    parts = urlsplit(str(settings.webhook_url))
    if settings.api != TELEGRAM_API:
        return []
    found = []
    if parts.scheme != "https":
        seen = "The address in the settings does not begin with https://"
        fix = "Set telegram.webhook_url to the https:// address of the proxy."
        found.append(Finding("webhook", Status.BAD, seen, "Telegram refuses it.", fix))
    if (parts.port or 443) not in WEBHOOK_PORTS:
        seen = f"The address in the settings has port {parts.port}."
        fix = "Let the proxy listen on 443, 80, 88 or 8443."
        found.append(Finding("webhook", Status.BAD, seen, "Telegram refuses it.", fix))
    return found


def _noted(wanted: str, info: WebhookInfo) -> list[Finding]:
    """Return how that differs which was registered."""
    url = info.url
    if not url:
        means = "It is set when the bot starts; until then, nothing arrives."
        return [Finding("webhook", Status.WARNING, "Telegram has noted none.", means)]
    if url != wanted:
        seen = f"Telegram brings updates elsewhere, to {_host(url)}."
        means = "Nobody who writes to the bot is heard here."
        fix = "Start the bot anew. If it changes back, another program has this token."
        return [Finding("webhook", Status.BAD, seen, means, fix)]
    if set(info.allowed_updates) != set(ALLOWED_UPDATES):
        means = "Some of what people do would not be heard."
        fix = "Start the bot anew: it asks for what it needs."
        seen = "Telegram brings other kinds of updates than the bot asks for."
        return [Finding("webhook", Status.WARNING, seen, means, fix)]
    return []


def _brought(info: WebhookInfo, now: datetime) -> list[Finding]:
    """Return what hinders Telegram in bringing updates."""
    pending = info.pending_update_count
    failed = info.last_error_date
    if failed and (now - failed).total_seconds() < _RECENT:
        ago = max(0, int((now - failed).total_seconds()) // 60)
        words = str(info.last_error_message or "without a reason")[:200]
        seen = f"The last failure was {ago} minutes ago: {words}. {_waiting(info)}"
        means = "Updates wait, and are lost after 24 hours." if pending else "It has recovered."
        fix = "See that the bot runs, and that the proxy hands /telegram on to [web]."
        return [Finding("webhook", Status.BAD if pending else Status.WARNING, seen, means, fix)]
    if pending >= _MANY:
        means = "The bot is slower than its visitors, or holds something up."
        fix = "Look into its log."
        return [Finding("webhook", Status.WARNING, _waiting(info), means, fix)]
    return []


def _waiting(info: WebhookInfo) -> str:
    count = info.pending_update_count
    return f"Updates that wait: {count}." if count else "No update waits."


def _host(url: object) -> str:
    """Return where an address leads, without what may be secret in it."""
    try:
        return urlsplit(str(url)).netloc.rpartition("@")[2] or "an address that cannot be read"
    except ValueError:
        return "an address that cannot be read"


async def clock(settings: TelegramSettings, tools: CheckContext) -> tuple[Finding, ...]:
    """Compare this machine's clock with Telegram's, as its answers date themselves."""
    host = urlsplit(settings.api).netloc
    try:
        off = await seconds_off(settings.api, tools.clock)
    except (aiohttp.ClientError, TimeoutError) as error:
        seen = f"{host} could not be asked for the time ({type(error).__name__})."
        return (Finding("clock", Status.WARNING, seen, fix="See what is said of the token."),)
    if off is None:
        return (Finding("clock", Status.WARNING, f"{host} does not say what time it is."),)
    return (_clock(off, host),)


def _clock(off: float, host: str) -> Finding:
    """Return what it means to be `off` so many seconds; Telegram's date has whole ones only."""
    if off <= _ODD:
        return Finding("clock", Status.GOOD, f"It agrees with that of {host}.")
    return Finding(
        "clock",
        Status.BAD if off > _WRONG else Status.WARNING,
        f"It is {off:.0f} seconds off that of {host}.",
        "Codes end, letters are dated and signed, and consents are kept with the wrong time.",
        "Have the system set its clock by NTP: timedatectl set-ntp true",
    )
