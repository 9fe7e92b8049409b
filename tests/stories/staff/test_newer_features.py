"""Newer features of Telegram: coloured buttons, local times, copied links, a share card.

An older Bot API server refuses some of them; then the bot does without.
"""

from typing import Any

import pytest

from bot.playground.telegram.content import entities, keyboards
from storage.schema.tables import outbox
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.records import read_table
from tests.stories.staff.test_team import first_admin


def styles(chat: Chat) -> dict[str, str]:
    """Return the colours of the buttons of the bot's last message, by label."""
    return {each["text"]: each["style"] for row in chat.last["keyboard"] for each in row}


def copied(chat: Chat) -> list[str]:
    """Return what the buttons of the bot's last message copy."""
    keys = [each for row in chat.last["keyboard"] for each in row]
    return [each["copy"] for each in keys if each["kind"] == "copy"]


async def test_send_is_green(maria: Chat) -> None:
    await maria.comes_to_the_review()
    assert styles(maria) == {
        "Send in my name": "success",
        "Change…": "",
        "Cancel": "",
    }


async def test_delete_everything_is_red(maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.says("/forget")
    assert styles(maria)["Delete everything"] == "danger"


async def test_no_button_under_a_warning_is_coloured(maria: Chat) -> None:
    await maria.starts("hong-kong")
    await maria.presses("Write the letter", "Continue")
    await maria.says("Maria Silva", "Hong Kong")
    assert set(styles(maria).values()) == {""}


async def test_an_older_server_gets_no_colours(
    maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyboards, "_STYLES", ("primary",))
    await maria.comes_to_the_review()
    assert styles(maria)["Send in my name"] == ""


def times(stage: Stage, chat: Chat) -> list[dict[str, Any]]:
    """Return the times in the bot's messages that the reader sees in their own time zone."""
    messages = stage.telegram.people[chat.person.id].messages.values()
    found = [each for message in messages for each in message.get("entities", ())]
    return [each for each in found if each["type"] == "date_time"]


async def test_a_time_is_shown_in_the_readers_own_zone(stage: Stage, maria: Chat) -> None:
    await maria.sends_the_letter()
    at = stage.clock()
    text = f"✓ Your letter was sent at {at:%H:%M} UTC."
    assert maria.heard()[-1].startswith(f"✎ {text} If I hear")
    (letter,) = [row for row in await read_table(stage, outbox) if row["kind"] == "letter"]
    (time,) = times(stage, maria)
    assert time == {
        "type": "date_time",
        "offset": text.index(f"{at:%H:%M}"),
        "length": len("00:00 UTC"),
        "unix_time": int(letter["changed"].timestamp()),
        "date_time_format": "t",
    }


async def test_an_older_server_gets_times_in_utc(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(entities._ENTITY_OF_TAG, "tg-time")
    await maria.sends_the_letter()
    text = f"✎ ✓ Your letter was sent at {stage.clock():%H:%M} UTC. If I hear"
    assert maria.heard()[-1].startswith(text)
    assert times(stage, maria) == []


async def test_maria_forwards_the_share_card(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "show_counter_from = 5", "show_counter_from = 1")
    await maria.sends_the_letter()
    await maria.presses("Get a picture to share")
    link = f"https://t.me/{stage.telegram.username}?start=hong-kong__share"
    maria.hears(
        "Stand up for people's rights in Hong Kong\n\nPeople in Hong Kong are standing up for their"
        " rights. You can stand with them: a letter to their government takes about two minutes."
        f"\n\n1 of 20,000 letters accepted\n\n{link}"
    )
    assert maria.last["photo"]
    assert maria.link("Write the letter") == link


async def test_a_campaign_without_a_picture_has_no_share_card(stage: Stage, maria: Chat) -> None:
    stage.edits("hong-kong/campaign.toml", "picture = ", "# picture = ")
    await maria.sends_the_letter()
    assert "Share with friends" in maria.all_buttons
    assert "Get a picture to share" not in maria.all_buttons


async def test_links_can_be_copied(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "No source")
    assert copied(olga) == [f"https://t.me/{stage.telegram.username}?start=hong-kong"]
    await olga.says("/invite campaigner")
    (invitation,) = copied(olga)
    assert invitation in olga.heard()[0]


async def test_an_older_server_gets_links_as_text_only(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyboards, "_BUTTON_KINDS", ("callback_data", "url"))
    olga = await first_admin(stage)
    await olga.says("/invite campaigner")
    assert "https://t.me/" in olga.heard()[0]
    assert olga.last["keyboard"] == []


async def test_the_chat_shows_that_a_file_is_being_written(maria: Chat) -> None:
    await maria.sends_the_letter()
    changes = maria.person.watch()
    await maria.says("/mydata")
    await maria.presses("Get it as a file")
    seen = []
    while not changes.empty():
        seen.append(changes.get_nowait())
    assert [each["action"] for each in seen if each["event"] == "typing"] == ["upload_document"]
