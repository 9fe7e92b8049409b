"""Somebody changes the webhook, or Telegram cannot deliver to it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.playground.telegram import TelegramServer, TelegramState
from bot.playground.telegram.update_queue import Webhook
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates.inbound import ALLOWED_UPDATES
from bot.telegram.updates.poll_faults import PollFault
from bot.telegram.updates.webhook_watch import (
    MAX_TROUBLE,
    RECENT_FAILURE,
    WebhookWatch,
    register,
)
from bot.web.health import Health
from conversations.core.alerts import UpdatesTrouble
from storage.engine.database import Database
from tests.bot.telegram.client.wire import refused, result, wired

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
URL, SECRET = "https://bot.example/telegram", "s3cret"


@dataclass
class Watched:
    """A watch on a webhook that is registered with the embedded Telegram."""

    telegram: TelegramState
    watch: WebhookWatch

    async def checks(self) -> list[str]:
        """Check once, and return why the webhook was registered again."""
        with capture_logs() as lines:
            await self.watch.run_once()
        return [line["reason"] for line in lines if line["event"] == "webhook registered again"]


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    telegram = TelegramState(clock=lambda: NOW)
    async with TelegramServer(telegram) as server:
        request = TelegramRequest(telegram.token, api=server.url)
        await request.initialize()
        await register(request.bot, URL, SECRET)
        yield Watched(telegram, WebhookWatch(request.bot, URL, SECRET, lambda: NOW))
        await request.shutdown()


def is_ours(telegram: TelegramState) -> bool:
    hook = telegram.updates.webhook
    return hook is not None and (hook.url, hook.secret) == (URL, SECRET)


async def test_a_webhook_that_nobody_changed_is_left_alone(watched: Watched) -> None:
    hook = watched.telegram.updates.webhook
    assert await watched.checks() == []
    assert watched.telegram.updates.webhook is hook
    assert await watched.watch.delivery_problem() is None


@pytest.mark.parametrize(
    ("hook", "allowed", "reason"),
    [
        (None, ALLOWED_UPDATES, "somebody removed the webhook"),
        (
            Webhook("https://other.example/", "", 40),
            ALLOWED_UPDATES,
            "somebody set another webhook",
        ),
        (Webhook(URL, SECRET, 40), ["message"], "somebody set the webhook for other updates"),
        (Webhook(URL, SECRET, 40), None, "somebody set the webhook for other updates"),
    ],
)
async def test_a_webhook_that_somebody_changed_is_registered_again(
    watched: Watched, hook: Webhook | None, allowed: Any, reason: str
) -> None:
    watched.telegram.updates.webhook = hook
    watched.telegram.updates.allowed = allowed and [*allowed]
    assert await watched.checks() == [reason]
    assert is_ours(watched.telegram)
    assert set(watched.telegram.updates.allowed or ()) == set(ALLOWED_UPDATES)
    assert await watched.watch.delivery_problem() == reason
    assert await watched.checks() == []
    assert await watched.watch.delivery_problem() is None


async def test_another_secret_is_noticed_by_the_refused_deliveries(watched: Watched) -> None:
    failed = Webhook(URL, "another", 40)
    failed.last_error = (int(NOW.timestamp()), "Wrong response from the webhook: 403 Forbidden")
    watched.telegram.updates.webhook = failed
    pending(watched.telegram)
    reason = "Telegram cannot deliver updates (Wrong response from the webhook: 403 Forbidden)"
    assert await watched.checks() == [reason]
    assert is_ours(watched.telegram)


@pytest.mark.parametrize(
    ("ago", "waiting", "problem"),
    [
        (1, True, "Telegram cannot deliver updates (Connection timed out)"),
        (RECENT_FAILURE.total_seconds(), True, None),
        (1, False, None),
    ],
)
async def test_a_delivery_that_failed_lately_is_a_problem_while_updates_wait(
    watched: Watched, ago: float, waiting: bool, problem: str | None
) -> None:
    assert watched.telegram.updates.webhook is not None
    failed = (int(NOW.timestamp() - ago), "Connection timed out")
    watched.telegram.updates.webhook.last_error = failed
    if waiting:
        pending(watched.telegram)
    assert await watched.checks() == []
    assert await watched.watch.delivery_problem() == problem
    watched.watch._since -= MAX_TROUBLE
    assert watched.watch.lasting_trouble() is (UpdatesTrouble.UNDELIVERED if problem else None)
    assert await watched.watch.lasting_problem() is None


async def test_a_process_is_not_ready_while_another_program_keeps_changing_the_webhook(
    watched: Watched, database: Database
) -> None:
    health = Health(database, cast(Any, None))
    health.watch_webhook(watched.watch)
    for _ in range(2):
        watched.telegram.updates.webhook = None
        await watched.checks()
    assert await health.problem() is None
    assert watched.watch.lasting_trouble() is None
    watched.watch._since -= MAX_TROUBLE
    assert watched.watch.lasting_trouble() is UpdatesTrouble.RIVAL
    assert await health.problem() == (
        "another program keeps changing the bot's webhook: stop it, or get a new token from"
        " @BotFather"
    )
    await watched.checks()
    assert await health.problem() is None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (refused(401, "Unauthorized"), PollFault.REVOKED.value),
        (refused(502, "Bad Gateway"), PollFault.NO_ANSWER.value),
        (web.Response(text="<html>"), PollFault.NO_ANSWER.value),
        (result([]), "Telegram's answer to getWebhookInfo cannot be read"),
        (result("none"), "Telegram's answer to getWebhookInfo cannot be read"),
        (
            result({"url": URL, "last_error_date": 10**17, "pending_update_count": 3}),
            "Telegram's answer to getWebhookInfo cannot be read",
        ),
    ],
)
async def test_an_answer_that_says_nothing_changes_nothing(
    answer: web.Response, problem: str
) -> None:
    async with wired(answer) as wire:
        watch = WebhookWatch(wire.request.bot, URL, SECRET, lambda: NOW)
        await watch.run_once()
        assert wire.methods() == ["getWebhookInfo"]
    assert await watch.delivery_problem() == problem
    assert await watch.lasting_problem() is None


def pending(telegram: TelegramState) -> None:
    """Let one update wait, without delivering it."""
    hook, telegram.updates.webhook = telegram.updates.webhook, None
    telegram.add_person(4200, "Maria").send("hello")
    telegram.updates.webhook = hook
