"""Roles end unless their holders confirm them, and /panic ends all of them at once."""

from datetime import timedelta

import pytest

from bot.services.housekeeping.role_notices import RoleNotices
from conversations.model.roles import Role
from storage import panic
from storage.admin import approvals
from tests.chat import Chat
from tests.stage import Stage
from tests.stories.records import read_team
from tests.stories.staff.test_team import OVER, first_admin, invited

ENDED = (
    "Your role here (campaigner) has ended, because you didn’t confirm it. An admin can give it"
    " back: /team. You can still pause all sending: /pause."
)


async def notices(stage: Stage) -> None:
    """Send what members must know of their roles."""
    async with stage.bot() as app:
        await RoleNotices(app.core, app.base.telegram.messages, app.base.roster).run_once()


async def on_day(stage: Stage, days: int) -> None:
    await stage.later(days=days)
    await notices(stage)


@pytest.fixture
async def olga(stage: Stage, maria: Chat) -> Chat:
    return await first_admin(stage)


@pytest.fixture
async def ana(stage: Stage, olga: Chat) -> Chat:
    """A campaigner."""
    ana = stage.person("Ana", "Reis")
    await ana.starts(await invited(olga, Role.CAMPAIGNER))
    ana.heard()
    olga.heard()
    return ana


async def test_a_role_is_confirmed_with_one_tap(stage: Stage, olga: Chat, ana: Chat) -> None:
    await on_day(stage, 75)
    assert ana.heard() == []
    await on_day(stage, 1)
    (asked,) = ana.heard()
    assert asked.startswith("Do you still need your role here (campaigner)? It ends on ")
    assert ana.buttons == [["Yes, I still need it"]]
    await notices(stage)
    assert ana.heard() == [], "it is asked once"
    await ana.presses("Yes, I still need it")
    (told,) = ana.heard()
    assert told.startswith("✎ Thank you. Your role goes on until ")
    await on_day(stage, 60)
    await ana.says("/broadcast")
    assert ana.heard()[0].startswith("Send me the update")
    await olga.says("/audit")
    assert "confirmed their role: campaigner" in str(olga.heard())


async def test_a_role_that_is_not_confirmed_ends(stage: Stage, olga: Chat, ana: Chat) -> None:
    await on_day(stage, 76)
    ana.heard()
    await on_day(stage, 14)
    assert ana.heard() == [ENDED]
    assert {each["command"] for each in ana.person.commands()}.isdisjoint({"broadcast", "panic"})
    for command in ("/broadcast", "/stats", "/panic"):
        await ana.says(command)
        ana.hears(ENDED)
    await ana.presses("Yes, I still need it")
    ana.hears("(Your role has ended. An admin can give it back with /team.)")
    await ana.says("/pause")
    await ana.presses("Yes, pause")
    assert ana.heard()[-1].startswith("✎ ⏸ All sending is paused.")
    await ana.says("/pause")
    ana.hears("All sending is already paused. An admin can resume it: /status.")


async def test_an_admin_sees_whose_role_ended_and_gives_it_back(
    stage: Stage, olga: Chat, ana: Chat
) -> None:
    await on_day(stage, 90)
    ana.heard()
    await olga.says("/team")
    assert (
        olga.heard()[-1]
        == "Admins\n• Olga (you)\n\nCampaigners\n• Ana Reis · role ended, not confirmed"
    )
    assert ["Give Ana Reis the role back", "Remove Ana Reis"] in olga.buttons
    await olga.presses("Give Ana Reis the role back")
    olga.hears("✎ Ana Reis has the role again.\n\nAdmins\n• Olga (you)\n\nCampaigners\n• Ana Reis")
    ana.hears("You have your role here again: campaigner.")
    await ana.says("/broadcast")
    assert ana.heard()[0].startswith("Send me the update")
    await olga.says("/audit")
    assert f"gave Ana Reis ({ana.person.id}) the role back (campaigner)" in str(olga.heard())


async def test_the_last_admin_and_those_in_the_settings_never_end(
    stage: Stage, olga: Chat, ana: Chat
) -> None:
    jonas = stage.person("Jonas")
    await stage.later(days=400)
    await olga.says("/team")
    assert olga.heard()[-1].startswith("Admins\n• Olga (you)")
    telegram = stage.settings.telegram.model_copy(update={"admins": (jonas.person.id,)})
    await stage.restart_with(stage.settings.model_copy(update={"telegram": telegram}))
    await jonas.says("/team")
    jonas.hears(
        "Admins\n• Jonas · named in the settings (you)\n• Olga · role ended, not confirmed\n\n"
        "Campaigners\n• Ana Reis · role ended, not confirmed"
    )
    await olga.says("/team")
    assert "Jonas" not in str(olga.heard())


async def test_an_admin_whose_role_ended_invites_nobody(stage: Stage, olga: Chat) -> None:
    paul = stage.person("Paul")
    await paul.starts(await invited(olga, Role.ADMIN))
    await stage.later(days=89, hours=20)
    await notices(stage)
    await olga.presses("Yes, I still need it")
    paul.heard()
    token = await invited(paul, Role.ADMIN)
    await stage.later(hours=5)
    rui = stage.person("Rui")
    await rui.starts(token)
    rui.hears(OVER)


# --- /panic ---------------------------------------------------------------------------------------


async def test_panic_stops_everything(stage: Stage, olga: Chat, ana: Chat) -> None:
    jonas = stage.person("Jonas")
    telegram = stage.settings.telegram.model_copy(update={"admins": (jonas.person.id,)})
    await stage.restart_with(stage.settings.model_copy(update={"telegram": telegram}))
    await jonas.starts()
    token = await invited(olga, Role.ADMIN)
    async with stage.bot() as app:
        vault = app.core.vault
        await app.core.database.transact(lambda c: approvals.approve(c, vault, "b1", b"text"))
    for chat in (jonas, olga, ana):
        chat.heard()
    await ana.says("/panic")
    (asked,) = ana.heard()
    assert asked.startswith("Stop everything?")
    await ana.presses("No, cancel")
    ana.hears("✎ Cancelled. Nothing has changed.")
    await ana.says("/panic")
    await ana.presses("Yes, stop everything")
    assert ana.heard()[-1].startswith("✎ Everything is stopped.")
    for chat in (jonas, olga):
        (told,) = chat.heard()
        assert told.startswith("Ana Reis used /panic. Nobody in the team has a role now")
    for chat in (jonas, olga, ana):
        await chat.says("/team", "/status", "/broadcast", "/panic", "/pause")
        heard = str(chat.heard())
        assert not any(words in heard for words in ("Admins", "Stop everything?", "sending"))
    rui = stage.person("Rui")
    await rui.starts(token)
    rui.hears(OVER)
    async with stage.bot() as app:
        assert await app.first_admin() is None
        assert await app.core.database.read(app.base.roster.members) == ()
        assert not await app.core.database.read(
            lambda c: approvals.is_approved(c, app.core.vault, "b1", b"text")
        )
    maria = stage.person("Maria")
    await maria.sends_the_letter()
    assert stage.mails_to("chief-executive@government-hk.example") == []

    async with stage.bot() as app:
        vault = app.core.vault
        await app.core.database.transact(lambda c: panic.end(c, vault))
    await rui.starts(token)
    rui.hears(OVER)
    await olga.says("/status")
    assert "All sending has been paused since" in olga.heard()[-1]
    assert stage.mails_to("chief-executive@government-hk.example") == []
    await olga.says("/audit")
    assert f"Ana Reis ({ana.person.id}) used /panic" in str(olga.heard())


async def test_a_removed_member_cannot_panic(stage: Stage, olga: Chat, ana: Chat) -> None:
    await ana.says("/panic")
    await olga.says("/team")
    await olga.presses("Remove Ana Reis", "Yes, I’m sure")
    ana.heard()
    await ana.presses("Yes, stop everything")
    assert not (await read_team(stage)).suspended


async def test_supporters_cannot_pause_or_panic(stage: Stage, olga: Chat) -> None:
    maria = stage.person("Maria")
    await maria.starts("hong-kong")
    for command in ("/panic", "/pause"):
        await maria.says(command)
        assert maria.buttons != [["Yes, pause"]]
        assert "Stop everything?" not in str(maria.heard())
    for button in ("s:panic:yes", "s:pause", "s:role"):
        await maria.presses_again(maria.last["message_id"], button)
    team = await read_team(stage)
    assert not team.suspended
    await olga.says("/status")
    assert "All sending has been paused" not in olga.heard()[-1]
    assert stage.clock() - next(iter(team.members.values())).confirmed < timedelta(days=1)
