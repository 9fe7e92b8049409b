"""From what a campaigner does to the next page of their update, inside the answer's transaction."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from conversations import composer
from conversations.broadcast import State
from conversations.events import Event, PressedStanding
from conversations.panel import Desk, Review
from conversations.scene import Scene
from storage import audiences, chats, drafts
from storage.database import Database
from storage.vault import Vault

log = structlog.get_logger()

_PAUSE = 0.5


def desk(
    connection: Connection,
    vault: Vault,
    chat: int,
    scene: Scene,
    colleagues: tuple[int, ...],
    eyes_above: int | None,
) -> Desk:
    """Return what the composer of this chat knows."""
    person = chats.key(vault, chat)
    draft = drafts.of(connection, vault, person)
    return Desk(
        scene,
        count=partial(audiences.count, connection),
        languages=partial(drafts.languages, connection),
        countries=partial(drafts.countries, connection),
        draft=draft.broadcast if draft else None,
        token=draft.token if draft else "",
        zone=drafts.zone(connection, person),
        colleagues=colleagues,
        going=drafts.going(connection),
        approved=draft is not None and draft.approved == composer.digest(draft.broadcast),
        eyes_above=eyes_above,
    )


def review(connection: Connection, vault: Vault, event: Event) -> Review | None:
    """Return the draft that a colleague was asked to look at, where a press is about one."""
    match event:
        case PressedStanding(action) if action.startswith("eyes:"):
            _, id_, content = (*action.split(":", 2), "", "")[:3]
            draft = drafts.find(connection, vault, id_)
            if draft is None or draft.state is not State.DRAFT:
                return None
            return Review(draft.broadcast, draft.chat, draft.language, content)
        case _:
            return None


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
