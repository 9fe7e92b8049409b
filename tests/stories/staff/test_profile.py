"""What Telegram shows of the bot: menus, descriptions and the picture, set when they change."""

from pathlib import Path

import pytest

from bot.telegram import menus
from bot.telegram.menus import BotProfile, introduce
from conversations.text import catalogues
from conversations.text.languages import offered
from tests.chat import Chat
from tests.stage import Stage

JPEG = b"\xff\xd8\xff\xe0 a picture"


async def start(stage: Stage) -> None:
    """Start the bot, as far as its profile is concerned."""
    async with stage.bot() as app:
        await app.set_menus()


async def test_the_profile_is_in_every_language(stage: Stage, maria: Chat) -> None:
    await start(stage)
    told = stage.telegram.texts
    codes = {"" if tag == "en" else tag.split("-")[0] for tag in offered()}
    assert {code for name, code in told if name == "description"} == codes
    assert {code for name, code in told if name == "short_description"} == codes
    shown = {code for scope, code in stage.telegram.commands if scope == "all_private_chats"}
    assert shown == codes
    assert len(codes) == len(offered()) - 1  # the two scripts of Chinese share a code


@pytest.mark.parametrize(("traditional", "script"), [(True, "zh-Hant"), (False, "zh-Hans")])
async def test_chinese_is_in_the_script_of_the_campaigns(
    stage: Stage, maria: Chat, traditional: bool, script: str
) -> None:
    async with stage.bot() as app:
        bot = app.base.telegram.request.bot
        await introduce(bot, BotProfile({}, traditional))
    texts = catalogues.entries(script, catalogues.SUPPORTERS)
    assert stage.telegram.texts["description", "zh"] == texts.text("bot.description", None)


async def test_the_next_start_changes_nothing(stage: Stage, maria: Chat) -> None:
    await start(stage)
    stage.telegram.commands.clear()
    stage.telegram.texts.clear()
    await start(stage)
    assert (stage.telegram.commands, stage.telegram.texts) == ({}, {})


async def test_a_start_after_a_failure_tries_again(
    stage: Stage, maria: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(menus, "_language_code", lambda _: "unknown")
        await start(stage)
    assert stage.telegram.commands == {}
    await start(stage)
    assert ("all_private_chats", "pt") in stage.telegram.commands


async def test_the_picture_is_set_once(stage: Stage, maria: Chat, tmp_path: Path) -> None:
    file = tmp_path / "picture.jpg"
    file.write_bytes(JPEG)
    telegram = stage.settings.telegram.model_copy(update={"picture": file})
    await stage.restart_with(stage.settings.model_copy(update={"telegram": telegram}))
    await start(stage)
    await start(stage)
    (photo,) = stage.telegram.photos
    assert stage.telegram.files[photo][0] == JPEG
    file.write_bytes(JPEG + b", another one")
    await start(stage)
    assert len(stage.telegram.photos) == 2


async def test_no_catalogue_stays_in_memory(stage: Stage, maria: Chat) -> None:
    async with stage.bot() as app:
        catalogues.entries.cache_clear()
        await introduce(app.base.telegram.request.bot, BotProfile({}))
    assert catalogues.entries.cache_info().currsize == 2  # the two parts of the English texts
