"""Clears discreet chats some hours after their letter was sent, and forgets them.

Which chats are due is found in the database, so a restart loses nothing: what was deleted already
is deleted again, which changes nothing.
"""

import secrets
from datetime import timedelta
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.conversation.replies.reply_progress import position_in
from bot.services.core import Core
from bot.services.keyed_tasks import KeyedTasks
from bot.services.ports import BlockedByUser, MessageSender
from bot.services.runner import repeat
from conversations.core.replies import ClearChat, DeleteMessages, Say
from conversations.text.wording import Wording
from storage.chats import leases
from storage.chats.leases import DELETABLE_FOR, MAX_SEEN_MESSAGES, ChatLease, SentReplies
from storage.crypto.person_keys import PersonKeys
from storage.erasure import clearing

log = structlog.get_logger()

CLEARING_INTERVAL = 60.0
"""Seconds between two searches for chats to clear."""

RETRY_PAUSE = timedelta(minutes=1)
"""How long a chat is left alone in which messages could not be deleted."""

LAST_RETRY = timedelta(hours=2)
"""How long after a chat is due at the latest Telegram still deletes some of its messages."""


class ChatClearing:
    """Deletes the messages of discreet chats that are due, and forgets the chats."""

    def __init__(self, core: Core, messages: MessageSender) -> None:
        """Delete through `messages`."""
        self._core = core
        self._messages = messages
        self._process = secrets.token_hex(4)

    async def run(self) -> None:
        """Clear until cancelled."""
        await repeat(self.run_once, CLEARING_INTERVAL)

    async def run_once(self) -> None:
        """Clear every chat that is due. A failed one is cleared in a later round."""
        core, after = self._core, b""
        async with KeyedTasks[int]() as tasks:
            while True:
                find = partial(clearing.find_due, vault=core.vault, now=core.clock(), after=after)
                found = await core.database.read(find)
                for chat in found.due:
                    tasks.start(chat, partial(self._clear, chat))
                if found.last is None:
                    return
                after = found.last

    async def _clear(self, chat: int) -> None:
        core, person = self._core, PersonKeys(self._core.vault, chat)
        claim = partial(
            clearing.claim,
            vault=core.vault,
            person=person,
            now=core.clock(),
            lease=leases.new_lease(self._process, catching_up=True),
        )
        claimed = await core.database.transact(claim)
        if claimed is None:
            return
        try:
            await self._delete(chat, claimed)
        except BlockedByUser:
            log.info("discreet chat not cleared: the bot is blocked")
        except Exception as error:
            log.warning("discreet chat not cleared", **error_fields(error))
            if core.clock() < claimed.clear_by + LAST_RETRY:
                await self._pause(person, claimed.lease)
                return
        forget = partial(
            clearing.forget,
            vault=core.vault,
            person=person,
            claimed=claimed,
            now=core.clock(),
        )
        forgotten = await core.database.transact(forget)
        outcome = "forgotten" if forgotten else "kept: it was used meanwhile"
        log.info("discreet chat cleared", outcome=outcome)

    async def _delete(self, chat: int, claimed: clearing.ClaimedChat) -> None:
        """Delete the messages, and say so if some must be left."""
        position = position_in(chat, claimed.lease, None)
        await self._messages.send(position, ClearChat())
        await self._messages.send(position, DeleteMessages(claimed.others))
        if _leaves_messages(claimed.lease, self._core.clock().timestamp()):
            left = Say(Wording(claimed.language).say("discreet.left"))
            await self._messages.send(position, left)

    async def _pause(self, person: PersonKeys, lease: ChatLease) -> None:
        prompt = (lease.prompt_message, lease.prompt_has_picture)
        nothing = SentReplies(0, *prompt, pause=RETRY_PAUSE)
        now = self._core.clock()
        await self._core.database.transact(
            lambda c: leases.record_replies(c, self._core.vault, person, lease, nothing, now=now)
        )


def _leaves_messages(lease: ChatLease, now: float) -> bool:
    """Whether messages are too old to be deleted, or so many that the first ones are unknown."""
    oldest = now - DELETABLE_FOR.total_seconds()
    return len(lease.seen) >= MAX_SEEN_MESSAGES or any(at <= oldest for _, at in lease.seen)
