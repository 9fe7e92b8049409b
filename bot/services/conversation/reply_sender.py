"""Sends replies: those of one chat in order, and again after a crash.

One process at a time leases a chat and sends there. Replies that were lost in a crash are found by
`catch_up`, which asks the open question again. It also shows how letters fare, in one message per
letter, which is edited.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from bot import metrics
from bot.logs import error_fields
from bot.services.conversation.answer import Answer, ChatEvent
from bot.services.conversation.fact_loader import FactLoader
from bot.services.conversation.reply_progress import ReplyProgress, position_in
from bot.services.conversation.unsent_replies import UnsentReplies
from bot.services.core import Core
from bot.services.keyed_lock import KeyedLock
from bot.services.monitoring.reports import Reports
from bot.services.ports import BlockedByUser, CallRefused, MessagePosition, MessageSender
from bot.services.runner import repeat
from bot.services.shutdown import finish
from conversations.core.effects.journey import MarkBlocked
from conversations.core.replies import (
    CsvFile,
    LetterStatus,
    OtherChat,
    Reply,
    Say,
    StatsReport,
    Toast,
)
from conversations.journey.letter_status import status
from conversations.model.journey import Journey
from conversations.text.wording import DEFAULT, Wording
from storage import apply_effects
from storage.chats import chat_ids, leases
from storage.chats.leases import ChatLease
from storage.mail import letter_statuses
from storage.mail.letter_statuses import UnsentStatus

log = structlog.get_logger()

CATCH_UP_INTERVAL = 1.0
"""Seconds between two searches for what is unsent."""

LEASE_RETRY_INTERVAL = 0.05
"""Seconds after which a chat that another process has leased is tried again."""


class ReplySender:
    """Sends the replies of turns, and the states of letters. `run` catches up after crashes."""

    def __init__(
        self, core: Core, messages: MessageSender, reports: Reports, loader: FactLoader
    ) -> None:
        """Send through `messages`, and draw charts and tables with `reports`."""
        self._core = core
        self._messages = messages
        self._reports = reports
        self._unsent = UnsentReplies(core, loader)
        self._chat_locks: KeyedLock[int] = KeyedLock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending: Counter[int] = Counter()
        """How many answers are being sent in a chat, or wait to be sent."""
        self._wake = asyncio.Event()

    def is_idle(self, chat: int) -> bool:
        """Return whether no answer is being sent in the chat by this process, or waits to be."""
        return chat not in self._pending

    def send(self, answer: Answer) -> None:
        """Send an answer in the background, after the earlier ones of its chat."""
        chat = answer.happened.chat
        self._pending[chat] += 1
        task = self._start(self._send_answer(answer))
        task.add_done_callback(lambda _: self._sent(chat))

    def apologise(self, event: ChatEvent) -> None:
        """Reply that an event could not be answered."""
        self._start(self._apologise(event))

    def wake(self) -> None:
        """Have `run` catch up at once: the state of a letter changed."""
        self._wake.set()

    async def run(self) -> None:
        """Catch up again and again until cancelled."""
        await repeat(self.catch_up, CATCH_UP_INTERVAL, self._wake)

    async def catch_up(self) -> None:
        """Send everything that is unsent now. What fails is left to the next time."""
        unsent = await self._core.database.read(self._unsent.find)
        tasks = [self._start(self._catch_up(chat, lost=lost)) for chat, lost in unsent.items()]
        if tasks:
            await asyncio.wait(tasks)  # if this is cancelled, `finish` waits for them

    async def wait_until_idle(self) -> None:
        """Wait until everything that was handed over is sent."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def finish(self) -> None:
        """Send what was handed over, within a grace period. A later start sends the rest."""
        await finish(self._tasks)

    def _start(self, sending: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(_logged(sending))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _sent(self, chat: int) -> None:
        self._pending[chat] -= 1
        if not self._pending[chat]:
            del self._pending[chat]

    async def _send_answer(self, answer: Answer) -> None:
        event, journey, since = answer.happened, answer.journey, time.perf_counter()
        has_toast = any(isinstance(reply, Toast) for reply in answer.replies)
        # The lock comes first: it keeps the answers of a chat in order.
        async with self._chat_locks.turn(event.chat):
            if event.callback and not has_toast:
                await self._messages.acknowledge(event.callback)
            if not answer.replies:
                return
            lease = answer.floor or await self._wait_for_lease(event.chat)
            position = position_in(event.chat, lease, journey)
            typed = []
            if event.callback:
                position = replace(position, pressed_message=event.message, callback=event.callback)
            elif event.message:
                typed.append(event.message)
            if event.topic is not None:
                position = replace(position, topic=event.topic)
            progress = ReplyProgress(position, typed, journey.language)
            await self._send_replies(progress, lease, answer.replies, journey.turn)
        metrics.REPLY_SECONDS.observe(time.perf_counter() - since)

    async def _wait_for_lease(self, chat: int) -> ChatLease:
        # No Event says what another process does.
        while (lease := await self._claim(chat)) is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(LEASE_RETRY_INTERVAL)
        return lease

    async def _claim(self, chat: int) -> ChatLease | None:
        person, now = chat_ids.key(self._core.vault, chat), self._core.clock()
        return await self._core.database.transact(
            partial(leases.claim_chat, person=person, now=now, lease=secrets.token_hex(8))
        )

    async def _send_replies(
        self,
        progress: ReplyProgress,
        lease: ChatLease,
        replies: tuple[Reply, ...],
        turn: int,
        unshown: tuple[UnsentStatus, ...] = (),
    ) -> None:
        """Send `replies`, those of `turn`, one after the other, then the states of letters that
        the chat does not show. Record how far this came.
        """
        try:
            for reply in replies:
                await self._send_reply(progress, reply)
            await self._show(progress, unshown)
        except BlockedByUser:
            await self._mark_blocked(progress.position.chat)
        except Exception:
            await self._record(progress, lease, 0, complete=False)  # `catch_up` sends the rest
            raise
        await self._record(progress, lease, turn)

    async def _send_reply(self, progress: ReplyProgress, reply: Reply) -> None:
        match reply:
            case LetterStatus():
                await self._show(progress, await self._unshown(progress.position.chat))
                return
            case OtherChat(chat, replies):
                with suppress(BlockedByUser, CallRefused):
                    for each in replies:
                        await self._messages.send(MessagePosition(chat, "", 0), each)
                return
            case StatsReport():
                reply = await self._reports.stats(reply)
            case CsvFile():
                reply = await self._reports.sheet(reply)
        try:
            progress.add(reply, await self._messages.send(progress.position, reply))
        except CallRefused as refused:
            await self._replace_refused(progress, reply, refused)

    async def _replace_refused(
        self, progress: ReplyProgress, reply: Reply, refused: CallRefused
    ) -> None:
        """Apologise for a reply that Telegram refuses for good: a retry would be refused too."""
        log.error("reply refused", kind=type(reply).__name__, **error_fields(refused))
        with suppress(CallRefused):
            sorry = Say(Wording(progress.language).say("errors.sorry"))
            sent = await self._messages.send(progress.position, sorry)
            progress.messages += sent.messages

    async def _record(
        self, progress: ReplyProgress, lease: ChatLease, turn: int, *, complete: bool = True
    ) -> None:
        """Store what was sent, and release the chat."""
        now, sent = self._core.clock(), progress.as_sent(turn, complete=complete)
        person = chat_ids.key(self._core.vault, progress.position.chat)

        def record(connection: Connection) -> None:
            leases.record_replies(connection, person, lease, sent, now=now)
            for shown, message in progress.statuses:
                letter_statuses.record_shown(connection, shown.mail, shown.status, message)

        await self._core.database.transact(record)

    async def _catch_up(self, chat: int, *, lost: bool) -> None:
        """Ask the open question again if its replies were lost, and show how letters fare."""
        database = self._core.database
        async with self._chat_locks.turn(chat):
            claimed = await database.transact(partial(self._unsent.claim, chat=chat, lost=lost))
            if claimed is None:
                return
            lease, unshown = claimed
            journey: Journey | None = None
            replies: tuple[Reply, ...] = ()
            if lease.replied_turn < lease.turn:
                question = partial(self._unsent.open_question, chat=chat)
                journey, replies = await database.transact(question)
            language = journey.language if journey else DEFAULT
            progress = ReplyProgress(position_in(chat, lease, journey), [], language)
            await self._send_replies(progress, lease, replies, lease.turn, unshown)

    async def _unshown(self, chat: int) -> tuple[UnsentStatus, ...]:
        person = chat_ids.key(self._core.vault, chat)
        unshown = partial(letter_statuses.unshown_in_chat, person=person)
        return await self._core.database.read(unshown)

    async def _show(self, progress: ReplyProgress, letters: tuple[UnsentStatus, ...]) -> None:
        """Show how letters fare, each in its own message."""
        for letter in letters:
            reply = status(self._core.deployment(), letter.language, letter.facts)
            chat, topic = progress.position.chat, progress.position.topic
            try:
                message = await self._messages.show(chat, reply, letter.message, topic=topic)
            except CallRefused as refused:  # it counts as shown: a retry would be refused too
                log.error("letter status refused", **error_fields(refused))
                progress.statuses.append((letter, letter.message))
            else:
                progress.add_status(letter, message)

    async def _mark_blocked(self, chat: int) -> None:
        core, person, now = self._core, chat_ids.key(self._core.vault, chat), self._core.clock()
        blocked = (MarkBlocked(blocked=True),)
        await core.database.transact(
            lambda c: apply_effects.apply(c, core.vault, person, blocked, now=now)
        )

    async def _apologise(self, event: ChatEvent) -> None:
        if event.callback:
            await self._messages.acknowledge(event.callback)
        sorry = Say(Wording(event.profile.language).say("errors.sorry"))
        position = MessagePosition(event.chat, "", 0, topic=event.topic or 0)
        await self._messages.send(position, sorry)


async def _logged(sending: Coroutine[Any, Any, None]) -> None:
    """Run `sending`, and log its failure: nothing else depends on it."""
    try:
        await sending
    except Exception as error:
        log.warning("reply not sent", **error_fields(error))
