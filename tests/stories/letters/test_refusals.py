"""Telegram refuses what the bot sends: to one person for good, or a message for its content."""

from typing import Any

import pytest

from bot.playground.telegram.call import ApiCall
from bot.playground.telegram.methods import Methods
from bot.playground.telegram.refusal import ApiRefusal, bad_request
from bot.services.monitoring.alert_sender import BLOCKED_RETRY
from storage.schema.tables import chats
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import COUNTRY, LEAVES, NAME
from tests.stories.records import read_table
from tests.stories.staff.test_alerts import appoint

SORRY = (
    "Something went wrong on my side, and I couldn’t handle that. Nothing else was lost. Please"
    " try again, or find a contact with /help."
)

UNREACHABLE = [
    bad_request("INPUT_USER_DEACTIVATED"),
    bad_request("USER_IS_BLOCKED"),
    bad_request("have no rights to send a message"),
    bad_request("TOPIC_CLOSED"),
    bad_request("PEER_ID_INVALID"),
    bad_request("CHAT_WRITE_FORBIDDEN"),
    ApiRefusal(400, "bad request: group chat was upgraded to a supergroup chat"),
    ApiRefusal(403, "Forbidden: bot was kicked from the group chat"),
    ApiRefusal(403, "Forbidden: user is deactivated"),
]


class Calls:
    """The calls to the Bot API, by method."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.methods: list[str] = []
        answer = Methods.answer

        async def counting(methods: Methods, name: str, call: ApiCall) -> Any:
            self.methods.append(name)
            return await answer(methods, name, call)

        monkeypatch.setattr(Methods, "answer", counting)

    def sends(self) -> int:
        """Return how many messages the bot tried to send or edit since the last call of this."""
        found = [each for each in self.methods if each.startswith(("send", "edit"))]
        self.methods.clear()
        return len(found)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    return Calls(monkeypatch)


async def is_blocked(stage: Stage) -> bool:
    (row,) = await read_table(stage, chats)
    return bool(row["blocked"])


@pytest.mark.parametrize("refusal", UNREACHABLE, ids=lambda refusal: refusal.description)
async def test_a_chat_that_cannot_be_reached_is_left_alone(
    stage: Stage, maria: Chat, calls: Calls, refusal: ApiRefusal
) -> None:
    await maria.starts("hong-kong")
    maria.person.refusal = refusal
    calls.sends()
    await maria.presses("Write the letter")
    # A closed topic is also tried without the topic: the old question is edited, then one is sent.
    assert calls.sends() == (2 if "TOPIC" in refusal.description else 1)
    assert await is_blocked(stage)
    for _ in range(3):
        await stage.later(minutes=1)
    assert calls.sends() == 0


@pytest.mark.parametrize("refusal", UNREACHABLE[:4], ids=lambda refusal: refusal.description)
async def test_a_person_who_can_be_reached_again_sees_the_letters_state(
    stage: Stage, maria: Chat, calls: Calls, refusal: ApiRefusal
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    maria.person.refusal = refusal
    await stage.later(seconds=31)
    calls.sends()
    await stage.later(minutes=5)
    assert (calls.sends(), await is_blocked(stage)) == (0, True)
    maria.person.refusal = None
    await maria.says("/help")
    await stage.send_mail()
    assert [text[:24] for text in maria.heard() if text.startswith("✎")] == [
        "✎ ✓ Your letter was sent"
    ]
    assert not await is_blocked(stage)


@pytest.mark.parametrize(
    "description",
    ["MESSAGE_TOO_LONG", "can't parse entities: unsupported tag", "BUTTON_DATA_INVALID", "new one"],
)
async def test_a_reply_that_telegram_refuses_is_not_sent_again_and_again(
    stage: Stage,
    maria: Chat,
    calls: Calls,
    monkeypatch: pytest.MonkeyPatch,
    description: str,
) -> None:
    """The person reads an apology, and the conversation goes on."""
    await maria.starts("hong-kong")
    await maria.presses("Write the letter")
    refuse(monkeypatch, "your name?", description)
    calls.sends()
    await maria.presses("Continue")
    assert maria.heard()[-1] == SORRY
    assert calls.sends() <= 3
    for _ in range(3):
        await stage.later(minutes=1)
    assert (calls.sends(), await is_blocked(stage)) == (0, False)
    await maria.says("Maria Silva")
    assert maria.heard()[-1] == COUNTRY


async def test_a_letters_state_that_telegram_refuses_is_not_sent_again_and_again(
    stage: Stage, maria: Chat, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    refuse(monkeypatch, "Your letter was sent", "can't parse entities")
    await stage.later(seconds=31)
    calls.sends()
    await stage.later(minutes=5)
    assert (calls.sends(), await is_blocked(stage)) == (0, False)
    assert any(message["text"] == LEAVES for message in maria.person.chat())


@pytest.mark.parametrize(
    "description", ["IMAGE_PROCESS_FAILED", "not enough rights to send photos to the chat"]
)
async def test_a_question_is_asked_without_a_picture_that_telegram_refuses(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch, description: str
) -> None:
    stage.opens("river")
    refuse(monkeypatch, "", description, method="sendPhoto")
    await maria.starts("river")
    maria.hears("Letter · Let the Amieiro flow…")
    assert maria.last["keyboard"]


async def test_a_picture_that_telegram_has_forgotten_is_uploaded_again(
    stage: Stage, maria: Chat
) -> None:
    stage.opens("river")
    async with stage.bot() as app:  # file ids live as long as the process
        maria.person.start("river")
        await stage.answer_updates_in(app)
        stage.telegram.files.clear()
        maria.person.start("river")
        await stage.answer_updates_in(app)
    assert maria.last["photo"] in stage.telegram.files


async def test_an_alert_that_telegram_refuses_is_tried_again_later(
    stage: Stage, maria: Chat, calls: Calls
) -> None:
    appoint(stage, maria)
    await maria.says("/help")
    maria.person.refusal = bad_request("can't parse entities")
    async with stage.bot() as app:
        stage.campaigns.joinpath("hong-kong", "campaign.toml").write_text("?", encoding="utf-8")
        await app.base.campaigns.publish_now()
        await app.monitoring.watchdog.run_once()
        calls.sends()
        for _ in range(3):
            await app.monitoring.alert_sender.run_once()
        assert calls.sends() == 1
        maria.person.refusal = None
        stage.clock.ahead += BLOCKED_RETRY
        await app.monitoring.alert_sender.run_once()
    assert "Hong Kong" in maria.heard()[-1]


async def test_what_telegram_refuses_for_now_is_sent_later(
    stage: Stage, maria: Chat, calls: Calls
) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter")
    maria.person.refusal = bad_request("Internal Server Error: restart")
    await maria.presses("Continue")
    maria.hears()
    maria.person.refusal = None
    await stage.later(seconds=31)
    maria.hears(NAME)


def refuse(monkeypatch: pytest.MonkeyPatch, text: str, description: str, method: str = "") -> None:
    """Let Telegram refuse every message that contains `text`, or those of one method only."""
    answer = Methods.answer

    async def refusing(methods: Methods, name: str, call: ApiCall) -> Any:
        if text in call.text("text") and method in ("", name):
            raise bad_request(description)
        return await answer(methods, name, call)

    monkeypatch.setattr(Methods, "answer", refusing)
