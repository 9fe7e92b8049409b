"""The token, the webhook and the clock."""

from datetime import timedelta
from typing import Any

import pytest
from telegram import WebhookInfo

from bot.clock import utc_now
from bot.doctor import telegram
from bot.doctor.finding import Finding, Status
from bot.settings.sections import TelegramSettings
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates.inbound import ALLOWED_UPDATES
from bot.telegram.updates.webhook_watch import register
from tests.bot.doctor.clinic import NOW, Clinic

HOOK = "https://river.example/telegram"
SECRET = {"webhook_url": "https://river.example", "webhook_secret": "x" * 40}
RIGHT = {
    "url": HOOK,
    "has_custom_certificate": False,
    "pending_update_count": 0,
    "allowed_updates": list(ALLOWED_UPDATES),
}


async def registered(clinic: Clinic, url: str) -> None:
    """Have Telegram bring updates to `url`, as a bot does when it starts."""
    request = TelegramRequest(clinic.telegram.telegram.token, api=clinic.telegram.url)
    await request.initialize()
    await register(request.bot, url, "x" * 40)
    await request.shutdown()


async def test_a_token_that_nobody_gave(clinic: Clinic) -> None:
    clinic.sets(telegram={"token": "123456:a-token-that-nobody-ever-gave"})
    assert await clinic.found("token") == [
        Finding(
            "token",
            Status.BAD,
            "The server at telegram.api doesn't recognise this token.",
            fix="Check it against @BotFather.",
        )
    ]
    assert await clinic.found("webhook") == [
        Finding(
            "webhook",
            Status.WARNING,
            "Telegram didn't say where it sends updates (InvalidToken).",
            fix="See the finding about the token.",
        )
    ]


async def test_a_bot_without_a_picture(clinic: Clinic) -> None:
    clinic.telegram.telegram.photos.clear()
    assert await clinic.found("picture") == [
        Finding(
            "picture",
            Status.WARNING,
            "The bot has no picture.",
            "People may doubt whose bot this is.",
            "Set telegram.picture, or use /setuserpic in @BotFather.",
        )
    ]


async def test_the_webhook_that_is_set(clinic: Clinic) -> None:
    clinic.sets(telegram=SECRET)
    await registered(clinic, HOOK)
    assert await clinic.found("webhook") == [
        Finding("webhook", Status.GOOD, "Telegram sends updates to it. No updates are waiting.")
    ]


async def test_a_webhook_that_will_be_set(clinic: Clinic) -> None:
    clinic.sets(telegram=SECRET)
    (found,) = await clinic.found("webhook")
    assert (found.status, found.observed) == (
        Status.WARNING,
        "Telegram has no webhook for this bot.",
    )


async def test_a_webhook_elsewhere(clinic: Clinic) -> None:
    """Only its host is told: a path may be a secret."""
    clinic.sets(telegram=SECRET)
    await registered(clinic, "https://ann:hunter2@other.example:8443/hook/hunter2")
    (found,) = await clinic.found("webhook")
    seen = "Telegram sends updates elsewhere, to other.example:8443."
    assert (found.status, found.observed) == (Status.BAD, seen)
    clinic.sets(telegram=dict.fromkeys(SECRET))
    (found,) = await clinic.found("webhook")
    seen = "The settings have none, but Telegram sends updates to other.example:8443."
    assert (found.status, found.observed) == (Status.BAD, seen)
    assert "Polling can't work" in found.meaning


@pytest.mark.parametrize(
    ("info", "well", "seen"),
    [
        (
            {"pending_update_count": 3},
            Status.GOOD,
            "Telegram sends updates to it. Waiting updates: 3.",
        ),
        ({"pending_update_count": 100}, Status.WARNING, "Waiting updates: 100."),
        (
            {"allowed_updates": ["message"]},
            Status.WARNING,
            "Telegram sends other kinds of updates than the bot asks for.",
        ),
        (
            {
                "last_error_date": NOW.timestamp() - 600,
                "last_error_message": "Read timeout expired",
            },
            Status.WARNING,
            "The last failure was 10 minutes ago: Read timeout expired. No updates are waiting.",
        ),
        (
            {
                "last_error_date": NOW.timestamp() - 60,
                "last_error_message": "Wrong response from the webhook: 502 Bad Gateway",
                "pending_update_count": 7,
            },
            Status.BAD,
            "The last failure was 1 minutes ago: Wrong response from the webhook: 502 Bad Gateway. "
            "Waiting updates: 7.",
        ),
        (
            {"last_error_date": NOW.timestamp() - 4000, "last_error_message": "long ago"},
            Status.GOOD,
            "Telegram sends updates to it. No updates are waiting.",
        ),
    ],
)
def test_how_updates_are_brought(info: dict[str, Any], well: Status, seen: str) -> None:
    settings = TelegramSettings.model_validate({"token": "1:" + "x" * 30, **SECRET})
    (found,) = telegram.compare_webhook(settings, WebhookInfo.de_json(RIGHT | info), NOW)
    assert (found.status, found.observed) == (well, seen)


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("https://river.example:8444", ["The address in the settings has port 8444."]),
        (
            "http://127.0.0.1:8080",
            [
                "The address in the settings doesn't begin with https://",
                "The address in the settings has port 8080.",
            ],
        ),
        ("https://river.example:8443", []),
        ("https://river.example:88", []),
    ],
)
def test_addresses_that_telegram_refuses(url: str, seen: list[str]) -> None:
    """A Bot API server of one's own takes any (Bot API, "Using a Local Bot API Server")."""
    ours = {"token": "1:" + "x" * 30, **SECRET, "webhook_url": url}
    info = WebhookInfo.de_json(RIGHT | {"url": f"{url}/telegram"})
    found = telegram.compare_webhook(TelegramSettings.model_validate(ours), info, NOW)
    assert [each.observed for each in found if each.status is Status.BAD] == seen
    local = TelegramSettings.model_validate(ours | {"api": "http://127.0.0.1:8081"})
    assert [each.status for each in telegram.compare_webhook(local, info, NOW)] == [Status.GOOD]


@pytest.mark.parametrize(
    ("off", "well", "seen"),
    [
        (-3, Status.GOOD, "It agrees with that of"),
        (20, Status.WARNING, "seconds off that of"),
        (-20, Status.WARNING, "seconds off that of"),
        (90, Status.BAD, "seconds off that of"),
        (-86_400, Status.BAD, "seconds off that of"),
    ],
)
async def test_the_clock(clinic: Clinic, off: int, well: Status, seen: str) -> None:
    clinic.clock = lambda: utc_now() + timedelta(seconds=off)
    (found,) = await clinic.found("clock")
    assert (found.status, seen in found.observed) == (well, True)


async def test_nobody_tells_the_time(clinic: Clinic) -> None:
    clinic.sets(telegram={"api": "http://127.0.0.1:9"})
    (found,) = await clinic.found("clock")
    seen = "Can't ask 127.0.0.1:9 for the time (ConnectionRefusedError)."
    assert (found.status, found.observed) == (Status.WARNING, seen)
