"""Answers what happens in chats: one transaction for each answer, then the replies.

update ─▶ lock, load ─▶ advance ─▶ claim, save, effects ─▶ commit: the update is done ─▶ replies
             ▲             └─ a fact is missing that takes long ─▶ it is loaded meanwhile ─┐
             └─────────────────────────── and again, with the fact ────────────────────────┘
"""

import asyncio
import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection
from structlog.contextvars import bound_contextvars

from bot import metrics
from bot.logs import error_fields
from bot.services.campaigns.published import NewerVersions
from bot.services.conversation.answer import Answer, AnsweredBefore, AnswerMaker, ChatEvent
from bot.services.conversation.facts.count_notice import CountNotice
from bot.services.conversation.facts.fact_loader import FactLoader
from bot.services.core import Core
from bot.services.keyed_lock import KeyedLock
from conversations.core.fact_requests import Fact, FactMissing, LoadedFacts
from conversations.core.replies import Toast
from conversations.model.journey import NewerVersion
from storage.chats import updates
from storage.engine.database import DATABASE_ERRORS
from storage.mail.letters.actions import DuplicateAction
from storage.transaction import StaleAnswer

log = structlog.get_logger()

T = TypeVar("T")

MAX_UPDATE_ATTEMPTS = 3
"""How often an update is tried before it counts as one that cannot be answered."""

MAX_TRANSACTIONS = 5
"""How many transactions an answer may need: each finds that another fact is missing, or that the
answer is stale.
"""


class ReplyQueue(Protocol):
    """Sends answers, those of one chat in order."""

    def new_lease(self, chat: int) -> str | None:
        """Return a token for the lease of the chat; None if something is being sent there."""

    def send(self, answer: Answer) -> None:
        """Send an answer in the background."""

    def apologise(self, event: ChatEvent) -> None:
        """Reply that an event could not be answered."""

    def count_notice(self, event: ChatEvent) -> CountNotice:
        """Return the message that shows a long count, for the answer to an event."""


class LeftToOthers(Exception):
    """A newer version of the bot saved the chat's journey: it will answer."""


class _Unsettled(Exception):
    """After MAX_TRANSACTIONS, a fact was still missing or the answer was still stale."""


class UpdateHandler:
    """Answers updates: those of one chat in order, those of different chats at the same time."""

    def __init__(self, core: Core, loader: FactLoader, replies: ReplyQueue) -> None:
        """Load facts with `loader`, and send answers with `replies`."""
        self._core = core
        self._loader = loader
        self._answers = AnswerMaker(core, loader)
        self._replies = replies
        self._chat_lock: KeyedLock[int] = KeyedLock()

    async def answer(self, happened: ChatEvent) -> bool:
        """Answer an update; when this returns, the update counts as done.

        Returns whether a press is still to be acknowledged by the webhook's response.

        An update that fails MAX_UPDATE_ATTEMPTS times while the database works counts as done
        without an answer, and the person reads an apology.

        Raises:
            LeftToOthers: a newer version of the bot will answer.
            DATABASE_ERRORS: the database doesn't work.
        """
        async with self._chat_lock.turn(happened.chat):
            # The replies are logged under the same name.
            with bound_contextvars(turn=happened.turn_id):
                return await self._retry(happened)

    async def answer_bounces(self, chat: int) -> None:
        """Answer the mail of a chat that bounced, each mail once.

        Raises what the database raises, and NewerVersion.
        """
        async with self._chat_lock.turn(chat):
            while answered := await self._transact(
                partial(self._answers.to_bounce, chat, secrets.randbits(128))
            ):
                self._replies.send(answered)

    async def end_album(self, chat: int) -> None:
        """Answer that an album is complete, once. Raises what the database raises."""
        async with self._chat_lock.turn(chat):
            answered = await self._transact(
                partial(self._answers.to_album, chat, secrets.randbits(128))
            )
            if answered is not None:
                self._replies.send(answered)

    async def _retry(self, happened: ChatEvent) -> bool:
        for attempt in range(1, MAX_UPDATE_ATTEMPTS + 1):
            try:
                answered = await self._answer(happened)
            except NewerVersion:
                raise LeftToOthers from None
            except AnsweredBefore:
                return happened.by_webhook
            except DATABASE_ERRORS:
                raise  # the update waits until the database works
            except Exception as error:
                log.warning("answer failed", attempt=attempt, **error_fields(error))
                if attempt == MAX_UPDATE_ATTEMPTS:
                    await self._give_up(happened)
                    return False
            else:
                journey = answered.journey
                log.info("answered", journey=journey.id[:8], step=journey.step)
                self._replies.send(answered)
                shows_toast = any(isinstance(reply, Toast) for reply in answered.replies)
                return happened.by_webhook and not shows_toast
        raise AssertionError("the last attempt returned or raised")

    async def _answer(self, happened: ChatEvent) -> Answer:
        lease = self._replies.new_lease(happened.chat)
        chance = secrets.randbits(128)
        work = partial(self._answers.to_update, happened, chance, lease)
        return await self._transact(work, self._replies.count_notice(happened))

    async def _transact(
        self,
        work: Callable[[LoadedFacts, Connection], T | Fact[Any]],
        notice: CountNotice | None = None,
    ) -> T:
        """Return what `work` returns in a transaction, with the facts that it needs.

        A fact that `work` asks for is loaded while no transaction waits, and `work` runs again.
        `notice` shows how far a count is.
        """
        outside, since = LoadedFacts(), asyncio.get_running_loop().time()
        for _ in range(MAX_TRANSACTIONS):
            try:
                result = await self._core.database.transact(partial(work, outside), since=since)
            except FactMissing as missing:
                result = missing.request
            except NewerVersions:
                await self._loader.load_campaigns()
                continue
            except (DuplicateAction, StaleAnswer):
                outside.clear()  # what was loaded may be what is stale
                continue
            if not isinstance(result, Fact):
                return result
            outside[result] = await self._loader.load_outside(result, notice)
        raise _Unsettled

    async def _give_up(self, happened: ChatEvent) -> None:
        """Count the update as done, without its content, and apologise."""
        now, update = self._core.clock(), happened.update_id
        if update is not None:
            await self._core.database.transact(
                lambda connection: updates.claim(connection, update, now, failed=True)
            )
        metrics.UPDATES_GIVEN_UP.inc()
        self._replies.apologise(happened)
