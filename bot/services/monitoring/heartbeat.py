"""Request a URL every minute while the bot is healthy.

An outside monitor raises an alarm when the requests stop: a bot that is down cannot do that itself.
"""

import aiohttp
import structlog

from bot.logs import error_fields
from bot.services.ports import HealthCheck
from bot.services.runner import repeat

log = structlog.get_logger()

HEARTBEAT_INTERVAL = 60.0
"""Seconds between two requests."""

_REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=20)


class Heartbeat:
    """Requests `url` while all health checks pass."""

    def __init__(self, url: str, *checks: HealthCheck) -> None:
        """Request `url`, which is secret and never logged."""
        self._url = url
        self._checks = checks
        self._problem: str | None = None
        """Why the last heartbeat failed; None if it was sent."""

    async def run(self) -> None:
        """Send heartbeats until cancelled."""
        await repeat(self.run_once, HEARTBEAT_INTERVAL)

    async def run_once(self) -> bool:
        """Run the checks and send a heartbeat if all pass. Return whether it was sent."""
        problem = await self._failed_check() or await self._request()
        if problem != self._problem:
            self._problem = problem
            if problem:
                log.warning("heartbeat not sent", reason=problem)
            else:
                log.info("heartbeat sent again")
        return problem is None

    async def _failed_check(self) -> str | None:
        for check in self._checks:
            try:
                if problem := await check():
                    return problem
            except Exception as error:
                fields = error_fields(error)
                log.warning("health check failed", **fields)
                return f"a health check failed ({fields['error']})"
        return None

    async def _request(self) -> str | None:
        """Request the URL. Return the problem, or None. Error messages would hold the URL."""
        try:
            async with (
                aiohttp.ClientSession(timeout=_REQUEST_TIMEOUT) as session,
                session.get(self._url, allow_redirects=False) as response,
            ):
                return None if response.ok else f"the heartbeat URL answered {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"the heartbeat URL does not answer ({type(error).__name__})"
