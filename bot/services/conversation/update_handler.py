"""From what happened in a chat to its answer: one transaction, and what is said after it.

update ─▶ lock, load ─▶ advance ─▶ claim, save, effects ─▶ commit: the update is done ─▶ replies
             ▲             └─ a fact is missing that takes long ─▶ no transaction loads it ─┐
             └────────────────────────── and again, with it ────────────────────────────────┘
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from structlog.contextvars import bound_contextvars

from bot import metrics
from bot.logs import error_fields
from bot.services.conversation.fact_loader import Asker, FactLoader
from bot.services.keyed_lock import KeyedLock
from conversations.core.context import Turn
from conversations.core.effects.base import Worker
from conversations.core.events import AlbumEnded, Event
from conversations.core.fact_requests import Fact, FactMissing
from conversations.core.facts import Deployment
from conversations.core.replies import Reply
from conversations.model.journey import Journey, NewerVersion
from conversations.router import advance, begin
from storage import apply_effects
from storage.broadcasts import drafts
from storage.chats import chats, updates
from storage.chats.chats import ChatLease, SavedChat
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.load_facts import TelegramProfile
from storage.mail import returned_mail
from storage.mail.actions import DuplicateAction
from storage.transaction import StaleAnswer

log = structlog.get_logger()

T = TypeVar("T")

Loaded = dict[Fact[Any], Any]
"""The facts that were loaded outside the transaction, by their requests."""

PATIENCE = 3
"""How often an update is tried before it is counted as one that cannot be answered."""

_MOVES = 5
"""How often the world is asked anew because the chat moved on meanwhile."""


@dataclass(frozen=True)
class ChatEvent:
    """What happened in a private chat. `callback` is the id of a press that wants an answer.

    What no update told has no `update_id`. `turn_id` is what the log calls its answer, chosen by
    chance: it tells nothing of who was answered.
    """

    update_id: int | None
    chat: int
    profile: TelegramProfile
    event: Event
    callback: str | None = None
    message: int | None = None
    turn_id: str = field(default_factory=lambda: secrets.token_hex(6))


@dataclass(frozen=True)
class Answer:
    """What is to be said: the replies of a turn that is committed.

    `floor` is the chat's, where nobody else was speaking in it.
    """

    happened: ChatEvent
    journey: Journey
    replies: tuple[Reply, ...]
    floor: ChatLease | None = None


class ReplyQueue(Protocol):
    """Sends answers, those of one chat in order."""

    def is_idle(self, chat: int) -> bool:
        """Return whether no answer is being sent in the chat by this process, or waits to be."""

    def send(self, answer: Answer) -> None:
        """Send an answer in the background."""

    def apologise(self, event: ChatEvent) -> None:
        """Reply that an event could not be answered."""


class LeftToOthers(Exception):
    """The chat's journey was saved by a newer version, which will answer."""


class _MovedOn(Exception):
    """The chat moved on whenever the world was asked: what was wanted then was another thing."""


class _AnsweredBefore(Exception):
    """The update was answered already: Telegram brought it twice."""


class UpdateHandler:
    """Answers updates: those of one chat in order, those of different chats side by side."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        deployment: Callable[[], Deployment],
        loader: FactLoader,
        speaker: ReplyQueue,
        clock: Callable[[], datetime],
        wake: Mapping[Worker, Callable[[], None]],
    ) -> None:
        """Use these; `wake` wakes the worker that an effect names, after the commit.

        A private chat has its person's id.
        """
        self._database = database
        self._vault = vault
        self._house = deployment
        self._loader = loader
        self._speaker = speaker
        self._clock = clock
        self._wake = wake
        self._order: KeyedLock[int] = KeyedLock()

    async def answer(self, happened: ChatEvent) -> None:
        """Answer an update; when this returns, it counts as done.

        One that fails three times while the database is well is counted as done without being
        answered, and the person is told. Raises LeftToOthers, and what the database raises.
        """
        async with self._order.turn(happened.chat):
            # What is said because of it is logged under the same name.
            with bound_contextvars(turn=happened.turn_id):
                await self._insist(happened)

    async def _insist(self, happened: ChatEvent) -> None:
        for attempt in range(1, PATIENCE + 1):
            try:
                answered = await self._answer(happened)
            except NewerVersion:
                raise LeftToOthers from None
            except (OperationalError, InterfaceError, OSError):
                raise  # the database is not well: the update waits for it
            except Exception as error:
                log.warning("answer failed", attempt=attempt, **error_fields(error))
                if attempt == PATIENCE:
                    await self._give_up(happened)
            else:
                if answered is not None:
                    journey = answered.journey
                    log.info("answered", journey=journey.id[:8], step=journey.step)
                    self._speaker.send(answered)
                return

    async def tell_of_returned(self, chat: int) -> None:
        """Answer what came back of the chat's mail, each thing once.

        Raises what the database raises, and FromTheFuture.
        """
        async with self._order.turn(chat):
            while answered := await self._database.transact(partial(self._returned, chat)):
                self._speaker.send(answered)

    async def end_album(self, chat: int) -> None:
        """Answer that nothing more came of an album, once. Raises what the database raises."""
        async with self._order.turn(chat):
            done = await self._transact(partial(self._album, chat))
            if done is not None:
                self._speaker.send(done)

    def _album(
        self, chat: int, outside: Loaded, connection: Connection
    ) -> Answer | Fact[Any] | None:
        """Answer that an album is whole; None where the chat awaits none."""
        vault, chance = self._vault, secrets.randbits(128)
        person = chats.key(vault, chat)
        chats.lock(connection, person)
        row = chats.find(connection, person)
        draft = drafts.current_draft(connection, vault, person)
        if row is None or draft is None or draft.album_until is None:
            return None
        journey = chats.journey(vault, row) or begin(chance, row.language)
        happened = ChatEvent(None, chat, TelegramProfile("", journey.language), AlbumEnded())
        turn = self._advance(connection, row, journey, happened, chance, outside)
        if isinstance(turn, Fact):
            return turn
        drafts.set_album_deadline(connection, draft.broadcast.id, None)
        return self._keep(connection, happened, turn)[0]

    def _returned(self, chat: int, connection: Connection) -> Answer | None:
        """Answer the next thing that came back; None where there is nothing more."""
        vault, chance = self._vault, secrets.randbits(128)
        person = chats.key(vault, chat)
        chats.lock(connection, person)
        row = chats.find(connection, person)
        if row is None or row.blocked:
            return None
        journey = chats.journey(vault, row) or begin(chance, row.language)
        event = returned_mail.next_bounce(connection, vault, person, journey)
        if event is None:
            return None
        happened = ChatEvent(None, chat, TelegramProfile("", journey.language), event)
        turn = self._advance(connection, row, journey, happened, chance, {})
        if isinstance(turn, Fact):
            raise FactMissing(turn)  # rolls back: the bounce was taken
        return self._keep(connection, happened, turn)[0]

    async def _answer(self, happened: ChatEvent) -> Answer | None:
        try:
            done = await self._transact(partial(self._work, happened, secrets.randbits(128)))
        except _AnsweredBefore:
            return None
        answered, wakes = done
        for worker in wakes:
            self._wake[worker]()
        return answered

    async def _transact(self, work: Callable[[Loaded, Connection], T | Fact[Any]]) -> T:
        """Return what `work` returns in a transaction of its own, with the facts that it needs.

        A fact that it returns is loaded while no transaction waits, and `work` is tried again.
        """
        outside: Loaded = {}
        for _ in range(_MOVES):
            try:
                done = await self._database.transact(partial(work, outside))
            except (DuplicateAction, StaleAnswer):
                continue
            if not isinstance(done, Fact):
                return done
            outside[done] = await self._loader.load_outside(done)
        raise _MovedOn

    def _work(
        self, happened: ChatEvent, chance: int, outside: Loaded, connection: Connection
    ) -> tuple[Answer, frozenset[Worker]] | Fact[Any]:
        """Answer in one transaction. Raises _AnsweredBefore.

        Where a fact must be loaded outside the transaction, write nothing and return the fact.
        """
        vault, now = self._vault, self._clock()
        person = chats.key(vault, happened.chat)
        chats.lock(connection, person)
        row = chats.find(connection, person)
        saved = chats.journey(vault, row) if row is not None else None
        journey = saved or begin(chance, happened.profile.language)
        turn = self._advance(connection, row, journey, happened, chance, outside)
        if isinstance(turn, Fact):
            return turn
        update = happened.update_id
        if update is not None and not updates.claim(connection, update, now):
            raise _AnsweredBefore
        lease = secrets.token_hex(8) if self._speaker.is_idle(happened.chat) else None
        return self._keep(connection, happened, turn, lease)

    def _advance(
        self,
        connection: Connection,
        row: SavedChat | None,
        journey: Journey,
        happened: ChatEvent,
        chance: int,
        outside: Loaded,
    ) -> Turn | Fact[Any]:
        """Return the answer; a fact, where one must be loaded outside the transaction first."""
        now, event, house = self._clock(), happened.event, self._house()
        asker = Asker(chats.key(self._vault, happened.chat), now)
        facts = self._loader.person(connection, asker, row, journey, event, happened.profile)
        loaded = dict(outside)
        return self._loader.complete(
            connection,
            asker,
            loaded,
            lambda: advance(house, journey, event, facts, now, chance, loaded),
        )

    def _keep(
        self, connection: Connection, happened: ChatEvent, turn: Turn, lease: str | None = None
    ) -> tuple[Answer, frozenset[Worker]]:
        """Keep the turn's journey and apply its effects; return the workers to wake."""
        vault, now = self._vault, self._clock()
        person = chats.key(vault, happened.chat)
        floor = chats.save(
            connection,
            vault,
            person,
            happened.chat,
            turn.journey,
            now,
            lease=lease if turn.replies else None,
        )
        who = f"{happened.profile.name} ({happened.chat})"
        turn_id = happened.turn_id
        apply_effects.apply(
            connection, vault, person, turn.effects, now=now, turn_id=turn_id, who=who
        )
        wakes = frozenset(effect.wakes for effect in turn.effects if effect.wakes)
        return Answer(happened, turn.journey, turn.replies, floor), wakes

    async def _give_up(self, happened: ChatEvent) -> None:
        """Count the update as done, without its content, and say so."""
        now, update = self._clock(), happened.update_id
        if update is not None:
            await self._database.transact(
                lambda connection: updates.claim(connection, update, now, failed=True)
            )
        metrics.GIVEN_UP.inc()
        self._speaker.apologise(happened)
