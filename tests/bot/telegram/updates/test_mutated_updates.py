"""Updates with fields gone wrong: none of them raises."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from bot.telegram.updates.inbound import IncomingUpdate, MalformedUpdate, read
from tests.bot.telegram.updates.samples import (
    BOLD,
    BOT,
    CHAT,
    GROUP,
    JOURNEY,
    SIZE,
    file,
    member,
    message,
    press,
)

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
