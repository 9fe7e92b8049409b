"""What Maria does in her chat, and what strangers send in Telegram's place."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.telegram.updates.inbound import IncomingUpdate, MalformedUpdate, read
from conversations.core.buttons import journey as buttons
from conversations.core.buttons import persistent
from conversations.core.buttons.packing import UnknownButton
from conversations.core.events import (
    BotBlocked,
    BotUnblocked,
    Event,
    PersistentButtonPressed,
    TextSent,
    TurnButtonPressed,
)
from storage.load_facts import TelegramProfile
from tests.bot.telegram.updates.samples import (
    BOT,
    CHAT,
    GROUP,
    JOURNEY,
    MARIA,
    incoming,
    member,
    message,
    press,
)


def test_a_message_says_who_where_and_what() -> None:
    assert read({"update_id": 5, "message": message(text="Maria Silva")}) == IncomingUpdate(
        update_id=5,
        chat=4200,
        profile=TelegramProfile("Maria Silva", "pt-br"),
        event=TextSent("Maria Silva"),
        message_id=7,
        topic=0,
        sent=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
    )


@pytest.mark.parametrize("date", [None, "1700000000", 1.5, True, 0, -1, 10**99])
def test_a_message_whose_date_is_none_is_answered_all_the_same(date: object) -> None:
    came = incoming({"update_id": 5, "message": message(text="Maria Silva", date=date)})
    assert (came.event, came.sent) == (TextSent("Maria Silva"), None)


def test_bots_are_not_answered() -> None:
    """A bot that answers bots may answer itself without end."""
    for update in (
        {"update_id": 5, "message": message(text="hi", **{"from": BOT})},
        {"update_id": 5, "edited_message": message(text="hi", **{"from": BOT})},
    ):
        assert incoming(update).event is None
    via = message(text="Maria Silva", via_bot=BOT)
    assert incoming({"update_id": 5, "message": via}).event == TextSent("Maria Silva")


def test_an_answer_to_an_old_message_is_an_answer() -> None:
    for more in (
        {"reply_to_message": message(text="What's your name?")},
        {"reply_to_message": {"chat": CHAT, "message_id": 1, "date": 0}},
        {"external_reply": {"origin": {"type": "user"}}, "quote": {"text": "name"}},
        {"reply_to_message": "gone"},
        {"is_from_offline": True, "effect_id": "7", "something_new": {}},
    ):
        said = message(text="Maria Silva", **more)
        assert incoming({"update_id": 5, "message": said}).event == TextSent("Maria Silva")


@pytest.mark.parametrize(
    ("fields", "topic"),
    [
        ({"message_thread_id": 12, "is_topic_message": True}, 12),
        ({"message_thread_id": 12}, 12),
        ({"is_topic_message": True}, 0),
        ({"message_thread_id": 0}, 0),
        ({"message_thread_id": -1}, 0),
        ({"message_thread_id": "12"}, 0),
        ({"message_thread_id": True}, 0),
        ({"message_thread_id": 2**70}, 0),
        ({"message_thread_id": None}, 0),
    ],
)
def test_the_topic_of_a_message(fields: dict[str, Any], topic: int) -> None:
    said = message(text="hi", **fields)
    assert incoming({"update_id": 5, "message": said}).topic == topic
    assert incoming({"update_id": 5, "edited_message": said}).topic == topic
    assert incoming(press("s:undo:a", message=said)).topic == topic


def test_a_topic_that_is_not_told_is_unknown() -> None:
    old = {"chat": CHAT, "message_id": 7, "date": 0}
    assert incoming(press("s:undo:a", message=old)).topic is None
    assert incoming(member("kicked", CHAT)).topic is None


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (f"t:{JOURNEY}:12:country:HK", TurnButtonPressed(buttons.ChooseCountry("HK"), JOURNEY, 12)),
        (f"t:{JOURNEY}:0:yes", TurnButtonPressed(buttons.TakeSuggestedAddress(), JOURNEY, 0)),
        (f"t:{JOURNEY}:1:what", TurnButtonPressed(UnknownButton(), JOURNEY, 1)),
        ("s:undo:abc", PersistentButtonPressed(persistent.UndoSend("abc"))),
        ("s:undo", PersistentButtonPressed(UnknownButton())),
        ("s:", PersistentButtonPressed(UnknownButton())),
        ("t:short:1:yes", PersistentButtonPressed(UnknownButton())),
        (f"t:{JOURNEY}:-1:yes", PersistentButtonPressed(UnknownButton())),
        (f"t:{JOURNEY}:١:yes", PersistentButtonPressed(UnknownButton())),
        (f"t:{JOURNEY}:9999999999:yes", PersistentButtonPressed(UnknownButton())),
        (f"t:{JOURNEY}:1:", PersistentButtonPressed(UnknownButton())),
        ("yes", PersistentButtonPressed(UnknownButton())),
        ("", PersistentButtonPressed(UnknownButton())),
        (None, PersistentButtonPressed(UnknownButton())),
    ],
)
def test_a_button_is_pressed(data: object, event: Event) -> None:
    came = incoming(press(data))
    assert (came.event, came.callback_id, came.chat, came.message_id) == (event, "99", 4200, 7)


def test_a_press_on_a_message_too_old_to_be_shown_is_hers_still() -> None:
    old = {"chat": CHAT, "message_id": 7, "date": 0}
    assert incoming(press("s:undo:a", message=old)).message_id == 7
    query = {"id": "99", "from": MARIA, "chat_instance": "7", "inline_message_id": "x"}
    came = incoming({"update_id": 5, "callback_query": {**query, "data": "s:undo:a"}})
    assert (came.chat, came.message_id, came.event) == (
        4200,
        None,
        PersistentButtonPressed(persistent.UndoSend("a")),
    )


def test_she_blocks_the_bot_and_comes_back() -> None:
    assert incoming(member("kicked", CHAT)).event == BotBlocked()
    assert incoming(member("member", CHAT)).event == BotUnblocked()


def test_in_a_group_there_is_nothing_to_answer_but_to_leave() -> None:
    for update in (
        {"update_id": 5, "message": {**message(text="/start"), "chat": GROUP}},
        press("s:undo:a", message={**message(), "chat": GROUP}),
        member("member", GROUP),
    ):
        came = incoming(update)
        assert (came.group, came.channel, came.chat, came.event) == (True, False, -100200, None)


@pytest.mark.parametrize("kind", ["channel", "something_new", ""])
def test_a_channel_is_left_silently(kind: str) -> None:
    channel = {**GROUP, "type": kind}
    for update in (
        member("administrator", channel),
        {"update_id": 5, "message": {**message(text="/start"), "chat": channel}},
        press("s:undo:a", message={**message(), "chat": channel}),
    ):
        came = incoming(update)
        assert (came.group, came.channel, came.chat, came.event) == (True, True, -100200, None)


def test_an_administrator_with_rights_that_are_not_known_is_understood() -> None:
    promoted = member("administrator", {**GROUP, "type": "channel"})
    promoted["my_chat_member"]["new_chat_member"] = {"user": BOT, "status": "administrator"}
    assert incoming(promoted).channel
    assert incoming(member("restricted", GROUP)).group


@pytest.mark.parametrize(
    "kind",
    [
        *("channel_post", "edited_channel_post", "business_connection", "business_message"),
        *("edited_business_message", "deleted_business_messages", "guest_message"),
        *("message_reaction", "message_reaction_count", "inline_query", "chosen_inline_result"),
        *("shipping_query", "pre_checkout_query", "purchased_paid_media", "poll", "poll_answer"),
        *("chat_member", "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot"),
        "something_new",
    ],
)
def test_other_kinds_of_updates_are_passed_over(kind: str) -> None:
    assert read({"update_id": 5, kind: message(text="hi")}) is None


def test_having_left_a_group_is_no_reason_to_leave_it() -> None:
    assert read(member("left", GROUP)) is None
    assert read(member("kicked", GROUP)) is None


def test_what_was_not_asked_for_is_passed_over() -> None:
    assert read({"update_id": 5, "inline_query": {"id": "1"}}) is None


@pytest.mark.parametrize(
    ("update", "malformed"),
    [
        (None, MalformedUpdate(None, "update")),
        ([], MalformedUpdate(None, "update")),
        ({}, MalformedUpdate(None, "update_id")),
        ({"update_id": True, "message": message()}, MalformedUpdate(None, "update_id")),
        ({"update_id": 2**80, "message": message()}, MalformedUpdate(None, "update_id")),
        ({"update_id": 2**31, "message": message()}, MalformedUpdate(None, "update_id")),
        ({"update_id": -5, "message": message()}, MalformedUpdate(None, "update_id")),
        ({"update_id": 5}, MalformedUpdate(5, "content")),
        ({"update_id": 5, "message_reaction": 7}, MalformedUpdate(5, "content")),
        ({"update_id": 5, "message": None}, MalformedUpdate(5, "message")),
        ({"update_id": 5, "message": message(text=7)}, MalformedUpdate(5, "text")),
        ({"update_id": 5, "message": {**message(text="a"), "chat": 1}}, MalformedUpdate(5, "chat")),
        ({"update_id": 5, "message": {**message(), "chat": {"id": 1}}}, MalformedUpdate(5, "type")),
        ({"update_id": 5, "message": {**message(), "from": "me"}}, MalformedUpdate(5, "from")),
        ({"update_id": 5, "callback_query": {"id": "1"}}, MalformedUpdate(5, "from")),
        ({"update_id": 5, "my_chat_member": {"chat": CHAT}}, MalformedUpdate(5, "new_chat_member")),
    ],
)
def test_what_is_wrong_is_named_by_its_field(update: object, malformed: MalformedUpdate) -> None:
    assert read(update) == malformed


def test_a_name_that_is_none_is_no_reason_to_refuse_a_person() -> None:
    odd = {**MARIA, "first_name": 7, "last_name": None, "language_code": ["en"]}
    came = incoming({"update_id": 5, "message": {**message(text="hi"), "from": odd}})
    assert came.profile == TelegramProfile("", "")
