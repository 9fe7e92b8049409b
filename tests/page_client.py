"""A person on a playground's page, by HTTP only: for bots and demos that run somewhere else."""

import asyncio
import json
import re
from typing import Any

import aiohttp

from tests.chat import CODE


class PagePerson:
    """A person's chat with a bot."""

    def __init__(self, page: str, session: aiohttp.ClientSession, person: int = 1001) -> None:
        """Use the page at the address `page`."""
        self.page, self.session, self.person = page, session, person

    async def does(self, action: str, **body: Any) -> None:
        path = f"{self.page}/api/people/{self.person}/{action}"
        async with self.session.post(path, json=body) as response:
            assert response.status == 200, await response.text()

    async def says(self, text: str) -> None:
        await self.does("say", text=text)

    async def hears(self, text: str) -> dict[str, Any]:
        """Wait for a message with `text`, and return the newest one."""
        found = [message for message in await self._chat(text) if text in message["text"]]
        assert found, f"the bot did not say “{text}”"
        return found[-1]

    async def presses(self, label: str) -> None:
        """Wait for a button, and press it where it is newest."""
        found = [
            message["message_id"]
            for message in await self._chat(label)
            if any(button["text"] == label for row in message["keyboard"] for button in row)
        ]
        assert found, f"no button “{label}”"
        await self.does("press", message_id=found[-1], data=label)

    async def mail(self) -> list[dict[str, Any]]:
        """Return all email in the inbox."""
        async with self.session.get(f"{self.page}/api/state") as response:
            mail: list[dict[str, Any]] = (await response.json())["mail"]
        return mail

    async def reads_the_code(self) -> str:
        """Wait for the email with the code, and return the code."""
        async with asyncio.timeout(30), self.session.get(f"{self.page}/api/events") as events:
            if found := [code[0] for each in await self.mail() if (code := _code_in(each))]:
                return found[-1]
            async for line in events.content:
                event = json.loads(line.removeprefix(b"data:")) if line.startswith(b"data:") else {}
                if event.get("event") == "mail" and (code := _code_in(event)):
                    return code[0]
        raise AssertionError("the playground has ended")

    async def _chat(self, text: str) -> list[dict[str, Any]]:
        """Return the chat once a message or a button has `text`."""
        path = f"{self.page}/api/people/{self.person}/chat"
        async with self.session.get(path, params={"text": text, "seconds": "30"}) as response:
            chat: list[dict[str, Any]] = (await response.json())["chat"]
        return chat


def _code_in(mail: dict[str, Any]) -> re.Match[str] | None:
    return CODE.match(mail["subject"])


async def write_a_letter(maria: PagePerson) -> dict[str, Any]:
    """Go through the whole journey in the sample campaign; return the letter that has left."""
    await maria.does("start", payload="hong-kong")
    await maria.presses("Write the letter")
    await maria.presses("Continue")
    await maria.presses("Use “Maria Silva”")
    await maria.presses("🇵🇹 Portugal")
    await maria.hears("What’s your email address?")
    await maria.says("maria@mail.example")
    await maria.hears("Type the code here.")
    await maria.says(await maria.reads_the_code())
    await maria.hears("This is your letter.")
    await maria.presses("Send in my name")
    await maria.hears("Your letter was sent at")
    return (await maria.mail())[-1]
