"""What a bot shows of itself, by bare aiohttp."""

from typing import Any

import pytest

from bot.playground.telegram import Person
from tests.bot.playground.wire import Wire, bad

HELP = {"command": "help", "description": "Help"}


async def test_menus_are_spoken(wire: Wire, maria: Person) -> None:
    await wire("setMyCommands", commands=[HELP])
    spoken = [{"command": "help", "description": "Ajuda"}]
    await wire("setMyCommands", commands=spoken, language_code="pt")
    assert maria.commands() == [HELP]
    maria.set_language("pt-br")
    assert maria.commands() == spoken
    await wire("deleteMyCommands", language_code="pt")
    assert maria.commands() == [HELP]


async def test_the_narrowest_menu_wins(wire: Wire, maria: Person) -> None:
    menus = [[{"command": name, "description": name}] for name in ("all", "private", "hers")]
    scopes = [
        {"type": "default"},
        {"type": "all_private_chats"},
        {"type": "chat", "chat_id": maria.id},
    ]
    for menu, scope in zip(menus, scopes, strict=True):
        await wire("setMyCommands", commands=menu, scope=scope)
        assert maria.commands() == menu
    assert await wire("getMyCommands", scope=scopes[1]) == menus[1]
    await wire("deleteMyCommands", scope=scopes[2])
    assert maria.commands() == menus[1]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"commands": [{**HELP, "command": "No!"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{**HELP, "command": "x" * 33}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{**HELP, "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{**HELP, "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [HELP] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": "help"}, "can't parse commands JSON object"),
        ({}, "parameter commands is required"),
        ({"commands": [HELP], "language_code": "pt-br"}, "invalid language code specified"),
        (
            {"commands": [HELP], "scope": {"type": "moon"}},
            "can't parse BotCommandScope: unsupported type specified",
        ),
    ],
)
async def test_menus_that_are_refused(wire: Wire, fields: dict[str, Any], why: str) -> None:
    assert await wire("setMyCommands", **fields) == bad(why)


@pytest.mark.parametrize(
    ("method", "name", "most"),
    [
        ("setMyDescription", "description", 512),
        ("setMyShortDescription", "short_description", 120),
    ],
)
async def test_lengths_of_descriptions(wire: Wire, method: str, name: str, most: int) -> None:
    assert await wire(method, **{name: "x" * most}) is True
    assert await wire(method, **{name: "x" * (most + 1)}) == bad(f"{name} is too long")


async def test_chats_are_looked_up(wire: Wire, maria: Person) -> None:
    chat = {"id": 1001, "type": "private", "first_name": "Maria", "last_name": "Silva"}
    assert await wire("getChat", chat_id=1001) == chat
    assert await wire("getChat", chat_id=7) == bad("chat not found")
