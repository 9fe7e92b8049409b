"""What happens to a letter after Send: undo, delivery, refusals, delays and unknown results."""

from sqlalchemy import update

from storage.schema.tables import actions, counters, tallies
from storage.schema.tables import outbox as mails
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import CANCELLED, HELD_BACK, LEAVES, REMEMBER, TARGET, UPDATES, WELCOME
from tests.stories.records import read_table

TOO_LATE = "(Too late: the letter is already on its way, and email can’t be called back.)"
LEFT = (
    "UTC. If I hear that it came back, I’ll tell you here.\n\nThank you. The people of Hong Kong"
    " are not alone, and your letter tells their government so."
)


async def sends(chat: Chat) -> None:
    await chat.comes_to_the_review()
    await chat.presses("Send in my name")


async def sent_tally(stage: Stage) -> int:
    """Return how many letters the daily figures count as sent."""
    return sum(
        row["count"]
        for row in await read_table(stage, tallies)
        if row["value"] == "sent" and row["day"]
    )


# --- undo ---------------------------------------------------------------------------------------


async def test_undo_in_time_removes_the_action(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    assert await sent_tally(stage) == 1
    await maria.presses("Undo")
    assert maria.heard()[0] == f"✎ {HELD_BACK}"
    assert await read_table(stage, actions) == []
    assert await sent_tally(stage) == 0
    await stage.later(minutes=5)
    assert stage.mails_to(TARGET) == []
    assert await read_table(stage, counters) == []


async def test_undo_when_the_letter_is_already_sent(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    button = next(m for m in maria.person.chat() if m["text"] == LEAVES)
    data = button["keyboard"][0][0]["data"]
    await stage.later(seconds=31)
    await maria.presses_again(button["message_id"], data)
    maria.hears(TOO_LATE)
    assert len(stage.mails_to(TARGET)) == 1


async def test_undo_twice(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    await maria.presses_at_once("Undo", "Undo")
    maria.hears(
        f"✎ {HELD_BACK}",
        "Here’s your letter again, in case you want to change it.\n\nThis is your letter.…",
        "(That letter was already cancelled.)",
    )


async def test_undo_an_earlier_letter_while_writing_another(stage: Stage, maria: Chat) -> None:
    """The first letter is cancelled, and the second stays as it is."""
    stage.opens("river")
    await sends(maria)
    await maria.starts("river")
    await maria.presses("Write the letter", "Undo")
    maria.hears(f"✎ {HELD_BACK}")
    await maria.says("Maria Silva")
    maria.hears("2/4 · Which country do you live in? Tap one or type it.")
    await stage.later(minutes=1)
    assert stage.mails_to(TARGET) == []


async def test_undo_and_then_cancel(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    await maria.presses("Undo", "Cancel")
    maria.hears(f"✎ {CANCELLED}")
    await maria.starts()
    maria.hears(WELCOME)


async def test_no_time_to_undo(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 30", "undo_seconds = 0")
    await sends(maria)
    maria.hears("Your letter is on its way…", UPDATES, REMEMBER)
    assert "Undo" not in maria.all_buttons
    await stage.send_mail()
    assert maria.heard()[-1].startswith("✎ ✓ Your letter was sent at ")


async def test_a_long_time_to_undo(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 30", "undo_seconds = 3600")
    await sends(maria)
    assert maria.heard()[0].startswith("Your letter is scheduled for ")
    assert "Undo" in maria.all_buttons


# --- delivery -----------------------------------------------------------------------------------


async def test_one_message_shows_the_letters_status(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    written = len(maria.person.chat())
    await stage.later(seconds=31)
    (*_, said) = maria.heard()
    assert said.endswith(LEFT)
    assert len(maria.person.chat()) == written


async def test_the_number_is_hidden_until_there_are_enough(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "show_counter_from = 5", "show_counter_from = 2")
    stage.edits("hong-kong/campaign.toml", "goal = 20000", "goal = 16")
    await maria.sends_the_letter()
    assert "You’re number" not in maria.heard()[-1]
    pedro = stage.person("Pedro")
    await pedro.starts("hong-kong")
    (welcome,) = pedro.heard()
    assert "letters accepted" not in welcome
    await pedro.sends_the_letter(address="pedro@mail.example")
    assert " UTC. You’re number 2. If I hear" in pedro.heard()[-1]
    ana = stage.person("Ana")
    await ana.starts("hong-kong")
    (welcome,) = ana.heard()
    assert "\n2 of 16 letters accepted ▓░░░░░░░\n\n" in welcome


async def test_a_letter_that_is_refused(stage: Stage, maria: Chat) -> None:
    stage.inbox.refusals[TARGET] = "550 5.1.1 <chief-executive@government-hk.example> unknown"
    await maria.sends_the_letter()
    assert maria.heard()[-1] == (
        "✎ Your letter was refused: the mail server doesn’t know that mailbox. It isn’t counted."
        " To reach a person, write to people@open-letters-hk.example."
    )
    assert [row["accepted"] for row in await read_table(stage, counters)] == [0]
    assert "Undo" not in maria.all_buttons
    await maria.says("/mydata")
    assert ": failed, not counted. Maria Silva, Portugal" in maria.heard()[0]

    stage.inbox.refusals.clear()
    await stage.later(minutes=1)
    await maria.sends_the_letter()
    assert maria.heard()[-1].endswith(LEFT)
    assert len(await read_table(stage, actions)) == 1
    assert await sent_tally(stage) == 1


async def test_a_letter_that_is_refused_as_spam(stage: Stage, maria: Chat) -> None:
    stage.inbox.refusals[TARGET] = "554 5.7.1 rejected by policy"
    await maria.sends_the_letter()
    assert maria.heard()[-1] == (
        "✎ Your letter was refused: the mail server doesn’t accept mail like this. It isn’t"
        " counted. To reach a person, write to people@open-letters-hk.example."
    )


async def test_a_letter_that_is_delayed(stage: Stage, maria: Chat) -> None:
    stage.inbox.refusals[TARGET] = "450 4.2.0 later, please"
    await maria.sends_the_letter()
    (*_, said) = maria.heard()
    assert said.startswith(
        "✎ The mail server asked me to try again later. Nothing is lost. Next try: "
    )
    assert said.endswith(" UTC.")
    await maria.says("/mydata")
    assert ": waiting for another try." in maria.heard()[0]
    await maria.presses("Undo")
    assert maria.heard()[0] == f"✎ {HELD_BACK}"
    stage.inbox.refusals.clear()
    await maria.presses("Send in my name")
    await stage.later(seconds=31)
    assert maria.heard()[-1].endswith(LEFT)


async def test_a_letter_that_cannot_be_delivered_in_time(stage: Stage, maria: Chat) -> None:
    stage.inbox.refusals[TARGET] = "450 4.2.0 later, please"
    await maria.sends_the_letter()
    await stage.later(days=5)
    assert maria.heard()[-1] == (
        "✎ I couldn’t deliver your letter within five days, so I’ve stopped trying. It isn’t"
        " counted. To reach a person, write to people@open-letters-hk.example."
    )


async def test_a_letter_of_unknown_state(stage: Stage, maria: Chat) -> None:
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    assert maria.heard()[-1] == (
        "✎ The connection broke at the last moment, so I can’t tell yet whether your letter"
        " arrived. Unless it comes back, I’ll send it once more."
    )
    await maria.says("/mydata")
    assert ": outcome uncertain." in maria.heard()[0]
    stage.inbox.dying.clear()
    await stage.later(hours=2)
    assert maria.heard()[-1].endswith(LEFT)
    first, second = stage.mails_to(TARGET)
    assert first.message["Message-ID"] == second.message["Message-ID"]


async def test_a_letter_whose_state_stays_unknown(stage: Stage, maria: Chat) -> None:
    stage.inbox.dying.add(TARGET)
    await maria.sends_the_letter()
    await stage.later(hours=2)
    assert maria.heard()[-1] == (
        "✎ The connection broke at the last moment, so I can’t tell whether your letter arrived."
        " I won’t send it again, because it might arrive twice. It isn’t counted."
    )
    await stage.later(days=1)
    assert len(stage.mails_to(TARGET)) == 2


async def test_a_letter_whose_row_is_damaged(stage: Stage, maria: Chat) -> None:
    await sends(maria)
    async with stage.bot() as app:
        await app.core.database.transact(
            lambda c: c.execute(update(mails).values(encrypted_content=b"!"))
        )
    await stage.later(seconds=31)
    assert maria.heard()[-1] == (
        "✎ Something broke on my side, and your letter can’t be sent. It isn’t counted. To reach"
        " a person, write to people@open-letters-hk.example."
    )
