"""Ask people whether saved details and subscriptions that they no longer use may stay."""

import secrets
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from bot.logs import error_fields
from bot.services.core import Core
from bot.services.ports import BlockedByUser, CallRefused, MessageSender
from bot.services.runner import repeat
from conversations.journey.personal_data import unused_data
from storage.crypto.person_keys import PersonKeys
from storage.crypto.vault import Vault
from storage.retention import questions
from storage.retention.questions import People, Place

log = structlog.get_logger()

ASKING_INTERVAL = 3600.0
"""Seconds between two searches for people to ask."""


class _Search(Protocol):
    """Returns people to ask, from the place `after` on."""

    def __call__(
        self, connection: Connection, /, *, vault: Vault, now: datetime, after: Place
    ) -> People: ...


class UnusedDataQuestions:
    """Sends each question once. Several processes may run this: one asks at a time."""

    def __init__(self, core: Core, messages: MessageSender) -> None:
        """Ask through `messages`."""
        self._core = core
        self._messages = messages
        self._token = secrets.token_hex(8)

    async def run(self) -> None:
        """Ask until cancelled."""
        await repeat(self.run_once, ASKING_INTERVAL)

    async def run_once(self) -> None:
        """Ask everybody who is due. A person who could not be asked is asked in a later round."""
        await self._ask_all(questions.find_details)
        await self._ask_all(questions.find_subscriptions)
        await self._core.database.transact(partial(questions.release, token=self._token))

    async def _ask_all(self, search: _Search) -> None:
        core, after = self._core, questions.START
        while True:
            find = partial(search, vault=core.vault, now=core.clock(), after=after)
            found = await core.database.read(find)
            for chat in found.chats:
                await self._ask(chat)
            if found.last is None:
                return
            after = found.last

    async def _ask(self, chat: int) -> None:
        core, person = self._core, PersonKeys(self._core.vault, chat)
        claim = partial(
            questions.claim, vault=core.vault, person=person, now=core.clock(), token=self._token
        )
        claimed = await core.database.transact(claim)
        if claimed is None:
            return
        wording = core.deployment().wording(claimed.language)
        question = unused_data.question(wording, claimed.what, claimed.until)
        try:
            await self._messages.show(chat, question, None, silent=True)
        except (BlockedByUser, CallRefused):
            log.info("question about unused data not delivered")
        except Exception as error:
            log.warning("question about unused data not sent", **error_fields(error))
            return
        record = partial(questions.record, person=person, now=core.clock())
        await core.database.transact(record)
