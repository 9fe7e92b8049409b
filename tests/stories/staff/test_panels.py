"""Staff type where a button is expected, tap where a text is expected, and see the first page."""

import pytest

from conversations.core.paging import MAX_BUTTONS
from conversations.staff_routes import COMMANDS
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.broadcasts.test_composing import PANEL, SEND_ME, WHO
from tests.stories.campaigners import appoint
from tests.stories.lines import COUNTRY, NAME, WELCOME
from tests.stories.staff.test_team import first_admin

BUTTON_OF = {
    "broadcast": "Write an update",
    "broadcasts": "Latest updates",
    "stats": "Figures",
    "export": "CSV",
    "screens": "Screens",
    "status": "System status",
    "campaigns": "Campaigns",
    "team": "Team",
    "invite": "Invite a campaigner",
    "audit": "Log",
    "pause": "Pause all sending",
    "panic": "Stop everything",
    "notice": "Notice about data",
}
TITLE = "Stand up for people's rights in Hong Kong"
TAP_ABOVE = "Please tap one of the buttons above."
TAP_ON_PANEL = (
    "Please tap one of the buttons above. To replace the text, tap “Add… ▾”, “Add translation” and"
    " choose its language."
)
UNKNOWN = "I don’t understand that. /start shows what you can do here, and /help lists everything."
LINK = "I need a label of up to 64 characters, a space, and a link that starts with https://"


def tap(command: str) -> str:
    return (
        f"Please tap one of the buttons above. /{command} shows them again, and /help lists"
        " everything you can do."
    )


# --- the first page -------------------------------------------------------------------------------


async def test_a_campaigner_first_sees_what_they_can_do(stage: Stage, olga: Chat) -> None:
    await olga.starts()
    olga.hears(
        "Hello, Olga. You’re a campaigner here.\nWhat would you like to do? /help lists everything."
    )
    assert olga.buttons == [
        ["Write an update", "Latest updates"],
        ["Figures", "Campaigns"],
        ["Screens", "More…"],
        ["See it as a supporter"],
    ]
    await olga.presses("More…")
    olga.hears("✎ What else would you like to do?")
    assert olga.buttons == [["Pause all sending", "Stop everything"], ["Back"]]
    await olga.presses("Back")
    await olga.presses("Write an update")
    olga.hears(SEND_ME)
    await olga.says("Good news")
    olga.hears("Good news", WHO)
    await olga.presses("See it as a supporter")
    olga.hears(WELCOME)


async def test_an_admin_first_sees_what_they_can_do(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.starts()
    olga.hears(
        "Hello, Olga. You’re an admin here.\nWhat would you like to do? /help lists everything."
    )
    assert olga.buttons == [
        ["Write an update", "Latest updates"],
        ["Figures", "Campaigns"],
        ["System status", "More…"],
        ["See it as a supporter"],
    ]
    await olga.presses("More…")
    olga.hears("✎ What else would you like to do?")
    assert olga.buttons == [
        ["Team", "Log"],
        ["Screens", "Notice about data"],
        ["Pause all sending", "Stop everything"],
        ["Back"],
    ]
    await olga.says("hello")
    olga.hears(tap("start"))
    for label, told in (
        ("Campaigns", f"{TITLE} (hong-kong)\naccepting letters…"),
        ("System status", "Mail: none waiting.…"),
        ("Latest updates", "No updates yet. Start one with /broadcast."),
    ):
        await olga.starts()
        await olga.presses(label)
        olga.hears(told)
    for label, told in (
        ("Team", "Admins\n• Olga (you)"),
        ("Log", "Log, newest first · page 1 of 1…"),
        ("Screens", f"In which language? I’ll send you every screen of “{TITLE}”…"),
        ("Notice about data", "A notice needs two admins: one writes it, another approves it.…"),
        ("Pause all sending", "Pause all sending?…"),
        ("Stop everything", "Stop everything?…"),
    ):
        await olga.starts()
        await olga.presses("More…", label)
        olga.hears(told)


async def test_every_command_of_staff_has_a_button(stage: Stage, maria: Chat) -> None:
    """A button leads to each, at most two panels away, and no panel has more than seven."""
    olga = await first_admin(stage)
    found = set()
    await olga.starts()
    for opens in ((), ("More…",), ("Back", "Figures"), ("More…", "Team")):
        await olga.presses(*opens)
        panel = [label for row in olga.buttons for label in row]
        assert len(panel) <= MAX_BUTTONS
        found |= set(panel)
    assert BUTTON_OF.keys() == COMMANDS.keys()
    assert set(BUTTON_OF.values()) <= found


async def test_a_link_of_a_campaign_shows_staff_its_story(stage: Stage, olga: Chat) -> None:
    await olga.starts("hong-kong__poster")
    olga.hears(WELCOME)
    await olga.presses("Write the letter", "Continue")
    await olga.starts()
    assert olga.buttons[-1] == ["Back to my letter"]
    await olga.presses("Back to my letter")
    olga.hears(f"You’ve started your letter for “{TITLE}”. I still need your name, country and…")
    await olga.presses("Continue")
    olga.hears(f"✎ {NAME}")


async def test_a_supporter_cannot_use_the_first_page(stage: Stage, olga: Chat) -> None:
    maria = stage.person("Maria")
    await maria.starts()
    maria.hears(WELCOME)
    for command in ("broadcast", "stats", "screens", "campaigns", "team", "start"):
        await maria.presses_again(maria.last["message_id"], f"s:command:{command}")
        maria.hears("(That button no longer works.)")
    await olga.starts()
    await olga.presses_again(olga.last["message_id"], "s:command:team")
    olga.hears("(Only admins of this bot can do that.)")


# --- a text where a button is expected ------------------------------------------------------------


async def test_a_link_is_taken_at_which_button(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast", "Good news")
    await olga.presses("Add… ▾", "Add button")
    await olga.says("Read more https://news.example/1")
    olga.hears("Good news", WHO)
    assert olga.link("Read more") == "https://news.example/1"
    await olga.presses("Add… ▾", "Add button")
    await olga.says("Donate")
    olga.hears(LINK)
    await olga.says("Donate https://news.example/2")
    assert olga.link("Donate") == "https://news.example/2"


async def test_the_name_of_a_language_is_taken_at_which_language(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast", "Good news")
    await olga.presses("Add… ▾", "Add translation")
    await olga.says("Klingon")
    olga.hears(TAP_ABOVE)
    await olga.says("english")
    olga.hears("Send me the whole update in English, the same way as the first.")
    await olga.says("Better news")
    olga.hears("Better news", WHO)


@pytest.mark.parametrize("page", ["Campaign ▾", "Took action ▾", "Language ▾", "Country ▾"])
async def test_pages_of_the_composer_wait_for_a_button(stage: Stage, olga: Chat, page: str) -> None:
    await olga.starts("hong-kong")
    await olga.says("/broadcast", "Good news")
    await olga.says("Oops")
    olga.hears(TAP_ON_PANEL)
    await olga.sends("sticker")
    olga.hears(TAP_ON_PANEL)
    await olga.presses("Audience ▾", page)
    await olga.says("hello")
    olga.hears(TAP_ABOVE)
    await olga.presses("Back", "Continue")
    await olga.says("yes")
    olga.hears(TAP_ABOVE)
    await olga.says("stop")
    olga.hears(TAP_ABOVE)
    await olga.presses("Not yet")
    assert olga.buttons == PANEL
    await olga.says("/cancel")
    olga.hears("Update cancelled. Nothing was sent.")
    await olga.says("hello")
    olga.hears(tap("broadcast"))


async def test_panels_of_admins_wait_for_a_button(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.starts("hong-kong")
    for command in ("campaigns", "status", "team", "audit", "broadcasts", "screens", "start"):
        await (olga.starts() if command == "start" else olga.says(f"/{command}"))
        olga.heard()
        await olga.says("hello")
        olga.hears(tap(command))
        await olga.sends("sticker")
        olga.hears(tap(command))
    await olga.says("who are you")
    olga.hears("I’m a bot. I help you write a letter to someone in power, in your own name.…")
    await olga.says("/campaigns")
    await olga.presses("Close")
    await olga.says("yes")
    olga.hears(tap("campaigns"))
    await olga.presses("No, go back", "More…", "Links")
    await olga.says("poster")
    olga.hears(tap("campaigns"))
    await olga.presses("Add a source")
    await olga.sends("sticker")
    olga.hears("Please type your answer.")
    await olga.says("poster-lisbon")
    olga.hears(f"“{TITLE}”, counted as poster-lisbon:…")


async def test_a_role_is_taken_at_whom_to_invite(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/invite")
    await olga.says("my colleague Ana")
    olga.hears("Who would you like to invite?…")
    await olga.says("Campaigner")
    olga.hears("Pass this link on to one campaigner.…")


async def test_a_period_is_taken_under_the_figures(stage: Stage, olga: Chat) -> None:
    await olga.says("/stats")
    await olga.says("30")
    assert olga.heard()[0].startswith(f"{TITLE}\n")
    await olga.says("hello" * 500)
    olga.hears(
        f"I don’t know a campaign or period called “{'hello' * 8}”. Try /stats, or add a period:"
        " today, 7, 30, all."
    )


async def test_a_question_of_the_letter_still_takes_the_text(stage: Stage, olga: Chat) -> None:
    await olga.starts("hong-kong")
    await olga.presses("Write the letter", "Continue")
    await olga.says("/broadcasts")
    await olga.says("Olga Silva")
    assert olga.heard()[-1] == COUNTRY
    await olga.starts("hong-kong")
    await olga.presses("Start over")
    await olga.says("hello")
    olga.hears(UNKNOWN)


async def test_cancel_at_a_panel_leaves_the_story_open(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.starts("hong-kong")
    await olga.says("/campaigns")
    await olga.presses("Close")
    await olga.says("/cancel")
    olga.hears("Cancelled. Nothing has changed.")
    await olga.says("hello")
    olga.hears(UNKNOWN)
    await olga.presses("Write the letter", "Continue")
    assert olga.heard()[-1] == NAME


async def test_start_leaves_the_composer(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast")
    await olga.starts()
    await olga.says("hello")
    olga.hears(tap("start"))
    await olga.says("/broadcast")
    olga.hears(SEND_ME)


async def test_a_supporter_who_lost_the_role_is_answered_as_one(stage: Stage, olga: Chat) -> None:
    await olga.starts("hong-kong")
    await olga.says("/stats")
    appoint(stage)
    await stage.restart_with(stage.settings)
    await olga.says("hello")
    olga.hears("Tap “Write the letter” when you’re ready.")
