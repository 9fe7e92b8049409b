"""Saying what was answered: in order, once, and after a crash what was swallowed.

A turn's replies are said by whoever holds the chat's lease. What nobody told (told < turn) is found
by `sweep`, and the open question is asked again. How letters fare is told from the outbox, by one
message that is edited.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from bot.services.answering import Answered, Happened
from bot.services.order import Order
from bot.services.parting import part
from conversations.effects import MarkBlocked
from conversations.events import Edited
from conversations.journey import Journey
from conversations.known import House
from conversations.prompts import prompt
from conversations.replies import Amend, Ask, ClearChat, Reply, Settle, Show, Status, Toast
from conversations.scene import Scene
from conversations.status import status
from conversations.wording import Wording
from storage import chats, effects, knowing, statuses
from storage.chats import Saved, Told
from storage.database import Database
from storage.knowing import Profile
from storage.statuses import Untold
from storage.vault import Vault

log = structlog.get_logger()

LEASE = timedelta(seconds=30)
"""How long a sender that fell silent keeps a chat from others."""

GRACE = timedelta(seconds=5)
"""How old a turn is before the sweeper takes it for swallowed."""

_PAUSE = 1.0
_WAIT = 0.05


class Blocked(Exception):
    """The person does not want to hear from the bot, or their account is gone."""


@dataclass(frozen=True)
class Place:
    """Where something is said. Buttons bear `journey` and `asked`."""

    chat: int
    journey: str
    asked: int
    prompt_message: int | None = None
    prompt_has_picture: bool = False
    pressed_message: int | None = None
    callback: str | None = None
    seen: tuple[int, ...] = ()


@dataclass(frozen=True)
class Spoken:
    """The ids of the messages that a reply made or took over; the last is the one it stands in."""

    messages: tuple[int, ...] = ()
    has_picture: bool = False


class Voice(Protocol):
    """Who puts replies on the wire."""

    async def say(self, place: Place, reply: Reply) -> Spoken:
        """Say `reply`. Raises Blocked."""

    async def show(self, chat: int, reply: Show, message: int | None) -> int:
        """Edit `message` to `reply`, or say it anew; return the id. Raises Blocked."""

    async def acknowledge(self, callback: str) -> None:
        """Answer a press without a word."""


class Telling:
    """Says answers and the fate of letters. `run` must go on for what crashes swallowed."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        house: Callable[[], House],
        voice: Voice,
        clock: Callable[[], datetime],
    ) -> None:
        """Use these; this process speaks under a lease of its own."""
        self._database = database
        self._vault = vault
        self._house = house
        self._voice = voice
        self._clock = clock
        self._lease = secrets.token_hex(8)
        self._order: Order[int] = Order()
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()

    def say(self, answered: Answered) -> None:
        """Say an answer as soon as it may go."""
        self._start(self._say(answered))

    def apologise(self, happened: Happened) -> None:
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
        swallowed = await self._database.read(
            lambda c: chats.untold(c, self._vault, now=now, before=before)
        )
        news = await self._database.read(lambda c: statuses.waiting(c, self._vault))
        async with asyncio.TaskGroup() as group:
            for chat in dict.fromkeys((*swallowed, *news)):
                group.create_task(_logged(self._catch_up(chat)))

    async def idle(self) -> None:
        """Wait until everything that was handed over is said."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def part(self) -> None:
        """Say what was handed over, if that goes soon; a later start says the rest."""
        await part(self._tasks)

    def _start(self, saying: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_logged(saying))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, answered: Answered) -> None:
        happened, journey = answered.happened, answered.journey
        toasts = any(isinstance(reply, Toast) for reply in answered.replies)
        if happened.callback and not toasts:
            await self._voice.acknowledge(happened.callback)
        if not answered.replies:
            return
        async with self._order.turn(happened.chat):
            saved = await self._claim(happened.chat)
            place = Place(
                chat=happened.chat,
                journey=journey.id,
                asked=journey.asked,
                prompt_message=saved.prompt_message,
                prompt_has_picture=saved.prompt_has_picture,
                pressed_message=happened.message if happened.callback else None,
                callback=happened.callback,
                seen=saved.seen,
            )
            mine = (happened.message,) if happened.message and not happened.callback else ()
            await self._speak(place, answered.replies, journey.turn, mine)

    async def _claim(self, chat: int) -> Saved:
        """Become the one who speaks in the chat; wait while another process does."""
        # No Event tells what another process does.
        while (saved := await self._try_claim(chat)) is None:  # noqa: ASYNC110
            await asyncio.sleep(_WAIT)
        return saved

    async def _try_claim(self, chat: int) -> Saved | None:
        now = self._clock()
        return await self._database.transact(
            lambda c: chats.claim_telling(
                c,
                self._vault,
                chats.key(self._vault, chat),
                now=now,
                lease=self._lease,
                until=now + LEASE,
            )
        )

    async def _speak(
        self, place: Place, replies: tuple[Reply, ...], turn: int, seen: tuple[int, ...]
    ) -> None:
        """Say `replies` one after the other and note how far it came."""
        messages = [*seen]
        cleared = False
        try:
            for reply in replies:
                if isinstance(reply, Status):
                    messages += await self._news_of(place.chat)
                    continue
                spoken = await self._voice.say(place, reply)
                messages += [each for each in spoken.messages if each != place.prompt_message]
                cleared = cleared or isinstance(reply, ClearChat)
                place = _after(place, reply, spoken)
        except Blocked:
            await self._mark_blocked(place.chat)
        except Exception:
            # What was not said is found by the sweeper; the lease must not keep it waiting.
            await self._note(place, 0, messages, cleared)
            raise
        await self._note(place, turn, messages, cleared)

    async def _note(self, place: Place, turn: int, messages: list[int], cleared: bool) -> None:
        person, now = chats.key(self._vault, place.chat), self._clock()
        done = Told(turn, place.prompt_message, place.prompt_has_picture, tuple(messages), cleared)
        await self._database.transact(
            lambda c: chats.told(c, person, self._lease, done, now=now, keep=False)
        )

    async def _catch_up(self, chat: int) -> None:
        """Ask the open question again where its turn was swallowed, and tell of letters."""
        async with self._order.turn(chat):
            saved = await self._try_claim(chat)
            if saved is None:
                return
            place = Place(
                chat,
                saved.journey.id if saved.journey else "",
                saved.journey.asked if saved.journey else 0,
                saved.prompt_message,
                saved.prompt_has_picture,
                seen=saved.seen,
            )
            replies: tuple[Reply, ...] = ()
            if saved.journey and saved.told < saved.turn:
                replies = await self._database.transact(
                    partial(self._open_question, chat, saved.journey)
                )
            await self._speak(place, (*replies, Status("")), saved.turn, ())

    def _open_question(
        self, chat: int, journey: Journey, connection: Connection
    ) -> tuple[Reply, ...]:
        person, now = chats.key(self._vault, chat), self._clock()
        row = chats.find(connection, person)
        known = knowing.known(
            connection,
            self._vault,
            person,
            row,
            journey=journey,
            event=Edited(),
            profile=Profile("", journey.language),
            now=now,
        )
        asked = prompt(Scene(self._house(), journey, known, now, 0))
        return (Settle(), *asked) if journey.asked else asked

    async def _news_of(self, chat: int) -> list[int]:
        """Show how this chat's letters fare; return the ids of new messages."""
        person = chats.key(self._vault, chat)
        new: list[int] = []
        for untold in await self._database.read(lambda c: statuses.of_chat(c, person)):
            shown = status(self._house(), untold.language, untold.facts)
            message = await self._voice.show(chat, shown, untold.message)
            new += [message] if message != untold.message else []
            await self._database.transact(partial(self._told_status, untold, message))
        return new

    def _told_status(self, untold: Untold, message: int, connection: Connection) -> None:
        statuses.told(connection, untold.mail, untold.status, message)

    async def _mark_blocked(self, chat: int) -> None:
        person, now = chats.key(self._vault, chat), self._clock()
        blocked = (MarkBlocked(blocked=True),)
        await self._database.transact(
            lambda c: effects.apply(c, self._vault, person, blocked, now=now)
        )

    async def _apologise(self, happened: Happened) -> None:
        if happened.callback:
            await self._voice.acknowledge(happened.callback)
        sorry = Show(Wording(happened.profile.language).say("errors.sorry"))
        await self._voice.say(Place(happened.chat, "", 0), sorry)


def _after(place: Place, reply: Reply, spoken: Spoken) -> Place:
    """Return the place as it is once `reply` was said."""
    match reply:
        case Ask() | Amend():
            prompt_message, picture = spoken.messages[-1], spoken.has_picture
            return replace(place, prompt_message=prompt_message, prompt_has_picture=picture)
        case Settle() | ClearChat():
            return replace(place, prompt_message=None, prompt_has_picture=False)
        case _:
            return place


async def _logged(saying: Coroutine[Any, Any, None]) -> None:
    try:
        await saying
    except Exception as error:
        log.warning("could not be said", error=type(error).__name__)
