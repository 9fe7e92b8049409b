"""Saying what was answered: in order, once, and after a crash what was swallowed.

A turn's replies are said by whoever holds the chat's lease. What nobody told (told < turn) is found
by `sweep`, and the open question is asked again. How letters fare is told from the outbox, by one
message that is edited.
"""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from bot import metrics
from bot.logs import error_fields
from bot.services.conversation.answer import Answer, ChatEvent
from bot.services.conversation.fact_loader import Asker, FactLoader
from bot.services.keyed_lock import KeyedLock
from bot.services.monitoring.reports import Reports
from bot.services.ports import BlockedByUser, MessagePosition, MessageSender, SentMessages
from bot.services.shutdown import finish
from conversations.core.context import Context
from conversations.core.effects.journey import MarkBlocked
from conversations.core.fact_requests import Fact, FactMissing
from conversations.core.facts import Deployment
from conversations.core.replies import (
    Ask,
    ClearChat,
    ClosePrompt,
    CsvFile,
    EditPrompt,
    LetterStatus,
    OtherChat,
    Reply,
    Say,
    StatsReport,
    Toast,
)
from conversations.journey.letter_status import status
from conversations.model.journey import Journey
from conversations.router import open_question
from conversations.text.wording import Wording
from storage import apply_effects
from storage.chats import chats
from storage.chats.chats import ChatLease, SentReplies
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.load_facts import TelegramProfile
from storage.mail import letter_statuses
from storage.mail.letter_statuses import UnsentStatus

log = structlog.get_logger()

GRACE = timedelta(seconds=5)
"""How old a turn is before the sweeper takes it for swallowed."""

_PAUSE = 1.0
_WAIT = 0.05


@dataclass
class _Speech:
    """What was said so far, and where that leaves the chat."""

    place: MessagePosition
    messages: list[int]
    shown: list[tuple[UnsentStatus, int]] = field(default_factory=list)
    cleared: bool = False


class ReplySender:
    """Says answers and the fate of letters. `run` must go on for what crashes swallowed."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        deployment: Callable[[], Deployment],
        voice: MessageSender,
        clock: Callable[[], datetime],
        reporting: Reports,
        loader: FactLoader,
    ) -> None:
        """Use these."""
        self._loader = loader
        self._database = database
        self._vault = vault
        self._house = deployment
        self._voice = voice
        self._clock = clock
        self._reporting = reporting
        self._order: KeyedLock[int] = KeyedLock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._saying: Counter[int] = Counter()
        """How many answers are being said in a chat, or wait for it."""
        self._news = asyncio.Event()

    def is_silent(self, chat: int) -> bool:
        """Whether nothing is being said in the chat here, or waits to be said."""
        return chat not in self._saying

    def say(self, answered: Answer) -> None:
        """Say an answer as soon as it may go."""
        chat = answered.happened.chat
        self._saying[chat] += 1
        task = self._start(self._say(answered))
        task.add_done_callback(lambda _: self._said(chat))

    def apologise(self, happened: ChatEvent) -> None:
        """Say that something could not be answered."""
        self._start(self._apologise(happened))

    def poke(self) -> None:
        """Look at once whether there is news of letters."""
        self._news.set()

    async def run(self) -> None:
        """Tell what a crash swallowed, and how letters fare, for ever."""
        while True:
            self._news.clear()
            await self.sweep()
            try:
                async with asyncio.timeout(_PAUSE):
                    await self._news.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Tell everything that is untold now; what cannot be said is left to the next time."""
        now = self._clock()
        before = now - GRACE

        def untold(connection: Connection) -> tuple[int, ...]:
            swallowed = chats.find_unreplied(connection, self._vault, now=now, before=before)
            return (*swallowed, *letter_statuses.chats_with_unshown(connection, self._vault))

        waiting = await self._database.read(untold)
        async with asyncio.TaskGroup() as group:
            for chat in dict.fromkeys(waiting):
                group.create_task(_logged(self._catch_up(chat)))

    async def idle(self) -> None:
        """Wait until everything that was handed over is said."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def part(self) -> None:
        """Say what was handed over, if that goes soon; a later start says the rest."""
        await finish(self._tasks)

    def _start(self, saying: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(_logged(saying))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _said(self, chat: int) -> None:
        self._saying[chat] -= 1
        if not self._saying[chat]:
            del self._saying[chat]

    async def _say(self, answered: Answer) -> None:
        happened, journey, since = answered.happened, answered.journey, time.perf_counter()
        toasts = any(isinstance(reply, Toast) for reply in answered.replies)
        # The turn is taken before anything else: whoever came later has the floor later, too.
        async with self._order.turn(happened.chat):
            if happened.callback and not toasts:
                await self._voice.acknowledge(happened.callback)
            if not answered.replies:
                return
            floor = answered.floor or await self._await_floor(happened.chat)
            place = _place(happened.chat, floor, journey)
            mine = (happened.message,) if happened.message and not happened.callback else ()
            if happened.callback:
                place = replace(place, pressed_message=happened.message, callback=happened.callback)
            await self._speak(place, floor, answered.replies, journey.turn, mine)
        metrics.REPLY_SECONDS.observe(time.perf_counter() - since)

    async def _await_floor(self, chat: int) -> ChatLease:
        """Become the one who speaks in the chat; wait while another one does."""
        # No Event tells what another process does.
        while (floor := await self._take_floor(chat)) is None:  # noqa: ASYNC110 - as above
            await asyncio.sleep(_WAIT)
        return floor

    async def _take_floor(self, chat: int) -> ChatLease | None:
        person, now = chats.key(self._vault, chat), self._clock()
        return await self._database.transact(
            partial(chats.claim_chat, person=person, now=now, lease=secrets.token_hex(8))
        )

    async def _speak(
        self,
        place: MessagePosition,
        floor: ChatLease,
        replies: tuple[Reply, ...],
        turn: int,
        seen: tuple[int, ...] = (),
        news: tuple[UnsentStatus, ...] | None = None,
    ) -> None:
        """Say `replies` one after the other and note how far it came."""
        speech = _Speech(place, [*seen])
        try:
            for reply in replies:
                await self._utter(speech, reply, news)
        except BlockedByUser:
            await self._mark_blocked(place.chat)
        except Exception:
            await self._note(speech, floor, 0, whole=False)  # the sweeper says the rest
            raise
        await self._note(speech, floor, turn)

    async def _utter(
        self, speech: _Speech, reply: Reply, news: tuple[UnsentStatus, ...] | None
    ) -> None:
        place = speech.place
        if isinstance(reply, LetterStatus):
            await self._tell_news(speech, news)
            return
        if isinstance(reply, OtherChat):
            with suppress(BlockedByUser):
                for each in reply.replies:
                    await self._voice.say(MessagePosition(reply.chat, "", 0), each)
            return
        if isinstance(reply, StatsReport):
            reply = await self._reporting.stats(reply)
        elif isinstance(reply, CsvFile):
            reply = await self._reporting.sheet(reply)
        spoken = await self._voice.say(place, reply)
        speech.messages += [each for each in spoken.messages if each != place.prompt_message]
        speech.cleared = speech.cleared or isinstance(reply, ClearChat)
        speech.place = _after(place, reply, spoken)

    async def _note(
        self, speech: _Speech, floor: ChatLease, turn: int, *, whole: bool = True
    ) -> None:
        place, now = speech.place, self._clock()
        person = chats.key(self._vault, place.chat)
        prompt = (place.prompt_message, place.prompt_has_picture)
        done = SentReplies(turn, *prompt, tuple(speech.messages), speech.cleared, whole)

        def note(connection: Connection) -> None:
            chats.record_replies(connection, person, floor, done, now=now)
            for untold, message in speech.shown:
                letter_statuses.record_shown(connection, untold.mail, untold.status, message)

        await self._database.transact(note)

    async def _catch_up(self, chat: int) -> None:
        """Ask the open question again where its turn was swallowed, and tell of letters."""
        async with self._order.turn(chat):
            floor, news = await self._database.transact(partial(self._floor_and_news, chat))
            if floor is None:
                return
            journey: Journey | None = None
            replies: tuple[Reply, ...] = ()
            if floor.told < floor.turn:
                journey, replies = await self._database.transact(partial(self._open_question, chat))
            place = _place(chat, floor, journey)
            await self._speak(place, floor, (*replies, LetterStatus("")), floor.turn, news=news)

    def _floor_and_news(
        self, chat: int, connection: Connection
    ) -> tuple[ChatLease | None, tuple[UnsentStatus, ...]]:
        person, lease = chats.key(self._vault, chat), secrets.token_hex(8)
        floor = chats.claim_chat(connection, person, now=self._clock(), lease=lease)
        return floor, letter_statuses.unshown_in_chat(connection, person) if floor else ()

    def _open_question(
        self, chat: int, connection: Connection
    ) -> tuple[Journey | None, tuple[Reply, ...]]:
        person, now = chats.key(self._vault, chat), self._clock()
        row = chats.find(connection, person)
        journey = chats.journey(self._vault, row) if row is not None else None
        if journey is None:
            return None, ()
        asker, profile = Asker(person, now), TelegramProfile("", journey.language)
        facts = self._loader.person(connection, asker, row, profile)
        loaded: dict[Fact[Any], Any] = {}
        context = Context(self._house(), journey, facts, now, 0, loaded)
        replies = self._loader.complete(
            connection, asker, loaded, lambda: open_question(context), counts=True
        )
        if isinstance(replies, Fact):
            raise FactMissing(replies)
        return journey, replies

    async def _tell_news(self, speech: _Speech, news: tuple[UnsentStatus, ...] | None) -> None:
        """Show how this chat's letters fare, each in a message of its own."""
        chat = speech.place.chat
        if news is None:
            person = chats.key(self._vault, chat)
            news = await self._database.read(
                partial(letter_statuses.unshown_in_chat, person=person)
            )
        for untold in news:
            shown = status(self._house(), untold.language, untold.facts)
            message = await self._voice.show(chat, shown, untold.message)
            speech.shown.append((untold, message))
            speech.messages += [message] if message != untold.message else []

    async def _mark_blocked(self, chat: int) -> None:
        person, now = chats.key(self._vault, chat), self._clock()
        blocked = (MarkBlocked(blocked=True),)
        await self._database.transact(
            lambda c: apply_effects.apply(c, self._vault, person, blocked, now=now)
        )

    async def _apologise(self, happened: ChatEvent) -> None:
        if happened.callback:
            await self._voice.acknowledge(happened.callback)
        sorry = Say(Wording(happened.profile.language).say("errors.sorry"))
        await self._voice.say(MessagePosition(happened.chat, "", 0), sorry)


def _place(chat: int, floor: ChatLease, journey: Journey | None) -> MessagePosition:
    return MessagePosition(
        chat=chat,
        journey=journey.id if journey else "",
        asked=journey.asked if journey else 0,
        prompt_message=floor.prompt_message,
        prompt_has_picture=floor.prompt_has_picture,
        seen=tuple(message for message, _ in floor.seen),
    )


def _after(place: MessagePosition, reply: Reply, spoken: SentMessages) -> MessagePosition:
    """Return the place as it is once `reply` was said."""
    match reply:
        case Ask() | EditPrompt():
            prompt_message, picture = spoken.messages[-1], spoken.has_picture
            return replace(place, prompt_message=prompt_message, prompt_has_picture=picture)
        case ClosePrompt() | ClearChat():
            return replace(place, prompt_message=None, prompt_has_picture=False)
        case _:
            return place


async def _logged(saying: Coroutine[Any, Any, None]) -> None:
    try:
        await saying
    except Exception as error:
        log.warning("could not be said", **error_fields(error))
