"""Admins pause, close and test campaigns from the chat."""

import pytest

from storage.schema.tables import actions
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import TARGET, WELCOME
from tests.stories.records import read_table
from tests.stories.staff.test_team import NO_ROLE, first_admin

NAME = "Stand up for people's rights in Hong Kong"
STANDS = f"{NAME} (hong-kong)\naccepting letters"


async def opens_it(admin: Chat) -> str:
    await admin.says("/campaigns")
    (told,) = admin.heard()
    return told


async def does(admin: Chat, action: str, answer: str = "Yes, do it") -> str:
    """Let the admin choose an action for the only campaign, and confirm it."""
    await opens_it(admin)
    await admin.presses(action, answer)
    (told,) = admin.heard()
    await admin.presses("Back")
    return told


async def test_an_admin_sees_the_state_of_each_campaign(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    olga.hears(f"Campaigns\n• {NAME}: accepting letters\n• Let the Amieiro flow: accepting letters")
    assert olga.buttons == [[NAME], ["Let the Amieiro flow"], ["New campaign…"]]
    await olga.presses(NAME)
    olga.hears(f"✎ {STANDS}\n\nMail: none waiting. None sent in the last 10 minutes.")
    assert olga.buttons == [
        ["Edit"],
        ["Pause letters"],
        ["Close"],
        ["Switch to test mode"],
        ["More…"],
        ["Back"],
    ]
    await olga.presses("More…")
    assert olga.buttons == [
        ["Links"],
        ["Versions"],
        ["Targets"],
        ["Show all screens"],
        ["Block a sender"],
        ["Allow an address"],
        ["Back"],
    ]
    await olga.presses("Back")
    assert olga.buttons[0] == ["Edit"]


async def test_letters_are_paused_and_resumed(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    assert await does(olga, "Pause letters") == f"✎ The letters for “{NAME}” are paused."
    await stage.later(minutes=1)
    assert maria.heard()[-1].startswith("✎ Sending is paused, so your letter is waiting.")
    assert "Paused since" in await opens_it(olga)
    assert await does(olga, "Resume letters") == (
        f"✎ “{NAME}” is no longer paused; its letters can go out again."
    )
    await stage.later(seconds=1)
    assert len(stage.mails_to(TARGET)) == 1


async def test_the_last_error_is_shown_in_plain_words(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    stage.inbox.refusals[TARGET] = "450 4.2.0 later, please"
    await maria.sends_the_letter()
    assert (await opens_it(olga)).endswith(
        "\n\nLast error: The mail server asks to try again later (450 4.2.0)."
    )


@pytest.mark.parametrize(
    ("answer", "sent", "told"),
    [
        ("Close, send waiting", 1, "✎ ✓ Your letter was sent at…"),
        (
            "Close, withdraw waiting",
            0,
            "✎ This campaign was closed before your letter was sent. It wasn’t sent and isn’t"
            " counted.",
        ),
    ],
)
async def test_closing_asks_what_to_do_with_queued_letters(
    stage: Stage, maria: Chat, answer: str, sent: int, told: str
) -> None:
    olga, rui = await first_admin(stage), stage.person("Rui")
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    maria.heard()
    await opens_it(olga)
    await olga.presses("Close")
    olga.hears(
        f"✎ Close “{NAME}”? It won’t accept new letters. 1 letter is waiting: send it, or"
        " withdraw it and tell the supporter?"
    )
    await olga.presses(answer)
    olga.hears(f"✎ “{NAME}” is closed. You can reopen it here.")
    await stage.later(seconds=31)
    maria.hears(told)
    assert len(stage.mails_to(TARGET)) == sent
    await rui.starts("hong-kong")
    assert "no longer accepts letters" in rui.heard()[0]
    await does(olga, "Reopen")
    await rui.starts("hong-kong")
    rui.hears(WELCOME)


async def test_closing_without_queued_letters_asks_only_for_confirmation(
    stage: Stage, maria: Chat
) -> None:
    olga = await first_admin(stage)
    await opens_it(olga)
    await olga.presses("Close")
    olga.hears(f"✎ Close “{NAME}”? It won’t accept new letters. None is waiting.")
    await olga.presses("Yes, do it")
    olga.hears(f"✎ “{NAME}” is closed. You can reopen it here.")
    await olga.presses("Back", "Pause letters")
    assert olga.heard()[-1] == (
        f"✎ Pause the letters for “{NAME}”? Nobody can write at the moment. Letters that wait will"
        " stay here, and I’ll tell those who wrote them."
    )
    await maria.starts("hong-kong")
    assert "no longer accepts letters" in maria.heard()[0]


async def test_a_campaign_is_tested_and_goes_live_again(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await does(olga, "Switch to test mode")
    assert "in test mode" in await opens_it(olga)
    await olga.presses("Try it yourself")
    assert olga.heard()[-1].startswith("TEST MODE: ")
    await olga.sends_the_letter(address="olga@mail.example")
    assert len(stage.mails_to("actions@send.example")) == 1
    await opens_it(olga)
    await olga.presses("Go live")
    olga.hears(
        f"✎ Take “{NAME}” live? From now on, letters will go to {TARGET}. Its test letters will"
        " be deleted."
    )
    await olga.presses("Yes, do it")
    olga.hears(f"✎ “{NAME}” is live: letters go to the target.")
    assert await read_table(stage, actions) == []
    await maria.starts("hong-kong")
    maria.hears(WELCOME)
    await olga.says("/audit")
    (told,) = olga.heard()
    assert [line.rpartition(") ")[2] for line in told.splitlines()[2:4]] == [
        "took hong-kong live",
        "put hong-kong in test mode",
    ]


async def test_the_file_and_the_test_address_keep_it_in_test_mode(
    stage: Stage, maria: Chat
) -> None:
    olga = await first_admin(stage)
    await does(olga, "Switch to test mode")
    await stage.change_mail_settings(test_address=TARGET)
    await opens_it(olga)
    await olga.presses("Go live")
    assert olga.heard()[0].startswith("(It can’t go live: the target has the same address")
    stage.edits("hong-kong/campaign.toml", 'slug = "hong-kong"', 'slug = "hong-kong"\ntest = true')
    assert "in test mode (set in its file)" in await opens_it(olga)
    assert ["Go live"] not in olga.buttons


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        (
            "en.md",
            "# Demands\n",
            "# Demands\n\n1. do this;\n2. do that.\n",
            "(It can’t go live: some of its texts are still the instructions of a new campaign.",
        ),
        (
            "campaign.toml",
            "keep_until = 2029-09-30",
            "keep_until = 2020-09-30",
            "(It can’t go live: its keep_until is in the past.",
        ),
    ],
)
async def test_an_unfinished_campaign_does_not_go_live(
    stage: Stage, maria: Chat, file: str, old: str, new: str, why: str
) -> None:
    olga = await first_admin(stage)
    await does(olga, "Switch to test mode")
    stage.edits(f"hong-kong/{file}", old, new)
    await opens_it(olga)
    await olga.presses("Go live")
    assert olga.heard()[0].startswith(why)


async def test_an_outdated_confirmation_does_nothing(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await opens_it(olga)
    message = olga.last["message_id"]
    for action in ("resume-yes", "open-yes", "live-yes", "walk", "close-maybe", "nothing"):
        await olga.presses_again(message, f"s:campaigns:{action}:hong-kong")
        assert olga.heard()[0].startswith("(That")
    await maria.starts("hong-kong")
    for action in ("close-withdraw", "live-yes", "show"):
        await maria.presses_again(maria.last["message_id"], f"s:campaigns:{action}:hong-kong")
        maria.hears(NO_ROLE)
