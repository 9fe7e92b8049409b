"""A campaigner composes a broadcast, previews it, and sends it once."""

from datetime import timedelta

import pytest

from conversations.model.broadcast import BroadcastStatus
from storage.schema.tables import audit
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint, broadcast_states, subscribe_people
from tests.stories.lines import ANSWERED, COUNTRY, NAME
from tests.stories.records import read_table

SEND_ME = "Send me the update, as you would to a friend: text, a photo, a video or an album."
SENT_ALREADY = "(You’ve already sent this one. It only goes out once.)"
TITLE = "“Stand up for people's rights in Hong Kong”"
WHO = f"Who gets it? Subscribers of {TITLE}: fewer than 5 people"
PANEL = [
    ["Audience ▾", "Add… ▾"],
    ["Send me a test", "Ask for approval"],
    ["Schedule…", "Cancel"],
    ["Continue"],
]


async def test_olga_sends_a_photo_to_all_subscribers(stage: Stage, olga: Chat) -> None:
    await subscribe_people(stage, 6)
    await olga.says("/broadcast")
    olga.hears(SEND_ME)
    await olga.sends_file("photo", "They answered!")
    olga.hears("They answered!", f"Who gets it? Subscribers of {TITLE}: 6 people")
    assert olga.buttons == PANEL
    preview = [message for message in olga.person.chat() if message["text"] == "They answered!"][-1]
    assert [[each["text"] for each in row] for row in preview["keyboard"]] == [["Unsubscribe"]]
    await olga.presses("Continue")
    olga.hears(
        "✎ To 6 people, now. Takes about 1 minute. You can pause it while it goes out, and take"
        " it back for 48 hours."
    )
    await olga.presses("Send to 6 people")
    olga.hears("✎ Sending to 6 people…")
    assert await broadcast_states(stage) == [BroadcastStatus.SENDING]


async def test_a_second_press_sends_nothing_more(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast", "Good news")
    await olga.presses("Continue")
    message, data = olga.last["message_id"], olga.last["keyboard"][0][0]["data"]
    await olga.presses_at_once("Send to fewer than 5 people", "Send to fewer than 5 people")
    olga.hears("✎ Sending to fewer than 5 people…", SENT_ALREADY)
    await olga.presses_again(message, data)
    olga.hears(SENT_ALREADY)
    assert await broadcast_states(stage) == [BroadcastStatus.SENDING]


async def test_only_campaigners_can_compose(stage: Stage, olga: Chat) -> None:
    maria = stage.person("Maria", "Silva")
    await olga.says("/broadcast", "Good news")
    data = olga.last["keyboard"][0][0]["data"]
    await maria.starts("hong-kong")
    await maria.says("/broadcast")
    assert "Good news" not in maria.heard()[0]
    await maria.presses_again(maria.last["message_id"], data)
    maria.hears(ANSWERED)
    appoint(stage)
    await stage.change_mail_settings()  # restarts the bot
    await olga.presses("Continue")
    olga.hears(ANSWERED)


async def test_composing_does_not_affect_a_letter_in_progress(stage: Stage, olga: Chat) -> None:
    await olga.starts("hong-kong")
    await olga.presses("Write the letter", "Continue")
    assert olga.heard()[-1] == NAME
    await olga.says("/broadcast", "Good news")
    olga.hears(SEND_ME, "Good news", WHO)
    await olga.says("Olga Silva")
    assert olga.heard()[-1] == COUNTRY
    await olga.says("/broadcast")
    olga.hears("Good news", WHO)
    await olga.presses("Cancel")
    olga.hears("✎ Update cancelled. Nothing was sent.")
    assert await broadcast_states(stage) == [BroadcastStatus.DISCARDED]


@pytest.mark.parametrize("typed", ["Cancel", "取消"])
async def test_cancel_is_typed_instead_of_an_update(stage: Stage, olga: Chat, typed: str) -> None:
    await olga.says("/broadcast", typed)
    olga.hears(SEND_ME, "Update cancelled. Nothing was sent.")


async def test_an_album_is_complete_when_no_more_parts_arrive(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast")
    await olga.sends_file("photo", "One", album="a")
    olga.hears()
    await olga.sends_file("video", "Two", album="a")
    await stage.finish_albums()
    olga.hears()
    stage.clock.ahead += timedelta(seconds=3)
    await stage.finish_albums()
    olga.hears("One", "Two", "You’re getting this because you asked for updates.", WHO)
    await stage.finish_albums()
    olga.hears()


async def test_translations_buttons_and_filters(stage: Stage, olga: Chat) -> None:
    await subscribe_people(stage, 6)
    await olga.says("/broadcast", "Good news")
    await olga.presses("Add… ▾", "Add translation")
    await olga.turns_to("中文 (繁體)")
    await olga.says("好消息")
    olga.hears("Good news", "好消息", "Who gets it? …")
    await olga.presses("Add… ▾", "Add button", "Web link…")
    await olga.says("no address")
    olga.hears("I need a label of up to 64 characters, …")
    await olga.says("Read more https://news.example/1")
    assert olga.heard()[-1].startswith("Who gets it?")
    await olga.presses("Audience ▾", "Took action ▾", "People who took action")
    assert olga.heard()[-1].startswith(f"✎ {WHO}\nOnly: people who took action")
    await olga.presses("Send me a test")
    olga.hears("Good news", f"{WHO}\nOnly: people who took action…")
    assert olga.buttons == PANEL, "the panel stands below the test"
    assert olga.all_buttons.count("Continue") == 1
    assert olga.link("Read more") == "https://news.example/1"


async def test_buttons_can_be_removed_once_there_are_some(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast", "Good news")
    await olga.presses("Add… ▾", "Add button")
    assert "Remove all buttons" not in olga.all_buttons
    await olga.presses("Web link…")
    await olga.says("Read more https://news.example/1")
    await olga.presses("Add… ▾", "Add button", "Remove all buttons", "Send me a test")
    *_, test, panel = (each["keyboard"] for each in olga.person.chat() if each["keyboard"])
    assert [[button["text"] for button in row] for row in test] == [["Unsubscribe"]]
    assert [[button["text"] for button in row] for row in panel] == PANEL


async def test_a_time_is_in_the_campaigners_time_zone(stage: Stage, olga: Chat) -> None:
    asks = "✎ When should it go out? For example: tomorrow 18:00, Monday 9 am, or June 1, 18:00."
    await olga.says("/broadcast", "Good news")
    await olga.presses("Schedule…")
    olga.hears(f"{asks} Time zone: UTC.")
    await olga.presses("Other time zone")
    olga.hears("✎ Which time zone are you in? …")
    await olga.says("Atlantis")
    olga.hears(
        "I don’t know that place. Try a larger city in your time zone, or an offset such as UTC+8."
    )
    await olga.says("Lisbon")
    olga.hears(f"{asks.removeprefix('✎ ')} Time zone: Europe/Lisbon.")
    await olga.says("UTC+8")
    olga.hears(f"{asks.removeprefix('✎ ')} Time zone: UTC+08:00.")
    await olga.says("2019-01-01 10:00")
    olga.hears("That time has passed. Type a later one.")
    await olga.says("2029-06-01 18:00")
    olga.hears(f"{WHO}\nScheduled for June 1, 2029, 18:00 (UTC+08:00)")
    await olga.presses("Continue", "Send to fewer than 5 people")
    olga.hears("✎ Scheduled for June 1, 2029, 18:00 (UTC+08:00).")
    assert await broadcast_states(stage) == [BroadcastStatus.SCHEDULED]


async def test_a_colleague_approves_first(stage: Stage, olga: Chat) -> None:
    paul = stage.person("Paul")
    appoint(stage, olga, paul, second_eyes_above=0)
    await subscribe_people(stage, 1)
    await paul.starts()
    await olga.says("/broadcast", "Good news")
    assert olga.heard()[-1].endswith("tap “Ask for approval”.")
    await olga.presses("Continue")
    olga.hears("(A colleague has to approve it first: tap “Ask for approval”.)")
    paul.heard()
    await olga.presses("Ask for approval")
    olga.hears("(I’ve asked your colleagues.)")
    paul.hears("Good news", "Do you approve this update? It’s meant for fewer than 5 people. …")
    await paul.presses("Approve")
    paul.hears("✎ Thank you. I’ve told them.")
    olga.hears("A colleague has approved your update.")
    await olga.presses("Continue", "Send to fewer than 5 people")
    assert await broadcast_states(stage) == [BroadcastStatus.SENDING]
    actions_done = {row["action"] for row in await read_table(stage, audit)}
    assert actions_done == {"update_offered", "update_approved", "update_confirmed"}


async def test_unsupported_content_is_refused_with_a_reason(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast")
    await olga.sends("sticker")
    olga.hears("I can’t send that as an update. …")
    await olga.sends_file("photo", "x" * 1025)
    olga.hears("That’s too long: up to 1,024 characters fit. Please send a shorter one.")
    await olga.forwards("Forwarded")
    olga.hears("Forwarded", WHO)
    await olga.says("/cancel")
    olga.hears("Update cancelled. Nothing was sent.")


async def test_an_abandoned_draft_is_erased(stage: Stage, olga: Chat) -> None:
    await olga.says("/broadcast", "Good news")
    stage.clock.ahead += timedelta(days=6)
    await stage.run_retention()
    assert await broadcast_states(stage) == [BroadcastStatus.DRAFT]
    stage.clock.ahead += timedelta(days=2)
    await stage.run_retention()
    assert await broadcast_states(stage) == []
