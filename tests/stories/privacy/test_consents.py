"""Each consent is taken back with one tap, and what it ends is said truthfully."""

import json

from storage.schema.tables import actions, chats, consents, outbox, subscriptions
from storage.stats import recount
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import NAME, TARGET
from tests.stories.records import read_table

TITLE = "Stand up for people's rights in Hong Kong"
LETTER, DETAILS, UPDATES, FILE = (
    f"Take back: {TITLE}",
    "Take back: my details",
    "Take back: updates",
    "Get it as a file",
)


async def _sends(maria: Chat) -> None:
    """Press Send, and agree to both questions after it."""
    await maria.comes_to_the_review()
    await maria.presses("Send in my name", "Yes", "Other campaigns too")


async def _decisions(stage: Stage, kind: str) -> list[bool]:
    rows = [each for each in await read_table(stage, consents) if each["kind"] == kind]
    return sorted(each["given"] for each in rows)


async def test_a_letter_that_has_not_been_sent_is_cancelled(stage: Stage, maria: Chat) -> None:
    await _sends(maria)
    await maria.says("/privacy")
    assert maria.buttons == [[LETTER], [DETAILS], [UPDATES], [FILE]]
    await maria.presses(LETTER)
    maria.hears(
        "✎ Your letter was cancelled. Nothing was sent.",
        f"You’ve taken back your consent. I’ve cancelled your letter for “{TITLE}” and deleted"
        " it. It was not sent.",
    )
    assert maria.buttons == [[DETAILS], [UPDATES], [FILE]]
    await stage.later(seconds=31)
    assert stage.mails_to(TARGET) == []
    assert await read_table(stage, actions) == []
    assert await _decisions(stage, "send") == [False, True]


async def test_a_letter_that_was_sent_is_erased_and_not_called_back(
    stage: Stage, maria: Chat
) -> None:
    await _sends(maria)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1
    await maria.says("/mydata")
    await maria.presses(LETTER)
    maria.hears(
        f"You’ve taken back your consent. Your letter for “{TITLE}” cannot be called back: it"
        " has gone to Chief Executive, Government of Hong Kong, or is on its way. I’ve deleted"
        " your name, your address and everything else I held about it. Without them, I can’t tell"
        " you if it comes back. What stays is a note that you agreed and took it back."
    )
    assert await read_table(stage, actions) == []
    assert [each for each in await read_table(stage, outbox) if each["action"]] == []
    assert await _decisions(stage, "send") == [False, True]
    async with stage.bot() as app:
        core = app.core
        _, differences = await core.database.read(lambda c: recount.recount(c, core.vault))
    assert differences == []
    await maria.says("/mydata")
    assert "Your letter for" not in maria.heard()[0]


async def test_details_and_updates_end_with_one_tap(stage: Stage, maria: Chat) -> None:
    await _sends(maria)
    await maria.says("/mydata")
    await maria.presses(DETAILS)
    maria.hears("I’ve deleted the details I kept for next time.")
    (chat,) = await read_table(stage, chats)
    assert chat["encrypted_details"] is None
    assert await _decisions(stage, "remember") == [False, True]
    await maria.presses(UPDATES)
    maria.hears("You’re unsubscribed. I won’t send you any more updates.")
    assert await read_table(stage, subscriptions) == []
    assert maria.buttons == [[LETTER], [FILE]]


async def test_a_consent_that_was_taken_back_before(stage: Stage, maria: Chat) -> None:
    await _sends(maria)
    await maria.says("/mydata", "/privacy")
    await maria.presses(UPDATES)
    older = next(each for each in maria.person.chat() if "What I hold" in each["text"])
    (data,) = [
        button["data"] for row in older["keyboard"] for button in row if button["text"] == UPDATES
    ]
    await maria.presses_again(older["message_id"], data)
    maria.hears("(That’s no longer there.)")


async def test_another_person_cannot_take_back_a_letter(stage: Stage, maria: Chat) -> None:
    await _sends(maria)
    (action,) = await read_table(stage, actions)
    pedro = stage.person("Pedro")
    await pedro.starts("hong-kong")
    await pedro.presses_again(pedro.last["message_id"], f"s:take_back:send:{action['action']}")
    pedro.hears("(That’s no longer there.)")
    assert len(await read_table(stage, actions)) == 1


async def test_the_file_names_all_that_mydata_names(stage: Stage, maria: Chat) -> None:
    await _sends(maria)
    await stage.later(seconds=31)
    await maria.says("/mydata")
    lines = [
        line.removeprefix("• ")
        for each in maria.heard()
        for line in each.splitlines()
        if line.startswith("• ")
    ]
    day = f"{stage.clock():%B} {stage.clock().day}, {stage.clock().year}"
    assert f"Yes to sending your letter for “{TITLE}”, {day}" in lines
    assert f"Yes to keeping your details, {day}" in lines
    await maria.presses(FILE)
    (caption,) = maria.heard()
    assert "Files stay on your phone:" in caption
    file_id = maria.person.messages[maria.last["message_id"]]["document"]["file_id"]
    held = json.loads(stage.telegram.files[file_id][0])
    assert held["summary"] == lines
    assert held["letters"][0]["name"] == "Maria Silva"
    assert held["letters"][0]["address"] == "maria@mail.example"
    assert held["saved_details"]["country"] == "PT"
    assert held["subscriptions"] == ["*", "hong-kong"]
    assert len(held["decisions"]) == 4


async def test_nothing_was_agreed_to(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    maria.hears(NAME)
    await maria.says("/privacy")
    assert maria.buttons == [[FILE]]
