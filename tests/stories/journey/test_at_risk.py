"""A supporter names a country at risk: the warning, and what can be chosen."""

from urllib.parse import parse_qs, urlsplit

import pytest

from storage.schema.tables import actions, chats, codes, consents, outbox
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_country
from tests.stories.journey.test_personal_data import CHAT
from tests.stories.lines import ADDRESS, COUNTRY
from tests.stories.records import read_table

RISK = (
    "Please read this first. The government that this letter criticises will read your name in"
    " it. If you live in Hong Kong or mainland China, that could put you in danger, now or later."
    " You can also help without giving your name."
)
RISK_BUTTONS = [["Help without my name"], ["Stop, delete everything"], ["Continue"], ["Back"]]
HONG_KONG = f"Hong Kong.\n\n{RISK}"


async def test_a_supporter_at_risk_goes_on(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("香港")
    maria.hears(HONG_KONG)
    assert maria.buttons == RISK_BUTTONS
    await maria.says("ok")
    maria.hears(f"Please use the buttons: this is about your safety.\n\n{RISK}")
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")
    await maria.presses("🇭🇰 Hong Kong")
    maria.hears(HONG_KONG)
    await maria.presses("Continue")
    maria.hears(f"Hong Kong.\n\n{ADDRESS}")


@pytest.mark.parametrize("typed", ["CH", "ch", "Ch"])
async def test_a_code_that_some_use_for_china_does_not_bypass_the_warning(
    stage: Stage, maria: Chat, typed: str
) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears("Which one do you mean?")
    assert maria.buttons[:2] == [["🇨🇭 Switzerland"], ["🇨🇳 China"]]
    await maria.presses("🇨🇳 China")
    maria.hears(f"China.\n\n{RISK}")


@pytest.mark.parametrize("typed", ["mainland China", "中國大陸", "中華人民共和國"])
async def test_names_of_china_lead_to_the_warning(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(f"China.\n\n{RISK}")


async def test_a_supporter_at_risk_helps_without_a_name(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("China")
    await maria.presses("Help without my name")
    maria.hears(
        "No letter was sent, and I haven’t kept your answers. You can still help by passing this"
        " on, if that’s safe for you.\n\nPeople in Hong Kong are standing up for their rights."
        " You can stand with them: a letter to their government takes about two minutes."
    )
    assert maria.all_buttons == ["Share with friends", "Clear this chat"]
    shared = parse_qs(urlsplit(maria.link("Share with friends")).query)
    assert shared["url"] == ["https://t.me/action_bot?start=hong-kong__share"]
    await maria.says("/mydata")
    maria.hears(f"What I hold about you\n{CHAT}")
    for table in (codes, actions, outbox, consents):
        assert await read_table(stage, table) == []


async def test_a_supporter_at_risk_stops_and_erases(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("China")
    await maria.presses("Stop, delete everything")
    maria.hears("I’ve deleted your answers, details, letters and subscriptions.…")
    assert maria.all_buttons == ["Clear this chat"]
    await maria.presses("Clear this chat")
    assert maria.person.chat() == []
    (row,) = await read_table(stage, chats)
    assert row["encrypted_details"] is None
    assert row["encrypted_preferences"] is None
