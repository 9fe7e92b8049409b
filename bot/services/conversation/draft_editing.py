"""From what a campaigner does to the next page of their update, inside the answer's transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from conversations.broadcasts import approval
from conversations.broadcasts.draft_context import DraftContext, Review
from conversations.core.context import Context
from conversations.core.events import CommandSent, Event, PersistentButtonPressed
from conversations.model.broadcast import Audience, BroadcastStatus
from storage.broadcasts import audiences, drafts
from storage.chats import chats
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

_PAUSE = 0.5


Question = Callable[[Connection, Any], Any]
"""What is asked about an audience, or about a scope."""

Counted = Callable[[Question, Any], Any]
"""What tells the answer."""


class Uncounted(Exception):
    """An answer needs to know this of an audience first."""

    def __init__(self, question: Question, about: Audience | str) -> None:
        """Ask `question` about an audience, or about a scope."""
        super().__init__()
        self.question = question
        self.about = about


class Counts:
    """What one answer must know of audiences: counted before its transaction, which would keep all
    others waiting, since a million people take seconds.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self._known: dict[tuple[object, Audience | str], Any] = {}

    def of(self, question: Question, about: Audience | str) -> Any:
        """Return what is known. Raises Uncounted."""
        if (question, about) not in self._known:
            raise Uncounted(question, about)
        return self._known[question, about]

    async def count(self, database: Database, asked: Uncounted) -> None:
        """Learn what was asked for."""
        answer = await database.read(lambda connection: asked.question(connection, asked.about))
        self._known[asked.question, asked.about] = answer


@dataclass(frozen=True)
class Rules:
    """What holds for whoever sends updates: above how many people a colleague must look at one
    first, and whether Telegram is paid for sending faster.
    """

    eyes_above: int | None = None
    paid: bool = False


def desk(
    connection: Connection,
    vault: Vault,
    chat: int,
    context: Context,
    event: Event,
    counted: Counted,
    colleagues: tuple[tuple[int, str], ...],
    rules: Rules,
) -> DraftContext:
    """Return what the composer of this chat knows when `event` happens."""
    person = chats.key(vault, chat)
    about = _about(context, event)
    named = drafts.find(connection, vault, about) if about else None
    draft = named or drafts.of(connection, vault, person)
    return DraftContext(
        context,
        count=partial(counted, audiences.count),
        languages=partial(counted, drafts.languages),
        countries=partial(counted, drafts.countries),
        draft=draft.broadcast if draft else None,
        state=draft.state if draft else BroadcastStatus.DRAFT,
        mine=draft is None or draft.person == person,
        author=(draft.chat, draft.language) if draft else (0, ""),
        token=draft.token if draft else "",
        zone=drafts.zone(connection, person),
        colleagues=colleagues,
        going=drafts.going(connection),
        approved=draft is not None and draft.approved == approval.digest(draft.broadcast),
        eyes_above=rules.eyes_above,
        paid=rules.paid,
    )


def _about(context: Context, event: Event) -> str:
    """Return the update that is named by what is pressed, or by the page that waits."""
    composing = context.journey.composing
    match event:
        case PersistentButtonPressed(str() as action) if action.startswith("b:"):
            return action.split(":", 2)[1]
        case CommandSent("broadcast") | PersistentButtonPressed():
            return ""
        case _:
            return composing.about if composing else ""


def review(connection: Connection, vault: Vault, chat: int, event: Event) -> Review | None:
    """Return the draft that a colleague was asked to look at, where a press is about one.

    None for its author, who is not somebody else.
    """
    match event:
        case PersistentButtonPressed(str() as action) if action.startswith("eyes:"):
            _, id_, content = (*action.split(":", 2), "", "")[:3]
            draft = drafts.find(connection, vault, id_)
            if draft is None or draft.chat == chat:
                return None
            approved = draft.approved == content
            return Review(
                draft.broadcast, draft.chat, draft.language, content, draft.state, approved
            )
        case _:
            return None


def now(connection: Connection, question: Question, about: Audience | str) -> Any:
    """Tell the answer at once, where nobody waits for the transaction."""
    return question(connection, about)


class Closing(Protocol):
    """Who answers that an album has ended."""

    async def end_album(self, chat: int) -> None:
        """Answer it, once."""


class Albums:
    """Looks for albums whose parts have all come: each comes by itself, and none is the last."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        answering: Closing,
        clock: Callable[[], datetime],
    ) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._answering = answering
        self._clock = clock

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_PAUSE)

    async def look(self) -> None:
        """End every album to which nothing was added for a while."""
        now = self._clock()
        whole = await self._database.read(lambda c: drafts.albums_due(c, self._vault, now))
        for chat in whole:
            try:
                await self._answering.end_album(chat)
            except Exception as error:
                log.warning("could not end an album", **error_fields(error))
