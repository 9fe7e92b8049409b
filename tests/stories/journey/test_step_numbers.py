"""The numbers before the questions, as “1/4”: they count what this journey really asks."""

import re

import pytest

from tests.chat import Chat
from tests.stage import Stage

NUMBER = re.compile(r"^(?:✎ )?(\d/\d) · ", re.MULTILINE)
PROOF = "allow_letters_in_other_peoples_names = "


def number(chat: Chat) -> str:
    """Return the number of the question that was asked; "" if it has none."""
    return "".join(NUMBER.findall("\n".join(chat.heard())))


async def numbers(chat: Chat, *steps: str) -> list[str]:
    """Press each label, or type it where no button has it; return the number seen after each."""
    seen = []
    for each in steps:
        does = chat.presses if each in chat.all_buttons else chat.says
        await does(each)
        seen.append(number(chat))
    return seen


@pytest.fixture
def unproved(stage: Stage) -> Stage:
    """A stage where the river's letters need no proof of the address, and the others' do."""
    stage.opens("river", "hong-kong")
    stage.edits("river/campaign.toml", f"{PROOF}false", f"{PROOF}true")
    return stage


async def remembered(stage: Stage) -> Chat:
    """Return a supporter whose details are kept, with an address that nobody has proved."""
    maria = stage.person("Maria", "Silva")
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    await maria.presses("Yes")
    return maria


async def test_back_through_all_questions(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    steps = ("Maria Silva", "Portugal", "maria@mail.example")
    assert await numbers(maria, *steps) == ["2/4", "3/4", "4/4"]
    assert await numbers(maria, "Back", "Back", "Back") == ["3/4", "2/4", "1/4"]
    assert await numbers(maria, "Maria") == ["3/4"]
    assert await numbers(maria, "Use “maria@mail.example”") == ["4/4"]


async def test_back_to_the_first_message(unproved: Stage) -> None:
    """What was answered before Back is counted when the letter goes on."""
    maria = unproved.person("Maria", "Silva")
    await maria.starts("river")
    steps = ("Write the letter", "Maria Silva", "Back", "Back")
    assert await numbers(maria, *steps) == ["1/3", "2/3", "1/3", ""]
    assert await numbers(maria, "Write the letter", "Portugal") == ["2/3", "3/3"]


async def test_remembered_details_whose_address_is_not_proved(unproved: Stage) -> None:
    """The address is asked before its code: Back to the country counts both."""
    maria = await remembered(unproved)
    await maria.starts("hong-kong")
    steps = ("Write as Maria Silva", "Continue", "Back", "Portugal", "Use “maria@mail.example”")
    assert await numbers(maria, *steps) == ["", "1/2", "1/3", "2/3", "3/3"]
    assert await numbers(maria, "Back", "Back", "Back") == ["2/3", "1/3", "1/4"]


async def test_remembered_details_with_a_country_at_risk(stage: Stage, maria: Chat) -> None:
    """Nothing else is asked than the warning: the country that Back leads to has no number."""
    stage.edits("hong-kong/campaign.toml", 'at_risk = ["HK", "CN"]', 'at_risk = ["PT"]')
    stage.opens("river")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name")
    await stage.later(seconds=11)
    await maria.presses("Yes")
    await maria.starts("hong-kong")
    steps = ("Write as Maria Silva", "Continue", "Back", "Back", "Maria")
    assert await numbers(maria, *steps) == ["", "", "", "", ""]


async def test_changes_after_the_review_have_no_numbers(stage: Stage, maria: Chat) -> None:
    """Not even where the new address needs a code, and Back leads to the address again."""
    await maria.comes_to_the_review()
    changes = ("Change…", "My email address", "silva@mail.example")
    assert await numbers(maria, *changes) == ["", "", ""]
    steps = ("Back", "Back", "Portugal", "Use “silva@mail.example”", "No code yet?")
    assert await numbers(maria, *steps) == ["", "", "", "", ""]
    assert await numbers(maria, "Use another address", "maria@mail.example") == ["", ""]


async def test_proof_becomes_required_during_the_review(unproved: Stage) -> None:
    maria = unproved.person("Maria", "Silva")
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    unproved.edits("river/campaign.toml", f"{PROOF}true", f"{PROOF}false")
    steps = ("Send in my name", "Use “maria@mail.example”", "Back")
    assert await numbers(maria, *steps) == ["", "", ""]
