"""Finds what was not sent: replies that were lost in a crash, and changes of letters' states."""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot.services.conversation.facts.fact_loader import FactLoader
from bot.services.conversation.facts.fact_sources import Asker
from bot.services.core import Core
from conversations.core.context import Context
from conversations.core.fact_requests import Fact, LoadedFacts
from conversations.core.replies import Reply
from conversations.model.journey import Journey
from conversations.router import open_question
from storage.chats import chats, leases
from storage.chats.leases import ChatLease
from storage.crypto.person_keys import PersonKeys
from storage.load_facts import TelegramProfile
from storage.mail.letters import letter_statuses
from storage.mail.letters.letter_statuses import UnsentStatus

LOST_AFTER = timedelta(seconds=5)
"""How old a turn is when its replies count as lost: until then, they may be on their way."""


class UnsentReplies:
    """Finds the chats in which something is unsent. Each method runs in a transaction."""

    def __init__(self, core: Core, loader: FactLoader) -> None:
        """`loader` loads the facts that the open question is asked with."""
        self._core = core
        self._loader = loader

    def find(self, connection: Connection) -> dict[int, bool]:
        """Return the chats in which something is unsent, and whether it is the replies of a turn.

        Otherwise it is the state of a letter.
        """
        now, vault = self._core.clock(), self._core.vault
        lost = leases.find_unreplied(connection, vault, now=now, before=now - LOST_AFTER)
        changed = letter_statuses.chats_with_unshown(connection, vault, now=now)
        return dict.fromkeys(lost, True) | {chat: chat in lost for chat in changed}

    def claim(
        self, connection: Connection, chat: int, *, token: str, lost: bool
    ) -> tuple[ChatLease, tuple[UnsentStatus, ...]] | None:
        """Lease `chat` with `token`, and return the letters whose state it does not show.

        None if another sender has it, or nothing is unsent any more. `lost` means that the replies
        of a turn were lost.
        """
        person = PersonKeys(self._core.vault, chat)
        unshown = letter_statuses.unshown_in_chat(connection, self._core.vault, person)
        if not lost and not unshown:
            return None
        lease = leases.claim_chat(
            connection, self._core.vault, person, now=self._core.clock(), lease=token
        )
        return (lease, unshown) if lease else None

    def open_question(
        self, outside: LoadedFacts, connection: Connection, chat: int
    ) -> tuple[Journey | None, tuple[Reply, ...]] | Fact[Any]:
        """Return the journey of `chat`, and the replies that ask its open question again.

        Or the request for a fact that must be in `outside`, those loaded before the transaction.
        A letter that is shown again may have changed: the journey is saved with what is shown now.
        Raises NewerVersions if the campaigns in service are not the newest.
        """
        person, now = PersonKeys(self._core.vault, chat), self._core.clock()
        chats.lock(connection, person.chat)
        row = chats.find(connection, self._core.vault, person)
        journey = chats.journey(self._core.vault, row) if row is not None else None
        if journey is None:
            return None, ()
        asker, profile = Asker(person, now), TelegramProfile("", journey.language)
        facts = self._loader.person(connection, asker, row, profile)
        context = Context(
            self._core.deployment(), journey, facts, now, chance=secrets.randbits(128)
        )
        asked = self._loader.complete(
            connection,
            asker,
            outside,
            lambda loaded: open_question(replace(context, loaded=loaded)),
        )
        if not isinstance(asked, Fact) and asked[0] != journey:
            chats.replace_journey(connection, self._core.vault, person, asked[0])
        return asked
