"""Saved details and subscriptions end after a year without use, with one question before."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.app import App
from bot.services.housekeeping.unused_data import UnusedDataQuestions
from bot.services.ports import MessageSender
from storage.engine.rounding import hour_of
from storage.schema.tables import chats, subscriptions
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin

ASK_DETAILS = (
    "May I keep your saved details for another year? If you don’t answer by {}, I’ll delete them."
)
ASK_UPDATES = (
    "Would you still like to get updates? If you don’t answer by {}, I’ll end your subscription."
)
ASK_BOTH = (
    "May I keep your saved details and your subscription to updates for another year? If you don’t"
    " answer by {}, I’ll delete both."
)
KEPT = "✎ OK, I’ll keep this for another year. /mydata shows what I hold, and /forget deletes it."
BUTTONS = [["Keep", "Delete"]]


async def ask(stage: Stage) -> None:
    """Let the bot delete what is due, and ask the people who are due."""
    await stage.run_retention()
    async with stage.bot() as app:
        await UnusedDataQuestions(app.core, app.base.telegram.messages).run_once()


async def on_day(stage: Stage, days: int) -> None:
    await stage.later(days=days)
    await ask(stage)


def in_a_month(stage: Stage) -> str:
    """Return the last day on which an answer counts, as the bot writes it."""
    day = (stage.clock() + timedelta(days=30)).date()
    return f"{day:%B} {day.day}, {day.year}"


async def holds(stage: Stage) -> tuple[bool, int]:
    """Return whether details are saved, and the number of subscriptions."""
    kept = [each for each in await read_table(stage, chats) if each["encrypted_details"]]
    return bool(kept), len(await read_table(stage, subscriptions))


async def agrees(maria: Chat, *labels: str) -> None:
    await maria.sends_the_letter()
    for label in labels:
        await maria.presses(label)
    maria.heard()


async def test_one_question_is_about_both(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes", "Yes")
    await on_day(stage, 335)
    assert maria.heard() == []
    await on_day(stage, 1)
    assert maria.heard() == [ASK_BOTH.format(in_a_month(stage))]
    assert maria.buttons[-1:] == BUTTONS
    await ask(stage)
    await on_day(stage, 1)
    assert maria.heard() == [], "it is asked once"
    await maria.presses("Keep")
    maria.hears(KEPT)
    await on_day(stage, 335)
    assert maria.heard() == []
    assert await holds(stage) == (True, 1)
    await on_day(stage, 1)
    assert maria.heard() == [ASK_BOTH.format(in_a_month(stage))]


async def test_without_an_answer_both_are_deleted_without_a_word(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes", "Yes")
    await on_day(stage, 336)
    maria.heard()
    await on_day(stage, 30)
    assert await holds(stage) == (True, 1), "the last day on which an answer counts"
    await on_day(stage, 1)
    assert await holds(stage) == (False, 0)
    assert maria.heard() == []
    await maria.presses("Keep")
    maria.hears("✎ This is already deleted.")
    assert await holds(stage) == (False, 0)


async def test_what_is_not_to_be_kept_is_deleted_at_once(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes", "Yes")
    await on_day(stage, 336)
    await maria.presses("Delete")
    maria.hears("✎ OK, I’ve deleted this.")
    assert await holds(stage) == (False, 0)


async def test_details_that_are_used_are_not_asked_about(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes")
    await stage.later(days=200)
    await maria.starts("hong-kong")
    maria.heard()
    await on_day(stage, 140)
    assert maria.heard() == []
    await on_day(stage, 196)
    assert maria.heard() == [ASK_DETAILS.format(in_a_month(stage))]
    await maria.presses("Keep")
    maria.hears(KEPT)


async def test_an_answer_about_updates_leaves_the_details(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes", "Yes")
    await stage.later(days=300)
    await maria.says("/help")
    maria.heard()
    await on_day(stage, 36)
    assert maria.heard() == [ASK_UPDATES.format(in_a_month(stage))]
    await maria.presses("Delete")
    maria.hears("✎ OK, I’ve deleted this.")
    assert await holds(stage) == (True, 0)


async def test_who_wrote_after_the_question_is_asked_again_a_year_later(
    stage: Stage, maria: Chat
) -> None:
    await agrees(maria, "Yes")
    await on_day(stage, 336)
    maria.heard()
    await maria.says("/help")
    await on_day(stage, 100)
    assert await holds(stage) == (True, 0)
    maria.heard()
    await on_day(stage, 236)
    assert maria.heard() == [ASK_DETAILS.format(in_a_month(stage))]


async def test_who_blocked_the_bot_is_not_asked(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes", "Yes")
    await maria.blocks()
    await on_day(stage, 336)
    assert maria.heard() == []
    await on_day(stage, 31)
    assert await holds(stage) == (False, 0)


async def test_nobody_is_asked_while_all_sending_is_paused(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await agrees(maria, "Yes")
    await olga.says("/pause")
    await olga.presses("Yes, pause")
    await on_day(stage, 336)
    assert maria.heard() == []
    assert await holds(stage) == (True, 0)
    await on_day(stage, 400)
    assert await holds(stage) == (True, 0), "nothing ends that nobody was asked about"


async def test_the_question_is_in_the_language_of_the_person(stage: Stage, maria: Chat) -> None:
    mei = stage.person("美玲", "陳", "zh-TW")
    await mei.starts("hong-kong")
    await mei.presses("寫信", "繼續")
    await mei.says("陳美玲", "台灣", "mei@mail.example")
    await mei.types_the_code()
    await mei.presses("以我的名義寄出", "是")
    await stage.later(seconds=31)
    await on_day(stage, 336)
    (asked,) = mei.heard()[-1:]
    assert asked.startswith("為下次保留的資料，可以再保留一年嗎？如果到20")
    assert mei.buttons[-1:] == [["保留", "刪除"]]
    await mei.presses("刪除")
    mei.hears("✎ 好的，已經刪除。")


async def test_a_subscriber_of_whom_nothing_else_is_kept_is_asked(
    stage: Stage, maria: Chat
) -> None:
    await agrees(maria, "Yes", "Yes", "No, don’t keep them")
    await on_day(stage, 40)
    assert await read_table(stage, chats) == []
    await on_day(stage, 296)
    assert maria.heard() == [ASK_UPDATES.format(in_a_month(stage))]
    await maria.presses("Keep")
    maria.hears(KEPT)
    await on_day(stage, 335)
    assert maria.heard() == []
    assert await holds(stage) == (False, 1)


async def test_two_processes_ask_once(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes")
    await stage.later(days=336)
    async with stage.bot() as one, stage.bot() as other:
        services = [
            UnusedDataQuestions(each.core, each.base.telegram.messages) for each in (one, other)
        ]
        await asyncio.gather(*(each.run_once() for each in services))
    assert maria.heard() == [ASK_DETAILS.format(in_a_month(stage))]


async def test_a_person_who_chose_discreet_since_is_not_asked(stage: Stage, maria: Chat) -> None:
    await agrees(maria, "Yes", "Yes")
    await stage.later(days=336)
    async with stage.bot() as app:
        now = hour_of(app.core.clock())
        await app.core.database.transact(lambda c: c.execute(update(chats).values(clear_by=now)))
        await UnusedDataQuestions(app.core, app.base.telegram.messages).run_once()
    assert maria.heard() == []
    await stage.clear_chats()
    assert await holds(stage) == (False, 0)


class Fails:
    """Sends messages, and dies before or after the first one."""

    def __init__(self, app: App, *, after: bool) -> None:
        self._messages: MessageSender = app.base.telegram.messages
        self._after = after

    async def show(self, *values: Any, **more: Any) -> int:
        if self._after:
            await self._messages.show(*values, **more)
        raise KeyboardInterrupt


@pytest.mark.parametrize("after", [False, True])
async def test_a_crash_loses_no_question_and_repeats_one_at_most(
    stage: Stage, maria: Chat, after: bool
) -> None:
    await agrees(maria, "Yes")
    await stage.later(days=336)
    async with stage.bot() as app:
        messages: Any = Fails(app, after=after)
        with pytest.raises(KeyboardInterrupt):
            await UnusedDataQuestions(app.core, messages).run_once()
    asked = [ASK_DETAILS.format(in_a_month(stage))]
    assert maria.heard() == (asked if after else [])
    await ask(stage)
    assert maria.heard() == [], "the lease of the process that died has not ended"
    await stage.later(minutes=3)
    await ask(stage)
    await ask(stage)
    assert maria.heard() == asked
