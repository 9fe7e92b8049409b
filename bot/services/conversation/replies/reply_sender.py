"""Sends replies: those of one chat in order, and again after a crash.

One process at a time leases a chat and sends there. Replies that were lost in a crash are found by
`catch_up`, which asks the open question again. It also shows how letters fare, in one message per
letter, which is edited. No chat waits for another one: each has its own queue.
"""

import asyncio
import secrets
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import metrics
from bot.logs import error_fields
from bot.services.campaigns.published import NewerVersions
from bot.services.conversation.answer import Answer, ChatEvent
from bot.services.conversation.chat_queues import ChatQueues, Job
from bot.services.conversation.facts.count_notice import CountNotice
from bot.services.conversation.facts.fact_loader import FactLoader
from bot.services.conversation.replies.chat_sender import ChatSender
from bot.services.conversation.replies.reply_progress import (
    ReplyProgress,
    position_in,
    typed_messages,
)
from bot.services.conversation.replies.unsent_replies import UnsentReplies
from bot.services.core import Core
from bot.services.monitoring.reports import Reports
from bot.services.ports import (
    BlockedByUser,
    CallRefused,
    ChatLimited,
    MessagePosition,
    MessageSender,
)
from bot.services.recovery_gate import RECOVERY_GRACE, RecoveryGate
from bot.services.runner import repeat
from conversations.core.fact_requests import Fact, LoadedFacts
from conversations.core.replies import ClearChat, CommandMenu, OtherChat, Reply, Say, Toast
from conversations.model.journey import Journey
from conversations.text.languages import DEFAULT
from conversations.text.wording import Wording
from storage.chats import leases
from storage.chats.leases import LEASE, ChatLease
from storage.crypto.person_keys import PersonKeys

log = structlog.get_logger()

CATCH_UP_INTERVAL = 1.0
"""Seconds between two searches for what is unsent."""

MIN_CATCH_UP_INTERVAL = 0.05
"""Seconds between two searches, however often the states of letters change."""

MAX_CATCHING_UP = 1000
"""In how many chats this process catches up at the same time."""

FIRST_LEASE_RETRY, LAST_LEASE_RETRY = 0.05, 1.0
"""Seconds after which a chat that another process has leased is tried again: the interval grows."""

MAX_LEASE_WAIT = LEASE.total_seconds() + 5
"""Seconds for which an answer waits for the lease of its chat. Then `catch_up` takes its place."""


class NotLeased(Exception):
    """Another process kept the lease of the chat, or the chat is paused."""


class ReplySender:
    """Sends the replies of turns, and the states of letters. `run` catches up after crashes."""

    def __init__(
        self,
        core: Core,
        messages: MessageSender,
        reports: Reports,
        loader: FactLoader,
        *,
        grace: timedelta = RECOVERY_GRACE,
    ) -> None:
        """Send through `messages`, and draw charts and tables with `reports`.

        `grace` is how long after an outage of the database replies do not count as lost: the
        process that sent them may only be about to record that.
        """
        self._core = core
        self._messages = messages
        self._sender = ChatSender(core, messages, reports)
        self._loader = loader
        self._unsent = UnsentReplies(core, loader)
        self._process = secrets.token_hex(4)
        """The name of this process in its leases."""
        self._queues = ChatQueues(self._job_after_overflow)
        self._catching_up: set[int] = set()
        """The chats in which this process catches up, or is about to."""
        self._gate = RecoveryGate(core.clock, grace, alone=True)
        self._wake = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether further updates may be answered: not too many answers wait to be sent."""
        return self._queues.has_room

    async def wait_for_room(self) -> None:
        """Wait until further updates may be answered."""
        await self._queues.wait_for_room()

    def new_lease(self, chat: int) -> str | None:
        """Return a token for the lease of the chat; None if something is being sent there.

        What was sent is recorded, and its lease released, before an answer that comes now.
        """
        waits = self._queues.has_waiting(chat)
        is_free = self._queues.is_idle(chat) or (self._sender.is_recording(chat) and not waits)
        return leases.new_lease(self._process) if is_free else None

    def send(self, answer: Answer) -> None:
        """Send an answer in the background, after the earlier ones of its chat.

        It may be dropped if too many wait in its chat. What it says in other chats never waits.
        """
        here: list[Reply] = []
        for reply in answer.replies:
            if isinstance(reply, OtherChat):
                self._queues.add(reply.chat, partial(self._send_elsewhere, reply), keep=True)
            else:
                here.append(reply)
        # A lease that is taken must be released, and what is deleted must not stay.
        keep = answer.lease is not None or any(
            isinstance(reply, ClearChat | CommandMenu) for reply in here
        )
        job = partial(self._send_answer, answer, tuple(here))
        self._queues.add(answer.happened.chat, job, keep=keep)

    def apologise(self, event: ChatEvent) -> None:
        """Reply that an event could not be answered."""
        self._queues.add(event.chat, partial(self._apologise, event))

    def count_notice(self, event: ChatEvent) -> CountNotice:
        """Return the message that shows a long count, for the answer to an event."""
        return CountNotice(self._messages, Wording(event.profile.language), event.chat)

    def wake(self) -> None:
        """Have `run` catch up at once: the state of a letter changed."""
        self._wake.set()

    async def run(self) -> None:
        """Catch up again and again until cancelled."""
        await repeat(self._catch_up_repeatedly, CATCH_UP_INTERVAL, self._wake)

    async def catch_up(self) -> None:
        """Begin to send everything that is unsent now. What fails is left to the next time."""
        unsent = await self._core.database.read(self._unsent.find)
        self._gate.contact()
        for chat, lost in unsent.items():
            if lost and not self._gate.is_open:
                continue
            if len(self._catching_up) >= MAX_CATCHING_UP:
                return
            if chat not in self._catching_up:
                self._catching_up.add(chat)
                self._queues.add_urgent(chat, partial(self._catch_up, chat, lost=lost))

    async def wait_until_idle(self) -> None:
        """Wait until everything that was handed over is sent."""
        await self._queues.wait_until_idle()

    async def finish(self) -> None:
        """Send what was handed over, within a grace period, and release all leases.

        A later start sends the rest.
        """
        await self._queues.finish()
        try:
            release = partial(leases.release_leases, process=self._process)
            await self._core.database.transact(release)
        except (SQLAlchemyError, OSError) as error:  # they end by themselves
            log.warning("leases not released", **error_fields(error))

    async def _catch_up_repeatedly(self) -> None:
        await self.catch_up()
        await asyncio.sleep(MIN_CATCH_UP_INTERVAL)

    def _job_after_overflow(self, chat: int) -> Job:
        self._catching_up.add(chat)
        return partial(self._catch_up, chat, lost=True)

    async def _send_answer(self, answer: Answer, replies: tuple[Reply, ...]) -> None:
        event, journey, since = answer.happened, answer.journey, time.perf_counter()
        shows_toast = any(isinstance(reply, Toast) for reply in replies)
        if event.callback and not shows_toast and not event.by_webhook:
            await self._acknowledge(event.callback)
        replies = (*typed_messages(journey), *replies)
        if not answer.replies and not replies:
            return
        lease = answer.lease or await self._wait_for_lease(event.chat)
        try:
            await self._sender.send(self._progress(answer, lease), lease, replies, journey.turn)
        except ChatLimited:
            self._queues.drop_waiting(event.chat)  # `catch_up` asks the open question later
            if any(isinstance(reply, ClearChat) for reply in replies):
                again = partial(self._send_answer, replace(answer, lease=None), replies)
                self._queues.add(event.chat, again, keep=True)
            raise
        metrics.REPLY_SECONDS.observe(time.perf_counter() - since)

    def _progress(self, answer: Answer, lease: ChatLease) -> ReplyProgress:
        event = answer.happened
        position = position_in(event.chat, lease, answer.journey)
        typed = []
        if answer.question not in (None, position.prompt_message):
            # No answer came when it was sent. Now it is known that it arrived.
            position = replace(position, prompt_message=answer.question, prompt_has_picture=False)
            typed.append(answer.question)
        if event.callback:
            position = replace(position, pressed_message=event.message, callback=event.callback)
        elif event.message:
            typed.append(event.message)
        if event.topic is not None:
            position = replace(position, topic=event.topic)
        return ReplyProgress(position, typed, answer.journey.language)

    async def _acknowledge(self, callback: str) -> None:
        """Answer a callback query. If that fails, the replies are sent all the same."""
        try:
            await self._messages.acknowledge(callback)
        except Exception as error:
            log.warning("press not acknowledged", **error_fields(error))

    async def _wait_for_lease(self, chat: int) -> ChatLease:
        """Return the lease of the chat when it is free. Raises NotLeased after MAX_LEASE_WAIT."""
        interval, give_up = FIRST_LEASE_RETRY, time.monotonic() + MAX_LEASE_WAIT
        person, token = PersonKeys(self._core.vault, chat), leases.new_lease(self._process)
        while True:
            claim = partial(
                leases.claim_chat,
                vault=self._core.vault,
                person=person,
                now=self._core.clock(),
                lease=token,
            )
            if (lease := await self._core.database.transact(claim)) is not None:
                return lease
            if time.monotonic() > give_up:
                raise NotLeased
            await asyncio.sleep(interval)
            interval = min(2 * interval, LAST_LEASE_RETRY)

    async def _catch_up(self, chat: int, *, lost: bool) -> None:
        """Ask the open question again if its replies were lost, and show how letters fare."""
        database = self._core.database
        try:
            token = leases.new_lease(self._process, catching_up=True)
            claim = partial(self._unsent.claim, chat=chat, token=token, lost=lost)
            claimed = await database.transact(claim)
            if claimed is None:
                return
            lease, unshown = claimed
            journey: Journey | None = None
            replies: tuple[Reply, ...] = ()
            is_last = not self._queues.has_waiting(chat)
            if lease.replied_turn < lease.turn and is_last:
                journey, replies = await self._open_question(chat)
                # What the lost replies were to delete is not known, so all is deleted.
                clears = (ClearChat(),) if journey and journey.is_discreet else ()
                replies = (*clears, *typed_messages(journey), *replies)
            language = journey.language if journey else DEFAULT
            progress = ReplyProgress(position_in(chat, lease, journey), [], language)
            turn = lease.turn if is_last else lease.replied_turn
            await self._sender.send(progress, lease, replies, turn, unshown)
        finally:
            self._catching_up.discard(chat)

    async def _open_question(self, chat: int) -> tuple[Journey | None, tuple[Reply, ...]]:
        outside = LoadedFacts()
        while True:
            question = partial(self._unsent.open_question, outside, chat=chat)
            try:
                found = await self._core.database.transact(question)
            except NewerVersions:
                await self._loader.load_campaigns()
                continue
            if not isinstance(found, Fact):
                return found
            outside[found] = await self._loader.load_outside(found)

    async def _send_elsewhere(self, reply: OtherChat) -> None:
        with suppress(BlockedByUser, CallRefused):
            for each in reply.replies:
                await self._messages.send(MessagePosition(reply.chat, "", 0), each)

    async def _apologise(self, event: ChatEvent) -> None:
        if event.callback:
            await self._acknowledge(event.callback)
        sorry = Say(Wording(event.profile.language).say("errors.sorry"))
        position = MessagePosition(event.chat, "", 0, topic=event.topic or 0)
        await self._messages.send(position, sorry)
