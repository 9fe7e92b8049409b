"""The warning about countries at risk, which everyone reads before typing anything."""

from storage.schema.tables import actions, outbox
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import COUNTRY, NAME, WELCOME
from tests.stories.records import read_table

WARNING = (
    "Please read this first.\n\nDon’t sign this letter if you live in, have family in, or may"
    " travel to Hong Kong or China. Your name goes to Chief Executive, Government of Hong Kong."
    " That can put you or your family in danger, now or later.\n\nYou can also help without your"
    " name."
)
BUTTONS = [["Help without my name"], ["Stop"], ["Continue"]]


async def test_everyone_is_warned_before_the_first_question(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter")
    maria.hears(WARNING)
    assert maria.buttons == BUTTONS
    await maria.says("Maria Silva")
    maria.hears(f"Please use the buttons: this is about your safety.\n\n{WARNING}")
    await maria.presses("Continue")
    maria.hears(NAME)
    await maria.presses("Back")
    maria.hears(f"✎ {WARNING}")
    assert maria.buttons == BUTTONS
    await maria.presses("Continue")
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


async def test_the_typed_country_still_has_its_own_warning(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Hong Kong")
    assert maria.heard()[-1].startswith("Hong Kong.\n\nPlease read this first. The government")
    assert maria.buttons == [
        ["Help without my name"],
        ["Stop, delete everything"],
        ["Continue"],
        ["Back"],
    ]


async def test_stopping_at_the_warning_starts_no_letter(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Stop")
    maria.hears(
        "OK, no letter was started and nothing was sent. If you’re worried that someone looks at"
        " your phone, clear this chat."
    )
    assert maria.buttons == [["Clear this chat"]]
    assert await read_table(stage, actions) == await read_table(stage, outbox) == []
    await maria.starts("hong-kong")
    maria.hears(WELCOME)


async def test_helping_without_a_name_keeps_nothing(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Help without my name")
    maria.hears("No letter was sent, and I haven’t kept your answers. You can still help…")
    assert maria.buttons == [["Share with friends"], ["Clear this chat"]]


async def test_saved_details_do_not_skip_the_warning(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.comes_to_the_review("river")
    await maria.presses("Send in my name", "Yes")
    await stage.later(seconds=31)
    await maria.starts("hong-kong")
    await maria.presses("Write as Maria Silva")
    maria.hears(WARNING)
    assert maria.buttons == BUTTONS
    await maria.presses("Continue")
    maria.hears("This is your letter. Your details: Maria Silva, Portugal…")


async def test_a_letter_that_was_begun_before_a_country_was_listed(
    stage: Stage, maria: Chat
) -> None:
    stage.opens("river")
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)
    stage.edits("river/campaign.toml", "at_risk = []", 'at_risk = ["ES"]')
    await maria.starts("river")
    await maria.presses("Continue")
    (warned,) = maria.heard()
    assert warned.startswith(
        "✎ Please read this first.\n\nDon’t sign this letter if you live in, have family in, or"
        " may travel to Spain."
    )
    stage.edits("river/campaign.toml", 'at_risk = ["ES"]', 'at_risk = ["ES", "FR", "CH"]')
    await maria.presses("Continue")
    (warned,) = maria.heard()
    assert "may travel to Spain, France, or Switzerland." in warned
    await maria.presses("Continue")
    maria.hears(COUNTRY)


async def test_a_campaign_without_countries_at_risk_asks_at_once(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.starts("river")
    await maria.presses("Write the letter")
    maria.hears(NAME)
    await maria.presses("Back")
    assert maria.heard()[0].startswith("✎ Letter · Let the Amieiro flow")
