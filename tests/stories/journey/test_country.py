"""The question for the country: what is accepted, queried and refused."""

import pytest

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_country
from tests.stories.lines import (
    A_PERSON,
    ADDRESS,
    AT_ADDRESS_LABELS,
    COUNTRY,
    NO_ADDRESS,
    PORTUGAL,
    WAYS_OUT,
)


@pytest.mark.parametrize(
    "typed",
    ["Portugal", "葡萄牙", " portugal! ", "Portogallo", "Πορτογαλία", "o Portugal", "Portugal 🇵🇹"],
)
async def test_a_country_that_is_recognised(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(PORTUGAL)
    assert maria.all_buttons == AT_ADDRESS_LABELS
    await maria.says("/mydata")
    assert "• The letter you’ve started: Maria Silva, Portugal (kept for" in maria.heard()[0]
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("PT", "Portugal?"),
        ("pt", "Portugal?"),
        ("🇵🇹", "Portugal?"),
        ("the UK", "United Kingdom?"),
        ("U.S.A.", "United States?"),
        ("us", "United States?"),
        ("CA", "Canada?"),
        ("IR", "Iran?"),
        ("NGA", "Nigeria?"),
        ("BRA", "Brazil?"),
        ("DEU", "Germany?"),
        ("I live in Portugal", "Portugal?"),
        ("i'm from brazil", "Brazil?"),
        ("我住在香港", "Hong Kong?"),
        ("我來自台灣", "Taiwan?"),
        ("香港人", "Hong Kong?"),
        ("British", "United Kingdom?"),
        ("Hawaii", "United States?"),
        ("Berlin", "Germany?"),
        ("東京", "Japan?"),
        ("Switzerlnd", "Switzerland?"),
    ],
)
async def test_what_is_no_name_is_asked_about(
    stage: Stage, maria: Chat, typed: str, asked: str
) -> None:
    """Codes, abbreviations, sentences, peoples, parts, cities and typing errors."""
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(asked)
    assert maria.buttons == [["Yes", "Another country"], WAYS_OUT]


async def test_the_next_message_repeats_the_country(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("the UK", "yes")
    maria.hears("United Kingdom?", f"United Kingdom.\n\n{ADDRESS}")
    await maria.says("maria")
    maria.hears(NO_ADDRESS)
    await maria.presses("Back")
    maria.hears(f"✎ {COUNTRY}")
    await maria.presses("🇵🇹 Portugal")
    maria.hears(PORTUGAL)


@pytest.mark.parametrize("typed", ["no", "si", "me", "end", "No.", "it", "OK"])
async def test_words_that_are_no_country(stage: Stage, maria: Chat, typed: str) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears(f"Please type the country’s full name.\n\n{COUNTRY}")
    assert maria.buttons[-1] == WAYS_OUT


@pytest.mark.parametrize(
    ("typed", "buttons"),
    [
        ("Congo", ["🇨🇬 Congo - Brazzaville", "🇨🇩 Congo - Kinshasa"]),
        ("Georgia", ["🇬🇪 Georgia", "🇺🇸 United States"]),
        ("Northern Ireland", ["🇬🇧 United Kingdom", "🇮🇪 Ireland"]),
        ("AUS", ["🇦🇺 Australia", "🇦🇹 Austria"]),
        ("🇨🇭 China", ["🇨🇭 Switzerland", "🇨🇳 China"]),
    ],
)
async def test_a_text_that_means_several_countries(
    stage: Stage, maria: Chat, typed: str, buttons: list[str]
) -> None:
    await comes_to_the_country(maria)
    await maria.says(typed)
    maria.hears("Which one do you mean?")
    assert maria.buttons == [*([button] for button in buttons), ["Another country"], WAYS_OUT]
    await maria.presses("Another country")
    maria.hears(f"✎ {COUNTRY}")
    await maria.says("Portugal")
    maria.hears(PORTUGAL)


async def test_a_country_that_is_unknown(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    for typed, person in (("Middle Earth", ""), ("nowhere", A_PERSON)):
        await maria.says(typed)
        maria.hears(f"I don’t know that country. Try spelling it another way.\n\n{COUNTRY}{person}")
    await maria.says("🌍")
    maria.hears(f"Please type the country’s full name.\n\n{COUNTRY}{A_PERSON}")


async def test_a_country_that_was_given_is_proposed_first(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("Brasilien")
    maria.hears(f"Brazil.\n\n{ADDRESS}")
    await maria.presses("Back")
    assert maria.buttons[0] == ["🇧🇷 Brazil", "🇵🇹 Portugal"]


async def test_yes_is_not_an_answer_to_several_countries(stage: Stage, maria: Chat) -> None:
    await comes_to_the_country(maria)
    await maria.says("Congo", "yes")
    maria.hears("Which one do you mean?", "Please tap one of these.\n\nWhich one do you mean?")
