"""Several people edit a campaign at once, in the chat and in its folder; nothing gets lost."""

from sqlalchemy import Connection

from conversations.folder.campaign_files import CampaignFiles
from conversations.model.campaigns.versions import VersionOrigin
from conversations.model.roles import Role
from storage.campaigns import versions
from storage.campaigns.versions import NewVersion
from storage.crypto.person_keys import PersonKeys
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.campaigners import appoint
from tests.stories.campaigns.editor import (
    TITLE,
    changes_the_goal,
    changes_the_title,
    data_of,
    opens_the_editor,
)
from tests.stories.staff.test_team import NO_ROLE, first_admin, invited


async def test_two_admins_edit_one_campaign(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id, rui.person.id))
    await opens_the_editor(rui)
    await rui.presses("Texts", "English", "The first message", "Title")
    rui.heard()
    await changes_the_title(olga, "Olga’s title")
    await changes_the_goal(olga, "30000")
    olga.heard()
    await rui.says("Rui’s title")
    rui.hears(
        "Olga changed this while you were writing: Title (English). Your text isn’t saved. This is"
        " theirs now. Send yours again to replace it:",
        "Olga’s title",
    )
    await rui.says("Everybody’s title")
    assert rui.heard()[-1].startswith("✓ Saved: Title (English).")
    await rui.presses("Publish…")
    changes = rui.heard()[-1]
    assert "• Goal: 20000 → 30000" in changes
    assert f"• Title (English): {TITLE} → Everybody’s title" in changes
    await rui.presses("Yes, publish")
    olga.hears("Rui has published the changes of “Everybody’s title”, yours too, as version 2.")
    await olga.says("/campaigns")
    await olga.presses("Edit")
    assert "Nothing has been changed." in olga.heard()[-1]


async def test_a_folder_and_a_chat_change_a_campaign(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await changes_the_goal(olga, "30000")
    await changes_the_title(olga, "Olga’s title")
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 30", "undo_seconds = 60")
    stage.edits("hong-kong/en.md", TITLE, "The folder’s title")
    await olga.presses("Publish…")
    asked = olga.heard()[-1].split("\n\n")
    assert asked[0] == "✎ Meanwhile, version 2 was published (a folder on the server):"
    assert "• Seconds to undo: 30 → 60" in asked[1]
    assert "The folder’s title" in asked[1]
    assert asked[2] == "Your changes:"
    assert "Olga’s title" in asked[3]
    assert asked[4] == (
        "Changed in both: Title (English). Yours counts. Theirs stays in version 2."
    )
    await olga.presses("Put both together", "Publish…")
    assert "Seconds to undo" not in olga.heard()[-1]
    await olga.presses("Yes, publish")
    olga.hears("✎ ✓ Published: version 3 of “Olga’s title”.")
    stage.edits("hong-kong/campaign.toml", "undo_seconds = 60", "undo_seconds = 90")
    async with stage.bot() as app:
        served = app.base.campaigns.in_service["hong-kong"]
        assert (served.goal, served.undo_seconds) == (30000, 60)
        assert served.text("en").title == "Olga’s title"
        (mistake,) = [each for each in app.base.campaigns.mistakes if each.is_error]
        assert "and so was the campaign elsewhere. Neither is lost." in mistake.problem


async def publishes_meanwhile(stage: Stage, member: Chat, old: bytes, new: bytes) -> None:
    """Let a member publish a change in the chat at the moment at which a draft is begun."""
    async with stage.bot() as app:
        core = app.core

        def publish(connection: Connection) -> None:
            id_ = PersonKeys(core.vault, member.person.id).staff.hex()
            newest = versions.load_newest(connection, core.vault, "hong-kong")
            assert newest is not None
            content = {name: each.replace(old, new) for name, each in newest.files.content.items()}
            files, origin = CampaignFiles("hong-kong", content), VersionOrigin.CHAT
            version = NewVersion(files, newest.info.number, origin, "Rui", id_)
            versions.publish(connection, core.vault, version, core.clock())

        await core.database.transact(publish)


async def test_who_published_meanwhile_reads_what_was_put_on_top(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id, rui.person.id))
    await rui.starts()
    rui.heard()
    await changes_the_goal(olga, "30000")
    await publishes_meanwhile(stage, rui, b"undo_seconds = 30", b"undo_seconds = 60")
    await olga.presses("Publish…")
    assert "version 2 was published (Rui):" in olga.heard()[-1]
    await olga.presses("Put both together", "Publish…", "Yes, publish")
    rui.hears(
        f"Olga has published version 3 of “{TITLE}”. It contains your version 2 and these"
        " changes:\n• Goal: 20000 → 30000"
    )
    await rui.presses("Versions")
    assert rui.heard()[-1].startswith(f"✎ Version 3 of {TITLE}\n")


async def test_a_colleague_reads_the_changes_in_their_own_language(
    stage: Stage, maria: Chat
) -> None:
    olga, rui = stage.person("Olga", language="de"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id,))
    await olga.starts()
    await rui.starts(await invited(olga, Role.CAMPAIGNER))
    olga.heard()
    await changes_the_goal(rui, "30000")
    await rui.presses("Publish…", "Ask for approval")
    assert olga.heard()[-1].endswith("\n\n• Ziel: 20000 → 30000")


async def test_a_campaigner_needs_an_admin(stage: Stage, maria: Chat) -> None:
    olga, rui = stage.person("Olga"), stage.person("Rui")
    appoint(stage, admins=(olga.person.id,))
    await olga.starts()
    await rui.starts(await invited(olga, Role.CAMPAIGNER))
    olga.heard()
    await rui.says("/campaigns")
    assert rui.buttons == [["Edit"], ["Show all screens"], ["New campaign…"]]
    await rui.presses_again(rui.last["message_id"], "s:campaigns:pause-yes:hong-kong:1")
    rui.hears(NO_ROLE)
    await changes_the_goal(rui, "30000")
    await rui.presses("Publish…")
    assert rui.heard()[-1].endswith("\n\nA colleague has to approve these changes first.")
    assert rui.buttons == [["Ask for approval"], ["Back"]]
    await rui.presses("Ask for approval")
    olga.hears(f"Rui asks you to approve changes of “{TITLE}”.\n\n• Goal: 20000 → 30000")
    assert olga.buttons == [["Walk through"], ["Approve"]]
    request = data_of(olga, "Approve")
    await changes_the_goal(rui, "40000")
    await olga.presses_again(*request)
    assert olga.heard()[-1].startswith("(It has changed since you saw it.")
    await rui.presses("Publish…", "Ask for approval")
    await olga.presses("Approve")
    assert olga.heard()[-1] == f"✎ ✓ You have approved the changes of “{TITLE}”. Thank you."
    rui.heard()
    assert rui.buttons == [["Publish…"]]
    await rui.presses("Publish…")
    assert "\n\nOlga has approved exactly these changes." in rui.heard()[-1]
    publish = data_of(rui, "Yes, publish")
    await olga.says("/team")
    await olga.presses("Remove Rui", "Yes, I’m sure")
    rui.heard()
    await rui.presses_again(*publish)
    rui.hears("(That button no longer works.)")
    await olga.says("/campaigns")
    await olga.presses("Edit", "Publish…", "Yes, publish")
    olga.hears(f"✎ ✓ Published: version 2 of “{TITLE}”.")
