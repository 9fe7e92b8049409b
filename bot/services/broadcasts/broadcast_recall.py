"""Recall broadcasts: delete their messages from the chats that they reached."""

import asyncio
from collections import Counter
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.backoff import Backoff
from bot.services.core import Core
from bot.services.ports import (
    BlockedByUser,
    BroadcastPort,
    CallRefused,
    ChatLimited,
    NotReached,
    Uncertain,
)
from storage.broadcasts import broadcasts, recalls
from storage.broadcasts.recalls import DeliveredMessages

log = structlog.get_logger()

BATCH_SIZE = 50
"""How many chats one step deletes messages from."""

MAX_UNCERTAIN_TRIES = 3
"""How often a deletion is tried whose result is uncertain."""


class BroadcastRecall:
    """Deletes the messages of recalled broadcasts, step by step, under the sender's lease."""

    def __init__(self, core: Core, port: BroadcastPort) -> None:
        """Delete with `port`."""
        self._vault = core.vault
        self._database = core.database
        self._port = port
        self._tries: Counter[bytes] = Counter()
        """How often a deletion was uncertain, by person."""
        self._limited = 0
        """How many chats of the latest step Telegram limits."""
        self._backoff = Backoff(0.5, 5)

    async def run_once(self) -> bool:
        """Delete messages from some chats.

        Return False if nothing is left to delete, or only what is in chats that Telegram limits.
        """
        work = partial(broadcasts.first_recalled, vault=self._vault)
        recalled = await self._database.read(work)
        if recalled is None:
            return False
        batch = await self._database.read(
            partial(recalls.find_delivered, vault=self._vault, id_=recalled.id, limit=BATCH_SIZE)
        )
        self._limited = 0
        deleted = await asyncio.gather(*(self._delete(each) for each in batch))
        people = [each.person for each, done in zip(batch, deleted, strict=True) if done]
        if people or not batch:
            self._backoff.reset()
            done = partial(recalls.record_deleted, id_=recalled.id, people=people)
            await self._database.transact(done)
            return True
        await asyncio.sleep(self._backoff.wait())
        return self._limited < len(batch)

    async def _delete(self, left: DeliveredMessages) -> bool:
        """Delete the messages in one chat. Return False if that must be tried again.

        Messages that Telegram refuses to delete stay.
        """
        if left.chat is None:
            return True
        try:
            messages = [int(each) for each in left.messages.replace(";", ",").split(",")]
            await self._port.delete(left.chat, messages)
        except NotReached:
            return False
        except ChatLimited:
            self._limited += 1
            return False
        except Uncertain:
            self._tries[left.person] += 1
            if self._tries[left.person] < MAX_UNCERTAIN_TRIES:
                return False
            del self._tries[left.person]
        except (BlockedByUser, CallRefused):
            return True
        except Exception as error:  # one broken recipient must not stop the others
            log.error("broadcast not recalled", **error_fields(error))
        return True
