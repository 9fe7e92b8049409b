"""What a bot can send, edit and delete, and what Telegram refuses."""

from typing import Any

import pytest

from bot.playground.telegram import Person
from tests.bot.playground.api_client import NOT_MODIFIED, TOO_OLD, ApiClient, bad_request, keyboard

YES = {"text": "Yes", "callback_data": "y"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "message text is empty"),
        (" \n\t", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
    ],
)
async def test_lengths_of_text(api: ApiClient, maria: Person, text: str, why: str) -> None:
    assert await api.send(maria, text) == bad_request(why)


async def test_lengths_are_counted_after_entities(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    assert said["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]
    assert await api.send(maria, "<b> </b>", parse_mode="HTML") == bad_request(
        "message text is empty"
    )


async def test_white_space_at_both_ends_is_removed(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, "\n <b> One </b>two \n", parse_mode="HTML")
    assert (said["text"], said["entities"]) == (
        "One two",
        [{"type": "bold", "offset": 0, "length": 4}],
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<b>bold", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("é <p>x</p>", 'Unsupported start tag "p" at byte offset 3'),
        ('<span class="x">x</span>', 'Unsupported start tag "span" at byte offset 0'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
    ],
)
async def test_broken_html(api: ApiClient, maria: Person, text: str, why: str) -> None:
    answer = await api.send(maria, text, parse_mode="HTML")
    assert answer == bad_request(f"can't parse entities: {why}")


async def test_entities_count_utf_16(api: ApiClient, maria: Person) -> None:
    said = await api.send(
        maria, 'ok 😀 <a href="https://a.example?x=1&amp;y=2">a &lt; b</a>', parse_mode="HTML"
    )
    assert said["text"] == "ok 😀 a < b"
    assert said["entities"] == [
        {"type": "text_link", "offset": 6, "length": 5, "url": "https://a.example?x=1&y=2"}
    ]
    shown = maria.chat()[-1]["html"]
    assert shown == 'ok 😀 <a href="https://a.example?x=1&amp;y=2">a &lt; b</a>'


@pytest.mark.parametrize(
    ("entity", "why"),
    [
        ({"type": "bold", "offset": 0, "length": 3}, "ENTITY_BOUNDS_INVALID"),
        ({"type": "bold", "offset": -1, "length": 1}, "ENTITY_BOUNDS_INVALID"),
        ({"type": "bold"}, "can't parse MessageEntity: type, offset and length are needed"),
        (
            {"type": "text_link", "offset": 0, "length": 2},
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        ("bold", "can't parse entities JSON object: expected an Array of Objects"),
    ],
)
async def test_broken_entities(api: ApiClient, maria: Person, entity: Any, why: str) -> None:
    assert await api.send(maria, "ok", entities=[entity]) == bad_request(why)


async def test_explicit_entities_are_kept(api: ApiClient, maria: Person) -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    assert (await api.send(maria, "😀", entities=[bold]))["entities"] == [bold]


@pytest.mark.parametrize(
    ("button", "why"),
    [
        ({"text": "Yes", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "Yes", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "Mail", "url": "mailto:a@b.example"}, "BUTTON_URL_INVALID"),
        ({"text": "Copy", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "Copy", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "Copy", "copy_text": "x"}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "Nothing"}, "Text buttons are unallowed in the inline keyboard"),
        (
            {"text": "Both", "callback_data": "x", "url": "https://a.example"},
            "Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": " ", "callback_data": "x"},
            "can't parse keyboard button: text must be non-empty",
        ),
        ("Yes", 'can\'t parse keyboard button: Field "text" must be of type String'),
    ],
)
async def test_buttons(api: ApiClient, maria: Person, button: Any, why: str) -> None:
    assert await api.send(maria, reply_markup=keyboard(button)) == bad_request(why)


async def test_buttons_at_their_limits(api: ApiClient, maria: Person) -> None:
    buttons = [
        {"text": "Press", "callback_data": "é" * 32},
        {"text": "Open", "url": "tg://resolve?domain=action_bot"},
        {"text": "Copy", "copy_text": {"text": "x" * 256}},
    ]
    said = await api.send(maria, reply_markup={"inline_keyboard": [buttons, []]})
    assert said["reply_markup"] == {"inline_keyboard": [buttons]}
    assert [button["kind"] for button in maria.chat()[-1]["keyboard"][0]] == [
        "press",
        "url",
        "copy",
    ]


async def test_too_many_buttons(api: ApiClient, maria: Person) -> None:
    row = await api.send(maria, reply_markup={"inline_keyboard": [[YES] * 9]})
    rows = await api.send(maria, reply_markup={"inline_keyboard": [[YES]] * 101})
    assert row == rows == bad_request("REPLY_MARKUP_TOO_LONG")


async def test_reply_keyboards_belong_to_the_chat(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, reply_markup={"keyboard": [["One", {"text": "Two"}]]})
    assert ("reply_markup" in said, maria.keys()) == (False, [["One", "Two"]])
    await api.send(maria, reply_markup=keyboard(YES))
    maria.send("One")
    assert maria.keys() == [["One", "Two"]]
    await api.send(maria, reply_markup={"remove_keyboard": True})
    assert maria.keys() == []
    once = {"keyboard": [["Go"]], "one_time_keyboard": True}
    await api.send(maria, reply_markup=once)
    maria.send("Wait")
    assert maria.keys() == [["Go"]]
    maria.send("Go")
    assert maria.keys() == []
    nameless = await api.send(maria, reply_markup={"keyboard": [[{"request_contact": True}]]})
    assert nameless == bad_request(
        'can\'t parse keyboard button: Field "text" must be of type String'
    )


async def test_an_edit_accepts_inline_keyboards_only(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria)
    answer = await api(
        "editMessageText",
        chat_id=maria.id,
        message_id=said["message_id"],
        text="x",
        reply_markup={"keyboard": [["One"]]},
    )
    assert answer == bad_request("inline keyboard expected")


async def test_which_chats_the_bot_can_write_to(api: ApiClient, maria: Person) -> None:
    stranger = api.telegram.add_person(1002, "John")
    assert await api("sendMessage", chat_id=7, text="x") == bad_request("chat not found")
    answer = await api.send(stranger)
    assert answer == (403, "Forbidden: bot can't initiate conversation with a user")
    maria.block(blocked=True)
    blocked = (403, "Forbidden: bot was blocked by the user")
    assert await api.send(maria) == blocked
    assert await api("sendChatAction", chat_id=maria.id, action="typing") == blocked
    maria.start()
    assert (await api.send(maria))["text"] == "Hello"


async def test_a_press_can_be_answered_once_and_in_time(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, reply_markup=keyboard(YES))
    press = maria.press(said["message_id"], "Yes")
    assert await api("answerCallbackQuery", callback_query_id=press, text="Well") is True
    assert await api("answerCallbackQuery", callback_query_id=press) == bad_request(TOO_OLD)
    late = maria.press(said["message_id"], "Yes")
    api.clock.tick(seconds=151)
    assert await api("answerCallbackQuery", callback_query_id=late) == bad_request(TOO_OLD)
    assert await api("answerCallbackQuery", callback_query_id="7") == bad_request(TOO_OLD)
    assert maria.toasts == ["Well"]


async def test_a_toast_has_200_characters(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, reply_markup=keyboard(YES))
    press = maria.press(said["message_id"], "Yes")
    long = await api("answerCallbackQuery", callback_query_id=press, text="x" * 201)
    assert long == bad_request("MESSAGE_TOO_LONG")
    assert await api("answerCallbackQuery", callback_query_id=press, text="x" * 200) is True


async def test_an_edit_must_change_something(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, "One", reply_markup=keyboard(YES))
    where = {"chat_id": maria.id, "message_id": said["message_id"]}
    edited = await api("editMessageText", **where, text="Two")
    assert (edited["text"], "reply_markup" in edited) == ("Two", False)
    assert await api("editMessageText", **where, text="Two") == bad_request(NOT_MODIFIED)
    assert await api("editMessageText", **where, text="Two\n") == bad_request(NOT_MODIFIED)
    assert await api("editMessageReplyMarkup", **where) == bad_request(NOT_MODIFIED)
    with_button = await api("editMessageText", **where, text="Two", reply_markup=keyboard(YES))
    assert with_button["reply_markup"] == keyboard(YES)


async def test_messages_that_cannot_be_edited(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria, "One")
    where = {"chat_id": maria.id, "message_id": said["message_id"]}
    caption = await api("editMessageCaption", **where, caption="x")
    assert caption == bad_request("there is no caption in the message to edit")
    gone = await api("editMessageText", chat_id=maria.id, message_id=99, text="x")
    assert gone == bad_request("message to edit not found")
    hers = await api("editMessageText", chat_id=maria.id, message_id=1, text="x")
    assert hers == bad_request("message can't be edited")


async def test_deleting(api: ApiClient, maria: Person) -> None:
    first, second = [(await api.send(maria, text))["message_id"] for text in ("One", "Two")]
    assert await api("deleteMessages", chat_id=maria.id, message_ids=[first, 99]) is True
    assert await api("deleteMessage", chat_id=maria.id, message_id=1) is True
    gone = await api("deleteMessage", chat_id=maria.id, message_id=1)
    assert gone == bad_request("message to delete not found")
    api.clock.tick(hours=49)
    answer = await api("deleteMessage", chat_id=maria.id, message_id=second)
    assert answer == bad_request("message can't be deleted")
    assert await api("deleteMessages", chat_id=maria.id, message_ids=[second]) is True
    assert [message["text"] for message in maria.chat()] == ["Two"]
    for ids in ([], [1] * 101):
        answer = await api("deleteMessages", chat_id=maria.id, message_ids=ids)
        assert answer == bad_request("message identifiers are not specified")


async def test_a_message_can_be_deleted_for_48_hours(api: ApiClient, maria: Person) -> None:
    said = await api.send(maria)
    api.clock.tick(hours=48)
    answer = await api("deleteMessage", chat_id=maria.id, message_id=said["message_id"])
    assert answer is True


async def test_typing_is_shown(api: ApiClient, maria: Person) -> None:
    seen = maria.watch()
    assert await api("sendChatAction", chat_id=maria.id, action="typing") is True
    assert seen.get_nowait() == {"event": "typing", "action": "typing"}
    wrong = await api("sendChatAction", chat_id=maria.id, action="dancing")
    assert wrong == bad_request("wrong parameter action in request")


async def test_the_bot_can_write_to_a_group_until_it_leaves(api: ApiClient, maria: Person) -> None:
    group = api.telegram.add_group(-5, "Friends", maria)
    await api("sendMessage", chat_id=-5, text="In private only")
    assert await api("leaveChat", chat_id=-5) is True
    assert (group.messages, group.left) == (["In private only"], True)
    refused = (403, "Forbidden: bot is not a member of the group chat")
    assert await api("sendMessage", chat_id=-5, text="Once more") == refused
    assert await api("leaveChat", chat_id=-5) == refused
    assert await api("leaveChat", chat_id=-6) == bad_request("chat not found")
