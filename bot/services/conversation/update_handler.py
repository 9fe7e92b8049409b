"""From what happened in a chat to its answer: one transaction, and what is said after it.

update ─▶ lock, load ─▶ claim, advance, save, effects ─▶ commit: the update is done ─▶ telling
             ▲   └─ something must be known first ─▶ the world is asked ─┐
             └─────────────────────── with findings ─────────────────────┘
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError
from structlog.contextvars import bound_contextvars

from bot import metrics
from bot.logs import error_fields
from bot.services.conversation.draft_editing import Counts, Uncounted
from bot.services.conversation.staff_handler import Staff
from bot.services.keyed_lock import KeyedLock
from bot.services.ports import MailDomains
from conversations import staff_router
from conversations.broadcasts import composer
from conversations.core.context import Turn
from conversations.core.effects.base import Worker
from conversations.core.events import (
    AlbumEnded,
    CountryQuestion,
    DomainQuestion,
    Event,
    ExternalAnswer,
    ExternalQuestion,
)
from conversations.core.facts import Deployment, Facts
from conversations.core.replies import Reply
from conversations.journey.play import wanted
from conversations.model.journey import Journey, NewerVersion
from conversations.router import advance, begin, scene_of
from conversations.text import countries
from storage import apply_effects, load_facts
from storage.broadcasts import drafts
from storage.chats import chats, updates
from storage.chats.chats import SavedChat, SpeakingTurn
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.load_facts import TelegramProfile
from storage.mail import returned_mail
from storage.mail.actions import Duplicate
from storage.transaction import StaleAnswer

log = structlog.get_logger()

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
    floor: SpeakingTurn | None = None


class ReplyQueue(Protocol):
    """Who says answers, in the order in which they come."""

    def is_silent(self, chat: int) -> bool:
        """Whether nothing is being said in the chat here, or waits to be said."""

    def say(self, answered: Answer) -> None:
        """Say this as soon as it may go."""

    def apologise(self, happened: ChatEvent) -> None:
        """Say that this could not be answered."""


class LeftToOthers(Exception):
    """The chat's journey was saved by a newer version, which will answer."""


class _MovedOn(Exception):
    """The chat moved on whenever the world was asked: what was wanted then was another thing."""


class UpdateHandler:
    """Answers updates: those of one chat in order, those of different chats side by side."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        deployment: Callable[[], Deployment],
        domains: MailDomains,
        speaker: ReplyQueue,
        clock: Callable[[], datetime],
        wake: Mapping[Worker, Callable[[], None]],
        staff: Staff,
    ) -> None:
        """Use these; `wake` wakes the worker that an effect names, after the commit.

        A private chat has its person's id.
        """
        self._database = database
        self._vault = vault
        self._house = deployment
        self._domains = domains
        self._speaker = speaker
        self._clock = clock
        self._wake = wake
        self._staff = staff
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
                    self._speaker.say(answered)
                return

    async def tell_of_returned(self, chat: int) -> None:
        """Answer what came back of the chat's mail, each thing once.

        Raises what the database raises, and FromTheFuture.
        """
        async with self._order.turn(chat):
            while answered := await self._database.transact(partial(self._returned, chat)):
                self._speaker.say(answered)

    async def end_album(self, chat: int) -> None:
        """Answer that nothing more came of an album, once. Raises what the database raises."""
        counts = Counts()
        async with self._order.turn(chat):
            for _ in range(_MOVES):
                done = await self._database.transact(partial(self._album, chat, counts))
                if not isinstance(done, Uncounted):
                    break
                await counts.count(self._database, done)
            else:
                raise _MovedOn
            if done is not None:
                self._speaker.say(done)

    def _album(
        self, chat: int, counts: Counts, connection: Connection
    ) -> Answer | Uncounted | None:
        vault, chance = self._vault, secrets.randbits(128)
        person = chats.key(vault, chat)
        chats.lock(connection, person)
        row = chats.find(connection, person)
        draft = drafts.of(connection, vault, person)
        if row is None or draft is None or draft.album_until is None:
            return None
        journey = chats.journey(vault, row) or begin(chance, row.language)
        happened = ChatEvent(None, chat, TelegramProfile("", journey.language), AlbumEnded())
        try:
            turn = self._staffed(connection, row, journey, happened, chance, counts)
        except Uncounted as asked:
            return asked
        drafts.await_album(connection, draft.broadcast.id, None)
        return self._keep(connection, happened, turn)[0] if turn else None

    def _returned(self, chat: int, connection: Connection) -> Answer | None:
        """Answer the next thing that came back; None where there is nothing more."""
        vault = self._vault
        person = chats.key(vault, chat)
        chats.lock(connection, person)
        row = chats.find(connection, person)
        if row is None or row.blocked:
            return None
        journey = chats.journey(vault, row) or begin(secrets.randbits(128), row.language)
        event = returned_mail.take(connection, vault, person, journey)
        if event is None:
            return None
        happened = ChatEvent(None, chat, TelegramProfile("", journey.language), event)
        answered, *_ = self._advance(connection, row, journey, happened, secrets.randbits(128))
        return answered

    async def _answer(self, happened: ChatEvent) -> Answer | None:
        chance = secrets.randbits(128)
        findings: ExternalAnswer | None = None
        counts = Counts()
        for _ in range(_MOVES):
            lease = secrets.token_hex(8) if self._speaker.is_silent(happened.chat) else None
            work = partial(self._work, happened, chance, findings, counts, lease)
            try:
                done = await self._database.transact(work)
            except (Duplicate, StaleAnswer):
                continue
            if isinstance(done, CountryQuestion | DomainQuestion):
                findings = await self._find(done)
                continue
            if isinstance(done, Uncounted):
                await counts.count(self._database, done)
                continue
            answered, wakes = done
            for worker in wakes:
                self._wake[worker]()
            return answered
        raise _MovedOn

    async def _find(self, asked: ExternalQuestion) -> ExternalAnswer:
        """Ask the world, while no transaction waits for it."""
        match asked:
            case CountryQuestion(text):
                found = countries.find_exact(text)
                if not found.codes:
                    found = await asyncio.to_thread(countries.find, text)
                return ExternalAnswer(asked, countries=found)
            case DomainQuestion(domain):
                return ExternalAnswer(asked, takes_mail=await self._domains.takes_mail(domain))

    def _work(
        self,
        happened: ChatEvent,
        chance: int,
        findings: ExternalAnswer | None,
        counts: Counts,
        lease: str | None,
        connection: Connection,
    ) -> tuple[Answer | None, frozenset[Worker]] | ExternalQuestion | Uncounted:
        """Answer in one transaction; None where the update was answered before.

        Where something must be known first that is not among `findings` and `counts`, write nothing
        and return what that is.
        """
        vault, now, event = self._vault, self._clock(), happened.event
        person = chats.key(vault, happened.chat)
        chats.lock(connection, person)
        row = chats.find(connection, person)
        saved = chats.journey(vault, row) if row is not None else None
        journey = saved or begin(chance, happened.profile.language)
        try:
            staffed = self._staffed(connection, row, journey, happened, chance, counts)
        except Uncounted as uncounted:
            return uncounted
        asked = None if staffed else wanted(journey, event)
        if asked is not None and (findings is None or findings.wanted != asked):
            return asked
        if happened.update_id is not None and not updates.claim(
            connection, happened.update_id, now
        ):
            return None, frozenset()
        found = findings if asked else None
        if staffed:
            return self._keep(connection, happened, staffed, lease)
        return self._advance(connection, row, journey, happened, chance, found, lease)

    def _advance(
        self,
        connection: Connection,
        row: SavedChat | None,
        journey: Journey,
        happened: ChatEvent,
        chance: int,
        findings: ExternalAnswer | None = None,
        lease: str | None = None,
    ) -> tuple[Answer, frozenset[Worker]]:
        """Advance the chat's journey and do what follows; return the workers to wake."""
        vault, now, event = self._vault, self._clock(), happened.event
        person = chats.key(vault, happened.chat)
        facts = load_facts.load(
            connection,
            vault,
            person,
            row,
            journey=journey,
            event=event,
            profile=happened.profile,
            now=now,
            role=self._staff.roster.role(person, row),
        )
        turn = advance(self._house(), journey, event, facts, now, chance, findings)
        if composer.yields(turn):
            turn = replace(turn, journey=replace(turn.journey, composing=None, awaits=""))
        return self._keep(connection, happened, turn, lease)

    def _staffed(
        self,
        connection: Connection,
        row: SavedChat | None,
        journey: Journey,
        happened: ChatEvent,
        chance: int,
        counts: Counts,
    ) -> Turn | None:
        """Return the answer to somebody with a role, or who is offered one, where there is one."""
        profile, person = happened.profile, chats.key(self._vault, happened.chat)
        role = self._staff.roster.role(person, row)
        if role is None and not staff_router.concerns(happened.event):
            return None
        language = row.language if row is not None else ""
        facts = Facts(profile.name, profile.language, language, role=role)
        context = scene_of(self._house(), journey, facts, self._clock(), chance)
        return self._staff.advance(
            connection, happened.chat, role, context, happened.event, counts.of
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
                lambda connection: updates.claim(connection, update, now, poisoned=True)
            )
        metrics.GIVEN_UP.inc()
        self._speaker.apologise(happened)
