"""What happened in a chat, and the answer to it, which is made in one transaction."""

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from bot.services.conversation.facts.fact_loader import FactLoader
from bot.services.conversation.facts.fact_sources import Asker
from bot.services.core import Core
from conversations.core.context import Turn
from conversations.core.events import AlbumEnded, Event
from conversations.core.fact_requests import Fact, FactMissing, LoadedFacts
from conversations.core.replies import Reply
from conversations.model.journey import Journey
from conversations.router import advance, begin, presses_open_question
from storage import apply_effects
from storage.broadcasts import drafts
from storage.chats import chats, updates
from storage.chats.chats import SavedChat
from storage.chats.leases import ChatLease
from storage.crypto.person_keys import PersonKeys
from storage.load_facts import TelegramProfile
from storage.mail import returned_mail


@dataclass(frozen=True)
class ChatEvent:
    """What happened in a private chat. A private chat has the id of its person."""

    update_id: int | None
    """The id of the Telegram update; None if no update reported the event."""

    chat: int
    """The id of the chat."""

    profile: TelegramProfile
    """What Telegram says of the person."""

    event: Event
    """What happened."""

    callback: str | None = None
    """The id of a button press, which must be acknowledged."""

    by_webhook: bool = False
    """Whether the webhook's response acknowledges a press, unless a toast does."""

    message: int | None = None
    """The id of the message that was sent, or whose button was pressed."""

    topic: int | None = None
    """The topic of that message (Bot API, message_thread_id): 0 outside topics, None if unknown."""

    turn_id: str = field(default_factory=lambda: secrets.token_hex(6))
    """The name of the answer in the log. It is random, so that it doesn't reveal the person."""


@dataclass(frozen=True)
class Answer:
    """The replies of a turn that is committed."""

    happened: ChatEvent
    """What is answered."""

    journey: Journey
    """The journey after the turn."""

    replies: tuple[Reply, ...]
    """What to send, in order."""

    lease: ChatLease | None = None
    """The right to send in the chat, if nobody else had it."""

    question: int | None = None
    """The id of the message that showed the open question, if a button below it was pressed."""


class AnsweredBefore(Exception):
    """The update was answered already: Telegram sent it twice."""


class AnswerMaker:
    """Makes answers. Each method is a transaction; it may run more than once.

    `outside` holds the facts that were loaded before the transaction. Where another such fact is
    needed, a method writes nothing and returns the request for it. Each raises NewerVersions if the
    campaigns in service are not the newest.
    """

    def __init__(self, core: Core, loader: FactLoader) -> None:
        """`loader` loads the facts that handlers ask for."""
        self._core = core
        self._loader = loader

    def to_update(
        self,
        happened: ChatEvent,
        chance: int,
        lease: str | None,
        outside: LoadedFacts,
        connection: Connection,
    ) -> Answer | Fact[Any]:
        """Answer an update. `lease` is for the right to send in the chat, if nobody else has it.

        Raises AnsweredBefore.
        """
        vault, person = self._core.vault, PersonKeys(self._core.vault, happened.chat)
        chats.lock(connection, person.chat)
        chat = chats.find(connection, vault, person)
        saved = chats.journey(vault, chat) if chat is not None else None
        journey = saved or begin(chance, happened.profile.language)
        turn = self._advance(connection, person, chat, journey, happened, chance, outside)
        if isinstance(turn, Fact):
            return turn
        update = happened.update_id
        if update is not None and not updates.claim(connection, update, self._core.clock()):
            raise AnsweredBefore  # rolls back: loading a fact may have counted an attempt
        answer = self._save(connection, person, happened, turn, lease)
        if presses_open_question(journey, happened.event):
            return replace(answer, question=happened.message)
        return answer

    def to_album(
        self, chat_id: int, chance: int, outside: LoadedFacts, connection: Connection
    ) -> Answer | Fact[Any] | None:
        """Answer that an album is complete; None if the chat waits for none."""
        vault, person = self._core.vault, PersonKeys(self._core.vault, chat_id)
        chats.lock(connection, person.chat)
        chat = chats.find(connection, vault, person)
        draft = drafts.current_draft(connection, vault, person.staff)
        if chat is None or draft is None or draft.album_until is None:
            return None
        journey = chats.journey(vault, chat) or begin(chance, chat.language)
        happened = _without_update(chat_id, journey, AlbumEnded())
        turn = self._advance(connection, person, chat, journey, happened, chance, outside)
        if isinstance(turn, Fact):
            return turn
        drafts.set_album_deadline(connection, draft.broadcast.id, None)
        return self._save(connection, person, happened, turn)

    def to_bounce(
        self, chat_id: int, chance: int, outside: LoadedFacts, connection: Connection
    ) -> Answer | None:
        """Answer the next mail that bounced; None if there is no more."""
        vault, person = self._core.vault, PersonKeys(self._core.vault, chat_id)
        chats.lock(connection, person.chat)
        chat = chats.find(connection, vault, person)
        if chat is not None and chat.blocked:
            return None
        saved = chats.journey(vault, chat) if chat is not None else None
        journey = saved or begin(chance, chat.language if chat is not None else "")
        event = returned_mail.next_bounce(connection, vault, person, journey)
        if event is None:
            return None
        happened = _without_update(chat_id, journey, event)
        turn = self._advance(connection, person, chat, journey, happened, chance, outside)
        if isinstance(turn, Fact):
            raise FactMissing(turn)  # rolls back: the bounce was taken
        return self._save(connection, person, happened, turn)

    def _advance(
        self,
        connection: Connection,
        person: PersonKeys,
        chat: SavedChat | None,
        journey: Journey,
        happened: ChatEvent,
        chance: int,
        outside: LoadedFacts,
    ) -> Turn | Fact[Any]:
        """Return the turn, or the request for a fact that must be loaded outside."""
        now, event = self._core.clock(), happened.event
        asker = Asker(person, now)
        facts = self._loader.person(connection, asker, chat, happened.profile)
        deployment = self._core.deployment()  # after the check that it has the newest versions
        return self._loader.complete(
            connection,
            asker,
            outside,
            lambda loaded: advance(deployment, journey, event, facts, now, chance, loaded),
        )

    def _save(
        self,
        connection: Connection,
        person: PersonKeys,
        happened: ChatEvent,
        turn: Turn,
        lease: str | None = None,
    ) -> Answer:
        """Save the turn's journey and apply its effects."""
        vault, now = self._core.vault, self._core.clock()
        journey = turn.journey
        if journey.is_discreet and happened.message and happened.callback is None:
            journey = journey.with_typed(happened.message)
        lease = lease if turn.replies else None
        taken = chats.save(
            connection,
            vault,
            person,
            journey,
            now,
            lease=lease,
            topic=happened.topic,
        )
        apply_effects.apply(
            connection,
            vault,
            person,
            turn.effects,
            now=now,
            turn_id=happened.turn_id,
            who=f"{happened.profile.name} ({happened.chat})",
        )
        return Answer(happened, journey, turn.replies, taken)


def _without_update(chat: int, journey: Journey, event: Event) -> ChatEvent:
    return ChatEvent(None, chat, TelegramProfile("", journey.language), event)
