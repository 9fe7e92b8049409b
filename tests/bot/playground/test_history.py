"""The invented history: the demo has figures and broadcasts, and sends nothing by itself."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest_asyncio
from sqlalchemy import func, select

from bot.playground.demo import Demo, playground
from bot.playground.invented_people import letters
from bot.playground.telegram import Person
from bot.settings.addresses import is_reserved
from conversations.model.broadcast import Audience, BroadcastStatus, RecipientState
from conversations.model.letters.delivery import LetterState
from conversations.model.stats.figures import Figure, Figures, Period
from conversations.model.stats.funnel import FunnelStage
from storage.broadcasts import progress
from storage.broadcasts.recipients import audiences
from storage.crypto.person_keys import PersonKeys
from storage.schema.tables import actions
from storage.stats import figures
from storage.stats.recount import recount

HONG_KONG = "hong-kong"
AMARA, JONAS = 1003, 1004
SHOWN = (1001, 1002, AMARA, JONAS)


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with playground(folder=tmp_path, with_history=True) as demo:
        yield demo


async def read(demo: Demo, period: Period) -> Figures:
    today = datetime.now(UTC).date()
    return await demo.app.core.database.read(lambda c: figures.read(c, [HONG_KONG], period, today))


async def says(demo: Demo, person: int, text: str, answers: int = 1) -> list[str]:
    """Let a member of the staff press Start and type `text`; return what the bot answers."""
    chat = demo.telegram.people[person]
    chat.start()
    await chat.until(lambda p: any(m["from"]["is_bot"] for m in p.messages.values()))
    seen = chat.send(text)["message_id"]
    await chat.until(lambda p: len(newer(p, seen)) >= answers, 30)
    return newer(chat, seen)


def newer(chat: Person, seen: int) -> list[str]:
    """Return the texts and captions of the messages after the one with the id `seen`."""
    messages = (message for id_, message in sorted(chat.messages.items()) if id_ > seen)
    return [str(message.get("text") or message.get("caption")) for message in messages]


async def test_the_figures_show_two_weeks(demo: Demo) -> None:
    week = await read(demo, Period.WEEK)
    assert len([day for day, count in week.sent.items() if count]) >= 6
    assert (week.letters > 100, (week.before or 0) > 50) == (True, True)
    whole = await read(demo, Period.ALL)
    stages = [whole.step(stage) for stage in FunnelStage]
    assert stages == sorted(stages, reverse=True)
    assert len(whole.of(Figure.COUNTRY)) >= 8
    assert set(whole.of(Figure.LANGUAGE)) == {"en", "zh-Hant"}
    assert {"poster", "website", "share", ""} < set(whole.of(Figure.SOURCE))
    states = (LetterState.BOUNCED, LetterState.FAILED)
    assert (*map(whole.fate, states), whole.waiting) == (3, 1, 3)


async def test_the_figures_are_what_the_records_show(demo: Demo) -> None:
    count, differences = await demo.app.core.database.read(
        partial(recount, vault=demo.app.core.vault)
    )
    assert (count > 100, differences) == (True, [])


async def test_stats_in_the_chat_are_not_empty(demo: Demo) -> None:
    (answer,) = await says(demo, AMARA, "/stats")
    assert "letters submitted" in answer


async def test_broadcasts_show_one_that_was_sent_and_one_that_is_scheduled(demo: Demo) -> None:
    nobody = PersonKeys(demo.app.core.vault, 0)
    scheduled, sent = await demo.app.core.database.read(
        lambda c: progress.recent(c, demo.app.core.vault, nobody)
    )
    assert (scheduled.state, sent.state) == (BroadcastStatus.SCHEDULED, BroadcastStatus.DONE)
    assert scheduled.at is not None and scheduled.at > datetime.now(UTC)
    assert sent.counts[RecipientState.SENT] > 50
    assert sent.counts[RecipientState.BLOCKED] > 0
    assert sent.counts[RecipientState.PENDING] == 0
    assert sent.acted > 5
    answers = await says(demo, AMARA, "/broadcasts", 2)
    assert any("took action because of it" in answer for answer in answers)


async def test_a_broadcast_has_more_than_a_hundred_recipients(demo: Demo) -> None:
    audience = Audience(HONG_KONG)
    people = await demo.app.core.database.read(
        partial(audiences.count, vault=demo.app.core.vault, audience=audience)
    )
    assert people > 100


async def test_some_letters_are_tests_and_all_addresses_are_reserved(demo: Demo) -> None:
    tests = await demo.app.core.database.read(
        lambda c: c.execute(select(func.count()).where(actions.c.test)).scalar_one()
    )
    assert tests == 2
    campaign = demo.app.base.campaigns.in_service[HONG_KONG]
    now = datetime.now(UTC)
    written = letters(campaign, now, now, "u")
    assert all(is_reserved(letter.by.address) for letter in written)
    assert written == letters(campaign, now, now, "u")


async def test_nothing_is_sent_and_the_four_chats_are_empty(demo: Demo) -> None:
    await says(demo, JONAS, "/status")
    await demo.app.conversation.reply_sender.catch_up()
    await demo.app.conversation.reply_sender.wait_until_idle()
    await demo.app.monitoring.alert_sender.run_once()
    await demo.app.broadcasts.progress.run_once()
    await demo.app.broadcasts.sender.run_once()
    others = [p for id_, p in demo.telegram.people.items() if id_ not in SHOWN]
    assert [p for p in others if len(p.messages) > 1] == []
    assert [demo.telegram.people[id_].messages for id_ in SHOWN[:3]] == [{}, {}, {}]
    assert (await read(demo, Period.ALL)).waiting == 3


async def test_an_empty_demo_has_no_history(tmp_path: Path) -> None:
    async with playground(folder=tmp_path) as demo:
        assert (await read(demo, Period.ALL)).letters == 0
        assert set(demo.telegram.people) == set(SHOWN)
        assert await says(demo, AMARA, "/broadcasts") == [
            "No updates yet. Start one with /broadcast."
        ]
