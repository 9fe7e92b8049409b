"""Taking updates back: deleting what stands in the chats that they reached."""

import asyncio
from collections import Counter
from functools import partial

import structlog

from bot.logs import error_fields
from bot.services.backoff import Backoff
from bot.services.ports import BlockedByUser, BroadcastPort, CallRefused, NotReached, Uncertain
from conversations.model.broadcast import BroadcastStatus
from storage.broadcasts import broadcasts, recalls
from storage.broadcasts.recalls import Left
from storage.crypto.vault import Vault
from storage.engine.database import Database

log = structlog.get_logger()

AT_ONCE = 50
"""How many chats one step clears."""

_TRIES = 3
"""How often a deletion is asked for of which nobody knows whether it was done."""


class BroadcastRecall:
    """Takes back step by step. Belongs to whoever holds the lease."""

    def __init__(self, database: Database, vault: Vault, wire: BroadcastPort) -> None:
        """Use these."""
        self._database = database
        self._vault = vault
        self._wire = wire
        self._tries: Counter[bytes] = Counter()
        self._backoff = Backoff(0.5, 5)

    async def step(self) -> bool:
        """Delete what was taken back from some of the chats it reached; False where all is done."""
        work = partial(broadcasts.first, vault=self._vault, state=BroadcastStatus.RECALLED)
        recalled = await self._database.read(work)
        if recalled is None:
            return False
        some = await self._database.read(partial(recalls.left, id_=recalled.id, limit=AT_ONCE))
        cleared = await asyncio.gather(*(self._clear(each) for each in some))
        people = [each.person for each, done in zip(some, cleared, strict=True) if done]
        if people or not some:
            self._backoff.reset()
            done = partial(recalls.taken_back, id_=recalled.id, people=people)
            await self._database.transact(done)
        else:
            await asyncio.sleep(self._backoff.wait())
        return True

    async def _clear(self, left: Left) -> bool:
        """Delete what stands in a chat; False where that is to be tried again.

        What Telegram does not delete stays there.
        """
        try:
            place = {"table": "chats", "column": "chat"}
            chat = int(self._vault.open(left.sealed_chat, **place, row=left.person))
            messages = [int(each) for each in left.messages.replace(";", ",").split(",")]
            await self._wire.delete(chat, messages)
        except NotReached:
            return False
        except Uncertain:
            self._tries[left.person] += 1
            if self._tries[left.person] < _TRIES:
                return False
            del self._tries[left.person]
        except (BlockedByUser, CallRefused):
            return True
        except Exception as error:  # one that is broken must not stop the others
            log.error("could not be taken back", **error_fields(error))
        return True
