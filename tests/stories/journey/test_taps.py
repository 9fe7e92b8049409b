"""How many taps and typed answers a letter takes."""

from collections import Counter
from typing import Any

import pytest

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.methods import Methods
from tests.chat import Chat
from tests.stage import Stage


class Counted:
    """Counts what a person does."""

    def __init__(self, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
        self.taps: list[str] = []
        self.typed: list[str] = []
        press, send = chat.person.press, chat.person.send

        def pressed(message: int, label: str) -> str:
            self.taps.append(label)
            return press(message, label)

        def sent(text: str) -> object:
            if not text.startswith("/start "):  # a link
                self.typed.append(text)
            return send(text)

        monkeypatch.setattr(chat.person, "press", pressed)
        monkeypatch.setattr(chat.person, "send", sent)


async def first_letter(maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue", "Use “Maria Silva”", "🇵🇹 Portugal")
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name")


async def test_a_first_letter_takes_four_taps_two_answers_and_send(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(maria, monkeypatch)
    await first_letter(maria)
    assert (len(counted.taps), len(counted.typed)) == (4 + 1, 2)
    await stage.later(seconds=31)
    assert len(stage.mails_to("chief-executive@government-hk.example")) == 1


async def test_the_next_letter_takes_two_taps_where_nobody_is_at_risk(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.opens("river")
    await first_letter(maria)
    await maria.presses("Yes")
    counted = Counted(maria, monkeypatch)
    await maria.starts("river")
    await maria.presses("Write as Maria Silva", "Send in my name")
    assert (len(counted.taps), counted.typed) == (2, [])
    await stage.later(seconds=31)
    assert len(stage.mails_to("gabinete@ministerio-ambiente.example")) == 1


async def test_where_people_are_at_risk_it_takes_two_taps_and_send(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The warning is read again before each letter."""
    stage.opens("river")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name", "Yes")
    counted = Counted(maria, monkeypatch)
    await maria.starts("hong-kong")
    await maria.presses("Write as Maria Silva", "Continue", "Send in my name")
    assert (len(counted.taps), counted.typed) == (2 + 1, [])
    await stage.later(seconds=31)
    assert len(stage.mails_to("chief-executive@government-hk.example")) == 1


async def test_a_letter_takes_few_calls_of_the_bot_api(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The buttons of a question that a typed answer settled stay: they are refused anyway."""
    calls, answer = Counter[str](), Methods.answer

    async def counted(methods: Methods, name: str, call: ApiCall) -> Any:
        calls[name] += 1
        return await answer(methods, name, call)

    await stage.answer_updates()  # the bot starts
    monkeypatch.setattr(Methods, "answer", counted)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    acknowledgements = calls.pop("answerCallbackQuery")  # part of the webhook's response
    of_journey = {name: calls[name] for name in calls if name not in ("getMe", "getUpdates")}
    assert (acknowledgements, sum(of_journey.values())) == (3, 14)
    assert of_journey == {
        "sendPhoto": 1,
        "sendMessage": 9,
        "editMessageReplyMarkup": 3,
        "editMessageText": 1,
    }
