"""Commands such as /help, /mydata and /forget, at any moment of the journey."""

from datetime import timedelta

import pytest

from storage.schema.tables import (
    actions,
    chats,
    codes,
    consents,
    outbox,
    subscriptions,
)
from tests.chat import Chat
from tests.domains import GMIAL
from tests.stage import Stage
from tests.stories.campaigners import appoint, send_broadcasts
from tests.stories.lines import (
    CANCELLED,
    CODE,
    COUNTRY,
    LEAVES,
    PORTUGAL,
    REMEMBER,
    TARGET,
    UPDATES,
)
from tests.stories.records import read_table

HELP = (
    "I’m a bot. I help you write a letter to someone in power, in your own name.\n\n"
    "/start · Write a letter\n"
    "/help · What I can do, and how to reach a person\n"
    "/privacy · How your data is handled\n"
    "/settings · Language, saved details, updates\n"
    "/mydata · See what I hold about you\n"
    "/subscribe · Get updates on a campaign\n"
    "/unsubscribe · Stop all updates\n"
    "/cancel · Discard the letter you’ve started\n"
    "/forget · Delete what I hold about you\n\n"
    "To reach a person:\nOpen Letters Hong Kong: people@open-letters-hk.example"
)
NO_UPDATES = "You’re unsubscribed. I won’t send you any more updates."
NO_UPDATES_BUT_LETTER = (
    "You’re unsubscribed from all updates. Your unfinished letter is still here: answer above,"
    " or /cancel."
)
SETTINGS = (
    "Settings\nLanguage: English\nNo details are saved for next time.\nYou get no updates."
    " /subscribe starts them."
)
FORGET = (
    "Delete what I hold about you? Your answers, details, subscriptions and any letter that"
    " hasn’t been sent are deleted at once. A letter that is already on its way can’t be called"
    " back. Then I’ll list what stays, and why."
)
CHAT = (
    "• Your Telegram chat number, encrypted, until a day after I hold nothing else; where this"
    " conversation stands, encrypted, and the numbers of its messages, for a day\n• If you deleted"
    " anything here: a scrambled note of that, so that it’s deleted again if a backup is restored."
    " It stays after /forget, until no backup from before can be opened\n• If you wrote in"
    " a discreet chat: I don’t list that letter here once the chat was cleared, so that nobody else"
    " finds it. /forget deletes it too\n\n/forget deletes this, except where a line says that it"
    " stays."
)
CODES = "• Scrambled traces of the codes I’ve sent, for up to two days. They stay after /forget\n"


def day_of(stage: Stage, later: int = 0) -> str:
    """Return the stage's date so many days from now, as the bot writes it."""
    day = stage.clock() + timedelta(days=later)
    return f"{day:%B} {day.day}, {day.year}"


def forgotten(stage: Stage, *stays: str) -> str:
    """Return what is said after /forget, where this stays besides backups and a note."""
    backups = (
        f"Backups of the database: from {day_of(stage, 7)} on, the keys on our server no longer"
        " open those that hold your data"
    )
    note = (
        "A scrambled note of this deletion, for as long as such a backup can be opened: so that I"
        " delete your data again if one is restored"
    )
    lines = "\n".join(f"• {line}" for line in (*stays, backups, note))
    return (
        "I’ve deleted your answers, details, letters and subscriptions. What stays, and why:\n"
        f"{lines}\n\nTelegram still has this chat: you can clear the last 48 hours of it here."
    )


async def test_a_command_at_any_question_keeps_the_question(stage: Stage, maria: Chat) -> None:
    """A command's answer appears below the question, whose buttons still work."""
    await maria.starts("hong-kong")
    steps: list[tuple[str, ...]] = [(), ("Maria Silva",), ("Portugal",), ("maria@mail.example",)]
    await maria.presses("Write the letter", "Continue")
    for answers in steps:
        await maria.says(*answers)
        keyboard = maria.last["keyboard"]
        for command, told in (
            ("/help", HELP),
            ("/privacy", "Privacy · Stand up for people's rights in Hong Kong\nWho is…"),
            ("/settings", SETTINGS),
            ("/mydata", "What I hold about you\n•…"),
            ("/subscribe", UPDATES),
            ("/unsubscribe", NO_UPDATES_BUT_LETTER),
            ("/whatever", HELP),
        ):
            await maria.says(command)
            maria.hears(told)
        assert keyboard in [message["keyboard"] for message in maria.person.chat()]
    await maria.presses("Back")
    maria.hears(f"✎ {PORTUGAL}")


async def test_commands_without_a_letter_in_progress(stage: Stage, maria: Chat) -> None:
    for command, told in (
        ("/help", HELP),
        ("/privacy", "Privacy · Stand up for people's rights in Hong Kong\nWho is…"),
        ("/settings", SETTINGS),
        ("/mydata", f"What I hold about you\n{CHAT}"),
        ("/unsubscribe", NO_UPDATES),
        ("/cancel", "There’s nothing to cancel. /help shows what I can do."),
        ("/subscribe", UPDATES),
        ("/HELP@action_bot", HELP),
    ):
        await maria.says(command)
        maria.hears(told)


async def test_the_full_privacy_notice(stage: Stage, maria: Chat) -> None:
    await maria.says("/privacy")
    (said,) = maria.heard()
    for heading in (
        "Who is responsible: Open Letters Hong Kong, an association",
        "Contact: people@open-letters-hk.example. A person reads it.",
        "Who receives it: Chief Executive, Government of Hong Kong. The letter carries your name",
        "How long it’s kept: 7 days after your letter has been sent, we delete your name",
        "Your rights: Nothing is sent without your consent. You can withdraw it at any time",
        "Minimum age: 16 years.",
    ):
        assert heading in said
    assert (
        'href="https://open-letters-hk.example/privacy">Full privacy policy</a>'
        in (maria.last["html"])
    )


async def test_the_privacy_notices_of_several_campaigns(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.says("/privacy")
    maria.hears(
        "Privacy · Stand up for people's rights in Hong Kong\nWho is responsible: Open Letters…",
        "Privacy · Let the Amieiro flow\nWho is responsible: Amigos do Amieiro…",
    )
    await maria.starts("river")
    await maria.says("/privacy")
    maria.hears("Privacy · Let the Amieiro flow\nWho is responsible: Amigos do Amieiro…")


@pytest.mark.parametrize(
    "word", ["stop", "Stop!", "UNSUBSCRIBE", " unsubscribe. ", "停止", "取消訂閱", "退訂。"]
)
async def test_a_bare_word_unsubscribes(stage: Stage, maria: Chat, word: str) -> None:
    await maria.says("/subscribe")
    await maria.presses("Other campaigns too")
    assert len(await read_table(stage, subscriptions)) == 2
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says(word)
    maria.hears(NO_UPDATES_BUT_LETTER)
    assert await read_table(stage, subscriptions) == []
    assert {
        (row["kind"], row["scope"], row["given"]) for row in await read_table(stage, consents)
    } == {
        ("updates", "hong-kong", True),
        ("updates", "*", True),
        ("updates", "*", False),
    }
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


async def test_commands_subscribe_and_unsubscribe(stage: Stage, maria: Chat) -> None:
    await maria.says("/subscribe")
    maria.hears(UPDATES)
    assert maria.buttons == [["Yes", "No"], ["Other campaigns too"]]
    await maria.presses("Yes")
    maria.hears(
        "✎ I’ll let you know what happens. You can stop updates here, or with /unsubscribe, at"
        " any time."
    )
    assert maria.buttons == [["Stop updates"]]
    await maria.says("/mydata")
    maria.hears(
        "What I hold about you\n• Updates: Stand up for people's rights in Hong Kong\n• Yes to"
        f" updates on Stand up for people's rights in Hong Kong, {day_of(stage)}\n{CHAT}"
    )
    await maria.says("/settings")
    maria.hears(
        "Settings\nLanguage: English\nNo details are saved for next time.\nYou get updates."
    )
    assert maria.buttons == [["🌐 Language"], ["Stop updates"]]
    await maria.presses("Stop updates")
    maria.hears(f"✎ {NO_UPDATES}")
    assert await read_table(stage, subscriptions) == []


async def test_subscribe_to_one_of_several_campaigns(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.says("/subscribe")
    maria.hears("Which updates would you like?")
    assert maria.buttons == [
        ["Stand up for people's rights in Hong Kong"],
        ["Let the Amieiro flow"],
        ["All campaigns"],
    ]
    await maria.presses("Let the Amieiro flow")
    maria.hears("✎ I’ll let you know what happens. You can stop updates here…")
    await maria.says("/subscribe")
    await maria.presses("All campaigns")
    maria.hears("✎ I’ll let you know what happens, in this campaign and in others.…")
    assert {row["scope"] for row in await read_table(stage, subscriptions)} == {"river", "*"}
    await maria.presses("Stop updates")
    maria.hears(f"✎ {NO_UPDATES}")
    assert await read_table(stage, subscriptions) == []


async def test_cancel_does_not_affect_an_earlier_letter(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    await maria.starts("river")
    await maria.presses("Write the letter")
    await maria.says("Maria")
    await maria.says("/cancel")
    maria.hears(CANCELLED)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1


async def test_cancel_also_cancels_an_unsent_code(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.says("/cancel")
    maria.hears(CANCELLED)
    await stage.send_mail()
    assert stage.inbox.mails == []
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    assert maria.heard()[-1] == CODE
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_cancel_during_the_undo_period(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)
    await maria.says("/cancel")
    maria.hears("Your letter hasn’t been sent yet. To cancel it, tap “Undo” under it.")
    await stage.later(seconds=31)
    await maria.says("/cancel")
    maria.hears("There’s nothing to cancel. /help shows what I can do.")


async def test_mydata_lists_the_stored_data(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", f"maria@{GMIAL}")
    await maria.says("/mydata")
    maria.hears(
        "What I hold about you\n• The letter you’ve started: Maria Silva, Portugal,"
        f" maria@{GMIAL} (kept for 24 hours)\n{CHAT}"
    )
    await maria.says("maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Change…", "Add my own words")
    await maria.says("My sister lives there.")
    await maria.says("/mydata")
    maria.hears(
        "What I hold about you\n• The letter you’ve started: Maria Silva, Portugal,"
        " maria@mail.example (kept for 24 hours)\n• Your own words: My sister lives"
        f" there.\n{CODES}{CHAT}"
    )
    await maria.presses("Send in my name", "Yes", "Other campaigns too")
    await maria.says("/mydata")
    assert (
        "\n• The text of your letter for “Stand up for people's rights in Hong Kong”, encrypted,"
        " until a mail server accepts it; otherwise for 28 days after the last try\n"
    ) in maria.heard()[0]
    await stage.later(seconds=31)
    await maria.says("/mydata")
    day, title = day_of(stage), "Stand up for people's rights in Hong Kong"
    maria.hears(
        "What I hold about you\n• Saved for next time:"
        " Maria Silva, Portugal, maria@mail.example\n• Your letter for “Stand up for people's"
        f" rights in Hong Kong”, {day}: accepted by the mail server. Maria Silva, Portugal,"
        " maria@mail.example\n• Updates: all campaigns\n• Updates: Stand up for people's rights"
        f" in Hong Kong\n• Yes to sending your letter for “{title}”, {day}\n• Yes to keeping your"
        f" details, {day}\n• Yes to updates on all campaigns, {day}\n• Yes to updates on {title},"
        f" {day}\n{CODES}{CHAT}"
    )


async def test_mydata_lists_the_link_a_block_and_what_was_sent(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong__poster")
    await maria.says("/mydata")
    maria.hears(
        f"What I hold about you\n• The link you came by: poster (kept for 24 hours)\n{CHAT}"
    )
    await maria.says("/settings")
    await maria.presses("🌐 Language")
    await maria.turns_to("中文 (繁體) *")
    await maria.says("/settings")
    await maria.presses("🌐 語言", "English")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.types_the_code()
    await maria.presses("Send in my name", "Other campaigns too")
    await stage.later(seconds=31)
    olga = stage.person("Olga")
    appoint(stage, olga)
    await stage.restart_with(stage.settings)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Continue", "Send to fewer than 5 people")
    await send_broadcasts(stage)
    await maria.says("/mydata")
    lines = maria.heard()[0].splitlines()
    assert lines[1].endswith("maria@mail.example You came by the link “poster”.")
    title, day = "Stand up for people's rights in Hong Kong", day_of(stage)
    assert lines[4:9] == [
        "• The language you chose: English",
        f"• Yes to sending your letter for “{title}”, {day}",
        f"• Yes to updates on all campaigns, {day}",
        f"• Yes to updates on {title}, {day}",
        "• Which updates I’ve sent you, for 28 days after each was sent out",
    ]
    await maria.says("/forget")
    await maria.presses("Delete everything")
    await maria.says("/mydata")
    maria.hears(f"What I hold about you\n{CODES}{CHAT}")
    await olga.says("/mydata")
    assert olga.heard()[0].splitlines()[1:4] == [
        "• Your role in this bot: campaigner, with your Telegram name, encrypted. Your Telegram"
        " number is in the bot’s settings. This stays after /forget; only the person who runs the"
        " bot’s server can change it",
        "• The updates you’ve written, encrypted. /forget deletes drafts, and takes your name off"
        " the others",
        "• Your Telegram name and number in the log of what the team did, encrypted. This stays"
        " after /forget",
    ]


async def test_forget_asks_for_confirmation_and_can_be_declined(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    await maria.says("/forget")
    maria.hears(FORGET)
    assert maria.all_buttons == ["Delete everything", "No, keep it"]
    await maria.says("hm")
    maria.hears(f"Please tap one of these.\n\n{FORGET}")
    await maria.presses("No, keep it")
    maria.hears(f"✎ OK, nothing was deleted.\n\n{COUNTRY}")
    await maria.says("/forget")
    await maria.says("/cancel")
    maria.hears(f"OK, nothing was deleted.\n\n{COUNTRY}")
    await maria.says("Portugal")
    maria.hears(PORTUGAL)


async def test_forget_without_a_letter_in_progress(stage: Stage, maria: Chat) -> None:
    await maria.says("/forget")
    await maria.presses("No, keep it")
    maria.hears("✎ OK, nothing was deleted.")
    await maria.says("/forget")
    await maria.says("/cancel")
    maria.hears("OK, nothing was deleted.")


async def test_forget_erases_everything(stage: Stage, maria: Chat) -> None:
    """This includes a letter that is not sent yet: it is never sent."""
    await maria.comes_to_the_review()
    await maria.presses("Send in my name", "Yes", "Yes")
    await maria.says("/settings")
    await maria.presses("🌐 Language")
    await maria.turns_to("中文 (繁體) *")
    (leaves,) = [each for each in maria.person.chat() if "will be sent in 30" in each["text"]]
    await maria.says("/forget")
    await maria.presses("全部刪除")
    maria.hears("✎ 你的信已收回，沒有寄出。", "你的回答、資料、信件和訂閱都已刪除。…")
    assert maria.all_buttons[-1:] == ["清除這個對話"]
    await stage.later(minutes=1)
    assert stage.mails_to(TARGET) == []
    for table in (actions, outbox, consents, subscriptions):
        assert await read_table(stage, table) == []
    (chat,) = await read_table(stage, chats)
    assert (chat["encrypted_preferences"], chat["encrypted_details"]) == (None, None)
    await maria.presses_again(leaves["message_id"], leaves["keyboard"][0][0]["data"])
    maria.hears("(That letter was already cancelled.)")
    await maria.says("/mydata")
    maria.hears(f"What I hold about you\n{CODES}{CHAT}")
    await stage.later(hours=48, seconds=1)
    await stage.run_retention()
    for table in (chats, codes):
        assert await read_table(stage, table) == []


async def test_the_answer_to_forget_is_accurate(stage: Stage, maria: Chat) -> None:
    await maria.says("/forget")
    await maria.presses("Delete everything")
    maria.hears(forgotten(stage))
    await maria.starts("hong-kong")
    await maria.presses("Clear this chat")
    assert maria.last["photo"]
    assert len(maria.person.chat()) == 1
    assert "Write the letter" in maria.all_buttons
