"""Methods about the bot itself: command menus, descriptions, getChat."""

from typing import Any

import pytest

from bot.playground.telegram import Person
from tests.bot.playground.api_client import ApiClient, bad_request

HELP = {"command": "help", "description": "Help"}


async def test_menus_depend_on_the_language(api: ApiClient, maria: Person) -> None:
    await api("setMyCommands", commands=[HELP])
    spoken = [{"command": "help", "description": "Ajuda"}]
    await api("setMyCommands", commands=spoken, language_code="pt")
    assert maria.commands() == [HELP]
    maria.set_language("pt-br")
    assert maria.commands() == spoken
    await api("deleteMyCommands", language_code="pt")
    assert maria.commands() == [HELP]


async def test_the_narrowest_menu_wins(api: ApiClient, maria: Person) -> None:
    menus = [[{"command": name, "description": name}] for name in ("all", "private", "hers")]
    scopes = [
        {"type": "default"},
        {"type": "all_private_chats"},
        {"type": "chat", "chat_id": maria.id},
    ]
    for menu, scope in zip(menus, scopes, strict=True):
        await api("setMyCommands", commands=menu, scope=scope)
        assert maria.commands() == menu
    assert await api("getMyCommands", scope=scopes[1]) == menus[1]
    await api("deleteMyCommands", scope=scopes[2])
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
async def test_menus_that_are_refused(api: ApiClient, fields: dict[str, Any], why: str) -> None:
    assert await api("setMyCommands", **fields) == bad_request(why)


@pytest.mark.parametrize(
    ("method", "name", "most"),
    [
        ("setMyDescription", "description", 512),
        ("setMyShortDescription", "short_description", 120),
    ],
)
async def test_lengths_of_descriptions(api: ApiClient, method: str, name: str, most: int) -> None:
    assert await api(method, **{name: "x" * most}) is True
    assert await api(method, **{name: "x" * (most + 1)}) == bad_request(f"{name} is too long")


async def test_get_chat_returns_the_person(api: ApiClient, maria: Person) -> None:
    chat = {"id": 1001, "type": "private", "first_name": "Maria", "last_name": "Silva"}
    assert await api("getChat", chat_id=1001) == chat
    assert await api("getChat", chat_id=7) == bad_request("chat not found")
