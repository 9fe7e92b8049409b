"""Roles: the first admin, invitations, the team, and removed members."""

from dataclasses import replace

import pytest

from conversations.model.roles import Role
from conversations.text.languages import offered
from storage.admin.roles import remove_chat
from storage.admin.roster import Roster
from storage.schema.tables import authority
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.records import read_table, read_team

NO_ROLE = "(Only admins of this bot can do that.)"
OVER = (
    "This invitation has been used, or its 24 hours are over. The person who sent it can make a"
    " new one with /invite."
)
IS_ADMIN = "Welcome! You’re now an admin of this bot.…"
IS_CAMPAIGNER = "Welcome! You’re now a campaigner. /broadcast sends an update to subscribers…"
GONE = "You no longer have a role in this bot. Nothing else has changed: you can write letters as…"


async def first_admin(stage: Stage, name: str = "Olga") -> Chat:
    """Return an admin, who opened the link that the bot prints."""
    async with stage.bot() as app:
        link = await app.first_admin()
    assert link
    chat = stage.person(name)
    await chat.starts(payload(link))
    return chat


async def invited(admin: Chat, role: Role) -> str:
    """Return the start parameter of a new invitation."""
    await admin.says(f"/invite {role}")
    (told,) = admin.heard()
    return payload(told)


def payload(text: str) -> str:
    return text.rpartition("?start=")[2].strip()


def menu(chat: Chat) -> set[str]:
    """Return the commands in the chat's menu; they must be the same in all languages."""
    menus, own = [], chat.person.language_code
    for language in (*offered(), own):
        chat.person.language_code = language.lower()
        menus.append({each["command"] for each in chat.person.commands()})
    assert all(each == menus[0] for each in menus)
    return menus[0]


async def test_the_person_who_opens_the_printed_link_is_the_first_admin(
    stage: Stage, maria: Chat
) -> None:
    async with stage.bot() as app:
        links = [await app.first_admin() for _ in "ab"]
    olga, paul = stage.person("Olga"), stage.person("Paul")
    await olga.starts(payload(str(links[0])))
    olga.hears(IS_ADMIN)
    assert {"team", "invite", "broadcast"} <= menu(olga)
    for link in links:
        await paul.starts(payload(str(link)))
        paul.hears(OVER)
    async with stage.bot() as app:
        assert await app.first_admin() is None
    assert [each.name for each in (await read_team(stage)).members.values()] == ["Olga"]
    rows = await read_table(stage, authority)
    assert all(b"Olga" not in row["encrypted_content"] for row in rows)


async def test_an_invitation_works_once(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    token = await invited(olga, Role.CAMPAIGNER)
    (kept,) = (await read_team(stage)).invitations.items()
    assert token.removeprefix("i_") not in str(kept)
    ana, paul = stage.person("Ana", "Reis"), stage.person("Paul")
    await ana.starts(token)
    ana.hears(IS_CAMPAIGNER)
    olga.hears("Ana Reis accepted your invitation. Role: campaigner.")
    assert "broadcast" in menu(ana)
    assert "team" not in menu(ana)
    await ana.says("/broadcast")
    assert ana.heard()[0].startswith("Send me the update")
    await paul.starts(token)
    paul.hears(OVER)
    assert "broadcast" not in menu(paul)
    await ana.starts(token)
    ana.hears(OVER)


async def test_an_invitation_works_for_a_day(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    token = await invited(olga, Role.ADMIN)
    await stage.later(hours=24)
    paul = stage.person("Paul")
    await paul.starts(token)
    paul.hears(OVER)
    async with stage.bot() as app:
        await app.base.authority_watch.run_once()
    assert (await read_team(stage)).invitations == {}


async def test_only_one_of_two_who_open_an_invitation_at_once_gets_the_role(
    stage: Stage, maria: Chat
) -> None:
    olga = await first_admin(stage)
    token = await invited(olga, Role.ADMIN)
    people = [stage.person(name) for name in ("Ana", "Paul", "Rui")]
    for each in people:
        each.person.start(token)
    await stage.answer_updates_at_once()
    heard = sorted(each.heard()[0] == OVER for each in people)
    assert heard == [False, True, True]
    assert len((await read_team(stage)).members) == 2


async def test_a_member_does_not_use_up_an_invitation(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    token = await invited(olga, Role.CAMPAIGNER)
    await olga.starts(token)
    olga.hears("You can already do that. The link still works for someone else.")
    ana = stage.person("Ana")
    await ana.starts(token)
    ana.hears(IS_CAMPAIGNER)
    await ana.starts(await invited(olga, Role.ADMIN))
    ana.hears(IS_ADMIN)


async def test_admins_list_and_remove_the_team(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    ana = stage.person("Ana", "Reis")
    await ana.starts(await invited(olga, Role.CAMPAIGNER))
    await ana.says("/broadcast")
    await olga.says("/team")
    olga.hears("Admins\n• Olga (you)\n\nCampaigners\n• Ana Reis")
    assert olga.buttons == [
        ["Leave the team"],
        ["Remove Ana Reis"],
        ["Invite an admin", "Invite a campaigner"],
    ]
    await olga.presses("Leave the team")
    olga.hears("(There has to be at least one admin. Invite another one first.)")
    await olga.presses("Remove Ana Reis")
    olga.hears("✎ Remove Ana Reis? They lose the role campaigner right away.")
    await olga.presses("No, go back")
    olga.hears("✎ Admins\n• Olga (you)\n\nCampaigners\n• Ana Reis")
    await olga.presses("Remove Ana Reis")
    ana.heard()
    await olga.presses("Yes, I’m sure")
    olga.hears("✎ Ana Reis has been removed.\n\nAdmins\n• Olga (you)")
    ana.hears(GONE)
    assert "broadcast" not in menu(ana)
    await ana.says("/broadcast")
    assert "/broadcast" not in str(ana.heard())
    await ana.says("this goes to nobody")
    assert not any("Who gets it?" in heard for heard in ana.heard())


async def test_old_buttons_do_nothing_for_a_removed_admin(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    paul = stage.person("Paul")
    await paul.starts(await invited(olga, Role.ADMIN))
    token = await invited(paul, Role.ADMIN)
    await paul.says("/team")
    await olga.says("/team")
    await olga.presses("Remove Paul", "Yes, I’m sure")
    for label in ("Remove Olga", "Invite an admin", "Invite a campaigner"):
        await paul.presses(label)
        paul.hears(NO_ROLE)
    await paul.says("/team")
    assert "Olga" not in str(paul.heard())
    # His invitations do not work any more, either.
    rui = stage.person("Rui")
    await rui.starts(token)
    rui.hears(OVER)
    await olga.says("/team")
    olga.hears("Admins\n• Olga (you)")


async def test_an_admin_can_leave_if_there_is_another(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    paul = stage.person("Paul")
    await paul.starts(await invited(olga, Role.ADMIN))
    await olga.says("/team")
    await olga.presses("Leave the team")
    olga.hears("✎ Leave the team? Olga, you lose the role admin right away.")
    await olga.presses("Yes, I’m sure")
    olga.hears(f"✎ {GONE}")
    assert "team" not in menu(olga)
    await paul.says("/team")
    paul.hears("Admins\n• Paul (you)")


async def test_two_admins_cannot_both_remove_each_other(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    paul = stage.person("Paul")
    await paul.starts(await invited(olga, Role.ADMIN))
    for chat, other in ((olga, "Paul"), (paul, "Olga")):
        await chat.says("/team")
        await chat.presses(f"Remove {other}")
    for chat in (olga, paul):
        chat.heard()
        chat.person.press(chat.last["message_id"], "Yes, I’m sure")
    await stage.answer_updates_at_once()
    heard = olga.heard() + paul.heard()
    gone = [each for each in heard if each.startswith(GONE.removesuffix("…"))]
    assert (len(gone), heard.count(NO_ROLE)) == (1, 1)
    assert len((await read_team(stage)).members) == 1


async def test_members_from_the_settings_cannot_be_removed(stage: Stage, maria: Chat) -> None:
    jonas = stage.person("Jonas")
    telegram = stage.settings.telegram.model_copy(update={"admins": (jonas.person.id,)})
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})
    async with stage.bot() as app:
        assert await app.first_admin() is None
    await jonas.says("/team")
    jonas.hears("Admins\n• Jonas · named in the settings (you)")
    assert jonas.buttons == [["Invite an admin", "Invite a campaigner"]]


async def test_the_team_is_shown_by_name(stage: Stage, maria: Chat) -> None:
    jonas, ana, rui = stage.person("Jonas", "Lind"), stage.person("Ana"), stage.person("Rui")
    ids = {"admins": (jonas.person.id, rui.person.id), "campaigners": (ana.person.id,)}
    telegram = stage.settings.telegram.model_copy(update=ids)
    stage.settings = stage.settings.model_copy(update={"telegram": telegram})
    await rui.starts()
    await ana.starts("hong-kong")
    await jonas.says("/team")
    jonas.hears(
        "Admins\n• Jonas Lind · named in the settings (you)\n• Rui · named in the settings\n\n"
        f"Campaigners\n• {ana.person.id} · named in the settings"
    )
    await ana.says("/broadcasts")
    await jonas.says("/team")
    assert jonas.heard()[0].endswith("Campaigners\n• Ana · named in the settings")
    assert len((await read_team(stage)).named) == 3
    telegram = stage.settings.telegram.model_copy(update={"campaigners": ()})
    await stage.restart_with(stage.settings.model_copy(update={"telegram": telegram}))
    async with stage.bot() as app:
        await app.core.database.transact(app.base.roster.menus)
    assert set((await read_team(stage)).named) == {jonas.person.id, rui.person.id}


async def test_the_log_names_a_broadcast_by_its_first_words(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/broadcast", "Good news from the river:\nit flows again, and more")
    await olga.presses("Continue", "Send to fewer than 5 people")
    await olga.says("/broadcast")
    await olga.sends_file("photo")
    await olga.presses("Cancel")
    await olga.says("/audit")
    assert [line.rpartition(") ")[2] for line in olga.heard()[0].splitlines()[2:4]] == [
        "discarded update without text",
        "confirmed update “Good news from the river: it f…”",
    ]
    await stage.run_retention()
    await olga.says("/audit")
    assert "discarded update that no longer exists" in olga.heard()[0]


async def test_supporters_cannot_see_the_team(stage: Stage, maria: Chat) -> None:
    await maria.starts("hong-kong")
    for command in ("/team", "/invite admin"):
        await maria.says(command)
        (told,) = maria.heard()
        assert "t.me/" not in told
        assert "/team" not in told
    for action in ("invite:admin", "team:list", "team:remove:0000000000000000"):
        await maria.presses_again(maria.last["message_id"], f"s:{action}")
        maria.hears(NO_ROLE)
    await maria.starts("i_" + "0" * 32)
    maria.hears(OVER)
    assert (await read_team(stage)).members == {}


async def test_a_role_survives_forget(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    await olga.says("/forget")
    await olga.presses("Delete everything")
    await stage.later(days=2)
    await stage.run_retention()
    await olga.says("/mydata")
    assert "Your role in this bot: admin, with your Telegram name and number" in str(olga.heard())


async def test_actions_are_in_the_audit_log(stage: Stage, maria: Chat) -> None:
    olga = await first_admin(stage)
    ana = stage.person("Ana", "Reis")
    await ana.starts(await invited(olga, Role.CAMPAIGNER))
    await olga.says("/team")
    await olga.presses("Remove Ana Reis", "Yes, I’m sure")
    await olga.says("/audit")
    (told,) = olga.heard()
    who, other = f"Olga ({olga.person.id})", f"Ana Reis ({ana.person.id})"
    assert [line.partition(" · ")[2] for line in told.splitlines()[2:-2]] == [
        f"{who} removed {other} (campaigner)",
        f"{other} accepted an invitation: campaigner",
        f"{who} created an invitation: campaigner",
        f"{who} accepted an invitation: admin",
    ]
    for _ in range(8):
        await olga.says("/invite campaigner")
    await olga.says("/audit")
    assert olga.buttons == [["Older"]]
    await olga.presses("Older")
    (told,) = olga.heard()
    assert len(told.splitlines()) == 6
    await olga.presses("Newer")
    assert "page 1 of 2" in olga.heard()[0]
    await ana.says("/audit")
    assert "created an invitation" not in str(ana.heard())


async def test_menus_are_updated_at_the_start(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Covers members removed from the settings, and menus that could not be changed."""
    olga, paul = stage.person("Olga"), stage.person("Paul")
    telegram = stage.settings.telegram
    settings = telegram.model_copy(update={"admins": (olga.person.id,)})
    stage.settings = stage.settings.model_copy(update={"telegram": settings})
    await olga.starts()
    async with stage.bot() as app:
        await app.set_menus()
        await app.set_menus()
    assert "team" in menu(olga)
    await paul.starts(await invited(olga, Role.CAMPAIGNER))
    assert "broadcast" in menu(paul)
    async with stage.bot() as app:
        vault = app.core.vault
        base = replace(app.base, roster=Roster(vault, stage.clock))
        monkeypatch.setattr(app, "base", base)
        await app.core.database.transact(lambda c: remove_chat(c, vault, paul.person.id))
        await app.set_menus()
    assert menu(olga) == menu(paul) == menu(maria)
    assert (await read_team(stage)).menus == frozenset()
