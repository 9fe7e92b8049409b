"""Check Telegram: the token, how updates arrive (webhook or polling), and this machine's clock."""

from datetime import datetime
from urllib.parse import urlsplit

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
from bot.settings.sections import TelegramSettings
from bot.startup import bot_name
from bot.telegram.client.request import TelegramRequest
from bot.telegram.clock import CLOCK_ERRORS, seconds_off
from bot.telegram.updates.inbound import ALLOWED_UPDATES
from bot.telegram.updates.webhook_watch import WEBHOOK

WEBHOOK_PORTS = (443, 80, 88, 8443)
"""Ports that Telegram sends updates to (Bot API, setWebhook, notes)."""

_RECENT_ERROR_SECONDS = 3600
"""Older webhook errors are not reported."""

_MANY_PENDING_UPDATES = 100
"""From this many waiting updates on, the bot is too slow or stuck."""

_CLOCK_WARNING_SECONDS = 5
"""From this difference on, the clock is reported."""

_CLOCK_ERROR_SECONDS = 60
"""From this difference on, codes expire early or late and leases fail."""

_SEE_FIRST = "See the finding about the token."
_UNREADABLE = "an unreadable address"


async def token(settings: TelegramSettings) -> tuple[Finding, ...]:
    """Check the token in the settings."""
    return (await check_token(settings.token.get_secret_value(), settings.api),)


async def check_token(token: str, api: str) -> Finding:
    """Ask the server at `api` which bot `token` belongs to (Bot API, getMe)."""
    request = TelegramRequest(token, api=api, read_timeout=CHECK_TIMEOUT)
    await request.initialize()
    try:
        return Finding("token", Status.GOOD, f"The bot is @{await bot_name(request.bot)}.")
    except CommandError as error:
        return check_failed("token", error)
    finally:
        await request.shutdown()


async def webhook(settings: TelegramSettings, context: CheckContext) -> tuple[Finding, ...]:
    """Compare the settings with what Telegram has registered (Bot API, getWebhookInfo)."""
    request = TelegramRequest(settings.token.get_secret_value(), api=settings.api)
    await request.initialize()
    try:
        info = await request.bot.get_webhook_info()
    except TelegramError as error:
        observed = f"Telegram didn't say where it sends updates ({type(error).__name__})."
        return (Finding("webhook", Status.WARNING, observed, fix=_SEE_FIRST),)
    finally:
        await request.shutdown()
    if settings.webhook_url is None:
        return (_polling(info),)
    return compare_webhook(settings, info, context.clock())


async def picture(settings: TelegramSettings) -> tuple[Finding, ...]:
    """Check that the bot has a picture, so that people recognise whose it is."""
    request = TelegramRequest(settings.token.get_secret_value(), api=settings.api)
    await request.initialize()
    try:
        me = await request.bot.get_me()
        photos = await request.bot.get_user_profile_photos(me.id, limit=1)
    except TelegramError as error:
        observed = f"Telegram didn't say whether the bot has one ({type(error).__name__})."
        return (Finding("picture", Status.WARNING, observed, fix=_SEE_FIRST),)
    finally:
        await request.shutdown()
    if photos.total_count:
        return (Finding("picture", Status.GOOD, "The bot has a picture."),)
    fix = "Set it with /setuserpic in @BotFather: this server can't, or the bot has not started."
    if settings.picture is None:
        fix = "Set telegram.picture, or use /setuserpic in @BotFather."
    meaning = "People may doubt whose bot this is."
    return (Finding("picture", Status.WARNING, "The bot has no picture.", meaning, fix),)


def _polling(info: WebhookInfo) -> Finding:
    """Check that no webhook keeps the bot from polling."""
    if url := info.url:
        return Finding(
            "webhook",
            Status.BAD,
            f"The settings have none, but Telegram sends updates to {_host(url)}.",
            "Polling can't work while a webhook is set. The bot removes it on start, and the "
            "program that set it stops getting updates.",
            "If another program uses this token, create a second bot for one of the two.",
        )
    return Finding("webhook", Status.GOOD, f"None is set: the bot polls. {_pending(info)}")


def compare_webhook(
    settings: TelegramSettings, info: WebhookInfo, now: datetime
) -> tuple[Finding, ...]:
    """Return the problems of the webhook, or one good finding."""
    wanted = f"{settings.webhook_url}{WEBHOOK}"
    found = [*_address_problems(settings), *_registration_problems(wanted, info)]
    if info.url == wanted:
        found += _delivery_problems(info, now)
    if found:
        return tuple(found)
    return (Finding("webhook", Status.GOOD, f"Telegram sends updates to it. {_pending(info)}"),)


def _address_problems(settings: TelegramSettings) -> list[Finding]:
    """Return why Telegram would refuse the address. A self-hosted Bot API server takes any."""
    parts = urlsplit(str(settings.webhook_url))
    if settings.api != TELEGRAM_API:
        return []
    found = []
    if parts.scheme != "https":
        observed = "The address in the settings doesn't begin with https://"
        fix = "Set telegram.webhook_url to the proxy's https:// address."
        found.append(Finding("webhook", Status.BAD, observed, "Telegram refuses it.", fix))
    if (parts.port or 443) not in WEBHOOK_PORTS:
        observed = f"The address in the settings has port {parts.port}."
        fix = "Let the proxy listen on 443, 80, 88 or 8443."
        found.append(Finding("webhook", Status.BAD, observed, "Telegram refuses it.", fix))
    return found


def _registration_problems(wanted: str, info: WebhookInfo) -> list[Finding]:
    """Return how the registered webhook differs from the wanted one."""
    url = info.url
    if not url:
        observed = "Telegram has no webhook for this bot."
        meaning = "The bot sets it on start; until then, no updates arrive."
        return [Finding("webhook", Status.WARNING, observed, meaning)]
    if url != wanted:
        observed = f"Telegram sends updates elsewhere, to {_host(url)}."
        meaning = "Messages to the bot don't arrive here."
        fix = "Restart the bot. If it changes back, another program uses this token."
        return [Finding("webhook", Status.BAD, observed, meaning, fix)]
    if set(info.allowed_updates) != set(ALLOWED_UPDATES):
        meaning = "The bot would miss some of what people do."
        fix = "Restart the bot: it asks for what it needs."
        observed = "Telegram sends other kinds of updates than the bot asks for."
        return [Finding("webhook", Status.WARNING, observed, meaning, fix)]
    return []


def _delivery_problems(info: WebhookInfo, now: datetime) -> list[Finding]:
    """Return what keeps updates from arriving in time."""
    pending = info.pending_update_count
    failed = info.last_error_date
    if failed and (now - failed).total_seconds() < _RECENT_ERROR_SECONDS:
        ago = max(0, int((now - failed).total_seconds()) // 60)
        reason = str(info.last_error_message or "no reason given")[:200]
        observed = f"The last failure was {ago} minutes ago: {reason}. {_pending(info)}"
        meaning = "Updates wait, and are lost after 24 hours." if pending else "It has recovered."
        fix = "Check that the bot runs, and that the proxy passes /telegram on to [web]."
        status = Status.BAD if pending else Status.WARNING
        return [Finding("webhook", status, observed, meaning, fix)]
    if pending >= _MANY_PENDING_UPDATES:
        meaning = "The bot can't keep up, or something is stuck."
        fix = "See its log."
        return [Finding("webhook", Status.WARNING, _pending(info), meaning, fix)]
    return []


def _pending(info: WebhookInfo) -> str:
    count = info.pending_update_count
    return f"Waiting updates: {count}." if count else "No updates are waiting."


def _host(url: object) -> str:
    """Return the host of an address; the rest of it may be secret."""
    try:
        return urlsplit(str(url)).netloc.rpartition("@")[2] or _UNREADABLE
    except ValueError:
        return _UNREADABLE


async def clock(settings: TelegramSettings, context: CheckContext) -> tuple[Finding, ...]:
    """Compare this machine's clock with the Date header of Telegram's answers."""
    host = urlsplit(settings.api).netloc
    try:
        off = await seconds_off(settings.api, context.clock)
    except CLOCK_ERRORS as error:
        observed = f"Can't ask {host} for the time ({type(error).__name__})."
        return (Finding("clock", Status.WARNING, observed, fix=_SEE_FIRST),)
    if off is None:
        return (Finding("clock", Status.WARNING, f"{host} doesn't say what time it is."),)
    return (_describe_clock(off, host),)


def _describe_clock(off: float, host: str) -> Finding:
    """Return what a difference of `off` seconds means; Telegram's date has whole seconds."""
    if off <= _CLOCK_WARNING_SECONDS:
        return Finding("clock", Status.GOOD, f"It agrees with that of {host}.")
    return Finding(
        "clock",
        Status.BAD if off > _CLOCK_ERROR_SECONDS else Status.WARNING,
        f"It is {off:.0f} seconds off that of {host}.",
        "Codes expire, letters are dated and signed, and consents are recorded at the wrong time.",
        "Set the clock by NTP: timedatectl set-ntp true",
    )
