"""After a letter: questions about updates and details, the next letter, and no second one."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from storage.schema.encryption import CHAT_DETAILS
from storage.schema.tables import chats, consents, subscriptions
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import (
    ANSWERED,
    NAME,
    REMEMBER,
    TARGET,
    UPDATES,
    code_asked,
)
from tests.stories.records import decrypted, read_table

TITLE = "“Stand up for people's rights in Hong Kong”"
TAKEN = (
    "maria@mail.example has already been used for a letter in this campaign, and each address"
    " works only once. If you have another one of your own, you can use that.\n\n…"
)


async def sends(chat: Chat) -> None:
    await chat.comes_to_the_review()
    await chat.presses("Send in my name")


def _decided(row: dict[str, Any]) -> str:
    """Return when the person decided, exactly."""
    return str(row["evidence_at"])


async def kept_consents(stage: Stage, kind: str) -> list[tuple[str, bool]]:
    rows = [row for row in await read_table(stage, consents) if row["kind"] == kind]
    return [(row["scope"], row["given"]) for row in sorted(rows, key=_decided)]


# --- questions after the letter -----------------------------------------------------------------


async def test_updates_are_asked_for_separately(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    await maria.presses("Other campaigns too")
    maria.hears(
        "✎ I’ll let you know what happens, in this campaign and in others. You can stop updates"
        " here, or with /unsubscribe, at any time."
    )
    assert {row["scope"] for row in await read_table(stage, subscriptions)} == {"hong-kong", "*"}
    await maria.presses("Stop updates")
    maria.hears("✎ You’re unsubscribed. I won’t send you any more updates.")
    assert await read_table(stage, subscriptions) == []
    assert (await kept_consents(stage, "updates"))[-1] == ("*", False)
    assert await kept_consents(stage, "remember") == []


async def test_subscribe_to_this_campaign_and_unsubscribe(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    question = next(m for m in maria.person.chat() if m["text"] == UPDATES)
    await maria.stage.later(seconds=0)
    await maria.presses_again(question["message_id"], question["keyboard"][0][0]["data"])
    maria.hears(
        "✎ I’ll let you know what happens. You can stop updates here, or with /unsubscribe, at"
        " any time."
    )
    await maria.presses("Stop updates")
    maria.hears("✎ OK, no updates about this campaign.")
    await maria.presses("Get updates after all", "Stop updates")
    assert await read_table(stage, subscriptions) == []
    yes, no = ("hong-kong", True), ("hong-kong", False)
    assert await kept_consents(stage, "updates") == [yes, no, yes, no]


STILL = (
    "✎ You have asked for updates since then, so they stay on. You can stop them here, or with"
    " /unsubscribe, at any time."
)


def questions(chat: Chat, text: str) -> list[tuple[int, dict[str, str]]]:
    """Return the messages that ask `text`, with the data of their buttons by label."""
    return [
        (each["message_id"], {b["text"]: b["data"] for row in each["keyboard"] for b in row})
        for each in chat.person.chat()
        if each["text"] == text
    ]


async def test_old_questions_change_nothing_after_undo(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    ((updates, about_updates),) = questions(maria, UPDATES)
    ((remember, about_details),) = questions(maria, REMEMBER)
    await maria.presses("Undo")
    await maria.presses_again(remember, about_details["Yes"])
    maria.hears("(That’s no longer there.)")
    assert len(questions(maria, REMEMBER)) == 1
    assert questions(maria, REMEMBER)[0][1] == {}, "the buttons are gone"
    await maria.presses("Send in my name")
    maria.hears("Your letter will be sent in 30 seconds.", UPDATES, REMEMBER)
    for message, data in (questions(maria, UPDATES)[-1], questions(maria, REMEMBER)[-1]):
        await maria.presses_again(message, data["Yes"])
    await maria.presses_again(updates, about_updates["No"])
    maria.hears(STILL)
    assert [row["scope"] for row in await read_table(stage, subscriptions)] == ["hong-kong"]
    for label in ("No, don’t keep them", "Yes"):
        await maria.presses_again(remember, about_details[label])
        maria.hears("(That’s no longer there.)")
    (chat,) = await read_table(stage, chats)
    assert chat["encrypted_details"] is not None
    assert await kept_consents(stage, "updates") == [("hong-kong", True)]
    assert await kept_consents(stage, "remember") == [("", True)]
    await maria.presses_again(updates, "s:updates:hong-kong:no")  # “Stop updates” below it
    maria.hears("✎ OK, no updates about this campaign.")


async def test_an_old_no_does_not_end_a_subscription_to_all(stage: Stage, maria: Chat) -> None:
    await maria.says("/subscribe", "/subscribe")
    (first, data), (second, _) = questions(maria, UPDATES)
    await maria.presses_again(second, "s:updates:hong-kong:all")
    await maria.presses_again(first, data["No"])
    maria.hears(STILL)
    assert len(await read_table(stage, subscriptions)) == 2
    await maria.says("/subscribe")
    maria.hears("You already get updates about this campaign. You can stop them here…")
    await maria.presses("Stop updates")
    maria.hears("✎ You’re unsubscribed. I won’t send you any more updates.")


async def test_declining_updates_is_recorded(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    await maria.presses("No", "No, don’t keep them")
    maria.hears("✎ OK, I won’t keep them for next time.")
    assert await kept_consents(stage, "updates") == [("hong-kong", False)]
    assert await kept_consents(stage, "remember") == [("", False)]
    (chat,) = await read_table(stage, chats)
    assert chat["encrypted_details"] is None


async def test_details_are_remembered_with_consent(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    (chat,) = await read_table(stage, chats)
    assert chat["encrypted_details"] is None
    await maria.presses("Yes")
    maria.hears(
        "✎ I’ll keep your name, country and email address, encrypted, for next time. If you don’t"
        " use them for a year, I’ll ask whether to keep them. You can delete them here or with"
        " /settings."
    )
    (chat,) = await read_table(stage, chats)
    encrypted, person = chat["encrypted_details"], chat["person_key"]
    assert decrypted(stage, encrypted, CHAT_DETAILS, row=person) == {
        "name": "Maria Silva",
        "country": "PT",
        "address": "maria@mail.example",
        "proved": True,
    }
    await maria.presses("No, don’t keep them")
    maria.hears("✎ OK, I won’t keep them for next time.")
    (chat,) = await read_table(stage, chats)
    assert chat["encrypted_details"] is None
    await maria.presses("Keep them after all")
    assert await kept_consents(stage, "remember") == [("", True), ("", False), ("", True)]
    await maria.says("/settings")
    await maria.presses("Delete my details")
    maria.hears("✎ I’ve deleted the details I kept for next time.")
    assert (await kept_consents(stage, "remember"))[-1] == ("", False)


async def test_the_next_letter_takes_two_taps(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await sends(maria)
    await maria.presses("Yes")
    await maria.starts("river")
    assert maria.buttons[0] == ["Write as Maria Silva"]
    await maria.presses("Write as Maria Silva")
    maria.hears("This is your letter. Your details: Maria Silva…")
    await maria.presses("Send in my name")
    maria.hears("Your letter will be sent in 10 seconds.", UPDATES)
    await stage.later(seconds=11)
    assert len(stage.mails_to("gabinete@ministerio-ambiente.example")) == 1


async def test_details_are_forgotten_before_the_next_letter(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await sends(maria)
    await maria.presses("Yes")
    await maria.starts("river")
    await maria.presses("No, don’t keep them", "Write as Maria Silva")
    maria.hears("(Your details are no longer saved. Tap “Write the letter” instead.)")
    await maria.presses("Write the letter")
    maria.hears(NAME)


async def test_details_that_changed_are_asked_for_again(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await sends(maria)
    await maria.presses("Yes")
    await maria.comes_to_the_review("river", "silva@mail.example")
    await maria.presses("Send in my name")
    maria.hears("Your letter will be sent in 10 seconds.", UPDATES, REMEMBER)
    await maria.presses("Yes")
    await maria.says("/mydata")
    assert "Saved for next time: Maria Silva, Portugal, silva@mail.example\n" in maria.heard()[0]


async def test_sharing_the_campaign(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    link = urlsplit(maria.link("Share with friends"))
    assert link.geturl().startswith("https://t.me/share/url?")
    assert parse_qs(link.query) == {
        "url": ["https://t.me/action_bot?start=hong-kong__share"],
        "text": [
            "People in Hong Kong are standing up for their rights. You can stand with them: a"
            " letter to their government takes about two minutes."
        ],
    }


async def test_clearing_the_chat(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    await maria.presses("Clear this chat")
    assert maria.person.chat() == []


async def test_questions_may_be_ignored(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    await maria.says("thanks!")
    maria.hears(
        "I’m a bot and don’t understand much. /help shows what I can do. To reach a person,"
        " write to people@open-letters-hk.example."
    )
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1
    assert await read_table(stage, subscriptions) == []


# --- one action for each person and address -----------------------------------------------------


async def test_one_action_per_person(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    await maria.starts("hong-kong")
    day = f"{stage.clock():%B} {stage.clock().day}, {stage.clock().year}"
    maria.hears(
        f"You’ve already written a letter for {TITLE}, on {day}: accepted by the mail server."
        " Thank you! What helps most now is passing it on."
    )
    assert maria.buttons == [["Share with friends"]]
    await maria.says("again")
    maria.hears(
        "I’m a bot and don’t understand much. Here’s what you can do:",
        f"You’ve already written a letter for {TITLE}, on {day}: accepted by the mail server."
        " Thank you! What helps most now is passing it on.",
    )


async def test_old_buttons_after_the_letter(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    review = maria.last
    await maria.presses("Send in my name")
    for row in review["keyboard"]:
        for button in row:
            await maria.presses_again(review["message_id"], button["data"])
            maria.hears(ANSWERED)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1


async def test_one_action_per_address(stage: Stage, maria: Chat) -> None:
    """Only a supporter who proves to own the address learns that a letter was sent with it."""
    await maria.sends_the_letter()
    pedro = stage.person("Pedro")
    await stage.later(minutes=2)
    await pedro.starts("hong-kong")
    await pedro.presses("Write the letter", "Continue")
    await pedro.says("Pedro", "Portugal", "Maria@mail.example")
    assert pedro.heard()[-1] == code_asked("Maria@mail.example")
    await pedro.types_the_code()
    pedro.hears(TAKEN.replace("maria@", "Maria@"))
    await pedro.says("pedro@mail.example")
    await pedro.types_the_code()
    pedro.hears("This is your letter.…")


async def test_two_supporters_use_one_address_at_the_same_time(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await stage.later(minutes=2)
    pedro = stage.person("Pedro")
    await pedro.comes_to_the_review()
    await maria.presses("Send in my name")
    await pedro.presses("Send in my name")
    pedro.hears(TAKEN)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1


async def test_without_proof_nobody_learns_that_an_address_is_taken(stage: Stage) -> None:
    stage.opens("river")
    stage.edits("river/campaign.toml", "peoples_names = false", "peoples_names = true")
    for name in ("Maria", "Pedro"):
        person = stage.person(name)
        await person.starts("river")
        await person.presses("Write the letter")
        await person.says(name, "Portugal", "maria@mail.example")
        await person.presses("Send in my name")
    person.hears(
        "I can’t use maria@mail.example for this letter. Do you have another one?\n\nWhat’s your"
        " email address? Whoever gets your letter does not see the address."
        " Replies go to the organisation."
    )
