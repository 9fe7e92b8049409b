"""Counts over the subscribers of a broadcast's audience, in slices.

Counting a million people takes many seconds, since what a filter needs is encrypted. Each slice is
a read of its own, so nothing waits for a count but its own chat.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from conversations.broadcasts.draft_facts import (
    AudienceCountries,
    AudienceLanguages,
    AudienceSize,
)
from conversations.core.fact_requests import Fact
from conversations.model.broadcast import Audience
from storage.broadcasts.recipients import audiences
from storage.broadcasts.recipients.audiences import CountStep, Slice
from storage.crypto.vault import Vault
from storage.engine.database import Database

Progress = Callable[[int], None]
"""Called with the number of people read so far."""


@dataclass(frozen=True)
class AudienceCounts:
    """Counts people, and collects their languages and countries."""

    database: Database
    vault: Vault

    async def load(self, request: Fact[Any], progress: Progress) -> Any:
        """Return the answer to one of the requests of `COUNTS`."""
        return await COUNTS[type(request)](self, request, progress)

    async def size(self, request: AudienceSize, progress: Progress) -> int:
        """Return how many people are in an audience."""
        audience, found = request.audience, 0
        if not audiences.is_filtered(audience):
            return await self._count_all(audience.scope, progress)
        async for each in self._slices(audience, progress):
            found += len(each.people)
        return found

    async def _count_all(self, scope: str, progress: Progress) -> int:
        step: CountStep | None = audiences.COUNT_START
        found = 0
        while step is not None:
            count = partial(audiences.count_step, vault=self.vault, scope=scope, step=step)
            counted, step = await self.database.read(count)
            found += counted
            progress(found)
        return found

    async def languages(self, request: AudienceLanguages, progress: Progress) -> tuple[str, ...]:
        """Return the languages that subscribers speak."""
        found: set[str] = set()
        async for each in self._slices(Audience(request.scope), progress):
            found |= {person.language for person in each.people}
        return tuple(sorted(found - {""}))

    async def countries(self, request: AudienceCountries, progress: Progress) -> tuple[str, ...]:
        """Return the countries that subscribers gave in their letters."""
        found: set[str] = set()
        async for each in self._slices(Audience(request.scope), progress):
            read = partial(audiences.countries_of, vault=self.vault, people=each.people)
            found |= await self.database.read(read)
        return tuple(sorted(found - {""}))

    async def _slices(self, audience: Audience, progress: Progress) -> AsyncIterator[Slice]:
        after: bytes | None = b""
        done = 0
        while after is not None:
            each = await self.database.read(partial(self._read, audience, after))
            yield each
            done += audiences.SLICE_SIZE
            progress(done)
            after = each.end

    def _read(self, audience: Audience, after: bytes, connection: Connection) -> Slice:
        return audiences.read_slice(connection, self.vault, audience, after)


COUNTS: dict[type[Fact[Any]], Callable[[AudienceCounts, Any, Progress], Awaitable[Any]]] = {
    AudienceCountries: AudienceCounts.countries,
    AudienceLanguages: AudienceCounts.languages,
    AudienceSize: AudienceCounts.size,
}
"""The count for each request."""
