"""From what somebody with a role does to its answer, inside the answer's transaction."""

import platform
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from importlib.metadata import version

from sqlalchemy import Connection

from bot.services.conversation import draft_editing
from bot.services.conversation.draft_editing import Counted, Rules
from conversations import staff_router
from conversations.admin.campaigns import CampaignFacts
from conversations.admin.team import StaffContext
from conversations.broadcasts import composer
from conversations.broadcasts.draft_context import DraftContext
from conversations.core.context import Context, Turn
from conversations.core.events import Event, MessageEdited
from conversations.core.replies import Reply
from conversations.model.roles import Role
from conversations.router import numbered
from storage import queue
from storage.admin import (
    audit,
    campaign_modes,
    link_sources,
)
from storage.admin.roles import Roster
from storage.chats import chats
from storage.crypto.vault import Vault
from storage.engine.database import Database
from storage.mail import blocked_senders

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
        context: Context,
        event: Event,
        counted: Counted,
    ) -> Turn | None:
        """Return what composer or office answers to whoever has `role`; None where neither does."""
        turn: Turn | None = None
        if role:
            asked = draft_editing.review(connection, self.vault, chat, event)
            desk = self._desk(connection, chat, context, event, counted)
            turn = composer.advance(replace(desk, review=asked), event)
        if turn:  # the composer has the floor
            turn = replace(turn, journey=turn.journey.awaiting(""))
        turn = turn or staff_router.advance(self._office(connection, chat, role, context), event)
        return numbered(context.journey, turn) if turn else None

    def asked_again(
        self, connection: Connection, chat: int, role: Role | None, context: Context
    ) -> tuple[Reply, ...]:
        """Return the open page of whoever composes; nothing where it is not that which is open."""
        if role is None or context.journey.composing is None:
            return ()
        desk = self._desk(
            connection, chat, context, MessageEdited(), partial(draft_editing.now, connection)
        )
        return composer.asked_again(desk) if desk.draft else ()

    def _desk(
        self, connection: Connection, chat: int, context: Context, event: Event, counted: Counted
    ) -> DraftContext:
        colleagues = tuple(
            sorted(
                (each.chat, each.language)
                for each in self.roster.members(connection)
                if each.chat != chat
            )
        )
        return draft_editing.desk(
            connection, self.vault, chat, context, event, counted, colleagues, self.rules
        )

    def _office(
        self, connection: Connection, chat: int, role: Role | None, context: Context
    ) -> StaffContext:
        return StaffContext(
            context,
            chats.key(self.vault, chat).hex(),
            role,
            members=partial(self.roster.members, connection),
            held=partial(self.roster.held, connection),
            invited=partial(self.roster.invited, connection, now=context.now),
            audit=partial(audit.page, connection, self.vault),
            condition=lambda: queue.condition(connection, context.now, _VERSION, *self.telegram()),
            states=partial(campaign_modes.standing, connection),
            sources=partial(link_sources.named, connection),
            sender=lambda code: blocked_senders.sender(connection, self.letter(code)),
            # A page asks for a lane several times, and counting what waits takes long where it is
            # much.
            campaigns=CampaignFacts(
                cache(partial(queue.lane, connection, now=context.now)), self.unfit
            ),
        )


async def first_admin(database: Database, roster: Roster, now: datetime) -> str | None:
    """Return the token of an invitation for the first admin; None where there is an admin."""
    token = secrets.token_hex(16)
    made = await database.transact(partial(roster.invite_first, token=token, now=now))
    return token if made else None
