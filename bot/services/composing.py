"""From what a campaigner does to the next page of their update, inside the answer's transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from conversations import composer, eyes
from conversations.broadcast import State
from conversations.desk import Desk, Review
from conversations.events import Commanded, Edited, Event, PressedStanding
from conversations.replies import Reply
from conversations.scene import Scene
from storage import audiences, chats, drafts
from storage.database import Database
from storage.vault import Vault

log = structlog.get_logger()

_PAUSE = 0.5


@dataclass(frozen=True)
class Campaigners:
    """Who may send updates, and above how many people somebody else must look at one first."""

    ids: frozenset[int] = frozenset()
    eyes_above: int | None = None
    paid: bool = False

    def desk(
        self, connection: Connection, vault: Vault, chat: int, scene: Scene, event: Event
    ) -> Desk:
        """Return what the composer of this chat knows when `event` happens."""
        person = chats.key(vault, chat)
        about = _about(scene, event)
        named = drafts.find(connection, vault, about) if about else None
        draft = named or drafts.of(connection, vault, person)
        return Desk(
            scene,
            count=partial(audiences.count, connection),
            languages=partial(drafts.languages, connection),
            countries=partial(drafts.countries, connection),
            draft=draft.broadcast if draft else None,
            state=draft.state if draft else State.DRAFT,
            mine=draft is None or draft.person == person,
            author=(draft.chat, draft.language) if draft else (0, ""),
            token=draft.token if draft else "",
            zone=drafts.zone(connection, person),
            colleagues=tuple(sorted(self.ids - {chat})),
            going=drafts.going(connection),
            approved=draft is not None and draft.approved == eyes.digest(draft.broadcast),
            eyes_above=self.eyes_above,
            paid=self.paid,
        )


def _about(scene: Scene, event: Event) -> str:
    """Return the update that is named by what is pressed, or by the page that waits."""
    composing = scene.journey.composing
    match event:
        case PressedStanding(action) if action.startswith("b:"):
            return action.split(":", 2)[1]
        case Commanded("broadcast") | PressedStanding():
            return ""
        case _:
            return composing.about if composing else ""


def review(connection: Connection, vault: Vault, chat: int, event: Event) -> Review | None:
    """Return the draft that a colleague was asked to look at, where a press is about one.

    None for its author, who is not somebody else.
    """
    match event:
        case PressedStanding(action) if action.startswith("eyes:"):
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


def asked_again(
    campaigners: Campaigners, connection: Connection, vault: Vault, chat: int, scene: Scene
) -> tuple[Reply, ...]:
    """Return the open page of whoever composes; nothing where it is not that which is open."""
    if chat not in campaigners.ids or scene.journey.composing is None:
        return ()
    desk = campaigners.desk(connection, vault, chat, scene, Edited())
    return composer.asked_again(desk) if desk.draft else ()


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
                log.warning("could not end an album", error=type(error).__name__)
