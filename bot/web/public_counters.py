"""The public counters of campaigns, which other web sites show: as JSON and as a picture."""

import asyncio
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import error_fields
from bot.services.core import Core
from bot.web.http_server import Routes
from conversations.stats.public_counter import PublicCounter, public_counter
from storage.stats.figures import accepted_letters, people

log = structlog.get_logger()

CACHE_TIME = timedelta(minutes=5)
"""For how long counters are kept, here and in caches on the way."""

PATH = "/public/{file}"

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": f"public, max-age={CACHE_TIME.seconds}",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_METHODS = ("GET", "HEAD")

Files = Mapping[str, tuple[str, str]]
"""Content types and contents by file name."""


class PublicCounters:
    """Answers requests for counters from a cache, so that they cost the database next to nothing.

    All counters are read together. So neither an answer nor the time that it takes says whether a
    campaign exists whose counter isn't shown.
    """

    def __init__(self, core: Core) -> None:
        """Read campaigns and counts from `core`."""
        self._core = core
        self._reading = asyncio.Lock()
        self._read_at: datetime | None = None
        self._files: Files = {}

    @property
    def routes(self) -> Routes:
        """The handler of counters."""
        return {("*", PATH): self._answer}

    async def _answer(self, request: web.Request) -> web.Response:
        """Return the counter that is asked for; 404 for anything else, always the same."""
        async with self._reading:
            await self._refresh()
        found = self._files.get(request.match_info["file"])
        if found is None or request.method not in _METHODS:
            return web.Response(status=404, text="404: Not Found")
        kind, content = found
        return web.Response(text=content, content_type=kind, charset="utf-8", headers=_HEADERS)

    async def _refresh(self) -> None:
        """Read the counters again if they are old; keep them while the database is away."""
        now = self._core.clock()
        if self._read_at is not None and now - self._read_at < CACHE_TIME:
            return
        slugs = self._slugs()
        try:
            counts = await self._core.database.read(partial(self._counts, slugs))
        except (SQLAlchemyError, OSError) as error:
            log.warning("counters not read", **error_fields(error))
        else:
            self._files = dict(self._made(counts))
        self._read_at = now

    def _counts(self, slugs: tuple[str, ...], connection: Connection) -> dict[str, int]:
        """Return what each campaign counts: its accepted letters, or people."""
        campaigns = self._core.deployment().campaigns
        of_people = {each for each in slugs if campaigns[each].goal_counts == "people"}
        letters = accepted_letters(connection, [each for each in slugs if each not in of_people])
        return letters | people(connection, [*of_people])

    def _slugs(self) -> tuple[str, ...]:
        campaigns = self._core.deployment().campaigns.values()
        return tuple(each.slug for each in campaigns if each.public_counter)

    def _made(self, counts: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield the files of each counter that is shown, by name."""
        deployment = self._core.deployment()
        for slug, count in counts.items():
            campaign = deployment.campaigns[slug]
            wording = deployment.wording(campaign.languages[0], slug)
            counter = public_counter(campaign, count, wording)
            if counter is not None:
                yield from _files_of(counter)


def _files_of(counter: PublicCounter) -> Iterator[tuple[str, tuple[str, str]]]:
    yield f"{counter.campaign}.json", ("application/json", counter.json())
    yield f"{counter.campaign}.svg", ("image/svg+xml", counter.svg())
