"""Admins manage campaign links with QR codes, and block the sender of an abusive letter."""

import re

import pytest

from conversations.admin import links
from storage.schema.tables import (
    audit,
    blocked_senders,
    link_sources,
    tallies,
)
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.lines import TARGET, WELCOME
from tests.stories.records import read_table
from tests.stories.staff.test_team import NO_ROLE, first_admin

NAME = "Stand up for people's rights in Hong Kong"
BARRED = (
    "The team has blocked you from writing letters here. If you think that’s a mistake, write to"
    " people@open-letters-hk.example."
)
WHICH = "✎ Which letter? Paste the code from its X-Report-Abuse header…"


async def test_an_admin_names_a_source_and_gets_its_link(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "Add a source")
    olga.hears("✎ What should the source be called? Type a short name such as poster-lisbon…")
    for wrong in ("no/such", "other", "u0123456789ab"):
        await olga.says(wrong)
        olga.hears(
            "That name can’t be used. Try another: letters a–z, digits and hyphens, up to 30"
            " characters."
        )
    await olga.says("Poster Lisbon")
    username = stage.telegram.me()["username"]
    link = f"https://t.me/{username}?start=hong-kong__poster-lisbon"
    olga.hears(f"“{NAME}”, counted as poster-lisbon:\n{link}")
    assert olga.person.messages[olga.last["message_id"]]["photo"]
    # Only one message is read as the name: the next one answers the journey's question again.
    await olga.says("who are you")
    assert "I’m a bot. I help you" in olga.heard()[0]
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "More…", "poster-lisbon")
    assert olga.heard()[-1].endswith(link)
    await maria.starts("hong-kong__poster-lisbon")
    await stage.person("Rui").starts("hong-kong__unheard-of")
    counted = {row["value"] for row in await read_table(stage, tallies) if row["figure"] == "link"}
    assert counted == {"poster-lisbon", "other"}


async def test_an_admin_types_cancel_instead_of_a_source(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "Add a source")
    await olga.says("Cancel")
    assert olga.heard()[-1] == "Cancelled. Nothing has changed."
    assert await read_table(stage, link_sources) == []


async def test_an_admin_removes_a_source(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "Add a source")
    await olga.says("flyer", "/campaigns")
    await olga.presses("More…", "Links", "Remove a source")
    olga.heard()
    assert olga.buttons == [["✕ flyer"], ["Back"]]
    shown = olga.last["message_id"]
    data = olga.last["keyboard"][0][0]["data"]
    await olga.presses("✕ flyer")
    assert olga.heard()[-1].startswith(f"✎ Links to “{NAME}”.")
    assert ["Remove a source"] not in olga.buttons
    await olga.presses_again(shown, data)
    olga.hears("(That’s no longer there.)")
    await maria.starts("hong-kong__flyer")
    counted = {row["value"] for row in await read_table(stage, tallies) if row["figure"] == "link"}
    assert counted == {"other"}
    actions_done = [row["action"] for row in await read_table(stage, audit)]
    assert {"named_source", "dropped_source"} <= set(actions_done)


async def test_the_number_of_sources_is_limited(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MAX_NAMED_SOURCES", 1)
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "Add a source")
    await olga.says("flyer", "/campaigns")
    olga.heard()
    await olga.presses("More…", "Links", "Add a source")
    assert olga.heard()[-1].startswith("(You’ve reached the limit of 40 sources")
    assert {row["source"] for row in await read_table(stage, link_sources)} == {"flyer"}


async def test_the_qr_code_contains_the_link(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    await olga.presses("More…", "Links", "No source")
    olga.hears(f"“{NAME}”:\nhttps://t.me/{stage.telegram.me()['username']}?start=hong-kong")
    photo = olga.person.messages[olga.last["message_id"]]["photo"][-1]
    picture, _ = stage.telegram.files[photo["file_id"]]
    assert picture.startswith(b"\x89PNG")


async def test_an_admin_cancels_typing_a_name(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/campaigns")
    for leaves in ("/cancel", "/start hong-kong", "/broadcast"):
        await olga.presses("More…", "Links", "Add a source")
        await olga.says(leaves, "poster")
        assert "counted as" not in str(olga.heard())
        await olga.says("/campaigns")


async def test_an_admin_blocks_a_sender_by_the_code_in_a_letter(stage: Stage, maria: Chat) -> None:
    stage.opens("river")
    olga = await first_admin(stage)
    await maria.sends_the_letter()
    (mail,) = stage.mails_to(TARGET)
    found = re.search(r"subject=(abuse-[0-9a-f]{32})", str(mail.message["X-Report-Abuse"]))
    assert found
    await stage.later(minutes=2)
    await maria.comes_to_the_review(campaign="river")
    await maria.presses("Send in my name")
    await olga.says("/campaigns")
    await olga.presses(NAME, "More…", "Block a sender")
    assert olga.heard()[-1].startswith(WHICH.removesuffix("…"))
    await olga.says("abuse-" + "0" * 32)
    assert olga.heard()[0].startswith("I have no letter with that code.")
    await olga.says(f"Re: {found[1]}")
    (asked,) = olga.heard()
    assert asked.startswith(f"Block the sender of this letter? It’s for “{NAME}”, from ")
    assert "Maria" not in asked
    maria.heard()
    await olga.presses("Block sender")
    olga.hears("✎ Blocked. Any letters of theirs that were waiting have been withdrawn.")
    await stage.later(seconds=31)
    maria.hears("✎ Your letter was cancelled. Nothing was sent.")
    await maria.starts("river")
    assert maria.heard()[-1].startswith("The team has blocked you from writing letters here")
    await maria.says("/forget")
    await maria.presses("Delete everything")
    await maria.starts("hong-kong")
    maria.hears(BARRED)
    await olga.presses("Unblock sender")
    olga.hears("✎ They can write again.")
    await maria.starts("hong-kong")
    maria.hears(WELCOME)
    await olga.says("/audit")
    (told,) = olga.heard()
    assert [line.rpartition(") ")[2] for line in told.splitlines()[2:4]] == [
        "unblocked the sender of a letter for hong-kong",
        "blocked the sender of a letter for hong-kong",
    ]


async def test_a_blocked_sender_at_the_review_cannot_send(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await maria.sends_the_letter()
    (mail,) = stage.mails_to(TARGET)
    code = str(mail.message["X-Report-Abuse"]).partition("abuse-")[2].strip(">")
    stage.opens("river")
    await stage.later(minutes=2)
    await maria.comes_to_the_review(campaign="river")
    await olga.says("/campaigns")
    await olga.presses(NAME, "More…", "Block a sender")
    await olga.says(code)
    await olga.presses("Block sender")
    await maria.presses("Send in my name")
    assert maria.heard()[-1].startswith("The team has blocked you from writing letters here")
    assert len(await read_table(stage, blocked_senders)) == 1
    for action in (f"block:undo:{code}", "block:ask", "links:hong-kong:list:"):
        await maria.presses_again(maria.last["message_id"], f"s:{action}")
        maria.hears(NO_ROLE)
