"""A supporter hides the email address from the target: what the chat says, what the mail shows."""

from typing import Any

import pytest

from bot.playground.inbox import ReceivedEmail
from conversations.core.buttons.journey import HideAddress
from storage.schema.tables import actions, notices
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.journey.steps import comes_to_the_address
from tests.stories.journey.test_identity import FILE, HIDDEN, RELAY, SHOWN, headers, set_up
from tests.stories.lines import AT_ADDRESS, CODE, PORTUGAL, TARGET, WAYS_OUT
from tests.stories.records import read_table

HIDE, SHOW = "Hide my email address", "Show my email address"
HIDDEN_ADDRESS = (
    "Portugal.\n\n3/4 · What’s your email address? Whoever gets your letter does not see the"
    " address, and you will not receive a reply."
)
LINE = "Your email address: hidden"
TO_ORGANISATION = (
    "Whoever gets your letter does not see your email address; replies go to the organisation."
)


def is_nowhere_in(mail: ReceivedEmail, address: str) -> bool:
    """Whether neither the mail nor its envelope shows the address."""
    return address not in mail.sender and address.encode() not in mail.raw


async def test_she_hides_her_address_where_it_is_asked_for(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    assert maria.heard()[-1] == PORTUGAL
    assert maria.buttons == AT_ADDRESS
    await maria.presses(HIDE)
    maria.hears(f"✎ {HIDDEN_ADDRESS}")
    assert maria.buttons == [[SHOW], ["Discreet…"], WAYS_OUT]
    await maria.says("maria@mail.example")
    maria.hears(CODE)
    await maria.types_the_code()
    (shown,) = maria.heard()
    assert f"\n{LINE}\nI ask the government of Hong Kong to:\n1. withdraw" in shown
    assert f"{RELAY} {HIDDEN} By pressing Send in my name you" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {"From": "Maria Silva <token>"}
    assert is_nowhere_in(letter, "maria@mail.example")
    (notice,) = await read_table(stage, notices)
    assert HIDDEN in notice["text"] and SHOWN not in notice["text"]


async def test_she_hides_her_address_at_the_review_and_shows_it_again(
    stage: Stage, maria: Chat
) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Change…")
    assert maria.buttons[-2:] == [[HIDE], ["Back"]]
    await maria.presses(HIDE)
    (shown,) = maria.heard()
    assert LINE in shown and HIDDEN in shown and SHOWN not in shown
    assert maria.buttons[0] == ["Send in my name"]
    await maria.presses("Change…", SHOW)
    (shown,) = maria.heard()
    assert LINE not in shown and SHOWN in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == {
        "From": "Maria Silva <token>",
        "Reply-To": "Maria Silva <maria@mail.example>",
    }


@pytest.mark.parametrize(
    ("identity", "reply_to", "expected", "sentence"),
    [
        ("author", "supporter", {"From": "Maria Silva <token>"}, HIDDEN),
        ("own", "supporter", {"From": "Maria Silva <token>"}, HIDDEN),
        (
            "author",
            "organisation",
            {
                "From": "Maria Silva <token>",
                "Reply-To": "Open Letters Hong Kong <people@open-letters-hk.example>",
            },
            TO_ORGANISATION,
        ),
    ],
)
async def test_a_hidden_address_is_in_no_header(
    stage: Stage,
    maria: Chat,
    identity: str,
    reply_to: str,
    expected: dict[str, Any],
    sentence: str,
) -> None:
    """Neither From, Sender nor Reply-To shows it, whoever would be there without."""
    set_up(stage, identity, reply_to)
    address = "maria@members.example"
    await comes_to_the_address(maria)
    await maria.presses(HIDE)
    await maria.says(address)
    await maria.types_the_code()
    (shown,) = maria.heard()
    assert f"{RELAY} {sentence} By pressing Send in my name you" in shown
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (letter,) = stage.mails_to(TARGET)
    assert headers(letter) == expected
    assert is_nowhere_in(letter, address)


@pytest.mark.parametrize("reply_to", ["organisation", "none"])
async def test_hiding_is_not_offered_where_nobody_sees_the_address(
    stage: Stage, maria: Chat, reply_to: str
) -> None:
    stage.edits(FILE, 'reply_to = "supporter"', f'reply_to = "{reply_to}"')
    await comes_to_the_address(maria)
    assert HIDE not in maria.all_buttons
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Change…")
    assert HIDE not in maria.all_buttons


async def test_the_choice_is_for_one_letter(stage: Stage, maria: Chat) -> None:
    await comes_to_the_address(maria)
    await maria.presses(HIDE)
    await maria.starts()
    await maria.presses("Start over")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal")
    assert maria.heard()[-1] == PORTUGAL
    assert maria.buttons == AT_ADDRESS


async def test_the_notice_of_the_letter_says_that_the_address_is_hidden(
    stage: Stage, maria: Chat
) -> None:
    stage.edits(
        "hong-kong/en.md", "## Recipient\n\n{target}.", "## Recipient\n\n{target}. {answers}"
    )
    await maria.starts()
    await maria.says("/privacy")
    (notice,) = maria.heard()
    assert SHOWN in notice and HIDDEN not in notice
    await comes_to_the_address(maria)
    await maria.presses(HIDE)
    await maria.says("/privacy")
    (notice,) = maria.heard()
    assert HIDDEN in notice and SHOWN not in notice


async def test_an_answer_to_a_hidden_sender_goes_to_the_organisation(
    stage: Stage, maria: Chat
) -> None:
    await comes_to_the_address(maria)
    await maria.presses(HIDE)
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    (action,) = await read_table(stage, actions)
    assert action["reply_to"] == ""
    (letter,) = stage.mails_to(TARGET)
    before = len(stage.mails_to("maria@mail.example"))
    await stage.answers(letter, "We thank you for your letter.")
    await stage.send_mail()
    assert len(stage.mails_to("maria@mail.example")) == before
    (forwarded,) = stage.mails_to("people@open-letters-hk.example")
    assert "We thank you for your letter." in forwarded.text


async def test_a_forged_button_hides_nothing_where_nobody_sees_the_address(
    stage: Stage, maria: Chat
) -> None:
    """Hiding what nobody sees would change the words of the consent for nothing."""
    stage.edits(FILE, 'reply_to = "supporter"', 'reply_to = "none"')
    await comes_to_the_address(maria)
    message = maria.last["message_id"]
    back = maria.last["keyboard"][-1][0]["data"]
    await maria.presses_again(message, f"{back.rpartition(':')[0]}:{HideAddress.prefix}:yes")
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    (shown,) = maria.heard()
    assert LINE not in shown
