"""The versions of a campaign in the chat: who changed what, and the way back."""

from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.staff.test_team import first_admin

TITLE = "Stand up for people's rights in Hong Kong"
GOAL = "hong-kong/campaign.toml"


async def opens_the_versions(olga: Chat) -> None:
    await olga.says("/campaigns")
    await olga.presses("More…", "Versions")


async def test_an_admin_restores_an_older_version(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    stage.edits(GOAL, "goal = 20000", "goal = 30000")
    stage.edits_all_texts("hong-kong", "# Share\n", "# Share\n\nPlease:")
    await opens_the_versions(olga)
    title, note, *listed = olga.heard()[-1].split("\n")
    assert (title, note) == (f"✎ Versions of {TITLE}", "Supporters see the newest one.")
    assert [line.split(" · ")[::2] for line in listed] == [
        ["2", "a folder on the server"],
        ["1", "a folder on the server"],
    ]
    assert olga.buttons == [["2", "1"], ["Back"]]
    await olga.presses("2")
    (shown,) = olga.heard()
    assert "• Goal: 20000 → 30000\n" in shown
    assert "• Text to share (English): People in Hong Kong are standing" in shown
    assert shown.endswith("\n\nSupporters see this version.")
    assert olga.buttons == [["Back"]]
    await olga.presses("Back", "1", "Restore this version")
    olga.hears("✎ ✓ Version 1 is in the editor now. Supporters see it once it is published.")
    assert olga.buttons == [["Publish…"], ["Back to editing"], ["Back"]]
    await olga.presses("Publish…", "Yes, publish")
    assert olga.heard()[-1].startswith("✎ ✓ Published: version 3 of “")
    await maria.starts()
    await maria.presses("Is it safe for me?")
    await opens_the_versions(olga)
    assert olga.heard()[-1].split("\n")[2].endswith(" · Olga")
    await olga.says("/audit")
    assert "version 1" in olga.heard()[-1]


async def test_a_folder_does_not_undo_what_was_restored(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    stage.edits(GOAL, "goal = 20000", "goal = 30000")
    await opens_the_versions(olga)
    await olga.presses("1", "Restore this version", "Publish…", "Yes, publish")
    stage.edits(GOAL, "goal = 30000", "goal = 40000")
    await opens_the_versions(olga)
    assert olga.buttons == [["3", "2", "1"], ["Back"]]
    async with stage.bot() as app:
        assert app.base.campaigns.in_service["hong-kong"].goal == 20000


async def test_the_list_has_pages(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    for number in range(30001, 30008):
        stage.edits(GOAL, f"goal = {20000 if number == 30001 else number - 1}", f"goal = {number}")
        async with stage.bot():
            pass
    await opens_the_versions(olga)
    assert olga.buttons == [["8", "7", "6", "5", "4"], ["2/2 …"], ["Back"]]
    await olga.presses("2/2 …")
    assert olga.buttons == [["3", "2", "1"], ["1/2 …"], ["Back"]]
    await olga.presses("2", "Back")
    assert olga.buttons == [["3", "2", "1"], ["1/2 …"], ["Back"]]


async def test_a_version_is_restored_like_an_edit_is_published(stage: Stage, maria: Chat) -> None:
    """It needs a colleague's approval if the settings want that, and replaces no draft."""
    appoint(stage, second_eyes_campaigns=True)
    olga = await first_admin(stage)
    stage.edits(GOAL, "goal = 20000", "goal = 30000")
    await opens_the_versions(olga)
    await olga.presses("1", "Restore this version", "Publish…")
    assert olga.buttons == [["Ask for approval"], ["Back"]]
    await opens_the_versions(olga)
    await olga.presses("1", "Restore this version")
    olga.hears("✎ Stand up for people's rights in Hong Kong has changes that aren’t published. …")
    assert olga.buttons == [["Back to editing"], ["Back"]]
