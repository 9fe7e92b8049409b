"""Health checks, metrics and heartbeat."""

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import ClientSession, web
from prometheus_client.parser import text_string_to_metric_families as families
from sqlalchemy import text
from telegram.error import NetworkError

from bot.metrics import REGISTRY, MetricsPage
from bot.services.mail.mail_worker import MailWorker
from bot.services.monitoring.heartbeat import Heartbeat
from bot.telegram.client.request import TelegramRequest
from bot.telegram.updates.polling import MAX_POLL_SILENCE, Poller
from bot.web.health import (
    MAX_MAIL_DELAY,
    MAX_UPDATE_SECONDS,
    Health,
)
from storage.crypto.vault import Vault
from storage.database_health import WaitingMail, count_waiting_mail
from storage.engine.database import Database
from tests.bot.organisation import Organisation, walks_to_the_end
from tests.bot.test_running import hooked
from tests.storage.people import MARIA, NOW, acts, after, code, sends

OPERATING = Path(__file__).parents[3] / "docs" / "operating.md"


async def get(port: int, path: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{port}/{path}"
    async with ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


def read(exposed: str) -> dict[str, float]:
    """Return what Prometheus would read, such as `name{label="value"}`."""
    return {
        sample.name + "".join(f" {each}" for each in sample.labels.values()): sample.value
        for family in families(exposed)
        for sample in family.samples
    }


# --- a process --------------------------------------------------------------------------------


async def test_a_process_serves_its_status_on_the_status_port_only(
    organisation: Organisation,
) -> None:
    hooked(organisation)
    person = organisation.telegram.add_person(771_177, "Wilhelmina")
    async with organisation.running("run") as running:
        await walks_to_the_end(person, organisation, "wilhelmina@mailbox.example")
        assert await get(running.port, "healthz") == (200, "alive\n")
        assert await get(running.port, "readyz") == (200, "ready\n")
        status, exposed = await get(running.port, "metrics")
        told = read(exposed)
        open_to_the_world = int(organisation.sections["web"]["port"])
        for path in ("healthz", "readyz", "metrics"):
            assert (await get(open_to_the_world, path))[0] == 404
        assert (await get(running.port, "telegram"))[0] == 404
    assert status == 200
    assert told["actionbot_ready"] == 1
    assert told["actionbot_mail_rests"] == 0
    assert told["actionbot_mail_attempts_total code taken"] == 1
    assert told["actionbot_mail_attempts_total letter taken"] == 1
    # /start, two buttons, name, country, address, code, Send.
    assert told["actionbot_updates_total done"] == told["actionbot_turn_seconds_count"] == 8
    assert told["actionbot_updates_total to_come_again"] == 0
    assert told["actionbot_reply_seconds_count"] >= 6
    assert "Wilhelmina" not in exposed


async def test_a_worker_serves_its_status_too(organisation: Organisation) -> None:
    async with organisation.running("work", until="status is served") as running:
        assert await get(running.port, "readyz") == (200, "ready\n")


def test_the_documentation_lists_exactly_the_metrics_that_exist() -> None:
    written = set(re.findall(r"`(actionbot_\w+)`", OPERATING.read_text("utf-8")))
    endings = {"counter": "_total", "info": "_info"}
    found = [family for family in REGISTRY.collect() if family.name.startswith("actionbot")]
    assert {family.name + endings.get(family.type, "") for family in found} == written


# --- waiting mail -----------------------------------------------------------------------------


async def alters(database: Database, change: str) -> None:
    """Change all rows of the outbox."""
    statement = text(f"UPDATE outbox SET {change}")  # noqa: S608 - our own words
    await database.transact(lambda c: c.execute(statement))


async def test_waiting_mail_is_counted_by_kind_and_state(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: acts(c, vault, MARIA, code(), now=NOW))
    await database.transact(lambda c: acts(c, vault, MARIA, sends(), now=after(seconds=5)))
    assert sorted(await database.read(count_waiting_mail), key=lambda each: each.kind) == [
        WaitingMail("code", "queued", 1, NOW),
        WaitingMail("letter", "queued", 1, after(seconds=5)),
    ]
    for change, state in (
        ("state = 'sending'", "sending"),
        ("state = 'unknown', held = TRUE", "held"),
        ("held = FALSE", "unknown"),
    ):
        await alters(database, f"{change} WHERE kind = 'letter'")
        found = await database.read(count_waiting_mail)
        assert [each.state for each in found if each.kind == "letter"] == [state]
    await alters(database, "state = 'accepted'")
    assert await database.read(count_waiting_mail) == ()


async def test_waiting_mail_is_cached(database: Database, vault: Vault) -> None:
    asked = 0

    class Asked:
        async def read(self, work: Any) -> Any:
            nonlocal asked
            asked += 1
            return await database.read(work)

    await database.transact(lambda c: acts(c, vault, MARIA, code(), now=NOW))
    page = MetricsPage(cast(Database, Asked()), lambda: after(seconds=90), lambda: True)
    for _ in range(3):
        told = read((await page.text(ready=False)).decode())
    assert asked == 1
    assert told["actionbot_outbox_mails code queued"] == 1
    assert told["actionbot_outbox_oldest_seconds code queued"] == 90
    assert (told["actionbot_ready"], told["actionbot_mail_rests"]) == (0, 1)


# --- health -----------------------------------------------------------------------------------


@dataclass
class Courier:
    """A mail worker, as the health check sees it."""

    last_progress: Any = NOW
    is_paused: bool = False


async def test_a_database_of_another_version_cannot_serve(database: Database) -> None:
    health = Health(database, lambda: NOW)
    assert await health.problem() is None
    newer = text("UPDATE alembic_version SET version_num = '9', oldest_code = '9'")
    await database.transact(lambda c: c.execute(newer))
    assert await health.problem() == "the database is of another version"


class _Away:
    async def read(self, _: object) -> None:
        raise ConnectionError("postgresql://ann:hunter2@db")


async def test_a_database_that_is_down_cannot_serve() -> None:
    health = Health(cast(Database, _Away()), lambda: NOW)
    assert await health.problem() == "the database does not answer (ConnectionError)"


async def test_an_update_that_is_processing_for_too_long_is_a_problem(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    health = Health(database, lambda: NOW)
    began = time.monotonic()
    with health.processing():
        assert await health.problem() is None
        monkeypatch.setattr("bot.web.health.time.monotonic", lambda: began + MAX_UPDATE_SECONDS + 1)
        assert await health.problem() == "an update has been processing for 61 seconds"
    assert await health.problem() is None


async def test_unanswered_polls_are_a_problem(database: Database) -> None:
    poller = Poller(cast(TelegramRequest, None), cast(Any, None), caught_up=lambda: None)
    health = Health(database, lambda: NOW)
    health.watch_polls(poller)
    assert await health.problem() is None
    poller.answered -= MAX_POLL_SILENCE
    assert await health.problem() == "Telegram has not answered a poll for 180 seconds"


async def test_mail_that_no_worker_picks_up_is_a_problem(database: Database, vault: Vault) -> None:
    await database.transact(lambda c: acts(c, vault, MARIA, code(), now=NOW))
    now, courier = NOW + MAX_MAIL_DELAY, Courier()
    health = Health(database, lambda: now)
    health.watch_mail(cast(MailWorker, courier))
    said = "mail has been due since 2019-06-21 14:02 UTC, and no process has picked it up"
    assert await health.problem() == said
    courier.is_paused = True  # the mail server is down: admins get an alert
    assert await health.problem() is None
    courier.is_paused, courier.last_progress = False, NOW + timedelta(seconds=1)
    assert await health.problem() is None


# --- heartbeat --------------------------------------------------------------------------------


@dataclass
class Watch:
    """A monitor that receives heartbeats."""

    status: int = 200
    url: str = ""
    beats: list[str] = field(default_factory=list)


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    made = Watch()

    async def beat(request: web.Request) -> web.Response:
        made.beats.append(request.path)
        return web.Response(status=made.status)

    async with serving(beat) as port:
        made.url = f"http://127.0.0.1:{port}/ping/s3cret-of-ours"
        yield made


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_heartbeats_are_sent_only_while_all_checks_pass(
    watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing: list[str | None] = [None]

    async def look() -> str | None:
        if missing[0] == "telegram":
            raise NetworkError("with the token in its words")
        return missing[0]

    heart = Heartbeat(watch.url, look)
    assert await heart.run_once()
    assert watch.beats == ["/ping/s3cret-of-ours"]
    for missing[0] in ("the database is away", "telegram"):
        assert not await heart.run_once()
    assert len(watch.beats) == 1
    missing[0], watch.status = None, 500
    assert not await heart.run_once()
    watch.status = 200
    assert await heart.run_once()
    assert len(watch.beats) == 3
    said = capsys.readouterr()
    assert "a health check failed (NetworkError)" in said.out
    assert "the heartbeat URL answered 500" in said.out
    assert "heartbeat sent again" in said.out
    assert "s3cret" not in said.out + said.err


async def test_a_healthy_process_sends_heartbeats(organisation: Organisation, watch: Watch) -> None:
    hooked(organisation)
    organisation.sets(web={"heartbeat_url": watch.url})
    async with organisation.running("run") as running:
        await running.logs("listening")
        async with ClientSession() as session:
            while not watch.beats:
                async with session.get(f"http://127.0.0.1:{running.port}/healthz"):
                    pass
        assert await running.ends() == 0
    assert watch.beats == ["/ping/s3cret-of-ours"]
