"""/mydata lists what is stored of a supporter, and /forget erases it."""

from datetime import timedelta

from storage.schema.tables import actions, chats, codes, consents, outbox, subscriptions
from tests.chat import Chat
from tests.domains import GMIAL
from tests.stage import Stage
from tests.stories.campaigners import appoint, send_broadcasts
from tests.stories.lines import COUNTRY, PORTUGAL, TARGET
from tests.stories.records import read_table

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
    """/forget also deletes a letter that is not sent yet."""
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
