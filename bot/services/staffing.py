"""From what somebody with a role does to its answer, inside the answer's transaction."""

import platform
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from importlib.metadata import version

from sqlalchemy import Connection

from bot.services import composing
from bot.services.composing import Counted, Rules
from conversations import composer, office
from conversations.desk import Desk
from conversations.events import Edited, Event
from conversations.managing import Campaigns
from conversations.replies import Reply
from conversations.roles import Role
from conversations.scene import Scene, Turn
from conversations.supporter import numbered
from conversations.team import Office
from storage import audit, barred, campaigns, chats, naming, queue
from storage.database import Database
from storage.roles import Roster
from storage.vault import Vault

_VERSION = f"actionbot {version('actionbot')}, Python {platform.python_version()}"


@dataclass(frozen=True)
class Staff:
    """Who has a role, and the rules of sending updates.

    `telegram` tells how many updates a second may go, None where nothing limits them, and for how
    many seconds Telegram asks us to wait; `unfit` whether a campaign has a target that no letter
    can reach, and must not go live; `letter` which letter bears a code for reports of abuse.
    """

    vault: Vault
    roster: Roster
    telegram: Callable[[], tuple[float | None, float]]
    unfit: Callable[[str], bool]
    letter: Callable[[str], str]
    rules: Rules

    def advance(
        self,
        connection: Connection,
        chat: int,
        role: Role | None,
        scene: Scene,
        event: Event,
        counted: Counted,
    ) -> Turn | None:
        """Return what composer or office answers to whoever has `role`; None where neither does."""
        turn: Turn | None = None
        if role:
            asked = composing.review(connection, self.vault, chat, event)
            desk = self._desk(connection, chat, scene, event, counted)
            turn = composer.advance(replace(desk, review=asked), event)
        if turn:  # the composer has the floor
            turn = replace(turn, journey=turn.journey.awaiting(""))
        turn = turn or office.advance(self._office(connection, chat, role, scene), event)
        return numbered(scene.journey, turn) if turn else None

    def asked_again(
        self, connection: Connection, chat: int, role: Role | None, scene: Scene
    ) -> tuple[Reply, ...]:
        """Return the open page of whoever composes; nothing where it is not that which is open."""
        if role is None or scene.journey.composing is None:
            return ()
        desk = self._desk(connection, chat, scene, Edited(), partial(composing.now, connection))
        return composer.asked_again(desk) if desk.draft else ()

    def _desk(
        self, connection: Connection, chat: int, scene: Scene, event: Event, counted: Counted
    ) -> Desk:
        colleagues = tuple(
            sorted(
                (each.chat, each.language)
                for each in self.roster.members(connection)
                if each.chat != chat
            )
        )
        return composing.desk(
            connection, self.vault, chat, scene, event, counted, colleagues, self.rules
        )

    def _office(self, connection: Connection, chat: int, role: Role | None, scene: Scene) -> Office:
        return Office(
            scene,
            chats.key(self.vault, chat).hex(),
            role,
            members=partial(self.roster.members, connection),
            held=partial(self.roster.held, connection),
            invited=partial(self.roster.invited, connection, now=scene.now),
            audit=partial(audit.page, connection, self.vault),
            condition=lambda: queue.condition(connection, scene.now, _VERSION, *self.telegram()),
            states=partial(campaigns.standing, connection),
            sources=partial(naming.named, connection),
            sender=lambda code: barred.sender(connection, self.letter(code)),
            # A page asks for a lane several times, and counting what waits takes long where it is
            # much.
            campaigns=Campaigns(cache(partial(queue.lane, connection, now=scene.now)), self.unfit),
        )


async def first_admin(database: Database, roster: Roster, now: datetime) -> str | None:
    """Return the token of an invitation for the first admin; None where there is an admin."""
    token = secrets.token_hex(16)
    made = await database.transact(partial(roster.invite_first, token=token, now=now))
    return token if made else None
