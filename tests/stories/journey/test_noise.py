"""Unexpected input: stickers, edits, double presses, old buttons. Each gets a helpful answer."""

import asyncio
from typing import Any

import pytest

from bot.telegram.outbound import Messenger
from storage.schema.tables import actions
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import (
    A_PERSON,
    ADDRESS,
    ANSWERED,
    CANCELLED,
    COUNTRY,
    EARLIER,
    LEAVES,
    NAME,
    PORTUGAL,
    REMEMBER,
    TARGET,
    UPDATES,
    WELCOME_BUTTONS,
)
from tests.stories.records import read_table

STICKER = "Nice one! I can only read text and button taps, though."
OTHER = "I can only read text and button taps."
REVIEW = (
    "Your letter is above. If it says what you want, tap “Send in my name”; if not, tap “Change…”."
)
EDITED = (
    "I saw that you edited a message, but I only read new ones. To change an answer, tap “Back”"
    " or “Change…”, or type it again."
)


async def test_a_sticker_instead_of_an_answer(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.sends("sticker")
    maria.hears(STICKER)
    assert maria.buttons == WELCOME_BUTTONS
    await maria.presses("Write the letter", "Continue")
    await maria.sends("sticker")
    maria.hears(f"{STICKER}\n\n{NAME}")
    await maria.says("Maria Silva")
    await maria.sends("sticker")
    maria.hears(f"{STICKER}\n\n{COUNTRY}")
    assert maria.buttons[0] == ["🇵🇹 Portugal", "🇧🇷 Brazil"]
    await maria.presses("🇵🇹 Portugal")
    maria.hears(PORTUGAL)


@pytest.mark.parametrize(
    "kind", ["voice", "photo", "video", "document", "animation", "audio", "location", "contact"]
)
async def test_a_message_without_text(stage: Stage, maria: Chat, kind: str) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.sends(kind)
    maria.hears(f"{OTHER}\n\n{NAME}")
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


@pytest.mark.parametrize(
    "kind", ["video_note", "venue", "dice", "game", "story", "poll", "live_photo"]
)
async def test_other_content_gets_the_same_sentence(stage: Stage, maria: Chat, kind: str) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.receives(**{kind: {}})
    maria.hears(f"{OTHER}\n\n{NAME}")


@pytest.mark.parametrize(
    "reported",
    [
        {"forum_topic_created": {"name": "Rivers", "icon_color": 7322096}},
        {"forum_topic_edited": {"name": "Streams"}},
        {"forum_topic_closed": {}},
        {"gift": {"gift": {"id": "5"}}},
        {"unique_gift": {}},
        {"checklist": {"title": "To do", "tasks": []}},
        {"checklist_tasks_done": {"marked_as_done_task_ids": [1]}},
        {"checklist_tasks_added": {"tasks": []}},
        {"suggested_post_approved": {"send_date": 0}},
        {"suggested_post_declined": {"comment": "no"}},
        {"paid_message_price_changed": {"paid_message_star_count": 5}},
        {"direct_message_price_changed": {"are_direct_messages_enabled": True}},
        {"proximity_alert_triggered": {"distance": 5}},
        {"pinned_message": {"message_id": 1, "date": 0}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"users_shared": {"request_id": 1, "users": []}},
        {"write_access_allowed": {}},
        {"successful_payment": {}},
        {"refunded_payment": {}},
        {"new_chat_members": [{"id": 5, "is_bot": False, "first_name": "Ana"}]},
        {"something_new": {"x": 1}},
    ],
    ids=lambda reported: next(iter(reported)),
)
async def test_what_telegram_reports_is_not_answered(
    stage: Stage, maria: Chat, reported: dict[str, Any]
) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.receives(**reported)
    maria.hears()
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


async def test_a_live_location_that_moves_is_answered_once(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.sends("location")
    maria.hears(OTHER)
    moved = maria.person.messages[maria.person.last_id - 1]
    for _ in range(3):
        stage.telegram.queue_update("edited_message", moved, maria.person.id)
    await stage.answer_updates()
    maria.hears()


async def test_unexpected_text_at_the_review_does_not_repeat_the_letter(
    stage: Stage, maria: Chat
) -> None:
    await maria.comes_to_the_review()
    await maria.sends("sticker")
    maria.hears(f"{STICKER}\n\n{REVIEW}")
    await maria.says("looks good")
    maria.hears(f"{REVIEW}{A_PERSON}")
    await maria.presses("Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER)


async def test_unexpected_text_instead_of_the_code(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Portugal", "maria@mail.example")
    await maria.sends("photo")
    maria.hears(f"{OTHER}\n\nI still need the code from the email.")
    assert maria.buttons[0] == ["No code yet?"]
    await maria.types_the_code()
    maria.hears("This is your letter.…")


async def test_unexpected_text_without_a_letter_in_progress(stage: Stage, maria: Chat) -> None:
    await maria.sends("sticker")
    maria.hears(STICKER)
    await maria.says("hello")
    maria.hears(
        "I’m a bot and don’t understand much. Here’s what you can do:", "Action · Stand up…"
    )


async def test_a_forwarded_message_is_not_an_answer(stage: Stage, maria: Chat) -> None:
    """Text that another person wrote is not taken as the supporter's name."""
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.forwards("Pedro Santos")
    maria.hears(f"{OTHER}\n\n{NAME}")


async def test_an_edited_message(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Mara Silva")
    await maria.edits("Mara Silva", "Maria Silva")
    maria.hears(EDITED)
    await maria.presses("Back")
    maria.hears(f"✎ {NAME}")
    assert maria.all_buttons[0] == "Use “Mara Silva”"


async def test_two_buttons_pressed_at_once(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    await maria.presses_at_once("🇵🇹 Portugal", "🇧🇷 Brazil")
    maria.hears(PORTUGAL, EARLIER)
    await maria.says("/mydata")
    assert "Maria Silva, Portugal (kept for 24 hours)" in maria.heard()[0]


async def test_answers_keep_their_order_even_if_the_first_is_slow(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledge = Messenger.acknowledge

    async def slow(messenger: Messenger, callback: str) -> None:
        await asyncio.sleep(0.2)  # as a slow network
        await acknowledge(messenger, callback)

    monkeypatch.setattr(Messenger, "acknowledge", slow)
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva")
    async with asyncio.timeout(30):
        await maria.presses_at_once("🇵🇹 Portugal", "🇧🇷 Brazil")
    maria.hears(PORTUGAL, EARLIER)


async def test_send_pressed_twice(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses_at_once("Send in my name", "Send in my name")
    maria.hears(LEAVES, UPDATES, REMEMBER, ANSWERED)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1
    assert len(await read_table(stage, actions)) == 1


async def test_send_and_cancel_pressed_at_once(stage: Stage, maria: Chat) -> None:
    await maria.comes_to_the_review()
    await maria.presses_at_once("Cancel", "Send in my name")
    maria.hears(
        f"✎ {CANCELLED}",
        "(This conversation has ended. /start begins a new one.)",
    )
    await stage.later(seconds=31)
    assert stage.mails_to(TARGET) == []


async def test_a_forged_button(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    for data in ("", "t:0:0:send", "s:undo:0000", "s:remember:0000:yes", "s:what", "x" * 64):
        await maria.presses_again(maria.last["message_id"], data)
        (toast,) = maria.heard()
        assert toast in (
            ANSWERED,
            "(That’s no longer there.)",
            "(That letter was already cancelled.)",
        )


async def test_another_persons_button(stage: Stage, maria: Chat) -> None:
    """A button can only affect records of the person who presses it."""
    await maria.comes_to_the_review()
    await maria.presses("Send in my name")
    buttons = [
        button["data"]
        for message in maria.person.chat()
        for row in message["keyboard"]
        for button in row
        if ":undo:" in button["data"] or ":remember:" in button["data"]
    ]
    pedro = stage.person("Pedro")
    await pedro.starts("hong-kong")
    for data in buttons:
        await pedro.presses_again(pedro.last["message_id"], data)
    await stage.later(seconds=31)
    assert len(stage.mails_to(TARGET)) == 1
    await pedro.says("/mydata")
    assert "Maria" not in pedro.heard()[0]


@pytest.mark.parametrize("words", ["who are you", "Who are you?", "help", "你是誰？"])
async def test_who_are_you(stage: Stage, maria: Chat, words: str) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says(words)
    (told,) = maria.heard()
    assert told.startswith("I’m a bot. I help you write a letter to someone in power")
    assert told.endswith("Open Letters Hong Kong: people@open-letters-hk.example")
    await maria.says("Maria Silva")
    maria.hears(COUNTRY)


async def test_a_flood_of_stickers_changes_nothing(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.sends("sticker", "sticker", "sticker")
    maria.hears(f"{STICKER}\n\n{NAME}", *[f"{STICKER}\n\n{NAME}{A_PERSON}"] * 2)
    assert maria.all_buttons == ["Use “Maria Silva”", "Back", "Cancel"]


async def test_the_longest_text_that_telegram_accepts(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("M" * 4096)
    maria.hears(f"That’s a bit long. A name can have up to 100 characters.\n\n{NAME}")
    await maria.says("Maria Silva", "P" * 4096)
    maria.hears(COUNTRY, f"I don’t know that country. Try spelling it another way.\n\n{COUNTRY}")
    await maria.says("Portugal", "<b>&amp;\u202e</b>")
    maria.hears(
        PORTUGAL,
        "That doesn’t look like an email address yet. It should look like"
        f" name@mail.example.\n\n{ADDRESS}",
    )
