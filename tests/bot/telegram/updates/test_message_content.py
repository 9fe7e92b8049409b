"""What a message contains: a text, a command, a picture, or a report of Telegram."""

from typing import Any

import pytest
from telegram import Message

from bot.telegram.updates.inbound import IncomingUpdate, read
from bot.telegram.updates.message_content import _KINDS, CLASSIFIED, DETAILS, UNANSWERED
from conversations.core.events import (
    CommandSent,
    Event,
    MediaSent,
    MessageEdited,
    StartPressed,
    TextSent,
)
from conversations.model.broadcast import Media, Part
from tests.bot.telegram.updates.samples import (
    BOLD,
    LENGTH,
    SIZE,
    file,
    incoming,
    message,
)


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


def test_formatting_is_kept_and_what_telegram_finds_by_itself_is_not() -> None:
    entities = [{**BOLD, "something_new": "?"}, {"type": "url", "offset": 5, "length": 9}]
    said = message(text="Look a.example", entities=entities)
    assert incoming({"update_id": 5, "message": said}).event == TextSent("Look a.example", (BOLD,))


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


@pytest.mark.parametrize("content", [{}, True, [], {"unexpected": [1]}, "text", 7])
@pytest.mark.parametrize("field", sorted(UNANSWERED))
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
    assert len(CLASSIFIED) == len(DETAILS) + len(UNANSWERED) + len(_KINDS)
