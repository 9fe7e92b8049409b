"""What Maria does in her chat, and what strangers send in Telegram's place."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from telegram import Message

from bot.telegram.updates.inbound import IncomingUpdate, MalformedUpdate, read
from bot.telegram.updates.message_content import _KINDS, CLASSIFIED, DETAILS
from conversations.core.buttons import journey as buttons
from conversations.core.buttons.packing import UnknownButton
from conversations.core.events import (
    BotBlocked,
    BotUnblocked,
    CommandSent,
    Event,
    MediaSent,
    MessageEdited,
    PersistentButtonPressed,
    StartPressed,
    TextSent,
    TurnButtonPressed,
)
from conversations.model.broadcast import Media, Part
from storage.load_facts import TelegramProfile

MARIA = {
    "id": 4200,
    "is_bot": False,
    "first_name": "Maria",
    "last_name": "Silva",
    "language_code": "pt-br",
}
CHAT = {"id": 4200, "type": "private", "first_name": "Maria"}
GROUP = {"id": -100200, "type": "supergroup", "title": "Rivers"}
BOT = {"id": 77, "is_bot": True, "first_name": "Action", "username": "action_bot"}
RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info"),
    *("can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories"),
)
"""What an administrator may or may not do (Bot API, ChatMemberAdministrator)."""

JOURNEY = "0123456789abcdef"


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1_700_000_000, "chat": CHAT, "from": MARIA, **content}


def press(data: object, **more: Any) -> dict[str, Any]:
    query = {"id": "99", "from": MARIA, "chat_instance": "7", "message": message(text="Send?")}
    return {"update_id": 5, "callback_query": {**query, "data": data, **more}}


def member(status: str, chat: dict[str, Any]) -> dict[str, Any]:
    more: dict[str, dict[str, Any]] = {
        "kicked": {"until_date": 0},
        "administrator": dict.fromkeys(RIGHTS, False),
    }
    return {
        "update_id": 5,
        "my_chat_member": {
            "chat": chat,
            "from": MARIA,
            "date": 1_700_000_000,
            "old_chat_member": {"user": BOT, "status": "left"},
            "new_chat_member": {"user": BOT, "status": status, **more.get(status, {})},
        },
    }


def incoming(update: dict[str, Any]) -> IncomingUpdate:
    came = read(update)
    assert isinstance(came, IncomingUpdate)
    return came


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


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("Maria Silva", TextSent("Maria Silva")),
        ("12345", TextSent("12345")),
        (" 1234 5678\n", TextSent(" 1234 5678\n")),
        ("/", TextSent("/")),
        ("/home/maria", TextSent("/home/maria")),
        ("/start", StartPressed()),
        ("/start hong-kong__flyer", StartPressed("hong-kong__flyer")),
        ("/START@Action_Bot hong-kong", StartPressed("hong-kong")),
        ("/start hong kong", StartPressed()),
        ("/start " + "x" * 65, StartPressed()),
        ("/help", CommandSent("help")),
        ("/Help@action_bot me  now ", CommandSent("help", "me  now")),
        ("/help\nme", CommandSent("help", "me")),
        ("/HELP", CommandSent("help")),
        ("\uff0fhelp", CommandSent("help")),
        ("\uff0f\uff28\uff45\uff4c\uff50\uff20Action_Bot me", CommandSent("help", "me")),
        ("\uff0fstart\u3000hong-kong", StartPressed("hong-kong")),
        ("/start@other_bot hong-kong", StartPressed("hong-kong")),
        ("\u200e/start hong-kong\u200f", StartPressed("hong-kong")),
        ("\ufeff/help", CommandSent("help")),
        ("/help.", CommandSent("help")),
        ("/help!", CommandSent("help")),
        ("/help\u3002", CommandSent("help")),
        ("/mydata, please", CommandSent("mydata", "please")),
        ("/help/me", TextSent("/help/me")),
        ("help", TextSent("help")),
        ("1/2", TextSent("1/2")),
        ("/" + "x" * 33, TextSent("/" + "x" * 33)),
        ("", TextSent("")),
    ],
)
def test_what_is_typed(text: str, event: Event) -> None:
    assert incoming({"update_id": 5, "message": message(text=text)}).event == event


BOLD: dict[str, Any] = {"type": "bold", "offset": 0, "length": 4}


def test_formatting_is_kept_and_what_telegram_finds_by_itself_is_not() -> None:
    entities = [{**BOLD, "something_new": "?"}, {"type": "url", "offset": 5, "length": 9}]
    said = message(text="Look a.example", entities=entities)
    assert incoming({"update_id": 5, "message": said}).event == TextSent("Look a.example", (BOLD,))


def file(file_id: object, **more: Any) -> dict[str, Any]:
    """Return a file as the Bot API describes it (PhotoSize, Video, Animation, Document)."""
    return {"file_id": file_id, "file_unique_id": "u", **more}


SIZE = {"width": 90, "height": 60}
LENGTH = {**SIZE, "duration": 5}


def test_a_text_is_answered_though_its_formatting_cannot_be_read() -> None:
    said = message(text="Look a.example", entities=[BOLD, "?"])
    assert incoming({"update_id": 5, "message": said}).event == TextSent("Look a.example")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (
            {"photo": [file("small", **SIZE), file("large", **SIZE)], "media_group_id": "7"},
            Part(Media.PHOTO, file_id="large", album="7"),
        ),
        (
            {"video": file("v", **LENGTH), "caption": "Look", "caption_entities": [BOLD]},
            Part(Media.VIDEO, "Look", (BOLD,), "v"),
        ),
        (
            {"animation": file("a", **LENGTH), "document": file("a")},
            Part(Media.ANIMATION, file_id="a"),
        ),
        ({"document": {"file_id": 7}}, None),
    ],
)
def test_what_can_be_passed_on(content: dict[str, Any], part: Part | None) -> None:
    event = incoming({"update_id": 5, "message": message(**content)}).event
    assert isinstance(event, MediaSent)
    assert event.part == part


@pytest.mark.parametrize(
    ("content", "event"),
    [
        ({"sticker": {}}, MediaSent("sticker")),
        ({"voice": {}}, MediaSent("voice")),
        ({"photo": [{}], "caption": "me"}, MediaSent("photo")),
        ({"animation": {}, "document": {}}, MediaSent("animation")),
        ({"document": {}}, MediaSent("document")),
        (
            {"text": "12345", "forward_origin": {"type": "user"}},
            MediaSent("forwarded", Part(Media.TEXT, "12345")),
        ),
        ({"something_new": {}, "caption": "me"}, MediaSent("other")),
        ({"something_new": {}}, None),
        ({}, None),
        ({"pinned_message": {}}, None),
        ({"venue": {}, "location": {}}, MediaSent("venue")),
        ({"live_photo": {}}, MediaSent("live_photo")),
        ({"story": {}}, MediaSent("story")),
        ({"gift": {}, "forward_origin": {"type": "user"}}, MediaSent("forwarded")),
        ({"text": "hi", "business_connection_id": "7"}, None),
        ({"text": "hi", "guest_query_id": "7"}, None),
    ],
)
def test_what_is_not_text(content: dict[str, Any], event: Event | None) -> None:
    assert incoming({"update_id": 5, "message": message(**content)}).event == event


def test_an_older_message_is_edited() -> None:
    came = incoming({"update_id": 5, "edited_message": message(text="Mario")})
    assert (came.event, came.message_id) == (MessageEdited(), 7)


@pytest.mark.parametrize(
    ("content", "event"),
    [
        ({"text": "Mario"}, MessageEdited()),
        ({"photo": [], "caption": "me"}, MessageEdited()),
        ({"document": {}}, MessageEdited()),
        ({"location": {"live_period": 600}}, None),  # clients edit a live location by themselves
        ({"poll": {}}, None),
        ({"checklist": {}}, None),
        ({"something_new": {}}, None),
        ({}, None),
    ],
)
def test_what_counts_as_an_edit(content: dict[str, Any], event: Event | None) -> None:
    assert incoming({"update_id": 5, "edited_message": message(**content)}).event == event


SERVICE = sorted(CLASSIFIED - DETAILS - frozenset(_KINDS))


@pytest.mark.parametrize("content", [{}, True, [], {"unexpected": [1]}, "text", 7])
@pytest.mark.parametrize("field", SERVICE)
def test_a_service_message_is_not_answered(field: str, content: object) -> None:
    came = read({"update_id": 5, "message": message(**{field: content})})
    assert isinstance(came, IncomingUpdate)
    assert came.event is None


def test_every_field_of_a_message_is_classified() -> None:
    """A new version of the library has a field that nobody classified: add it to its list."""
    fields = {name for name in Message.__slots__ if not name.startswith("_")}
    fields |= {"message_id", "date", "chat"}
    assert {name.replace("from_user", "from") for name in fields} == CLASSIFIED


def test_a_field_has_one_class() -> None:
    assert len(CLASSIFIED) == len(DETAILS) + len(SERVICE) + len(_KINDS)


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


# --- topics -------------------------------------------------------------------------------------


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
        ("s:undo:abc", PersistentButtonPressed(buttons.UndoSend("abc"))),
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
        PersistentButtonPressed(buttons.UndoSend("a")),
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


FIELDS = some.sampled_from(
    [
        *("update_id", "message", "edited_message", "callback_query", "my_chat_member", "chat"),
        *("from", "id", "type", "text", "data", "message_id", "new_chat_member", "status"),
        *("forward_origin", "sticker", "first_name", "message_thread_id", "is_topic_message"),
        *("forum_topic_created", "gift", "checklist", "via_bot", "is_bot", "reply_to_message"),
        *("entities", "caption", "date", "old_chat_member", "business_connection_id", "quote"),
    ]
)
VALUES = some.recursive(
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats()
    | some.text(max_size=40)
    | some.sampled_from(["private", "kicked", "/start x", f"t:{JOURNEY}:1:yes", "s:undo"]),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(FIELDS | some.text(), inner, max_size=6)
    ),
)


@given(VALUES)
@settings(max_examples=400)
def test_nothing_that_json_can_say_raises(update: object) -> None:
    assert isinstance(read(update), IncomingUpdate | MalformedUpdate | None)


TOPIC = {"message_thread_id": 12, "is_topic_message": True}
INACCESSIBLE = {"chat": CHAT, "message_id": 7, "date": 0}
SEEDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("message", message(text="hi")),
    ("message", message(text="/start@action_bot hong-kong", entities=[BOLD], **TOPIC)),
    ("message", message(text="hi", via_bot=BOT, reply_to_message=message(text="old"))),
    ("message", message(forum_topic_created={"name": "a", "icon_color": 7}, **TOPIC)),
    ("message", message(gift={"gift": {"id": "1"}}, paid_star_count=5)),
    ("message", message(checklist_tasks_done={"marked_as_done_task_ids": [1]})),
    ("message", message(suggested_post_approved={"send_date": 0}, direct_messages_topic={})),
    ("message", message(users_shared={"request_id": 1, "users": [{"user_id": 5}]})),
    ("message", message(photo=[file("p", **SIZE)], caption="me", media_group_id="7")),
    ("message", message(text="hi", forward_origin={"type": "hidden_user", "date": 0})),
    ("message", message(text="hi", **{"from": BOT})),
    ("edited_message", message(location={"latitude": 1, "longitude": 2, "live_period": 9})),
    ("edited_message", message(text="hi", edit_date=9, **TOPIC)),
    ("callback_query", press("s:a")["callback_query"]),
    ("callback_query", press("s:a", message=INACCESSIBLE)["callback_query"]),
    ("callback_query", press("s:a", message=message(text="a", **TOPIC))["callback_query"]),
    ("my_chat_member", member("kicked", CHAT)["my_chat_member"]),
    ("my_chat_member", member("administrator", {**GROUP, "type": "channel"})["my_chat_member"]),
)
"""Updates as Telegram sends them."""


@given(some.sampled_from(SEEDS), some.lists(FIELDS, min_size=1, max_size=3), VALUES)
@settings(max_examples=1500)
def test_no_real_update_with_one_field_gone_wrong_raises(
    seed: tuple[str, dict[str, Any]], path: list[str], value: object
) -> None:
    kind, real = seed

    def spoilt(fields: dict[str, Any], way: list[str]) -> dict[str, Any]:
        inner = fields.get(way[0])
        deeper = spoilt(inner, way[1:]) if len(way) > 1 and isinstance(inner, dict) else value
        return {**fields, way[0]: deeper}

    came = read({"update_id": 5, kind: spoilt(real, path)})
    assert isinstance(came, IncomingUpdate | MalformedUpdate | None)
    if isinstance(came, IncomingUpdate):
        assert came.topic is None or came.topic >= 0
        assert came.event is None or not came.group
