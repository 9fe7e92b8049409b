"""Starting a journey: links, several or closed campaigns, leaving, and coming back."""

from conversations.text.countries.index import forget_index, is_loaded
from storage.schema.tables import chats, tallies
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import (
    ANSWERED,
    AT_ADDRESS_LABELS,
    CANCELLED,
    COUNTRY,
    EARLIER,
    NAME,
    PORTUGAL,
    RIVER,
    WELCOME,
    WELCOME_BUTTONS,
)
from tests.stories.records import read_table

CHOICE = "There are 2 campaigns you can join. Which one?"
TITLES = [["Stand up for people's rights in Hong Kong"], ["Let the Amieiro flow"]]
SWITCH = (
    "You’ve started a letter for “Stand up for people's rights in Hong Kong”. Leave it for “Let"
    " the Amieiro flow”? You’d lose what you’ve typed so far."
)
RESUMED = (
    "You’re nearly done with “Stand up for people's rights in Hong Kong”. I just need your email"
    " address."
)


async def opened_by_source(stage: Stage) -> dict[str, int]:
    """Return how many supporters opened a campaign, by link source."""
    rows = await read_table(stage, tallies)
    return {row["value"]: row["count"] for row in rows if row["figure"] == "link"}


async def test_the_privacy_notice_comes_before_any_question(stage: Stage, maria: Chat) -> None:
    await maria.starts()
    (said,) = maria.heard()
    assert said.endswith(
        "About two minutes. Your letter carries your name and country. Whoever"
        " gets your letter sees your email address and can reply to you. Telegram can read this"
        " chat; we delete your details after September 30, 2029 at the latest.\nPrivacy policy ·"
        " Check that it’s really us"
    )
    assert "?" not in said
    html = maria.last["html"]
    assert 'href="https://open-letters-hk.example/privacy"' in html
    assert 'href="https://open-letters-hk.example/rights"' in html
    assert maria.last["photo"]
    assert maria.buttons == WELCOME_BUTTONS


async def test_the_privacy_notice_matches_the_campaign(stage: Stage) -> None:
    stage.opens("river")
    maria = stage.person("Maria")
    await maria.starts("river")
    (said,) = maria.heard()
    assert (
        "Your letter carries your name and country. Whoever gets your letter does not see"
        " your email address; replies go to the organisation. Telegram can read this chat; we"
        " delete your details after October 31, 2029 at the latest." in said
    )


async def test_the_first_message_follows_the_letter_about_the_country(stage: Stage) -> None:
    stage.opens("river")
    stage.edits("river/campaign.toml", 'languages = ["en", "pt"]', 'languages = ["en"]')
    stage.edits("river/campaign.toml", 'languages = ["pt"]', 'languages = ["en"]')
    for words in ("with your name and your country", "your name and your country to the"):
        stage.edits("river/en.md", words, words.replace(" and your country", ""))
    stage.edits("river/en.md", "{name}\n{country}\n\n# Letter 2", "{name}\n\n# Letter 2")
    maria = stage.person("Maria")
    await maria.starts("river")
    assert (
        "Your letter carries your name and may state your country. Whoever gets" in maria.heard()[0]
    )
    stage.edits("river/en.md", "{name}\n{country}\n", "{name}\n")
    await maria.starts("river")
    assert (
        "Your letter carries your name. Whoever gets your letter does not see" in maria.heard()[0]
    )


async def test_declared_sources_are_counted_by_name(stage: Stage, maria: Chat) -> None:
    for payload in ("hong-kong__poster", "hong-kong__poster", "hong-kong__share"):
        await stage.person("Ana").starts(payload)
    for payload in ("hong-kong__graffiti", "hong-kong", "hong-kong__"):
        await stage.person("Ana").starts(payload)
    assert await opened_by_source(stage) == {"poster": 2, "share": 1, "other": 1, "": 2}


async def test_a_choice_of_several_campaigns(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.starts()
    maria.hears(CHOICE)
    assert maria.buttons == TITLES
    await maria.says("the first")
    maria.hears(f"Please tap one of these.\n\n{CHOICE}")
    await maria.presses("Let the Amieiro flow")
    maria.hears(RIVER)
    assert maria.all_buttons == [
        "Write the letter",
        "Read more",
        "See the letter",
        "Is it safe for me?",
        "🌐 Language",
    ]


async def test_the_welcome_explains_before_it_asks(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Read more")
    maria.hears("This is how things stood in late June 2019.…")
    assert maria.buttons == WELCOME_BUTTONS
    await maria.presses("See the letter")
    maria.hears(
        "This is the letter. Your own details will be filled in.\nSubject: Withdraw the"
        " extradition bill and protect peaceful protest…"
    )
    assert "(your name)\n(your country)" in maria.last["text"]
    await maria.presses("Is it safe for me?")
    maria.hears("That depends above all on where you live.…")
    assert maria.all_buttons == [each for row in WELCOME_BUTTONS for each in row] + ["Discreet…"]
    await maria.says("hello")
    maria.hears("Tap “Write the letter” when you’re ready.")
    await maria.presses("Write the letter", "Continue", "Back")
    maria.hears("✎ Please read this first.\n\nDon’t sign this letter if…")
    await maria.says("back")
    maria.hears(WELCOME)
    assert maria.buttons == WELCOME_BUTTONS


async def test_a_campaign_that_accepts_no_letters(stage: Stage, maria: Chat) -> None:
    """A closed, future or unknown campaign gets a friendly answer with the open campaigns."""
    stage.opens("river")
    stage.edits("river/campaign.toml", "goal = 3000", "closes = 2020-01-01T00:00:00Z")
    await maria.starts("river")
    maria.hears("That campaign no longer accepts letters.", WELCOME)
    stage.edits(
        "river/campaign.toml", "closes = 2020-01-01T00:00:00Z", "opens = 2029-01-01T00:00:00Z"
    )
    await maria.starts("river__bridge")
    maria.hears("That campaign hasn’t started yet.", WELCOME)
    await maria.starts("mountain")
    maria.hears("I don’t know that campaign. The link may be out of date.", WELCOME)
    stage.edits("river/campaign.toml", "opens = 2029-01-01T00:00:00Z", "goal = 3000")
    await maria.starts("mountain")
    maria.hears(f"I don’t know that campaign. The link may be out of date.\n\n{CHOICE}")
    assert maria.buttons == TITLES


async def test_no_campaign_accepts_letters(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "goal = 20000", "closes = 2020-01-01T00:00:00Z")
    await maria.starts()
    maria.hears("No campaign is open right now. Thank you for stopping by.")
    await maria.starts("hong-kong")
    maria.hears("That campaign no longer accepts letters.")
    await maria.says("hello?")
    maria.hears(
        "I’m a bot and don’t understand much. /help shows what I can do. To reach a person,"
        " write to people@open-letters-hk.example."
    )


async def test_a_campaign_closes_during_the_journey(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    stage.edits("hong-kong/campaign.toml", "goal = 20000", "closes = 2020-01-01T00:00:00Z")
    await maria.says("/mydata")
    maria.hears(
        "What I hold about you\n• The letter you’ve started: Maria Silva (kept for 24 hours)…"
    )
    await maria.says("stop")
    maria.hears("You’re unsubscribed. I won’t send you any more updates.")
    await maria.presses("🇵🇹 Portugal")
    maria.hears("That campaign no longer accepts letters.", RIVER)


async def test_answers_are_erased_even_if_the_campaign_closed(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    stage.edits("hong-kong/campaign.toml", "goal = 20000", "closes = 2020-01-01T00:00:00Z")
    await maria.says("/forget")
    await maria.presses("Delete everything")
    assert maria.heard()[-1].startswith(
        "I’ve deleted your answers, details, letters and subscriptions."
    )


async def test_starting_another_campaign_asks_first(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    await maria.starts("river__bridge")
    maria.hears(SWITCH)
    assert maria.all_buttons == ["Switch campaigns", "Keep this letter"]
    await maria.presses("Keep this letter")
    maria.hears(f"✎ {COUNTRY}")
    await maria.starts("river__bridge")
    await maria.says("Portugal")
    maria.hears(PORTUGAL)
    await maria.starts("river__bridge")
    await maria.presses("Switch campaigns")
    maria.hears(RIVER)
    assert await opened_by_source(stage) == {"": 1, "bridge": 1}


async def test_an_invalid_link_keeps_the_answers(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    await maria.starts("mountain")
    maria.hears(f"I don’t know that campaign. The link may be out of date.\n\n{COUNTRY}")
    await maria.says("Portugal")
    maria.hears(PORTUGAL)


async def test_a_link_to_a_campaign_that_has_her_letter(stage: Stage, maria: Chat) -> None:
    """The letter in progress to another campaign is kept."""
    stage.opens("river")
    await maria.sends_the_letter()
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria Silva")
    await maria.starts("hong-kong")
    maria.hears(
        "You’ve already written a letter for “Stand up for people's rights in Hong Kong”, on …"
    )
    assert maria.buttons == [["Share with friends"]]
    await maria.says("Portugal")
    maria.hears(
        "Portugal.\n\n3/4 · What’s your email address? Whoever gets your letter does not see the"
        " address. Replies go to the organisation."
    )


async def test_continuing_the_next_day(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal")
    await stage.later(hours=20)
    await stage.run_retention()
    await maria.starts()
    maria.hears(RESUMED)
    assert maria.all_buttons == ["Continue", "Start over"]
    await maria.presses("Continue")
    maria.hears(f"✎ {PORTUGAL}")
    assert maria.all_buttons == AT_ADDRESS_LABELS
    await maria.starts("hong-kong__poster")
    maria.hears(RESUMED)
    await maria.presses("Start over")
    maria.hears(WELCOME)
    assert maria.buttons == WELCOME_BUTTONS


async def test_the_missing_answers_are_named(stage: Stage, maria: Chat) -> None:
    title = "“Stand up for people's rights in Hong Kong”"
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.starts()
    maria.hears(
        f"You’ve started your letter for {title}. I still need your name, country and email"
        " address."
    )
    await maria.says("Maria Silva")
    await maria.starts()
    maria.hears(
        f"You’ve started your letter for {title}. I still need your country and email address."
    )
    await maria.says("Hong Kong")
    await maria.starts()
    maria.hears(f"You’ve started your letter for {title}. There’s something to read first.")
    await maria.presses("Continue", "Continue")
    await maria.says("maria@mail.example")
    await maria.starts()
    maria.hears(f"You’re nearly done with {title}. I just need the code from the email.")
    await maria.types_the_code()
    maria.hears("This is your letter.…")
    await maria.starts()
    maria.hears(f"Your letter for {title} is ready. You only need to send it.")


async def test_answers_are_forgotten_after_a_day(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    await stage.later(hours=24)
    await stage.run_retention()
    assert await read_table(stage, chats) == []
    await maria.presses("🇵🇹 Portugal")
    maria.hears("(This conversation has ended. /start begins a new one.)")
    await maria.starts("hong-kong")
    maria.hears(WELCOME)


async def test_starting_again_after_cancel(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses(
        "Write the letter", "Continue", "Use “Maria Silva”", "🇵🇹 Portugal", "Cancel"
    )
    maria.hears(f"✎ {CANCELLED}")
    assert set(maria.all_buttons) == {"Remind me later"}
    await maria.starts()
    maria.hears(WELCOME)
    await maria.presses("Write the letter", "Continue")
    maria.hears(NAME)


async def test_the_bot_leaves_a_group_with_one_message(stage: Stage, maria: Chat) -> None:
    group = await stage.add_to_group(maria.person)
    assert group.messages == [
        "I only work in private chats, so that nobody else here sees what you tell me. Open one:"
        " https://t.me/action_bot"
    ]
    assert group.left


async def test_the_bot_leaves_a_supergroup_with_one_message(stage: Stage, maria: Chat) -> None:
    group = await stage.add_to_group(maria.person, "supergroup")
    assert (len(group.messages), group.left) == (1, True)


async def test_the_bot_leaves_a_channel_without_a_word(stage: Stage, maria: Chat) -> None:
    """What the bot says in a channel would look like the channel's own post."""
    channel = await stage.add_to_group(maria.person, "channel")
    assert (channel.messages, channel.left) == ([], True)


async def test_a_supporter_blocks_the_bot_and_comes_back(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal")
    await maria.blocks()
    maria.hears()
    await maria.blocks(blocked=False)
    maria.hears()
    await maria.starts()
    maria.hears(RESUMED)


async def test_a_letter_is_sent_while_the_bot_is_blocked(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await maria.blocks()
    await stage.later(seconds=31)
    maria.hears()
    await maria.blocks(blocked=False)
    await stage.later(seconds=1)
    maria.hears("✎ ✓ Your letter was sent at …")


async def test_a_button_of_an_earlier_letter(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    asked = maria.last["message_id"]
    data = maria.last["keyboard"][0][0]["data"]
    await maria.says("Maria Silva")
    await maria.presses_again(asked, data)
    maria.hears(EARLIER)
    await maria.starts()
    await maria.presses("Start over", "Write the letter", "Continue")
    await maria.presses_again(asked, data)
    maria.hears(ANSWERED)
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


async def test_the_index_of_countries_is_loaded_for_the_first_typed_country(
    stage: Stage, maria: Chat
) -> None:
    forget_index()
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue", "Use “Maria Silva”")
    assert not is_loaded()
    await maria.says("Portugal")
    maria.hears(PORTUGAL)
    assert is_loaded()
